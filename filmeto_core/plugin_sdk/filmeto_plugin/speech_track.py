"""One spoken track: sentences one after another, each voice as loud as the others, and when each
written word and each phoneme is heard.

    track = Track(call.parameters["text"], 22050)
    for sentence in sentences:
        track.add(samples, voice="ann", words=..., phonemes=..., spoken=sentence, pause_s=0.4)
    return track.finish(call.output("voice.wav"), language="en", voice="ann")

What has been spoken waits in a file, so that a long text takes no more memory than a short one. Sound
is 16-bit mono in an array("h").
"""

import sys
import tempfile
import wave
from array import array
from dataclasses import dataclass

from filmeto_plugin._call import Output
from filmeto_plugin._loudness import Loudness
from filmeto_plugin.ssml import written_text

LEAD_S, TAIL_S = 0.05, 0.12  # silence left at the edges of the track
PEAK_DBFS = -1.5  # under the -1 dBFS that players and encoders need
_EASE_S = 0.01  # from one word's ordered volume to the next one's
_LIMITED_SAMPLES = 64


@dataclass(frozen=True)
class Word:
    """A spoken word and when it is heard.

    Args:
        start, end: The range of the text as given that it stands for.
        said: What is said; "" where only its sound is known.
        start_s, end_s: In its sentence's samples.
        volume_db: How much louder than the rest it was ordered to be.
    """

    start: int
    end: int
    said: str
    start_s: float
    end_s: float
    volume_db: float = 0.0


@dataclass(frozen=True)
class _Part:
    voice: str
    samples: int
    pause_s: float
    peak: int


