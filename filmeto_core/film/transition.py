"""The words for how a shot comes in, and how a film ends, with their usual lengths."""

from enum import StrEnum


class TransitionKind(StrEnum):
    """How a shot comes in."""

    CUT = "cut"
    DISSOLVE = "dissolve"
    FADE_FROM_BLACK = "fade-from-black"


class EndingKind(StrEnum):
    """How the film ends."""

    CUT = "cut"
    FADE_TO_BLACK = "fade-to-black"


# Seconds, where the storyboard gives a word alone: a dissolve that is seen but does not linger,
# and fades slow enough to read as a beginning and an end.
DEFAULT_TRANSITION_S = {
    TransitionKind.CUT: 0.0,
    TransitionKind.DISSOLVE: 0.5,
    TransitionKind.FADE_FROM_BLACK: 1.0,
}
DEFAULT_ENDING_S = {EndingKind.CUT: 0.0, EndingKind.FADE_TO_BLACK: 1.5}
