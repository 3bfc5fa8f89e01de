"""Writes WAV files with the standard library."""

import sys
import wave
from array import array

PEAK = 0.7  # of full scale; the rest is room for whoever mixes it


def write_wav(path, samples, rate_hz):
    """Write a sound, brought to an even peak: mono, 16 bits.

    Args:
        path: The file.
        samples: Numbers around zero, of any size.
        rate_hz: How many of them are a second.
    """
    loudest = max(map(abs, samples), default=0) or 1
    scale = PEAK * 32767 / loudest
    data = array("h", (int(sample * scale) for sample in samples))
    if sys.byteorder == "big":  # WAV is little-endian
        data.byteswap()
    with wave.open(path, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(data.tobytes())
