"""A film's files over HTTP: what it brings, what was made of it, all of it as a zip; and its calls."""

import asyncio
from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from filmeto_core.journal.models import State
from filmeto_core.types import Model
from filmeto_core.web.access import Reader, Runner
from filmeto_core.web.desk import AtDesk, Desk
from filmeto_core.web.file_answer import attachment, file_answer
from filmeto_core.web.film_access import FilmId, the_film
from filmeto_core.web.film_archive import archive
from filmeto_core.web.film_files import etag_of, media_type_of, open_film_file
from filmeto_core.web.film_refs import Ref, take_in
from filmeto_core.web.film_store import FilmFolder
from filmeto_core.web.problems import not_found
from filmeto_core.web.request_body import RequestBody

router = APIRouter(prefix="/api/v1/films/{film_id}", tags=["films"])

MOST_LINES = 1000  # of a call's log
_BYTES = {"schema": {"type": "string", "format": "binary"}}
_UPLOAD = {"requestBody": {"required": True, "content": {"application/octet-stream": _BYTES}}}
_FILE = {
    200: {"content": {"*/*": _BYTES}, "description": "The file"},
    206: {"content": {"*/*": _BYTES}, "description": "The range of it that was asked for"},
    304: {"description": "The reader has it"},
    416: {"description": "The range lies behind the file's end"},
}
_ZIP = {200: {"content": {"application/zip": _BYTES}, "description": "The zip"}}


class FilmCall(Model):
    """One tool call of a film."""

    id: str
    shot: str | None = Field(description="None for what belongs to the film as a whole")
    tool: str
    plugin: str
    plugin_version: str
    parameters: dict[str, Any] = Field(description="As the plugin got them, defaults filled in")
    resources: list[str] = Field(description="Digests of its inputs")
    outputs: list[str] = Field(description="Digests of what it made")
    take: int
    state: State
    cached: bool = Field(description="Whether its result was there already")
    seconds: float = Field(description="What computing it took")
    cost: str | None = Field(description='What it cost, such as "0.04 EUR"')
    attempts: int
    error: str | None
    started_at: datetime
    ended_at: datetime | None
    log: list[str] = Field(description="What was said while it ran, as far as this server heard it")


@router.post("/refs", status_code=201, openapi_extra=_UPLOAD)
async def add_ref(
    film_id: FilmId,
    name: Annotated[str, Query(min_length=1, max_length=500, description="What it is called")],
    request: Request,
    caller: Runner,
    desk: AtDesk,
) -> Ref:
    """Bring a picture, clip or sound for the storyboard to name; the body is the file."""
    film = await the_film(desk, caller, film_id)
    body = RequestBody(request, desk.service.settings.serve_body_timeout_s)
    await desk.quotas.check_room(caller, body.size_bytes or 1)
    return await take_in(film, name, body, desk.service.settings)


@router.get("/files/{path:path}", response_class=Response, responses=_FILE)
async def film_file(
    film_id: FilmId,
    path: str,
    request: Request,
    caller: Reader,
    desk: AtDesk,
    download: Annotated[bool, Query(description="Save it instead of showing it")] = False,
) -> Response:
    """A file of the film: film.mp4, film.srt, contact_sheet.png, film.json, shots/..., refs/..."""
    film = await the_film(desk, caller, film_id)
    name = path.rsplit("/", 1)[-1]

    def answer() -> Response:
        descriptor = open_film_file(film, path)
        etag, media_type = etag_of(descriptor), media_type_of(descriptor, name)
        saved = name if download else None
        return file_answer(request.headers, descriptor, etag, media_type, saved)

    return await asyncio.to_thread(answer)


@router.get("/archive.zip", response_class=Response, responses=_ZIP)
async def film_archive(film_id: FilmId, caller: Reader, desk: AtDesk) -> Response:
    """The film and all that belongs to it, as one zip, made while it is sent."""
    film = await the_film(desk, caller, film_id)
    headers = {"Content-Disposition": attachment(f"{film.id}.zip"), "Cache-Control": "no-store"}
    return StreamingResponse(archive(film, film.id), headers=headers, media_type="application/zip")


@router.get("/calls/{call_id}")
async def film_call(film_id: FilmId, call_id: str, caller: Reader, desk: AtDesk) -> FilmCall:
    """One call of the film: what was asked, what it took and cost, what was said meanwhile."""
    film = await the_film(desk, caller, film_id)
    told = await asyncio.to_thread(_call, desk, film, call_id)
    if told is None:
        raise not_found("call", call_id)
    return told


def _call(desk: Desk, film: FilmFolder, call_id: str) -> FilmCall | None:
    journal = desk.service.journal
    journal.flush()
    call = journal.film_call(str(film.out), call_id)
    if call is None:
        return None
    told = {
        name: getattr(call, name) for name in FilmCall.model_fields if name not in ("cost", "log")
    }
    cost = str(call.cost) if call.cost else None
    told |= {"resources": list(call.resources), "outputs": list(call.outputs)}
    return FilmCall(**told, cost=cost, log=_log(desk, film, call_id, call.shot, call.tool))


def _log(desk: Desk, film: FilmFolder, call_id: str, shot: str | None, tool: str) -> list[str]:
    """The lines of the film's events that tell of this call, or of this shot's tool."""
    rows = desk.posted.rows(
        'SELECT data FROM events WHERE subject = ? AND instr(data, \'"_type":"log"\') > 0'
        " ORDER BY epoch DESC, number DESC LIMIT ?",
        (f"film:{film.id}", MOST_LINES),
    )
    events = [orjson.loads(row[0]) for row in reversed(rows)]
    return [str(event.get("line", "")) for event in events if _is_of(event, call_id, shot, tool)]


def _is_of(event: dict[str, Any], call_id: str, shot: str | None, tool: str) -> bool:
    if event.get("call_id"):
        return event["call_id"] == call_id
    return event.get("shot") == shot and event.get("tool") == tool
