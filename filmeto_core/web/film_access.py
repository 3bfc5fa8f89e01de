"""What the film routes share: the caller's film, how its run stands, and edits of its storyboard."""

import asyncio
from collections.abc import Callable
from typing import Annotated

from fastapi import Header, Path, Response

from filmeto_core.errors import ConflictError
from filmeto_core.web.access import Caller
from filmeto_core.web.desk import Desk
from filmeto_core.web.film_detail import Live
from filmeto_core.web.film_live import IN_HAND
from filmeto_core.web.film_models import BoardProblem, FilmDetail
from filmeto_core.web.film_reading import Reading, problems_error
from filmeto_core.web.film_store import FilmFolder

FilmId = Annotated[str, Path(max_length=100, description="A film's id")]
ShotId = Annotated[str, Path(max_length=200, description="A shot's id")]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=1000,
        description="The storyboard's ETag: refuse the change (412) if it is another one by now",
    ),
]


async def the_film(desk: Desk, caller: Caller, film_id: str) -> FilmFolder:
    """The caller's film of that id.

    Raises:
        NotFoundError: There is none, or it is another tenant's.
    """
    return await asyncio.to_thread(desk.films.find, caller.tenant, film_id)


def live_of(desk: Desk, film: FilmFolder) -> Live:
    """How the film's run stands, as this server knows; on its event loop."""
    return Live(desk.film_runs.run_of(film.id), desk.film_runs.shots_of(film.id))


async def detail_of(desk: Desk, film: FilmFolder) -> FilmDetail:
    """The film as it stands."""
    return await asyncio.to_thread(desk.film_teller.detail, film, live_of(desk, film))


async def reading_of(desk: Desk, film: FilmFolder) -> Reading:
    """The film's storyboard, read."""

    def read() -> Reading:
        return desk.film_teller.reader.read(film, desk.films.read(film)[0])

    return await asyncio.to_thread(read)


def refuse_at_work(desk: Desk, film: FilmFolder, what: str) -> None:
    """Make sure that no run of the film is in hand.

    Raises:
        ConflictError: One is.
    """
    run = live_of(desk, film).run
    if run is not None and run.state in IN_HAND:
        raise ConflictError(
            f"the film is {run.state}: it cannot be {what} now.",
            hint="Wait for its run to end, or cancel it.",
        )


async def edit(
    desk: Desk,
    film: FilmFolder,
    change: Callable[[str], str],
    if_match: str | None,
    *,
    strict: bool = False,
) -> str:
    """Change the film's storyboard, and tell who watches the film; its version.

    Args:
        strict: Refuse a change that brings problems which were not there before.

    Raises:
        StoryboardError: It does; names them.
        PreconditionError: Another text is there by now.
    """
    reader = desk.film_teller.reader

    def checked(text: str) -> str:
        changed = change(text)
        if strict:
            before, after = reader.read(film, text), reader.read(film, changed)
            if new := _new_problems(before, after):
                raise problems_error(new)
        return changed

    _, before = await asyncio.to_thread(desk.films.read, film)
    version = await asyncio.to_thread(desk.films.edit, film, checked, if_match)
    if version != before:
        desk.events.add(f"film:{film.id}", {"_type": "storyboard", "version": version})
    return version


def _new_problems(before: Reading, after: Reading) -> list[BoardProblem]:
    known = {(problem.field, problem.message) for problem in before.problems}
    return [p for p in after.problems if (p.field, p.message) not in known]


async def edited(desk: Desk, film: FilmFolder, version: str, response: Response) -> FilmDetail:
    """The answer to an edit: the film as it stands, and its storyboard's version as the ETag."""
    response.headers["ETag"] = f'"{version}"'
    return await detail_of(desk, film)
