"""PluginManager: calls plugins from any thread and any event loop.

One loop on one thread of its own holds every process and pipe. A caller's task waits on its own
loop; its notifications reach it there, in order; its cancellation reaches the plugin.
"""

import asyncio
import atexit
import contextlib
import threading
import time
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Future, InvalidStateError
from pathlib import Path
from typing import Any

from filmeto_core.errors import FilmetoError, PluginNotFoundError
from filmeto_core.plugin_host.calls import PluginAnswer, PluginCall, read_outputs
from filmeto_core.plugin_host.delivery import Delivery
from filmeto_core.plugin_host.discovery import Plugin, Registry
from filmeto_core.plugin_host.environment import Environments
from filmeto_core.plugin_host.grants import NO_GRANT, Grant
from filmeto_core.plugin_host.guard import Guard
from filmeto_core.plugin_host.outputs import Most, check_outputs
from filmeto_core.plugin_host.pool import OnMessage, Pool, queued
from filmeto_core.plugin_host.room import Room
from filmeto_core.plugin_host.sandbox import output_parent
from filmeto_core.plugin_host.temporary import clear_dead_temporary
from filmeto_core.plugin_host.turns import Turns
from filmeto_core.plugin_host.watch import Watch
from filmeto_core.plugin_host.wire import Notification
from filmeto_core.settings import Settings

CLOSE_TIMEOUT_S = 10.0  # every step of the stop is bounded by less; this is the net below

# Those with a running thread; held, so that one that its owner forgot still ends its plugins.
_open: set["PluginManager"] = set()


