"""How a head behaves while it speaks: blinks, a slight sway, nods and brows on stress, breath.

All of it follows from the sound and the seed alone.
"""

from dataclasses import dataclass

import numpy as np
from talker_sound import STEP_HZ, level_db, loudness, presence

_CLOSING_S, _CLOSED_S, _OPENING_S = 0.08, 0.05, 0.15  # of a blink
_FIRST_BLINK_S = (0.7, 1.7)
_BLINK_PAUSE_S, _BLINK_SPREAD = 3.2, 0.45  # median between blinks, and the spread of its logarithm
_LEAST_PAUSE_S, _LONGEST_PAUSE_S = 1.1, 7.0
_BREATH_S = 3.9
_SWAY_HZ = (0.11, 0.19, 0.31, 0.47)
_SWAY_ANGLE, _SWAY_RIGHT, _SWAY_DOWN = 0.016, 0.030, 0.014  # radians, eye distances
_AT_REST = 0.45  # how much of the sway is left while nobody speaks
_TURN_S, _SACCADE_S = 0.45, 0.06  # how long the head takes to turn, and the eyes
_GAZE = 0.03  # how far the eyes look aside, eye distances
_STRESS_PAUSE_S = 0.7  # between two raised brows
_STRESS_LEVEL = 0.82  # of a voice's own loudness


@dataclass(frozen=True)
class Manner:
    """What the head does in each frame: float64 arrays over the frames.

    Attributes:
        closed: Lids, 0 open to 1 shut.
        lift: Brows, eye distances.
        angle, right, down: Of the head, radians and eye distances.
        breath: Of the chest, eye distances.
        gaze: Of the eyes to the right, eye distances.
    """

    closed: np.ndarray
    lift: np.ndarray
    angle: np.ndarray
    right: np.ndarray
    down: np.ndarray
    breath: np.ndarray
    gaze: np.ndarray


def manner(samples, times_s, start_s, seed):
    """The manner of a clip.

    Args:
        samples: The voice.
        times_s: The frames' moments on the clip's time.
        start_s: When in the clip the voice begins.
        seed: Another seed, other blinks and movements.
    """
    rng = np.random.default_rng([seed & 0x7FFFFFFF, 41])
    levels = level_db(samples)
    heard = np.asarray(times_s) - start_s
    speaking = np.interp(heard, _steps(levels), _slow(presence(levels), 0.35), left=0, right=0)
    beats = [b + start_s for b in stresses(levels)]
    lively = _AT_REST + (1 - _AT_REST) * speaking
    sway = [_waves(times_s, rng) * lively for _ in range(3)]
    nods = sum((_bump(times_s, b, 0.22) for b in beats), np.zeros(len(times_s)))
    brows = sum((_bump(times_s, b - 0.05, 0.3) for b in beats), np.zeros(len(times_s)))
    turns = np.interp(times_s, *_glances(times_s, rng, _TURN_S))
    return Manner(
        closed=blinks(times_s, rng),
        lift=0.065 * brows.clip(0, 1) + 0.012 * sway[2],
        angle=_SWAY_ANGLE * (sway[0] + 0.6 * turns),
        right=_SWAY_RIGHT * (sway[1] + 0.8 * turns),
        down=_SWAY_DOWN * sway[2] + 0.03 * nods.clip(0, 1.2),
        gaze=_GAZE * np.interp(times_s, *_glances(times_s, rng, _SACCADE_S)),
        breath=0.02 * np.sin(2 * np.pi * (np.asarray(times_s) / _BREATH_S + rng.random())),
    )


def blinks(times_s, rng):
    """How far the lids are closed at each moment, 0 to 1."""
    closed, at = np.zeros(len(times_s)), rng.uniform(*_FIRST_BLINK_S)
    while len(times_s) and at < times_s[-1]:
        shut, opening = at + _CLOSING_S, at + _CLOSING_S + _CLOSED_S
        course = np.interp(times_s, [at, shut, opening, opening + _OPENING_S], [0, 1, 1, 0])
        closed = np.maximum(closed, course * course * (3 - 2 * course))
        pause = _BLINK_PAUSE_S * np.exp(rng.normal(0, _BLINK_SPREAD))
        at += float(np.clip(pause, _LEAST_PAUSE_S, _LONGEST_PAUSE_S))
    return closed


def stresses(levels):
    """When the voice is stressed: its loudest moments, in seconds of the sound."""
    course = _slow(loudness(levels) * presence(levels), 0.06)
    peaks = np.flatnonzero(
        (course[1:-1] >= course[:-2]) & (course[1:-1] > course[2:]) & (course[1:-1] > _STRESS_LEVEL)
    )
    taken = []
    for peak in sorted(peaks + 1, key=lambda p: -course[p]):
        if all(abs(peak - other) > _STRESS_PAUSE_S * STEP_HZ for other in taken):
            taken.append(int(peak))
    return [p / STEP_HZ for p in sorted(taken)]


def _steps(levels):
    return np.arange(len(levels)) / STEP_HZ


def _slow(values, spread_s):
    reach = int(3 * spread_s * STEP_HZ)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / (spread_s * STEP_HZ)) ** 2)
    return np.convolve(np.pad(values, reach), kernel / kernel.sum(), "valid")


def _waves(times_s, rng):
    """A slow movement that does not repeat, about -1 to 1."""
    phases = rng.uniform(0, 2 * np.pi, len(_SWAY_HZ))
    weights = rng.uniform(0.5, 1, len(_SWAY_HZ)) / np.arange(1, len(_SWAY_HZ) + 1) ** 0.5
    at = 2 * np.pi * np.asarray(times_s)[:, None] * np.array(_SWAY_HZ)
    return np.sin(at + phases) @ weights / weights.sum() * 1.6


def _glances(times_s, rng, move_s):
    """Small turns, each made in `move_s` and held for a while: (moments, values) to go between."""
    moments, values, at, value = [0.0], [0.0], 0.0, 0.0
    while len(times_s) and at < times_s[-1]:
        at += rng.uniform(0.9, 2.6)
        moments += [at, at + move_s]
        values += [value, value := rng.uniform(-1, 1)]
    return moments, values


def _bump(times_s, at, spread_s):
    return np.exp(-0.5 * ((np.asarray(times_s) - at) / (spread_s / 2)) ** 2)
