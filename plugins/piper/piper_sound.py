"""Raw sentences made fit to be joined: trimmed, faded, without clicks.

Sound is float32, mono, shape (samples,), full scale 1.0.
"""

import numpy as np

_WINDOW_S = 0.01
_QUIET_DB = -42.0  # under the sentence's loudest window by this much: silence
_KEEP_BEFORE_S, _KEEP_AFTER_S = 0.02, 0.06  # breath and release around what is heard
_FADE_S = 0.008


def trim(sound, sample_rate_hz):
    """Cut silence off both ends and fade what is left in and out.

    Returns:
        (sound, cut): the trimmed sound and the samples that were cut off its front.
    """
    size = max(1, int(_WINDOW_S * sample_rate_hz))
    levels = _window_rms(sound, size)
    if not len(levels) or levels.max() <= 1e-5:
        return sound[:0], 0
    heard = np.flatnonzero(levels > levels.max() * 10 ** (_QUIET_DB / 20))
    start = max(0, heard[0] * size - int(_KEEP_BEFORE_S * sample_rate_hz))
    end = min(len(sound), (heard[-1] + 1) * size + int(_KEEP_AFTER_S * sample_rate_hz))
    cut = sound[start:end].copy()
    fade = min(int(_FADE_S * sample_rate_hz), len(cut) // 2)
    ramp = 0.5 - 0.5 * np.cos(np.pi * np.arange(fade, dtype=np.float32) / max(1, fade))
    cut[:fade] *= ramp
    cut[len(cut) - fade :] *= ramp[::-1]
    return cut, start


def pcm(sound):
    """The sound as bytes of 16-bit PCM."""
    return np.round(np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes()


def _window_rms(sound, size):
    count = -(-len(sound) // size)
    padded = np.zeros(count * size, dtype=np.float64)
    padded[: len(sound)] = sound
    return np.sqrt(np.mean(padded.reshape(count, size) ** 2, axis=1)) if count else padded
