"""A sentence made fit to be joined: silence cut off both ends, faded, as 16-bit PCM."""

from array import array

import numpy as np

_WINDOW_S, _QUIET_DB = 0.01, -42.0  # under the loudest window by this much: silence
_KEEP_BEFORE_S, _KEEP_AFTER_S, _FADE_S = 0.02, 0.06, 0.008


def trim(sound, sample_rate_hz):
    """(sound, cut): without the silence at its ends, and the samples cut off its front.

    Args:
        sound: float32, mono, (samples,), full scale 1.0.
    """
    size = int(_WINDOW_S * sample_rate_hz)
    count = -(-len(sound) // size)
    padded = np.zeros(count * size)
    padded[: len(sound)] = sound
    levels = np.sqrt(np.mean(padded.reshape(count, size) ** 2, axis=1))
    if not count or levels.max() <= 1e-5:
        return sound[:0], 0
    heard = np.flatnonzero(levels > levels.max() * 10 ** (_QUIET_DB / 20))
    start = max(0, heard[0] * size - int(_KEEP_BEFORE_S * sample_rate_hz))
    end = min(len(sound), (heard[-1] + 1) * size + int(_KEEP_AFTER_S * sample_rate_hz))
    cut = sound[start:end].copy()
    fade = min(int(_FADE_S * sample_rate_hz), len(cut) // 2)
    ramp = (0.5 - 0.5 * np.cos(np.pi * np.arange(fade) / max(1, fade))).astype(np.float32)
    cut[:fade] *= ramp
    cut[len(cut) - fade :] *= ramp[::-1]
    return cut, start


def pcm(sound):
    """array("h") of the sound."""
    return array("h", np.round(np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
