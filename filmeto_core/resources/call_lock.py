"""A lock on a file that threads, event loops and processes share, and that a dead holder loses."""

import asyncio
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from filmeto_core.errors import TimeoutError
from filmeto_core.resources.durable import make_folder, store_errors

_FIRST_WAIT_S = 0.002
_LONGEST_WAIT_S = 0.1  # how late a waiter sees that the holder is done; calls take seconds


class CallLock:
    """Held from entering to leaving, by `with` or `async with`; entered once only.

    It is tried again and again rather than waited for: a thread that sleeps in `flock` can be
    neither cancelled nor timed out.
    """

    def __init__(self, path: Path, timeout_s: float | None = None) -> None:
        self._path = path
        self._timeout_s = timeout_s
        self._descriptor: int | None = None

    def __enter__(self) -> "CallLock":
        for wait_s in self._attempts():
            time.sleep(wait_s)
        return self

    async def __aenter__(self) -> "CallLock":
        for wait_s in self._attempts():
            await asyncio.sleep(wait_s)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._release()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._release()

    def _attempts(self) -> Iterator[float]:
        """How long to wait before each further attempt; ends when the lock is held."""
        end = None if self._timeout_s is None else time.monotonic() + self._timeout_s
        wait_s = _FIRST_WAIT_S
        while not self._try():
            if end is not None and time.monotonic() >= end:
                raise TimeoutError(
                    f"The same call has been running elsewhere for over {self._timeout_s:g} s.",
                    hint="Wait for it, or stop it; this one will then use its result.",
                )
            yield wait_s
            wait_s = min(_LONGEST_WAIT_S, wait_s * 1.5)

    def _try(self) -> bool:
        with store_errors(self._path.parent):
            make_folder(self._path.parent)
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                return False
            except OSError:
                os.close(descriptor)
                raise
            # The last holder may have removed the name between our opening and our locking; then
            # this lock is on a file that nobody else will ever find.
            if not os.fstat(descriptor).st_nlink:
                os.close(descriptor)
                return False
            self._descriptor = descriptor
            return True

    def _release(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            # While it is still locked: another may make the name anew from here on.
            self._path.unlink(missing_ok=True)
            os.close(descriptor)
