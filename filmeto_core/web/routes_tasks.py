"""Tasks over HTTP: post one, run one and read it, ask after it, follow it, cancel it."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Header, Query
from pydantic import Field

from filmeto_core.errors import FilmetoError
from filmeto_core.journal.posted_models import PostedTask, Status
from filmeto_core.types import Model, ToolType
from filmeto_core.web.access import Caller, Reader, Runner
from filmeto_core.web.cursors import made_cursor, read_cursor
from filmeto_core.web.desk import AtDesk, Desk
from filmeto_core.web.event_log import START, encoded, made_event, read_event_id
from filmeto_core.web.event_stream import EventStream
from filmeto_core.web.problems import not_found, too_many
from filmeto_core.web.remote_calls import placed_for
from filmeto_core.web.task_events import error_event, subject_of
from filmeto_core.web.task_models import Accepted, TaskRequest, TaskStatus

router = APIRouter(prefix="/api/v1/tasks", tags=["tasks"])

STREAMS_RETRY_S = 5.0  # what a caller is told to wait when all streams are taken
IdempotencyKey = Annotated[
    str | None,
    Header(alias="Idempotency-Key", min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$"),
]
LastEventId = Annotated[str | None, Header(alias="Last-Event-ID", max_length=100)]


class TaskPage(Model):
    """Some of a tenant's tasks, newest first."""

    tasks: list[TaskStatus]
    next_cursor: str | None = Field(
        description="Give it as `cursor` to have the next; None: no more"
    )


@router.post("", status_code=202)
async def post_task(
    request: TaskRequest, caller: Runner, desk: AtDesk, idempotency_key: IdempotencyKey = None
) -> Accepted:
    """Take a task on; it runs whether or not anybody reads its events."""
    request = placed_for(caller, request)
    task = await desk.tasks.accept(caller, request, "task", idempotency_key)
    return Accepted(task_id=task.id, status=task.status, message="The task was taken on.")


@router.post("/execute", response_class=EventStream)
async def execute_task(
    request: TaskRequest,
    caller: Runner,
    desk: AtDesk,
    idempotency_key: IdempotencyKey = None,
    last_event_id: LastEventId = None,
) -> EventStream:
    """Run a task and read it as it goes: its events, then one result, or one error."""
    after = read_event_id(last_event_id)
    spare_stream(desk)
    request = placed_for(caller, request)
    try:
        task = await desk.tasks.accept(caller, request, "execute", idempotency_key)
    except FilmetoError as error:
        if 400 <= error.handling.http_status < 500 and _is_of_the_task(error):
            return EventStream(_one(desk, error))
        raise
    return _stream(desk, task, after)


def _is_of_the_task(error: FilmetoError) -> bool:
    """Whether it tells of the task, rather than of the request that brought it."""
    return error.code in ("validation", "plugin_not_found", "resource")


async def _one(desk: Desk, error: FilmetoError):
    """A stream that is nothing but an error, and that cannot be resumed."""
    yield [made_event((desk.events.epoch, 0), encoded(error_event(error)))]


@router.get("")
async def list_tasks(
    caller: Reader,
    desk: AtDesk,
    status: Annotated[list[Status] | None, Query()] = None,
    tool: ToolType | None = None,
    plugin: Annotated[str | None, Query(max_length=200)] = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> TaskPage:
    """The caller's tasks, newest first."""
    found = await asyncio.to_thread(
        desk.posted.tasks,
        caller.tenant,
        status=status or (),
        tool=tool,
        plugin=plugin,
        before=read_cursor(cursor),
        limit=limit + 1,
    )
    told = [TaskStatus.of(desk.tasks.as_it_stands(task)) for task in found[:limit]]
    more = None
    if len(found) > limit:
        last = found[limit - 1]
        more = made_cursor(last.accepted_at.timestamp(), last.id)
    return TaskPage(tasks=told, next_cursor=more)


@router.get("/{task_id}")
async def task_status(task_id: str, caller: Reader, desk: AtDesk) -> TaskStatus:
    """How a task stands: queued, running, success, error or cancelled."""
    return TaskStatus.of(await the_task(desk, caller, task_id))


@router.get("/{task_id}/events", response_class=EventStream)
async def task_events(
    task_id: str, caller: Reader, desk: AtDesk, last_event_id: LastEventId = None
) -> EventStream:
    """A task's events from its beginning, or after the one named by Last-Event-ID."""
    after = read_event_id(last_event_id)
    task = await the_task(desk, caller, task_id)
    spare_stream(desk)
    return _stream(desk, task, after)


@router.post("/{task_id}/cancel")
async def cancel_task(task_id: str, caller: Runner, desk: AtDesk) -> TaskStatus:
    """End a task; one that has ended stays as it is."""
    await the_task(desk, caller, task_id)
    await desk.tasks.cancel(task_id)
    return TaskStatus.of(await the_task(desk, caller, task_id))


async def the_task(desk: Desk, caller: Caller, task_id: str) -> PostedTask:
    """The caller's task of that id.

    Raises:
        NotFoundError: There is none, or it is another tenant's.
    """
    task = await desk.tasks.find(task_id)
    if task is None or task.tenant != caller.tenant:
        raise not_found("task", task_id)
    return task


def spare_stream(desk: Desk) -> None:
    """Make sure that one more stream may be opened.

    Raises:
        TooManyRequestsError: As many as may be are open.
    """
    most = desk.service.settings.serve_max_streams
    if desk.events.readers >= most:
        raise too_many(
            f"{most} event streams are open, which is all there may be.", STREAMS_RETRY_S
        )


def _stream(desk: Desk, task: PostedTask, after: tuple[int, int] | None) -> EventStream:
    desk.tasks.ensure_told(task)
    heartbeat_s = desk.service.settings.serve_heartbeat_s
    stream = EventStream(desk.events.read(subject_of(task.id), after or START, heartbeat_s))
    stream.headers["Content-Location"] = f"/api/v1/tasks/{task.id}/events"
    return stream
