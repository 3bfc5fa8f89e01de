"""Rows of the journal's tables as models, and back."""

import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from filmeto_core.journal.models import Call, Job, Run
from filmeto_core.money import Money


def as_json(value: Any) -> str:
    """Small JSON, on one line."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def when(stamp: float | None) -> datetime | None:
    """Seconds since 1970 as a time."""
    return None if stamp is None else datetime.fromtimestamp(stamp, UTC)


def money(micros: int | None, currency: str | None) -> Money | None:
    """An amount as it is counted in the tables."""
    return None if micros is None or not currency else Money.of_micros(micros, currency)


def _living(row: sqlite3.Row, alive: Callable[[str], bool]) -> str:
    """The state; one that a dead process left behind is "killed"."""
    state = row["state"]
    return "killed" if state == "running" and not alive(row["owner"]) else state


def run_of(
    row: sqlite3.Row,
    alive: Callable[[str], bool],
    counts: tuple[int, int],
    spent: tuple[Money, ...],
) -> Run:
    """A row of `runs`."""
    return Run(
        id=row["id"],
        kind=row["kind"],
        name=row["name"],
        film=row["film"],
        storyboard=row["storyboard"],
        profile=row["profile"],
        options=json.loads(row["options"]),
        state=_living(row, alive),
        started_at=when(row["started_at"]),
        ended_at=when(row["ended_at"]),
        calls=counts[0],
        cached=counts[1],
        spent=spent,
        error=row["error"],
        flow_run_id=row["flow_run_id"],
        budget=money(row["budget_micros"], row["budget_currency"]),
    )


def call_of(row: sqlite3.Row, alive: Callable[[str], bool]) -> Call:
    """A row of `calls`. Not checked again: a film has thousands."""
    return Call.model_construct(
        id=row["id"],
        run_id=row["run_id"],
        shot=row["shot"],
        tool=row["tool"],
        plugin=row["plugin"],
        plugin_version=row["plugin_version"],
        fingerprint=row["fingerprint"],
        key=row["key"],
        parameters=json.loads(row["parameters"]),
        resources=tuple(json.loads(row["resources"])),
        take=row["take"],
        state=_living(row, alive),
        cached=bool(row["cached"]),
        seconds=row["seconds"],
        cost=money(row["cost_micros"], row["currency"]),
        attempts=row["attempts"],
        outputs=tuple(json.loads(row["outputs"])),
        error=row["error"],
        started_at=when(row["started_at"]),
        ended_at=when(row["ended_at"]),
    )


def job_of(row: sqlite3.Row) -> Job:
    """A row of `jobs`."""
    micros = row["price_micros"] if row["cost_micros"] is None else row["cost_micros"]
    return Job(
        idempotency_key=row["idempotency_key"],
        key=row["key"],
        run_id=row["run_id"],
        film=row["film"],
        shot=row["shot"],
        tool=row["tool"],
        plugin=row["plugin"],
        job_id=row["job_id"],
        cost=money(micros, row["currency"]),
        state=row["state"],
        attempts=row["attempts"],
        begun_at=when(row["begun_at"]),
        submitted_at=when(row["submitted_at"]),
        ended_at=when(row["ended_at"]),
        error=row["error"],
    )
