"""One narration: sentences one after another, and when each written word is heard."""

import piper_sound
from filmeto_plugin import Output


class Track:
    """Collects spoken sentences and finishes them as one file.

    Args:
        text: As written.
        sample_rate_hz: Of every sound that is added.
        speed: The pauses shorten as the speech does.
    """

    def __init__(self, text, sample_rate_hz, speed=1.0):
        self._text, self._rate, self._speed = text, sample_rate_hz, speed
        self._sounds = [piper_sound.silence(piper_sound.LEAD_S, sample_rate_hz)]
        self._length, self._pause_s = len(self._sounds[0]), 0.0
        self._heard, self._spoken = [], []

    def add(self, sentence, sound, times):
        """Append a SpokenSentence, its sound (float32, samples) and its words' times."""
        if len(sound) == 0:
            return
        self._append(piper_sound.silence(self._pause_s, self._rate))
        offset_s = self._length / self._rate
        self._append(sound)
        self._pause_s = sentence.pause_s / self._speed
        self._spoken.append(sentence.text)
        for word, time in zip(sentence.words, times, strict=True):
            if time is not None:
                start_s, end_s = (offset_s + t for t in time)
                self._heard.append((word.start, word.end, start_s, end_s))

    def finish(self, path, language, voice):
        """Level the track, write it, and return it as the plugin's Output."""
        self._append(piper_sound.silence(piper_sound.TAIL_S, self._rate))
        numpy = piper_sound.np
        sound = piper_sound.level(numpy.concatenate(self._sounds), self._rate)
        piper_sound.write_wav(path, sound, self._rate)
        about = {
            "duration_s": round(len(sound) / self._rate, 4),
            "sample_rate_hz": self._rate,
            "language": language,
            "voice": voice,
            "words": self._words(),
        }
        spoken = " ".join(self._spoken)
        if spoken != " ".join(self._text.split()):
            about["spoken"] = spoken
        return Output(path, mime_type="audio/wav", metadata=about)

    def _append(self, sound):
        self._sounds.append(sound)
        self._length += len(sound)

    def _words(self):
        """One entry a written word, however many spoken words it takes."""
        merged = []
        for start, end, start_s, end_s in self._heard:
            if merged and merged[-1][:2] == [start, end]:
                merged[-1][3] = end_s
            else:
                merged.append([start, end, start_s, end_s])
        return [
            {
                "text": self._text[start:end],
                "start_s": round(start_s, 3),
                "end_s": round(end_s, 3),
                "char_start": start,
                "char_end": end,
            }
            for start, end, start_s, end_s in merged
        ]
