"""What the journal is asked: runs, calls, jobs, what was spent. A reader makes and locks nothing."""

import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from filmeto_core.errors import ValidationError, some_of
from filmeto_core.journal.database import reading
from filmeto_core.journal.models import OPEN, Call, Job, Run
from filmeto_core.journal.rows import call_of, job_of, money, run_of
from filmeto_core.money import Money


class Reads:
    """Reads of one journal; one that is not there yet is empty.

    Args:
        path: Its file.
        alive: Whether the process of that name still lives.
    """

    def __init__(self, path: Path, alive: Callable[[str], bool]) -> None:
        self._path, self._alive = path, alive

    def runs(self, limit: int = 50, film: str | None = None) -> list[Run]:
        """The latest runs, newest first; of one film, if it is named by its folder."""
        where, values = ("WHERE film = ?", [film]) if film is not None else ("", [])
        sql = f"SELECT * FROM runs {where} ORDER BY started_at DESC LIMIT ?"
        with reading(self._path) as connection:
            if connection is None:
                return []
            rows = connection.execute(sql, [*values, limit]).fetchall()
            return [self._run(connection, row) for row in rows]

    def count_runs(self, film: str, but: str | None = None) -> int:
        """How many runs of this film (its folder) there were.

        Args:
            but: A Prefect run that does not count.
        """
        sql = (
            "SELECT COUNT(DISTINCT COALESCE(flow_run_id, id)) FROM runs"
            " WHERE film = ? AND COALESCE(flow_run_id != ?, TRUE)"
        )
        with reading(self._path) as connection:
            return connection.execute(sql, (film, but)).fetchone()[0] if connection else 0

    def run(self, run_id: str) -> Run:
        """The run of this id, or of its first characters, or the `last`.

        Raises:
            ValidationError: There is none, or there are several.
        """
        with reading(self._path) as connection:
            rows = _matching_runs(connection, run_id) if connection is not None else []
            if len(rows) == 1:
                return self._run(connection, rows[0])
        wrong = {"field": "run", "value": run_id}
        if not rows:
            hint = "`filmeto runs ls` lists them."
            raise ValidationError(f'there is no run "{run_id}".', hint=hint, **wrong)
        hint = f"Give more of its id: {some_of([row['id'] for row in rows])}."
        raise ValidationError(f'several runs begin with "{run_id}".', hint=hint, **wrong)

    def calls(self, run_id: str) -> list[Call]:
        """The calls of a run, in the order in which they began."""
        return self._calls("SELECT * FROM calls WHERE run_id = ? ORDER BY started_at", (run_id,))

    def last_calls(self, film: str) -> dict[tuple[str | None, str], Call]:
        """By shot and tool, the last call of this film (its folder) that ended well."""
        calls = self._calls(
            "SELECT calls.* FROM latest JOIN calls ON calls.id = latest.call_id WHERE latest.film = ?",
            (film,),
        )
        return {(call.shot, call.tool): call for call in calls}

    def film_calls(self, film: str, shot: str | None = None) -> list[Call]:
        """The calls of a film's runs that ended well, oldest first; of one shot, if it is named."""
        where, values = ("AND calls.shot = ?", [shot]) if shot is not None else ("", [])
        return self._calls(
            "SELECT calls.* FROM runs JOIN calls ON calls.run_id = runs.id"
            f" WHERE runs.film = ? AND calls.state = 'done' {where} ORDER BY calls.started_at",
            (film, *values),
        )

    def film_call(self, film: str, call_id: str) -> Call | None:
        """The call of this id, if it is one of this film's."""
        found = self._calls(
            "SELECT calls.* FROM calls JOIN runs ON calls.run_id = runs.id"
            " WHERE calls.id = ? AND runs.film = ?",
            (call_id, film),
        )
        return found[0] if found else None

    def last_keys(self, film: str) -> dict[tuple[str | None, str], str]:
        """As `last_calls`, the keys alone: of thousands of calls, in a moment."""
        sql = (
            "SELECT calls.shot, calls.tool, calls.key FROM latest"
            " JOIN calls ON calls.id = latest.call_id WHERE latest.film = ?"
        )
        with reading(self._path) as connection:
            if connection is None:
                return {}
            return {(row[0], row[1]): row[2] for row in connection.execute(sql, (film,))}

    def history(self, plugin: str, tool: str, limit: int = 20) -> list[Call]:
        """The latest calls of a plugin's tool that were computed, newest first."""
        return self._calls(
            "SELECT * FROM calls WHERE plugin = ? AND tool = ? AND cached = 0 AND state = 'done'"
            " ORDER BY ended_at DESC LIMIT ?",
            (plugin, tool, limit),
        )

    def jobs(
        self, open_only: bool = False, run_id: str | None = None, film: str | None = None
    ) -> list[Job]:
        """Jobs at providers, oldest first; of a run or a film if named."""
        wheres: list[str] = []
        values: list[Any] = []
        if open_only:
            wheres.append(f"state IN ({', '.join('?' * len(OPEN))}) AND attempts > 0")
            values += OPEN
        for name, value in (("run_id", run_id), ("film", film)):
            if value is not None:
                wheres.append(f"{name} = ?")
                values.append(value)
        where = f"WHERE {' AND '.join(wheres)}" if wheres else ""
        with reading(self._path) as connection:
            if connection is None:
                return []
            sql = f"SELECT * FROM jobs {where} ORDER BY begun_at"
            return [job_of(row) for row in connection.execute(sql, values)]

    def is_at_work(self, job: Job) -> bool:
        """Whether a living process has this job in hand."""
        sql = "SELECT owner FROM jobs WHERE idempotency_key = ?"
        with reading(self._path) as connection:
            row = connection and connection.execute(sql, (job.idempotency_key,)).fetchone()
            return bool(row) and self._alive(row["owner"])

    def spent(self, film: str) -> tuple[Money, ...]:
        """What a film (its folder) has cost so far, open jobs included, by currency."""
        with reading(self._path) as connection:
            return _spent(connection, "film", film) if connection is not None else ()

    def call_costs(self, call_id: str, since: float) -> tuple[Money, ...]:
        """What the jobs of a call cost that were begun since then, open ones included."""
        with reading(self._path) as connection:
            if connection is None:
                return ()
            sql = "SELECT key FROM calls WHERE id = ?"
            row = connection.execute(sql, (call_id,)).fetchone()
            return _spent(connection, "key", row["key"], since) if row else ()

    def attempts(self, key: str, mine: str) -> int:
        """How often the call of this key was begun in vain since it last worked, by other processes
        than `mine`."""
        with reading(self._path) as connection:
            if connection is None:
                return 0
            return connection.execute(
                "SELECT COUNT(*) FROM attempts WHERE key = ? AND state != 'done'"
                " AND owner != ? AND started_at >"
                " COALESCE((SELECT MAX(started_at) FROM attempts WHERE key = ? AND state = 'done'), 0)",
                (key, mine, key),
            ).fetchone()[0]

    def _calls(self, sql: str, values: Iterable[Any]) -> list[Call]:
        with reading(self._path) as connection:
            if connection is None:
                return []
            return [call_of(row, self._alive) for row in connection.execute(sql, tuple(values))]

    def _run(self, connection: sqlite3.Connection, row: sqlite3.Row) -> Run:
        counts = connection.execute(
            "SELECT COUNT(*), COALESCE(SUM(cached), 0) FROM calls WHERE run_id = ?", (row["id"],)
        ).fetchone()
        spent = _spent(connection, "run_id", row["id"])
        return run_of(row, self._alive, (counts[0], counts[1]), spent)


def _matching_runs(connection: sqlite3.Connection, run_id: str) -> list[sqlite3.Row]:
    if run_id == "last":
        return connection.execute("SELECT * FROM runs ORDER BY started_at DESC LIMIT 1").fetchall()
    upper = f"{run_id}~"  # after every hexadecimal digit
    sql = "SELECT * FROM runs WHERE id >= ? AND id < ? LIMIT 20"
    return connection.execute(sql, (run_id, upper)).fetchall() if run_id else []


def _spent(
    connection: sqlite3.Connection, column: str, value: str, since: float = 0.0
) -> tuple[Money, ...]:
    rows = connection.execute(
        "SELECT currency, SUM(COALESCE(cost_micros, price_micros, 0)) AS micros FROM jobs"
        f" WHERE {column} = ? AND state != 'dropped' AND currency IS NOT NULL AND attempts > 0"
        " AND begun_at >= ? GROUP BY currency ORDER BY currency",
        (value, since),
    )
    amounts = (money(row["micros"], row["currency"]) for row in rows)
    return tuple(amount for amount in amounts if amount is not None)
