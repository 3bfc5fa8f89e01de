"""Files over HTTP: a tenant's own, by their digest, whole or a range; its list; and giving one up."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from filmeto_core.errors import FilmetoError, GoneError, TooLargeError
from filmeto_core.resources.store import Store
from filmeto_core.web.access import Reader, Runner
from filmeto_core.web.arrival import Arrival
from filmeto_core.web.cursors import made_cursor, read_cursor
from filmeto_core.web.desk import AtDesk
from filmeto_core.web.file_answer import file_answer
from filmeto_core.web.own_resources import DIGEST, RESOURCES_URL
from filmeto_core.web.problems import not_found, problem_answer
from filmeto_core.web.request_body import RequestBody
from filmeto_core.web.resource_models import Resource, ResourcePage, media_type_of
from filmeto_core.web.upload_models import plain_name

router = APIRouter(prefix="/api/v1/resources", tags=["resources"])

# A digest's content never changes; and it is one tenant's, which no shared cache may know.
CACHE = "private, max-age=31536000, immutable"
DownloadName = Annotated[
    str | None, Query(max_length=200, description="Save it under this name instead of showing it")
]

FileName = Annotated[str | None, Query(max_length=200, description="What errors call the file")]
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_BODY = {"requestBody": {"content": {"application/octet-stream": _BINARY}, "required": True}}
_BYTES = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
_FILE = {
    200: {"description": "All of it", "content": _BYTES},
    206: {"description": "The range that was asked for", "content": _BYTES},
    304: {"description": "As it was told before"},
    **problem_answer(410, "The file is no longer in the store, or was damaged.", GoneError),
    **problem_answer(416, "The range lies behind the file's end."),
}
_BROUGHT = {
    **problem_answer(408, "Nothing came for 30 s."),
    **problem_answer(413, "The file is larger than it may be.", TooLargeError),
}


@router.get("")
async def list_resources(
    caller: Reader,
    desk: AtDesk,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> ResourcePage:
    """The caller's files, newest first: what its tasks made, and what it brought."""
    before = read_cursor(cursor)

    def page() -> ResourcePage:
        found = desk.owned.files(caller.tenant, before=before, limit=limit + 1)
        last = found[limit - 1] if len(found) > limit else None
        return ResourcePage(
            resources=[Resource.of(file, desk.service.store) for file in found[:limit]],
            owned_bytes=desk.owned.owned_bytes(caller.tenant),
            next_cursor=made_cursor(last.at.timestamp(), last.digest) if last else None,
        )

    return await asyncio.to_thread(page)


@router.post("", status_code=201, openapi_extra=_BODY, responses=_BROUGHT)
async def bring_resource(
    request: Request, response: Response, caller: Runner, desk: AtDesk, name: FileName = None
) -> Resource:
    """Bring a picture, clip or sound as the body of one request; large ones go by /uploads."""
    body = RequestBody(request, desk.service.settings.serve_body_timeout_s)
    uploads, store = desk.uploads, desk.service.store
    declared = request.headers.get("content-type")
    try:
        await uploads.check_room(caller, body.size_bytes or 0)
        arrival = Arrival(store, desk.service.settings, declared, uploads.most_bytes)
        stored = await arrival.receive(body, plain_name(name or "") or "the file")
        await uploads.own(caller, stored)
    except FilmetoError:
        await body.drain()
        raise
    response.headers["Location"] = f"{RESOURCES_URL}{stored.digest}"
    file = await asyncio.to_thread(desk.owned.find, caller.tenant, stored.digest)
    if file is None:  # given up in this very moment
        raise not_found("resource", stored.digest)
    return Resource.of(file, store)


@router.head("/{digest}", response_class=Response, responses=_FILE)
async def resource_headers(
    digest: str, request: Request, caller: Reader, desk: AtDesk, download: DownloadName = None
) -> Response:
    """What a file's answer would have for headers: its size, its type."""
    return await get_resource(digest, request, caller, desk, download)


@router.get("/{digest}", response_class=Response, responses=_FILE)
async def get_resource(
    digest: str, request: Request, caller: Reader, desk: AtDesk, download: DownloadName = None
) -> Response:
    """A file: whole, or the range that is asked for. Its ETag is its digest."""
    if not DIGEST.fullmatch(digest) or not await asyncio.to_thread(
        desk.owned.owns, caller.tenant, digest
    ):
        raise not_found("resource", digest)
    descriptor, path = await asyncio.to_thread(_opened, desk.service.store, digest)
    media_type = media_type_of(path)
    return file_answer(request.headers, descriptor, digest, media_type, download, CACHE)


@router.put("/{digest}", status_code=204)
async def own_resource(digest: str, caller: Runner, desk: AtDesk) -> None:
    """Own a file that is in the store, as what a flow made there; for this machine's own user alone."""
    known = caller.is_on_machine and DIGEST.fullmatch(digest)
    path = await asyncio.to_thread(desk.service.store.path_of, digest) if known else None
    if path is None:  # others are not told whether there is one
        raise not_found("resource", digest)
    files = [(digest, path.stat().st_size)]
    await asyncio.to_thread(desk.owned.add(caller.tenant, files, "result").result)


@router.delete("/{digest}", status_code=204)
async def give_up_resource(digest: str, caller: Runner, desk: AtDesk) -> None:
    """Own a file no longer; results that name it stay, and the file goes when nothing needs it."""
    if not await desk.owned.give_up(caller.tenant, digest):
        raise not_found("resource", digest)


def _opened(store: Store, digest: str) -> tuple[int, Path]:
    """The file of a digest, open for reading, and where it lies; undamaged, and noted as used."""
    path = store.use(digest) if store.verify(digest) else None
    try:
        if path is not None:
            return os.open(path, os.O_RDONLY | os.O_CLOEXEC), path
    except FileNotFoundError:
        pass  # removed meanwhile
    raise GoneError(
        f"the file of {digest} is no longer in the store: it was removed, or was damaged.",
        hint="Have it made anew: run the same task again, or upload the file again.",
        digest=digest,
    )
