"""The records of finished calls in tables (SQLite), so that who looks at all need not read a million files.

It is derived and disposable: what a record's file says counts, a damaged catalogue is built anew from
the files, and before it is looked at as a whole it is brought up to date with their folders
(`catalogue_sync`). It holds each record's text, too, so that a record whose file was lost or damaged is
not paid for twice. A call's own path reads it only where its record's file is not right, and leaves
the writing to a thread.
"""

import atexit
import contextlib
import json
import logging
import os
import sqlite3
import threading
import weakref
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filmeto_core.own_sqlite import OwnConnection
from filmeto_core.resources.durable import locked
from filmeto_core.resources.record_row import RecordRow, record_row

logger = logging.getLogger(__name__)

SCHEMA = 1
FINE, LOST, DAMAGED = 0, 1, 2  # of a record's file: as it should be, not there, no record
OUTPUT, INPUT = 0, 1  # what a file is to a call
_GATHER_S = 0.5  # what is finished within so long is written at once
_BUSY_S = 10.0  # how long another process may hold it
_TABLES = """
CREATE TABLE records (key BLOB PRIMARY KEY, used INTEGER, size INTEGER, state INTEGER, tool TEXT,
    plugin TEXT, version TEXT, created TEXT) WITHOUT ROWID;
CREATE TABLE texts (key BLOB PRIMARY KEY, text BLOB);
CREATE TABLE refs (key BLOB, role INTEGER, digest BLOB, PRIMARY KEY (key, role, digest)) WITHOUT ROWID;
CREATE INDEX refs_digest ON refs (digest, role, key);
CREATE TABLE objects (digest BLOB PRIMARY KEY, ending TEXT, size INTEGER, used INTEGER,
    made INTEGER) WITHOUT ROWID;
"""


class Catalogue:
    """The catalogue of one folder's records; any number of threads and processes may use it.

    Args:
        folder: That of the index: its records lie in it, and the catalogue beside them.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "catalogue.db"
        self.records = folder / "records"
        self._lock = threading.Lock()  # of the connection
        self._connection: sqlite3.Connection | None = None
        self._noting = threading.Lock()
        self._noted: dict[Path, Any] = {}
        self._writer: threading.Thread | None = None
        self._now = threading.Event()

    def note(self, path: Path, data: Any) -> None:
        """A record was written; it is taken up soon, by a thread.

        Args:
            path: Its file.
            data: What is in it.
        """
        with self._noting:
            self._noted[path] = data
            if self._writer is None:
                atexit.register(_flush, weakref.ref(self))
            if self._writer is None or not self._writer.is_alive():
                self._now.clear()
                self._writer = threading.Thread(
                    target=self._write_soon, name="catalogue", daemon=True
                )
                self._writer.start()

    def flush(self) -> None:
        """Take up now what was noted."""
        with self._noting:
            noted, self._noted = self._noted, {}
        rows = [row for path, data in noted.items() if (row := _row(path, data))]
        if rows:
            self._quietly(lambda connection: put_rows(connection, rows))
            # Forgotten since its file was looked at: it must not come back from here.
            gone = [(bytes.fromhex(p.stem),) for p in noted if not os.access(p, os.F_OK)]
            if gone:
                self._quietly(lambda connection: drop_rows(connection, gone))
            with self._lock:
                self._close()  # no descriptor is held by who does nothing

    def _write_soon(self) -> None:
        while True:
            self._now.wait(_GATHER_S)
            self.flush()
            with self._noting:
                if not self._noted:
                    self._writer = threading.current_thread() if self._now.is_set() else None
                    return

    def text(self, key: str) -> str | None:
        """What a record's file held; None where that is not known."""
        with self._noting:
            for path, data in self._noted.items():
                if path.stem == key:
                    return _text(data)
        if not os.access(self.path, os.F_OK):
            return None
        row = self._quietly(
            lambda connection: connection.execute(
                "SELECT text FROM texts WHERE key = ?", (bytes.fromhex(key),)
            ).fetchone()
        )
        if not row or row[0] is None:
            return None
        try:
            return zlib.decompress(row[0]).decode()
        except (zlib.error, UnicodeDecodeError, TypeError):
            return None

    @contextmanager
    def forgetting(self, keys: Iterable[str]) -> Iterator[None]:
        """Their records are removed inside, by the caller: they do not come back from here.

        Before, so that nothing restores a record that is being removed; and once more after, for
        who has just read its file.
        """
        wanted = [(bytes.fromhex(key),) for key in keys]
        names = {key.hex() for (key,) in wanted}
        with self._noting:
            for path in [p for p in self._noted if p.stem in names]:
                del self._noted[path]
        there = os.access(self.path, os.F_OK)
        if there:
            self._quietly(lambda connection: drop_rows(connection, wanted))
        yield
        if there:
            self._quietly(lambda connection: drop_rows(connection, wanted))

    def _quietly(self, do: Any) -> Any:
        """Do something with it, or not: nothing that a caller needs hangs on it."""
        with self._lock:
            for _ in range(2):
                try:
                    if self._connection is None:
                        self._connection = self.open()
                    return do(self._connection)
                except sqlite3.Error as error:
                    logger.debug("catalogue: %s", error)
                    self._close()
                    if not _is_damage(error):
                        return None
        return None

    def _close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def close(self) -> None:
        """Take up what was noted, and let go of the file."""
        self._now.set()
        self.flush()
        with self._lock:
            self._close()

    def open(self) -> sqlite3.Connection:
        """A connection of one's own; a catalogue that is not there, or damaged, begins empty.

        Raises:
            sqlite3.Error: The disk is full, or takes no change.
        """
        with contextlib.suppress(sqlite3.DatabaseError):
            connection = _connect(self.path)
            if _version(connection) == SCHEMA:
                return connection
            connection.close()
        with locked(self.path.with_suffix(".lock"), exclusive=True):
            return self._begun()

    def _begun(self) -> sqlite3.Connection:
        """As `open`, while no other process begins one."""
        try:
            connection = _connect(self.path)
            version = _version(connection)
            if version == SCHEMA:
                return connection
            if version:
                connection.close()
                raise sqlite3.DatabaseError("its tables are those of another release")
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            logger.warning("%s is damaged (%s); it is built anew.", self.path, error)
            self.discard()
            connection = _connect(self.path)
        make_tables(connection)
        return connection

    def discard(self) -> None:
        """Remove it, damaged as it is."""
        for suffix in ("", "-wal", "-shm", "-journal"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)


