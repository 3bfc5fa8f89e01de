"""What a file is, told from its content, and decoded whole before it is trusted.

`sniff` reads the first bytes, `probe` opens the file with the one reader that these bytes name:
no playlist, script or vector format is ever opened, whatever the file's ending says. Pictures go
through Pillow, clips and sounds through PyAV; both are imported when first needed.
"""

import os
import stat
from pathlib import Path
from typing import IO

from filmeto_core.media_info import Kind, MediaInfo
from filmeto_core.media_lengths import check_lengths
from filmeto_core.media_ogg import check_ogg
from filmeto_core.media_picture import probe_picture
from filmeto_core.media_refusal import USABLE, refused
from filmeto_core.media_stream import probe_stream
from filmeto_core.signature import FORMATS, HEAD_BYTES, describe, ending, sniff

__all__ = ["Kind", "MediaInfo", "ending", "kind_of", "probe", "sniff"]

MAX_PIXELS = 100_000_000


def probe(
    path: Path, *, decode: bool = True, trusted: bool = False, max_pixels: int = MAX_PIXELS
) -> MediaInfo:
    """Tell what a file is, whatever its name says.

    Args:
        path: A regular file.
        decode: Decode all of it, of an animated picture the first one, so that a damaged or cut-off
            file is found; False trusts the headers.
        trusted: It was decoded whole before, or made here of what was: the same is told of it, and
            of its content a clip's key frames alone are decoded.
        max_pixels: The largest picture or frame that is decoded.

    Raises:
        ResourceProcessingError: It is no picture, clip or sound, or is damaged; names the file,
            what was found and what to do.
    """
    try:
        with open_regular(path) as file:
            size_bytes = os.fstat(file.fileno()).st_size
            mime_type = _known_type(path, file.read(HEAD_BYTES), size_bytes)
            mime_type = _behind_tag(file) or mime_type
            if mime_type.startswith("image/"):
                return probe_picture(
                    path, file, mime_type, decode=decode and not trusted, max_pixels=max_pixels
                )
            check_lengths(path, file, mime_type, size_bytes)
            if decode and not trusted and FORMATS[mime_type][1] == "ogg":
                check_ogg(path, file, mime_type)
        return probe_stream(path, mime_type, decode=decode, trusted=trusted, max_pixels=max_pixels)
    except OSError as error:
        found = f"cannot be read: {error.strerror or error}"
        raise refused(path, found, "Check the path and its permissions.") from error


def kind_of(path: Path) -> Kind:
    """A file's kind, with its headers trusted: of a picture, its first bytes alone are read.

    Raises:
        ResourceProcessingError: As `probe`.
    """
    try:
        with open_regular(path) as file:
            size_bytes = os.fstat(file.fileno()).st_size
            if _known_type(path, file.read(HEAD_BYTES), size_bytes).startswith("image/"):
                return "image"
    except OSError:
        pass  # `probe` says it in words
    return probe(path, decode=False).kind


def open_regular(path: Path) -> IO[bytes]:
    """Open a regular file for reading.

    Raises:
        OSError: It cannot be opened.
        ResourceProcessingError: It is something else.
    """
    # O_NONBLOCK: opening a fifo must not wait for its writer.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        found, hint = "is not a regular file", "Give the path of a picture, clip or sound."
        raise refused(path, found, hint)
    return os.fdopen(descriptor, "rb")


def _known_type(path: Path, head: bytes, size_bytes: int) -> str:
    if size_bytes == 0:
        raise refused(path, "is empty (0 bytes)", "Make or fetch it again.")
    mime_type = sniff(head)
    if mime_type is None:
        found = f"is no picture, clip or sound: it holds {describe(head)}"
        raise refused(path, found, f"Use {USABLE}.")
    if mime_type == "image/heif":
        raise refused(path, "is HEIF (HEIC), which is not read here", "Convert it to JPEG or PNG.")
    return mime_type


def _behind_tag(file: IO[bytes]) -> str | None:
    """What a sound is that has an MP3's tag before it, although it is no MP3.

    Source: ID3v2.4.0, 3.1 (its size, seven bits a byte).
    """
    file.seek(0)
    head = file.read(10)
    if head[:3] != b"ID3" or len(head) < 10:
        return None
    size = sum(byte << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
    file.seek(10 + size)
    found = sniff(file.read(HEAD_BYTES))
    return found if found in ("audio/flac", "audio/aac") else None