class Track:
    """Collects spoken sentences and finishes them as one file.

    Args:
        text: As it was given, SSML with its markup.
        sample_rate_hz: Of all that is added.
        speed: The pauses shorten as the speech does; not those that were ordered.
    """

    def __init__(self, text, sample_rate_hz, speed=1.0):
        self.sample_rate_hz = sample_rate_hz
        self._text, self._speed = text, speed
        self._file, self._parts = tempfile.TemporaryFile(), []  # closed by `finish`
        self._length, self._pause_s, self._tail_s = round(LEAD_S * sample_rate_hz), 0.0, TAIL_S
        self._words, self._phonemes, self._spoken, self._loudness = [], [], [], {}

    def pause(self, seconds):
        """Silence that was ordered, in the place of the sentence's own."""
        self._pause_s, self._tail_s = seconds, TAIL_S + seconds

    def add(self, samples, voice, words=(), phonemes=(), spoken="", pause_s=0.0):
        """Append a sentence.

        Args:
            samples: array("h"), faded at both ends, without silence there.
            voice: Who says it: all of a voice is brought to one loudness.
            words: A list of Word, in order.
            phonemes: [(IPA, start_s, end_s)], in order.
            spoken: What was read.
            pause_s: The silence after it, at the speed 1.
        """
        if not len(samples):
            return
        self._loudness.setdefault(voice, Loudness(self.sample_rate_hz)).add(samples)
        if any(word.volume_db for word in words):
            samples = self._turned(samples, words)
        self._file.write(samples.tobytes())
        peak = max(max(samples), -min(samples))
        self._parts.append(_Part(voice, len(samples), self._pause_s, peak))
        offset = self._length + round(self._pause_s * self.sample_rate_hz)
        offset_s, self._length = offset / self.sample_rate_hz, offset + len(samples)
        self._pause_s, self._tail_s = pause_s / self._speed, TAIL_S
        self._spoken.append(spoken)
        for word in words:
            self._hear(word, offset_s)
        self._phonemes += [(p, offset_s + a, offset_s + b) for p, a, b in phonemes if b > a]

    def finish(self, path, language, voice):
        """Write the track, and return it as the plugin's Output.

        Its metadata: `duration_s`, `sample_rate_hz`, `language`, `voice`, `words` (each `word`, what
        is said; `text`, as it is written; `start_s`, `end_s`, `char_start`, `char_end`), `phonemes`
        (each `phoneme` in IPA, `start_s`, `end_s`), and `spoken` where it differs from the text.
        """
        self._write(path)
        length = self._length + round(self._tail_s * self.sample_rate_hz)
        about = {
            "duration_s": round(length / self.sample_rate_hz, 4),
            "sample_rate_hz": self.sample_rate_hz,
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

    def _hear(self, word, offset_s):
        """One entry for each written word, however many spoken words it takes."""
        at, last = (word.start, word.end), self._words[-1] if self._words else None
        if last and last[0] == at:
            last[2] = offset_s + word.end_s
            last[3] += word.said if _is_han(word.said) else f" {word.said}"
        elif word.end_s > word.start_s:
            self._words.append([at, offset_s + word.start_s, offset_s + word.end_s, word.said])

    def _told(self, at, start_s, end_s, said):
        text = written_text(self._text, *at)
        return {
            "word": said.strip() or text,
            "text": text,
            "start_s": round(start_s, 3),
            "end_s": round(end_s, 3),
            "char_start": at[0],
            "char_end": at[1],
        }

    def _turned(self, samples, words):
        """The sentence with each word's volume from its start on."""
        turned, ease, at = array("h", samples), round(_EASE_S * self.sample_rate_hz), 0
        gain = 10 ** (words[0].volume_db / 20)
        edges = [round(word.start_s * self.sample_rate_hz) for word in words[1:]]
        for word, edge in zip(words, [*edges, len(samples)], strict=True):
            before, gain = gain, 10 ** (word.volume_db / 20)
            for index in range(at, edge):
                share = min(1.0, (index - at) / ease)
                value = round(samples[index] * (before + (gain - before) * share))
                turned[index] = max(-32768, min(32767, value))
            at = max(at, edge)
        return turned

    def _write(self, path):
        gains = {voice: loudness.gain() for voice, loudness in self._loudness.items()}
        tables = {voice: _table(gain) for voice, gain in gains.items()}
        highest = 32767 * 10 ** (PEAK_DBFS / 20)
        self._file.seek(0)
        with self._file, wave.open(path, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(self.sample_rate_hz)
            file.writeframes(self._silence(LEAD_S))
            for part in self._parts:
                file.writeframes(self._silence(part.pause_s))
                sound = array("h", self._file.read(2 * part.samples))
                if part.peak * gains[part.voice] > highest:
                    sound = _limited(sound, highest / gains[part.voice])
                sound = array("h", map(tables[part.voice].__getitem__, sound))
                if sys.byteorder == "big":
                    sound.byteswap()
                file.writeframes(sound.tobytes())
            file.writeframes(self._silence(self._tail_s))

    def _silence(self, seconds):
        return bytes(2 * round(seconds * self.sample_rate_hz))


def _is_han(text):
    """Whether it is written to the word before it without a space."""
    return len(text) > 0 and ord(text[0]) > 0x2E7F


def _table(gain):
    """A table of all values times the gain, the negative ones at its end, where Python's own
    indices find them."""
    values = [*range(32768), *range(-32768, 0)]
    return [max(-32768, min(32767, round(value * gain))) for value in values]


def _limited(sound, ceiling):
    """Turned down around peaks above `ceiling`: a gain for each 64 samples, eased between them."""
    size = _LIMITED_SAMPLES
    blocks = [sound[i : i + size] for i in range(0, len(sound), size)]
    gains = [min(1.0, ceiling / max(1, max(block), -min(block))) for block in blocks]
    for _ in range(2):  # a gain reaches its neighbours before it is needed, so that none is missed
        gains = [min(gains[max(0, i - 1) : i + 2]) for i in range(len(gains))]
    limited, before = array("h"), gains[0]
    for index, block in enumerate(blocks):
        after = min(gains[index], gains[min(index + 1, len(gains) - 1)])
        if before == after == 1.0:
            limited.extend(block)
        else:
            step = (after - before) / len(block)
            limited.extend(int(v * (before + step * i)) for i, v in enumerate(block))
        before = after
    return limited
