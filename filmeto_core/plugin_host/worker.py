"""One plugin process from its start to its end, and the one call that runs in it.

Everything here runs on the host's loop thread. A process has one verdict: the first reason for
which it must go. Whoever waits (for readiness, for a result) is told when the process is gone, so
that nothing it still writes can be mistaken for the next call's.
"""

import asyncio
import logging
import signal
from pathlib import Path
from typing import Any

from filmeto_core import process, process_usage
from filmeto_core.errors import (
    FilmetoError,
    PluginOutOfMemory,
    PluginProtocolError,
    PluginStartError,
)
from filmeto_core.plugin_host import wire
from filmeto_core.plugin_host.answers import (
    DOCS,
    End,
    crash,
    failed_start,
    late,
    not_ready,
    out_of_memory,
    silent,
)
from filmeto_core.plugin_host.breaker import Breaker
from filmeto_core.plugin_host.calls import PluginCall
from filmeto_core.plugin_host.denials import explained
from filmeto_core.plugin_host.dialogue import PING, Dialogue
from filmeto_core.plugin_host.discovery import Plugin
from filmeto_core.plugin_host.gpu import Seat
from filmeto_core.plugin_host.grants import NO_GRANT, Grant
from filmeto_core.plugin_host.hidden import secrets_of
from filmeto_core.plugin_host.limits import memory_limit
from filmeto_core.plugin_host.pipes import Tail
from filmeto_core.plugin_host.plugin_process import PluginProcess
from filmeto_core.plugin_host.running import Deliver, NotReached, Running
from filmeto_core.plugin_host.spawn import spawn
from filmeto_core.plugin_host.submissions import Submissions
from filmeto_core.settings import Settings

CLOSED_PIPE_GRACE_S = 1.0  # a process that ends closes its pipes first, and ends within this
CANCEL_GRACE_S = 1.0  # a co-operative plugin stops itself; Ctrl-C must be through within 2 s
TERM_GRACE_S = 0.3  # from SIGTERM to SIGKILL, once it is past asking
GIVEN_UP_TERM_GRACE_S = 0.05  # the same where a caller waits for the end it asked for
PONG_WAIT_S = 10.0  # an idle plugin has nothing else to do; a swapped-out one wakes in less
UNREAD_BYTES = 64 * 1024  # refusals wait for a plugin that reads; a flood of them is dropped


