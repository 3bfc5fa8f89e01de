"""Writes that nobody waits for: a thread commits them in groups, so that a call pays microseconds."""

import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from filmeto_core.errors import StoreError
from filmeto_core.journal.database import connect, journal_errors, transaction

logger = logging.getLogger(__name__)

GROUP_S = 0.02  # what is noted within this is one commit; a kill may cost the notes of so long
FLUSH_S = 5.0  # the longest that an end waits for its notes

Note = Callable[[sqlite3.Connection], None]


class Notes:
    """A queue of small writes to one journal, in order.

    Args:
        path: The journal's file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._waiting: queue.SimpleQueue[Note | threading.Event | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._told = False

    def add(self, note: Note) -> None:
        """Leave a write; it costs the caller next to nothing, and never raises."""
        self._waiting.put(note)
        if self._thread is None:
            self._start()

    def flush(self, timeout_s: float = FLUSH_S) -> bool:
        """Wait until all that was left is written; whether it was in time."""
        with self._lock:
            if self._thread is None:
                return True
            done = threading.Event()
            self._waiting.put(done)
        return done.wait(timeout_s)

    def close(self) -> None:
        """Write what was left, and end the thread."""
        with self._lock:
            thread, self._thread = self._thread, None
            if thread is not None:
                self._waiting.put(None)
        if thread is not None:
            thread.join(FLUSH_S)

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._write_for_ever, name="filmeto-journal", daemon=True
                )
                self._thread.start()

    def _write_for_ever(self) -> None:
        connection: sqlite3.Connection | None = None
        ended = False
        while not ended:
            group: list[Any] = [self._waiting.get()]
            if not isinstance(group[0], threading.Event) and group[0] is not None:
                time.sleep(GROUP_S)
            while not self._waiting.empty():
                group.append(self._waiting.get())
            ended = None in group
            notes = [note for note in group if callable(note)]
            try:
                with journal_errors(self._path):
                    if notes and connection is None:
                        connection = connect(self._path, durable=False)
                    self._write(connection, notes)
            except StoreError as error:
                self._tell(error)
            for waits in group:
                if isinstance(waits, threading.Event):
                    waits.set()
        if connection is not None:
            connection.close()

    def _write(self, connection: sqlite3.Connection | None, notes: list[Note]) -> None:
        if not notes or connection is None:
            return
        with transaction(connection):
            for note in notes:
                note(connection)
        self._told = False

    def _tell(self, error: StoreError) -> None:
        """A run does not fail for what is noted of it; once is enough said."""
        level = logging.DEBUG if self._told else logging.WARNING
        self._told = True
        logger.log(level, "the journal misses what happens now: %s", error)


def statement(sql: str, values: Any) -> Note:
    """A note of one statement."""
    return lambda connection: connection.execute(sql, values)
