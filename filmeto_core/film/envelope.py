"""Gain over time: ducking, fades, and a voice's level, as curves that are written as sound."""

import math
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import mul
from pathlib import Path

RATE_HZ = 1000  # a gain each millisecond; ffmpeg brings it to the sound's rate, without steps

DUCK_DB = -13.0  # under a voice: music is felt, every word is understood
ATTACK_S = 0.25  # down before the voice starts: it is known when it will
HOLD_S = 0.1  # so that the last consonant is not coloured by the rise
RELEASE_S = 0.8  # up again, slow enough not to be noticed as a fader
# Shorter gaps stay ducked: music that comes up for less than half a second pumps.
BREATH_S = ATTACK_S + HOLD_S + RELEASE_S + 0.4

Span = tuple[float, float]


def decibels(gain_db: float) -> float:
    """The factor of a gain."""
    return 10 ** (gain_db / 20)


@dataclass(frozen=True)
class Envelope:
    """Points of (seconds, factor) in order; between them it eases from one to the next."""

    points: tuple[tuple[float, float], ...]

    def at(self, time_s: float) -> float:
        """The factor at a time."""
        i = bisect_right(self.points, (time_s, math.inf))
        if i == 0:
            return self.points[0][1]
        if i == len(self.points):
            return self.points[-1][1]
        (start, before), (end, after) = self.points[i - 1], self.points[i]
        if before == after:
            return before
        eased = (1 - math.cos(math.pi * (time_s - start) / (end - start))) / 2
        return before + (after - before) * eased

    def second(self, number: int) -> array:
        """The factors of the film's second `number`, RATE_HZ of them, as 32-bit floats."""
        start, end = number, number + 1
        first = bisect_right(self.points, (start, math.inf))
        last = bisect_right(self.points, (end, math.inf))
        if first == last and self.at(start) == self.at((start + end) / 2) == self.at(end):
            return array("f", [self.at(start)]) * RATE_HZ
        return array("f", (self.at(start + i / RATE_HZ) for i in range(RATE_HZ)))


def flat(gain_db: float) -> Envelope:
    """The same gain throughout."""
    return Envelope(((0.0, decibels(gain_db)),))


def merged(spans: Iterable[Span], gap_s: float) -> list[Span]:
    """The spans in order, those closer than `gap_s` made one."""
    result: list[Span] = []
    for start, end in sorted(spans):
        if result and start - result[-1][1] < gap_s:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def ducking(speech: Iterable[Span]) -> Envelope:
    """Down before each stretch of speech, up after it."""
    low = decibels(DUCK_DB)
    points: list[tuple[float, float]] = []
    for start, end in merged(speech, BREATH_S):
        points += [(start - ATTACK_S, 1.0), (start, low)]
        points += [(end + HOLD_S, low), (end + HOLD_S + RELEASE_S, 1.0)]
    return Envelope(tuple(points) or ((0.0, 1.0),))


def fade_out(start_s: float, end_s: float) -> Envelope:
    """All there, then gone at `end_s`."""
    return Envelope(((start_s, 1.0), (end_s, 0.0)))


def write_envelope(envelopes: list[Envelope], duration_s: float, out: Path) -> None:
    """Write the product of the envelopes as mono 32-bit floats at RATE_HZ, a little over length."""
    with out.open("wb") as file:
        for block in _blocks(envelopes, math.ceil(duration_s) + 1):
            file.write(block.tobytes())


def _blocks(envelopes: list[Envelope], seconds: int) -> Iterator[array]:
    for number in range(seconds):
        block = envelopes[0].second(number)
        for other in envelopes[1:]:
            block = array("f", map(mul, block, other.second(number)))
        yield block
