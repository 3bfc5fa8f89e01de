"""The page to watch and direct films: static files, served as they lie in `page/`.

Only what was found there is ever served, by name: no path of a request touches the disk.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from filmeto_core.web.problems import not_found

router = APIRouter(include_in_schema=False)

FOLDER = Path(__file__).parent / "page"
INDEX = "index.html"
MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
# All is the server's own: no inline script or style, nothing of another origin, no frame around it.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-cache",  # asked for again each time, and answered 304 while it is the same
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class Asset(NamedTuple):
    """One file of the page."""

    body: bytes
    media_type: str
    etag: str


@cache
def assets() -> dict[str, Asset]:
    """The page's files by name, read once."""
    found = {}
    for path in sorted(FOLDER.rglob("*")):
        if path.suffix in MEDIA_TYPES:
            body = path.read_bytes()
            etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
            name = path.relative_to(FOLDER).as_posix()
            found[name] = Asset(body, MEDIA_TYPES[path.suffix], etag)
    return found


@router.get("/ui")
async def page() -> Response:
    """To the page, whose address ends with a slash."""
    return RedirectResponse("/ui/")


@router.api_route("/ui/{name:path}", methods=["GET", "HEAD"])
async def page_file(name: str, request: Request) -> Response:
    """A file of the page; the page itself where a name is none of a file.

    Raises:
        NotFoundError: It looks like a file, and there is none of that name.
    """
    found = assets().get(name or INDEX)
    if found is None and "." in name.rpartition("/")[2]:
        raise not_found("file", name)
    asset = found or assets()[INDEX]
    headers = {**HEADERS, "ETag": asset.etag}
    if asset.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(asset.body, media_type=asset.media_type, headers=headers)
