"""Resumable uploads over HTTP, as tus's clients do them: create, ask how far, add, give up.

Source: tus resumable upload protocol 1.0.0 with the extensions creation, creation-with-upload,
termination and expiration.
"""

import asyncio
from email.utils import formatdate
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Request, Response
from starlette.exceptions import HTTPException

from filmeto_core.errors import (
    ConflictError,
    FilmetoError,
    GoneError,
    PreconditionError,
    StoreError,
    TooLargeError,
)
from filmeto_core.web.access import Caller, Reader, Runner
from filmeto_core.web.desk import AtDesk, Desk
from filmeto_core.web.own_resources import RESOURCES_URL
from filmeto_core.web.problems import problem_answer
from filmeto_core.web.request_body import RequestBody
from filmeto_core.web.resource_models import Resource
from filmeto_core.web.tus_route import VERSION, TusRoute, check_version
from filmeto_core.web.upload_models import UPLOADS_URL, Upload, UploadStatus
from filmeto_core.web.uploads import check_not_refused

router = APIRouter(prefix="/api/v1/uploads", tags=["resources"], route_class=TusRoute)

EXTENSIONS = "creation,creation-with-upload,termination,expiration"
BODY_TYPE = "application/offset+octet-stream"
GO_ON = "Ask with HEAD for its offset, and go on from there."

TusResumable = Annotated[str | None, Header(alias="Tus-Resumable", description="1.0.0")]
UploadLength = Annotated[
    int, Header(alias="Upload-Length", ge=1, lt=2**63, description="Bytes of the whole file")
]
UploadOffset = Annotated[
    int, Header(alias="Upload-Offset", ge=0, lt=2**63, description="Bytes that are there")
]
UploadMetadata = Annotated[
    str | None,
    Header(alias="Upload-Metadata", max_length=4096, description="filename BASE64,filetype BASE64"),
]
_BODY = {
    "requestBody": {
        "content": {BODY_TYPE: {"schema": {"type": "string", "format": "binary"}}},
        "required": True,
    }
}
_BODY_OR_NONE = {"requestBody": {**_BODY["requestBody"], "required": False}}
_OTHER_VERSION = problem_answer(412, "Another version of tus than 1.0.0.", PreconditionError)
_REFUSED = problem_answer(410, "The file was found to be of no use.", GoneError)
_FULL = problem_answer(507, "The file is whole, and there is no room for it.", StoreError)
_BEGUN = {
    **_OTHER_VERSION,
    **problem_answer(408, "Nothing came for 30 s."),
    **problem_answer(413, "The file is larger than it may be.", TooLargeError),
}
_ADDED = {**_BEGUN, **_REFUSED, **problem_answer(415, f"Content-Type is not {BODY_TYPE}.")}


@router.options("", status_code=204, response_class=Response)
async def upload_options(desk: AtDesk) -> Response:
    """What of tus is spoken here, and how large a file may be."""
    told = {
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(desk.uploads.most_bytes),
    }
    return Response(status_code=204, headers=told)


@router.post("", status_code=201, response_class=Response, responses=_BEGUN)
async def create_upload(
    request: Request,
    caller: Runner,
    desk: AtDesk,
    upload_length: UploadLength,
    upload_metadata: UploadMetadata = None,
    tus_resumable: TusResumable = None,
) -> Response:
    """Begin an upload; its first bytes may come with this. `Location` is where the rest goes."""
    check_version(tus_resumable)
    upload = await desk.uploads.create(caller, upload_length, upload_metadata)
    answer = Response(status_code=201, headers={"Location": f"{UPLOADS_URL}{upload.id}"})
    if request.headers.get("content-type", "").startswith(BODY_TYPE):
        await _append(desk, caller, upload.id, 0, request, answer)
    else:
        _tell(desk, upload, answer)
    return answer


@router.head(
    "/{upload_id}", response_class=Response, responses={**_OTHER_VERSION, **_REFUSED, **_FULL}
)
async def tell_offset(
    upload_id: str, caller: Reader, desk: AtDesk, tus_resumable: TusResumable = None
) -> Response:
    """How far an upload is. Whoever was adding to it leaves off; what is whole is brought in."""
    check_version(tus_resumable)
    async with desk.uploads.holding(caller, upload_id) as upload:
        check_not_refused(upload)
        if desk.uploads.offset(upload) == upload.size_bytes:  # the server was killed before that
            upload = await desk.uploads.finish(upload, caller)
        answer = Response(headers={"Cache-Control": "no-store"})
        _tell(desk, upload, answer)
        answer.headers["Upload-Length"] = str(upload.size_bytes)
        if upload.metadata:
            answer.headers["Upload-Metadata"] = upload.metadata
    return answer


