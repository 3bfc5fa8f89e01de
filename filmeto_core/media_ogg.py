"""The sums in an Ogg file, which its readers drop damaged pages by without a word."""

import zlib
from pathlib import Path
from typing import IO

from filmeto_core.media_refusal import damaged

_HEAD_BYTES = 27
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def check_ogg(path: Path, file: IO[bytes], mime_type: str) -> None:
    """Whether each page of the file is whole.

    Raises:
        ResourceProcessingError: One is not, or the last one is cut off.

    Source: RFC 3533, 6 (the page format).
    """
    file.seek(0)
    at = 0
    while head := file.read(_HEAD_BYTES):
        if head[:4] != b"OggS":
            if b"OggS" in head + file.read():
                raise damaged(path, mime_type, f"there is no page at byte {at:,}")
            return  # a tag that some programs put behind the end
        lengths = file.read(head[26]) if len(head) == _HEAD_BYTES else b""
        body = file.read(sum(lengths))
        if len(head) < _HEAD_BYTES or len(lengths) < head[26] or len(body) < sum(lengths):
            raise damaged(path, mime_type, "its last page is not whole")
        if page_sum(head[:22] + bytes(4) + head[26:] + lengths + body) != head[22:26]:
            raise damaged(path, mime_type, f"the page at byte {at:,} is not what was written")
        at += len(head) + len(lengths) + len(body)


def page_sum(page: bytes) -> bytes:
    """The sum of a page whose own field is zero: CRC-32, the highest bit first, 4 bytes.

    zlib's takes the lowest bit first; over mirrored bytes it gives the mirrored sum.
    """
    mirrored = zlib.crc32(page.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{mirrored:032b}"[::-1], 2).to_bytes(4, "little")
