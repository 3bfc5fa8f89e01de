"""Calls of another filmeto, whose tasks and flows this server computes: FILMETO_API_URL on its side.

Such a task tells how the call may be reused and where it belongs, is not tried again here (its caller
does that), and its result brings the whole record.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

from filmeto_core.call import CheckedCall
from filmeto_core.journal.posted_models import PostedTask
from filmeto_core.money import Money
from filmeto_core.place import Place
from filmeto_core.resources.calls import CallRecord
from filmeto_core.results import success
from filmeto_core.service import FilmetoService, Reuse
from filmeto_core.types import ProgressType, TaskProgress, TaskResult
from filmeto_core.web.access import LOCAL_TENANT, Caller
from filmeto_core.web.task_models import CallPlace, CallRequest, TaskRequest


def names_its_own(caller: Caller) -> bool:
    """Whether the caller names the runs and calls of this server's journal as they are."""
    return caller.tenant == LOCAL_TENANT or caller.is_own


def placed_for(caller: Caller, request: TaskRequest) -> TaskRequest:
    """The request with its place as this caller may name it.

    Whoever works in this server's own data folder names the journal's runs and calls as they are.
    Others' names are put behind their tenant's, so that nobody reaches into another's film.
    """
    if request.call is None or names_its_own(caller):
        return request
    place = request.call.place
    film = f"{caller.tenant}:{place.film}" if place.film else None
    run_id = f"{caller.tenant}:{place.run_id}" if place.run_id else None
    own = place.model_copy(update={"film": film, "run_id": run_id})
    call = request.call.model_copy(update={"id": None, "place": own})
    return request.model_copy(update={"call": call})


async def called(
    service: FilmetoService,
    posted: PostedTask,
    checked: CheckedCall,
    kept: Callable[[CallRecord], None] | None,
) -> AsyncIterator[TaskProgress | TaskResult]:
    """Progress updates, then the result with the call's record.

    Args:
        posted: Its request has a `call`.
        kept: As for `FilmetoService.call`.

    Raises:
        FilmetoError: The call failed; it is tried again by its caller, if at all.
        asyncio.CancelledError: The task was cancelled.
    """
    asked = CallRequest(**posted.request["call"])
    own = checked.task.model_copy(update={"task_id": asked.id or posted.id})
    updates: asyncio.Queue[TaskProgress | None] = asyncio.Queue()
    started = time.monotonic()
    yield TaskProgress(task_id=posted.id, type=ProgressType.STARTED, message="started")
    work = asyncio.ensure_future(
        service.call(
            checked.model_copy(update={"task": own}),
            updates.put_nowait,
            Reuse(asked.reuse),
            asked.computation,
            _place(asked.place),
            kept,
        )
    )
    work.add_done_callback(lambda _: updates.put_nowait(None))
    try:
        while (update := await updates.get()) is not None:
            yield update.model_copy(update={"task_id": posted.id})
        done = await work
    finally:
        if not work.done():
            work.cancel()
            await asyncio.wait([work])
        await asyncio.to_thread(service.journal.flush)  # its caller may read the same journal
    yield with_record(success(posted.id, done, time.monotonic() - started, 1), done.record)


def with_record(result: TaskResult, record: CallRecord) -> TaskResult:
    """The result with the call's record in its metadata."""
    return result.model_copy(update={"metadata": {**result.metadata, "record": record.to_dict()}})


def _place(told: CallPlace) -> Place:
    budget = Money.read(told.budget) if told.budget else None
    return Place(told.run_id, told.film, told.shot, budget, told.fresh_since)
