"""Films over HTTP: make one of a storyboard, list them, look at one, edit and plan it, delete it."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from filmeto_core.errors import ConflictError, ValidationError, shown
from filmeto_core.film.storyboard_edit import set_film
from filmeto_core.film.storyboard_writing import as_written, dumped
from filmeto_core.plan.models import Plan
from filmeto_core.plan.planner import plan_film
from filmeto_core.types import Model
from filmeto_core.web.access import Reader, Runner
from filmeto_core.web.desk import AtDesk, Desk
from filmeto_core.web.film_access import (
    FilmId,
    IfMatch,
    detail_of,
    edit,
    edited,
    live_of,
    reading_of,
    refuse_at_work,
    the_film,
)
from filmeto_core.web.film_fields import FilmFields, NewFilm
from filmeto_core.web.film_models import FilmDetail, FilmSummary
from filmeto_core.web.film_store import FilmFolder, encoded

router = APIRouter(prefix="/api/v1/films", tags=["films"])

YAML = "text/yaml; charset=utf-8"
UNTITLED = "Untitled"
_TEXT = {"schema": {"type": "string"}}
_BODY = {
    "requestBody": {"required": True, "content": {"text/yaml": _TEXT, "application/yaml": _TEXT}}
}
_IDS = Query(description="Shots, by id; may be given several times")


class FilmPage(Model):
    """Some of a tenant's films, newest first."""

    films: list[FilmSummary]
    next_cursor: str | None = Field(
        description="Give it as `cursor` to have the next; None: no more"
    )


