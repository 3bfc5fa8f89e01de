"""What the head of a server's answer says: which part comes, of what, and when to ask again."""

import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import httpx

from filmeto_core.types import utc_now

_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", re.ASCII)


@dataclass(frozen=True)
class Part:
    """The part of a file that an answer brings.

    Args:
        start: Its first byte.
        size_bytes: Of the part, None where it was not told.
        total: Of the whole file, None where it was not told.
    """

    start: int = 0
    size_bytes: int | None = None
    total: int | None = None


def part_of(response: httpx.Response) -> Part | None:
    """What a 200 or 206 brings; None where a 206 contradicts itself or says nothing usable.

    Source: RFC 9110, 8.6 (Content-Length), 14.4 (Content-Range).
    """
    length = response.headers.get("content-length", "")
    size = int(length) if length.isascii() and length.isdigit() and len(length) < 19 else None
    if response.status_code != 206:
        return Part(0, size, size)
    told = _CONTENT_RANGE.fullmatch(response.headers.get("content-range", "").strip())
    if told is None:
        return None
    start, end = int(told[1]), int(told[2])
    total = None if told[3] == "*" else int(told[3])
    if end < start or size not in (None, end - start + 1):
        return None
    if total is not None and end >= total:
        return None
    return Part(start, end - start + 1, total)


def validator_of(response: httpx.Response) -> str:
    """What tells later whether the file is still the same one; "" where nothing does.

    Source: RFC 9110, 13.1.5: no weak entity tag in If-Range.
    """
    etag = response.headers.get("etag", "")
    strong = etag if etag.startswith('"') else ""
    return strong or response.headers.get("last-modified", "")


def is_of(response: httpx.Response, validator: str) -> bool:
    """Whether a part belongs to the file of this validator, as far as the answer says."""
    name = "etag" if validator.startswith('"') else "last-modified"
    told = response.headers.get(name)
    return told is None or told == validator


def retry_after_s(response: httpx.Response) -> float | None:
    """How long the server asks to wait, None where it does not say.

    Source: RFC 9110, 10.2.3: seconds or a date.
    """
    value = response.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        return max(0.0, (parsedate_to_datetime(value) - utc_now()).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None
