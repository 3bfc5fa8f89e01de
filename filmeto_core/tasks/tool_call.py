"""What a tool task does: its arguments become a FilmetoTask, one plugin call, one output."""

import time
from collections.abc import Mapping
from typing import Any

from prefect.context import TaskRunContext
from prefect.logging import get_run_logger

from filmeto_core.call import CheckedCall
from filmeto_core.deployment.alive import tell_alive
from filmeto_core.errors import FilmetoError
from filmeto_core.resources.calls import CallRecord
from filmeto_core.results import Done
from filmeto_core.standing_in import stands_in_for
from filmeto_core.tasks.artifacts import CallArtifacts
from filmeto_core.tasks.cache_policy import note_checked, reuse_of
from filmeto_core.tasks.closed_arguments import pending
from filmeto_core.tasks.failures import plain_logs
from filmeto_core.tasks.placed import require_shared_store
from filmeto_core.tasks.runtime import (
    CallEvent,
    current_place,
    current_shot,
    is_made_here,
    note_run,
    publish,
    service,
)
from filmeto_core.tool_arguments import as_task
from filmeto_core.types import ResourceOutput, TaskProgress

LOG_STEP_PERCENT = 10.0
NO_RUN = "no-run-yet"  # the id of a task that is only looked at

_computed_here: set[str] = set()


async def perform(tool_name: str, arguments: Mapping[str, Any], computation: str) -> ResourceOutput:
    """One plugin call inside a Prefect task run, watched from the terminal, the log and the UI.

    Raises:
        FilmetoError: The call failed; Prefect retries it if it is retryable.
        asyncio.CancelledError: The run was cancelled.
    """
    plain_logs()
    run = TaskRunContext.get()
    task = as_task(tool_name, arguments, str(run.task_run.id))
    note_run(task.task_id)
    tell_alive()
    here = service()
    reuse, place = reuse_of(run.task, current_place())
    started = time.monotonic()
    watch: _Watch | None = None
    try:
        checked = here.check(task)
        if is_made_here():
            checked = checked.model_copy(update={"queue": None})
        watch = _Watch(checked, CallArtifacts.of_run(run))
        allowed = run.task.retries if run.task.own_retries else checked.max_retries
        done = await here.call(
            checked,
            watch.update,
            reuse,
            computation,
            place,
            last=run.task_run.run_count > allowed,
        )
    except FilmetoError as error:
        error.with_details(shot=current_shot(), tool=tool_name)
        if watch:
            error.max_retries = checked.max_retries
            watch.failed(error, time.monotonic() - started)
        raise
    if not done.cached:
        _computed_here.add(done.record.id)
    watch.done(done)
    return first_output(done.record)


def first_output(record: CallRecord) -> ResourceOutput:
    """The call's first output; the rest are its `others`. Its metadata's `call` tells the call."""
    first, *others = record.outputs
    call = record.model_dump(
        mode="json",
        exclude={"outputs", "metadata", "created_at"},
    )
    if instead := stands_in_for(record):
        call["stands_in"] = instead
    metadata = {**first.metadata, "call": call}
    return first.model_copy(update={"metadata": metadata, "others": tuple(others)})


def computed_here(call_id: str) -> bool:
    """Whether this process computed the call's record, rather than found it."""
    return call_id in _computed_here


class _Watch:
    """Carries one call's updates to whoever watches; each of them costs the call next to nothing."""

    def __init__(self, checked: CheckedCall, artifacts: CallArtifacts) -> None:
        self._checked, self._artifacts = checked, artifacts
        self._plugin = checked.plugin.name
        self._logger, self._logged = get_run_logger(), 0.0
        self._shot = current_shot()  # now: updates come in the context of whoever carries them
        self._tell("started")

    def update(self, progress: TaskProgress) -> None:
        stage = str(progress.data.get("stage", ""))
        self._tell("progress", percent=progress.percent, message=progress.message, stage=stage)
        self._artifacts.progress(progress.percent, progress.message)
        if progress.percent >= self._logged + LOG_STEP_PERCENT:
            self._logged = progress.percent
            self._logger.info("%3.0f %% %s", progress.percent, progress.message)

    def done(self, done: Done) -> None:
        self._plugin = done.record.plugin
        record = done.record
        cost = str(record.cost) if record.cost and not done.cached else None
        told = {"percent": 100.0, "cached": done.cached, "seconds": record.seconds, "cost": cost}
        self._tell("done", **told)
        self._artifacts.finished(self._checked, done)

    def failed(self, error: FilmetoError, seconds: float) -> None:
        self._tell("failed", message=str(error), seconds=seconds, error=error.to_dict())

    def _tell(self, kind: str, **what: Any) -> None:
        checked = self._checked
        publish(
            CallEvent(
                call_id=checked.task.task_id,
                shot=self._shot,
                tool=str(checked.tool),
                plugin=self._plugin,
                kind=kind,
                **what,
            )
        )


def checked_now(tool_name: str, arguments: Mapping[str, Any]) -> int | None:
    """The retries that the chosen plugin's manifest gives, after all that can be checked was.

    None where an argument is still being made (a future), so that nothing can be said yet.

    Raises:
        ValidationError, PluginNotFoundError, ResourceProcessingError: Before a task run exists.
    """
    if any(pending(value) for value in arguments.values()):
        return None
    here = service()
    checked = here.check(as_task(tool_name, arguments, NO_RUN))
    if checked.queue and not is_made_here():
        require_shared_store(here, checked.queue, tool_name)
    note_checked(tool_name, arguments, checked)
    return checked.max_retries
