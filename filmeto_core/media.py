"""What a file is, told from its content, and decoded before it is trusted.

`sniff` reads the first bytes, `probe` opens the file with the one reader that these bytes name:
no playlist, script or vector format is ever opened, whatever the file's ending says. Pictures go
through Pillow, clips and sounds through PyAV; both are imported when first needed.
"""

import importlib
import os
import stat
import struct
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import IO, Any, Literal

from pydantic import Field

from filmeto_core.errors import ResourceProcessingError
from filmeto_core.signature import (
    FORMATS,
    HEAD_BYTES,
    SOUND_ONLY,
    box_size,
    describe,
    ending,
    sniff,
)
from filmeto_core.types import Model

__all__ = ["Kind", "MediaInfo", "ending", "kind_of", "probe", "sniff"]

Kind = Literal["image", "video", "audio"]

MAX_PIXELS = 100_000_000
_EDGE_FRAMES = 8  # frames decoded at a stream's start: a decoder that cannot, fails at the first
_TAIL_S = 1.0  # how far before its end a stream is decoded again
_TAIL_FRAMES = 600  # and how many frames that may cost where there are no key frames

_USABLE = "PNG, JPEG, WebP, MP4, MOV, WebM, WAV, MP3 or FLAC"
# What readers raise over damaged files; a reader's bug must end as a word about the file, too.
_UNREADABLE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    EOFError,
    Warning,
    struct.error,
)


class MediaInfo(Model):
    """What a picture, clip or sound is; what does not apply to its kind is None."""

    kind: Kind = Field(description="An animated picture counts as a picture: its first frame")
    mime_type: str = Field(description="Told from the content")
    width_px: int | None = Field(None, description="As shown, after `rotation_deg`")
    height_px: int | None = Field(None, description="As shown, after `rotation_deg`")
    rotation_deg: int = Field(
        0, description="0, 90, 180, 270: the clockwise turn that a viewer makes before showing it"
    )
    frame_rate: Fraction | None = Field(None, description='Frames a second, such as "24000/1001"')
    frames: int | None = Field(None, description="Of a clip, or of an animated picture")
    duration_s: float | None = Field(None, description="Of the pictures in a clip, or of a sound")
    sample_rate_hz: int | None = Field(None, description="Of the sound")
    channels: int | None = Field(None, description="Of the sound")
    has_audio: bool = Field(False, description="Whether there is sound")


def probe(path: Path, *, decode: bool = True, max_pixels: int = MAX_PIXELS) -> MediaInfo:
    """Tell what a file is, whatever its name says.

    Args:
        path: A regular file.
        decode: Decode pictures whole, and clips and sounds at both ends with every packet read,
            so that a damaged or cut-off file is found; False trusts the headers.
        max_pixels: The largest picture or frame that is decoded.

    Raises:
        ResourceProcessingError: It is no picture, clip or sound, or is damaged; names the file,
            what was found and what to do.
    """
    try:
        with _open_regular(path) as file:
            size_bytes = os.fstat(file.fileno()).st_size
            head = file.read(HEAD_BYTES)
            mime_type = _known_type(path, head, size_bytes)
            if mime_type.startswith("image/"):
                return _probe_picture(path, file, mime_type, decode, max_pixels)
            _check_lengths(path, file, mime_type, size_bytes)
        return _probe_stream(path, mime_type, decode, max_pixels)
    except OSError as error:
        what = f"{path} cannot be read: {error.strerror or error}"
        raise ResourceProcessingError(
            what, hint="Check the path and its permissions.", path=str(path)
        ) from error


def kind_of(path: Path) -> Kind:
    """A file's kind, with its headers trusted: of a picture, its first bytes alone are read.

    Raises:
        ResourceProcessingError: As `probe`.
    """
    try:
        with _open_regular(path) as file:
            size_bytes = os.fstat(file.fileno()).st_size
            if _known_type(path, file.read(HEAD_BYTES), size_bytes).startswith("image/"):
                return "image"
    except OSError:
        pass  # `probe` says it in words
    return probe(path, decode=False).kind


def _open_regular(path: Path) -> IO[bytes]:
    # O_NONBLOCK: opening a fifo must not wait for its writer.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ResourceProcessingError(
            f"{path} is not a regular file.",
            hint="Give the path of a picture, clip or sound.",
            path=str(path),
        )
    return os.fdopen(descriptor, "rb")


def _known_type(path: Path, head: bytes, size_bytes: int) -> str:
    if size_bytes == 0:
        raise _refused(path, "is empty (0 bytes)", "Make or fetch it again.")
    mime_type = sniff(head)
    if mime_type is None:
        found = f"is no picture, clip or sound: it holds {describe(head)}"
        raise _refused(path, found, f"Use {_USABLE}.")
    if mime_type == "image/heif":
        raise _refused(path, "is HEIF (HEIC), which is not read here", "Convert it to JPEG or PNG.")
    return mime_type


