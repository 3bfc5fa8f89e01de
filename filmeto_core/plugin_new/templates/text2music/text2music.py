"""text2music: a plucked melody over a bass, in four chords that come again."""

import math
import random

from filmeto_plugin import Output, PluginError
from wav_file import write_wav

RATE_HZ = 22050
FADE_S = 0.6  # at the end
MAJOR, MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
CHORDS = ((0, 4, 5, 3), (0, 5, 3, 4), (0, 3, 0, 4))  # steps of the scale, one chord a bar
TEMPI = {"slow": 66, "calm": 72, "fast": 132, "quick": 126}  # beats a minute


def text2music(call):
    """Compose and play one piece of exactly the asked length."""
    wanted = call.parameters
    if not wanted["prompt"].strip():
        raise PluginError("the prompt is empty; say what it is like", code="empty_prompt")
    total = round(wanted["duration_s"] * RATE_HZ)
    samples = [0.0] * total
    notes = list(composed(wanted["prompt"].lower(), wanted["seed"], wanted["duration_s"]))
    for i, (start_s, pitch, loud, length_s) in enumerate(notes):
        call.check_cancelled()  # ends the call here if its caller gave up
        call.progress(90 * i / len(notes), f"note {i + 1} of {len(notes)}")
        pluck(samples, start_s, pitch, loud, length_s)
    fade = min(total, int(FADE_S * RATE_HZ))
    for i in range(fade):
        samples[total - 1 - i] *= i / fade
    path = call.output("music.wav")
    write_wav(path, samples, RATE_HZ)
    call.progress(100, "saved")
    return Output(path, "audio/wav", {"duration_s": total / RATE_HZ, "seed": wanted["seed"]})


def composed(prompt, seed, duration_s):
    """Notes: when, which (semitones above A2), how loud, how long; chance is the seed's alone."""
    chance = random.Random(f"{prompt}|{seed}")
    scale = MINOR if any(w in prompt for w in ("sad", "dark", "night", "忧")) else MAJOR
    tempo = next((t for word, t in TEMPI.items() if word in prompt), 96)
    beat_s, key = 60 / tempo, chance.randrange(12)
    chords, step, start_s, beat = chance.choice(CHORDS), 7, 0.0, 0

    def pitch(degree):
        return key + scale[degree % 7] + 12 * (degree // 7)

    while start_s < duration_s:
        chord = chords[beat // 4 % 4]
        if beat % 2 == 0:
            yield start_s, pitch(chord), 0.8, beat_s * 2
        for half in range(2):
            if chance.random() < (0.9 if half == 0 else 0.5):
                near = [chord + 7 + third for third in (0, 2, 4, 7)]
                step = min(near, key=lambda n: abs(n - step) + chance.uniform(0, 3))
                yield start_s + half * beat_s / 2, pitch(step), 0.55, beat_s
        start_s, beat = start_s + beat_s, beat + 1


def pluck(samples, start_s, pitch, loud, length_s):
    """Add a note that dies away, its overtones sooner."""
    step = 2 * math.pi * 110 * 2 ** (pitch / 12) / RATE_HZ
    first = int(start_s * RATE_HZ)
    count = min(int(length_s * 1.5 * RATE_HZ), len(samples) - first)
    for i in range(count):
        t = i / RATE_HZ
        tone = math.sin(step * i) + 0.4 * math.exp(-4 * t) * math.sin(2 * step * i)
        swell = min(1, i / 80) * math.exp(-3 * t) * (1 - i / count)
        samples[first + i] += loud * swell * tone
