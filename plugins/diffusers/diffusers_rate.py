"""Frame rates as exact fractions, and what follows from them: frame counts, time scales, key frames.

Knows nothing of pictures or encoders.
"""

import re
from fractions import Fraction

_NTSC_NOMINAL = (24, 30, 48, 60, 120)  # the rates that television slowed down by 1000/1001
_SNAP_HZ = Fraction(5, 1000)  # people write 23.98, 23.976 or 23.976024 for 24000/1001
_LOWEST, _HIGHEST = Fraction(1), Fraction(240)
_MAX_NUMERATOR = 1_000_000  # keeps the track's time scale and its 32-bit times in range
_MIN_TIMESCALE = 10_000  # ffmpeg's own floor for MP4 video tracks
_FORM = re.compile(r"\s*(\d{1,9})(?:\.(\d{1,9})|\s*/\s*(\d{1,9}))?\s*")


def parse_rate(text):
    """The exact frame rate that a text such as "24", "23.976" or "24000/1001" means.

    Args:
        text: An integer, a decimal or a fraction, in frames a second. Decimals near an NTSC rate
            (23.976, 23.98, 29.97, 47.95, 59.94, 119.88) become that rate exactly.

    Returns:
        The rate as a Fraction.

    Raises:
        ValueError: It is no such text, or the rate is outside 1 to 240.
    """
    match = _FORM.fullmatch(str(text))
    if match is None:
        raise ValueError(f"fps is {text!r}; expected a number such as 24, 29.97 or 24000/1001")
    whole, decimals, denominator = match.groups()
    if denominator is not None and int(denominator) == 0:
        raise ValueError(f"fps is {text!r}: the denominator is zero")
    rate = Fraction(int(whole), int(denominator or 1))
    if decimals is not None:
        rate = _snapped(rate + Fraction(int(decimals), 10 ** len(decimals)))
    if not _LOWEST <= rate <= _HIGHEST:
        raise ValueError(f"fps is {text!r}; expected 1 to 240 frames a second")
    if rate.numerator > _MAX_NUMERATOR:
        raise ValueError(f"fps is {text!r}: too fine a fraction; expected one such as 24000/1001")
    return rate


def _snapped(rate):
    for nominal in _NTSC_NOMINAL:
        ntsc = Fraction(nominal * 1000, 1001)
        if abs(rate - ntsc) < _SNAP_HZ:
            return ntsc
    return rate


def frame_count(duration_s, rate):
    """How many frames last `duration_s` seconds at `rate`: rounded, at least 1."""
    # By way of its text, so that 0.1 s is a tenth and not the double just above it.
    return max(1, round(Fraction(str(duration_s)) * rate))


def rate_text(rate):
    """The rate as "24" or "24000/1001", as ffmpeg and the metadata write it."""
    return str(rate)


def timescale(rate):
    """Ticks a second of the MP4 track, so that every frame lasts a whole number of them."""
    ticks = rate.numerator
    while ticks < _MIN_TIMESCALE:
        ticks *= 2
    return ticks


def key_interval(rate):
    """Frames from one key frame to the next: half a second, so that joins re-encode little."""
    return max(1, round(rate / 2))
