"""Cuts a narration into the texts of subtitle cues, each of one or two lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from filmeto_core.film.phrases import CLAUSE, SENTENCE, Atom, atoms, is_wide
from filmeto_core.film.speech_clock import SpeechClock

# Source: Netflix Timed Text Style Guides (English, Simplified Chinese): 42 or 16 characters a
# line, two lines, 20 characters a second, at most 7 s; and a second at the least.
LINE_CHARACTERS = 42
WIDE_LINE_CHARACTERS = 16
CHARACTERS_A_SECOND = 20
SHORTEST_S = 1.0
LONGEST_S = 7.0

# What else a cut costs, in the measure of `phrases`: each cue at all, a sentence that ends amid a
# cue, a cue too short to catch, one too quick to read, one that stays too long.
_CUE = 5.0
_INNER_SENTENCE = 7.0
_BRIEF = 10.0
_HASTY = 3.0
_LINGERING = 8.0
_SECOND_LINE = 1.0
_UNEVEN = 14.0
_FULL = 5.0
_BRIEF_S = 1.4
# A silence within a cue, beyond what a reader takes for a breath: what comes after would be told
# before it is said.
_SILENCE = 8.0
_BREATH_S = 0.8


@dataclass(frozen=True)
class CueText:
    """The lines of a cue, and when they are spoken, in seconds after the voice's start."""

    lines: tuple[str, ...]
    start_s: float
    end_s: float

    @property
    def characters(self) -> int:
        """What has to be read, the line break counted as a space."""
        return sum(map(len, self.lines)) + len(self.lines) - 1


def cut_into_cues(narration: str, clock: SpeechClock) -> list[CueText]:
    """The cues' texts in order, the cheapest cut of all.

    No word is lost, and no line is longer than 42 characters (16 in Chinese, Japanese, Korean).
    """
    width = WIDE_LINE_CHARACTERS if is_wide(narration) else LINE_CHARACTERS
    pieces = atoms(narration, width, clock.spans)
    if not pieces:
        return []
    cutter = _Cutter(narration, pieces, clock, width)
    return [cutter.cue(first, last) for first, last in cutter.cheapest()]


class _Cutter:
    def __init__(self, text: str, pieces: Sequence[Atom], clock: SpeechClock, width: int) -> None:
        self.text, self.pieces, self.width = text, pieces, width
        self.lines_of = cache(self._lines)
        self.starts_s = [clock.start_s(piece.start) for piece in pieces]
        self.ends_s = [clock.end_s(piece.end) for piece in pieces]
        self.silences_s = [
            start_s - end_s for end_s, start_s in zip(self.ends_s, self.starts_s[1:], strict=False)
        ]

    def line(self, first: int, last: int) -> str:
        return self.text[self.pieces[first].start : self.pieces[last].end]

    def cue(self, first: int, last: int) -> CueText:
        _, lines = self.lines_of(first, last)
        return CueText(lines, *self._spoken(first, last))

    def _spoken(self, first: int, last: int) -> tuple[float, float]:
        start_s = self.starts_s[first]
        return start_s, max(start_s, self.ends_s[last])

    def cheapest(self) -> list[tuple[int, int]]:
        """First and last atom of each cue: the shortest path over all cuts."""
        costs, came = [0.0], [0]
        for end in range(1, len(self.pieces) + 1):
            best = (float("inf"), end - 1)
            for start in range(end - 1, -1, -1):
                if self.pieces[end - 1].end - self.pieces[start].start > 2 * self.width + 1:
                    break
                best = min(best, (costs[start] + self._cost(start, end - 1), start))
            costs.append(best[0])
            came.append(best[1])
        cues, end = [], len(self.pieces)
        while end:
            cues.append((came[end], end - 1))
            end = came[end]
        return cues[::-1]

    def _cost(self, first: int, last: int) -> float:
        cost, lines = self.lines_of(first, last)
        if not lines:
            return float("inf")
        start_s, end_s = self._spoken(first, last)
        lasts = end_s - start_s
        characters = sum(map(len, lines))
        silence_s = max(self.silences_s[first:last], default=0.0)
        inner = sum(piece.break_cost == SENTENCE for piece in self.pieces[first:last])
        return (
            _CUE
            + cost
            + self.pieces[last].break_cost
            + inner * _INNER_SENTENCE
            + max(0.0, silence_s - _BREATH_S) * _SILENCE
            + max(0.0, _BRIEF_S - lasts) * _BRIEF
            + max(0.0, characters / CHARACTERS_A_SECOND - lasts) * _HASTY
            + max(0.0, lasts - LONGEST_S) * _LINGERING
            + (characters / (2 * self.width)) ** 2 * _FULL
        )

    def _lines(self, first: int, last: int) -> tuple[float, tuple[str, ...]]:
        """The best one or two lines for these atoms, with their cost; no lines if none fit."""
        whole = self.line(first, last)
        if len(whole) <= self.width:
            return 0.0, (whole,)
        best: tuple[float, tuple[str, ...]] = (float("inf"), ())
        begins, ends = self.pieces[first].start, self.pieces[last].end
        for at in range(first, last):
            upper = self.pieces[at].end - begins
            lower = ends - self.pieces[at + 1].start
            if upper > self.width or lower > self.width:
                continue
            uneven = abs(upper - lower) / self.width
            top_heavy = 0.5 if upper > lower else 0.0
            words = max(self.pieces[at].break_cost - CLAUSE, 0.0)
            cost = _SECOND_LINE + words / 2 + uneven**2 * _UNEVEN + top_heavy
            if cost < best[0]:
                best = (cost, (self.line(first, at), self.line(at + 1, last)))
        return best
