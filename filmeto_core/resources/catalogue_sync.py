"""Brings the catalogue up to date with the folders of records and files, by their listings alone.

A record is read only where its name is new or its time of change is another one. One whose file is
gone stays, as lost: who removes a record on purpose tells the catalogue.
"""

import contextlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from filmeto_core.resources.catalogue import (
    DAMAGED,
    LOST,
    Catalogue,
    drop_rows,
    make_tables,
    put_rows,
)
from filmeto_core.resources.record_row import RecordRow, record_row

_SHARDS = [f"{number:02x}" for number in range(256)]


@contextmanager
def current(
    catalogue: Catalogue, objects: Path, progress: Callable[[int, int], None] | None = None
) -> Iterator[sqlite3.Connection]:
    """The catalogue as the folders are now, on a connection of one's own.

    On a disk that is full or takes no change it is built in memory.

    Args:
        objects: The store's folder of files.
        progress: Called with the parts that are done, and all.
    """
    catalogue.flush()
    connection = _brought_up(catalogue, objects, progress)
    try:
        yield connection
    finally:
        connection.close()


def _brought_up(
    catalogue: Catalogue, objects: Path, progress: Callable[[int, int], None] | None
) -> sqlite3.Connection:
    for last in (False, True):
        connection = None
        try:
            connection = catalogue.open()
            _sync(connection, catalogue.records, objects, progress, texts=True)
            return connection
        except sqlite3.Error as error:
            if connection is not None:
                connection.close()
            if last or isinstance(error, sqlite3.OperationalError):
                break
            catalogue.discard()  # damaged farther in than its first page
    connection = sqlite3.connect(":memory:", isolation_level=None)
    make_tables(connection)
    _sync(connection, catalogue.records, objects, progress, texts=False)
    return connection


def _sync(
    connection: sqlite3.Connection,
    records: Path,
    objects: Path,
    progress: Callable[[int, int], None] | None,
    texts: bool,
) -> None:
    connection.execute("PRAGMA cache_size = -65536")  # KiB
    for number, shard in enumerate(_SHARDS):
        _sync_records(connection, records / shard, shard, texts)
        _sync_objects(connection, objects / shard, shard)
        if progress is not None:
            progress(number + 1, len(_SHARDS))


def _sync_records(connection: sqlite3.Connection, folder: Path, shard: str, texts: bool) -> None:
    # Listed first, and known afterwards: what is removed in between is in neither.
    there = {
        key: (status.st_mtime_ns, status.st_size)
        for name, status in _listed(folder)
        if name.endswith(".json") and (key := _hexadecimal(name[:-5], shard))
    }
    known = {
        key: (used, size, state)
        for key, used, size, state in connection.execute(
            "SELECT key, used, size, state FROM records WHERE key >= ? AND key < ?", _bounds(shard)
        )
    }
    rows: list[RecordRow] = []
    wrong: list[tuple[bytes, int, int, int]] = []
    for key in sorted(there):
        used, size = there[key]
        if known.get(key, (None,))[:2] == (used, size):
            continue  # fine or damaged, as before
        row = _read(folder / f"{key.hex()}.json", key.hex())
        if isinstance(row, RecordRow):
            rows.append(row)
        elif row is not None:
            wrong.append((key, used, size, DAMAGED))
    for key in known.keys() - there.keys():
        used, size, state = known[key]
        if state != LOST and not (folder / f"{key.hex()}.json").exists():
            wrong.append((key, used, size, LOST))
    if rows:
        put_rows(connection, rows, texts)
        names = ((row.key, f"{folder}/{row.key.hex()}.json") for row in rows)
        gone = [(key,) for key, name in names if not os.access(name, os.F_OK)]
        if gone:  # forgotten since it was read: it must not come back from here
            drop_rows(connection, gone)
    for key, used, size, state in wrong:
        connection.execute(
            "INSERT INTO records VALUES (?, ?, ?, ?, '', '', '', '') "
            "ON CONFLICT (key) DO UPDATE SET used = ?, size = ?, state = ?",
            (key, used, size, state, used, size, state),
        )


def _sync_objects(connection: sqlite3.Connection, folder: Path, shard: str) -> None:
    there: dict[bytes, tuple[str, int, int, int]] = {}
    for name, status in _listed(folder):
        stem, dot, ending = name.partition(".")
        if digest := _hexadecimal(stem, shard):
            times = status.st_atime_ns, status.st_mtime_ns
            there[digest] = (dot + ending, status.st_size, *times)
    known = {
        digest: tuple(rest)
        for digest, *rest in connection.execute(
            "SELECT * FROM objects WHERE digest >= ? AND digest < ?", _bounds(shard)
        )
    }
    changed = [(d, *there[d]) for d in sorted(there) if known.get(d) != there[d]]
    gone = [(d,) for d in known.keys() - there.keys()]
    if changed or gone:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("DELETE FROM objects WHERE digest = ?", gone)
        connection.executemany("INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?)", changed)
        connection.execute("COMMIT")


def _listed(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """The files of a folder; none where it is not there."""
    try:
        entries = os.scandir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return
    with entries:
        for entry in entries:
            with contextlib.suppress(FileNotFoundError):  # removed meanwhile
                yield entry.name, entry.stat(follow_symlinks=False)


def _hexadecimal(text: str, shard: str) -> bytes | None:
    if len(text) != 64 or not text.startswith(shard):
        return None
    try:
        return bytes.fromhex(text)
    except ValueError:
        return None


def _bounds(shard: str) -> tuple[bytes, bytes]:
    return bytes.fromhex(shard), bytes.fromhex(shard) + b"\xff" * 32


def _read(path: Path, key: str) -> RecordRow | bool | None:
    """A record's row; False for a file that holds no record; None where it is gone."""
    try:
        with path.open("rb", buffering=0) as file:
            raw: Any = file.read()
            status = os.fstat(file.fileno())
        return record_row(key, _loaded(raw), raw.decode(), status) or False
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError):
        return False


def _loaded(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except ValueError:  # it refuses some of what the standard library wrote
        return json.loads(raw)
