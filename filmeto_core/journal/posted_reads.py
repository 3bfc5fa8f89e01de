"""What is asked of what was posted to a server: tasks and events."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from filmeto_core.journal.database import journal_errors
from filmeto_core.journal.posted_models import EventId, PostedTask
from filmeto_core.journal.rows import when


class PostedReads:
    """Reads of one file; one that is not there yet is empty.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def task(self, task_id: str) -> PostedTask | None:
        """The task of that id."""
        found = self._tasks("SELECT * FROM tasks WHERE id = ?", (task_id,))
        return found[0] if found else None

    def named(self, tenant: str, idempotency_key: str) -> PostedTask | None:
        """The task that a tenant posted under that key."""
        sql = "SELECT * FROM tasks WHERE tenant = ? AND idempotency_key = ?"
        found = self._tasks(sql, (tenant, idempotency_key))
        return found[0] if found else None

    def open_tasks(self) -> list[PostedTask]:
        """Those that have not ended, oldest first."""
        return self._tasks("SELECT * FROM tasks WHERE ended_at IS NULL ORDER BY accepted_at, id")

    def tasks(
        self,
        tenant: str,
        *,
        status: Sequence[str] = (),
        tool: str | None = None,
        plugin: str | None = None,
        before: tuple[float, str] | None = None,
        limit: int = 50,
    ) -> list[PostedTask]:
        """A tenant's tasks, newest first.

        Args:
            status, tool, plugin: Those alone.
            before: Those that come after this one in the list: when it was accepted, and its id.
        """
        wheres, values = ["tenant = ?"], [tenant]
        if status:
            wheres.append(f"status IN ({', '.join('?' * len(status))})")
            values += status
        for name, value in (("tool", tool), ("plugin", plugin)):
            if value is not None:
                wheres.append(f"{name} = ?")
                values.append(value)
        if before is not None:
            wheres.append("(accepted_at, id) < (?, ?)")
            values += before
        sql = (
            f"SELECT * FROM tasks WHERE {' AND '.join(wheres)}"
            " ORDER BY accepted_at DESC, id DESC LIMIT ?"
        )
        return self._tasks(sql, (*values, limit))

    def events(
        self, subject: str, after: EventId | None = None, limit: int = 1000
    ) -> list[tuple[EventId, bytes]]:
        """A subject's events after one of them, in order."""
        sql = (
            "SELECT epoch, number, data FROM events WHERE subject = ? AND (epoch, number) > (?, ?)"
            " ORDER BY epoch, number LIMIT ?"
        )
        rows = self.rows(sql, (subject, *(after or (0, 0)), limit))
        return [((row[0], row[1]), bytes(row[2])) for row in rows]

    def last_event(self, subject: str) -> tuple[EventId, bytes] | None:
        """A subject's last event."""
        sql = (
            "SELECT epoch, number, data FROM events WHERE subject = ?"
            " ORDER BY epoch DESC, number DESC LIMIT 1"
        )
        rows = self.rows(sql, (subject,))
        return ((rows[0][0], rows[0][1]), bytes(rows[0][2])) if rows else None

    def rows(self, sql: str, values: Iterable[Any] = ()) -> list[sqlite3.Row]:
        """Rows of a query of one's own; none where nothing was ever posted."""
        if not self.path.exists():
            return []
        with journal_errors(self.path), closing(_reader(self.path)) as connection:
            return connection.execute(sql, tuple(values)).fetchall()

    def _tasks(self, sql: str, values: Iterable[Any] = ()) -> list[PostedTask]:
        return [_task_of(row) for row in self.rows(sql, values)]


def _reader(path: Path) -> sqlite3.Connection:
    uri = f"{path.as_uri()}?mode=ro"
    connection = sqlite3.connect(uri, uri=True, timeout=5.0, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    return connection


def _task_of(row: sqlite3.Row) -> PostedTask:
    return PostedTask.model_construct(
        id=row["id"],
        tenant=row["tenant"],
        kind=row["kind"],
        tool=row["tool"],
        plugin=row["plugin"],
        request=json.loads(row["request"]),
        status=row["status"],
        percent=row["percent"],
        message=row["message"],
        result=json.loads(row["result"]) if row["result"] else None,
        error=json.loads(row["error"]) if row["error"] else None,
        attempts=row["attempts"],
        accepted_at=when(row["accepted_at"]),
        started_at=when(row["started_at"]),
        ended_at=when(row["ended_at"]),
        idempotency_key=row["idempotency_key"],
        request_digest=row["request_digest"],
    )