@router.patch(
    "/{upload_id}",
    status_code=204,
    response_class=Response,
    openapi_extra=_BODY,
    responses=_ADDED,
)
async def add_to_upload(
    upload_id: str,
    request: Request,
    caller: Runner,
    desk: AtDesk,
    upload_offset: UploadOffset,
    tus_resumable: TusResumable = None,
) -> Response:
    """Add bytes. With the last of them the file is checked, and `Filmeto-Resource` is its address."""
    check_version(tus_resumable)
    told = request.headers.get("content-type", "")
    if not told.startswith(BODY_TYPE):
        raise HTTPException(415, f"Content-Type: expected {BODY_TYPE}, got {told[:100]!r}")
    answer = Response(status_code=204)
    await _append(desk, caller, upload_id, upload_offset, request, answer)
    return answer


@router.post(
    "/{upload_id}",
    status_code=204,
    response_class=Response,
    openapi_extra=_BODY_OR_NONE,
    responses={200: {"description": "Of HEAD"}, **_ADDED, **_FULL},
)
async def overridden_method(
    upload_id: str,
    request: Request,
    caller: Runner,
    desk: AtDesk,
    method: Annotated[Literal["HEAD", "PATCH", "DELETE"], Header(alias="X-HTTP-Method-Override")],
    upload_offset: UploadOffset = 0,
    tus_resumable: TusResumable = None,
) -> Response:
    """For clients whose network lets no PATCH through: the method that a header names."""
    if method == "HEAD":
        return await tell_offset(upload_id, caller, desk, tus_resumable)
    if method == "PATCH":
        return await add_to_upload(upload_id, request, caller, desk, upload_offset, tus_resumable)
    return await give_up_upload(upload_id, caller, desk, tus_resumable)


@router.delete("/{upload_id}", status_code=204, response_class=Response, responses=_OTHER_VERSION)
async def give_up_upload(
    upload_id: str, caller: Runner, desk: AtDesk, tus_resumable: TusResumable = None
) -> Response:
    """Give an upload up; the file that it became stays the caller's."""
    check_version(tus_resumable)
    async with desk.uploads.holding(caller, upload_id) as upload:
        await desk.uploads.remove(upload)
    return Response(status_code=204)


@router.get("/{upload_id}")
async def upload_status(upload_id: str, caller: Reader, desk: AtDesk) -> UploadStatus:
    """How an upload stands, and what became of it; whoever adds to it goes on."""
    upload = await desk.uploads.find(caller, upload_id)
    state = "refused" if upload.error else "done" if upload.digest else "open"
    resource = None
    if upload.digest is not None:
        file = await asyncio.to_thread(desk.owned.find, caller.tenant, upload.digest)
        resource = None if file is None else Resource.of(file, desk.service.store)
    return UploadStatus(
        id=upload.id,
        url=f"{UPLOADS_URL}{upload.id}",
        state=state,
        offset=desk.uploads.offset(upload),
        size_bytes=upload.size_bytes,
        name=upload.name,
        expires_at=desk.uploads.expires_at(upload),
        resource=resource,
        error=upload.error,
    )


async def _append(
    desk: Desk, caller: Caller, upload_id: str, offset: int, request: Request, answer: Response
) -> None:
    """Add the request's body, bring in what is whole then, and tell of it in the answer's headers.

    Raises:
        ConflictError: The offset is another, or another request goes on with the upload.
        RequestError, HTTPException: The body was cut off, or fell silent; what came stays.
        FilmetoError: The file is of no use, too large, or there is no room.
    """
    body = RequestBody(request, desk.service.settings.serve_body_timeout_s)
    try:
        async with desk.uploads.holding(caller, upload_id, body) as upload:
            check_not_refused(upload)
            there = desk.uploads.offset(upload)
            if offset != there:
                raise ConflictError(
                    f"Upload-Offset: expected {there}, got {offset}.",
                    hint=GO_ON,
                    field="Upload-Offset",
                    value=offset,
                )
            there = await desk.uploads.append(upload, body)
            body.check_whole(GO_ON)
            if there == upload.size_bytes:
                upload = await desk.uploads.finish(upload, caller)
            _tell(desk, upload, answer)
    except FilmetoError:
        await body.drain()
        raise


def _tell(desk: Desk, upload: Upload, answer: Response) -> None:
    answer.headers["Upload-Offset"] = str(desk.uploads.offset(upload))
    if upload.digest is not None:
        answer.headers["Filmeto-Resource"] = f"{RESOURCES_URL}{upload.digest}"
    else:
        expires_at = desk.uploads.expires_at(upload)
        answer.headers["Upload-Expires"] = formatdate(expires_at, usegmt=True)