def _refused(path: Path, found: str, hint: str) -> ResourceProcessingError:
    return ResourceProcessingError(f"{path} {found}.", hint=hint, path=str(path))


def _damaged(path: Path, mime_type: str, error: BaseException | str) -> ResourceProcessingError:
    why = getattr(error, "strerror", None) or str(error).strip() or type(error).__name__
    why = why.rstrip(".")
    found = f"looks like {mime_type} but cannot be decoded whole: it is damaged or cut off ({why})"
    return _refused(path, found, "Make or fetch it again.")


def _too_large(path: Path, width: int, height: int, max_pixels: int) -> ResourceProcessingError:
    found = f"has {width}x{height} pixels, more than the {max_pixels:,} allowed"
    return _refused(path, found, "Scale it down, or raise FILMETO_MAX_IMAGE_PIXELS.")


def _probe_picture(
    path: Path, file: IO[bytes], mime_type: str, decode: bool, max_pixels: int
) -> MediaInfo:
    module, _, name = FORMATS[mime_type][1].partition(".")
    # The format's own class: Image.open tries others, and its limit of pixels is global.
    reader = getattr(importlib.import_module(f"PIL.{module}"), name)
    file.seek(0)
    try:
        with reader(file) as picture:
            width, height = picture.size
            if width * height > max_pixels:
                raise _too_large(path, width, height, max_pixels)
            turn = _EXIF_TURNS.get(picture.getexif().get(0x0112, 1), 0)
            frames = getattr(picture, "n_frames", 1)
            if decode:
                picture.seek(0) if frames > 1 else None
                picture.load()
    except _UNREADABLE as error:
        raise _damaged(path, mime_type, error) from error
    if turn in (90, 270):
        width, height = height, width
    return MediaInfo(
        kind="image",
        mime_type=mime_type,
        width_px=width,
        height_px=height,
        rotation_deg=turn,
        frames=frames if frames > 1 else None,
    )


_EXIF_TURNS = {3: 180, 4: 180, 5: 90, 6: 90, 7: 270, 8: 270}  # EXIF 3.0, tag Orientation


def _check_lengths(path: Path, file: IO[bytes], mime_type: str, size_bytes: int) -> None:
    """Find a cut-off file by the lengths that its container states, without decoding."""
    demuxer = FORMATS[mime_type][1]
    file.seek(0)
    if demuxer in ("wav", "avi"):
        stated = int.from_bytes(file.read(8)[4:8], "little") + 8
        streamed = stated <= 8 or stated >= 0x7FFFF000  # written before the length was known
        missing = 0 if streamed else stated - size_bytes
    elif demuxer == "mov":
        missing = _missing_box_bytes(file, size_bytes)
    elif demuxer == "matroska":
        missing = _missing_segment_bytes(file, size_bytes)
    else:
        return
    # One byte: the padding of an odd-sized RIFF chunk that some writers leave out.
    if missing > 1:
        raise _damaged(path, mime_type, f"{missing:,} bytes are missing at its end")


def _missing_box_bytes(file: IO[bytes], size_bytes: int) -> int:
    at = 0
    while at + 8 <= size_bytes:
        file.seek(at)
        head = file.read(16)
        size = box_size(head)
        if size == 1 and len(head) == 16:
            size = int.from_bytes(head[8:16], "big")
        if size < 8:  # 0: to the end of the file; else rubbish, which the demuxer judges
            return 0
        at += size
    return at - size_bytes if at > size_bytes else 0


def _missing_segment_bytes(file: IO[bytes], size_bytes: int) -> int:
    """Source: RFC 8794 (EBML), 4 and 6.2; RFC 9559, 5.1 (Segment)."""
    file.seek(4)
    header_size, header_known = _ebml_size(file)
    file.seek(header_size, os.SEEK_CUR)
    if not header_known or file.read(4) != b"\x18\x53\x80\x67":
        return 0
    segment_size, known = _ebml_size(file)
    return max(0, file.tell() + segment_size - size_bytes) if known else 0


def _ebml_size(file: IO[bytes]) -> tuple[int, bool]:
    first = file.read(1)
    length = 9 - first[0].bit_length() if first else 9
    if length > 8:
        return 0, False
    bits = (1 << 7 * length) - 1
    value = int.from_bytes(first + file.read(length - 1), "big") & bits
    return value, value != bits  # all ones: unknown, as live streams write it


