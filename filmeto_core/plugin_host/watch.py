"""Looks now and then at what plugins' processes take, and ends what takes more than it may.

It looks only while one of them works. A limit that the kernel enforces by itself is set where the
process is started; this is for what it cannot count: a tree of processes, and all plugins together.
"""

import asyncio
import logging
import subprocess

from filmeto_core import process_usage
from filmeto_core.errors import PluginExecutionError
from filmeto_core.plugin_host.answers import out_of_memory
from filmeto_core.plugin_host.limits import process_limit
from filmeto_core.plugin_host.room import Room
from filmeto_core.plugin_host.worker import Worker
from filmeto_core.settings import Settings

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 0.25  # a tree that doubles each time has not filled a machine by then


class Watch:
    """Looks at the processes of a room.

    Args:
        loop: The host's loop.
        room: Whose processes.
        settings: What may be taken.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, room: Room, settings: Settings) -> None:
        self._loop, self._room, self._settings = loop, room, settings
        self._timer: asyncio.TimerHandle | None = None
        self._look: asyncio.Task[None] | None = None
        self._stopped = False

    def wake(self) -> None:
        """A process begins to work."""
        if self._timer is None and not self._stopped:
            self._timer = self._loop.call_later(LOOK_EVERY_S, self._begin)

    @property
    def looking(self) -> bool:
        """Whether it looks now, or will soon."""
        return self._timer is not None

    async def stop(self) -> None:
        """Look no more."""
        self._stopped = True
        if self._timer is not None:
            self._timer.cancel()
        if self._look is not None:
            await asyncio.wait([self._look])

    def _begin(self) -> None:
        self._look = self._loop.create_task(self._once())

    async def _once(self) -> None:
        by_pid = {w.pid: w for w in self._room.workers if w.pid is not None}
        try:
            seen = await self._loop.run_in_executor(
                None, process_usage.usage_of, list(by_pid), self._settings.portable
            )
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            logger.debug("what plugins take cannot be told: %s", error)
            seen = {}
        oom_kills = process_usage.oom_kills()
        for pid, usage in seen.items():
            worker = by_pid[pid]
            tenant = self._room.workers.get(worker)
            if tenant is None:  # it ended meanwhile
                continue
            worker.looked_at(usage, oom_kills)
            tenant.saw(usage.memory_bytes)
            self._judge(worker)
        self._room.looked()
        self._judge_all()
        self._timer = None
        if len(self._room.idle) < len(self._room.workers):
            self.wake()

    def _judge(self, worker: Worker) -> None:
        usage, limit = worker.usage, worker.memory_limit
        if limit is not None and usage.memory_bytes > limit:
            taken = f"it took {usage.memory_bytes / 2**30:.3g} GiB of memory."
            worker.condemn(out_of_memory(taken, limit, usage.memory_bytes))
        most = process_limit(worker.plugin, self._settings)
        if most and usage.processes > most:
            worker.condemn(
                PluginExecutionError(
                    f"it started {usage.processes} processes, and may be {most}.",
                    hint="Have it start fewer, or raise resources.processes in its plugin.yaml.",
                    processes=usage.processes,
                )
            )

    def _judge_all(self) -> None:
        """Where all together take too much, the idle ones go, then the largest of several."""
        over = self._room.memory_bytes - self._settings.memory_bound_bytes
        for worker, tenant in list(self._room.idle.items()):
            if over <= 0:
                return
            over -= worker.usage.memory_bytes
            self._loop.create_task(tenant.evict(worker))
        working = [w for w in self._room.workers if w.state in ("busy", "starting")]
        if over <= 0 or len(working) < 2:
            return
        largest = max(working, key=lambda w: w.usage.memory_bytes)
        bound = self._settings.memory_bound_bytes
        error = out_of_memory(
            f"all plugins together took more than the {bound / 2**30:.3g} GiB that they may, and "
            f"this one the most, {largest.usage.memory_bytes / 2**30:.3g} GiB.",
            None,
            largest.usage.memory_bytes,
            retryable=True,
        )
        error.hint = "Run fewer calls at once (FILMETO_CONCURRENCY), or raise FILMETO_MEMORY_BYTES."
        largest.condemn(error, blamed=False)
