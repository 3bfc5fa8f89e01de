"""The values of SSML's attributes: rates, pitches, volumes, times, as numbers with a unit."""

import re
from dataclasses import dataclass

_RATES = {"x-slow": 0.5, "slow": 0.75, "medium": 1.0, "fast": 1.3, "x-fast": 1.7, "default": 1.0}
_PITCHES = {"x-low": -5.0, "low": -2.5, "medium": 0.0, "high": 2.5, "x-high": 5.0, "default": 0.0}
_VOLUMES = {"x-soft": -12.0, "soft": -6.0, "medium": 0.0, "loud": 4.0, "x-loud": 6.0}
_VOLUMES |= {"default": 0.0, "silent": -120.0}
_BREAKS = {"none": 0.0, "x-weak": 0.1, "weak": 0.2, "medium": 0.4, "strong": 0.75, "x-strong": 1.2}
# level: (rate, pitch in semitones, volume in dB), about what a speaker does who stresses a word
_LEVELS = {"strong": (0.85, 2.0, 3.0), "moderate": (0.92, 1.0, 1.5), "none": (1.0, 0.0, 0.0)}
_LEVELS |= {"reduced": (1.1, -1.0, -3.0)}
LONGEST_PAUSE_S = 60.0
RATE_BOUNDS, PITCH_BOUND, LOUDEST_DB = (0.3, 3.0), 12.0, 12.0


class WrongValueError(ValueError):
    """An attribute's value cannot be read; the message says what was expected and what it got."""


@dataclass(frozen=True)
class Manner:
    """How something is said, beside the voice.

    Args:
        rate: 2.0 is twice as fast.
        pitch_semitones: Above (or below) the voice's own.
        volume_db: Louder (or softer) than the rest; -120 is silent.
    """

    rate: float = 1.0
    pitch_semitones: float = 0.0
    volume_db: float = 0.0


PLAIN = Manner()


def manner_within(outer, tag, given):
    """The manner in <prosody> or <emphasis>, on top of what holds around it."""
    if tag == "emphasis":
        level = given.get("level", "moderate")
        rate, pitch, volume = _named(_LEVELS, "level", level)
    else:
        rate = _rate(given["rate"]) if "rate" in given else 1.0
        pitch = _pitch(given["pitch"]) if "pitch" in given else 0.0
        volume = _volume(given["volume"]) if "volume" in given else 0.0
        if not given:
            raise WrongValueError("needs a rate, a pitch or a volume")
    manner = Manner(
        round(outer.rate * rate, 4),
        round(outer.pitch_semitones + pitch, 3),
        max(-120.0, round(outer.volume_db + volume, 2)),
    )
    low, high = RATE_BOUNDS
    if not low <= manner.rate <= high:
        raise WrongValueError(f"rate: {manner.rate:.0%} in all; expected {low:.0%} to {high:.0%}")
    if abs(manner.pitch_semitones) > PITCH_BOUND:
        raise WrongValueError(
            f"pitch: {manner.pitch_semitones:+g}st in all; expected at most {PITCH_BOUND:g}st"
        )
    if manner.volume_db > LOUDEST_DB:
        raise WrongValueError(
            f"volume: {manner.volume_db:+g}dB in all; expected at most +{LOUDEST_DB:g}dB"
        )
    return manner


def pause_s(given):
    """Seconds of <break>, whose time goes before its strength."""
    if "time" in given:
        match = re.fullmatch(r"\+?(\d+(?:\.\d*)?|\.\d+)(ms|s)", given["time"].strip())
        if not match:
            raise WrongValueError(f"time: expected such as 500ms or 1.5s, got {given['time']!r}")
        seconds = float(match[1]) / (1000 if match[2] == "ms" else 1)
        if seconds > LONGEST_PAUSE_S:
            raise WrongValueError(f"time: expected at most {LONGEST_PAUSE_S:g}s, got {seconds:g}s")
        return seconds
    return _named(_BREAKS, "strength", given.get("strength", "medium"))


def _named(table, name, value):
    if value.strip() not in table:
        raise WrongValueError(f"{name}: expected one of {', '.join(table)}; got {value!r}")
    return table[value.strip()]


def _rate(text):
    text = text.strip()
    if text in _RATES:
        return _RATES[text]
    match = re.fullmatch(r"([+-]?)(\d+(?:\.\d+)?)(%?)", text)
    if not match or match[1] and not match[3]:
        names = ", ".join(_RATES)
        raise WrongValueError(f"rate: expected {names}, or such as 80% or +20%; got {text!r}")
    number = float(match[2]) / (100 if match[3] else 1)
    if match[1]:
        number = 1 + number if match[1] == "+" else 1 - number
    if number <= 0:
        raise WrongValueError(f"rate: expected more than 0, got {text!r}")
    return number


def _pitch(text):
    text = text.strip()
    if text in _PITCHES:
        return _PITCHES[text]
    if match := re.fullmatch(r"([+-]\d+(?:\.\d+)?)st", text):
        return float(match[1])
    if match := re.fullmatch(r"([+-]\d+(?:\.\d+)?)%", text):
        from math import log2

        ratio = 1 + float(match[1]) / 100
        if ratio > 0:
            return 12 * log2(ratio)
    names = ", ".join(_PITCHES)
    hertz = "; Hz are not taken, since voices differ" if text.lower().endswith("hz") else ""
    raise WrongValueError(f"pitch: expected {names}, or such as +2st or -10%; got {text!r}{hertz}")


def _volume(text):
    text = text.strip()
    if text in _VOLUMES:
        return _VOLUMES[text]
    if match := re.fullmatch(r"([+-]\d+(?:\.\d+)?)dB", text):
        return float(match[1])
    names = ", ".join(_VOLUMES)
    raise WrongValueError(f"volume: expected {names}, or such as +3dB or -6dB; got {text!r}")
