"""The errors of files that cannot be used: what was found, and what to do."""

import struct
import zlib
from pathlib import Path

from filmeto_core.errors import ResourceProcessingError

USABLE = "PNG, JPEG, WebP, MP4, MOV, WebM, WAV, MP3 or FLAC"
# What readers raise over damaged files; a reader's bug must end as a word about the file, too.
UNREADABLE = (
    ArithmeticError,
    AssertionError,
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
    zlib.error,
)


def refused(path: Path, found: str, hint: str) -> ResourceProcessingError:
    """The error for a file that is of no use."""
    return ResourceProcessingError(f"{path} {found}.", hint=hint, path=str(path))


def damaged(path: Path, mime_type: str, error: BaseException | str) -> ResourceProcessingError:
    """The error for a file that its reader cannot read to its end."""
    why = getattr(error, "strerror", None) or str(error).strip() or type(error).__name__
    why = why.rstrip(".")
    found = f"looks like {mime_type} but cannot be decoded whole: it is damaged or cut off ({why})"
    return refused(path, found, "Make or fetch it again.")


def too_large(path: Path, width: int, height: int, max_pixels: int) -> ResourceProcessingError:
    """The error for a picture or frame of more pixels than are decoded."""
    found = f"has {width}x{height} pixels, more than the {max_pixels:,} allowed"
    return refused(path, found, "Scale it down, or raise FILMETO_MAX_IMAGE_PIXELS.")
