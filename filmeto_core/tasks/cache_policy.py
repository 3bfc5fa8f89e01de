"""Prefect's cache keys for tool calls, so that a reused call shows as Cached in its UI.

The index of finished calls is the truth, and this follows it: Prefect's key is the call's key
together with the id of the computation that the index holds. A record that is gone, damaged or
replaced changes the id, so a result that Prefect kept is never taken for more than it is worth.
"""

import hashlib
import logging
import uuid
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from prefect import Task
from prefect.cache_policies import CachePolicy
from prefect.context import TaskRunContext

from filmeto_core.asked import Reuse
from filmeto_core.call import CheckedCall
from filmeto_core.errors import FilmetoError
from filmeto_core.place import Place
from filmeto_core.tasks.runtime import service
from filmeto_core.tool_arguments import as_task
from filmeto_core.types import ResourceType, utc_now

logger = logging.getLogger(__name__)

_computations: dict[Any, str] = {}
_checked: ContextVar[list[tuple[str, dict[str, Any], CheckedCall]]] = ContextVar("filmeto_checked")


class ToolCallCache(CachePolicy):
    """Keys of tool calls whose inputs are local files; others are looked up once they are there."""

    def compute_key(
        self,
        task_ctx: TaskRunContext,
        inputs: dict[str, Any],
        flow_parameters: dict[str, Any],
        **kwargs: Any,
    ) -> str | None:
        """The key under which Prefect keeps this run's result, or None for no record."""
        try:
            return self._key(task_ctx, inputs)
        except FilmetoError as error:
            logger.debug("no cache key: %s", error)  # the run itself raises it
            return None

    def _key(self, task_ctx: TaskRunContext, inputs: dict[str, Any]) -> str | None:
        here, checked = service(), _noted(task_ctx.task.name, inputs)
        name, run = task_ctx.task.name, str(task_ctx.task_run.id)
        task = checked.task if checked else as_task(name, inputs, run)
        if any(r.type is not ResourceType.LOCAL_PATH for r in task.resources):
            return None
        checked = checked or here.check(task)
        key = here.key(checked, [here.store.put_file(Path(r.data)).digest for r in task.resources])
        record = None if task_ctx.task.refresh_cache else here.calls.get(key)
        since = oldest_taken(task_ctx.task)
        if record is not None and since is not None and record.created_at < since:
            record = None
        computation = record.id if record else uuid.uuid4().hex
        if record is None:
            _computations[task_ctx.task_run.id] = computation
        whole = f"{key} {computation} {here.settings.store_dir}"  # paths hold the store's folder
        return hashlib.sha256(whole.encode()).hexdigest()


def note_checked(tool: str, arguments: Mapping[str, Any], checked: CheckedCall) -> None:
    """A call was checked, and begins in this moment: its key need not check it again."""
    _checked.set([(tool, dict(arguments), checked)])


def _noted(tool: str, arguments: dict[str, Any]) -> CheckedCall | None:
    """The call as it was just checked; once, since a later attempt is another moment."""
    noted = _checked.get([])
    if noted and noted[0][:2] == (tool, arguments):
        return noted.pop()[2]
    return None


def oldest_taken(task: Task) -> datetime | None:
    """When a result must have been made to be taken; None where `cache_expiration` sets no limit."""
    return None if task.cache_expiration is None else utc_now() - task.cache_expiration


def reuse_of(task: Task, place: Place) -> tuple[Reuse, Place]:
    """What a task's cache options let its call reuse, and its place, which tells since when.

    Prefect heeds these options for its own records; here they are heeded for the index, which would
    otherwise give back what they were set to leave alone.
    """
    since = oldest_taken(task)
    if getattr(task, "anew", False):
        return Reuse.NEVER, place
    if task.refresh_cache:
        return Reuse.REFRESH, place
    if since is not None:
        return Reuse.REFRESH, replace(place, fresh_since=since)
    return Reuse.ALWAYS, place


def computation_id(task_run_id: Any) -> str:
    """The id that this run's record gets, so that Prefect's key of the next run finds it."""
    return _computations.pop(task_run_id, None) or uuid.uuid4().hex
