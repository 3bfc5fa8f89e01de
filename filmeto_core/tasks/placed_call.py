"""A call that a machine of its work queue makes for this one.

    this machine            looks in the shared store; sends the inputs there, by digest
    Prefect                 a run of `tool/tool` on the queue
    the other machine       makes the call with its own plugin, leaves the record in the shared store
    this machine            takes the record from there, by the call's key

A machine that is lost on the way is no fault of the plugin's, nor is a run that fails before the plugin
could say anything: the call is placed again. What a plugin says there is raised here as it is, with the
machine's name.
"""

import asyncio
import hashlib
import logging
import uuid
from typing import Any

from prefect.client.schemas.objects import FlowRun, StateType

from filmeto_core.asked import Asked, Reuse
from filmeto_core.computation import wanted_of
from filmeto_core.errors import (
    FilmetoError,
    PluginCrashed,
    PluginExecutionError,
    PluginRefused,
    StoreError,
)
from filmeto_core.plugin_host.wire import Notification
from filmeto_core.remote_call import RemoteCall
from filmeto_core.resources.calls import CallRecord
from filmeto_core.resources.inputs import Prepared
from filmeto_core.resources.shared_exchange import Exchange, SharedFile
from filmeto_core.service import FilmetoService
from filmeto_core.tasks.placed import Placed, require_shared_store
from filmeto_core.tasks.placed_run import PlacedRun
from filmeto_core.types import utc_now
from filmeto_core.uninterrupted import uninterrupted

logger = logging.getLogger(__name__)

MOST_RUNS = 3  # a call whose machines are lost so often may be what ends them


