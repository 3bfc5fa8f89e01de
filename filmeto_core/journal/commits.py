"""Writes that are waited for, many in one commit: a thread takes whatever has come meanwhile.

Nothing that is waited for is held back to be grouped, so that one caller alone waits for one commit,
and fifty at once for a few. What nobody waits for goes along with the next, or 20 ms later.
"""

import logging
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from filmeto_core.errors import StoreError
from filmeto_core.journal.database import journal_errors, transaction

logger = logging.getLogger(__name__)

CLOSE_S = 10.0  # the longest that an end waits for what was left to be written
MOST_AT_ONCE = 500  # writes in one commit
LEFT_S = 0.02  # how long a write that nobody waits for may wait for others
LOOKS = 50  # for such writes, until the thread sleeps

_OWN_FAULTS = (
    sqlite3.IntegrityError,
    sqlite3.ProgrammingError,
    sqlite3.DataError,
    sqlite3.InterfaceError,
)

Write = Callable[[sqlite3.Connection], Any]
_LEFT_ONE = object()


class Commits:
    """A thread that writes to one database; made when something is first written.

    Args:
        path: The database's file.
        connect: Opens it, the tables made.
    """

    def __init__(self, path: Path, connect: Callable[[], sqlite3.Connection]) -> None:
        self._path, self._connect = path, connect
        # A write; None at the end; _LEFT_ONE when something was left that nobody waits for.
        self._waiting: queue.SimpleQueue[tuple[Write, Future] | object | None] = queue.SimpleQueue()
        self._left: list[tuple[Write, Future]] = []
        self._sleeps = False  # and has to be woken for what is left
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def add(self, write: Write) -> "Future[Any]":
        """Leave a write; the future has what it returns once it is committed, or a StoreError."""
        done: Future[Any] = Future()
        with self._lock:
            self._waiting.put((write, done))
            self._start()
        return done

    def leave(self, write: Write) -> "Future[Any]":
        """As `add`, for a write that is in no hurry; it comes before all that is added after it."""
        done: Future[Any] = Future()
        with self._lock:
            self._left.append((write, done))
            if self._sleeps:
                self._sleeps = False
                self._waiting.put(_LEFT_ONE)
            self._start()
        return done

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._write_for_ever, name="filmeto-commits", daemon=True
            )
            self._thread.start()

    def close(self) -> None:
        """Write what was left, and let go of the file. It may be used again."""
        with self._lock:
            thread, self._thread = self._thread, None
            if thread is not None:
                self._waiting.put(None)
        if thread is not None:
            thread.join(CLOSE_S)

    def _write_for_ever(self) -> None:
        connection: sqlite3.Connection | None = None
        ended = False
        while not ended:
            group, ended = self._group()
            if not group:
                continue
            try:
                with journal_errors(self._path):
                    if connection is None:
                        connection = self._connect()
                    if not self._write_together(connection, group):
                        self._write_apart(connection, group)
            except StoreError as error:
                _fail(group, error)
        if connection is not None:
            with closing(connection):
                pass

    def _group(self) -> tuple[list[tuple[Write, Future]], bool]:
        group = [self._first()]
        while group[-1] is not None and len(group) < MOST_AT_ONCE and not self._waiting.empty():
            group.append(self._waiting.get())
        with self._lock:
            left, self._left = self._left, []
        return left + [item for item in group if isinstance(item, tuple)], group[-1] is None

    def _first(self) -> object:
        """What there is to write next. For a while after work it looks by itself for what was left:
        to be woken for that costs the one who leaves it more than the write."""
        for _ in range(LOOKS):
            with suppress(queue.Empty):
                return self._waiting.get(timeout=LEFT_S)
            if self._left:
                return _LEFT_ONE
        with self._lock:
            self._sleeps = not self._left
        return self._waiting.get() if self._sleeps else _LEFT_ONE

    def _write_together(
        self, connection: sqlite3.Connection, group: list[tuple[Write, Future]]
    ) -> bool:
        """Whether the group could be written as one; where one write fails, none is."""
        try:
            with transaction(connection):
                results = [write(connection) for write, _ in group]
        except Exception as error:  # the edge of a write: which of them it was, is told apart
            if not _is_its_own(error):
                raise
            return False
        for (_, done), result in zip(group, results, strict=True):
            _tell(done, result)
        return True

    def _write_apart(
        self, connection: sqlite3.Connection, group: list[tuple[Write, Future]]
    ) -> None:
        """One that breaks a rule of the tables, or cannot be written by anybody, fails alone."""
        for write, done in group:
            try:
                with transaction(connection):
                    result = write(connection)
            except Exception as error:
                if not _is_its_own(error):
                    raise
                _tell(done, error)
            else:
                _tell(done, result)


def _is_its_own(error: Exception) -> bool:
    """Whether a write failed for what it is: a name that is taken, a text that is none. The disk and
    the file fail all alike."""
    if isinstance(error, sqlite3.Error):
        return isinstance(error, _OWN_FAULTS)
    return not isinstance(error, OSError)


def _tell(done: Future, outcome: Any) -> None:
    """What came of a write; who was cancelled meanwhile is told nothing."""
    if not done.set_running_or_notify_cancel():
        return
    if isinstance(outcome, BaseException):
        done.set_exception(outcome)
    else:
        done.set_result(outcome)


def _fail(group: list[tuple[Write, Future]], error: StoreError) -> None:
    logger.warning("what the server notes could not be written: %s", error)
    for _, done in group:
        if not done.done():
            _tell(done, error)
