"""PluginManager: starts plugins when they are needed, hands them calls, keeps them warm, ends them.

All of it happens in one loop thread; callers come from any thread and any loop.
"""

import asyncio
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from filmeto_core.errors import (
    FilmetoError,
    PluginExecutionError,
    PluginProtocolError,
    TimeoutError,
)
from filmeto_core.plugin_host import wire
from filmeto_core.plugin_host.builds import Builds
from filmeto_core.plugin_host.discovery import Plugin, Registry
from filmeto_core.plugin_host.environment import environment_of
from filmeto_core.plugin_host.host_loop import HostLoop
from filmeto_core.plugin_host.outputs import PluginOutput, read_outputs
from filmeto_core.plugin_host.queue import Slots
from filmeto_core.plugin_host.wire import Notification, PercentGate
from filmeto_core.plugin_host.worker import Worker
from filmeto_core.settings import Settings
from filmeto_core.types import ProgressType, utc_now

__all__ = ["PluginAnswer", "PluginCall", "PluginManager", "PluginOutput", "PluginState"]

CLOSE_S = 10.0  # the longest that ending all plugins may take


@dataclass(frozen=True)
class PluginCall:
    """What a plugin is asked to do."""

    task_id: str
    tool_name: str
    parameters: Mapping[str, Any]
    output_dir: Path
    resources: list[dict[str, Any]] = field(default_factory=list)
    processed_resources: list[str] = field(default_factory=list)
    timeout_s: float | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    idempotency_key: str | None = None


@dataclass(frozen=True)
class PluginAnswer:
    """What it made."""

    outputs: tuple[PluginOutput, ...]
    metadata: dict[str, Any]
    execution_time_s: float


@dataclass(frozen=True)
class PluginState:
    """How a plugin is: "stopped", "idle" or "busy", and its processes."""

    state: str
    pids: tuple[int, ...] = ()


class _Pool:
    """A plugin's processes."""

    def __init__(self, plugin: Plugin) -> None:
        self.plugin = plugin
        self.slots = Slots(plugin.manifest.execution.concurrency)
        self.idle: list[Worker] = []
        self.busy: set[Worker] = set()


class PluginManager:
    """The plugins of a registry, running.

    Args:
        registry: Which there are.
        settings: Limits, and where environments live.
    """

    def __init__(self, registry: Registry, settings: Settings) -> None:
        self.registry, self.settings = registry, settings
        self._host = HostLoop()
        self._builds = Builds(settings)
        self._pools: dict[str, _Pool] = {}
        self._all: Slots | None = None

    async def prepare(
        self, plugin_name: str, on_message: Callable[[str], None] = lambda _line: None
    ) -> Path:
        """Build the plugin's environment if need be; its interpreter.

        Args:
            on_message: Gets lines for people, in the caller's loop.

        Raises:
            PluginNotFoundError: There is no such plugin.
            PluginEnvironmentError: It cannot be built.
        """
        plugin = self.registry.get(plugin_name)
        environment = environment_of(plugin, self.settings)
        if not environment.ready:
            await self._builds.wait_for(environment.folder, plugin, on_message)
        return environment.python

    async def execute(
        self,
        plugin_name: str,
        call: PluginCall,
        on_progress: Callable[[Notification], None] = lambda _n: None,
    ) -> PluginAnswer:
        """One call of a plugin.

        Args:
            on_progress: Gets each notification once, in order, in the caller's loop, before this
                returns.

        Raises:
            PluginNotFoundError, PluginEnvironmentError, PluginStartError: It cannot run.
            PluginExecutionError: It answered with an error.
            PluginCrashed, PluginProtocolError, PluginOutputError: It broke.
            TimeoutError: The call, or its heartbeat, took too long.
            asyncio.CancelledError: The caller gave up; the plugin was told, or ended.
        """
        plugin = self.registry.get(plugin_name)
        python = await self.prepare(plugin_name)
        loop = asyncio.get_running_loop()

        def pass_on(told: Notification) -> None:
            loop.call_soon_threadsafe(on_progress, told)

        return await self._host.run(lambda: self._execute(plugin, python, call, pass_on))

    async def _execute(
        self,
        plugin: Plugin,
        python: Path,
        call: PluginCall,
        pass_on: Callable[[Notification], None],
    ) -> PluginAnswer:
        pool = self._pools.setdefault(plugin.name, _Pool(plugin))
        if self._all is None:
            self._all = Slots(self.settings.parallel_calls)
        priority = _priority(call.metadata)
        await pool.slots.take(priority)
        try:
            await self._all.take(priority)
            try:
                return await self._with_worker(pool, python, call, pass_on)
            finally:
                self._all.give()
        finally:
            pool.slots.give()

    async def _with_worker(self, pool, python, call, pass_on) -> PluginAnswer:
        running = _Running(call, pool.plugin, self.settings, pass_on)
        worker = next((w for w in reversed(pool.idle) if not w.gone.is_set()), None)
        if worker is None:
            worker = _WarmWorker(pool.plugin, python, self.settings)
            await worker.start()
        else:
            pool.idle.remove(worker)
        worker.rest()
        pool.busy.add(worker)
        try:
            return await running.by(worker)
        finally:
            pool.busy.discard(worker)
            if not worker.gone.is_set():
                pool.idle.append(worker)
                worker.stop_when_idle(pool.idle)

    def states(self) -> dict[str, PluginState]:
        """How each plugin of the registry is."""
        return {name: self._state(self._pools.get(name)) for name in self.registry.plugins}

    def _state(self, pool: _Pool | None) -> PluginState:
        idle = [w for w in (pool.idle if pool else ()) if not w.gone.is_set()]
        busy = list(pool.busy) if pool else []
        state = "busy" if busy else "idle" if idle else "stopped"
        return PluginState(state, tuple(worker.pid for worker in (*busy, *idle)))

    async def close(self) -> None:
        """End every plugin: idle ones gracefully, busy ones at once."""
        if self._host.started:
            await self._host.run(self._close)
            self._host.end()

    def close_sync(self) -> None:
        """As `close`, for a thread without a loop."""
        if self._host.started:
            self._host.run_sync(self._close, CLOSE_S)
            self._host.end()

    async def _close(self) -> None:
        pools, self._pools = list(self._pools.values()), {}
        self._all = None
        ending = [w.stop(self.settings.stop_grace_s) for pool in pools for w in pool.idle]
        ending += [worker.kill() for pool in pools for worker in pool.busy]
        await asyncio.gather(*ending)


