"""How calls and their attempts are noted: the statements, each one small write of `notes`."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from filmeto_core.journal.notes import Note
from filmeto_core.journal.rows import as_json
from filmeto_core.money import Money


@dataclass(frozen=True)
class Noted:
    """A call as it is noted.

    Args:
        id: The task's.
        key: Of the call.
        plugin, plugin_version, fingerprint: Whose it is, as it was.
        parameters: After defaults.
        resources: Digests of its inputs.
        run_id, film, shot: Where it belongs.
    """

    id: str
    key: str
    tool: str
    plugin: str
    plugin_version: str
    fingerprint: str
    parameters: Mapping[str, Any]
    resources: Sequence[str]
    take: int
    run_id: str | None = None
    film: str | None = None
    shot: str | None = None


def began(call: Noted, owner: str, now: float) -> Note:
    def write(connection: sqlite3.Connection) -> None:
        connection.execute(
            f"{_INSERT_CALL} ON CONFLICT (id) DO UPDATE SET state = 'running', ended_at = NULL,"
            " error = NULL, key = excluded.key, owner = excluded.owner, attempts = attempts + 1",
            (*_values(call), "running", owner, 0, 0.0, None, None, "[]", now, None),
        )
        connection.execute(
            "INSERT OR REPLACE INTO attempts (call_id, number, key, state, owner, started_at)"
            " SELECT id, attempts, key, 'running', ?, ? FROM calls WHERE id = ?",
            (owner, now, call.id),
        )

    return write


def ended(
    call: Noted,
    state: str,
    now: float,
    seconds: float = 0.0,
    cost: Money | None = None,
    outputs: tuple[str, ...] = (),
    error: str | None = None,
) -> Note:
    def write(connection: sqlite3.Connection) -> None:
        connection.execute(
            "UPDATE calls SET state = ?, ended_at = ?, seconds = ?, cost_micros = ?, currency = ?,"
            " outputs = ?, error = ? WHERE id = ?",
            (state, now, seconds, *_counted(cost), as_json(outputs), error, call.id),
        )
        connection.execute(
            "UPDATE attempts SET state = ?, ended_at = ?, error = ? WHERE call_id = ?"
            " AND number = (SELECT attempts FROM calls WHERE id = ?)",
            (state, now, error, call.id, call.id),
        )
        if state == "done":
            _remember_latest(connection, call)

    return write


def reused(
    call: Noted,
    owner: str,
    now: float,
    seconds: float,
    cost: Money | None,
    outputs: tuple[str, ...],
) -> Note:
    def write(connection: sqlite3.Connection) -> None:
        connection.execute(
            f"{_INSERT_CALL} ON CONFLICT (id) DO UPDATE SET state = 'done', cached = 1,"
            " ended_at = excluded.ended_at, outputs = excluded.outputs",
            (
                *_values(call),
                "done",
                owner,
                1,
                seconds,
                *_counted(cost),
                as_json(outputs),
                now,
                now,
            ),
        )
        _remember_latest(connection, call)

    return write


def _remember_latest(connection: sqlite3.Connection, call: Noted) -> None:
    if call.film is not None:
        connection.execute(
            "INSERT OR REPLACE INTO latest (film, shot, tool, call_id) VALUES (?, ?, ?, ?)",
            (call.film, call.shot or "", call.tool, call.id),
        )


_INSERT_CALL = (
    "INSERT INTO calls (id, run_id, shot, tool, plugin, plugin_version, fingerprint, key, parameters,"
    " resources, take, state, owner, cached, seconds, cost_micros, currency, attempts, outputs,"
    " started_at, ended_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?)"
)


def _values(call: Noted) -> tuple[Any, ...]:
    return (
        call.id,
        call.run_id,
        call.shot,
        call.tool,
        call.plugin,
        call.plugin_version,
        call.fingerprint,
        call.key,
        as_json(dict(call.parameters)),
        as_json(tuple(call.resources)),
        call.take,
    )


def _counted(cost: Money | None) -> tuple[int | None, str | None]:
    return (cost.micros, cost.currency) if cost else (None, None)
