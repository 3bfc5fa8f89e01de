"""Who owns which file of the store: what a tenant's tasks made, and what it brought itself.

The store knows contents and no tenants: the same file may be several tenants', and lies there once.
"""

import sqlite3
from collections.abc import Iterable
from concurrent.futures import Future
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from filmeto_core.journal.posted import Posted
from filmeto_core.journal.rows import when
from filmeto_core.types import Model, utc_now

# result: a task made it; upload: its tenant brought it; film: a film is made of it.
Origin = Literal["result", "upload", "film"]
_ADD = "INSERT OR IGNORE INTO owned (tenant, digest, size_bytes, origin, at) VALUES (?, ?, ?, ?, ?)"
_ONE = "SELECT * FROM owned WHERE tenant = ? AND digest = ?"
_SUM = "SELECT COALESCE(SUM(size_bytes), 0) FROM owned WHERE tenant = ?"


class OwnedFile(Model):
    """A file that a tenant owns."""

    digest: str = Field(description="sha256:HEX of its content")
    size_bytes: int
    origin: Origin = Field(description="result: made by a task; upload: brought; film: of a film")
    at: datetime = Field(description="Since when")


def _rows(tenant: str, files: Iterable[tuple[str, int]], origin: Origin) -> list[tuple]:
    now = utc_now().timestamp()
    return [(tenant, digest, size_bytes, origin, now) for digest, size_bytes in files]


class Owned:
    """The files that tenants own.

    Args:
        posted: Where that is kept.
    """

    def __init__(self, posted: Posted) -> None:
        self._posted = posted

    def add(self, tenant: str, files: Iterable[tuple[str, int]], origin: Origin) -> "Future[Any]":
        """Note that a tenant owns files; what it owns already stays as it was noted.

        What is written of the same Posted afterwards is committed no sooner.

        Args:
            files: The digest and the size in bytes of each.

        Returns:
            A future that is done once it is committed, or has a StoreError.
        """
        values = _rows(tenant, files, origin)
        return self._posted.write(lambda connection: connection.executemany(_ADD, values))

    def leave(self, tenant: str, files: Iterable[tuple[str, int]], origin: Origin) -> None:
        """As `add`, where nobody waits for it."""
        values = _rows(tenant, files, origin)
        if values:
            self._posted.leave(lambda connection: connection.executemany(_ADD, values))

    async def add_within(
        self, tenant: str, digest: str, size_bytes: int, origin: Origin, most_bytes: int | None
    ) -> bool:
        """Note that a tenant owns a file, unless all of its files would come to more than that.

        Args:
            most_bytes: What they may come to; None: as much as it likes.

        Returns:
            Whether it owns the file now.

        Raises:
            StoreError: It could not be written.
        """
        values = (tenant, digest, size_bytes, origin, utc_now().timestamp())

        def write(connection: sqlite3.Connection) -> bool:
            if connection.execute(_ONE, (tenant, digest)).fetchone():
                return True
            owned_bytes = connection.execute(_SUM, (tenant,)).fetchone()[0]
            if most_bytes is not None and owned_bytes + size_bytes > most_bytes:
                return False
            connection.execute(_ADD, values)
            return True

        return await self._posted.written(write)

    def owns(self, tenant: str, digest: str) -> bool:
        """Whether a tenant owns the file of a digest."""
        return self.find(tenant, digest) is not None

    def find(self, tenant: str, digest: str) -> OwnedFile | None:
        """A tenant's file of a digest."""
        return next(iter(self._files(_ONE, (tenant, digest))), None)

    def owned_bytes(self, tenant: str) -> int:
        """What a tenant's files come to."""
        rows = self._posted.rows(_SUM, (tenant,))
        return rows[0][0] if rows else 0

    def files(
        self, tenant: str, *, before: tuple[float, str] | None = None, limit: int = 50
    ) -> list[OwnedFile]:
        """A tenant's files, newest first.

        Args:
            before: Those that come after this one in the list: since when, and its digest.
        """
        place = "" if before is None else " AND (at, digest) < (?, ?)"
        sql = f"SELECT * FROM owned WHERE tenant = ?{place} ORDER BY at DESC, digest DESC LIMIT ?"
        return self._files(sql, (tenant, *(before or ()), limit))

    async def give_up(self, tenant: str, digest: str) -> bool:
        """A tenant owns a file no longer; whether it did. The file itself stays in the store."""
        sql = "DELETE FROM owned WHERE tenant = ? AND digest = ?"
        return await self._posted.written(lambda c: c.execute(sql, (tenant, digest)).rowcount == 1)

    def _files(self, sql: str, values: Iterable[Any]) -> list[OwnedFile]:
        return [
            OwnedFile(
                digest=row["digest"],
                size_bytes=row["size_bytes"],
                origin=row["origin"],
                at=when(row["at"]),
            )
            for row in self._posted.rows(sql, values)
        ]
