"""text2speak: a robot that babbles; each letter is a vowel or a hiss, each word is timed."""

import math
import random
import re

from filmeto_plugin import Output, PluginError
from wav_file import write_wav

RATE_HZ = 22050
LETTER_S, GAP_S, STOP_S = 0.085, 0.07, 0.3  # a letter, between words, after a sentence
PITCH_HZ = {"low": 110, "high": 205}
# The two lowest resonances of the vowels in Hz, by which the ear tells them apart.
VOWELS = {"a": (750, 1200), "e": (500, 1900), "i": (300, 2300), "o": (480, 850), "u": (320, 750)}


def text2speak(call):
    """Speak one text; `words` in the output's metadata says when each word is heard."""
    wanted = call.parameters
    words = list(re.finditer(r"\w+", wanted["text"]))
    if not words:
        raise PluginError("there is nothing to say in the text", code="empty_text")
    robot = Robot(PITCH_HZ[wanted["voice"]], wanted["speed"])
    heard = []
    for i, word in enumerate(words):
        call.check_cancelled()  # ends the call here if its caller gave up
        call.progress(95 * i / len(words), f"word {i + 1} of {len(words)}")
        start_s = robot.seconds
        robot.say(word.group())
        heard.append(
            {
                "text": word.group(),
                "start_s": round(start_s, 4),
                "end_s": round(robot.seconds, 4),
                "char_start": word.start(),
                "char_end": word.end(),
            }
        )
        after = wanted["text"][word.end() : word.end() + 1]
        robot.rest(STOP_S if after in tuple(".!?;。！？") else GAP_S)
    path = call.output("voice.wav")
    write_wav(path, robot.samples, RATE_HZ)
    call.progress(100, "saved")
    return Output(path, "audio/wav", {"duration_s": robot.seconds, "words": heard})


class Robot:
    """Collects samples; the same text gives the same ones."""

    def __init__(self, pitch_hz, speed):
        self.pitch_hz, self.speed = pitch_hz, speed
        self.samples = []

    @property
    def seconds(self):
        """How long it has spoken."""
        return len(self.samples) / RATE_HZ

    def say(self, word):
        """Add a word, falling in pitch from its first letter to its last."""
        for i, letter in enumerate(word.lower()):
            pitch_hz = self.pitch_hz * (1.08 - 0.16 * i / len(word))
            count = int(LETTER_S / self.speed * RATE_HZ)
            # A letter of another script is one of the vowels too, always the same.
            vowel = VOWELS.get(letter) or (None if letter.isascii() else _vowel_of(letter))
            sound = _vowel(pitch_hz, vowel, count) if vowel else _hiss(letter, count // 2)
            self.samples += sound

    def rest(self, seconds):
        """Add silence."""
        self.samples += [0.0] * int(seconds / self.speed * RATE_HZ)


def _vowel_of(letter):
    return list(VOWELS.values())[ord(letter) % len(VOWELS)]


def _vowel(pitch_hz, resonances, count):
    """The overtones of a pitch, the stronger the nearer they are to a resonance."""
    tones = []
    for n in range(1, int(3000 / pitch_hz)):
        near = sum(1 / (1 + ((n * pitch_hz - r) / 120) ** 2) for r in resonances)
        tones.append((2 * math.pi * n * pitch_hz / RATE_HZ, (near + 0.03) / n**0.3))
    tones = sorted(tones, key=lambda tone: -tone[1])[:6]
    return [
        _swell(i, count) * sum(loud * math.sin(step * i) for step, loud in tones)
        for i in range(count)
    ]


def _hiss(letter, count):
    chance = random.Random(letter)
    return [0.12 * _swell(i, count) * chance.uniform(-1, 1) for i in range(count)]


def _swell(i, count):
    """In and out without a click."""
    return math.sin(math.pi * (i + 0.5) / count) ** 0.6
