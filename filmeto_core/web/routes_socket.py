"""Events over WebSockets: those of a task, with its cancel."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, WebSocket

from filmeto_core.errors import FilmetoError
from filmeto_core.web.access import caller_of, need
from filmeto_core.web.desk import Desk
from filmeto_core.web.event_log import START, read_event_id
from filmeto_core.web.event_socket import Command, EventSocket
from filmeto_core.web.problems import problem_response
from filmeto_core.web.routes_tasks import spare_stream, the_task
from filmeto_core.web.task_board import subject_of

router = APIRouter()


@router.websocket("/api/v1/tasks/{task_id}/socket")
async def task_socket(socket: WebSocket, task_id: str, after: str | None = None) -> None:
    """A task's events, from its beginning or after the one that is named; takes "cancel"."""
    desk: Desk = socket.app.state.desk
    caller = caller_of(socket)
    try:
        need(caller, "read")
        task = await the_task(desk, caller, task_id)
        desk.tasks.ensure_told(task)

        async def cancel() -> Mapping[str, Any]:
            need(caller, "run")
            await desk.tasks.cancel(task_id)
            return {"status": (await the_task(desk, caller, task_id)).status}

        watching = _watching(socket, desk, subject_of(task_id), after, {"cancel": cancel})
    except FilmetoError as error:
        await socket.send_denial_response(problem_response(error))
        return
    await socket.accept()
    await watching.run()


def _watching(
    socket: WebSocket, desk: Desk, subject: str, after: str | None, commands: Mapping[str, Command]
) -> EventSocket:
    """A socket over a subject's events, once it may be opened.

    Raises:
        ValidationError: `after` is no event's id.
        TooManyRequestsError: As many streams as may be are open.
    """
    place = read_event_id(after, "after") or START
    spare_stream(desk)
    batches = desk.events.read(subject, place, desk.service.settings.serve_heartbeat_s)
    return EventSocket(socket, batches, commands, lambda: desk.events.closed)
