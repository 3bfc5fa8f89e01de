"""One narration: sentences one after another, and when each written word is heard.

What has been spoken waits in a file, so that a long text takes no more memory than a short one. Each
speaker is brought to the same loudness, whatever was ordered to be soft or loud in it.
"""

import tempfile
import wave
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import piper_sound
from filmeto_plugin import Output
from filmeto_plugin.ssml import written_text
from piper_loudness import Loudness


@dataclass(frozen=True)
class _Part:
    speaker: str
    samples: int
    pause_s: float


class Track:
    """Collects spoken sentences and finishes them as one file.

    Args:
        text: As it was given.
        sample_rate_hz: Of the file; a sentence of another rate is refused.
        speed: The pauses shorten as the speech does; not those that were ordered.
    """

    def __init__(self, text, sample_rate_hz, speed=1.0):
        self._text, self.sample_rate_hz, self._speed = text, sample_rate_hz, speed
        self._file, self._parts = tempfile.TemporaryFile(), []  # closed by `finish`
        self._length, self._pause_s = int(piper_sound.LEAD_S * sample_rate_hz), 0.0
        self._tail_s = piper_sound.TAIL_S
        self._heard, self._phonemes, self._spoken = [], [], []
        self._loudness = defaultdict(lambda: Loudness(sample_rate_hz))

    def pause(self, seconds):
        """Silence that was ordered, in the place of the sentence's own."""
        self._pause_s, self._tail_s = seconds, piper_sound.TAIL_S + seconds

    def add(self, spoken, speaker, places, text, pause_s):
        """Append a sentence.

        Args:
            spoken: The piper_engine.Spoken.
            speaker: Who says it.
            places: For each of its words (start, end, what is said): the range is of the text as
                it was given.
            text: What was read.
            pause_s: The silence after it, at the speed 1.
        """
        sound = spoken.sound
        if len(sound) == 0:
            return
        pause = int(self._pause_s * self.sample_rate_hz)
        offset_s = (self._length + pause) / self.sample_rate_hz
        self._loudness[speaker].add(sound)
        if spoken.volume is not None:
            sound = sound * spoken.volume
        self._file.write(sound.astype(np.float32).tobytes())
        self._parts.append(_Part(speaker, len(sound), self._pause_s))
        self._length += pause + len(sound)
        self._pause_s, self._tail_s = pause_s / self._speed, piper_sound.TAIL_S
        self._spoken.append(text)
        for (start, end, word), time in zip(places, spoken.words, strict=True):
            if time is not None:
                self._heard.append([start, end, offset_s + time[0], offset_s + time[1], word])
        self._phonemes += [(p, offset_s + a, offset_s + b) for p, a, b in spoken.phonemes]

    def finish(self, path, language, voice):
        """Level the track, write it, and return it as the plugin's Output."""
        self._write(path)
        length = self._length + int(self._tail_s * self.sample_rate_hz)
        about = {
            "duration_s": round(length / self.sample_rate_hz, 4),
            "sample_rate_hz": self.sample_rate_hz,
            "language": language,
            "voice": voice,
            "words": self._words(),
            "phonemes": [
                {"phoneme": p, "start_s": round(a, 3), "end_s": round(b, 3)}
                for p, a, b in self._phonemes
            ],
        }
        spoken = " ".join(self._spoken)
        if spoken != " ".join(self._text.split()):
            about["spoken"] = spoken
        return Output(path, mime_type="audio/wav", metadata=about)

    def _write(self, path):
        gains = {name: loudness.gain() for name, loudness in self._loudness.items()}
        self._file.seek(0)
        with self._file, wave.open(path, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(self.sample_rate_hz)
            silence = piper_sound.silence(piper_sound.LEAD_S, self.sample_rate_hz)
            file.writeframes(piper_sound.pcm(silence))
            for part in self._parts:
                file.writeframes(
                    piper_sound.pcm(piper_sound.silence(part.pause_s, self.sample_rate_hz))
                )
                sound = np.frombuffer(self._file.read(4 * part.samples), dtype=np.float32)
                sound = piper_sound.limited(sound * np.float32(gains[part.speaker]))
                file.writeframes(piper_sound.pcm(sound))
            file.writeframes(
                piper_sound.pcm(piper_sound.silence(self._tail_s, self.sample_rate_hz))
            )

    def _words(self):
        """One entry a written word, however many spoken words it takes."""
        merged = []
        for start, end, start_s, end_s, word in self._heard:
            if merged and merged[-1][:2] == [start, end]:
                merged[-1][3] = end_s
                merged[-1][4] += f" {word}"
            else:
                merged.append([start, end, start_s, end_s, word])
        return [self._told(*word) for word in merged]

    def _told(self, start, end, start_s, end_s, word):
        text = written_text(self._text, start, end)
        return {
            "word": word or text,
            "text": text,
            "start_s": round(start_s, 3),
            "end_s": round(end_s, 3),
            "char_start": start,
            "char_end": end,
        }
