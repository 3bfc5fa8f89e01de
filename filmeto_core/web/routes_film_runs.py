"""Runs of films over HTTP: start one, look at them, cancel it, follow the film's events."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Header, Query

from filmeto_core.errors import ConflictError
from filmeto_core.web.access import Reader, Runner
from filmeto_core.web.desk import AtDesk
from filmeto_core.web.event_log import START, read_event_id
from filmeto_core.web.event_stream import EventStream
from filmeto_core.web.film_fields import ReviewRequest
from filmeto_core.web.film_models import RunDetail
from filmeto_core.web.film_telling import subject_of
from filmeto_core.web.routes_tasks import spare_stream
from filmeto_core.web.webhook_models import FilmRunRequest

router = APIRouter(prefix="/api/v1/films/{film_id}", tags=["films"])

LastEventId = Annotated[str | None, Header(alias="Last-Event-ID", max_length=100)]
After = Annotated[
    str | None,
    Query(max_length=100, description='As Last-Event-ID; "latest": only what comes from now on'),
]


@router.post("/runs", status_code=202)
async def run_film(
    film_id: str, caller: Runner, desk: AtDesk, request: FilmRunRequest | None = None
) -> RunDetail:
    """Have the film made; what is done already is reused."""
    request = request or FilmRunRequest()
    return await desk.film_runs.start(caller, film_id, request.plain(), request.webhook)


@router.get("/runs")
async def film_runs(
    film_id: str,
    caller: Reader,
    desk: AtDesk,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> list[RunDetail]:
    """The film's runs, newest first; of the first one all is told."""
    return await asyncio.to_thread(desk.film_runs.runs, caller, film_id, limit)


@router.post("/cancel")
async def cancel_film(film_id: str, caller: Runner, desk: AtDesk) -> RunDetail:
    """End the film's run; what is done is kept. One that has ended stays as it is."""
    desk.film_runs.find(caller, film_id)
    run = await desk.film_runs.cancel(film_id)
    if run is None:
        raise never_run(film_id)
    return run


@router.post("/review")
async def review_film(
    film_id: str, caller: Runner, desk: AtDesk, answer: ReviewRequest
) -> RunDetail:
    """Answer for the stills that the film waits with; its run goes on."""
    desk.film_runs.find(caller, film_id)
    return await desk.film_runs.review(film_id, answer.model_dump())


@router.get("/events", response_class=EventStream)
async def film_events(
    film_id: str,
    caller: Reader,
    desk: AtDesk,
    last_event_id: LastEventId = None,
    after: After = None,
) -> EventStream:
    """What happens to the film, from the beginning or after an event; it does not end with a run."""
    desk.film_runs.find(caller, film_id)
    subject = subject_of(film_id)
    if last_event_id is None and after == "latest":
        seen = desk.events.subject(subject).last
    else:
        seen = read_event_id(last_event_id or after) or START
    spare_stream(desk)
    return EventStream(desk.events.read(subject, seen, desk.service.settings.serve_heartbeat_s))


def never_run(film_id: str) -> ConflictError:
    """There is no run of the film that could be cancelled."""
    return ConflictError(
        "the film was never run: there is nothing to cancel.",
        hint=f"POST /api/v1/films/{film_id}/runs begins a run.",
    )
