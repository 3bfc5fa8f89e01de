"""The takes of a film's shots over HTTP: what was made, another one, and which is used."""

import asyncio
from contextlib import suppress

from fastapi import APIRouter, Response

from filmeto_core.errors import FilmetoError, PreconditionError, ValidationError
from filmeto_core.film.storyboard_edit import read_fields, set_shot, shot_ids
from filmeto_core.film.storyboard_models import Shot, Storyboard
from filmeto_core.journal.models import Call
from filmeto_core.types import ToolType
from filmeto_core.web.access import Reader, Runner
from filmeto_core.web.desk import AtDesk, Desk
from filmeto_core.web.film_access import (
    FilmId,
    IfMatch,
    ShotId,
    detail_of,
    edit,
    edited,
    reading_of,
    refuse_at_work,
    the_film,
)
from filmeto_core.web.film_fields import Pick, TakeRequest
from filmeto_core.web.film_models import FilmDetail, RunDetail, RunRequest, Take
from filmeto_core.web.film_store import FilmFolder
from filmeto_core.web.film_takes import next_take, pin_fields, takes_of, unpin_fields
from filmeto_core.web.problems import not_found

router = APIRouter(prefix="/api/v1/films/{film_id}/shots/{shot_id}", tags=["films"])


@router.get("/takes")
async def takes(film_id: FilmId, shot_id: ShotId, caller: Reader, desk: AtDesk) -> list[Take]:
    """What was made of a shot, take by take."""
    film = await the_film(desk, caller, film_id)
    board, shot = await _the_shot(desk, film, shot_id)

    def told() -> list[Take]:
        calls = _calls(desk, film, shot_id)
        return takes_of(board, shot, calls, desk.film_teller.parts, desk.service.store)

    return await asyncio.to_thread(told)


@router.post("/takes", status_code=202)
async def another_take(
    film_id: FilmId,
    shot_id: ShotId,
    caller: Runner,
    desk: AtDesk,
    request: TakeRequest | None = None,
) -> RunDetail:
    """Count the shot's take up in the storyboard, and run that shot.

    Where all other shots are made, the film is run: it takes them as they are, and is whole again.
    """
    film = await the_film(desk, caller, film_id)
    refuse_at_work(desk, film, "run")
    board, shot = await _the_shot(desk, film, shot_id)
    calls = await asyncio.to_thread(_calls, desk, film, shot_id)
    take = next_take(board, shot, calls)
    before = (await reading_of(desk, film)).text
    version = await edit(desk, film, lambda text: set_shot(text, shot_id, {"take": take}), None)
    others = [other for other in (await detail_of(desk, film)).shot_list if other.id != shot_id]
    alone = None if all(other.state == "done" for other in others) else [shot_id]
    run = RunRequest(shots=alone, budget=request.budget if request else None)
    try:
        return await desk.film_runs.start(caller, film.id, run)
    except FilmetoError:  # it is not made: the storyboard stays as it was
        with suppress(PreconditionError):
            await edit(desk, film, lambda _: before, version)
        raise


@router.put("/pick")
async def pick(
    film_id: FilmId,
    shot_id: ShotId,
    picked: Pick,
    caller: Runner,
    desk: AtDesk,
    response: Response,
    if_match: IfMatch = None,
) -> FilmDetail:
    """Have a shot use a take, or keep one file: {take}, or {tool, digest}."""
    film = await the_film(desk, caller, film_id)
    by_take = picked.take is not None
    by_file = picked.tool is not None and picked.digest is not None
    if by_take == by_file or by_take and (picked.tool or picked.digest):
        raise ValidationError(
            "expected either take, or tool and digest.",
            hint='Such as {"take": 2}; GET .../takes tells what there is.',
            field="take",
        )
    calls = await asyncio.to_thread(_calls, desk, film)

    def change(text: str) -> str:
        if by_take:
            return set_shot(text, shot_id, {"take": picked.take})
        shot = _fields_of(text, shot_id)
        return set_shot(text, shot_id, pin_fields(shot, picked.tool, picked.digest, calls))

    version = await edit(desk, film, change, if_match, strict=True)
    return await edited(desk, film, version, response)


@router.delete("/pick/{tool}")
async def unpick(
    film_id: FilmId,
    shot_id: ShotId,
    tool: ToolType,
    caller: Runner,
    desk: AtDesk,
    response: Response,
    if_match: IfMatch = None,
) -> FilmDetail:
    """Have a shot keep no file of this tool any more."""
    film = await the_film(desk, caller, film_id)

    def change(text: str) -> str:
        return set_shot(text, shot_id, unpin_fields(_fields_of(text, shot_id), tool))

    version = await edit(desk, film, change, if_match)
    return await edited(desk, film, version, response)


def _fields_of(text: str, shot_id: str) -> dict:
    data = read_fields(text)
    ids = shot_ids(data)
    if shot_id not in ids:
        raise not_found("shot", shot_id)
    return data["shots"][ids.index(shot_id)]


async def _the_shot(desk: Desk, film: FilmFolder, shot_id: str) -> tuple[Storyboard, Shot]:
    board = (await reading_of(desk, film)).checked()
    for shot in board.shots:
        if shot.id == shot_id:
            return board, shot
    raise not_found("shot", shot_id)


def _calls(desk: Desk, film: FilmFolder, shot_id: str | None = None) -> list[Call]:
    desk.service.journal.flush()
    return desk.service.journal.film_calls(str(film.out), shot_id)
