"""The host's one permanent thread and its event loop; callers come in from any thread and loop."""

import asyncio
import concurrent.futures
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

END_S = 5.0  # a loop that was told to stop does so at once


class HostLoop:
    """A daemon thread with an event loop, started when first needed.

    Plugins are started from this one thread, which lives as long as the process: a child may be
    tied to the life of the thread that started it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    @property
    def started(self) -> bool:
        """Whether the thread runs."""
        return self._loop is not None

    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop, running."""
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=_serve, args=(self._loop,), name="filmeto-plugins", daemon=True
                )
                self._thread.start()
            return self._loop

    async def run(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run `work` in the host's loop; a cancellation here cancels it there, and waits for it."""
        done: concurrent.futures.Future[T] = concurrent.futures.Future()
        tasks: list[asyncio.Task[T]] = []
        loop = self.loop()

        def begin() -> None:
            task = loop.create_task(work())
            tasks.append(task)
            task.add_done_callback(lambda ended: _hand_on(ended, done))

        loop.call_soon_threadsafe(begin)
        waiting = asyncio.wrap_future(done)
        try:
            return await asyncio.shield(waiting)
        except asyncio.CancelledError:
            if not waiting.done():
                loop.call_soon_threadsafe(lambda: tasks[0].cancel())
                await asyncio.wait([waiting])
            if not waiting.cancelled():
                waiting.exception()  # seen: the cancellation is what is told
            raise

    def run_sync(self, work: Callable[[], Coroutine[Any, Any, T]], timeout_s: float) -> T:
        """Run `work` in the host's loop from a thread without one, for at most `timeout_s`."""
        return asyncio.run_coroutine_threadsafe(work(), self.loop()).result(timeout_s)

    def end(self) -> None:
        """Stop the thread; a later call starts another."""
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is not None and self._thread is not None:
            loop.call_soon_threadsafe(loop.stop)
            self._thread.join(END_S)


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
    finally:
        loop.close()


def _hand_on(ended: "asyncio.Task[T]", done: "concurrent.futures.Future[T]") -> None:
    if ended.cancelled():
        done.cancel()
        done.set_running_or_notify_cancel()
    elif (error := ended.exception()) is not None:
        done.set_exception(error)
    else:
        done.set_result(ended.result())
