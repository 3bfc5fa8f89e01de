"""A film as it stands: its storyboard, what was made of it, and its run, put together.

What was made is told by the journal (the film's last calls), by the folder `out` (film.json) and by
the run in hand; nothing is kept twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filmeto_core.errors import FilmetoError
from filmeto_core.film.storyboard_edit import shot_ids
from filmeto_core.film.storyboard_models import Storyboard
from filmeto_core.film.timeline import Timeline, lay_out
from filmeto_core.film_calls import voice_durations_s
from filmeto_core.film_pins import full_digest
from filmeto_core.frame_rate import frame_rate_text
from filmeto_core.journal.models import Call, Run
from filmeto_core.resources.durable import read_json
from filmeto_core.service import FilmetoService
from filmeto_core.types import ToolType
from filmeto_core.web.film_live import IN_HAND, LiveShot
from filmeto_core.web.film_models import (
    FilmDetail,
    FilmError,
    FilmSummary,
    Part,
    RunDetail,
    ShotDetail,
)
from filmeto_core.web.film_parts import FilmParts, file_url
from filmeto_core.web.film_reading import FilmReader, Reading
from filmeto_core.web.film_shots import ShotTeller, own_part, plain_shot
from filmeto_core.web.film_state import film_state, run_detail
from filmeto_core.web.film_store import FilmFolder, FilmStore
from filmeto_core.web.film_waveform import Waveforms
from filmeto_core.web.problems import not_found

FILM_FILES = {
    "film.mp4": "film",
    "film.srt": "subtitles_url",
    "contact_sheet.png": "contact_sheet_url",
}


@dataclass(frozen=True)
class Live:
    """What the server that asks knows of a film's run, taken on its event loop.

    Args:
        run: The run in hand, or the last one that this server had.
        shots: By id, as far as the run in hand has something to tell.
    """

    run: RunDetail | None = None
    shots: Mapping[str, LiveShot] = field(default_factory=dict)


class FilmTeller:
    """Tells of films; it reads files, so it is asked in a thread.

    Args:
        films: Where they lie.
        reader: Reads their storyboards.
        parts: Tells of files.
        service: Whose journal and store count.
    """

    def __init__(
        self, films: FilmStore, reader: FilmReader, parts: FilmParts, service: FilmetoService
    ) -> None:
        self._films, self.reader, self.parts = films, reader, parts
        self._service = service
        self.waveforms = Waveforms()

    def sound(self, film: FilmFolder, shot_id: str | None) -> tuple[Path, str] | None:
        """A shot's voice, or the score: its file, and what names its content; None: there is none.

        Raises:
            StoryboardError: The storyboard has problems.
            NotFoundError: There is no such shot.
        """
        board = self.reader.read(film, self._films.read(film)[0]).checked()
        tool, own, pin = ToolType.TEXT2MUSIC, board.music and board.music.file, None
        if shot_id is not None:
            shot = next((shot for shot in board.shots if shot.id == shot_id), None)
            if shot is None:
                raise not_found("shot", shot_id)
            tool, own = ToolType.TEXT2SPEAK, shot.voice_file
            pin = (
                full_digest(self._service.store, shot.pinned[tool]) if tool in shot.pinned else None
            )
        if own:
            status = Path(own).stat()
            return Path(own), f"{status.st_mtime_ns:x}-{status.st_size:x}-{status.st_ino:x}"
        digest = pin or self._made(film, shot_id, tool)
        path = self._service.store.path_of(digest) if digest else None
        return (path, digest) if path and digest else None

    def _made(self, film: FilmFolder, shot_id: str | None, tool: ToolType) -> str | None:
        self._service.journal.flush()
        calls = self._service.journal.last_calls(str(film.out))
        call = calls.get((shot_id, tool))
        return call.outputs[0] if call and call.outputs else None

    def detail(self, film: FilmFolder, live: Live, text: str | None = None) -> FilmDetail:
        """The film, whole.

        Args:
            text: Another storyboard to tell it with, which is not kept.
        """
        kept, version = self._films.read(film)
        reading = self.reader.read(film, kept if text is None else text)
        seen = self._seen(film, reading, live)
        summary = self._summary(film, reading, seen)
        return FilmDetail(
            **dict(summary),
            version=version,
            **_described(reading),
            problems=list(reading.problems),
            shot_list=seen.shots,
            score=self._score(film, reading.board, seen.calls),
            film=self._film(film, seen.report),
            **self._addresses(film),
            run=seen.run,
            spent=[str(money) for money in self._service.journal.spent(str(film.out))],
        )

    def summary(self, film: FilmFolder, live: Live) -> FilmSummary:
        """The film in a list."""
        text, _ = self._films.read(film)
        reading = self.reader.read(film, text)
        return self._summary(film, reading, self._seen(film, reading, live))

    def _seen(self, film: FilmFolder, reading: Reading, live: Live) -> "_Seen":
        journal = self._service.journal
        journal.flush()
        calls = journal.last_calls(str(film.out))
        report = read_json(film.out / "film.json")
        report = report if isinstance(report, dict) else None
        last = next(iter(journal.runs(1, str(film.out))), None)
        run = live.run or (run_detail(last) if last else None)
        failed = self._failed(last) if run and run.state not in IN_HAND else {}
        timeline = self._timeline(reading.board, calls) if reading.board else None
        teller = ShotTeller(film, self.parts, calls, live.shots, failed, self._service)
        if reading.board:
            shots = [teller.tell(reading.board, shot, timeline) for shot in reading.board.shots]
        else:
            shots = _drafted(reading.fields)
        changed = last is None or self._films.changed_at(film) > last.started_at.timestamp()
        return _Seen(calls, report, run, timeline, shots, changed)

    def _failed(self, run: Run | None) -> dict[str, FilmError]:
        """By shot, why its call failed in a run that is over."""
        calls = self._service.journal.calls(run.id) if run else []
        return {
            call.shot: FilmError(
                code="plugin_execution", message=call.error, tool=call.tool, plugin=call.plugin
            )
            for call in calls
            if call.state == "failed" and call.shot and call.error
        }

    def _timeline(
        self, board: Storyboard, calls: Mapping[tuple[str | None, str], Call]
    ) -> Timeline | None:
        """When each shot is seen, with narrations as long as they are known to be."""
        voices: dict[str, float] = {}
        own: dict[str, float] = {}
        for shot in board.shots:
            call = calls.get((shot.id, ToolType.TEXT2SPEAK))
            part = None
            if shot.voice_file:
                part = self.parts.of_file(shot.voice_file, "voice", "")
            elif call and call.parameters.get("text") == shot.spoken:
                part = self.parts.of_call(call)
            if part and part.duration_s:
                voices[shot.id] = part.duration_s
            clip = self.parts.of_file(shot.clip, "clip", "") if shot.clip else None
            if clip and clip.duration_s:
                own[shot.id] = clip.duration_s
        try:
            return lay_out(board, voice_durations_s(board, voices), own)
        except FilmetoError:  # a shot is too short: the plan says it in words
            return None

    def _summary(self, film: FilmFolder, reading: Reading, seen: "_Seen") -> FilmSummary:
        about = self._films.about(film)
        run = seen.run
        return FilmSummary(
            id=film.id,
            title=reading.title or about.title,
            state=film_state(reading, run, seen.report, seen.changed),
            shots=len(seen.shots),
            duration_s=seen.timeline.duration_s if seen.timeline else None,
            poster_url=_poster(seen.shots),
            percent=run.percent if run and run.state in IN_HAND else _share_done(seen.shots),
            created_at=about.created_at,
            updated_at=datetime.fromtimestamp(self._films.changed_at(film), UTC),
        )

    def _score(
        self,
        film: FilmFolder,
        board: Storyboard | None,
        calls: Mapping[tuple[str | None, str], Call],
    ) -> Part | None:
        music = board.music if board else None
        if music is not None and music.file:
            return own_part(self.parts, film, music.file, "score")
        call = calls.get((None, ToolType.TEXT2MUSIC))
        return self.parts.of_call(call) if call else None

    def _film(self, film: FilmFolder, report: Mapping[str, Any] | None) -> Part | None:
        told = (report or {}).get("film") or {}
        url = file_url(film, "film.mp4")
        part = self.parts.of_file(film.out / "film.mp4", "film", url, told.get("digest"))
        if part is None:
            return None
        seconds = {"seconds": told.get("seconds") or 0.0, "cached": bool(told.get("cached"))}
        return part.model_copy(update=seconds)

    def _addresses(self, film: FilmFolder) -> dict[str, str]:
        return {
            name: file_url(film, file)
            for file, name in FILM_FILES.items()
            if name.endswith("_url") and (film.out / file).is_file()
        }


@dataclass(frozen=True)
class _Seen:
    """What there is of a film, gathered once for all that is told of it."""

    calls: Mapping[tuple[str | None, str], Call]
    report: Mapping[str, Any] | None
    run: RunDetail | None
    timeline: Timeline | None
    shots: list[ShotDetail]
    changed: bool


def _described(reading: Reading) -> dict[str, Any]:
    """The film's own fields; of a draft, as far as they are texts."""
    board = reading.board
    if board is not None:
        music = board.music.prompt if board.music else None
        told = {"profile": board.profile, "size": board.size, "fps": frame_rate_text(board.fps)}
        return {**told, "music": music}
    names = ("profile", "size", "fps", "music")
    return {n: reading.fields[n] for n in names if isinstance(reading.fields.get(n), str)}


def _drafted(fields: Mapping[str, Any]) -> list[ShotDetail]:
    """The shots of a storyboard with problems, as far as they can be read."""
    listed = fields.get("shots")
    shots = listed if isinstance(listed, list) else []
    names = shot_ids(fields)
    return [
        plain_shot(str(name), shot)
        for name, shot in zip(names, shots, strict=True)
        if isinstance(shot, dict)
    ]


def _poster(shots: list[ShotDetail]) -> str | None:
    stills = (shot.parts["still"].url for shot in shots if "still" in shot.parts)
    return next(stills, None)


def _share_done(shots: list[ShotDetail]) -> float:
    done = sum(shot.state == "done" for shot in shots)
    return round(100.0 * done / len(shots), 1) if shots else 0.0
