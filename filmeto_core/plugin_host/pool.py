"""The processes of one plugin: kept warm, renewed, ended.

Everything here runs on the host's loop thread.
"""

import asyncio
import contextlib
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from filmeto_core import process
from filmeto_core.plugin_host.breaker import Breaker, Passage
from filmeto_core.plugin_host.calls import PluginCall
from filmeto_core.plugin_host.discovery import Plugin
from filmeto_core.plugin_host.environment import Environments
from filmeto_core.plugin_host.grants import NO_GRANT, Grant
from filmeto_core.plugin_host.room import Room
from filmeto_core.plugin_host.running import Deliver, NotReached
from filmeto_core.plugin_host.watch import Watch
from filmeto_core.plugin_host.wire import Notification
from filmeto_core.plugin_host.worker import Worker
from filmeto_core.settings import Settings

OnMessage = Callable[[str], None]


class Pool:
    """A plugin's processes: started on first use, kept warm, stopped when unused.

    Args:
        loop: The host's loop.
        plugin: Whose processes.
        settings: Time-outs.
        environments: Where its environment is built.
        room: The room that all plugins share.
        watch: Woken when one of its processes works.
        current: Tells the plugin as it is on disk now, None if it is gone.
        grant: What the user allows it on top.
        nice: How far its processes stand back behind this one.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        plugin: Plugin,
        settings: Settings,
        environments: Environments,
        room: Room,
        watch: Watch,
        current: Callable[[str], Plugin | None],
        grant: Grant = NO_GRANT,
        nice: int = 0,
    ) -> None:
        self.plugin, self._grant, self._nice = plugin, grant, nice
        self.workers: list[Worker] = []
        self.running = 0
        self.waiting: list[tuple[int, int, asyncio.Future]] = []
        self.why = ""  # how the last call or start failed, for people
        self.breaker = Breaker()
        self.expected_bytes = plugin.manifest.resources.memory or 0
        self._seen_bytes = 0
        self._loop, self._settings, self._environments = loop, settings, environments
        self._room, self._watch, self._current = room, watch, current
        self._idle: list[Worker] = []
        self._idle_timers: dict[Worker, asyncio.TimerHandle] = {}
        self._python: Path | None = None
        self._build: asyncio.Task[Path | None] | None = None
        self._build_ended = threading.Event()
        self._listeners: list[OnMessage] = []

    def renew(self, plugin: Plugin) -> None:
        """The plugin has changed: what runs goes on to its end, what is idle ends now."""
        self.plugin, self.breaker, self.why = plugin, Breaker(), ""
        self._python = self._build = None
        self.expected_bytes, self._seen_bytes = plugin.manifest.resources.memory or 0, 0
        for worker in list(self._idle):
            self._take(worker)  # at once: no call may find it
            self._loop.create_task(_end(worker))

    @property
    def has_environment(self) -> bool:
        """Whether the environment is known to be there, since processes run in it."""
        return self._python is not None and bool(self.workers)

    def saw(self, memory_bytes: int) -> None:
        """One of its processes takes so much; the next one will as well."""
        self.expected_bytes = self._seen_bytes = max(self._seen_bytes, memory_bytes)

    async def environment(self, on_message: OnMessage) -> Path:
        """The plugin's interpreter; calls that wait for one build share it.

        Raises:
            PluginEnvironmentError: It could not be built.
        """
        while self._python is None or not os.path.exists(self._python):
            plugin = self.plugin
            # None comes back where its other callers had just given it up.
            built = await self._shared_build(on_message)
            if plugin is self.plugin:  # it has not changed meanwhile
                self._python = built
        return self._python

    async def _shared_build(self, on_message: OnMessage) -> Path | None:
        if self._build is None or self._build.done():
            self._build_ended = threading.Event()
            work = self._build_environment(self.plugin, self._build_ended)
            self._build = self._loop.create_task(work)
        build, ended = self._build, self._build_ended
        self._listeners.append(on_message)
        try:
            return await asyncio.shield(build)
        finally:
            self._listeners.remove(on_message)
            if not self._listeners and not build.done():
                ended.set()  # nobody waits for it any more
                await asyncio.wait([build])

    async def _build_environment(self, plugin: Plugin, ended: threading.Event) -> Path | None:
        def tell(message: str) -> None:
            self._loop.call_soon_threadsafe(self._tell, message)

        work = self._environments.build
        try:
            return await self._loop.run_in_executor(None, work, plugin, tell, ended)
        except process.Interrupted:
            return None

    def _tell(self, message: str) -> None:
        for listener in list(self._listeners):
            listener(message)

    async def execute(
        self, call: PluginCall, deliver: Deliver, passage: Passage
    ) -> tuple[dict[str, Any], Callable[[], str]]:
        """Run a call in a warm process, or in a new one.

        Returns:
            Its result, and what tells the last lines that its process wrote.
        """
        try:
            while True:
                passage.check()
                with contextlib.suppress(NotReached):  # it died idle, just now
                    answered = await self._execute_once(call, deliver, passage)
                    self.why = ""
                    return answered
        except Exception as error:
            self.why = str(error)
            raise

    async def _execute_once(
        self, call: PluginCall, deliver: Deliver, passage: Passage
    ) -> tuple[dict[str, Any], Callable[[], str]]:
        worker = self._warm()
        try:
            if worker is None:
                worker = await self._new(deliver, passage)
                await worker.start()
            self._watch.wake()
            return await worker.execute(call, deliver), worker.last_lines
        finally:
            self._back(worker)

    async def _new(self, deliver: Deliver, passage: Passage) -> Worker:
        while (pause_s := self.breaker.pause_s()) > 0:
            await asyncio.sleep(pause_s)
            passage.check()
        # Built already, unless the plugin has changed while the call waited for its turn.
        python = await self.environment(lambda line: deliver(Notification("progress", 0.0, line)))
        seat = await self._room.enter(self, lambda why: deliver(queued(why)))
        about = (self.plugin, python, self._settings, self.breaker)
        worker = Worker(self._loop, *about, seat, self._grant, self._nice)
        self.workers.append(worker)
        worker.gone.add_done_callback(lambda _: self._forget(worker))
        self._room.join(worker, self)
        return worker

    async def stop(self) -> None:
        """End all of its processes gracefully."""
        self._build_ended.set()
        await asyncio.gather(*(_end(worker) for worker in list(self.workers)))

    async def evict(self, worker: Worker) -> None:
        """End an idle process."""
        self._take(worker)
        await _end(worker)

    def _warm(self) -> Worker | None:
        while self._idle:
            worker = self._idle[-1]
            self._take(worker)
            if worker.usable:
                return worker
        return None

    def _take(self, worker: Worker) -> None:
        """It is idle no more."""
        if worker in self._idle:  # its timer stays: it finds the worker busy, or idle anew
            self._idle.remove(worker)
            self._room.wake(worker)

    def _forget(self, worker: Worker) -> None:
        """It is gone."""
        self.workers.remove(worker)
        timer = self._idle_timers.pop(worker, None)
        if timer is not None:
            timer.cancel()

    def _back(self, worker: Worker | None) -> None:
        if worker is None or worker.state == "stopping":
            return
        if not worker.free:
            # Still busy, for a caller that would not wait for its end.
            worker.condemn(None, blamed=False)
            return
        if worker.plugin is not self.plugin:  # of before it changed
            self._loop.create_task(_end(worker))
            return
        worker.idle_since = self._loop.time()
        self._idle.append(worker)
        self._room.rest(worker, self)
        if worker not in self._idle_timers:
            self._arm(worker)

    def _arm(self, worker: Worker) -> None:
        idle_s, every_s = self._loop.time() - worker.idle_since, self._settings.ping_interval_s
        wait_s = min(self._idle_s - idle_s, every_s - idle_s if idle_s < every_s else every_s)
        self._idle_timers[worker] = self._loop.call_later(wait_s, self._look_after, worker)

    @property
    def _idle_s(self) -> float:
        return self.plugin.manifest.execution.idle_timeout or self._settings.idle_timeout_s

    def _look_after(self, worker: Worker) -> None:
        """It was idle for a while: it ends, or says that it is there."""
        del self._idle_timers[worker]
        if worker not in self._idle:
            return
        idle_s = self._loop.time() - worker.idle_since
        if (
            idle_s >= self._idle_s
            or not worker.free
            or self._current(self.plugin.name) is not self.plugin
        ):
            self._loop.create_task(self.evict(worker))
            return
        may_ping = worker.cooperative or self.plugin.manifest.startup.health_check
        if may_ping and idle_s >= self._settings.ping_interval_s:
            worker.ping()
        self._arm(worker)


def queued(why: str) -> Notification:
    """What a call is told that waits."""
    return Notification("progress", 0.0, why, {"stage": "queued"})


async def _end(worker: Worker) -> None:
    """Stop a process; what it saves then, beside its main.py, is no change of the plugin."""
    with worker.plugin.sources.working():
        await worker.stop()