class PlacedCall:
    """One call; `await record()` once.

    Args:
        here: This machine's service.
        asked: The call.
    """

    def __init__(self, here: FilmetoService, asked: Asked) -> None:
        require_shared_store(here, asked.checked.queue, str(asked.checked.tool))
        self._here, self._asked = here, asked
        self._exchange = Exchange(here.shared)
        self._fresh = asked.reuse is not Reuse.ALWAYS
        self._token = uuid.uuid4().hex
        self._run = PlacedRun(asked.checked.queue, self._name(), self._title(), self._tell)

    async def record(self) -> CallRecord:
        """Its record, in this machine's index.

        Raises:
            FilmetoError: It failed there, or nobody could be asked.
            asyncio.CancelledError: The caller gave up; the other machine was told.
        """
        journal, call = self._here.journal, self._asked.call
        journal.began(call)
        try:
            record = await self._paid()
        except FilmetoError as error:
            journal.ended(call, "failed", str(error))
            if isinstance(error, PluginRefused):
                await uninterrupted(self._here.calls.put_failure, call.key, error.to_dict())
            raise
        except asyncio.CancelledError:
            journal.ended(call, "cancelled")
            raise
        digests = [output.digest or "" for output in record.outputs]
        journal.worked(call, record.seconds, record.cost, digests)
        return record

    async def _paid(self) -> CallRecord:
        """The record; what it may cost is held against the film's budget until it is there.

        Whether a job is out at a provider is for the other machine's journal to know, and for the
        shared store: so this one asks again as it would a provider that takes a key.
        """
        asked = self._asked
        if not asked.checked.plugin.manifest.is_remote:
            return await self._made(None)
        wanted = wanted_of(asked.checked, asked.call, asked.place, self._fresh, takes_key=True)
        async with RemoteCall(self._here.journal.jobs_at_work, wanted) as job:
            record = await self._made(job)
            await uninterrupted(job.done, record.cost)
            return record

    async def _made(self, job: RemoteCall | None) -> CallRecord:
        record = await self._made_before()
        if record is not None:
            return record
        for prepared in self._asked.prepared:
            await self._exchange.give(_shared(prepared), prepared.path)
        if job is not None:
            await uninterrupted(job.begin)
        for _ in range(MOST_RUNS):
            run = await self._run.begin(self._parameters())
            run = await self._followed(run)
            record = await self._of(run)
            if record is not None:
                return record
            logger.warning(
                "%s: its run ended without a word of the plugin's (%s); it is placed again.",
                self._title(),
                run.state.message,
            )
        raise PluginCrashed(
            f"{MOST_RUNS} runs of it on the work queue {self._asked.checked.queue} ended without a "
            f"word of the plugin's: {run.state.message}",
            hint=f"Look at the run {run.name} in the Prefect UI, then run the same command again.",
            queue=self._asked.checked.queue,
        )

    async def _made_before(self) -> CallRecord | None:
        """What another machine has made of it already."""
        if not self._fresh:
            return await self._taken(None)
        run = await self._run.latest()
        if run is None or not (run.state and run.state.is_completed()):
            return None
        outcome = await self._run.outcome(run)  # of this very refresh: its name says so
        return await self._taken(outcome.record) if outcome and outcome.record else None

    async def _followed(self, run: FlowRun) -> FlowRun:
        try:
            return await self._run.ended(run)
        except asyncio.CancelledError:
            if self._is_mine(run):  # else another film waits for it
                await self._run.cancel(run)
            raise

    def _is_mine(self, run: FlowRun) -> bool:
        placed = run.parameters.get("placed") or {}
        return placed.get("asker") == self._token

    async def _of(self, run: FlowRun) -> CallRecord | None:
        """The record of a run that is over; None where its machine was lost, or cut off as it began.

        Raises:
            FilmetoError: What its plugin said; or it was cancelled, or left nothing.
        """
        kind = run.state.type
        if kind is StateType.CRASHED or (kind is StateType.CANCELLED and not self._is_mine(run)):
            return None
        if kind is StateType.CANCELLED:
            raise PluginExecutionError(
                "its run was cancelled in the Prefect UI.",
                hint="Run the same command again to have it made.",
                retryable=False,
                flow_run=str(run.id),
            )
        outcome = await self._run.outcome(run)
        if kind is not StateType.COMPLETED:
            failed = outcome.raised() if outcome else None
            if failed is not None:
                raise failed
            return None
        record = await self._taken(outcome.record if outcome and self._fresh else None)
        if record is None:
            raise StoreError(
                "its run is done, and the shared store has nothing of it.",
                hint="See that FILMETO_STORE_URL is the same on both machines.",
                machine=outcome.machine if outcome else None,
            )
        return record

    async def _taken(self, made: str | None) -> CallRecord | None:
        """The record in the shared store, kept in this machine's index as made now, by its clock."""
        record = await self._exchange.take_record(self._asked.call.key, made)
        if record is None:
            return None
        own = {"id": self._asked.computation or record.id, "created_at": utc_now()}
        record = record.model_copy(update=own)
        await uninterrupted(self._keep, record)
        return record

    def _keep(self, record: CallRecord) -> None:
        self._here.calls.put(record)
        if self._asked.kept is not None:
            self._asked.kept(record)

    def _parameters(self) -> dict[str, Any]:
        checked, call = self._asked.checked, self._asked.call
        placed = Placed(
            key=call.key,
            queue=checked.queue,
            version=checked.plugin.version,
            files=tuple(_shared(p) for p in self._asked.prepared),
            refresh=self._fresh,
            shot=self._asked.place.shot,
            asker=self._token,
            suspect=self._here.shared.suspect_of(call.key),
        )
        return {
            "name": str(checked.tool),
            "parameters": checked.parameters,
            "plugin": checked.plugin.name,
            "take": checked.take,
            "timeout_s": checked.asked_timeout_s,
            "placed": placed.to_dict(),
        }

    def _name(self) -> str:
        """The same for whoever may share its run: another film, and this one when it goes on."""
        call, since = self._asked.call, self._asked.place.fresh_since
        which = "" if not self._fresh else since.isoformat() if since else self._token
        return hashlib.sha256(
            f"{call.key} {self._asked.checked.queue} {which}".encode()
        ).hexdigest()

    def _title(self) -> str:
        return " · ".join(filter(None, [self._asked.place.shot, str(self._asked.checked.tool)]))

    def _tell(self, line: str, percent: float) -> None:
        told = Notification("progress", percent, line, {"stage": "elsewhere"})
        self._asked.meter.notified(told)


def _shared(prepared: Prepared) -> SharedFile:
    return SharedFile(
        digest=prepared.digest,
        kind=prepared.info.kind,
        mime_type=prepared.info.mime_type,
        size=prepared.path.stat().st_size,
    )
