"""A cut-off clip or sound, found by the lengths that its container states, without decoding."""

import os
from pathlib import Path
from typing import IO

from filmeto_core.media_refusal import damaged
from filmeto_core.signature import FORMATS, box_size

# Boxes that stand at a file's top level. What bears another name there is rubbish behind its end,
# which players pass over. Source: ISO/IEC 14496-12, table 1; QuickTime File Format, atoms.
_TOP_BOXES = frozenset(
    b"ftyp moov mdat free skip wide moof mfra sidx ssix styp uuid meta pdin prft emsg udta pnot "
    b"PICT junk imda".split()
)


def check_lengths(path: Path, file: IO[bytes], mime_type: str, size_bytes: int) -> None:
    """Find out whether a file ends before it says that it does.

    Raises:
        ResourceProcessingError: It does.
    """
    demuxer = FORMATS[mime_type][1]
    file.seek(0)
    if demuxer in ("wav", "avi"):
        missing = _missing_riff_bytes(file, size_bytes)
    elif demuxer == "mov":
        missing = _missing_box_bytes(file, size_bytes)
    elif demuxer == "matroska":
        missing = _missing_segment_bytes(file, size_bytes)
    else:
        return
    # One byte: the padding of an odd-sized RIFF chunk that some writers leave out.
    if missing > 1:
        raise damaged(path, mime_type, f"{missing:,} bytes are missing at its end")


def _missing_riff_bytes(file: IO[bytes], size_bytes: int) -> int:
    head = file.read(8)
    stated = int.from_bytes(head[4:8], "little") + 8
    # Written before the length was known, or (RF64) too long for this field.
    unknown = stated <= 8 or stated >= 0x7FFFF000 or head[:4] == b"RF64"
    return 0 if unknown else stated - size_bytes


def _missing_box_bytes(file: IO[bytes], size_bytes: int) -> int:
    at = 0
    while at + 8 <= size_bytes:
        file.seek(at)
        head = file.read(16)
        size = box_size(head)
        if size == 1 and len(head) == 16:
            size = int.from_bytes(head[8:16], "big")
        # 0: to the end of the file. Else rubbish, which the demuxer judges.
        if size < 8 or (at and head[4:8] not in _TOP_BOXES):
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
