"""One narration: eSpeak's sentences trimmed, paused and levelled, and when each word is heard.

What has been spoken waits in a file, so that a long text takes no more memory than a short one. Each
voice is brought to the same loudness, whatever was ordered to be soft or loud in it. Sound is 16-bit
mono in an array("h"). Standard library only: the plugin's environment stays small.
"""

import sys
import tempfile
import wave
from array import array
from dataclasses import dataclass

from espeak_loudness import Loudness
from filmeto_plugin import Output
from filmeto_plugin.ssml import SAID, written_text

LEAD_S, TAIL_S = 0.05, 0.12  # silence left at the edges of the track
PEAK_DBFS = -1.5
_QUIET = 180  # of 32767: eSpeak's silences are digital zeros, its weakest consonants above this
_KEEP_S, _FADE_S = 0.015, 0.004


@dataclass(frozen=True)
class _Part:
    voice: str
    samples: int
    pause_s: float
    peak: int


class Track:
    """Collects spoken sentences and finishes them as one file.

    Args:
        text: As it was given.
        sample_rate_hz: Of all that is added.
        speed: The pauses shorten as the speech does; not those that were ordered.
    """

    def __init__(self, text, sample_rate_hz, speed=1.0):
        self._text, self._rate, self._speed = text, sample_rate_hz, speed
        self._file, self._parts = tempfile.TemporaryFile(), []  # closed by `finish`
        self._length, self._pause_s, self._tail_s = round(LEAD_S * sample_rate_hz), 0.0, TAIL_S
        self._words, self._phonemes, self._spoken, self._loudness = [], [], [], {}

    def pause(self, seconds):
        """Silence that was ordered, in the place of the sentence's own."""
        self._pause_s, self._tail_s = seconds, TAIL_S + seconds

    def add(self, sentence, voice, spoken, places=None):
        """Append a SpokenSentence, and what Engine.say made of it.

        Args:
            spoken: (samples, words, phonemes).
            places: Of a prompt with commands: the sentence's character for each of the prompt's.
        """
        samples, events, sounds = spoken
        start, end = _heard(samples, round(_KEEP_S * self._rate))
        if end <= start:
            return
        pause = round(self._pause_s * self._rate)
        offset = self._length + pause
        heard = samples[start:end]
        self._loudness.setdefault(voice, Loudness(self._rate)).add(heard)
        if places:
            events = [(places[c], s) for c, s in events if 0 <= c < len(places)]
        placed = _placed(sentence.tokens, events, samples, end)
        heard = _turned(heard, [(t.manner.volume_db, first - start) for t, first, _ in placed])
        self._keep(_faded(heard, round(_FADE_S * self._rate)), voice)
        self._pause_s, self._tail_s = sentence.pause_s / self._speed, TAIL_S
        self._spoken.append(_readable(sentence))

        def seconds(sample):
            return (offset + min(max(sample - start, 0), end - start)) / self._rate

        for token, first, last in placed:
            word = sentence.text[slice(*token.at)].replace(SAID, "")
            self._hear(token.written, word, seconds(first), seconds(last))
        for (sound, first), (_, last) in zip(sounds, [*sounds[1:], ("", end)], strict=True):
            if sound and seconds(last) > seconds(first):
                self._phonemes.append((sound, seconds(first), seconds(last)))

    def _keep(self, heard, voice):
        self._file.write(heard.tobytes())
        peak = max(max(heard), -min(heard))
        self._parts.append(_Part(voice, len(heard), self._pause_s, peak))
        self._length += round(self._pause_s * self._rate) + len(heard)

    def _hear(self, written, word, start_s, end_s):
        """One entry for each written word, however many spoken words it takes."""
        if self._words and self._words[-1][0] == written:
            self._words[-1][2] = end_s
            self._words[-1][3] += word if len(word) == 1 and ord(word) > 0x2E7F else f" {word}"
        elif end_s > start_s:
            self._words.append([written, start_s, end_s, word])

    def finish(self, path, language, voice):
        """Level the track, write it, and return it as the plugin's Output."""
        self._write(path)
        length = self._length + round(self._tail_s * self._rate)
        about = {
            "duration_s": round(length / self._rate, 4),
            "sample_rate_hz": self._rate,
            "language": language,
            "voice": voice,
            "words": [self._told(*word) for word in self._words],
            "phonemes": [
                {"phoneme": sound, "start_s": round(start_s, 3), "end_s": round(end_s, 3)}
                for sound, start_s, end_s in self._phonemes
            ],
        }
        spoken = " ".join(" ".join(self._spoken).split())
        if spoken != " ".join(self._text.split()):
            about["spoken"] = spoken
        return Output(path, mime_type="audio/wav", metadata=about)

    def _told(self, written, start_s, end_s, word):
        text = written_text(self._text, *written)
        return {
            "word": word or text,
            "text": text,
            "start_s": round(start_s, 3),
            "end_s": round(end_s, 3),
            "char_start": written[0],
            "char_end": written[1],
        }

    def _write(self, path):
        gains = {voice: loudness.gain() for voice, loudness in self._loudness.items()}
        highest = 32767 * 10 ** (PEAK_DBFS / 20)
        for part in self._parts:  # a voice keeps its own proportions: no peak is cut off
            gains[part.voice] = min(gains[part.voice], highest / max(1, part.peak))
        tables = {voice: _table(gain) for voice, gain in gains.items()}
        self._file.seek(0)
        with self._file, wave.open(path, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(self._rate)
            file.writeframes(bytes(2 * round(LEAD_S * self._rate)))
            for part in self._parts:
                file.writeframes(bytes(2 * round(part.pause_s * self._rate)))
                sound = array("h", self._file.read(2 * part.samples))
                sound = array("h", map(tables[part.voice].__getitem__, sound))
                if sys.byteorder == "big":
                    sound.byteswap()
                file.writeframes(sound.tobytes())
            file.writeframes(bytes(2 * round(self._tail_s * self._rate)))


def _readable(sentence):
    """The sentence's text, ordered sounds as IPA between slashes."""
    if not sentence.sounds:
        return sentence.text
    return "".join(
        f"/{sentence.sounds[i]}/" if i in sentence.sounds else char
        for i, char in enumerate(sentence.text)
    )


def _table(gain):
    """A table of all values times the gain, the negative ones at its end, where Python's own
    indices find them."""
    values = [*range(32768), *range(-32768, 0)]
    return [max(-32768, min(32767, round(value * gain))) for value in values]


def _turned(samples, volumes):
    """Samples with the volume (in dB) of each word from its start on, eased over 10 ms."""
    if all(volume == 0 for volume, _ in volumes):
        return samples
    ease, gain, turned = 220, 10 ** (volumes[0][0] / 20), array("h", samples)
    edges = [start for _, start in volumes[1:]] + [len(samples)]
    at = 0
    for (volume, _), edge in zip(volumes, edges, strict=True):
        before, gain = gain, 10 ** (volume / 20)
        for index in range(max(0, at), max(0, edge)):
            share = min(1.0, (index - at) / ease)
            value = round(samples[index] * (before + (gain - before) * share))
            turned[index] = max(-32768, min(32767, value))
        at = edge
    return turned


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
