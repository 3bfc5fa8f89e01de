"""What is to be told to callers' own servers: written before it is first tried, kept until it came.

    pending ──▶ waiting ──▶ delivered | failed

A delivery is pending until its task ends; that it waits then is written in the commit that ends the
task, so that no kill falls between.
"""

import sqlite3
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from filmeto_core.journal.posted import Posted
from filmeto_core.journal.rows import when
from filmeto_core.types import Model, utc_now

DeliveryState = Literal["pending", "waiting", "delivered", "failed"]
_DUE = """
SELECT * FROM (
    SELECT *, ROW_NUMBER() OVER (PARTITION BY tenant ORDER BY next_at, id) AS place
    FROM deliveries WHERE state = 'waiting' AND next_at <= ?
) WHERE place <= ? ORDER BY next_at, id
"""
_ADD = (
    "INSERT INTO deliveries (id, tenant, task_id, url, body, attempts, next_at, state, at, secret)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


class Delivery(Model):
    """One message to one address."""

    id: str = Field(description="The same at each try, so that its receiver knows it again")
    tenant: str
    task_id: str = Field(description="Of what it tells: a task, or `film:ID`")
    url: str
    body: str = Field("", description="JSON; empty until its task has ended")
    attempts: int = 0
    next_at: datetime | None = Field(None, description="When it is tried next")
    state: DeliveryState = "pending"
    error: str | None = Field(None, description="Why the last try failed")
    at: datetime
    secret: str | None = Field(None, repr=False, description="The caller's own, to sign with")


class Deliveries:
    """The deliveries of one FILMETO_HOME.

    Args:
        posted: Where they are kept.
    """

    def __init__(self, posted: Posted) -> None:
        self._posted = posted

    def noting(self, delivery: Delivery) -> Callable[[sqlite3.Connection], Any]:
        """The write of a new delivery, to go with another."""
        next_at = None if delivery.next_at is None else delivery.next_at.timestamp()
        values = (
            delivery.id,
            delivery.tenant,
            delivery.task_id,
            delivery.url,
            delivery.body,
            delivery.attempts,
            next_at,
            delivery.state,
            delivery.at.timestamp(),
            delivery.secret,
        )
        return lambda connection: connection.execute(_ADD, values)

    async def add(self, delivery: Delivery) -> None:
        """Write a new delivery.

        Raises:
            StoreError: It could not be written.
        """
        await self._posted.written(self.noting(delivery))

    async def make_due(self, task_id: str, body: str) -> bool:
        """What a delivery waited for has come; whether one did.

        Raises:
            StoreError: It could not be written.
        """
        sql = (
            "UPDATE deliveries SET state = 'waiting', next_at = ?, body = ?"
            " WHERE task_id = ? AND state = 'pending'"
        )
        values = (utc_now().timestamp(), body, task_id)
        return await self._posted.written(lambda c: c.execute(sql, values).rowcount > 0)

    def pending(self, kind: str) -> list[str]:
        """The ids (`KIND:...`) of which an end is still to be told."""
        sql = (
            "SELECT DISTINCT task_id FROM deliveries"
            " WHERE state = 'pending' AND substr(task_id, 1, ?) = ?"
        )
        return [row[0] for row in self._posted.rows(sql, (len(kind) + 1, f"{kind}:"))]

    def due(self, now: float, most_a_tenant: int) -> list[Delivery]:
        """Those that are to be tried now, the longest due first, a few of each tenant."""
        return self._read(_DUE, (now, most_a_tenant))

    def next_due(self, after: float) -> float | None:
        """When the next one will be due that is not yet; None: none waits."""
        sql = "SELECT MIN(next_at) FROM deliveries WHERE state = 'waiting' AND next_at > ?"
        rows = self._posted.rows(sql, (after,))
        return rows[0][0] if rows else None

    def of(self, tenant: str, task_id: str) -> list[Delivery]:
        """A tenant's deliveries that tell of one task, oldest first."""
        sql = "SELECT * FROM deliveries WHERE task_id = ? AND tenant = ? ORDER BY at, id"
        return self._read(sql, (task_id, tenant))

    async def give_body(self, delivery: Delivery, body: str) -> Delivery:
        """Keep what is told: every try tells the same."""
        sql = "UPDATE deliveries SET body = ? WHERE id = ?"
        await self._posted.written(lambda c: c.execute(sql, (body, delivery.id)))
        return delivery.model_copy(update={"body": body})

    async def tried(
        self, delivery: Delivery, state: DeliveryState, error: str | None, next_at: float | None
    ) -> None:
        """Note how a try went; the secret of one that is over is forgotten."""
        sql = (
            "UPDATE deliveries SET attempts = attempts + 1, state = ?, error = ?, next_at = ?,"
            " secret = CASE ? WHEN 'waiting' THEN secret END WHERE id = ?"
        )
        values = (state, error, next_at, state, delivery.id)
        await self._posted.written(lambda c: c.execute(sql, values))

    def _read(self, sql: str, values: Iterable[Any]) -> list[Delivery]:
        return [
            Delivery(
                id=row["id"],
                tenant=row["tenant"],
                task_id=row["task_id"],
                url=row["url"],
                body=row["body"],
                attempts=row["attempts"],
                next_at=when(row["next_at"]),
                state=row["state"],
                error=row["error"],
                at=when(row["at"]),
                secret=row["secret"],
            )
            for row in self._posted.rows(sql, values)
        ]
