"""Voices made by rule, and what a talking head's mouth and eyes do, measured in decoded frames."""

import wave

import av
import numpy as np

RATE_HZ = 16_000
FORMANTS = {"a": (730, 1090, 2440), "i": (280, 2250, 2900), "u": (310, 870, 2250)}
# Where the mouth and the eyes of a drawn speaker without a hat are, as shares of a 16:9 frame.
MOUTH = np.s_[0.555:0.715, 0.445:0.555]
EYES = np.s_[0.36:0.47, 0.41:0.59]


def vowel(name, seconds, pitch_hz=120.0):
    """A sung vowel: harmonics of a voice, weighed by the vowel's formants."""
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    sound = np.zeros(len(t))
    for hz in np.arange(pitch_hz, 3800, pitch_hz):
        gain = sum(1 / (1 + ((hz - f) / 80) ** 2) / (i + 1) for i, f in enumerate(FORMANTS[name]))
        sound += gain * np.sin(2 * np.pi * hz * t)
    edge = np.minimum(1, np.minimum(t, t[::-1]) / 0.02)
    return 0.5 * edge * sound / np.abs(sound).max()


def voice(*parts):
    """Vowels and silences in a row: ("a", 0.3) is a vowel, ("", 0.2) a silence."""
    return np.concatenate(
        [vowel(name, s) if name else np.zeros(int(s * RATE_HZ)) for name, s in parts]
    )


def write_wav(path, samples, channels=1, rate_hz=RATE_HZ):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        data = np.repeat((samples * 32767).astype("<i2"), channels)
        file.writeframes(data.tobytes())
    return path


def frames_of(path):
    """All frames, int16 RGB, (frames, height, width, 3)."""
    with av.open(str(path)) as clip:
        return np.stack([f.to_ndarray(format="rgb24") for f in clip.decode(video=0)]).astype(
            np.int16
        )


def part(frames, shares):
    """A part of each frame, given in shares of its height and width."""
    h, w = frames.shape[1:3]
    rows, columns = shares
    return frames[
        :, int(rows.start * h) : int(rows.stop * h), int(columns.start * w) : int(columns.stop * w)
    ]


def opening(frames, shares=MOUTH):
    """How much of each frame's mouth shows darkness or teeth, as a share of that part's pixels."""
    mouth = part(frames, shares)
    luma = mouth @ np.array([0.299, 0.587, 0.114])
    return ((luma < 78) | (mouth.min(axis=-1) > 198)).mean(axis=(1, 2))


def loudness(samples, frames, rate, start_s=0.0):
    """The sound's root mean square in the time of each frame of a clip."""
    made = []
    for i in range(frames):
        first, last = ((n / rate - start_s) * RATE_HZ for n in (i, i + 1))
        piece = samples[max(0, int(first)) : max(0, int(last))]
        made.append(np.sqrt((piece**2).mean()) if len(piece) else 0.0)
    return np.array(made)


def lag(one, other, most=8):
    """(by how many frames `one` comes after `other`, how alike they are then: -1 to 1)."""
    found = []
    for shift in range(-most, most + 1):
        a = one[max(0, shift) : len(one) + min(0, shift)]
        b = other[max(0, -shift) : len(other) + min(0, -shift)]
        found.append((float(np.corrcoef(a, b)[0, 1]), shift))
    likeness, shift = max(found)
    return shift, likeness


def blinks(frames, shares=EYES):
    """How many frames each blink lasts: a list, in order."""
    eyes = part(frames, shares).astype(float)
    # Against the frames just before and after, in which the head stands where it stood.
    usual = np.stack([np.median(eyes[max(0, i - 6) : i + 7], axis=0) for i in range(len(eyes))])
    changed = np.abs(eyes - usual).mean(axis=(1, 2, 3))
    shut = np.r_[0, changed > max(4.0, 0.4 * changed.max()), 0].astype(int)
    edges = np.flatnonzero(np.diff(shut))
    return (edges[1::2] - edges[::2]).tolist()
