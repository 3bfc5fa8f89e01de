"""Saves what can be read of a damaged journal; the damaged file stays beside the new one."""

import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from filmeto_core.journal.database import FILE, TABLES, connect, journal_errors, transaction


@dataclass(frozen=True)
class Repair:
    """What came of it.

    Args:
        damaged: Where the old file is now; None where nothing was wrong.
        saved: Rows by table.
        unread: Tables that could not be read to their end.
    """

    damaged: Path | None
    saved: dict[str, int]
    unread: tuple[str, ...]


def repair(folder: Path) -> Repair:
    """Replace a damaged journal by what can be read of it. No filmeto may run meanwhile.

    Raises:
        StoreError: The folder cannot be written.
    """
    path = folder.absolute() / FILE
    if not path.exists() or _is_sound(path):
        return Repair(None, {}, ())
    aside = path.with_name(f"journal-damaged-{time.strftime('%Y%m%d-%H%M%S')}.db")
    with journal_errors(path):
        for suffix in ("", "-wal", "-shm"):
            part = path.with_name(path.name + suffix)
            if part.exists():
                part.rename(aside.with_name(aside.name + suffix))
        saved, unread = _salvage(aside, path)
    return Repair(aside, saved, unread)


def _is_sound(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(path)) as connection:
            return connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    except sqlite3.Error:
        return False


def _salvage(old: Path, new: Path) -> tuple[dict[str, int], tuple[str, ...]]:
    saved, unread = {}, []
    with closing(connect(new, durable=True)) as into, closing(sqlite3.connect(old)) as source:
        source.row_factory = sqlite3.Row
        for table in TABLES:
            with transaction(into):
                saved[table], whole = _copy(table, source, into)
            if not whole:
                unread.append(table)
    return saved, tuple(unread)


def _copy(table: str, source: sqlite3.Connection, into: sqlite3.Connection) -> tuple[int, bool]:
    count = 0
    known = {row["name"] for row in into.execute(f"PRAGMA table_info({table})")}
    try:
        for row in source.execute(f"SELECT * FROM {table}"):
            names = [name for name in row.keys() if name in known]
            marks = ", ".join("?" * len(names))
            into.execute(
                f"INSERT OR IGNORE INTO {table} ({', '.join(names)}) VALUES ({marks})",
                [row[name] for name in names],
            )
            count += 1
    except sqlite3.DatabaseError:
        return count, False
    return count, True
