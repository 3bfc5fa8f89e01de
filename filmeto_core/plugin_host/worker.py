"""One plugin process from its start to its end, and the one call that runs in it.

Everything here runs on the host's loop thread. A process has one verdict: the first reason for
which it must go. Whoever waits (for readiness, for a result) is told when the process is gone, so
that nothing it still writes can be mistaken for the next call's.
"""

import asyncio
import logging
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from filmeto_core import process
from filmeto_core.errors import (
    FilmetoError,
    PluginCrashed,
    PluginProtocolError,
    PluginStartError,
    TimeoutError,
)
from filmeto_core.plugin_host import wire
from filmeto_core.plugin_host.answers import DOCS, how_it_ended, not_ready, read_answer
from filmeto_core.plugin_host.calls import PluginCall
from filmeto_core.plugin_host.denials import explained
from filmeto_core.plugin_host.discovery import Plugin
from filmeto_core.plugin_host.grants import NO_GRANT, Grant
from filmeto_core.plugin_host.pipes import Reader, Tail, Writer
from filmeto_core.plugin_host.running import Deliver, NotReached, Running
from filmeto_core.plugin_host.spawn import Spawned, spawn
from filmeto_core.settings import Settings

CLOSED_PIPE_GRACE_S = 1.0  # a process that ends closes its pipes first, and ends within this
CANCEL_GRACE_S = 1.0  # a co-operative plugin stops itself; Ctrl-C must be through within 2 s
TERM_GRACE_S = 0.3  # from SIGTERM to SIGKILL, once it is past asking
KILL_WAIT_S = 5.0  # a killed process can hang in the kernel (a dead network disk); its caller not


