"""What a clip's packets allow: where its groups of pictures begin, and where it may be cut.

Only reads headers and time stamps; decodes nothing.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av

from filmeto_core.errors import AssemblyError
from filmeto_core.film.reader import reader_of

_PROGRESSIVE = 1  # AV_FIELD_PROGRESSIVE; what is above it is interlaced


@dataclass(frozen=True)
class ClipIndex:
    """A clip whose frames are numbered 0, 1, 2 ... at the film's rate, and can be copied.

    Args:
        frames: How many there are (no more than were asked for).
        keys: The frames at which a closed group of pictures begins.
        cuts: The numbers n for which the first n packets hold just the frames 0 to n - 1.
    """

    path: Path
    frames: int
    keys: tuple[int, ...]
    cuts: tuple[int, ...]

    def first_key(self, frame: int) -> int | None:
        """The first key frame at or after `frame`."""
        return next((key for key in self.keys if key >= frame), None)

    def last_cut(self, frame: int) -> int:
        """The last clean cut at or before `frame`."""
        return max(cut for cut in self.cuts if cut <= frame)


@dataclass(frozen=True)
class ClipFacts:
    """What a clip's headers tell."""

    codec: str
    width_px: int
    height_px: int
    pixel_format: str
    extradata: bytes
    transfer: int
    matrix: int
    interlaced: bool
    has_sound: bool


def read_facts(path: Path, shot: str | None = None) -> ClipFacts:
    """The facts of a clip.

    Raises:
        AssemblyError: It cannot be opened, or holds no picture.
    """
    try:
        with av.open(str(path), format=reader_of(path)) as container:
            if not container.streams.video:
                raise AssemblyError(
                    f"the clip {path} holds no picture.",
                    hint="Give a video file, or make the shot again.",
                    shot=shot,
                )
            stream = container.streams.video[0]
            context = stream.codec_context
            return ClipFacts(
                codec=context.name,
                width_px=context.width,
                height_px=context.height,
                pixel_format=context.pix_fmt or "",
                extradata=bytes(context.extradata or b""),
                transfer=int(context.color_trc or 0),
                matrix=int(context.colorspace or 0),
                interlaced=int(context.field_order or 0) > _PROGRESSIVE,
                has_sound=bool(container.streams.audio),
            )
    except (av.FFmpegError, OSError) as error:
        raise unreadable(path, error, shot) from error


def has_sound(path: Path, shot: str | None = None) -> bool:
    """Whether a file holds any sound.

    Raises:
        AssemblyError: It cannot be opened.
    """
    try:
        with av.open(str(path), format=reader_of(path)) as container:
            return bool(container.streams.audio)
    except (av.FFmpegError, OSError) as error:
        raise unreadable(path, error, shot) from error


def unreadable(path: Path, error: Exception, shot: str | None) -> AssemblyError:
    """The error of a media file that cannot be opened or read."""
    reason = getattr(error, "strerror", None) or error
    return AssemblyError(
        f"the file {path} cannot be read: {reason}.",
        hint="Check that the file is there and plays; replace it, or make the shot again.",
        shot=shot,
    )


def is_turned(path: Path) -> bool:
    """Whether players turn the picture, as the first frame's side data says."""
    with av.open(str(path), format=reader_of(path)) as container:
        return any(frame.rotation for frame in islice(container.decode(video=0), 1))


def index_clip(path: Path, rate: Fraction, wanted: int) -> ClipIndex | None:
    """The index of a clip's first frames, or None when they are not exactly one a frame time.

    Args:
        path: An H.264 clip.
        rate: The film's frames a second.
        wanted: How many frames the film needs of it.
    """
    order: list[int] = []  # the frame numbers in the order of their packets
    keys: list[int] = []
    with av.open(str(path), format=reader_of(path)) as container:
        stream = container.streams.video[0]
        for packet in container.demux(stream):
            if packet.pts is None:
                continue  # the demuxer's end mark
            frame = packet.pts * packet.time_base * rate
            if packet.is_discard or packet.is_corrupt or frame.denominator != 1:
                return None
            if packet.is_keyframe and int(frame) == len(order):
                if len(order) >= wanted:
                    break
                keys.append(int(frame))
            order.append(int(frame))
    if len(order) < wanted or sorted(order) != list(range(len(order))):
        return None
    clean = set(cuts := _clean_cuts(order))
    closed = tuple(key for key in keys if key in clean)
    return ClipIndex(path, len(order), closed, tuple(cuts))


def _clean_cuts(order: list[int]) -> list[int]:
    """The counts of packets after which no frame is missing before the highest."""
    cuts, highest = [0], -1
    for count, frame in enumerate(order, 1):
        highest = max(highest, frame)
        if highest == count - 1:
            cuts.append(count)
    return cuts