def _probe_stream(path: Path, mime_type: str, decode: bool, max_pixels: int) -> MediaInfo:
    import av  # here: most of filmeto's commands open no clip

    try:
        with av.open(f"file:{path.absolute()}", format=FORMATS[mime_type][1]) as container:
            clip = next((s for s in container.streams.video if not _is_cover(s)), None)
            sound = next(iter(container.streams.audio), None)
            if clip is None and sound is None:
                raise _refused(path, f"is {mime_type} without picture or sound", f"Use {_USABLE}.")
            if clip is not None and clip.width * clip.height > max_pixels:
                raise _too_large(path, clip.width, clip.height, max_pixels)
            streams = [s for s in (clip, sound) if s is not None]
            seen = _read_through(container, streams) if decode else {}
            _check_flac(path, mime_type, sound, seen)
            return _describe_streams(mime_type, container, clip, sound, seen)
    except _UNREADABLE as error:
        raise _damaged(path, mime_type, error) from error


def _check_flac(path: Path, mime_type: str, sound: Any, seen: dict[int, "_Seen"]) -> None:
    """A cut-off FLAC reads well to its end: only its stated number of samples tells."""
    if mime_type != "audio/flac" or not seen or not sound.duration:
        return
    missing = sound.duration - (seen[sound.index].end or 0)
    if missing > 0:
        raise _damaged(path, mime_type, f"{missing:,} samples are missing at its end")


def _is_cover(stream: Any) -> bool:
    from av.stream import Disposition

    return bool(stream.disposition & Disposition.attached_pic)


@dataclass
class _Seen:
    """What reading a stream's packets found: how many, and from when to when (in its time base)."""

    packets: int = 0
    start: int | None = None
    end: int | None = None

    def add(self, packet: Any) -> None:
        self.packets += 1
        if packet.pts is None:
            return
        end = packet.pts + (packet.duration or 0)
        self.start = packet.pts if self.start is None else min(self.start, packet.pts)
        self.end = end if self.end is None else max(self.end, end)


def _read_through(container: Any, streams: list[Any]) -> dict[int, _Seen]:
    """Read every packet, decode each stream's first frames and its last second."""
    seen = {stream.index: _Seen() for stream in streams}
    decoded = dict.fromkeys(seen, 0)
    for packet in container.demux(streams):
        if packet.size == 0:  # the flush at the end
            continue
        index = packet.stream.index
        if not packet.is_discard:
            seen[index].add(packet)
        if decoded[index] < _EDGE_FRAMES:
            decoded[index] += len(packet.decode())
    for stream in streams:
        if not _decode_tail(container, stream, seen[stream.index]) and not decoded[stream.index]:
            raise ValueError(f"no frame of its {stream.type} could be decoded")
    return seen


def _decode_tail(container: Any, stream: Any, seen: _Seen) -> int:
    if seen.end is None:
        return 0
    back = int(_TAIL_S / stream.time_base)
    container.seek(max(seen.start, seen.end - back), stream=stream, backward=True)
    stream.codec_context.flush_buffers()
    return sum(1 for _ in islice(container.decode(stream), _TAIL_FRAMES))


def _describe_streams(
    mime_type: str, container: Any, clip: Any, sound: Any, seen: dict[int, _Seen]
) -> MediaInfo:
    heard = {"has_audio": sound is not None}
    if sound is not None:
        heard |= {"sample_rate_hz": sound.rate, "channels": sound.channels}
    if clip is None:
        return MediaInfo(
            kind="audio",
            mime_type=SOUND_ONLY.get(mime_type, mime_type),
            duration_s=_duration_s(container, sound, seen.get(sound.index)),
            **heard,
        )
    counted = seen.get(clip.index)
    turn = _turn(container, clip)
    width, height = (clip.width, clip.height) if turn in (0, 180) else (clip.height, clip.width)
    return MediaInfo(
        kind="video",
        mime_type=mime_type,
        width_px=width,
        height_px=height,
        rotation_deg=turn,
        frame_rate=clip.average_rate or clip.guessed_rate or clip.base_rate or None,
        frames=(counted.packets if counted else clip.frames) or None,
        duration_s=_duration_s(container, clip, counted),
        **heard,
    )


def _duration_s(container: Any, stream: Any, seen: _Seen | None) -> float | None:
    if seen is not None and seen.end is not None:
        return float((seen.end - seen.start) * stream.time_base)
    if stream.duration is not None:
        return float(stream.duration * stream.time_base)
    return None if container.duration is None else container.duration / 1_000_000


def _turn(container: Any, clip: Any) -> int:
    """The clockwise turn that the clip's display matrix asks for."""
    container.seek(0)
    clip.codec_context.flush_buffers()
    frame = next(container.decode(clip), None)
    return 0 if frame is None else -int(frame.rotation) % 360
