"""What garbage collection would remove, worked out in tables beside the catalogue's.

A record may go when it was not used of late and makes nothing that a film or a pin holds; a file may go
when nothing holds it, no record that stays made it, and it was not used of late. Where that leaves
more than is wanted, what was used longest ago goes as well.
"""

import sqlite3
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from filmeto_core.resources.catalogue import OUTPUT
from filmeto_core.resources.holds import Holds, KeptFilm
from filmeto_core.resources.store import USE_NOTED_S

_TABLES = """
CREATE TEMP TABLE named (digest BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TEMP TABLE kept_keys (key BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TEMP TABLE held (digest BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TEMP TABLE going_keys (key BLOB PRIMARY KEY, used INTEGER) WITHOUT ROWID;
CREATE TEMP TABLE going (digest BLOB PRIMARY KEY, ending TEXT, size INTEGER, used INTEGER,
    why TEXT) WITHOUT ROWID;
"""
_HELD = f"""
INSERT INTO kept_keys SELECT DISTINCT key FROM refs JOIN named USING (digest) WHERE role = {OUTPUT};
INSERT INTO held SELECT digest FROM named UNION
    SELECT digest FROM refs JOIN kept_keys USING (key) WHERE role = {OUTPUT};
"""
_OLD_RECORDS = """
INSERT INTO going_keys SELECT key, used FROM records
    WHERE used < ? AND key NOT IN (SELECT key FROM kept_keys)
"""
_OLD_FILES = f"""
INSERT INTO going SELECT digest, ending, size, used, 'age' FROM objects o
    WHERE used < ? AND digest NOT IN (SELECT digest FROM held) AND NOT EXISTS (
        SELECT 1 FROM refs r WHERE r.digest = o.digest AND r.role = {OUTPUT}
        AND r.key NOT IN (SELECT key FROM going_keys))
"""
_LONGEST_UNUSED = f"""
SELECT digest, ending, size, used, max(used, coalesce((
        SELECT max(s.used) FROM refs r JOIN records s USING (key)
        WHERE r.digest = o.digest AND r.role = {OUTPUT}), 0)) AS last
    FROM objects o
    WHERE digest NOT IN (SELECT digest FROM held) AND digest NOT IN (SELECT digest FROM going)
    ORDER BY last
"""
_RECORDS_OF_GOING = f"""
INSERT OR IGNORE INTO going_keys SELECT DISTINCT s.key, s.used
    FROM going g JOIN refs r ON r.digest = g.digest AND r.role = {OUTPUT} JOIN records s USING (key)
"""


@dataclass(frozen=True)
class GoingFile:
    """A file that may go.

    Args:
        used_ns: When it was used last, as planned with.
        why: "age" or "size".
    """

    digest: bytes
    ending: str
    size_bytes: int
    used_ns: int
    why: str


class GcPlan:
    """What may go now, as far as the catalogue knows; who removes looks once more at each.

    Args:
        connection: To the catalogue, brought up to date; the plan lives as long as it.
        holds: What must stay.
        older_than_s: What was used since stays.
        max_size_bytes: What the store's files may take; None for any amount.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        holds: Holds,
        older_than_s: float,
        max_size_bytes: int | None = None,
    ) -> None:
        self._connection = connection
        self._holds = holds
        now = time.time()
        self.films = holds.films()
        self.pins = holds.pins()
        self.kept_films = [film for film in self.films if film.is_kept(now, older_than_s)]
        self.since = holds.oldest_use()
        old = now - older_than_s
        if self.since is not None:
            old = min(old, self.since - USE_NOTED_S)
        self.old_ns = int(old * 1e9)
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.executescript(_TABLES)
        self._plan_age()
        self.over_bytes = 0
        if max_size_bytes is not None:
            self._plan_size(max_size_bytes)

    @property
    def gone_films(self) -> list[KeptFilm]:
        """Films whose folder is there without them."""
        kept = {film.note for film in self.kept_films}
        return [film for film in self.films if film.note not in kept]

    def _plan_age(self) -> None:
        named = {digest for film in self.kept_films for digest in film.digests}
        named |= {pin.digest for pin in self.pins}
        known = [(raw,) for digest in named if (raw := _raw(digest))]
        self._connection.executemany("INSERT INTO named VALUES (?)", known)
        self._connection.executescript(_HELD)
        self._connection.execute(_OLD_RECORDS, (self.old_ns,))
        self._connection.execute(_OLD_FILES, (self.old_ns,))

    def _plan_size(self, most_bytes: int) -> None:
        total, going = self._size("objects"), self._size("going")
        too_much = total - going - most_bytes
        running_ns = in_use_since_ns(self._holds)
        chosen = []
        if too_much > 0:
            for digest, ending, size, used, last in self._connection.execute(_LONGEST_UNUSED):
                if too_much <= 0 or last >= running_ns:
                    break
                chosen.append((digest, ending, size, used, "size"))
                too_much -= size
        self._connection.executemany("INSERT INTO going VALUES (?, ?, ?, ?, ?)", chosen)
        self._connection.execute(_RECORDS_OF_GOING)
        self.over_bytes = max(0, too_much)

    def _size(self, table: str) -> int:
        sql = f"SELECT coalesce(sum(size), 0) FROM {table}"
        return self._connection.execute(sql).fetchone()[0]

    @property
    def files(self) -> int:
        """How many files may go."""
        return self._connection.execute("SELECT count(*) FROM going").fetchone()[0]

    @property
    def records(self) -> int:
        """How many records may go."""
        return self._connection.execute("SELECT count(*) FROM going_keys").fetchone()[0]

    def held(self) -> tuple[int, int]:
        """How many files films and pins hold, and their bytes."""
        sql = "SELECT count(*), coalesce(sum(size), 0) FROM objects JOIN held USING (digest)"
        return self._connection.execute(sql).fetchone()

    def there(self) -> tuple[int, int]:
        """How many files there are, and their bytes."""
        sql = "SELECT count(*), coalesce(sum(size), 0) FROM objects"
        return self._connection.execute(sql).fetchone()

    def record_batches(self, size: int) -> Iterator[list[tuple[bytes, int]]]:
        """Keys that may go, and when each was used last, as planned with."""
        return self._batches("going_keys", "key", size)

    def file_batches(self, size: int) -> Iterator[list[GoingFile]]:
        """Files that may go."""
        for rows in self._batches("going", "digest", size):
            yield [GoingFile(*row) for row in rows]

    def _batches(self, table: str, name: str, size: int) -> Iterator[list]:
        sql = f"SELECT * FROM {table} WHERE {name} > ? ORDER BY {name} LIMIT {size}"
        last = b""
        while rows := self._connection.execute(sql, (last,)).fetchall():
            yield rows
            last = rows[-1][0]

    def outputs(self, key: bytes) -> list[bytes]:
        """What a record made."""
        sql = "SELECT digest FROM refs WHERE key = ? AND role = ?"
        return [digest for (digest,) in self._connection.execute(sql, (key, OUTPUT))]

    def keep(self, digests: Iterable[bytes]) -> None:
        """These stay after all."""
        wanted = [(digest,) for digest in digests]
        self._connection.executemany("DELETE FROM going WHERE digest = ?", wanted)


def in_use_since_ns(holds: Holds) -> int:
    """What was used since then belongs to work that still runs; without any, that is never."""
    began = holds.oldest_use()
    return 2**63 - 1 if began is None else int((began - USE_NOTED_S) * 1e9)


def _raw(digest: str) -> bytes | None:
    try:
        raw = bytes.fromhex(digest.removeprefix("sha256:"))
    except ValueError:
        return None
    return raw if len(raw) == 32 else None
