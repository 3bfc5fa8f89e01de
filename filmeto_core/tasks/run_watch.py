"""Flow runs that calls of this process wait for: one request a second tells of all of them.

A server that does not answer for a while is asked again; a run goes on without it.
"""

import asyncio
import logging
from dataclasses import dataclass
from uuid import UUID

import httpx
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    ArtifactFilterType,
    FlowRunFilter,
    FlowRunFilterId,
)
from prefect.client.schemas.objects import FlowRun

logger = logging.getLogger(__name__)

POLL_S = 1.0
AT_ONCE = 100  # runs in one request


@dataclass(frozen=True)
class Reading:
    """A run as it was a moment ago.

    Args:
        run: None where the server knows it no more.
        percent: Of its progress artifact, where it has one.
    """

    run: FlowRun | None
    percent: float | None = None


class RunWatch:
    """One a process and event loop; `reading` for each run that somebody waits for."""

    def __init__(self) -> None:
        self._wanted: dict[UUID, list[asyncio.Future[Reading]]] = {}
        self._work: asyncio.Task[None] | None = None

    async def reading(self, run_id: UUID) -> Reading:
        """The run, as it is a second from now at the earliest."""
        future: asyncio.Future[Reading] = asyncio.get_running_loop().create_future()
        self._wanted.setdefault(run_id, []).append(future)
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._poll())
        return await future

    async def _poll(self) -> None:
        async with get_client() as client:
            while self._wanted:
                await asyncio.sleep(POLL_S)
                ids = list(self._wanted)
                for start in range(0, len(ids), AT_ONCE):
                    try:
                        await self._read(client, ids[start : start + AT_ONCE])
                    except (httpx.HTTPError, OSError) as error:
                        logger.debug("Prefect's server does not answer: %s", error)

    async def _read(self, client: PrefectClient, ids: list[UUID]) -> None:
        filters = FlowRunFilter(id=FlowRunFilterId(any_=ids))
        found = await client.read_flow_runs(flow_run_filter=filters, limit=len(ids))
        runs = {run.id: run for run in found}
        at_work = [r.id for r in found if r.state and r.state.is_running()]
        percents = await self._percents(client, at_work) if at_work else {}
        for run_id in ids:
            told = Reading(runs.get(run_id), percents.get(run_id))
            for future in self._wanted.pop(run_id, ()):
                if not future.done():
                    future.set_result(told)

    async def _percents(self, client: PrefectClient, ids: list[UUID]) -> dict[UUID, float]:
        filters = ArtifactFilter(
            flow_run_id=ArtifactFilterFlowRunId(any_=ids),
            type=ArtifactFilterType(any_=["progress"]),
        )
        found = await client.read_artifacts(artifact_filter=filters, limit=len(ids))
        told = {a.flow_run_id: a.data for a in found}
        return {i: float(v) for i, v in told.items() if i and isinstance(v, int | float)}


_watches: dict[asyncio.AbstractEventLoop, RunWatch] = {}


def run_watch() -> RunWatch:
    """The running loop's."""
    loop = asyncio.get_running_loop()
    if loop not in _watches:
        for known in [known for known in _watches if known.is_closed()]:
            del _watches[known]
        _watches[loop] = RunWatch()
    return _watches[loop]
