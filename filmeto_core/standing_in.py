"""Who takes over when the plugin that should make a call fails it: the profile's next ones, in turn.

The result is kept under the key of the call as it was first asked for, with who made it and why, so
that the next run has it and asks nobody again; a refresh asks the first choice anew.

A call is not passed on while its job is out at a provider, or may be: it could be paid for twice.
"""

import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from filmeto_core.call import CheckedCall, checked_as
from filmeto_core.errors import (
    FilmetoError,
    PluginEnvironmentError,
    PluginExecutionError,
    PluginRefused,
    PluginStartError,
    PluginUnavailable,
    SubmissionUnknown,
    TimeoutError,
)
from filmeto_core.journal.call_notes import Noted
from filmeto_core.journal.journal import Journal
from filmeto_core.remote_call import IN_DOUBT
from filmeto_core.resources.calls import CallRecord
from filmeto_core.serving import Serving
from filmeto_core.types import REQUIRED_INPUTS, ToolType

logger = logging.getLogger(__name__)

REST_S = 60.0  # how long a plugin that could not be reached is not asked again
# A key or an account is put right by a person; so long the others are asked at once.
LONG_REST_S = 600.0
FOR_PEOPLE = ("no_funds", "unauthorized")  # codes of a plugin
# What another call of the plugin would fail for as well; a crash or a time-out may be the call's own.
OF_EVERY_CALL = (
    PluginExecutionError,
    PluginEnvironmentError,
    PluginStartError,
    PluginUnavailable,
)
# With one of these the plugin itself said that it failed, and so that no provider has the job.
ANSWERED = (PluginExecutionError, PluginRefused, PluginEnvironmentError, PluginStartError)
# A provider that takes a key is simply asked again, so that an error which may pass can come after it
# took the job; with these codes the plugin says that it did not.
UNSENT = ("unreachable", "overloaded")
WRONG_CALL = ("bad_input",)  # is told to whoever asked; no other plugin mends it
PLACE = "stands_in"  # in a record's metadata


class Resting:
    """Plugins that failed for what every call of theirs would fail for, and are left alone a while."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until: dict[str, tuple[float, dict[str, Any]]] = {}

    def note(self, plugin: str, error: FilmetoError) -> None:
        """The plugin failed a call so."""
        if error.details.get("plugin_code") in FOR_PEOPLE:
            self._until[plugin] = (self._clock() + LONG_REST_S, _of_any_call(error))
        elif type(error) in OF_EVERY_CALL and error.retryable:
            self._until[plugin] = (self._clock() + REST_S, _of_any_call(error))

    def why(self, plugin: str) -> FilmetoError | None:
        """What it failed for a moment ago; None where it may be asked."""
        until, told = self._until.get(plugin, (0.0, {}))
        return FilmetoError.from_dict(told) if self._clock() < until else None


def _of_any_call(error: FilmetoError) -> dict[str, Any]:
    """The error without what tells which call it was."""
    told = error.to_dict()
    named = ("shot", "task_id", "take")
    return {**told, "details": {k: v for k, v in told["details"].items() if k not in named}}


def may_be_passed_on(error: FilmetoError, key: str, journal: Journal) -> bool:
    """Whether another plugin may make a call that failed so.

    Args:
        key: The call's.
    """
    code = error.details.get("plugin_code")
    if isinstance(error, SubmissionUnknown) or code in (*WRONG_CALL, IN_DOUBT):
        return False
    if not isinstance(error, PluginExecutionError | TimeoutError):
        return False
    answered = type(error) in ANSWERED
    unsent = answered and (not error.retryable or code in UNSENT)
    return journal.jobs_at_work.pass_on(key, error.message, unsent)


def told_of_job(error: FilmetoError, key: str, others: list[str], journal: Journal) -> FilmetoError:
    """The error, with what is known of a job that stays out, and what becomes of it.

    A warm host says so already, and the run that asked it has the same journal: it is said once.

    Args:
        key: The call's.
        others: Who would make it instead.
    """
    if isinstance(error, SubmissionUnknown):  # it tells all that
        return error
    for job in journal.jobs(open_only=True):
        if job.key != key or not job.attempts:
            continue
        known = f"Job {job.job_id} is out at {job.plugin}" if job.job_id else "The job may be out"
        give_up = f"`filmeto runs retry {job.idempotency_key}` gives it up"
        then = f", and {others[0]} makes it" if others else ""
        told = (
            f"{known}: the same command collects it, and it is not paid for twice; {give_up}{then}."
        )
        if give_up not in error.hint:
            error.hint = f"{error.hint} {told}".strip()
    return error


def stand_in_record(
    record: CallRecord, asked: CheckedCall, key: str, computation: str | None, why: FilmetoError
) -> CallRecord:
    """The record of a call that another plugin made, under the key of the one that was asked.

    Args:
        record: What the other one made.
        asked: The call as it was first asked for.
        key: Its key.
        computation: The id that its record gets; by default a fresh one.
        why: What the first choice failed for.
    """
    told = {"for": asked.plugin.name, "why": why.message, "code": why.code}
    return record.model_copy(
        update={
            "key": key,
            "id": computation or uuid.uuid4().hex,
            "metadata": {**record.metadata, PLACE: told},
        }
    )


def standing_in(asked: CheckedCall, other: Serving) -> CheckedCall:
    """The call as the other plugin makes it: with its own defaults, and the inputs that it takes.

    Raises:
        ValidationError: It cannot make it.
    """
    task, tool = asked.task, asked.tool
    needed = 1 if tool in REQUIRED_INPUTS else 0
    most = (
        len(task.resources)
        if tool is ToolType.SPEAK2VIDEO
        else needed + other.spec(tool).references
    )
    task = task.model_copy(update={"resources": task.resources[:most]})
    checked = checked_as(task, other, asked.known)
    return checked.model_copy(update={"folders": asked.folders})


def made_by(call: Noted, record: CallRecord) -> Noted:
    """The call as it is noted when this record is taken for it: who made that."""
    if stands_in_for(record) is None:
        return call
    return replace(call, plugin=record.plugin, plugin_version=record.plugin_version)


def stands_in_for(record: CallRecord) -> dict[str, Any] | None:
    """For whom its plugin stood in, and why: `for`, `why`, `code`; None where it was asked itself."""
    return record.metadata.get(PLACE)


def all_failed(first: FilmetoError, failed: list[tuple[str, FilmetoError]]) -> FilmetoError:
    """The error of a call that nobody could make: the first choice's, which names the others'."""
    told = "; ".join(f"{name}: {error.message}" for name, error in failed)
    if told:
        first.hint = f"{first.hint} It was passed on, and failed as well: {told}".strip()
    return first
