"""The timeline: which frame each shot starts on, how it comes in, and when its voice speaks.

All in whole frames of an exact frame rate. Each shot is rounded to frames by itself, so that
editing one shot never changes the length of another (its clip stays in the cache).
"""

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cached_property

from pydantic import Field

from filmeto_core.errors import ValidationError
from filmeto_core.film.cell import Cell
from filmeto_core.film.shot_clip import ShotClip, Transition
from filmeto_core.film.storyboard_models import Shot, Storyboard
from filmeto_core.film.storyboard_problems import Problem, storyboard_error
from filmeto_core.film.transition import TransitionKind
from filmeto_core.frame_rate import FrameRate
from filmeto_core.types import Model

# What rounding to frames may take from a shot that is exactly as long as its transitions.
ROUNDING_FRAMES = 2


class Timeline(Model):
    """All shots of a film in order, without gaps."""

    width_px: int = Field(gt=0, description="Width of the picture, even")
    height_px: int = Field(gt=0, description="Height of the picture, even")
    frame_rate: FrameRate = Field(description="Frames a second, exact")
    clips: tuple[ShotClip, ...] = Field(min_length=1, description="The shots in order")
    ending_frames: int = Field(0, ge=0, description="Fade to black at the end; 0 for none")
    notes: tuple[str, ...] = Field((), description="What differs from the storyboard, for people")

    @cached_property
    def by_shot(self) -> dict[str, ShotClip]:
        """The clips by the ids of their shots."""
        return {clip.shot_id: clip for clip in self.clips}

    @property
    def frames(self) -> int:
        """The film's length in frames."""
        return self.clips[-1].end_frame

    @property
    def duration_s(self) -> float:
        """The film's length in seconds."""
        return self.seconds(self.frames)

    def seconds(self, frame: int | Fraction) -> float:
        """Where a frame starts, or how long so many frames last, in seconds."""
        return float(frame / self.frame_rate)


def lay_out(
    board: Storyboard,
    voice_durations_s: Mapping[str, float],
    clip_durations_s: Mapping[str, float] | None = None,
) -> Timeline:
    """The film's timeline.

    `auto` is what the narration needs with a breath before and after, at least the length of the
    shot's own clip, 3 s where there is neither, and never shorter than its transitions. A fixed
    length stands, with shorter breaths if need be; where even those do not fit, the shot is
    extended by just what is missing and a note says so, or it is an error (`overrun: fail`).

    Args:
        board: The storyboard.
        voice_durations_s: For each shot that speaks, by id: how long, in seconds.
        clip_durations_s: For each shot with a clip of its own: how long that is, in seconds.

    Returns:
        The timeline; a voice lies wholly inside its shot, so that no two ever overlap.

    Raises:
        StoryboardError: Shots are too short for their transitions, or, with `overrun: fail`, for
            their narration; all of them are named.
        ValidationError: A narration's length is missing.
    """
    cells = _cells(board, voice_durations_s, clip_durations_s or {})
    problems = [problem for cell in cells for problem in _problems(cell, cells, board.overrun)]
    if problems:
        raise storyboard_error(problems)
    clips: list[ShotClip] = []
    notes: list[str] = []
    for cell in cells:
        clip, told = _place(cell, clips[-1].end_frame if clips else 0)
        clips.append(clip)
        notes.extend(told)
    return Timeline(
        width_px=board.width_px,
        height_px=board.height_px,
        frame_rate=board.fps,
        clips=tuple(clips),
        ending_frames=cells[-1].ending,
        notes=tuple(notes),
    )


def _cells(
    board: Storyboard, voices: Mapping[str, float], own_clips: Mapping[str, float]
) -> list[Cell]:
    transitions = [_transition(shot, i, board.fps) for i, shot in enumerate(board.shots)]
    cells = []
    for index, shot in enumerate(board.shots):
        last = index == len(board.shots) - 1
        following = Transition() if last else transitions[index + 1]
        dissolves = following.kind == TransitionKind.DISSOLVE
        cells.append(
            Cell(
                shot=shot,
                index=index,
                transition=transitions[index],
                tail=following.frames if dissolves else 0,
                ending=_frames(board.ending.duration_s, board.fps) if last else 0,
                voice_s=_voice(shot, voices),
                clip_s=_exact(own_clips[shot.id]) if shot.clip and shot.id in own_clips else None,
                rate=board.fps,
            )
        )
    return cells


