"""The assembly as a Prefect task: clips, voices, effects and score become the film and its papers.

The assembled film is itself a result in the index of finished calls: the same parts under the same
timeline are never put together twice.
"""

import asyncio
import functools
import json
import os
import threading
import time
import uuid
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from prefect.cache_policies import NO_CACHE
from pydantic import Field

from filmeto_core.assembly_key import (
    ASSEMBLY,
    ASSEMBLY_VERSION,
    assembly_key,
    film_language,
)
from filmeto_core.film.contact_sheet import draw_contact_sheet
from filmeto_core.film.film_parts import FilmParts, SoundEffect
from filmeto_core.film.render import render_film
from filmeto_core.film.subtitles import make_srt
from filmeto_core.film.timeline import Timeline
from filmeto_core.frame_rate import frame_rate_text
from filmeto_core.money import Money
from filmeto_core.process import Interrupted
from filmeto_core.resources.calls import CallRecord
from filmeto_core.resources.durable import out_errors, store_errors
from filmeto_core.service import FilmetoService
from filmeto_core.tasks.closed_arguments import ClosedTask
from filmeto_core.tasks.made import Asset, readable_copy
from filmeto_core.tasks.naming import call_run_name
from filmeto_core.tasks.production import REPORT, Production
from filmeto_core.tasks.runtime import CallEvent, publish, service
from filmeto_core.types import Model, ResourceOutput, utc_now
from filmeto_core.uninterrupted import uninterrupted
from filmeto_core.work_folder import work_folder


class FilmFiles(Model):
    """What a film leaves in its folder."""

    film: str = Field(description="film.mp4: H.264, AAC, a soft subtitle track")
    subtitles: str = Field(description="film.srt")
    contact_sheet: str = Field(description="contact_sheet.png")
    report: str = Field(description="film.json: every asset, and whether it came from the cache")
    duration_s: float
    calls: int = Field(description="Tool calls of the film")
    cached: int = Field(description="Of these, taken from the cache")
    notes: tuple[str, ...] = Field((), description="What differs from the storyboard")


@functools.partial(
    ClosedTask,
    name=ASSEMBLY,
    task_run_name=lambda: call_run_name(ASSEMBLY),
    cache_policy=NO_CACHE,
    persist_result=False,
)
async def assemble(
    production: Production,
    timeline: Timeline,
    clips: Mapping[str, ResourceOutput],
    voices: Mapping[str, ResourceOutput],
    sounds: Mapping[str, ResourceOutput],
    score: ResourceOutput | None,
) -> FilmFiles:
    """Put the film together, and leave it in the production's folder with all that belongs to it.

    Raises:
        AssemblyError: A part cannot be used, or ffmpeg failed.
    """
    job = _Job(production, timeline, clips, voices, sounds, score)
    record, cached = await job.film()
    files = await asyncio.to_thread(job.lay_out_files, record, cached)
    job.tell(record, files)
    return files


