"""A file as an HTTP answer: whole or a range of it, in pieces, so that none lies in memory.

One range is answered with 206; several at once are answered whole, as the standard allows. Whose file
it is, and whether it may be named, is the caller's to know.

Source: RFC 9110, sections 8.8, 13 and 14; RFC 6266 (Content-Disposition).
"""

import asyncio
import os
import re
import stat
import weakref
from collections.abc import Iterator, Mapping
from email.utils import formatdate, parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from filmeto_core.errors import RequestError
from filmeto_core.web.event_log import encoded
from filmeto_core.web.problems import MEDIA_TYPE as PROBLEM_TYPE
from filmeto_core.web.problems import not_found, problem_of

PIECE_BYTES = 256 * 1024  # what of a file lies in memory for each of its readers
# Opened by itself, a file may show its picture or play its sound, and run nothing.
FILE_POLICY = "sandbox; default-src 'none'; img-src 'self'; media-src 'self'"
CACHE = "private, no-cache"  # kept, and asked after each time
_RANGE = re.compile(r"\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*", re.ASCII | re.IGNORECASE)
_SAFE_NAME = re.compile(r"[A-Za-z0-9._-]+")
_LONGEST_NUMBER = 19  # digits; more are beyond any file


class Span(NamedTuple):
    """Bytes of a file, from `start` to before `end`."""

    start: int
    end: int


def file_answer(
    request_headers: Mapping[str, str],
    path: Path | int,
    etag: str,
    media_type: str,
    download_name: str | None = None,
    cache: str = CACHE,
) -> Response:
    """The answer to a GET of a file.

    Args:
        request_headers: The request's, whose names compare without case.
        path: The file; or its descriptor, open for reading, which is closed here.
        etag: What names this content, with or without its quotes.
        media_type: Its MIME type.
        download_name: Given: a browser saves it under this name instead of showing it.
        cache: The Cache-Control of the answer.

    Returns:
        200, 206 (a range), 304 (the reader has it) or 416 (no such range).

    Raises:
        NotFoundError: There is no such file, or it is a folder, a link, a device.
    """
    descriptor = path if isinstance(path, int) else _opened(path)
    kept = _Descriptor(descriptor)
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise not_found("file", path.name if isinstance(path, Path) else "")
    etag = etag if etag.startswith('"') else f'"{etag}"'
    headers = _headers(etag, status.st_mtime, cache, download_name)
    if request_headers.get("sec-fetch-site") == "same-site":
        # The gate let it in: a picture on a page of another port here. Of an address that is a number,
        # browsers take "same-site" to mean nobody.
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if _is_known(request_headers, etag, status.st_mtime):
        return Response(status_code=304, headers=headers)
    span, size = Span(0, status.st_size), status.st_size
    if _range_counts(request_headers, etag, headers["Last-Modified"]):
        asked = read_range(request_headers.get("range", ""), size)
        if asked is not None and asked.start >= asked.end:
            return _no_such_range(request_headers.get("range", ""), size)
        span = asked or span
        if asked is not None:
            headers["Content-Range"] = f"bytes {span.start}-{span.end - 1}/{size}"
    return FileAnswer(kept, span, 206 if "Content-Range" in headers else 200, headers, media_type)


def read_range(text: str, size: int) -> Span | None:
    """The bytes that a Range header asks for.

    Returns:
        None where all of it is sent: no range, several, or one that cannot be read. A span
        without bytes where it lies behind the file's end.
    """
    match = _RANGE.fullmatch(text)
    if match is None or match[1] == match[2] == "":
        return None
    if max(len(match[1]), len(match[2])) > _LONGEST_NUMBER:
        return Span(size, size) if match[1] else Span(0, size)
    if match[1] == "":  # the last so many
        return Span(max(0, size - int(match[2])), size)
    start, end = int(match[1]), int(match[2]) + 1 if match[2] else size
    if end <= start and match[2]:  # not a range
        return None
    return Span(start, min(end, size))


class FileAnswer(Response):
    """Sends a span of an open file; the reader's own pace holds it.

    Args:
        kept: The file.
        span: What of it is sent.
        status: 200 or 206.
        headers: Those of the answer.
        media_type: Its Content-Type.
    """

    def __init__(
        self,
        kept: "_Descriptor",
        span: Span,
        status: int,
        headers: Mapping[str, str],
        media_type: str,
    ) -> None:
        self._kept, self._span = kept, span
        self.status_code, self.media_type, self.background = status, media_type, None
        self.init_headers({**headers, "Content-Length": str(span.end - span.start)})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            start = {"status": self.status_code, "headers": self.raw_headers}
            await send({"type": "http.response.start", **start})
            if scope["method"] != "HEAD":
                for place, count in _pieces(self._span):
                    piece = await asyncio.to_thread(os.pread, self._kept.descriptor, count, place)
                    if len(piece) < count:  # it was cut meanwhile; the length was promised
                        raise OSError(f"the file ends at byte {place + len(piece)}")
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._kept.close()


class _Descriptor:
    """An open file, closed with its answer, or when that is dropped unsent."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.close = weakref.finalize(self, os.close, descriptor)


def _pieces(span: Span) -> Iterator[tuple[int, int]]:
    for place in range(span.start, span.end, PIECE_BYTES):
        yield place, min(PIECE_BYTES, span.end - place)


def _opened(path: Path) -> int:
    """The file; never a link's target, and never waiting for a pipe's other end."""
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except (OSError, ValueError):
        raise not_found("file", path.name) from None


def _headers(etag: str, mtime: float, cache: str, download_name: str | None) -> dict[str, str]:
    headers = {
        "ETag": etag,
        "Last-Modified": formatdate(int(mtime), usegmt=True),
        "Accept-Ranges": "bytes",
        "Cache-Control": cache,
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": FILE_POLICY,
        "Vary": "Sec-Fetch-Site",
    }
    if download_name is not None:
        headers["Content-Disposition"] = attachment(download_name)
    return headers


def attachment(name: str) -> str:
    """The Content-Disposition under which a browser saves a file of that name."""
    if _SAFE_NAME.fullmatch(name):
        return f'attachment; filename="{name}"'
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"


def is_named(header: str, etag: str) -> bool:
    """Whether an If-None-Match or If-Match names this ETag; a weak one counts as its strong one."""
    names = [part.strip().removeprefix("W/") for part in header.split(",")]
    return "*" in names or etag in names


def _is_known(request_headers: Mapping[str, str], etag: str, mtime: float) -> bool:
    """Whether the reader has this content already."""
    names = request_headers.get("if-none-match")
    if names is not None:
        return is_named(names, etag)
    since = request_headers.get("if-modified-since")
    try:
        return since is not None and int(mtime) <= parsedate_to_datetime(since).timestamp()
    except (ValueError, TypeError, OverflowError):  # no date: as if it were not there
        return False


def _range_counts(request_headers: Mapping[str, str], etag: str, modified: str) -> bool:
    """Whether there is a range, of the content that its reader has the rest of."""
    if "range" not in request_headers:
        return False
    condition = request_headers.get("if-range")
    return condition is None or condition.strip() in (etag, modified)


def _no_such_range(text: str, size: int) -> Response:
    status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
    error = RequestError(
        f"Range: the file has {size} bytes, and {text[:60]!r} lies behind its end.",
        hint="Ask for a range within it, or for all of it without Range.",
        field="Range",
        value=text[:60],
    )
    problem = problem_of(error) | {"status": int(status), "title": status.phrase}
    headers = {"Content-Range": f"bytes */{size}"}
    return Response(encoded(problem), int(status), headers, PROBLEM_TYPE)
