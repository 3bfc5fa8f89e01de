"""When each character of a narration is spoken: from the words' own times, or by estimate."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

# How long a sign takes to say, relative to a letter: a Chinese sign is a syllable, and a reader
# rests at punctuation.
_SYLLABLE = 3.0
_CLAUSE_REST = 4.0
_SENTENCE_REST = 7.0


class SpeechClock:
    """Maps positions in a narration to seconds after the voice's start, never backwards.

    Args:
        text: The narration.
        duration_s: How long the voice speaks.
        words: What the speech plugin told: each word's start_s, end_s, char_start and char_end.
            Words that make no sense are passed over; without any, time goes by characters.
    """

    def __init__(
        self, text: str, duration_s: float, words: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        self.text = text
        self.duration_s = duration_s
        self.words = tuple(_sound(words, len(text), duration_s))
        self._begins = [word[0] for word in self.words]
        self._ends = [word[1] for word in self.words]
        weights = [_weight(sign) for sign in text]
        total = sum(weights) or 1.0
        self._estimates = [0.0]
        for weight in weights:
            self._estimates.append(self._estimates[-1] + weight * duration_s / total)

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Where the words stand in the text."""
        return tuple((start, end) for start, end, _, _ in self.words)

    def start_s(self, position: int) -> float:
        """When the text from a position on starts to be spoken."""
        if not self.words:
            return self._estimates[position]
        index = bisect_right(self._ends, position)
        if index == len(self.words):
            return self.words[-1][3]
        after = self.words[index]
        return self._within(after, position) if position > after[0] else after[2]

    def end_s(self, position: int) -> float:
        """When the text up to a position has been spoken."""
        if not self.words:
            return self._estimates[position]
        index = bisect_right(self._begins, position - 1) - 1
        if index < 0:
            return self.words[0][2]
        word = self.words[index]
        return self._within(word, position) if position < word[1] else word[3]

    @staticmethod
    def _within(word: tuple[int, int, float, float], position: int) -> float:
        start, end, start_s, end_s = word
        return start_s + (end_s - start_s) * (position - start) / (end - start)


def _weight(sign: str) -> float:
    if sign in "。！？.!?…":
        return _SENTENCE_REST
    if sign in "，；：、,;:—":
        return _CLAUSE_REST
    if sign.isalnum():
        return _SYLLABLE if ord(sign) >= 0x2E80 else 1.0
    return 0.3


def _sound(
    words: Sequence[Mapping[str, Any]], length: int, duration_s: float
) -> Iterator[tuple[int, int, float, float]]:
    """The words that stand and are spoken one after the other, within the text and the voice."""
    last_end, last_end_s = 0, 0.0
    for word in words:
        try:
            start, end = int(word["char_start"]), int(word["char_end"])
            start_s, end_s = float(word["start_s"]), float(word["end_s"])
        except (KeyError, TypeError, ValueError):
            continue
        end_s = min(end_s, duration_s)
        if last_end <= start < end <= length and last_end_s - 1e-3 <= start_s <= end_s:
            yield start, end, start_s, end_s
            last_end, last_end_s = end, end_s
