"""One narration: eSpeak's sentences trimmed, paused and levelled, and when each word is heard.

Sound is 16-bit mono in an array("h"). Standard library only: the plugin's environment stays small.
"""

import math
import sys
import wave
from array import array
from operator import mul

from filmeto_plugin import Output

LEAD_S, TAIL_S = 0.05, 0.12  # silence left at the edges of the track
LEVEL_DBFS = -20.0  # RMS of the speech itself, its silences left out
PEAK_DBFS = -1.5
_QUIET = 180  # of 32767: eSpeak's silences are digital zeros, its weakest consonants above this
_KEEP_S, _FADE_S = 0.015, 0.004


class Track:
    """Collects spoken sentences and finishes them as one file."""

    def __init__(self, text, sample_rate_hz, speed=1.0):
        self._text, self._rate, self._speed = text, sample_rate_hz, speed
        self._sound = array("h", bytes(2 * round(LEAD_S * sample_rate_hz)))
        self._pause_s, self._words, self._spoken = 0.0, [], []

    def add(self, sentence, samples, events):
        """Append a SpokenSentence, its samples, and eSpeak's (character, sample) word events."""
        start, end = _heard(samples, round(_KEEP_S * self._rate))
        if end <= start:
            return
        self._sound.extend(array("h", bytes(2 * round(self._pause_s * self._rate))))
        offset = len(self._sound)
        self._sound.extend(_faded(samples[start:end], round(_FADE_S * self._rate)))
        self._pause_s = sentence.pause_s / self._speed
        self._spoken.append(sentence.text)
        for token, first, last in _placed(sentence.tokens, events, samples, end):
            at = [
                (offset + min(max(s - start, 0), end - start)) / self._rate for s in (first, last)
            ]
            self._hear(token.written, *at)

    def _hear(self, written, start_s, end_s):
        """One entry for each written word, however many spoken words it takes."""
        if self._words and self._words[-1][0] == written:
            self._words[-1][2] = end_s
        elif end_s > start_s:
            self._words.append([written, start_s, end_s])

    def finish(self, path, language, voice):
        """Level the track, write it, and return it as the plugin's Output."""
        self._sound.extend(array("h", bytes(2 * round(TAIL_S * self._rate))))
        _write(path, _levelled(self._sound, self._rate), self._rate)
        about = {
            "duration_s": round(len(self._sound) / self._rate, 4),
            "sample_rate_hz": self._rate,
            "language": language,
            "voice": voice,
            "words": [
                {
                    "text": self._text[start:end],
                    "start_s": round(start_s, 3),
                    "end_s": round(end_s, 3),
                    "char_start": start,
                    "char_end": end,
                }
                for (start, end), start_s, end_s in self._words
            ],
        }
        spoken = " ".join(" ".join(self._spoken).split())
        if spoken != " ".join(self._text.split()):
            about["spoken"] = spoken
        return Output(path, mime_type="audio/wav", metadata=about)


def _heard(samples, keep):
    """First and last sample that is heard, with a little around them."""
    first = next((i for i, s in enumerate(samples) if abs(s) > _QUIET), None)
    if first is None:
        return 0, 0
    last = next(i for i in range(len(samples) - 1, -1, -1) if abs(samples[i]) > _QUIET)
    return max(0, first - keep), min(len(samples), last + 1 + 2 * keep)


def _faded(samples, fade):
    fade = min(fade, len(samples) // 2)
    for i in range(fade):
        gain = i / fade
        samples[i] = int(samples[i] * gain)
        samples[-1 - i] = int(samples[-1 - i] * gain)
    return samples


def _placed(tokens, events, samples, end):
    """(token, first sample, last sample) of every token.

    A token without an event (eSpeak says "of the" as one word) shares the time of the one before it
    by its letters; a word ends where its sound does, at the latest where the next one starts.
    """
    starts = {}
    for character, sample in events:
        index = next((i for i, t in enumerate(tokens) if t.at[0] <= character < t.at[1]), None)
        if index is not None and index not in starts:
            starts[index] = sample
    if tokens:
        starts.setdefault(0, 0)
    known = sorted(starts)
    known = [
        i
        for i, before in zip(known, [-1, *known], strict=False)
        if before < 0 or starts[i] >= starts[before]
    ]
    placed = []
    for index, after in zip(known, [*known[1:], len(tokens)], strict=True):
        limit = starts[after] if after < len(tokens) else end
        last = _sound_end(samples, starts[index], min(limit, len(samples)))
        group = tokens[index:after]
        letters, at = sum(t.at[1] - t.at[0] for t in group), starts[index]
        for token in group:
            upto = at + (last - starts[index]) * (token.at[1] - token.at[0]) / letters
            placed.append((token, round(at), round(upto)))
            at = upto
    return placed


def _sound_end(samples, first, last):
    while last > first and abs(samples[last - 1]) <= _QUIET:
        last -= 1
    return last


def _levelled(sound, sample_rate_hz):
    size = round(0.05 * sample_rate_hz)
    blocks = (sound[i : i + size : 4] for i in range(0, len(sound), size))  # a quarter tells enough
    powers = [sum(map(mul, block, block)) / len(block) for block in blocks]
    floor = max(powers, default=0) / 1000  # 30 dB under the loudest: a pause
    heard = [p for p in powers if p > floor]
    if not heard:
        return sound
    wanted = 32767 * 10 ** (LEVEL_DBFS / 20) / math.sqrt(sum(heard) / len(heard))
    peak = max(max(sound), -min(sound))
    gain = min(wanted, 32767 * 10 ** (PEAK_DBFS / 20) / peak)
    # A table of all values, the negative ones at its end, where Python's own indices find them.
    values = [*range(32768), *range(-32768, 0)]
    table = [max(-32768, min(32767, round(value * gain))) for value in values]
    return array("h", map(table.__getitem__, sound))


def _write(path, sound, sample_rate_hz):
    if sys.byteorder == "big":
        sound.byteswap()
    with wave.open(path, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sample_rate_hz)
        file.writeframes(sound.tobytes())
