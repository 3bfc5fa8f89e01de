"""The flow run by which another machine makes a call: begun or joined, followed, cancelled.

It is a run of the deployment `tool/tool` on the call's work queue. Two films that want the same call at
the same time, and one that was stopped and goes on, share one run: its idempotency key follows from
the call and from the run of it before, so that nothing is begun twice.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    ArtifactFilterKey,
    FlowRunFilter,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.sorting import FlowRunSort
from prefect.deployments import arun_deployment
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelling, Crashed, Scheduled

from filmeto_core.deployment import POOL
from filmeto_core.deployment.alive import server_time
from filmeto_core.errors import ServerUnreachableError, ValidationError
from filmeto_core.tasks.insisting import insisted
from filmeto_core.tasks.placed import DEPLOYMENT, OUTCOME, Outcome
from filmeto_core.tasks.run_watch import Reading, run_watch

logger = logging.getLogger(__name__)

NAME_DIGITS = 24  # of what names a call in tags and idempotency keys
UNTAKEN_S = 30.0  # a run that no worker took for so long is looked into
STARTING_S = 120.0  # a worker that took a run and has not begun it for so long is gone
UNSERVED_S = 600.0  # how long a queue may be without any worker
POLLED_S = 60.0  # a worker asks every few seconds; a queue that nobody asked for so long has none
SKEW = timedelta(minutes=15)  # as far as clocks may be apart; S3 refuses more
CANCEL_S = 5.0  # the longest that telling of a cancellation may take

Tell = Callable[[str, float], None]


class PlacedRun:
    """One run, of one call.

    Args:
        queue: Its work queue.
        name: What tells the call from others: the same for whoever may share its run.
        title: Its name in the Prefect UI.
        tell: Gets a line for people, and the percentage done.
    """

    def __init__(self, queue: str, name: str, title: str, tell: Tell) -> None:
        self._queue, self._title, self._tell = queue, title, tell
        self._name = name[:NAME_DIGITS]
        self._began = self._looked = time.monotonic()
        self._unserved_since: float | None = None
        self._pending_since: float | None = None
        self._moved = False

    async def latest(self) -> FlowRun | None:
        """The call's latest run, whoever began it; None where there was none."""
        wanted = FlowRunFilter(tags=FlowRunFilterTags(all_=[self._tag]))
        return await insisted(lambda client: _latest(client, wanted))

    async def begin(self, parameters: dict[str, Any]) -> FlowRun:
        """A run that is not over: the one that is out already, else a new one.

        Raises:
            ValidationError: There is no such deployment.
            ServerUnreachableError: Prefect's server does not answer.
        """
        return await insisted(lambda client: self._begun(client, parameters))

    async def _begun(self, client: PrefectClient, parameters: dict[str, Any]) -> FlowRun:
        wanted = FlowRunFilter(tags=FlowRunFilterTags(all_=[self._tag]))
        last = await _latest(client, wanted)
        if last is not None and not (last.state and last.state.is_final()):
            return last
        now = server_time(await client.request("GET", "/health"))
        try:
            return await arun_deployment(
                DEPLOYMENT,
                client=client,
                parameters=parameters,
                scheduled_time=now,
                flow_run_name=self._title,
                timeout=0,
                tags=[self._queue, self._tag],
                idempotency_key=f"{self._name}:{last.id if last else 'first'}",
                work_queue_name=self._queue,
            )
        except ObjectNotFound as error:
            raise ValidationError(
                f"Prefect knows no deployment {DEPLOYMENT}, by which the work queue {self._queue} "
                "makes calls.",
                hint="Run `filmeto up` on the machine that serves the queue; it registers it.",
                field="queue",
                value=self._queue,
            ) from error

    async def ended(self, run: FlowRun) -> FlowRun:
        """The run, once it is over; what is to be told meanwhile is told.

        Raises:
            ServerUnreachableError: No worker serves the queue.
        """
        while True:
            reading = await run_watch().reading(run.id)
            if reading.run is None:
                return run.model_copy(update={"state": Crashed(message="It was deleted.")})
            if reading.run.state and reading.run.state.is_final():
                return reading.run
            await self._look(reading)

    async def cancel(self, run: FlowRun) -> None:
        """Have it cancelled, which its worker hears within seconds."""
        telling = asyncio.ensure_future(_set_state(run, Cancelling()))
        await asyncio.wait([telling], timeout=CANCEL_S)

    async def outcome(self, run: FlowRun) -> Outcome | None:
        """How it says that it ended; None where it could not say."""
        wanted = ArtifactFilter(
            flow_run_id=ArtifactFilterFlowRunId(any_=[run.id]),
            key=ArtifactFilterKey(any_=[OUTCOME]),
        )
        found = await insisted(lambda client: client.read_artifacts(artifact_filter=wanted))
        return Outcome.read(found[-1].data) if found else None

    @property
    def _tag(self) -> str:
        return f"call:{self._name}"

    async def _look(self, reading: Reading) -> None:
        run, state, now = reading.run, reading.run.state, time.monotonic()
        pending = state.is_pending()
        self._pending_since = (self._pending_since or now) if pending else None
        if state.is_scheduled():
            self._tell(f"waiting for a machine of the work queue {self._queue}", 0.0)
            if now - self._looked > UNTAKEN_S:
                self._looked = now
                await self._look_into_queue(run, now)
        elif pending:
            self._tell(f"starting on a machine of the work queue {self._queue}", 0.0)
            if now - self._pending_since > STARTING_S:
                why = f"Its worker took it {STARTING_S:.0f} s ago and has not begun it."
                await _set_state(run, Crashed(message=why), force=True)
        else:
            self._tell(f"at work on the work queue {self._queue}", reading.percent or 0.0)

    async def _look_into_queue(self, run: FlowRun, now: float) -> None:
        """Why nobody takes it: no worker, or one whose clock is behind and sees it in the future."""
        try:
            served = await _is_served(self._queue)
        except (httpx.HTTPError, OSError):
            return
        if served:
            self._unserved_since = None
            if not self._moved:
                self._moved = True
                await _set_state(run, Scheduled(scheduled_time=run.expected_start_time - SKEW))
            return
        self._unserved_since = self._unserved_since or self._began
        logger.warning(
            "No worker serves the work queue %s; start one: filmeto up --queue %s",
            self._queue,
            self._queue,
        )
        if now - self._unserved_since > UNSERVED_S:
            await self.cancel(run)
            raise ServerUnreachableError(
                f"no worker has served the work queue {self._queue} for {UNSERVED_S / 60:.0f} min.",
                hint=f"Start one: `filmeto up --queue {self._queue}`, or take `queue` out of the "
                "entry in filmeto.yaml. Then run the same command again.",
                retryable=False,
                queue=self._queue,
            )


async def _latest(client: PrefectClient, wanted: FlowRunFilter) -> FlowRun | None:
    runs = await client.read_flow_runs(
        flow_run_filter=wanted, sort=FlowRunSort.EXPECTED_START_TIME_DESC, limit=1
    )
    return runs[0] if runs else None


async def _is_served(queue: str) -> bool:
    async with get_client() as client:
        told = await client.read_work_queue_by_name(queue, work_pool_name=POOL)
        now = server_time(await client.request("GET", "/health"))
    return told.last_polled is not None and (now - told.last_polled).total_seconds() < POLLED_S


async def _set_state(run: FlowRun, state: Any, force: bool = False) -> None:
    try:
        async with get_client() as client:
            await client.set_flow_run_state(run.id, state, force=force)
    except (httpx.HTTPError, OSError, ObjectNotFound) as error:
        logger.warning("Run %s could not be told of: %s", run.name, error)
