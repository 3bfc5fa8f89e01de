"""The processes of one plugin, and the turns that calls take over all plugins.

Everything here runs on the host's loop thread.
"""

import asyncio
import contextlib
import heapq
import itertools
import os
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from filmeto_core import process
from filmeto_core.plugin_host.calls import PluginCall
from filmeto_core.plugin_host.discovery import Plugin
from filmeto_core.plugin_host.environment import Environments
from filmeto_core.plugin_host.grants import NO_GRANT, Grant
from filmeto_core.plugin_host.worker import Deliver, NotReached, Worker
from filmeto_core.settings import Settings

OnMessage = Callable[[str], None]


class Pool:
    """A plugin's processes: started on first use, kept warm, stopped when unused.

    Args:
        loop: The host's loop.
        plugin: Whose processes.
        settings: Time-outs.
        environments: Where its environment is built.
        grant: What the user allows it on top.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        plugin: Plugin,
        settings: Settings,
        environments: Environments,
        grant: Grant = NO_GRANT,
    ) -> None:
        self.plugin = plugin
        self._grant = grant
        self.workers: list[Worker] = []
        self.running = 0
        self.waiting: list[tuple[int, int, asyncio.Future]] = []
        self.why = ""  # how the last call or start failed, for people
        self._loop, self._settings, self._environments = loop, settings, environments
        self._idle: list[Worker] = []
        self._idle_timers: dict[Worker, asyncio.TimerHandle] = {}
        self._python: Path | None = None
        self._build: asyncio.Task[Path | None] | None = None
        self._build_ended = threading.Event()
        self._listeners: list[OnMessage] = []

    async def environment(self, on_message: OnMessage) -> Path:
        """The plugin's interpreter; calls that wait for one build share it.

        Raises:
            PluginEnvironmentError: It could not be built.
        """
        while self._python is None or not os.path.exists(self._python):
            # None comes back where its other callers had just given it up.
            self._python = await self._shared_build(on_message)
        return self._python

    async def _shared_build(self, on_message: OnMessage) -> Path | None:
        if self._build is None or self._build.done():
            self._build_ended = threading.Event()
            self._build = self._loop.create_task(self._build_environment(self._build_ended))
        build, ended = self._build, self._build_ended
        self._listeners.append(on_message)
        try:
            return await asyncio.shield(build)
        finally:
            self._listeners.remove(on_message)
            if not self._listeners and not build.done():
                ended.set()  # nobody waits for it any more
                await asyncio.wait([build])

    async def _build_environment(self, ended: threading.Event) -> Path | None:
        def tell(message: str) -> None:
            self._loop.call_soon_threadsafe(self._tell, message)

        work = self._environments.build
        try:
            return await self._loop.run_in_executor(None, work, self.plugin, tell, ended)
        except process.Interrupted:
            return None

    def _tell(self, message: str) -> None:
        for listener in list(self._listeners):
            listener(message)

    async def execute(self, python: Path, call: PluginCall, deliver: Deliver) -> dict[str, Any]:
        """Run a call in a warm process, or in a new one."""
        try:
            while True:
                with contextlib.suppress(NotReached):  # it died idle, just now
                    result = await self._execute_once(python, call, deliver)
                    self.why = ""
                    return result
        except Exception as error:
            self.why = str(error)
            raise

    async def _execute_once(self, python: Path, call: PluginCall, deliver: Deliver):
        worker = self._warm()
        try:
            if worker is None:
                worker = Worker(self._loop, self.plugin, python, self._settings, self._grant)
                self._keep(worker)
                await worker.start()
            return await worker.execute(call, deliver)
        finally:
            self._back(worker)

    async def stop(self) -> None:
        """End all of its processes gracefully."""
        self._build_ended.set()
        await asyncio.gather(*(worker.stop() for worker in list(self.workers)))

    def _warm(self) -> Worker | None:
        while self._idle:
            worker = self._idle.pop()
            self._idle_timers.pop(worker).cancel()
            if worker.usable:
                return worker
        return None

    def _keep(self, worker: Worker) -> None:
        self.workers.append(worker)
        worker.gone.add_done_callback(lambda _: self.workers.remove(worker))

    def _back(self, worker: Worker | None) -> None:
        if worker is None:
            return
        if not worker.free:
            worker.condemn(None)  # still busy, for a caller that would not wait for its end
            return
        idle_s = self.plugin.manifest.execution.idle_timeout or self._settings.idle_timeout_s
        self._idle.append(worker)
        self._idle_timers[worker] = self._loop.call_later(idle_s, self._unused, worker)

    def _unused(self, worker: Worker) -> None:
        if worker in self._idle_timers:
            del self._idle_timers[worker]
            self._idle.remove(worker)
            self._loop.create_task(worker.stop())


class Turns:
    """Who may run: at most so many calls over all plugins, and at most so many of each plugin.

    Waiting calls go by priority, then in order.

    Args:
        limit: Calls at once over all plugins.
    """

    def __init__(self, limit: int) -> None:
        self._free = max(1, limit)
        self._order = itertools.count()
        self._waiting: set[Pool] = set()

    @asynccontextmanager
    async def turn(self, pool: Pool, priority: int) -> AsyncIterator[None]:
        """Wait for a turn, and give it back."""
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(pool.waiting, (-priority, next(self._order), future))
        self._waiting.add(pool)
        self._next()
        try:
            await future
        except asyncio.CancelledError:
            if not future.cancelled():  # it had just got its turn
                self._give_back(pool)
            raise
        try:
            yield
        finally:
            self._give_back(pool)

    def _give_back(self, pool: Pool) -> None:
        pool.running -= 1
        self._free += 1
        self._next()

    def _next(self) -> None:
        while self._free > 0:
            for pool in list(self._waiting):
                while pool.waiting and pool.waiting[0][2].done():  # given up
                    heapq.heappop(pool.waiting)
                if not pool.waiting:
                    self._waiting.discard(pool)
            able = [p for p in self._waiting if p.running < p.plugin.manifest.execution.concurrency]
            if not able:
                return
            pool = min(able, key=lambda p: p.waiting[0][:2])
            future = heapq.heappop(pool.waiting)[2]
            pool.running += 1
            self._free -= 1
            future.set_result(None)
