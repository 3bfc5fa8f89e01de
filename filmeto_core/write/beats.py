"""The beats of a short film: which there are, which come first where there is room for few, and how
many shots each has.

Source: the order follows what screenwriting manuals have in common (an opening image, somebody who
wants something, a call, a way, a crisis, a final image that answers the first).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Beat:
    """A step of a story.

    Args:
        key: Its name, also the stem of its shots' ids.
        rank: The lower, the sooner it is needed.
        act: The part of the film that it belongs to.
        weight: How many shots it may have, relative to the others, where there are many.
        motion: How the camera moves in its first picture.
    """

    key: str
    rank: int
    act: str
    weight: float
    motion: str


BEATS = (
    Beat("opening", 1, "opening", 1.0, "push-in"),
    Beat("somebody", 5, "opening", 1.0, "pan-right"),
    Beat("days", 10, "opening", 0.9, "pan-left"),
    Beat("sign", 3, "the call", 1.0, "push-in"),
    Beat("doubt", 13, "the call", 0.8, "static"),
    Beat("road", 8, "the way", 1.2, "pan-left"),
    Beat("meeting", 6, "the way", 1.2, "push-in"),
    Beat("shadow", 12, "the storm", 0.9, "tilt-up"),
    Beat("storm", 4, "the storm", 1.3, "parallax"),
    Beat("dark", 9, "the storm", 1.0, "static"),
    Beat("light", 7, "the end", 1.0, "tilt-up"),
    Beat("return", 11, "the end", 1.0, "pan-right"),
    Beat("end", 2, "the end", 0.8, "pull-out"),
)


def plan_beats(shots: int) -> list[tuple[Beat, int]]:
    """The beats of a film of so many shots in their order, each with its number of shots.

    Example:
        >>> [beat.key for beat, _ in plan_beats(4)]
        ['opening', 'sign', 'storm', 'end']
    """
    chosen = sorted(BEATS, key=lambda beat: beat.rank)[:shots]
    counts = {beat.key: 1 for beat in chosen}
    for _ in range(shots - len(chosen)):
        # The one that has least of what is its due.
        least = min(chosen, key=lambda beat: (counts[beat.key] / beat.weight, beat.rank))
        counts[least.key] += 1
    return [(beat, counts[beat.key]) for beat in BEATS if beat.key in counts]
