"""The whole of a clip or sound, decoded and thrown away: damage anywhere in it is found.

Memory stays that of a few frames. Decoding a clip takes a fifth of the time that encoding it took,
a third where it is all noise.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

_THREADS = min(4, os.cpu_count() or 1)  # more gain little, and each holds frames

# Decoders that patch damage over and say nothing unless told to stop at it. For the others their
# marks on frames are enough, and being strict would refuse what every player shows.
STRICT = {
    "mjpeg": {"err_detect": "crccheck+bitstream+buffer+explode"},
    "flac": {"err_detect": "crccheck+explode"},
}

# A clip or sound that unfolds to this much must have a byte for so many pixels or samples. Black
# pictures in 4K have one for 70,000 pixels, silence in FLAC one for 2,000 samples.
_LARGE = {"video": 200_000_000_000, "audio": 1_000_000_000}  # a day's 720p; six hours of sound
_UNFOLDED_A_BYTE = {"video": 100_000, "audio": 5_000}

_caller_left: ContextVar[threading.Event | None] = ContextVar("caller_left", default=None)


class Abandoned(Exception):
    """Nobody waits for the file any more."""


@contextmanager
def ending_with_caller() -> Iterator[None]:
    """Let the decoding that is going on in threads started within end when the block is left.

    A thread cannot be cancelled, and a long clip takes minutes.
    """
    left = threading.Event()
    token = _caller_left.set(left)
    try:
        yield
    finally:
        left.set()
        _caller_left.reset(token)


def abandon_decoding() -> None:
    """End it now, for a caller that goes but first waits for its thread."""
    left = _caller_left.get()
    if left is not None:
        left.set()


@dataclass
class Seen:
    """What reading a stream found; times in its time base.

    Args:
        packets: How many.
        frames: How many were decoded.
        samples: How many, of a sound, for each channel.
        rotation_deg: The counter-clockwise turn that the first frame's display matrix tells.
    """

    packets: int = 0
    size_bytes: int = 0
    start: int | None = None
    end: int | None = None
    frames: int = 0
    samples: int = 0
    unfolded: int = 0
    rotation_deg: int = 0
    shown_until: int | None = None

    def add_packet(self, packet: Any) -> None:
        self.packets += 1
        self.size_bytes += packet.size
        if packet.pts is None:
            return
        end = packet.pts + (packet.duration or 0)
        self.start = packet.pts if self.start is None else min(self.start, packet.pts)
        self.end = end if self.end is None else max(self.end, end)

    def add_frame(self, frame: Any, kind: str) -> None:
        if kind == "video":
            self.unfolded += frame.width * frame.height
            if not self.frames:
                self.rotation_deg = int(frame.rotation)
        else:
            self.samples += frame.samples
            self.unfolded += frame.samples * len(frame.layout.channels)
        self.frames += 1
        if frame.pts is not None:
            self.shown_until = frame.pts


class DamagedStream(ValueError):
    """Damage, with the time at which it lies."""


def decode_whole(
    container: Any, streams: list[Any], max_pixels: int, *, keys_only: bool = False
) -> dict[int, Seen]:
    """Decode every packet of the streams, and read those of the others; by stream index.

    Args:
        keys_only: Of pictures decode the key frames alone, and read all packets.

    Raises:
        DamagedStream: A part cannot be decoded, or only with gaps filled by guesses.
        Abandoned: The caller has gone.
        av.FFmpegError: The container is damaged.
    """
    seen = {stream.index: Seen() for stream in container.streams}
    for stream in streams:
        context = stream.codec_context
        context.thread_type, context.thread_count = "AUTO", _THREADS
        options = dict(STRICT.get(context.name, {}))
        if stream.type == "video":
            # A frame may be larger than the headers say. Smoothing blocks finds nothing.
            options |= {"max_pixels": str(max_pixels), "skip_loop_filter": "all"}
            context.options = options
            context.skip_frame = "NONKEY" if keys_only else "DEFAULT"
        elif options:
            context.options = options
    left = _caller_left.get()
    wanted = {stream.index for stream in streams}
    for packet in container.demux():
        if left is not None and left.is_set():
            raise Abandoned
        counted = seen[packet.stream.index]
        if packet.size and not packet.is_discard:  # no size: the flush at the end
            counted.add_packet(packet)
        if packet.stream.index in wanted:
            _decode(packet, counted)
    for stream in streams:
        if not seen[stream.index].frames:
            raise DamagedStream(f"no frame of its {stream.type} could be decoded")
    return seen


def _decode(packet: Any, seen: Seen) -> None:
    from av import FFmpegError

    stream = packet.stream
    try:
        # Of sound it says nothing: a WAV that was written before its length was known ends so.
        if packet.is_corrupt and stream.type == "video":
            raise ValueError("a packet is cut off")
        for frame in packet.decode():
            if frame.is_corrupt:
                raise ValueError("a picture has parts that were guessed")
            seen.add_frame(frame, stream.type)
    except (FFmpegError, ValueError) as error:
        at = packet.pts if packet.pts is not None else seen.shown_until
        where = "" if at is None else f"at {float(at * stream.time_base):.1f} s: "
        said = str(getattr(error, "strerror", None) or error)
        said = "its data make no sense" if said.startswith("Error number") else said
        raise DamagedStream(f"{where}{said}") from error
    if seen.unfolded > _LARGE[stream.type]:
        if seen.unfolded > seen.size_bytes * _UNFOLDED_A_BYTE[stream.type]:
            raise Unfolding(stream.type)


class Unfolding(ValueError):
    """A small file that unfolds to more than a real one could hold."""
