"""Takes what a call tells from the host's thread to its caller's, in order, each exactly once."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

from filmeto_core.plugin_host.wire import Notification

# What comes within this is told together, a short call's all with its end: a change of threads
# costs more than the call's own share of the wire. Nobody sees the difference.
GATHER_S = 0.005


class Delivery:
    """The way of one call's notifications and of its end.

    Args:
        on_progress: Called on the caller's loop.
        lost: Called, from whichever thread, when the caller cannot be told any more.
    """

    def __init__(
        self, on_progress: Callable[[Notification], None], lost: Callable[[], None]
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Any] = self._loop.create_future()
        self._on_progress, self._lost = on_progress, lost
        self._queue: deque[Any] = deque()
        self._scheduled = False
        self._timer: asyncio.TimerHandle | None = None

    def notify(self, told: Notification) -> None:
        """From the host's thread: one notification."""
        self._queue.append(told)
        if self._scheduled:
            return
        self._scheduled = True
        self._timer = asyncio.get_running_loop().call_later(GATHER_S, self._wake)

    def end(self, outcome: Any) -> None:
        """From the host's thread: the result, or an exception; nothing comes after it."""
        self._queue.append((outcome,))
        if self._timer is not None:
            self._timer.cancel()
        if self._loop is asyncio.get_running_loop():  # the caller is on the host's own loop
            self._drain()
        else:
            self._wake()

    def _wake(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._drain)
        except RuntimeError:  # the caller's loop is closed
            self._lost()

    def _drain(self) -> None:
        # Set before the queue is looked at: what comes after the last look wakes anew.
        self._scheduled = False
        while self._queue:
            told = self._queue.popleft()
            if self.future.done():
                continue
            if isinstance(told, tuple):
                self._settle(told[0])
            else:
                self._pass_on(told)

    def _settle(self, outcome: Any) -> None:
        if isinstance(outcome, BaseException):
            self.future.set_exception(outcome)
        else:
            self.future.set_result(outcome)

    def _pass_on(self, told: Notification) -> None:
        try:
            self._on_progress(told)
        except Exception as error:  # the caller's own; the call ends with it
            self.future.set_exception(error)
            self._lost()
