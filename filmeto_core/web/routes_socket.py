"""Events over WebSockets: those of a task and those of a film, each with its cancel."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import APIRouter, WebSocket

from filmeto_core.errors import FilmetoError
from filmeto_core.web.access import Caller, caller_of, need
from filmeto_core.web.desk import Desk
from filmeto_core.web.event_log import START, read_event_id
from filmeto_core.web.event_socket import EventSocket
from filmeto_core.web.film_telling import subject_of as film_subject
from filmeto_core.web.problems import problem_response
from filmeto_core.web.routes_film_runs import never_run
from filmeto_core.web.routes_tasks import spare_stream, the_task
from filmeto_core.web.task_events import subject_of as task_subject

router = APIRouter()

Cancel = Callable[[], Awaitable[Mapping[str, Any]]]


@router.websocket("/api/v1/tasks/{task_id}/socket")
async def task_socket(socket: WebSocket, task_id: str, after: str | None = None) -> None:
    """A task's events, from its beginning or after the one that is named; takes "cancel"."""
    desk, caller = _desk(socket), caller_of(socket)

    async def find() -> str:
        desk.tasks.ensure_told(await the_task(desk, caller, task_id))
        return task_subject(task_id)

    async def cancel() -> Mapping[str, Any]:
        await desk.tasks.cancel(task_id)
        return {"status": (await the_task(desk, caller, task_id)).status}

    await _watch(socket, caller, find, after, cancel)


@router.websocket("/api/v1/films/{film_id}/socket")
async def film_socket(socket: WebSocket, film_id: str, after: str | None = None) -> None:
    """A film's events, run after run; takes "cancel"."""
    desk, caller = _desk(socket), caller_of(socket)

    async def find() -> str:
        desk.film_runs.find(caller, film_id)
        return film_subject(film_id)

    async def cancel() -> Mapping[str, Any]:
        run = await desk.film_runs.cancel(film_id)
        if run is None:
            raise never_run(film_id)
        return {"status": run.state}

    await _watch(socket, caller, find, after, cancel)


async def _watch(
    socket: WebSocket,
    caller: Caller,
    find: Callable[[], Awaitable[str]],
    after: str | None,
    cancel: Cancel,
) -> None:
    """Serve a watcher to its end; one that may not watch is refused with a problem.

    Args:
        find: Gives the name of the events' subject, if it is the caller's.
        after: The id of the last event that the watcher has.
        cancel: Does that, and returns what is told of it.
    """
    desk = _desk(socket)
    try:
        need(caller, "read")
        subject = await find()
        place = read_event_id(after, "after") or START
        spare_stream(desk)
    except FilmetoError as error:
        await socket.send_denial_response(problem_response(error))
        return

    async def may_cancel() -> Mapping[str, Any]:
        need(caller, "run")
        return await cancel()

    await socket.accept()
    batches = desk.events.read(subject, place, desk.service.settings.serve_heartbeat_s)
    watching = EventSocket(socket, batches, {"cancel": may_cancel}, lambda: desk.events.closed)
    await watching.run()


def _desk(socket: WebSocket) -> Desk:
    return socket.app.state.desk
