"""A plugin's process and its pipes: spoken to, signalled, ended, and cleared up after.

Why it must end, and what its end means for a call, is `worker`'s. On the host's loop thread.
"""

import asyncio
import signal
from collections.abc import Callable
from typing import Any, Protocol

from filmeto_core import process
from filmeto_core.plugin_host.pipes import Reader, Writer
from filmeto_core.plugin_host.spawn import Spawned

KILL_WAIT_S = 5.0  # a killed process can hang in the kernel (a dead network disk); its caller not


class Owner(Protocol):
    """Who hears of it."""

    def heard(self, data: bytes) -> None:
        """A piece of its stdout."""

    def said(self, data: bytes) -> None:
        """A piece of its stderr."""

    def lost(self, name: str) -> None:
        """It closed its stdin or stdout."""

    def ended(self, code: int | None) -> None:
        """Its exit code (negative: the signal), all that it wrote is read; None: it will not end."""


class PluginProcess:
    """A running process; what it held is given back once it has ended.

    Args:
        loop: The host's loop.
        spawned: The process.
        owner: Hears of it.
        gone: Done once the process, its tree, its pipes and its temporary files are.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        spawned: Spawned,
        owner: Owner,
        gone: asyncio.Future[None],
    ) -> None:
        self.pid, self.bounds = spawned.process.pid, spawned.bounds
        self.gone = gone
        self._loop, self._spawned, self._owner = loop, spawned, owner
        self._timers: set[asyncio.TimerHandle] = set()
        self._stdin = Writer(loop, spawned.stdin, lambda: owner.lost("stdin"))
        self._stdout = Reader(loop, spawned.stdout, owner.heard, lambda: owner.lost("stdout"))
        self._stderr = Reader(loop, spawned.stderr, owner.said, lambda: None)
        self._unwatch = spawned.watch_exit(loop, self._exited)
        # As they are: a call pays for no step between.
        self.send, self.unread = self._stdin.send, self._stdin.unread
        self.close_stdin = self._stdin.close

    @property
    def alive(self) -> bool:
        """Whether it has not ended yet."""
        return not process.has_exited(self._spawned.process)

    def after(self, delay_s: float, what: Callable[..., Any], *args: Any) -> asyncio.TimerHandle:
        """Call something later, unless it has ended by then."""
        timer = self._loop.call_later(delay_s, what, *args)
        self._timers.add(timer)
        return timer

    def forget(self, timer: asyncio.TimerHandle) -> None:
        """Do not call that."""
        timer.cancel()
        self._timers.discard(timer)

    def terminate(self, grace_s: float) -> None:
        """SIGTERM, and SIGKILL if that does not end it."""
        self.signal(signal.SIGTERM)
        self.after(grace_s, self.kill)

    def kill(self) -> None:
        """SIGKILL."""
        self.signal(signal.SIGKILL)
        self.after(KILL_WAIT_S, self._unkillable)

    def signal(self, number: int) -> None:
        """Signal it and its group."""
        process.signal_group(self._spawned.process, number)

    def _unkillable(self) -> None:
        self._owner.ended(None)
        self._let_go()

    def _exited(self) -> None:
        """It is a zombie: its number is still its own, so the group can be ended safely."""
        self.signal(signal.SIGKILL)
        self._stdout.drain()
        self._stderr.drain()
        self._owner.ended(self._spawned.process.wait())
        self._close()

    def _close(self) -> None:
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
