"""Pictures, read by Pillow: what they are, and whether they can be decoded whole."""

import importlib
import os
from pathlib import Path
from typing import IO, Any

from filmeto_core.media_decode import STRICT
from filmeto_core.media_info import MediaInfo
from filmeto_core.media_refusal import UNREADABLE, damaged, refused, too_large
from filmeto_core.signature import FORMATS

_EXIF_TURNS = {3: 180, 4: 180, 5: 90, 6: 90, 7: 270, 8: 270}  # EXIF 3.0, tag Orientation
_ORIENTATION = 0x0112
_WIDTH, _HEIGHT = 256, 257  # TIFF 6.0, ImageWidth and ImageLength

# A picture of this many pixels must have a byte for so many of them: what is drawn or photographed
# has one for a hundred at most, a white page in one bit has one for eight thousand.
_LARGE_PIXELS = 25_000_000
_PIXELS_A_BYTE = 50_000

# Parts of a GIF (frames, extensions, and the pieces of at most 255 bytes that each is cut into):
# 50 MB of well-filled ones have 200,000, and passing over a million takes half a second.
_MOST_GIF_PARTS = 1_000_000

# Tags of a TIFF that hold a camera's raw file, of which its small preview alone would be read.
# Source: TIFF 6.0, NewSubfileType (its first bit: a smaller version of another picture); Adobe DNG
# 1.7, DNGVersion.
_SUBFILE_TYPE, _DNG_VERSION = 254, 50706

# What Pillow says of compressed text and colour profiles that unfold without end.
_UNFOLDING = ("Decompressed data too large", "Too much memory used in text chunks")


def probe_picture(
    path: Path, file: IO[bytes], mime_type: str, *, decode: bool, max_pixels: int
) -> MediaInfo:
    """What the picture in an open file is.

    Args:
        path: What errors call it.
        decode: Decode it whole, of an animated one the first picture.
        max_pixels: The largest that is decoded.

    Raises:
        ResourceProcessingError: It is damaged, too large, or unfolds without measure.
    """
    from PIL.Image import DecompressionBombError

    try:
        frames = _gif_frames(path, file) if mime_type == "image/gif" else None
        file.seek(0)
        with _reader(mime_type)(file) as picture:
            width, height = _stored_size(picture, mime_type)
            _check_pixels(path, width, height, os.fstat(file.fileno()).st_size, max_pixels)
            if mime_type == "image/tiff":
                _check_finished(path, picture)
            turn = _EXIF_TURNS.get(picture.getexif().get(_ORIENTATION, 1), 0)
            # The pages of a TIFF are no frames, and are slow to count.
            if mime_type != "image/tiff":
                frames = frames or getattr(picture, "n_frames", 1)
            if decode:
                picture.load()
        if decode and mime_type == "image/jpeg":
            _check_jpeg(path, file, max_pixels)
    except DecompressionBombError as error:
        found = f"has more pixels than can be decoded ({error})"
        raise refused(path, found, "Scale it down.") from error
    except UNREADABLE as error:
        if str(error).startswith(_UNFOLDING):
            found = (
                f"holds compressed text or a colour profile that unfolds to a huge one ({error})"
            )
            hint = "Save it again without its metadata."
            raise refused(path, found, hint) from error
        raise damaged(path, mime_type, error) from error
    if turn in (90, 270):
        width, height = height, width
    return MediaInfo(
        kind="image",
        mime_type=mime_type,
        width_px=width,
        height_px=height,
        rotation_deg=turn,
        frames=frames if frames and frames > 1 else None,
    )


def _reader(mime_type: str) -> Any:
    """The format's own class: Image.open tries others, and its limit of pixels is global."""
    module, _, name = FORMATS[mime_type][1].partition(".")
    return getattr(importlib.import_module(f"PIL.{module}"), name)


def _stored_size(picture: Any, mime_type: str) -> tuple[int, int]:
    """Before it is turned upright; of a TIFF Pillow gives the turned one, of others it does not."""
    if mime_type == "image/tiff":
        return int(picture.tag_v2[_WIDTH]), int(picture.tag_v2[_HEIGHT])
    return picture.size


def _check_pixels(path: Path, width: int, height: int, size_bytes: int, max_pixels: int) -> None:
    pixels = width * height
    if pixels > max_pixels:
        raise too_large(path, width, height, max_pixels)
    if pixels > _LARGE_PIXELS and pixels > size_bytes * _PIXELS_A_BYTE:
        found = f"unfolds {size_bytes:,} bytes to {width}x{height} pixels, as no real picture does"
        raise refused(path, found, "Scale it down, or save it as a PNG.")


def _check_jpeg(path: Path, file: IO[bytes], max_pixels: int) -> None:
    """Find damage that Pillow's reader fills with grey and says nothing of: libav's says so."""
    from av import CodecContext, FFmpegError, InvalidDataError, Packet

    file.seek(0)
    reader = CodecContext.create("mjpeg", "r")
    reader.options = {**STRICT["mjpeg"], "max_pixels": str(max_pixels)}
    try:
        for packet in (Packet(file.read()), None):
            reader.decode(packet)
    except InvalidDataError as error:
        raise damaged(path, "image/jpeg", "parts of it make no sense") from error
    except FFmpegError:
        pass  # a kind of JPEG that it does not read: progressive CMYK, arithmetic coding, 12 bits


def _check_finished(path: Path, picture: Any) -> None:
    tags = picture.tag_v2
    if _DNG_VERSION in tags or int(tags.get(_SUBFILE_TYPE, 0)) & 1:
        found = "is a camera's raw file, of which a small preview alone can be read"
        raise refused(path, found, "Develop it, and give it as a JPEG, PNG or 16-bit TIFF.")


def _gif_frames(path: Path, file: IO[bytes]) -> int:
    """How many pictures a GIF has, found without decoding any.

    Raises:
        ResourceProcessingError: It is cut into more parts than are passed over.

    Source: GIF89a specification, 18 to 26.
    """
    file.seek(0)
    data = file.read() + bytes(16)  # zeros, which end everything, behind its end
    end = len(data) - 16
    frames, parts = 0, 0
    at = 13 + _palette_bytes(data[10])
    while at < end and data[at] in (0x21, 0x2C):
        if data[at] == 0x2C:
            frames += 1
            at += 9 + (_palette_bytes(data[at + 9]) if at + 9 < end else 0)
        at += 2  # the extension's label, or the size of the smallest code
        while at < end and data[at]:
            at += data[at] + 1
            parts += 1
        at += 1
        parts += 1
        if parts > _MOST_GIF_PARTS:
            found = f"is a GIF of more than {_MOST_GIF_PARTS:,} parts"
            hint = "Give its first frame as a PNG, or the animation as a clip."
            raise refused(path, found, hint)
    return frames


def _palette_bytes(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0