class _WarmWorker(Worker):
    """A worker that serves one call at a time, and is stopped after some time unused."""

    def __init__(self, plugin: Plugin, python: Path, settings: Settings) -> None:
        super().__init__(plugin, python, settings, self._notified)
        self.listener: Callable[[str, dict[str, Any]], None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._stopping: asyncio.Task[None] | None = None

    def _notified(self, method: str, params: dict[str, Any]) -> None:
        if self.listener is not None:
            self.listener(method, params)

    def rest(self) -> None:
        """It is in use: it will not be stopped."""
        if self._timer is not None:
            self._timer.cancel()

    def stop_when_idle(self, idle: list[Worker]) -> None:
        """Stop it once it was unused for as long as its manifest, or the settings, say."""
        idle_s = self.plugin.manifest.execution.idle_timeout or self.settings.idle_timeout_s

        def stop() -> None:
            if self in idle:
                idle.remove(self)
                self._stopping = asyncio.ensure_future(self.stop(self.settings.stop_grace_s))

        self._timer = asyncio.get_running_loop().call_later(idle_s, stop)


class _Running:
    """One call while a worker has it: its time limits, its notifications, its answer."""

    def __init__(
        self,
        call: PluginCall,
        plugin: Plugin,
        settings: Settings,
        pass_on: Callable[[Notification], None],
    ) -> None:
        self.call, self.plugin, self.settings, self.pass_on = call, plugin, settings, pass_on
        self._gate = PercentGate()
        self._heard_s: float | None = None
        execution = plugin.manifest.execution
        self.timeout_s = call.timeout_s or execution.timeout or settings.task_timeout_s
        self.silence_s = execution.heartbeat_timeout or settings.heartbeat_timeout_s

    async def by(self, worker: _WarmWorker) -> PluginAnswer:
        """The worker's answer to the call."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        worker.listener = self._notified
        try:
            answer = worker.ask("execute_task", self._params())
            await self._wait(worker, answer, started + self.timeout_s)
            return self._read(answer.result(), loop.time() - started)
        except FilmetoError as error:
            raise error.with_details(plugin=self.plugin.name, task_id=self.call.task_id) from None
        except asyncio.CancelledError:
            await self._cancel(worker, answer)
            raise
        finally:
            worker.listener = None

    async def _wait(self, worker: Worker, answer: "asyncio.Future[Any]", end: float) -> None:
        loop = asyncio.get_running_loop()
        while not answer.done():
            limit = end
            if self._heard_s is not None:
                limit = min(end, self._heard_s + self.silence_s)
            left = limit - loop.time()
            if left <= 0:
                error = self._late(limit == end)
                await worker.kill(error)
                raise error.with_details(stderr=worker.last_lines() or None)
            await asyncio.wait([answer], timeout=left)

    def _late(self, whole_call: bool) -> TimeoutError:
        if whole_call:
            return TimeoutError(
                f"expected the call to end within {self.timeout_s:g} s, and stopped it.",
                hint="Give it a longer timeout, or see what it waits for.",
            )
        return TimeoutError(
            f"expected a heartbeat within {self.silence_s:g} s, got none, and stopped it.",
            hint="The plugin hangs; execution.heartbeat_timeout in its manifest sets the limit.",
        )

    async def _cancel(self, worker: Worker, answer: "asyncio.Future[Any]") -> None:
        if worker.cooperative and not worker.gone.is_set():
            worker.tell("cancel", {"task_id": self.call.task_id})
            await asyncio.wait([answer], timeout=self.settings.cancel_grace_s)
        if not answer.done():
            await worker.kill()
        if answer.done() and not answer.cancelled():
            answer.exception()  # seen: the cancellation is what is told

    def _params(self) -> dict[str, Any]:
        call = self.call
        return {
            "task_id": call.task_id,
            "tool_name": call.tool_name,
            "plugin_name": self.plugin.name,
            "parameters": dict(call.parameters),
            "resources": call.resources,
            "created_at": utc_now().isoformat(),
            "timeout": self.timeout_s,
            "metadata": {**call.metadata, "processed_resources": call.processed_resources},
            "output_dir": str(call.output_dir),
            "idempotency_key": call.idempotency_key,
        }

    def _notified(self, method: str, params: dict[str, Any]) -> None:
        about = params.get("task_id")
        if about is not None and about != self.call.task_id:
            return  # late word of an earlier call
        if method == "heartbeat" or params.get("type") == "heartbeat":
            kind = ProgressType.HEARTBEAT
        elif method == "progress":
            kind = ProgressType.PROGRESS
        else:
            return
        if kind is ProgressType.HEARTBEAT or self._heard_s is not None:
            self._heard_s = asyncio.get_running_loop().time()
        percent = self._gate.pass_on(params.get("percent"))
        data = params.get("data")
        data = data if isinstance(data, dict) else {}
        self.pass_on(Notification(kind, percent, wire.text(params.get("message")), data))

    def _read(self, answer: dict[str, Any], seconds: float) -> PluginAnswer:
        if isinstance(error := answer.get("error"), dict):
            raise PluginExecutionError(
                f"it answered with error {error.get('code')}: {wire.text(error.get('message'))}.",
                hint="See its README.",
                rpc_code=error.get("code"),
            )
        result = answer.get("result")
        if not isinstance(result, dict) or result.get("status") not in ("success", "error"):
            raise PluginProtocolError(
                f'expected a result with status "success" or "error", got {result!r:.200}.',
                hint="This is the plugin's fault: tell its author.",
            )
        metadata = result.get("metadata")
        metadata = metadata if isinstance(metadata, dict) else {}
        if result["status"] == "error":
            raise _own_error(result, metadata)
        folders = (self.plugin.folder, self.call.output_dir)
        outputs = read_outputs(result, folders)
        took = result.get("execution_time")
        plain = isinstance(took, int | float) and math.isfinite(took)
        return PluginAnswer(outputs, metadata, float(took) if plain else seconds)


def _own_error(result: dict[str, Any], metadata: dict[str, Any]) -> PluginExecutionError:
    told = metadata.get("error")
    told = told if isinstance(told, dict) else {}
    details = told.get("details")
    return PluginExecutionError(
        wire.text(result.get("error_message")) or "it failed and did not say why.",
        retryable=told.get("retryable") is True,
        plugin_code=told.get("code") if isinstance(told.get("code"), str) else None,
        plugin_details=details if isinstance(details, dict) and details else None,
    )


def _priority(metadata: Mapping[str, Any]) -> int:
    priority = metadata.get("priority", 0)
    return priority if type(priority) is int else 0
