"""Values of options on the command line: what was typed, as a number; argparse tells what is wrong."""

import argparse
import math
import re

_UNITS = {"": 1, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
_UNITS |= {"KI": 2**10, "MI": 2**20, "GI": 2**30, "TI": 2**40}


def port(text: str) -> int:
    """A port; 0 stands for any free one."""
    if not text.isascii() or not text.isdigit() or int(text[:9]) > 65535:
        raise argparse.ArgumentTypeError(f'expected a port from 0 to 65535, got "{text}"')
    return int(text)


def rate(text: str) -> int:
    """Requests a minute, such as 120/min."""
    number = text.strip().removesuffix("/min")
    if not number.isascii() or not number.isdigit() or not 0 < int(number[:9]):
        raise argparse.ArgumentTypeError(f'expected a rate such as 120/min, got "{text}"')
    return int(number[:9])


def size(text: str) -> int:
    """Bytes, written such as 20GB (thousands) or 500MiB (1024s)."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?I?)B?\s*", text.upper())
    if match is None or match[2] not in _UNITS:
        raise argparse.ArgumentTypeError(f'expected a size such as 20GB or 500MiB, got "{text}"')
    return int(float(match[1]) * _UNITS[match[2]])


def count(text: str) -> int:
    """A whole number from 0."""
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f'expected a whole number from 0, got "{text}"')
    return int(text[:18])


def positive(text: str) -> int:
    """A whole number from 1."""
    if not text.isascii() or not text.isdigit() or int(text[:18]) == 0:
        raise argparse.ArgumentTypeError(f'expected a whole number from 1, got "{text}"')
    return int(text[:18])


def days(text: str) -> float:
    """Days from 0; parts of one too."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise argparse.ArgumentTypeError(f'expected a number of days from 0, got "{text}"')
    return number
