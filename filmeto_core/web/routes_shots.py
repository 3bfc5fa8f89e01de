"""A film's shots over HTTP: edit, add, remove and order them; how their voices look."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from filmeto_core.film.storyboard_edit import add_shot, order_shots, remove_shot, set_shot
from filmeto_core.web.access import Reader, Runner
from filmeto_core.web.desk import AtDesk, Desk
from filmeto_core.web.file_answer import is_named
from filmeto_core.web.film_access import (
    FilmId,
    IfMatch,
    ShotId,
    edit,
    edited,
    the_film,
)
from filmeto_core.web.film_fields import NewShot, Order, ShotFields
from filmeto_core.web.film_models import FilmDetail
from filmeto_core.web.film_store import FilmFolder
from filmeto_core.web.film_waveform import MOST_BARS, Waveform
from filmeto_core.web.problems import not_found

router = APIRouter(prefix="/api/v1/films/{film_id}", tags=["films"])

_KNOWN = {304: {"description": "The reader has it"}}
Bars = Annotated[int, Query(ge=1, le=MOST_BARS, description="How many peaks")]


@router.post("/shots", status_code=201)
async def create_shot(
    film_id: FilmId,
    new: NewShot,
    caller: Runner,
    desk: AtDesk,
    response: Response,
    if_match: IfMatch = None,
) -> FilmDetail:
    """Add a shot, after another or at the end; without an id it gets a free one."""
    film = await the_film(desk, caller, film_id)
    fields, after = new.given, new.after
    version = await edit(desk, film, lambda text: add_shot(text, fields, after)[0], if_match)
    return await edited(desk, film, version, response)


@router.patch("/shots/{shot_id}")
async def edit_shot(
    film_id: FilmId,
    shot_id: ShotId,
    fields: ShotFields,
    caller: Runner,
    desk: AtDesk,
    response: Response,
    if_match: IfMatch = None,
) -> FilmDetail:
    """Change fields of a shot; null removes one. A value that the storyboard cannot have is refused."""
    film = await the_film(desk, caller, film_id)
    given = fields.given

    def change(text: str) -> str:
        return set_shot(text, shot_id, given)

    version = await edit(desk, film, change, if_match, strict=True)
    return await edited(desk, film, version, response)


@router.delete("/shots/{shot_id}")
async def delete_shot(
    film_id: FilmId,
    shot_id: ShotId,
    caller: Runner,
    desk: AtDesk,
    response: Response,
    if_match: IfMatch = None,
) -> FilmDetail:
    """Remove a shot from the storyboard; what was made of it stays in the store."""
    film = await the_film(desk, caller, film_id)
    version = await edit(desk, film, lambda text: remove_shot(text, shot_id), if_match)
    return await edited(desk, film, version, response)


@router.put("/order")
async def order(
    film_id: FilmId,
    wanted: Order,
    caller: Runner,
    desk: AtDesk,
    response: Response,
    if_match: IfMatch = None,
) -> FilmDetail:
    """Put the shots into another order; each has to be named once."""
    film = await the_film(desk, caller, film_id)
    version = await edit(desk, film, lambda text: order_shots(text, wanted.shots), if_match)
    return await edited(desk, film, version, response)


# --- waveforms ------------------------------------------------------------------------------------


@router.get("/shots/{shot_id}/waveform", response_model=Waveform, responses=_KNOWN)
async def shot_waveform(
    film_id: FilmId,
    shot_id: ShotId,
    request: Request,
    caller: Reader,
    desk: AtDesk,
    bars: Bars = 100,
) -> Response:
    """How loud a shot's voice is, from its beginning to its end."""
    film = await the_film(desk, caller, film_id)
    return await _waveform(desk, film, shot_id, request, bars)


@router.get("/waveform", response_model=Waveform, responses=_KNOWN)
async def score_waveform(
    film_id: FilmId, request: Request, caller: Reader, desk: AtDesk, bars: Bars = 400
) -> Response:
    """How loud the film's score is, from its beginning to its end."""
    film = await the_film(desk, caller, film_id)
    return await _waveform(desk, film, None, request, bars)


async def _waveform(
    desk: Desk, film: FilmFolder, shot_id: str | None, request: Request, bars: int
) -> Response:
    sound = await asyncio.to_thread(desk.film_teller.sound, film, shot_id)
    if sound is None:
        raise not_found("sound", shot_id or "score")
    path, name = sound
    headers = {"ETag": f'"{name}-{bars}"', "Cache-Control": "private, no-cache"}
    if is_named(request.headers.get("if-none-match", ""), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    told = await asyncio.to_thread(desk.film_teller.waveforms.of, path, name, bars)
    return Response(told.model_dump_json(), headers=headers, media_type="application/json")