class PluginManager:
    """Runs calls in plugins, whose processes it starts, keeps warm and ends.

    Args:
        registry: The plugins that can be called.
        settings: Time-outs and limits.
        grants: What the user allows plugins on top, by their names.

    `nice` is how far processes that it starts from then on stand back behind this one.
    """

    def __init__(
        self, registry: Registry, settings: Settings, grants: Mapping[str, Grant] = {}
    ) -> None:
        self.registry, self._grants, self.nice = registry, grants, 0
        self._settings = settings
        self._environments = Environments(settings.environments_dir)
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._guard: Guard | None = None
        self._turns = Turns(settings.parallel_calls)
        self._room: Room | None = None
        self._watch: Watch | None = None
        self._pools: dict[str, Pool] = {}
        self._tasks: set[asyncio.Task] = set()

    async def execute(
        self,
        plugin_name: str,
        request: PluginCall,
        on_progress: Callable[[Notification], None] = lambda told: None,
    ) -> PluginAnswer:
        """Run one call to its end.

        Args:
            plugin_name: Which plugin.
            request: The call; its parameters are checked already, its output_dir exists.
            on_progress: Called on the caller's loop, in order, once for each notification, before
                this returns. An exception that it raises ends the call.

        Raises:
            PluginNotFoundError: There is no such plugin, or it does not serve the tool.
            ValidationError: The task's id is unusable.
            PluginExecutionError: The tool's own error, or one of its subclasses.
            TimeoutError: The start, the call, or a heartbeat took too long.
        """
        plugin = self.registry.get(plugin_name)
        request.check()
        if plugin.manifest.tool(request.tool_name) is None:
            raise _not_served(plugin, request)
        where = {"plugin": plugin.name, "tool": str(request.tool_name), "task_id": request.task_id}
        last_lines: Callable[[], str] | None = None
        try:
            with self.registry.working(plugin):
                result, last_lines, seconds = await self._call(plugin, request, on_progress)
            outputs = read_outputs(result, plugin.folder)
            most = Most.of(plugin.manifest, self._settings)
            checked = check_outputs(outputs, (request.output_dir, plugin.folder), most)
        except FilmetoError as error:
            if last_lines is not None:
                error.with_details(stderr=last_lines() or None)
            error.with_details(**where)
            raise
        metadata = result.get("metadata")
        return PluginAnswer(checked, metadata if isinstance(metadata, dict) else {}, seconds)

    async def prepare(self, plugin_name: str, on_message: OnMessage = lambda text: None) -> None:
        """Build the plugin's environment, if it is not there; start nothing.

        Raises:
            PluginEnvironmentError: It could not be built.
        """
        pool = self._pools.get(plugin_name)
        if pool is not None and pool.has_environment:
            return  # and if the plugin has changed just now, its next call builds it
        plugin = self.registry.get(plugin_name)

        def tell(told: Notification) -> None:
            on_message(told.message)

        await self._there(
            lambda delivery: self._pool(plugin).environment(_as_progress(delivery)), tell
        )

    def output_parent(self, plugin_name: str) -> Path:
        """Where calls of the plugin must get their output folders: all that a sandboxed one sees."""
        return output_parent(plugin_name, self._settings)

    def states(self) -> dict[str, dict[str, Any]]:
        """For each plugin: `state` (stopped, starting, idle, busy, unavailable), `pids`,
        `memory_bytes`, `waiting` (calls), `why` (how the last call failed, "" if it did not)."""
        pools = dict(self._pools)
        return {p.name: _state(pools.get(p.name)) for p in self.registry.plugins}

    async def close(self) -> None:
        """Cancel what runs, end every process, and the host's thread."""
        await asyncio.to_thread(self.close_sync)

    def close_sync(self) -> None:
        """As `close`, from a thread without a loop."""
        with self._lock:
            loop, thread, self._loop, self._thread = self._loop, self._thread, None, None
            guard, self._guard = self._guard, None
            _open.discard(self)
        if loop is None:
            return
        stopping = asyncio.run_coroutine_threadsafe(self._stop(), loop)
        with contextlib.suppress(TimeoutError):
            stopping.result(CLOSE_TIMEOUT_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(CLOSE_TIMEOUT_S)
        guard.close()

    # --- on the caller's loop -----------------------------------------------------------------

    async def _call(
        self, plugin: Plugin, request: PluginCall, on_progress
    ) -> tuple[dict, Callable[[], str], float]:
        return await self._there(lambda delivery: self._run(plugin, request, delivery), on_progress)

    async def _there(
        self,
        work: Callable[[Delivery], Coroutine[Any, Any, Any]],
        on_progress: Callable[[Notification], None],
    ) -> Any:
        """Run `work` on the host's loop; wait here, and pass a cancellation on."""
        loop = self._running_loop()
        job = _Job()
        delivery = Delivery(on_progress, lambda: job.cancel(loop))
        if loop is asyncio.get_running_loop():
            self._begin(job, work, delivery)
        else:
            loop.call_soon_threadsafe(self._begin, job, work, delivery)
        try:
            return await delivery.future
        except asyncio.CancelledError:
            over: Future[None] = Future()
            job.cancel(loop, over)
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wrap_future(over)
            raise

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=_serve,
                    args=(self._loop, self._settings.portable),
                    name="filmeto-plugin-host",
                    daemon=True,
                )
                self._thread.start()
                self._guard = Guard(self._settings.portable)
                _open.add(self)
            return self._loop

    # --- on the host's loop -------------------------------------------------------------------

    def _begin(self, job: "_Job", work, delivery: Delivery) -> None:
        task = asyncio.get_running_loop().create_task(self._work(work, delivery))
        self._tasks.add(task)
        task.add_done_callback(lambda task: self._ended(task, delivery))
        job.started(task)

    async def _work(self, work, delivery: Delivery) -> None:
        delivery.end(await work(delivery))  # here, and not in _ended: a turn of the loop earlier

    def _ended(self, task: asyncio.Task, delivery: Delivery) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            # The caller's own, who then does not listen; or the host is closing.
            delivery.end(asyncio.CancelledError("the plugin host was closed"))
        elif task.exception() is not None:
            delivery.end(task.exception())

    async def _run(self, plugin: Plugin, request: PluginCall, delivery: Delivery):
        pool = self._pool(plugin)
        with pool.breaker.passage() as passage:
            if not pool.has_environment:  # before its turn: others need not wait
                await pool.environment(_as_progress(delivery))

            waited = False

            def waits(before: int) -> None:
                nonlocal waited
                waited = True
                place = f"{before} before it" if before else "it is the next"
                delivery.notify(queued(f"waiting for its turn, {place}"))

            async with self._turns.turn(pool, request.priority, waits):
                if waited:
                    delivery.notify(Notification("progress", 0.0, "its turn has come"))
                started = time.monotonic()
                result, last_lines = await pool.execute(request, delivery.notify, passage)
                return result, last_lines, time.monotonic() - started

    def _pool(self, plugin: Plugin) -> Pool:
        pool = self._pools.get(plugin.name)
        if pool is None:
            loop = asyncio.get_running_loop()
            if self._room is None or self._watch is None:
                self._room = Room(loop, self._settings)
                self._watch = Watch(loop, self._room, self._settings)
            environments, room, watch = self._environments, self._room, self._watch
            grant = self._grants.get(plugin.name, NO_GRANT)
            shared = (environments, room, watch, self._current)
            pool = Pool(loop, plugin, self._settings, *shared, grant, self.nice)
            self._pools[plugin.name] = pool
        elif pool.plugin is not plugin:
            pool.renew(plugin)
        return pool

    def _current(self, name: str) -> Plugin | None:
        try:
            return self.registry.get(name)
        except PluginNotFoundError:
            return None

    async def _stop(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await asyncio.gather(*(pool.stop() for pool in self._pools.values()))
        if self._watch is not None:
            await self._watch.stop()
        self._pools.clear()
        self._room = self._watch = None
        self._environments.close()
        await asyncio.get_running_loop().shutdown_default_executor()


class _Job:
    """The host's task for one call, which may be cancelled before it has begun."""

    def __init__(self) -> None:
        self._task: asyncio.Task | None = None
        self._cancelled: list[Future[None] | None] = []

    def started(self, task: asyncio.Task) -> None:
        """On the host's loop."""
        self._task = task
        for over in self._cancelled:
            self._cancel(over)

    def cancel(self, loop: asyncio.AbstractEventLoop, over: "Future[None] | None" = None) -> None:
        """From any thread; `over` is set once the task has ended."""
        try:
            loop.call_soon_threadsafe(self._cancel, over)
        except RuntimeError:  # the host's loop is closed: all is over
            if over is not None:
                over.set_result(None)

    def _cancel(self, over: "Future[None] | None") -> None:
        if self._task is None:
            self._cancelled.append(over)
            return
        self._task.cancel()
        if over is not None:
            self._task.add_done_callback(lambda _: _tell(over))


def _tell(over: "Future[None]") -> None:
    with contextlib.suppress(InvalidStateError):  # its caller was cancelled once more
        over.set_result(None)


def _serve(loop: asyncio.AbstractEventLoop, portable: bool) -> None:
    asyncio.set_event_loop(loop)
    try:
        clear_dead_temporary(portable)  # before anything is started
        loop.run_forever()
        left = asyncio.all_tasks(loop)  # came while it was closing
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    finally:
        loop.close()


def _as_progress(delivery: Delivery) -> OnMessage:
    return lambda message: delivery.notify(Notification("progress", 0.0, message))


def _state(pool: Pool | None) -> dict[str, Any]:
    workers = list(pool.workers) if pool else []
    states = {worker.state for worker in workers}
    broken = "unavailable" if pool and pool.breaker.is_open else "stopped"
    state = next((s for s in ("busy", "starting", "idle") if s in states), broken)
    return {
        "state": state,
        "pids": [worker.pid for worker in workers if worker.pid is not None],
        "memory_bytes": sum(worker.usage.memory_bytes for worker in workers),
        "waiting": sum(not future.done() for *_, future in pool.waiting) if pool else 0,
        "why": pool.why if pool else "",
    }


def _not_served(plugin: Plugin, request: PluginCall) -> PluginNotFoundError:
    serves = ", ".join(tool.name for tool in plugin.manifest.tools)
    return PluginNotFoundError(
        f"the plugin {plugin.name!r} does not serve {request.tool_name}.",
        hint=f"It serves {serves}.",
        plugin=plugin.name,
    )


def _close_all() -> None:
    for manager in list(_open):
        manager.close_sync()


atexit.register(_close_all)
