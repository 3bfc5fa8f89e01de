"""Chance without state: numbers that depend on their keys alone, so that any frame can be drawn first.

A particle's n-th life draws its numbers from (seed, particle, life, what for); the same keys give the
same number on every machine.
"""

import numpy as np

_GOLDEN = np.uint32(0x9E3779B9)


def chance(*keys):
    """Even numbers from 0 to 1, one for each combination of the keys (integers or arrays of them).

    Source: the finaliser of MurmurHash3 (public domain), applied key by key.
    """
    mixed = np.uint32(0x85EBCA6B)
    with np.errstate(over="ignore"):
        for key in keys:
            mixed = _stirred(mixed ^ (np.asarray(key).astype(np.uint32) * _GOLDEN + _GOLDEN))
    return mixed / np.float64(2**32)


def _stirred(h):
    h = h ^ (h >> np.uint32(16))
    h = h * np.uint32(0x85EBCA6B)
    h = h ^ (h >> np.uint32(13))
    h = h * np.uint32(0xC2B2AE35)
    return h ^ (h >> np.uint32(16))


def lives(t, count, length, seed):
    """Where `count` particles are in their lives at second t.

    Args:
        t: Seconds.
        length: How long a life lasts, seconds; a number or an array.
        seed: An integer.

    Returns:
        (age 0 to 1, number of the life, index), arrays of `count`. Lives begin evenly spread.
    """
    index = np.arange(count)
    whole = t / length + (index + chance(seed, index, 901)) / count
    life = np.floor(whole)
    return whole - life, life.astype(np.int64) + 1000, index