def _transition(shot: Shot, index: int, rate: Fraction) -> Transition:
    kind = shot.transition.kind
    if index == 0 and kind == TransitionKind.DISSOLVE:
        kind = TransitionKind.CUT  # there is nothing to dissolve from
    if kind == TransitionKind.CUT:
        return Transition()
    return Transition(kind=kind, frames=max(1, _frames(shot.transition.duration_s, rate)))


def _voice(shot: Shot, voices: Mapping[str, float]) -> Fraction | None:
    if not shot.spoken and not shot.voice_file:
        return None
    if shot.id not in voices:
        raise ValidationError(
            f'It is not known how long the narration of shot "{shot.id}" is.',
            hint="Have it spoken before the film is laid out.",
            shot=shot.id,
        )
    return _exact(voices[shot.id]) if voices[shot.id] > 0 else None


def _exact(seconds: float) -> Fraction:
    """Microseconds: far finer than a sample of sound, and small enough to reckon with."""
    return Fraction(round(seconds * 1_000_000), 1_000_000)


def _frames(seconds: float, rate: Fraction) -> int:
    return round(_exact(seconds) * rate)


def _problems(cell: Cell, cells: Sequence[Cell], overrun: str) -> list[Problem]:
    """What makes a shot of fixed length impossible."""
    shot = cell.shot
    if shot.duration_s == "auto":
        return []
    frames = _frames(shot.duration_s, cell.rate)
    found = []
    if overrun == "fail" and cell.least_voice_frames > frames:
        needed = math.ceil(cell.least_voice_frames / cell.rate * 100) / 100
        found.append(
            f'shot "{shot.id}" lasts {shot.duration_s:g} s, but its narration needs {needed:g} s; '
            "give it that, or auto, or set overrun: extend"
        )
        frames = cell.least_voice_frames
    if cell.least_frames > max(frames, cell.least_voice_frames) + ROUNDING_FRAMES:
        found.append(_transition_message(cell, cells))
    field = f"shots[{cell.index}].duration_s"
    return [Problem(field=field, value=shot.duration_s, message=message) for message in found]


def _transition_message(cell: Cell, cells: Sequence[Cell]) -> str:
    shot = cell.shot
    lasts = f'shot "{shot.id}" lasts {shot.duration_s:g} s'
    if cell.tail > cell.transition.frames + cell.ending:
        following = cells[cell.index + 1].shot
        return (
            f'{lasts}, shorter than the dissolve of {following.transition.duration_s:g} s to "'
            f'{following.id}"; make it longer, or the dissolve shorter'
        )
    needed = float((cell.transition.frames + cell.ending) / cell.rate)
    fades = f"its {cell.transition.kind}" if cell.transition.frames else ""
    fades += (" and " if fades and cell.ending else "") + (
        "the film's ending" if cell.ending else ""
    )
    return f"{lasts}, shorter than {fades} ({needed:.2f} s); make it longer, or them shorter"


def _place(cell: Cell, start: int) -> tuple[ShotClip, list[str]]:
    shot, notes = cell.shot, []
    if shot.duration_s == "auto":
        frames = cell.auto_frames()
    else:
        asked = max(_frames(shot.duration_s, cell.rate), cell.least_frames)
        frames = max(asked, cell.least_voice_frames)
        if frames > asked:
            notes.append(
                f'shot "{shot.id}" extended from {shot.duration_s:.1f} s to '
                f"{float(frames / cell.rate):.1f} s: its narration needs it"
            )
    if cell.clip_s is not None and frames + cell.tail > cell.clip_s * cell.rate + ROUNDING_FRAMES:
        notes.append(
            f'the clip of shot "{shot.id}" lasts {float(cell.clip_s):.1f} s and the shot '
            f"{float((frames + cell.tail) / cell.rate):.1f} s: its last frame is held"
        )
    spoken = cell.voice_s is not None
    voice_start = start / cell.rate + cell.voice_offset_s(frames) if spoken else None
    return (
        ShotClip(
            shot_id=shot.id,
            start_frame=start,
            frames=frames,
            tail_frames=cell.tail,
            transition=cell.transition,
            voice_start_s=float(voice_start) if spoken else None,
            voice_duration_s=float(cell.voice_s) if spoken else None,
            narration=shot.spoken,
        ),
        notes,
    )
