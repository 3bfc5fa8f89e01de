"""Plans a film: walks through its calls as the flow will, and looks each of them up.

It goes by the same recipe (`film_calls`), checks, keys and index as the flow, so that the two cannot
disagree; it starts no plugin and needs no Prefect.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filmeto_core import film_calls
from filmeto_core.delayed_voice import delay_key, told_late
from filmeto_core.errors import StoryboardError
from filmeto_core.film.pieces import last_picture
from filmeto_core.film.storyboard_models import Shot, Storyboard
from filmeto_core.film.timeline import Timeline, lay_out
from filmeto_core.film_board import film_folder, open_board
from filmeto_core.film_pins import pinned_output
from filmeto_core.frame_rate import frame_rate_text
from filmeto_core.joined_clip import join_key
from filmeto_core.plan.assembly import plan_assembly
from filmeto_core.plan.call_plan import CallPlans, Wanted
from filmeto_core.plan.glance import at_a_glance
from filmeto_core.plan.models import Plan, PlannedCall
from filmeto_core.plan.needs import absent_needs
from filmeto_core.plan.parts import Part, own_part
from filmeto_core.plan.review_note import review_note
from filmeto_core.plan.totals import totals_of
from filmeto_core.review.ledger import Ledger
from filmeto_core.service import FilmetoService
from filmeto_core.types import ResourceOutput, ToolType


def plan_film(
    service: FilmetoService,
    storyboard: Path | str | Mapping[str, Any],
    *,
    out: Path | str | None = None,
    profile: str | None = None,
    shots: Sequence[str] | None = None,
    draft: bool = False,
    refresh: Sequence[str] | None = None,
) -> Plan:
    """What a run of this film would do now; arguments as for the film itself.

    Raises:
        StoryboardError, ValidationError, PluginNotFoundError, ResourceProcessingError: Something
            is wrong, which the run would say before it starts as well.
    """
    here = at_a_glance(service)
    board = open_board(here, storyboard, profile=profile, shots=shots, draft=draft, refresh=refresh)
    folder = film_folder(storyboard, out)
    return _plan(here, Ledger(folder).edited(board), folder, frozenset(refresh or ()))


def plan_board(
    service: FilmetoService, board: Storyboard, folder: Path, refresh: frozenset[str] = frozenset()
) -> Plan:
    """What is still to be done of a film whose storyboard is open and checked.

    Args:
        folder: The film's, absolute.
        refresh: Shots that are made anew.
    """
    return _plan(at_a_glance(service), board, folder, refresh)


def _plan(here: FilmetoService, board: Storyboard, folder: Path, refresh: frozenset[str]) -> Plan:
    plans = CallPlans(here, board, str(folder), refresh)
    return _Film(here, board, folder, plans).plan(absent_needs(here, board))


@dataclass
class _Film:
    """One film on its way to a plan."""

    here: FilmetoService
    board: Storyboard
    folder: Path
    plans: CallPlans

    def plan(self, notes: tuple[str, ...]) -> Plan:
        board, shots = self.board, self.board.shots
        rows: dict[tuple[str | None, ToolType], PlannedCall] = {}
        voices = self._voices(rows)
        stills = self._stills(rows)
        waits = review_note(board, self.folder, stills)
        clips = {shot.id: part for shot in shots if (part := self._own_clip(rows, shot))}
        timeline, exact = self._lay_out(voices, clips)
        unsure = {shot for shot, voice in voices.items() if not voice.certain}
        for shot in shots:
            voice, picture = voices.get(shot.id), stills.get(shot.id)
            asked = film_calls.clip(board, shot, timeline, voice.output if voice else None)
            if asked is not None:
                spoken = voice if shot.clip_tool is ToolType.SPEAK2VIDEO else None
                late_s = film_calls.unheard_s(self.here, board, shot, asked) if spoken else 0.0
                if late_s:
                    spoken, asked = self._late(spoken, late_s), told_late(asked, late_s)
                inputs = tuple(part for part in (spoken, picture) if part)
                clips[shot.id] = self._clip(rows, shot, asked, inputs, shot.id in unsure)
        score = self._score(rows, timeline, not exact)
        sounds = {
            shot.id: part
            for shot in shots
            if (part := own_part(shot.sound and shot.sound.file)) is not None
        }
        clips = {shot.id: clips[shot.id] for shot in shots}
        assembly = plan_assembly(
            self.here, board, self.folder, timeline, clips, voices, sounds, score
        )
        calls = tuple(self._in_order(rows))
        return Plan(
            title=board.title,
            film=str(self.folder),
            profile=board.profile,
            size=board.size,
            fps=frame_rate_text(board.fps),
            duration_s=timeline.duration_s,
            duration_known=exact,
            calls=calls,
            assembly=assembly,
            totals=totals_of(calls, assembly, self.here.settings.parallel_calls),
            notes=(*notes, *waits, *(timeline.notes if exact else ())),
        )

    def _voices(self, rows: dict) -> dict[str, Part]:
        """What every shot says."""
        found = {}
        for shot in self.board.shots:
            asked = film_calls.speech(self.board, shot)
            found[shot.id] = self._part(rows, shot, ToolType.TEXT2SPEAK, asked, shot.voice_file)
        return {shot: part for shot, part in found.items() if part is not None}

    def _stills(self, rows: dict) -> dict[str, Part]:
        """What every shot shows, in its look."""
        found = {}
        for shot in self.board.shots:
            asked = film_calls.still(self.here, self.board, shot)
            own = film_calls.picture_of(self.board, shot)
            part = self._part(rows, shot, ToolType.TEXT2IMAGE, asked, own)
            look = film_calls.look(self.here, self.board, shot)
            if look is not None:
                inputs = (part,) if part else ()
                part = self._part(rows, shot, ToolType.IMAGE2IMAGE, look, None, inputs)
            found[shot.id] = part
        return {shot: part for shot, part in found.items() if part is not None}

    def _part(
        self,
        rows: dict,
        shot: Shot,
        tool: ToolType,
        asked: Mapping[str, Any] | None,
        own_file: str | None,
        inputs: tuple[Part, ...] = (),
    ) -> Part | None:
        """What a shot has of a kind: made by the tool, pinned, or a file of one's own."""
        if asked is None:
            return own_part(own_file)
        if tool in shot.pinned:
            rows[shot.id, tool], part = self._pinned(shot, tool)
        else:
            rows[shot.id, tool], part = self.plans.plan(Wanted(shot, tool, asked, inputs))
        return part

    def _clip(
        self,
        rows: dict,
        shot: Shot,
        asked: Mapping[str, Any],
        inputs: tuple[Part, ...],
        unsure: bool,
    ) -> Part:
        """What the shot's clip will be, made at once or in pieces."""
        tool, pieces = shot.clip_tool, film_calls.pieces(self.here, self.board, shot, asked)
        parts: list[Part] = []
        for piece in pieces:
            if parts:
                inputs = (self._continuing(parts[-1], shot),)
            row, part = self.plans.plan(Wanted(shot, tool, piece, inputs, unsure))
            rows.setdefault((shot.id, tool), []).append(row)
            parts.append(part)
        if len(parts) == 1:
            return parts[0]
        return self._joined(parts, film_calls.frames_of(self.board, pieces))

    def _continuing(self, piece: Part, shot: Shot) -> Part:
        """The picture that the next piece is made from."""
        if piece.output is None or not piece.certain:
            return Part(None, certain=False)
        data = last_picture(Path(piece.output.path), shot.id)
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        told = {"type": "image", "path": "the last frame", "metadata": {"digest": digest}}
        return Part(ResourceOutput(**told))

    def _joined(self, parts: list[Part], frames: list[int]) -> Part:
        """The one clip, if it is there."""
        if not all(part.certain and part.digest for part in parts):
            return Part(None, certain=False)
        board = self.board
        size = (board.width_px, board.height_px)
        key = join_key([part.digest for part in parts], frames, size, board.fps)
        record, whole = self.here.calls.peek(key) or (None, False)
        return Part(record.outputs[0]) if record and whole else Part(None, certain=False)

    def _late(self, voice: Part, seconds: float) -> Part:
        """The voice with silence before it, if it is there."""
        if not voice.certain or not voice.digest:
            return Part(None, certain=False)
        record, whole = self.here.calls.peek(delay_key(voice.digest, seconds)) or (None, False)
        return Part(record.outputs[0]) if record and whole else Part(None, certain=False)

    def _own_clip(self, rows: dict, shot: Shot) -> Part | None:
        if not shot.keeps_clip:
            return own_part(shot.clip)
        row, part = self._pinned(shot, shot.clip_tool)
        rows[shot.id, shot.clip_tool] = row
        return part

    def _pinned(self, shot: Shot, tool: ToolType) -> tuple[PlannedCall, Part]:
        output = pinned_output(self.here.store, shot, tool)
        row = PlannedCall(
            shot=shot.id,
            tool=str(tool),
            plugin="",
            action="pinned",
            why="the storyboard keeps this file",
            seconds=0.0,
            digest=output.digest,
        )
        return row, Part(output)

    def _lay_out(
        self, voices: Mapping[str, Part], clips: Mapping[str, Part]
    ) -> tuple[Timeline, bool]:
        """The timeline, and whether it is exact: whether all voices are there."""
        exact = all(voice.certain for voice in voices.values())
        known = {shot: v.duration_s for shot, v in voices.items() if v.duration_s}
        lengths = film_calls.voice_durations_s(self.board, known)
        own = {shot: clip.duration_s for shot, clip in clips.items() if clip.duration_s}
        try:
            return lay_out(self.board, lengths, own), exact
        except StoryboardError:
            if exact or self.board.overrun == "extend":
                raise
        # An estimate may be too long where the voice itself will fit.
        lenient = self.board.model_copy(update={"overrun": "extend"})
        return lay_out(lenient, lengths, own), exact

    def _score(self, rows: dict, timeline: Timeline, unsure: bool) -> Part | None:
        asked = film_calls.score(self.board, timeline)
        if asked is None:
            music = self.board.music
            return own_part(music and music.file)
        wanted = Wanted(None, ToolType.TEXT2MUSIC, asked, (), unsure)
        rows[None, ToolType.TEXT2MUSIC], part = self.plans.plan(wanted)
        return part

    def _in_order(self, rows: dict[tuple[str | None, ToolType], PlannedCall]) -> Any:
        made = (ToolType.TEXT2SPEAK, ToolType.TEXT2IMAGE, ToolType.IMAGE2IMAGE)
        for shot in self.board.shots:
            tools = (*made, shot.clip_tool)
            for tool in tools:
                found = rows.get((shot.id, tool), ())
                yield from found if isinstance(found, list) else (found,) if found else ()
        if (None, ToolType.TEXT2MUSIC) in rows:
            yield rows[None, ToolType.TEXT2MUSIC]