class Worker:
    """A plugin's process; `start` it, `execute` in it one call at a time, `stop` it.

    Args:
        loop: The host's loop, whose thread calls everything here.
        plugin: Whose process it is.
        python: The interpreter of its environment.
        settings: Time-outs, limits and the cap of a line.
        grant: What the user allows the plugin on top.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        plugin: Plugin,
        python: Path,
        settings: Settings,
        grant: Grant = NO_GRANT,
    ) -> None:
        self.plugin = plugin
        self.state = "starting"
        self.pid: int | None = None
        self.gone = loop.create_future()  # done once the process, its tree and its pipes are
        self.cooperative = False  # told by protocol_version: it reads `cancel` while it works
        self.dropped = 0  # messages that answered to nothing
        self._loop, self._python, self._settings, self._grant = loop, python, settings, grant
        self._spawned: Spawned | None = None
        self._log = logging.getLogger(f"filmeto.plugin.{plugin.name}")
        self._tail = Tail(self._log)
        self._splitter = wire.LineSplitter(settings.max_line_bytes)
        self._ready = loop.create_future()
        self._running: Running | None = None
        self._numbers = 0
        self._pipe_closed = False
        self._verdict: FilmetoError | NotReached | None = None
        self._timers: list[asyncio.TimerHandle] = []

    async def start(self) -> None:
        """Start the process and wait until it is ready.

        Raises:
            PluginStartError: It could not be started, or ended before it was ready.
            TimeoutError: It was not ready within the manifest's startup.timeout.
        """
        try:
            self._spawned = spawn(self.plugin, self._python, self._settings, self._grant)
        except OSError as error:
            self.state = "stopped"
            self.gone.set_result(None)
            raise self._located(
                PluginStartError(f"its process could not be started: {error}.")
            ) from error
        self.pid = self._spawned.process.pid
        self._stdin = Writer(self._loop, self._spawned.stdin, self._closed("stdin"))
        self._stdout = Reader(self._loop, self._spawned.stdout, self._read, self._closed("stdout"))
        self._stderr = Reader(self._loop, self._spawned.stderr, self._tail.add, lambda: None)
        self._unwatch = self._spawned.watch_exit(self._loop, self._exited)
        timeout_s = self.plugin.manifest.startup.timeout
        self._after(timeout_s, self._late_start, timeout_s)
        try:
            await asyncio.shield(self._ready)
        except asyncio.CancelledError:
            self.condemn(None)
            await asyncio.shield(self.gone)
            raise

    @property
    def free(self) -> bool:
        """Whether it is idle, and its pipes are whole."""
        return self.state == "idle" and not self._pipe_closed

    @property
    def usable(self) -> bool:
        """Whether it can take a call: free, and its process alive."""
        return self.free and not process.has_exited(self._spawned.process)

    async def stop(self) -> None:
        """End it gracefully: close stdin, wait, SIGTERM, wait, SIGKILL."""
        if self.state in ("starting", "idle", "busy"):
            self.state = "stopping"
            self._stdin.close()
            grace_s = self._settings.stop_grace_s
            self._after(grace_s, self._signal, signal.SIGTERM)
            self._after(grace_s * 2, self._kill)
        await asyncio.shield(self.gone)

    def condemn(self, verdict: FilmetoError | None) -> None:
        """End it for a reason; SIGTERM, then SIGKILL. A later reason does not count."""
        if self.state in ("condemned", "stopped"):
            return
        self.state, self._verdict = "condemned", verdict
        self._signal(signal.SIGTERM)
        self._after(TERM_GRACE_S, self._kill)

    # --- its call ---------------------------------------------------------------------------

    async def execute(self, call: PluginCall, deliver: Deliver) -> dict[str, Any]:
        """Run a call in it; every notification goes to `deliver` before this returns.

        Cancelled, it asks the plugin to stop, ends the process if that does not help, and
        raises only when the call is over.

        Returns:
            The plugin's result, whose status is "success".

        Raises:
            PluginExecutionError: The plugin's own error, or one of its subclasses.
            TimeoutError: The call, or a heartbeat, took too long.
            NotReached: It had worked, and ended idle, before it took this call.
        """
        self._numbers += 1
        running = Running(self._numbers, call, deliver, self._loop.create_future())
        self._running, self.state = running, "busy"
        manifest = self.plugin.manifest.execution
        timeout_s = call.timeout_s or manifest.timeout or self._settings.task_timeout_s
        silence_s = manifest.heartbeat_timeout or self._settings.heartbeat_timeout_s
        running.timers = [
            self._loop.call_later(timeout_s, self._late, timeout_s),
            self._loop.call_later(silence_s, self._listen, running, silence_s),
        ]
        params = call.params(self.plugin.name, timeout_s)
        request = wire.request(running.number, "execute_task", params)
        running.size_bytes = len(request)
        self._stdin.send(request)
        try:
            return await running.future
        except asyncio.CancelledError:
            await self._give_up(running)
            raise

    async def _give_up(self, running: Running) -> None:
        """The caller is gone: `cancel`, a grace, then the end; returns when the call is over."""
        if self._running is not running:
            return
        running.future, running.deliver = self._loop.create_future(), lambda _: None
        self._stdin.send(wire.notification("cancel", {"task_id": running.call.task_id}))
        grace_s = CANCEL_GRACE_S if self.cooperative else 0
        running.timers.append(self._loop.call_later(grace_s, self._uncooperative, running))
        await asyncio.wait([running.future])
        running.future.exception()  # how it ended interests nobody any more
        if self.state in ("condemned", "stopped"):
            await asyncio.shield(self.gone)

    def _uncooperative(self, running: Running) -> None:
        if self._running is running:
            self.condemn(None)

    def _late(self, timeout_s: float) -> None:
        self.condemn(
            TimeoutError(
                f"it took longer than the {timeout_s:g} s that it may.",
                hint="Give the call more time (timeout), or the plugin (execution.timeout).",
            )
        )

    def _listen(self, running: Running, silence_s: float) -> None:
        if self._running is not running:
            return
        silent_s = time.monotonic() - running.heard
        if not running.beats or silent_s < silence_s:
            wait_s = max(silence_s - silent_s, 0) or silence_s
            running.timers[1] = self._loop.call_later(wait_s, self._listen, running, silence_s)
        else:
            self.condemn(
                TimeoutError(
                    f"nothing was heard of it for {silence_s:g} s, after it had sent heartbeats.",
                    hint="It hangs; see its last lines, or raise execution.heartbeat_timeout.",
                )
            )

    def _late_start(self, timeout_s: float) -> None:
        if not self._ready.done():
            self.condemn(not_ready(timeout_s))

    # --- what it says -----------------------------------------------------------------------

    def _read(self, data: bytes) -> None:
        if b"{" not in data and not self._splitter.holding:
            self._text(data)  # a flood of text costs no line's look
            return
        try:
            lines = self._splitter.feed(data)
        except wire.LineTooLong:
            cap_mib = self._settings.max_line_bytes / 1024 / 1024
            self.condemn(
                PluginProtocolError(
                    f"it sent a line of more than {cap_mib:g} MiB.",
                    hint="Files go to the output folder; only their paths go over the wire.",
                )
            )
            return
        for line in lines:
            try:
                self._line(line)
            except Exception:  # the edge of a process: no line may end the reading of the next
                self.dropped += 1
                self._log.exception("a line could not be handled: %.200r", line)

    def _line(self, line: bytes) -> None:
        message = wire.parse(line)
        if message is None:
            if line.strip():
                self._text(line + b"\n")
            return
        method, params = message.get("method"), message.get("params")
        if not isinstance(params, dict):
            params = {}
        if isinstance(method, str):
            self._told(method, params, message)
        elif "result" in message or "error" in message:
            self._answered(message)
        else:
            self._text(line + b"\n")

    def _text(self, data: bytes) -> None:
        self._tail.add(data)

    def _told(self, method: str, params: dict[str, Any], message: dict[str, Any]) -> None:
        if method == "progress" or method == "heartbeat":
            self._notified(params, "heartbeat" if method == "heartbeat" else None)
        elif method == "ready":
            self._got_ready(params)
        elif method == "log":
            self._log.info("%s", str(params.get("message", ""))[:2000])
        elif message.get("id") is not None:
            refusal = f"the host has no method {method!r}"
            self._stdin.send(wire.refusal(message["id"], wire.METHOD_NOT_FOUND, refusal))
        else:
            self.dropped += 1

    def _got_ready(self, params: dict[str, Any]) -> None:
        if self.state == "starting":
            self.cooperative = "protocol_version" in params
            self.state = "idle"
            self._ready.set_result(None)

    def _notified(self, params: dict[str, Any], kind: str | None) -> None:
        running, task_id = self._running, params.get("task_id")
        if running is None or task_id not in (None, running.call.task_id):
            self.dropped += 1
            return
        running.heard = time.monotonic()
        told = wire.read_notification(params, kind, running.percent)
        running.beats = running.beats or told.type == "heartbeat"
        running.percent = told.percent
        if not running.future.done():
            running.deliver(told)

    def _answered(self, message: dict[str, Any]) -> None:
        running, number = self._running, message.get("id")
        if running is None or isinstance(number, bool) or number != running.number:
            self.dropped += 1
            return
        if self.state == "condemned":  # too late: its end was decided
            return
        self._finish(read_answer(message))

    def _finish(self, outcome: dict[str, Any] | FilmetoError | NotReached) -> None:
        """The call is over; the process is free for the next one, if it is not to go."""
        running, self._running = self._running, None
        if self.state == "busy":
            self.state = "idle"
        if running is None:
            return
        for timer in running.timers:
            timer.cancel()
        if running.future.done():
            return
        if isinstance(outcome, FilmetoError):
            running.future.set_exception(self._located(outcome, running.call))
        elif isinstance(outcome, NotReached):
            running.future.set_exception(outcome)
        else:
            running.future.set_result(outcome)

    # --- its end ----------------------------------------------------------------------------

    def _closed(self, name: str) -> Callable[[], None]:
        def closed() -> None:
            self._pipe_closed = True
            self._after(CLOSED_PIPE_GRACE_S, self._still_there, name)

        return closed

    def _still_there(self, name: str) -> None:
        if self.state != "stopping":
            self.condemn(
                PluginProtocolError(
                    f"it closed its {name} and ran on.", hint=f"The wire is there; see {DOCS}."
                )
            )

    def _signal(self, number: int) -> None:
        process.signal_group(self._spawned.process, number)

    def _kill(self) -> None:
        self._signal(signal.SIGKILL)
        self._after(KILL_WAIT_S, self._unkillable)

    def _unkillable(self) -> None:
        self._log.warning("process %s does not end, though killed", self.pid)
        self._settle("its process does not end, though killed.", {})
        self._let_go()

    def _exited(self) -> None:
        """It is a zombie: its number is still its own, so the group can be ended safely."""
        child = self._spawned.process
        self._signal(signal.SIGKILL)
        self._stdout.drain()
        rest = self._splitter.rest()
        if rest:
            self._line(rest)
        self._stderr.drain()
        code = child.wait()
        self._settle(*how_it_ended(code))
        self._close()

    def _settle(self, how: str, details: dict[str, Any]) -> None:
        """Tell whoever waits."""
        self.state = "stopped"
        if self._running is not None:
            unread = self._stdin.unread() >= self._running.size_bytes
            if self._verdict is None and unread and self._numbers > 1:
                self._verdict = NotReached()
            crashed = PluginCrashed(
                f"{how} It had not answered.", hint=self._tail.last_word(), **details
            )
            self._finish(self._verdict or crashed)
        if not self._ready.done():
            failed = PluginStartError(
                f"{how} It was not ready yet.", hint=self._tail.last_word(), **details
            )
            self._ready.set_exception(self._located(self._verdict or failed))
            self._ready.exception()  # a caller that gave up does not ask

    def _close(self) -> None:
        """Give back what it held, and end what is left of its tree."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        self._unwatch()
        for pipe in (self._stdin, self._stdout, self._stderr):
            pipe.close()
        self._spawned.close_lifeline()
        try:
            swept = self._loop.run_in_executor(None, self._spawned.clear_up)
        except RuntimeError:  # the interpreter is ending, and its threads with it
            self._spawned.clear_up()
            self._let_go()
        else:
            swept.add_done_callback(lambda _: self._let_go())

    def _let_go(self) -> None:
        if not self.gone.done():
            self.gone.set_result(None)

    def _located(self, error: FilmetoError, call: PluginCall | None = None) -> FilmetoError:
        stderr = self._tail.text()
        error.with_details(
            plugin=self.plugin.name,
            tool=str(call.tool_name) if call else None,
            task_id=call.task_id if call else None,
            stderr=stderr or None,
        )
        if self._spawned is None:
            return error
        return explained(error, stderr, self.plugin, self._spawned.bounds)

    def _after(self, delay_s: float, what: Callable, *args: Any) -> asyncio.TimerHandle:
        timer = self._loop.call_later(delay_s, what, *args)
        self._timers.append(timer)
        return timer
