"""A call that its plugin failed, made by the profile's next ones in turn.

What may be passed on, and what is kept of it, is `standing_in`'s to say.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from filmeto_core.asked import Asked, Reuse
from filmeto_core.call import CheckedCall
from filmeto_core.errors import FilmetoError, PluginExecutionError, ValidationError
from filmeto_core.journal.journal import Journal
from filmeto_core.place import Place
from filmeto_core.plugin_host.wire import Notification
from filmeto_core.resources.calls import CallIndex, CallRecord
from filmeto_core.resources.shared_store import SharedStore
from filmeto_core.retry_pause import retry_pause_s
from filmeto_core.serving import Serving
from filmeto_core.standing_in import (
    Resting,
    all_failed,
    may_be_passed_on,
    stand_in_record,
    standing_in,
)
from filmeto_core.types import TaskProgress

logger = logging.getLogger(__name__)


class Callers(Protocol):
    """What of a service makes one call by one plugin."""

    calls: CallIndex
    shared: SharedStore | None
    journal: Journal
    resting: Resting

    async def asked(
        self,
        checked: CheckedCall,
        update: Callable[[TaskProgress], None],
        reuse: Reuse,
        computation: str | None,
        place: Place,
        kept: Callable[[CallRecord], None] | None,
    ) -> Asked: ...

    async def one(self, asked: Asked) -> tuple[CallRecord, bool]: ...


class PassingOn:
    """Has one call made by the others that its profile names.

    Args:
        service: Makes it.
        first: The call as it was first asked for.
        update: Gets what happens.
    """

    def __init__(
        self, service: Callers, first: Asked, update: Callable[[TaskProgress], None]
    ) -> None:
        self._service, self._first, self._update = service, first, update

    async def record(self, why: FilmetoError) -> tuple[CallRecord, bool]:
        """The record that one of the others makes, or has; kept under the first call's key as well.

        Args:
            why: What the first choice failed for.

        Raises:
            FilmetoError: Nobody could make it, or a job of one of them is, or may be, out.
            asyncio.CancelledError: The caller gave up.
        """
        first, failed = self._first, []
        for other in first.checked.others:
            self._tell(other, why)
            try:
                record, cached = await self._made_by(other)
            except _NotPassedOnError as stopped:
                raise stopped.error from None
            except FilmetoError as error:
                failed.append((other.plugin.name, error))
                continue
            return await self._kept(record, why), cached
        raise all_failed(why, failed)

    async def collected(self) -> tuple[CallRecord, bool] | None:
        """The record of a job that one of the others has out for this call; None where none has.

        Its plugin took over in an earlier run, and was paid: the first choice is not asked as well.

        Raises:
            FilmetoError: The job could not be collected.
        """
        paid = [one for one in self._first.checked.others if one.plugin.manifest.is_remote]
        jobs = await asyncio.to_thread(self._service.journal.jobs, open_only=True) if paid else []
        keys = {job.key for job in jobs if job.state in ("submitted", "unknown")}
        for other in paid if keys else ():
            try:
                asked = await self._asked(standing_in(self._first.checked, other))
            except ValidationError:
                continue
            if asked.call.key in keys:
                name = other.plugin.name
                why = PluginExecutionError(f"it failed before, and {name} had the job already")
                told = f"collecting the job that {name} has out"
                self._first.meter.notified(Notification("progress", 0, told, {"stage": "queued"}))
                record, cached = await self._service.one(asked)
                return await self._kept(record, why), cached
        return None

    async def _kept(self, record: CallRecord, why: FilmetoError) -> CallRecord:
        """The record under the first call's key."""
        first = self._first
        made = stand_in_record(record, first.checked, first.call.key, first.computation, why)
        if first.reuse is not Reuse.NEVER:
            await asyncio.to_thread(self._keep, made)
        return made

    async def _asked(self, checked: CheckedCall) -> Asked:
        first = self._first
        return await self._service.asked(
            checked, self._update, first.reuse, None, first.place, first.kept
        )

    def _tell(self, other: Serving, why: FilmetoError) -> None:
        first = self._first.checked.plugin.name
        told = f"{first} failed, {other.plugin.name} takes over: {why.message}"
        logger.warning("%s", told)
        self._first.meter.notified(Notification("progress", 0, told, {"stage": "standing in"}))

    async def _made_by(self, other: Serving) -> tuple[CallRecord, bool]:
        """Its record; it is tried again here, as its plugin says."""
        attempt, checked = 0, standing_in(self._first.checked, other)
        while True:
            asked = await self._asked(checked)
            try:
                return await self._service.one(asked)
            except FilmetoError as error:
                if not error.retryable or attempt >= checked.max_retries:
                    await self._give_up(error, asked)
                    raise
                attempt += 1
                await asyncio.sleep(retry_pause_s(error, attempt))

    async def _give_up(self, error: FilmetoError, asked: Asked) -> None:
        """Nothing, where yet another plugin may make the call.

        Raises:
            _NotPassedOnError: It would be paid for twice, or the next would fail for the same.
        """
        journal = self._service.journal
        unfit = isinstance(error, ValidationError)
        if not unfit and not await asyncio.to_thread(
            may_be_passed_on, error, asked.call.key, journal
        ):
            raise _NotPassedOnError(error)
        self._service.resting.note(asked.checked.plugin.name, error)

    def _keep(self, record: CallRecord) -> None:
        self._service.calls.put(record)
        if self._service.shared is not None:
            self._service.shared.offer(record)


class _NotPassedOnError(Exception):
    """Nobody else may make the call."""

    def __init__(self, error: FilmetoError) -> None:
        super().__init__(str(error))
        self.error = error
