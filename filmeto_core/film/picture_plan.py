"""Which frames of which clip are copied into the film as they are, and which are encoded anew.

Only frames inside a dissolve or a fade change. An encoded clip can be cut before any key frame, and
after any packet whose predecessors leave no gap; so besides the changed frames themselves, a few
before and those up to the next key frame are encoded anew, and all others are copied.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from filmeto_core.film.clip_index import ClipIndex
from filmeto_core.film.shot_clip import ShotClip
from filmeto_core.film.timeline import Timeline
from filmeto_core.film.transition import TransitionKind

MAX_STEPS = 6  # in one joint: each opens one or two clips


@dataclass(frozen=True)
class Take:
    """Frames `first` to `end` - 1 of a shot's clip; `fade_in` brings them up from black."""

    shot_id: str
    first: int
    end: int
    fade_in: bool = False

    @property
    def frames(self) -> int:
        """How many."""
        return self.end - self.first


@dataclass(frozen=True)
class Dissolve:
    """Two takes of one length, the first giving way to the second."""

    outgoing: Take
    incoming: Take

    @property
    def frames(self) -> int:
        """How many."""
        return self.incoming.frames


@dataclass(frozen=True)
class Copy:
    """A take whose packets go into the film as they are."""

    take: Take

    @property
    def frames(self) -> int:
        """How many."""
        return self.take.frames


@dataclass(frozen=True)
class Joint:
    """Steps that are encoded in one piece; `fade_out` is (first frame within it, frames)."""

    steps: tuple[Take | Dissolve, ...]
    fade_out: tuple[int, int] | None = None

    @property
    def frames(self) -> int:
        """How many."""
        return sum(step.frames for step in self.steps)


def plan_picture(timeline: Timeline, indexes: Mapping[str, ClipIndex]) -> list[Copy | Joint]:
    """The film's picture, piece by piece from its first frame to its last."""
    pieces: list[Copy | Joint] = []
    ending = timeline.frames - timeline.ending_frames
    steps: list[Take | Dissolve] = []
    frame = 0  # the film's, at the end of what is planned
    for step in _steps(timeline, indexes, ending):
        whole = len(steps) >= MAX_STEPS and frame < ending
        if steps and (isinstance(step, Copy) or whole):
            pieces.append(_joint(steps, frame, ending, timeline.frames))
            steps = []
        if isinstance(step, Copy):
            pieces.append(step)
        else:
            steps.append(step)
        frame += step.frames
    if steps:
        pieces.append(_joint(steps, frame, ending, timeline.frames))
    return pieces


def _joint(steps: list[Take | Dissolve], end: int, ending: int, film_end: int) -> Joint:
    start = end - sum(step.frames for step in steps)
    fades = end > ending
    return Joint(tuple(steps), (ending - start, film_end - ending) if fades else None)


def _steps(
    timeline: Timeline, indexes: Mapping[str, ClipIndex], ending: int
) -> Iterator[Copy | Take | Dissolve]:
    before: ShotClip | None = None
    for clip in timeline.clips:
        index = indexes[clip.shot_id]
        kind = clip.transition.kind
        head = min(clip.transition.frames, clip.frames) if kind is not TransitionKind.CUT else 0
        if kind is TransitionKind.DISSOLVE and before is None:
            head = 0  # nothing to dissolve from
        if head:
            incoming = Take(clip.shot_id, 0, head, kind is TransitionKind.FADE_FROM_BLACK)
            if kind is TransitionKind.DISSOLVE:
                outgoing = Take(before.shot_id, before.frames, before.frames + head)
                yield Dissolve(outgoing, incoming)
            else:
                yield incoming
        untouched = max(head, min(clip.frames, ending - clip.start_frame))
        yield from _body(clip.shot_id, index, head, untouched, clip.frames)
        before = clip


def _body(
    shot_id: str, index: ClipIndex, head: int, untouched: int, end: int
) -> Iterator[Copy | Take]:
    """What follows a shot's transition: encoded to a key frame, copied to a cut, encoded."""
    first = index.first_key(head)
    last = index.last_cut(untouched)
    if first is None or first >= last:
        if head < end:
            yield Take(shot_id, head, end)
        return
    if head < first:
        yield Take(shot_id, head, first)
    yield Copy(Take(shot_id, first, last))
    if last < end:
        yield Take(shot_id, last, end)
