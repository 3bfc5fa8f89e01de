"""Writes that are waited for, many in one commit: a thread takes whatever has come meanwhile.

Nothing is held back to be grouped, so that one caller alone waits for one commit, and fifty at once
for a few.
"""

import logging
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path
from typing import Any

from filmeto_core.errors import StoreError
from filmeto_core.journal.database import journal_errors, transaction

logger = logging.getLogger(__name__)

CLOSE_S = 10.0  # the longest that an end waits for what was left to be written
MOST_AT_ONCE = 500  # writes in one commit

Write = Callable[[sqlite3.Connection], Any]


class Commits:
    """A thread that writes to one database; made when something is first written.

    Args:
        path: The database's file.
        connect: Opens it, the tables made.
    """

    def __init__(self, path: Path, connect: Callable[[], sqlite3.Connection]) -> None:
        self._path, self._connect = path, connect
        self._waiting: queue.SimpleQueue[tuple[Write, Future] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def add(self, write: Write) -> "Future[Any]":
        """Leave a write; the future has what it returns once it is committed, or a StoreError."""
        done: Future[Any] = Future()
        with self._lock:
            self._waiting.put((write, done))
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._write_for_ever, name="filmeto-commits", daemon=True
                )
                self._thread.start()
        return done

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
        group = [self._waiting.get()]
        while group[-1] is not None and len(group) < MOST_AT_ONCE and not self._waiting.empty():
            group.append(self._waiting.get())
        return [item for item in group if item is not None], group[-1] is None

    def _write_together(
        self, connection: sqlite3.Connection, group: list[tuple[Write, Future]]
    ) -> bool:
        """Whether the group could be written as one; where one write fails, none is."""
        try:
            with transaction(connection):
                results = [write(connection) for write, _ in group]
        except sqlite3.IntegrityError:
            return False
        for (_, done), result in zip(group, results, strict=True):
            done.set_result(result)
        return True

    def _write_apart(
        self, connection: sqlite3.Connection, group: list[tuple[Write, Future]]
    ) -> None:
        """One that breaks a rule of the tables fails alone."""
        for write, done in group:
            try:
                with transaction(connection):
                    result = write(connection)
            except sqlite3.IntegrityError as error:
                done.set_exception(error)
            else:
                done.set_result(result)


def _fail(group: list[tuple[Write, Future]], error: StoreError) -> None:
    logger.warning("what the server notes could not be written: %s", error)
    for _, done in group:
        if not done.done():
            done.set_exception(error)