@router.get("")
async def list_films(
    caller: Reader,
    desk: AtDesk,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> FilmPage:
    """The caller's films, newest first."""
    films = await asyncio.to_thread(desk.films.all, caller.tenant)
    start = 0
    if cursor is not None:
        ids = [film.id for film in films]
        if cursor not in ids:
            raise ValidationError(
                f"cursor: {shown(cursor)} is none of ours, or of a film that was deleted.",
                hint="Give the `next_cursor` of the page before, or none for the first page.",
                field="cursor",
                value=cursor,
            )
        start = ids.index(cursor) + 1
    page = films[start : start + limit]
    told = [await _summary(desk, film) for film in page]
    more = page[-1].id if page and start + limit < len(films) else None
    return FilmPage(films=told, next_cursor=more)


async def _summary(desk: Desk, film: FilmFolder) -> FilmSummary:
    return await asyncio.to_thread(desk.film_teller.summary, film, live_of(desk, film))


@router.post("", status_code=201)
async def create_film(new: NewFilm, caller: Runner, desk: AtDesk, response: Response) -> FilmDetail:
    """Keep a storyboard as a film; nothing is run. One with problems is kept as a draft."""

    def create() -> FilmFolder:
        text, title = _text_of(new)
        return desk.films.create(caller.tenant, title, text)

    await desk.quotas.check_room(caller)
    film = await asyncio.to_thread(create)
    detail = await detail_of(desk, film)
    response.headers["Location"] = f"{router.prefix}/{film.id}"
    response.headers["ETag"] = f'"{detail.version}"'
    return detail


def _text_of(new: NewFilm) -> tuple[str, str]:
    """The text of a film to be made, and what it is called."""
    if isinstance(new.storyboard, str):
        text = as_written(new.storyboard, "storyboard")
        encoded(text)  # refused before it is read
        if new.title is not None:
            text = set_film(text, {"title": new.title})
    else:
        title = {"title": new.title} if new.title is not None else {}
        text = dumped({**as_written(new.storyboard, "storyboard"), **as_written(title)})
    return text, new.title or _title_in(text) or UNTITLED


def _title_in(text: str) -> str:
    lines = (line for line in text.splitlines() if line.startswith("title:"))
    return next(lines, "").removeprefix("title:").split(" #")[0].strip(" \"'")[:200]


@router.get("/{film_id}")
async def film(film_id: FilmId, caller: Reader, desk: AtDesk) -> FilmDetail:
    """A film: its shots, their parts, its run, what is wrong with its storyboard."""
    return await detail_of(desk, await the_film(desk, caller, film_id))


@router.patch("/{film_id}")
async def edit_film(
    film_id: FilmId,
    fields: FilmFields,
    caller: Runner,
    desk: AtDesk,
    response: Response,
    if_match: IfMatch = None,
) -> FilmDetail:
    """Change fields of the film; null removes one. A value that the storyboard cannot have is refused."""
    found = await the_film(desk, caller, film_id)
    given = fields.given
    version = await edit(desk, found, lambda text: set_film(text, given), if_match, strict=True)
    return await edited(desk, found, version, response)


@router.delete("/{film_id}", status_code=204)
async def delete_film(film_id: FilmId, caller: Runner, desk: AtDesk) -> Response:
    """Delete a film with all that lies in its folder; refused while it is run."""
    found = await the_film(desk, caller, film_id)
    refuse_at_work(desk, found, "deleted")
    await asyncio.to_thread(_refuse_run, desk, found)
    await asyncio.to_thread(desk.films.delete, found)
    return Response(status_code=204)


def _refuse_run(desk: Desk, film: FilmFolder) -> None:
    """Also of a process that outlives the server which started it."""
    runs = desk.service.journal.runs(1, str(film.out))
    if runs and runs[0].state == "running":
        raise ConflictError(
            "a process still runs the film: it cannot be deleted now.",
            hint="Wait for its run to end, or cancel it.",
        )


@router.get(
    "/{film_id}/storyboard",
    response_class=Response,
    responses={
        200: {"content": {"text/yaml": _TEXT}, "description": "The text; its version as the ETag"},
        304: {"description": "The reader has it"},
    },
)
async def storyboard(film_id: FilmId, request: Request, caller: Reader, desk: AtDesk) -> Response:
    """The storyboard's text, as it was written."""
    found = await the_film(desk, caller, film_id)
    text, version = await asyncio.to_thread(desk.films.read, found)
    headers = {"ETag": f'"{version}"', "Cache-Control": "private, no-cache"}
    if f'"{version}"' in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(text, headers=headers, media_type=YAML)


@router.put("/{film_id}/storyboard", openapi_extra=_BODY)
async def put_storyboard(
    film_id: FilmId,
    request: Request,
    caller: Runner,
    desk: AtDesk,
    response: Response,
    if_match: IfMatch = None,
    check: Annotated[bool, Query(description="Only say what is wrong with it")] = False,
) -> FilmDetail:
    """Keep another text, also one with problems; the answer tells of them with their lines."""
    found = await the_film(desk, caller, film_id)
    text = _decoded(await request.body())
    if check:
        encoded(text)
        live = live_of(desk, found)
        return await asyncio.to_thread(desk.film_teller.detail, found, live, text)
    version = await edit(desk, found, lambda _: text, if_match)
    return await edited(desk, found, version, response)


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValidationError(
            f"body: this is not UTF-8 text, from line {line} on.",
            hint="Save it as UTF-8.",
            field="body",
            line=line,
        ) from None


@router.get("/{film_id}/plan")
async def film_plan(
    film_id: FilmId,
    caller: Reader,
    desk: AtDesk,
    draft: Annotated[bool, Query(description="At half the size")] = False,
    shots: Annotated[list[str] | None, _IDS] = None,
    refresh: Annotated[list[str] | None, _IDS] = None,
) -> Plan:
    """What a run would do now: what it takes from what is there, what it computes, what that costs."""
    found = await the_film(desk, caller, film_id)
    board = (await reading_of(desk, found)).checked()
    asked: dict[str, Any] = {"draft": draft, "shots": shots, "refresh": refresh}

    def plan() -> Plan:
        desk.service.journal.flush()
        fields = board.to_dict()  # its files were found where they may lie; no text is read again
        return plan_film(desk.service, fields, out=found.out, **asked)

    return (await asyncio.to_thread(plan)).model_copy(update={"film": found.id})
