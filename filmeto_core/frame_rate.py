"""Frame rates as exact fractions: read from what people write, written as "24000/1001"."""

import re
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

SLOWEST = 1
FASTEST = 120
# Keeps a rate within the 32-bit time scale of an MP4 track, with room to multiply.
MAX_DENOMINATOR = 100_000

_FRACTION = re.compile(r"\s*(\d{1,9})\s*/\s*(\d{1,9})\s*")
_DECIMAL = re.compile(r"\s*(\d{1,9})(?:\.(\d{0,9}))?\s*")

_EXPECTED = f"a frame rate from {SLOWEST} to {FASTEST}: 24, 29.97 or 24000/1001"


def parse_frame_rate(value: Any) -> Fraction:
    """The exact frame rate: an integer, a decimal, or a fraction such as 24000/1001.

    A decimal that is a rounded or cut-off NTSC rate means that rate: 23.976 and 23.98 are
    24000/1001, 29.97 is 30000/1001, 59.94 is 60000/1001.

    >>> parse_frame_rate("29.97")
    Fraction(30000, 1001)
    >>> parse_frame_rate(12.5)
    Fraction(25, 2)

    Raises:
        ValueError: It is no frame rate, or out of range.

    Source: SMPTE ST 12-1 (frame rates of N x 1000/1001).
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str | Fraction):
        raise ValueError(f"must be {_EXPECTED}")
    text = str(value)
    if match := _FRACTION.fullmatch(text):
        if not int(match[2]):
            raise ValueError(f"must be {_EXPECTED}; this divides by zero")
        rate = Fraction(int(match[1]), int(match[2]))
    elif match := _DECIMAL.fullmatch(text):
        rate = _from_decimal(match[1], match[2] or "")
    else:
        raise ValueError(f"must be {_EXPECTED}")
    if not SLOWEST <= rate <= FASTEST or rate.denominator > MAX_DENOMINATOR:
        raise ValueError(f"must be {_EXPECTED}")
    return rate


def _from_decimal(whole: str, decimals: str) -> Fraction:
    rate = Fraction(f"{whole}.{decimals or 0}")
    if len(decimals) < 2 or rate.denominator == 1:
        return rate
    ntsc = Fraction(round(rate * 1001 / 1000) * 1000, 1001)
    return ntsc if abs(rate - ntsc) < Fraction(1, 10 ** len(decimals)) else rate


def frame_rate_text(rate: Fraction) -> str:
    """The rate as ffmpeg and storyboards write it: "24" or "24000/1001"."""
    return str(rate)


FrameRate = Annotated[
    Fraction,
    BeforeValidator(parse_frame_rate),
    PlainSerializer(frame_rate_text, return_type=str),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}]}),
]
