"""How loud a sound is from its beginning to its end, for drawing: its peaks, in bars."""

import threading
from array import array
from collections import OrderedDict
from pathlib import Path
from typing import NamedTuple

from pydantic import Field

from filmeto_core.errors import ResourceProcessingError
from filmeto_core.media import probe
from filmeto_core.signature import demuxer
from filmeto_core.types import Model

RATE_HZ = 8000  # speech keeps its shape at it, and ten minutes take a tenth of a second
WINDOW = 80  # samples that one kept peak stands for: 10 ms
MOST_BARS = 2000
REMEMBERED = 64  # sounds whose peaks are kept in memory
_FULL_SCALE = 32768.0


class Waveform(Model):
    """A sound's peaks."""

    peaks: list[float] = Field(description="0 to 1, of equal lengths of time")
    duration_s: float


class _Peaks(NamedTuple):
    peaks: array
    samples: int


class Waveforms:
    """Reads sounds; the last of them it remembers by their digests."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, _Peaks] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, path: Path, name: str, bars: int) -> Waveform:
        """A sound's waveform.

        Args:
            name: What names its content, such as a digest.
            bars: How many peaks.

        Raises:
            ResourceProcessingError: It cannot be read.
        """
        with self._lock:
            known = self._known.get(name)
        if known is None:
            known = _read(path)
            self._remember(name, known)
        return Waveform(peaks=_bars(known.peaks, bars), duration_s=known.samples / RATE_HZ)

    def _remember(self, name: str, peaks: _Peaks) -> None:
        with self._lock:
            self._known[name] = peaks
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)


def _bars(peaks: array, bars: int) -> list[float]:
    """The highest of the peaks within each of so many equal parts."""
    count = len(peaks)
    edges = [i * count // bars for i in range(bars + 1)]
    spans = ((start, max(end, start + 1)) for start, end in zip(edges, edges[1:], strict=False))
    return [round(max(peaks[start:end], default=0) / _FULL_SCALE, 4) for start, end in spans]


def _read(path: Path) -> _Peaks:
    import av  # here: most requests open no sound

    peaks, samples, left = array("i"), 0, array("h")
    reader = demuxer(probe(path, decode=False).mime_type)
    try:
        with av.open(f"file:{path.absolute()}", format=reader) as container:
            resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE_HZ)
            frames = (f for frame in container.decode(audio=0) for f in resampler.resample(frame))
            for frame in frames:
                left.frombytes(bytes(frame.planes[0])[: frame.samples * 2])
                samples += frame.samples
                whole = len(left) - len(left) % WINDOW
                peaks.extend(_peak(left[i : i + WINDOW]) for i in range(0, whole, WINDOW))
                del left[:whole]
    except (av.FFmpegError, IndexError, ValueError) as error:
        raise ResourceProcessingError(
            f"{path.name} has no sound that can be read ({error}).", hint="Make it again."
        ) from error
    if left:
        peaks.append(_peak(left))
    return _Peaks(peaks, samples)


def _peak(samples: array) -> int:
    return max(max(samples), -min(samples))
