"""How loud a sound is, by the ear's measure, and when a voice in it speaks.

Source: ITU-R BS.1770-5 (loudness, true peak); EBU Tech 3341 (momentary loudness over 400 ms).
"""

import re
from dataclasses import dataclass
from pathlib import Path

from filmeto_core.errors import AssemblyError
from filmeto_core.film.envelope import Span
from filmeto_core.film.ffmpeg import quoted

SILENCE_LUFS = -70.0  # what the measure says of silence: its absolute gate

# A voice counts as speaking while its momentary loudness is less than this below its whole.
_SPEAKING_LU = 15.0
_WINDOW_S = 0.4  # momentary loudness looks back so far
_ONSET_S = 0.2  # an onset shows in the window at once, at this age at most
_TAIL_S = 0.3  # an end shows when hardly anything of it is left in the window

_INTEGRATED = re.compile(r"I:\s+(\S+) LUFS")
_PEAK = re.compile(r"Peak:\s+(\S+) dBFS")


@dataclass(frozen=True)
class Loudness:
    """Integrated loudness in LUFS, and true peak in dBTP."""

    integrated: float
    peak: float


@dataclass(frozen=True)
class Heard:
    """A sound's integrated loudness in LUFS, and the spans (seconds) in which it is not silent."""

    integrated: float
    spans: tuple[Span, ...]


def read_summary(stderr: str) -> Loudness:
    """What ffmpeg's ebur128 filter says at its end.

    Raises:
        AssemblyError: It said nothing.
    """
    integrated, peak = _INTEGRATED.findall(stderr), _PEAK.findall(stderr)
    if not integrated:
        raise AssemblyError(
            f"ffmpeg did not say how loud the sound is: {stderr[-300:].strip()}.",
            hint="Make the film again.",
        )
    return Loudness(_number(integrated[-1]), _number(peak[-1]) if peak else float("-inf"))


def _number(text: str) -> float:
    value = float(text)
    return SILENCE_LUFS if value != value else value


def listening_filter(notes: Path) -> str:
    """The filter that writes down a sound's loudness, ten times a second, into `notes`."""
    return f"ebur128=metadata=1:framelog=quiet,ametadata=mode=print:file={quoted(notes)}"


def read_notes(notes: Path) -> Heard:
    """What `listening_filter` wrote."""
    time_s, integrated = 0.0, SILENCE_LUFS
    momentary: list[tuple[float, float]] = []
    with notes.open() as lines:
        for line in lines:
            name, _, value = line.strip().rpartition("=")
            if line.startswith("frame:"):
                time_s = float(line.rpartition("pts_time:")[2])
            elif name == "lavfi.r128.M":
                momentary.append((time_s, _number(value)))
            elif name == "lavfi.r128.I":
                integrated = _number(value)
    return Heard(integrated, tuple(_spans(momentary, integrated - _SPEAKING_LU)))


def _spans(momentary: list[tuple[float, float]], threshold: float) -> list[Span]:
    spans: list[Span] = []
    start: float | None = None
    for time_s, loudness in momentary:
        heard = loudness > max(threshold, SILENCE_LUFS)
        if heard and start is None:
            start = max(0.0, time_s - _ONSET_S)
        elif not heard and start is not None:
            spans.append((start, max(start, time_s - _TAIL_S)))
            start = None
    if start is not None:
        spans.append((start, momentary[-1][0] + _WINDOW_S / 4))
    return spans
