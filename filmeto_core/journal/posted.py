"""What was posted to a server and what came of it, kept over restarts: tasks and events.

    queued ──▶ running ──▶ success | error | cancelled

A task is written before its caller is answered, and its end before anybody is told of it: after a
kill every status is true, and what had not ended is taken up again.
"""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from filmeto_core.journal.commits import Commits, Write
from filmeto_core.journal.posted_file import FILE, connect_posted
from filmeto_core.journal.posted_models import EventId, PostedTask, Status
from filmeto_core.journal.posted_reads import PostedReads
from filmeto_core.journal.rows import as_json

ROWS_AT_ONCE = 100  # events in one statement
# One that is there is the same one: of an end whose teller was cut off after it was written.
INSERT_EVENTS = "INSERT OR IGNORE INTO events (subject, epoch, number, data, at) VALUES"
ONE_EVENT = "(?, ?, ?, ?, ?)"


class Posted(PostedReads):
    """What was posted to the servers of one FILMETO_HOME; one server at a time writes.

    Args:
        folder: The journal's; the file is made when something is first written.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder.absolute() / FILE)
        self._commits = Commits(self.path, lambda: connect_posted(self.path))
        self._lock = threading.Lock()
        self._events: list[tuple[Any, ...]] | None = None  # those that are left and not yet taken
        self._events_written: Future[Any] = Future()  # of these

    # --- writing ------------------------------------------------------------------------------

    def write(self, write: Callable[[sqlite3.Connection], Any]) -> "Future[Any]":
        """Leave a write of one's own; the future has its result once it is committed."""
        return self._commits.add(write)

    def leave(self, write: Callable[[sqlite3.Connection], Any]) -> None:
        """As `write`, where nobody waits for it; it is committed before all that is written after."""
        self._commits.leave(write)

    async def written(self, write: Callable[[sqlite3.Connection], Any]) -> Any:
        """The write's result, once it is committed.

        Raises:
            StoreError: It could not be written.
            sqlite3.IntegrityError: It breaks a rule of the tables, such as a name that is taken.
        """
        return await asyncio.wrap_future(self._commits.add(write))

    def begin_epoch(self) -> int:
        """A server starts: the number that its events' ids begin with.

        Raises:
            StoreError: The file cannot be written.
        """
        sql = "INSERT INTO epochs (started_at) VALUES (?)"
        return self.write(lambda c: c.execute(sql, (time.time(),)).lastrowid).result()

    async def accept(self, task: PostedTask, also: Write = lambda _connection: None) -> None:
        """Write a task that is taken on.

        Args:
            also: Written with it, or not at all.

        Raises:
            StoreError: It could not be written.
            sqlite3.IntegrityError: Its tenant has used the idempotency key.
        """
        values = (
            task.id,
            task.tenant,
            task.kind,
            task.tool,
            task.plugin,
            as_json(task.request),
            task.status,
            task.percent,
            task.message,
            task.attempts,
            task.accepted_at.timestamp(),
            task.idempotency_key,
            task.request_digest,
        )
        sql = (
            "INSERT INTO tasks (id, tenant, kind, tool, plugin, request, status, percent, message,"
            " attempts, accepted_at, idempotency_key, request_digest)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        )
        await self.written(lambda c: (c.execute(sql, values), also(c)))

    def runs(self, task_id: str, status: Status, percent: float, message: str) -> None:
        """Note how far a task is; nobody waits for that."""
        sql = (
            "UPDATE tasks SET status = ?, percent = ?, message = ?,"
            " started_at = CASE ? WHEN 'running' THEN COALESCE(started_at, ?) ELSE started_at END"
            " WHERE id = ? AND ended_at IS NULL"
        )
        values = (status, percent, message, status, time.time(), task_id)
        self._commits.leave(lambda c: c.execute(sql, values))

    def end(
        self,
        task_id: str,
        status: Status,
        *,
        percent: float = 100.0,
        message: str = "",
        result: dict[str, Any] | None = None,
        error: dict[str, Any] | None = None,
        event: tuple[str, EventId, bytes] | None = None,
    ) -> "Future[Any]":
        """Write how a task ended; the first end stays. True once it is committed, if it was this.

        Args:
            event: Subject, id and JSON of the event that will tell of it; it is written with the
                end, so that what was told of an end is never told again as another event.
        """
        sql = (
            "UPDATE tasks SET status = ?, percent = ?, message = ?, result = ?, error = ?,"
            " ended_at = ? WHERE id = ? AND ended_at IS NULL"
        )
        values = (
            status,
            percent,
            message,
            None if result is None else as_json(result),
            None if error is None else as_json(error),
            time.time(),
            task_id,
        )
        row = None if event is None else (event[0], *event[1], event[2], time.time())

        def write(connection: sqlite3.Connection) -> bool:
            if connection.execute(sql, values).rowcount != 1:
                return False
            if row is not None:
                connection.execute(f"{INSERT_EVENTS} {ONE_EVENT}", row)
            return _ends(connection, task_id)

        return self.write(write)

    def taken_up(self, task_id: str) -> "Future[Any]":
        """A server has the task in hand from here on."""
        sql = "UPDATE tasks SET attempts = attempts + 1, status = 'queued' WHERE id = ?"
        return self.write(lambda c: c.execute(sql, (task_id,)))

    def add_event(self, subject: str, event: EventId, data: bytes) -> "Future[Any]":
        """Leave an event of a subject (`task:ID`, `film:ID`); those of a moment are one statement."""
        row = (subject, *event, data, time.time())
        with self._lock:
            if self._events is None:
                rows = self._events = []
                self._events_written = self._commits.leave(lambda c: self._write_events(c, rows))
            self._events.append(row)
            return self._events_written

    def _write_events(self, connection: sqlite3.Connection, rows: list[tuple[Any, ...]]) -> None:
        with self._lock:
            if self._events is rows:
                self._events = None
        for first in range(0, len(rows), ROWS_AT_ONCE):
            some = rows[first : first + ROWS_AT_ONCE]
            # One statement: each lets go of the interpreter, and has to get it back.
            sql = f"{INSERT_EVENTS} {', '.join([ONE_EVENT] * len(some))}"
            connection.execute(sql, [value for row in some for value in row])

    async def forget(self, before: float) -> None:
        """Remove ended tasks and events that are older than `before` (seconds since 1970)."""
        for sql in (
            "DELETE FROM tasks WHERE ended_at < ?",
            "DELETE FROM events WHERE at < ? AND subject NOT IN"
            " (SELECT 'task:' || id FROM tasks WHERE ended_at IS NULL)",
            "DELETE FROM deliveries WHERE at < ? AND state != 'waiting'",
        ):
            await self.written(lambda c, sql=sql: c.execute(sql, (before,)))

    def flush(self) -> None:
        """Wait until what was left so far is written."""
        self.write(lambda c: None).result()

    def close(self) -> None:
        """Write what was left, and let go of the file."""
        self._commits.close()


def _ends(connection: sqlite3.Connection, task_id: str) -> bool:
    """With a task's end it is due to tell of it; see `Deliveries`."""
    sql = (
        "UPDATE deliveries SET state = 'waiting', next_at = ?"
        " WHERE task_id = ? AND state = 'pending'"
    )
    connection.execute(sql, (time.time(), task_id))
    return True
