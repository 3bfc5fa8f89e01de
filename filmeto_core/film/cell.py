"""How much room a shot needs: for its voice with breaths, its own clip, its transitions."""

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from filmeto_core.film.shot_clip import Transition
from filmeto_core.film.storyboard_models import Shot

# Seconds around a voice: where there is room, so that a picture is seen before it is spoken of and
# a sentence can settle; and the least that still sounds like one speaker taking a breath.
BREATH_BEFORE_S = Fraction(1, 2)
BREATH_AFTER_S = Fraction(7, 10)
LEAST_BEFORE_S = Fraction(1, 4)
LEAST_AFTER_S = Fraction(3, 10)
# An automatic shot in which nobody speaks: long enough to read a picture.
SILENT_SHOT_S = Fraction(3)


@dataclass(frozen=True)
class Cell:
    """A shot with what its neighbours ask of it; lengths in frames unless they say seconds."""

    shot: Shot
    index: int
    transition: Transition
    tail: int
    ending: int
    voice_s: Fraction | None
    clip_s: Fraction | None
    rate: Fraction

    @cached_property
    def least_before_s(self) -> Fraction:
        """The voice waits for half of the transition: until then the shot before is stronger."""
        return max(LEAST_BEFORE_S, self.transition.frames / self.rate / 2)

    @cached_property
    def before_s(self) -> Fraction:
        return max(BREATH_BEFORE_S, self.least_before_s)

    @cached_property
    def after_s(self) -> Fraction:
        """The last voice ends before the film begins to fade."""
        fade = LEAST_AFTER_S + self.ending / self.rate if self.ending else Fraction(0)
        return max(BREATH_AFTER_S, fade)

    @cached_property
    def least_frames(self) -> int:
        """No transition is longer than the shots that it joins, nor do two meet in one shot."""
        return max(1, self.tail, self.transition.frames + self.ending)

    @cached_property
    def least_voice_frames(self) -> int:
        if self.voice_s is None:
            return 0
        return math.ceil((self.least_before_s + self.voice_s + LEAST_AFTER_S) * self.rate)

    def auto_frames(self) -> int:
        """As long as narration and the shot's own clip need, with breaths."""
        wanted = [self.least_frames]
        if self.voice_s is not None:
            wanted.append(math.ceil((self.before_s + self.voice_s + self.after_s) * self.rate))
        if self.clip_s is not None:
            wanted.append(math.floor(self.clip_s * self.rate) - self.tail)
        if self.voice_s is None and self.clip_s is None:
            wanted.append(round(SILENT_SHOT_S * self.rate))
        return max(wanted)

    def voice_offset_s(self, frames: int) -> Fraction:
        """Where in the shot its voice starts: after a breath, a shorter one where room is short."""
        spare = frames / self.rate - self.voice_s
        if spare >= self.before_s + self.after_s:
            return self.before_s
        give_before = self.before_s - self.least_before_s
        give_after = self.after_s - LEAST_AFTER_S
        room = max(Fraction(0), spare - self.least_before_s - LEAST_AFTER_S)
        return self.least_before_s + room * give_before / (give_before + give_after)