def _flush(catalogue: "weakref.ref[Catalogue]") -> None:
    if (found := catalogue()) is not None:
        found.close()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path,
        timeout=_BUSY_S,
        isolation_level=None,
        check_same_thread=False,
        factory=OwnConnection,
    )
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        # Nothing is waited for: what a power cut takes away is read from the files again.
        connection.execute("PRAGMA synchronous = NORMAL")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _version(connection: sqlite3.Connection) -> int:
    return connection.execute("PRAGMA user_version").fetchone()[0]


def make_tables(connection: sqlite3.Connection) -> None:
    """Make the tables in an empty database."""
    connection.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {SCHEMA}; COMMIT;")


def _is_damage(error: sqlite3.Error) -> bool:
    return isinstance(error, sqlite3.DatabaseError) and not isinstance(
        error, sqlite3.OperationalError
    )


def _text(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _row(path: Path, data: Any) -> RecordRow | None:
    try:
        status = path.stat()
    except OSError:
        return None  # removed by now
    return record_row(path.stem, data, _text(data), status)


def put_rows(connection: sqlite3.Connection, rows: list[RecordRow], texts: bool = True) -> None:
    """Take up records, in one transaction; those of the same keys give way."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.executemany("DELETE FROM refs WHERE key = ?", [(row.key,) for row in rows])
        connection.executemany(
            "INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [(r.key, r.used, r.size, FINE, r.tool, r.plugin, r.version, r.created) for r in rows],
        )
        if texts:
            connection.executemany(
                "INSERT OR REPLACE INTO texts VALUES (?, ?)",
                [(row.key, zlib.compress(row.text.encode(), 1)) for row in rows],
            )
        for role in (OUTPUT, INPUT):
            connection.executemany(
                "INSERT OR IGNORE INTO refs VALUES (?, ?, ?)",
                [(r.key, role, d) for r in rows for d in (r.inputs if role else r.outputs)],
            )
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def drop_rows(connection: sqlite3.Connection, keys: list[tuple[bytes]]) -> None:
    """Forget records, in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for table in ("records", "texts", "refs"):
            connection.executemany(f"DELETE FROM {table} WHERE key = ?", keys)
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise
