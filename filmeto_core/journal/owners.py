"""Which processes live: each holds a lock on a file of its own, which the kernel drops with it."""

import contextlib
import fcntl
import os
import threading
import uuid
from pathlib import Path


class Owners:
    """The processes that write to one journal.

    Args:
        folder: Where their files lie; made by the first writer.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._held: int | None = None
        self._pid = 0
        self._mine = ""

    @property
    def mine(self) -> str:
        """This process's name; its file exists, and is locked, from here on.

        Raises:
            OSError: The folder cannot be written.
        """
        with self._lock:
            if self._held is None or self._pid != os.getpid():  # a fork is a process of its own
                self._folder.mkdir(parents=True, exist_ok=True)
                self._mine, self._held = self._new()
                self._pid = os.getpid()
            return self._mine

    def _new(self) -> tuple[str, int]:
        while True:
            name = uuid.uuid4().hex
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            descriptor = os.open(self._folder / name, flags, 0o644)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.fstat(descriptor).st_nlink:
                return name, descriptor
            os.close(descriptor)  # taken for a dead one's between its making and its locking

    def alive(self, name: str) -> bool:
        """Whether that process still lives."""
        if name == self._mine and self._pid == os.getpid():
            return True
        try:
            descriptor = os.open(self._folder / name, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
        else:
            return False
        finally:
            os.close(descriptor)

    def dead(self) -> list[str]:
        """Those whose files are still there."""
        with contextlib.suppress(OSError):
            return [n for n in os.listdir(self._folder) if not self.alive(n)]
        return []

    def bury(self, name: str) -> None:
        """Remove a dead one's file, once nothing asks for it any more."""
        with contextlib.suppress(OSError):
            os.unlink(self._folder / name)

    def close(self) -> None:
        """Give this process's name up."""
        with self._lock:
            if self._held is not None and self._pid == os.getpid():
                self.bury(self._mine)
                os.close(self._held)
            self._held, self._mine = None, ""