class Worker:
    """A plugin's process; `start` it, `execute` in it one call at a time, `stop` it.

    Args:
        loop: The host's loop, whose thread calls everything here.
        plugin: Whose process it is.
        python: The interpreter of its environment.
        settings: Time-outs and the cap of a line.
        breaker: Told of a call that worked, and of an end that nobody had asked for.
        seat: Its place on a GPU, if it asked for one; given back with `gone`.
        grant: What the user allows the plugin on top.
        nice: How far its process stands back behind this one.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        plugin: Plugin,
        python: Path,
        settings: Settings,
        breaker: Breaker,
        seat: Seat | None = None,
        grant: Grant = NO_GRANT,
        nice: int = 0,
    ) -> None:
        self.plugin, self.seat = plugin, seat
        self._grant, self._nice = grant, nice
        self._process: PluginProcess | None = None
        self.state = "starting"
        self.usage = process_usage.Usage(0, 0)  # of its tree, when it was last looked at
        self.idle_since = 0.0
        self.pid: int | None = None
        self.gone = loop.create_future()  # done once the process, its tree and its pipes are
        self.cooperative = False  # told by protocol_version: it reads `cancel` while it works
        self.running: Running | None = None
        self.memory_limit = memory_limit(plugin, settings)
        self._loop, self._python, self._settings, self._breaker = loop, python, settings, breaker
        self._log = logging.getLogger(f"filmeto.plugin.{plugin.name}")
        self._tail = Tail(self._log, secrets_of(plugin, grant))
        self.dialogue = Dialogue(self, self._log, self._tail, settings.max_line_bytes)
        self._submissions = Submissions(loop, self.refuse, self._log)
        self._ready = loop.create_future()
        self._numbers = 0
        self._pipe_closed = False
        self._blamed = True  # an end that nobody asked for is its own fault
        self._oom_kills = process_usage.oom_kills()
        self._pong: asyncio.TimerHandle | None = None
        self._verdict: FilmetoError | NotReached | None = None
        self._ended: End | None = None
        self._timer: asyncio.TimerHandle | None = None  # of its calls

    async def start(self) -> None:
        """Start the process and wait until it is ready.

        Raises:
            PluginStartError: It could not be started, or ended before it was ready.
            TimeoutError: It was not ready within the manifest's startup.timeout.
        """
        try:
            environment = self.seat.environment if self.seat else {}
            spawned = spawn(self.plugin, self._python, self._settings, self._grant, environment)
        except OSError as error:
            self.state = "stopped"
            self.gone.set_result(None)
            self._breaker.died()
            raise self._located(
                PluginStartError(f"its process could not be started: {error}.")
            ) from error
        if self._nice:
            process.stand_back(spawned.process, self._nice)
        self._process = PluginProcess(self._loop, spawned, self, self.gone)
        self.pid = self._process.pid
        timeout_s = self.plugin.manifest.startup.timeout
        self._process.after(timeout_s, self._late_start, timeout_s)
        try:
            await asyncio.shield(self._ready)
        except asyncio.CancelledError:
            self.condemn(None, blamed=False)
            await asyncio.shield(self.gone)
            raise
        if self.state != "idle":  # it ended between its `ready` and this
            await asyncio.shield(self.gone)
            raise self._located(self._verdict or crash(self._ended))

    @property
    def free(self) -> bool:
        """Whether it is idle, and its pipes are whole."""
        return self.state == "idle" and not self._pipe_closed

    @property
    def usable(self) -> bool:
        """Whether it can take a call: free, and its process alive."""
        return self.free and self._process.alive

    async def stop(self) -> None:
        """End it gracefully: close stdin, wait, SIGTERM, wait, SIGKILL."""
        if self.state in ("starting", "idle", "busy"):
            self.state, self._blamed = "stopping", False
            self._process.close_stdin()
            grace_s = self._settings.stop_grace_s
            self._process.after(grace_s, self._process.signal, signal.SIGTERM)
            self._process.after(grace_s * 2, self._process.kill)
        await asyncio.shield(self.gone)

    def condemn(
        self, verdict: FilmetoError | None, *, blamed: bool = True, grace_s: float = TERM_GRACE_S
    ) -> None:
        """End it for a reason, its call's error; SIGTERM, then SIGKILL. A later one does not count.

        `blamed` says whether this is a death of the plugin's own making.
        """
        if self.state in ("condemned", "stopped"):
            return
        self.state, self._verdict, self._blamed = "condemned", verdict, blamed
        self._process.terminate(grace_s)

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
            NotReached: It ended idle before it took this call.
        """
        if call.begin is not None:
            await self._loop.run_in_executor(None, call.begin)
            if not self.free:
                await asyncio.shield(self.gone)
                raise NotReached
        self._numbers += 1
        running = Running(self._numbers, call, deliver, self._loop.create_future())
        self.running, self.state = running, "busy"
        self._look_at(running.limit(self.plugin, self._settings))
        params = call.params(self.plugin.name, running.timeout_s)
        request = wire.request(running.number, "execute_task", params)
        running.size_bytes = len(request)
        self._process.send(request)
        try:
            return await running.future
        except asyncio.CancelledError:
            await self._give_up(running)
            raise

    async def _give_up(self, running: Running) -> None:
        """The caller is gone: `cancel`, a grace, then the end; returns when the call is over."""
        if self.running is not running:
            return
        running.future, running.deliver = self._loop.create_future(), lambda _: None
        self._process.send(wire.notification("cancel", {"task_id": running.call.task_id}))
        grace_s = CANCEL_GRACE_S if self.cooperative else 0
        running.timers.append(self._loop.call_later(grace_s, self._uncooperative, running))
        await asyncio.wait([running.future])
        running.future.exception()  # how it ended interests nobody any more
        if self.state in ("condemned", "stopped"):
            await asyncio.shield(self.gone)

    def _uncooperative(self, running: Running) -> None:
        if self.running is running:
            self.condemn(None, blamed=False, grace_s=GIVEN_UP_TERM_GRACE_S)

    def _look_at(self, when: float) -> None:
        if self._timer is not None:  # one timer serves many calls
            if self._timer.when() <= when:
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(when, self._look)

    def _look(self) -> None:
        self._timer, running = None, self.running
        if running is None:
            return
        now = self._loop.time()
        if now >= running.ends:
            self.condemn(late(running.timeout_s), blamed=False)
        elif running.is_silent(now):
            self.condemn(silent(running.silence_s))
        else:
            self._look_at(running.next_look(now))

    def _late_start(self, timeout_s: float) -> None:
        if not self._ready.done():
            self.condemn(not_ready(timeout_s))

    def _finish(self, outcome: dict[str, Any] | FilmetoError | NotReached) -> None:
        """The call is over; the process is free for the next one, if it is not to go."""
        running, self.running = self.running, None
        if self.state == "busy":
            self.state = "idle"
        if running is None:
            return
        for timer in running.timers:
            timer.cancel()
        if running.future.done():
            return
        if isinstance(outcome, FilmetoError):
            outcome = self._located(outcome, running.call)
        if isinstance(outcome, Exception):
            running.future.set_exception(outcome)
        else:
            running.future.set_result(outcome)

    # --- what it says -----------------------------------------------------------------------

    def refuse(self, refusal: bytes) -> bool:
        """Answer what it asked, unless it reads nothing or ends; whether it was answered."""
        if self.state in ("condemned", "stopped") or self._process.unread() >= UNREAD_BYTES:
            return False
        self._process.send(refusal)
        return True

    def submitted(self, number: Any, params: dict[str, Any]) -> None:
        """A provider took the job of its call; answered once that is kept."""
        self._submissions.asked(self.running and self.running.call, number, params)

    def got_ready(self, params: dict[str, Any]) -> None:
        """It can take calls."""
        if self.state == "starting":
            self.cooperative = "protocol_version" in params
            self.state = "idle"
            self._ready.set_result(None)

    def answered(self, outcome: dict[str, Any] | FilmetoError) -> None:
        """Its call is over, unless its end was decided already."""
        if self.state == "condemned":
            return
        self._breaker.worked()
        if isinstance(outcome, PluginOutOfMemory):
            outcome = out_of_memory(outcome.message, self.memory_limit, self.usage.memory_bytes)
            self._finish(outcome)
            self.condemn(None, blamed=False)  # what is left of it is not to be trusted
        else:
            self._finish(outcome)

    # --- its health while it is idle ----------------------------------------------------------

    def ping(self) -> None:
        """Ask whether it is there; one that says nothing in time is ended. Only while idle."""
        if self._pong is None and self.free:
            self._process.send(wire.encode({"id": PING, "method": "ping", "params": {}}))
            self._pong = self._process.after(PONG_WAIT_S, self._no_pong)

    def got_pong(self) -> None:
        """It is there."""
        if self._pong is not None:
            self._process.forget(self._pong)
            self._pong = None

    def _no_pong(self) -> None:
        self.got_pong()
        if self.state == "idle":  # a call that came meanwhile has time limits of its own
            self._log.warning("it does not answer a ping, and is ended")
            self.condemn(None)

    # --- its end ----------------------------------------------------------------------------

    def heard(self, data: bytes) -> None:
        """A piece of its stdout."""
        self.dialogue.read(data)

    def said(self, data: bytes) -> None:
        """A piece of its stderr."""
        self._tail.add(data)

    def lost(self, name: str) -> None:
        """It closed its stdin or stdout."""
        self._pipe_closed = True
        self._process.after(CLOSED_PIPE_GRACE_S, self._still_there, name)

    def _still_there(self, name: str) -> None:
        if self.state != "stopping":
            self.condemn(
                PluginProtocolError(
                    f"it closed its {name} and ran on.", hint=f"The wire is there; see {DOCS}."
                )
            )

    def looked_at(self, usage: process_usage.Usage, oom_kills: int) -> None:
        """What its tree takes now, and how many the kernel has ended for want of memory so far."""
        self.usage, self._oom_kills = usage, oom_kills

    def ended(self, code: int | None) -> None:
        """Its exit code (negative: the signal); None: it will not end."""
        if code is None:
            self._log.warning("process %s does not end, though killed", self.pid)
        self.dialogue.rest()
        if self._timer is not None:
            self._timer.cancel()
        for_memory = process_usage.oom_kills() > self._oom_kills
        used_bytes = self.usage.memory_bytes
        self._settle(End(code, for_memory, self.memory_limit, used_bytes, self._tail))

    def _settle(self, end: End) -> None:
        """Tell whoever waits."""
        self.state, self._ended = "stopped", end
        if self._blamed:
            self._breaker.died()
        if self.running is not None:
            unread = self._process.unread() >= self.running.size_bytes
            if self._verdict is None and unread and self._numbers > 1:
                self._verdict = NotReached()
            self._finish(self._verdict or crash(end))
        if not self._ready.done():
            self._ready.set_exception(self._located(self._verdict or failed_start(end)))
            self._ready.exception()  # a caller that gave up does not ask

    def last_lines(self) -> str:
        """What it last wrote on stderr, and on stdout between its messages."""
        return self._tail.text()

    def _located(self, error: FilmetoError, call: PluginCall | None = None) -> FilmetoError:
        stderr = self._tail.text()
        error.with_details(
            plugin=self.plugin.name,
            tool=str(call.tool_name) if call else None,
            task_id=call.task_id if call else None,
            stderr=stderr or None,
        )
        bounds = self._process.bounds if self._process else None
        return explained(error, stderr, self.plugin, bounds) if bounds else error