class _Job:
    """One assembly: what goes in, its key, and where it goes."""

    def __init__(
        self,
        production: Production,
        timeline: Timeline,
        clips: Mapping[str, ResourceOutput],
        voices: Mapping[str, ResourceOutput],
        sounds: Mapping[str, ResourceOutput],
        score: ResourceOutput | None,
    ) -> None:
        self.production, self.timeline = production, timeline
        self.clips, self.voices, self.sounds, self.score = clips, voices, sounds, score
        words = {shot: voice.metadata.get("words") or [] for shot, voice in voices.items()}
        self.subtitles = make_srt(timeline, words)
        self.here: FilmetoService = service()
        self.cancelled = threading.Event()

    def key(self) -> str:
        """Of all that the film's bytes depend on."""
        return assembly_key(
            self.production.board,
            self.timeline,
            clips={shot: clip.digest for shot, clip in self.clips.items()},
            voices=self.voices,
            sounds={shot: sound.digest for shot, sound in self.sounds.items()},
            score=self.score.digest if self.score else None,
        )

    async def film(self) -> tuple[CallRecord, bool]:
        """The record of the assembled film, and whether it was there."""
        key, calls, shared = self.key(), self.here.calls, self.here.shared
        started = time.monotonic()
        async with AsyncExitStack() as stack:
            record = calls.get(key, thorough=True)
            if record is None:
                await stack.enter_async_context(calls.lock(key))
                record = calls.get(key, thorough=True)
                if record is None and shared and await asyncio.to_thread(shared.fetch, key):
                    record = calls.get(key, thorough=True)
            cached = record is not None
            if record is None:
                self._tell("started")
                record = await self._make(key)
                calls.put(record)
                if shared:
                    shared.offer(record)
        self._tell("done", percent=100.0, cached=cached, seconds=time.monotonic() - started)
        return record, cached

    async def _make(self, key: str) -> CallRecord:
        started = time.monotonic()
        given = (*self.clips.values(), *self.voices.values(), *self.sounds.values(), self.score)
        digests = [part.digest for part in given if part and part.digest]
        await asyncio.to_thread(self.here.store.require, digests)
        async with work_folder(self.here.settings.work_dir) as work:
            with store_errors(work.parent):
                outputs = await uninterrupted(self._render, work, hurry=self.cancelled.set)
        return CallRecord(
            key=key,
            id=uuid.uuid4().hex,
            tool=ASSEMBLY,
            plugin="filmeto",
            plugin_version=str(ASSEMBLY_VERSION),
            parameters={"title": self.production.board.title},
            resources=tuple(clip.digest or "" for clip in self.clips.values()),
            outputs=outputs,
            seconds=time.monotonic() - started,
            created_at=utc_now(),
        )

    def _render(self, work: Path) -> tuple[ResourceOutput, ...]:
        board = self.production.board
        subtitles = work / "film.srt"
        subtitles.write_text(self.subtitles, encoding="utf-8")
        effects = {shot.id: shot.sound for shot in board.shots if shot.sound}
        parts = FilmParts(
            clips={shot: Path(clip.path) for shot, clip in self.clips.items()},
            voices={shot: Path(voice.path) for shot, voice in self.voices.items()},
            sounds={
                shot: SoundEffect(
                    path=Path(sound.path),
                    start_s=effects[shot].start_s,
                    gain_db=effects[shot].gain_db,
                )
                for shot, sound in self.sounds.items()
            },
            score=Path(self.score.path) if self.score else None,
            score_gain_db=board.music.gain_db if board.music else 0.0,
            own_sound=frozenset(shot.id for shot in board.shots if shot.clip),
            subtitles=subtitles if self.subtitles else None,
            language=film_language(board),
            title=board.title,
        )
        film, sheet = work / "film.mp4", work / "contact_sheet.png"
        try:
            render_film(
                self.timeline,
                parts,
                film,
                progress=self._progress,
                cancelled=self.cancelled,
                work_dir=work,
            )
        except Interrupted as error:
            raise asyncio.CancelledError from error
        draw_contact_sheet(
            self.timeline, parts.clips, sheet, title=board.title, profile=board.profile
        )
        return tuple(self._keep(path) for path in (film, sheet))

    def _keep(self, path: Path) -> ResourceOutput:
        # Of packets that were decoded when they came into the store, and of joints made just now.
        stored = self.here.store.put_file(path, name=path.name, trusted=True)
        return ResourceOutput(
            type=stored.kind,
            path=str(stored.path),
            mime_type=stored.mime_type,
            size=stored.size,
            metadata={"digest": stored.digest},
        )

    def lay_out_files(self, record: CallRecord, cached: bool) -> FilmFiles:
        """Leave film, subtitles, contact sheet and report in the production's folder."""
        out, assets = self.production.out, self.production.assets
        film, sheet = (Path(output.path) for output in record.outputs)
        readable_copy(film, out / "film.mp4")
        readable_copy(sheet, out / "contact_sheet.png")
        _write_text(out / "film.srt", self.subtitles)
        report = self._report(record, cached)
        self.here.store.keep_film(out / REPORT, _digests(record, assets))
        _write_text(out / REPORT, json.dumps(report, ensure_ascii=False, indent=2) + "\n")
        return FilmFiles(
            film=str(out / "film.mp4"),
            subtitles=str(out / "film.srt"),
            contact_sheet=str(out / "contact_sheet.png"),
            report=str(out / REPORT),
            duration_s=self.timeline.duration_s,
            calls=len(assets),
            cached=sum(asset.cached for asset in assets),
            notes=(*self.production.all_notes(), *self.timeline.notes),
        )

    def tell(self, record: CallRecord, files: FilmFiles) -> None:
        """Tell those who watch of the film that was made."""
        board, film, sheet = self.production.board, *record.outputs
        spent = self._spent()
        facts = {
            "calls": f"{files.calls}: {files.cached} reused, {files.calls - files.cached} made",
            "cost of all its runs": " + ".join(map(str, spent)) or "nothing",
            "profile": board.profile,
            "size": f"{board.size}, {frame_rate_text(board.fps)} fps",
        }
        own = {Path(files.film): film, Path(files.contact_sheet): sheet}
        story = self.production.story
        story.made(files.duration_s, {**self.production.copies, **own}, files.notes, facts)

    def _report(self, record: CallRecord, cached: bool) -> dict[str, Any]:
        board, timeline = self.production.board, self.timeline
        place = {shot.id: i for i, shot in enumerate(board.shots)}
        assets = sorted(
            self.production.assets, key=lambda a: (place.get(a.shot, len(place)), a.tool)
        )
        return {
            "title": board.title,
            "size": f"{timeline.width_px}x{timeline.height_px}",
            "fps": frame_rate_text(timeline.frame_rate),
            "duration_s": timeline.duration_s,
            "profile": board.profile,
            "shots": [
                {
                    "id": clip.shot_id,
                    "start_s": timeline.seconds(clip.start_frame),
                    "duration_s": timeline.seconds(clip.frames),
                }
                for clip in timeline.clips
            ],
            "notes": [*self.production.all_notes(), *timeline.notes],
            "film": {
                "digest": record.outputs[0].digest,
                "path": record.outputs[0].path,
                "cached": cached,
                "seconds": record.seconds,
            },
            "run": self.production.run.id,
            "spent": [money.to_dict() for money in self._spent()],
            "assets": [asset.to_dict() for asset in assets],
        }

    def _spent(self) -> tuple[Money, ...]:
        """What the film has cost in all its runs, by currency."""
        return self.here.journal.spent(self.production.run.film)

    def _progress(self, done: float, message: str) -> None:
        self._tell("progress", percent=100 * done, message=message)

    def _tell(self, kind: str, **what: Any) -> None:
        publish(
            CallEvent(
                call_id=ASSEMBLY, shot=None, tool=ASSEMBLY, plugin="filmeto", kind=kind, **what
            )
        )


def _digests(record: CallRecord, assets: list[Asset]) -> set[str]:
    """All that the film refers to: itself, its parts, and what these were made from."""
    named = {digest for asset in assets for digest in (asset.digest, *asset.resources)}
    named |= {output.digest for output in record.outputs} | set(record.resources)
    return {digest for digest in named if digest}


def _write_text(path: Path, text: str) -> None:
    whole = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    with out_errors(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            whole.write_text(text, encoding="utf-8")
            os.replace(whole, path)
        finally:
            whole.unlink(missing_ok=True)
