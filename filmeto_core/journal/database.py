"""The journal's file: SQLite in WAL mode, its tables, and its errors in words.

Two kinds of writes: those that money depends on are on disk when they return (synchronous FULL);
all others are committed in groups by `notes`, and a power cut may cost the last of them.
"""

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from filmeto_core.errors import StoreError
from filmeto_core.own_sqlite import OwnConnection

LAYOUT = 1
BUSY_S = 30.0  # how long a write waits for another process's, which takes milliseconds
FILE = "journal.db"
ROOM_BYTES = 256 * 1024  # less than this, and a WAL with its index cannot grow

SCHEMA = """
CREATE TABLE runs (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, film TEXT, storyboard TEXT,
    profile TEXT, options TEXT NOT NULL, state TEXT NOT NULL, owner TEXT NOT NULL,
    started_at REAL NOT NULL, ended_at REAL, error TEXT, flow_run_id TEXT,
    budget_micros INTEGER, budget_currency TEXT
) WITHOUT ROWID;
CREATE INDEX runs_film ON runs (film, started_at);
CREATE TABLE calls (
    id TEXT PRIMARY KEY, run_id TEXT, shot TEXT, tool TEXT NOT NULL, plugin TEXT NOT NULL,
    plugin_version TEXT NOT NULL, fingerprint TEXT NOT NULL, key TEXT NOT NULL,
    parameters TEXT NOT NULL, resources TEXT NOT NULL, take INTEGER NOT NULL, state TEXT NOT NULL,
    owner TEXT NOT NULL, cached INTEGER NOT NULL, seconds REAL NOT NULL, cost_micros INTEGER,
    currency TEXT, attempts INTEGER NOT NULL, outputs TEXT NOT NULL, error TEXT,
    started_at REAL NOT NULL, ended_at REAL
) WITHOUT ROWID;
CREATE INDEX calls_run ON calls (run_id, started_at);
CREATE INDEX calls_plugin ON calls (plugin, tool, ended_at) WHERE cached = 0 AND state = 'done';
CREATE TABLE latest (
    film TEXT NOT NULL, shot TEXT NOT NULL, tool TEXT NOT NULL, call_id TEXT NOT NULL,
    PRIMARY KEY (film, shot, tool)
) WITHOUT ROWID;
CREATE TABLE attempts (
    call_id TEXT NOT NULL, number INTEGER NOT NULL, key TEXT NOT NULL, state TEXT NOT NULL,
    owner TEXT NOT NULL, started_at REAL NOT NULL, ended_at REAL, error TEXT,
    PRIMARY KEY (call_id, number)
) WITHOUT ROWID;
CREATE INDEX attempts_key ON attempts (key, started_at);
CREATE TABLE jobs (
    idempotency_key TEXT PRIMARY KEY, key TEXT NOT NULL, run_id TEXT, film TEXT, shot TEXT,
    tool TEXT NOT NULL, plugin TEXT NOT NULL, job_id TEXT, price_micros INTEGER,
    cost_micros INTEGER, currency TEXT, state TEXT NOT NULL, owner TEXT NOT NULL,
    attempts INTEGER NOT NULL, begun_at REAL NOT NULL, submitted_at REAL, ended_at REAL, error TEXT
) WITHOUT ROWID;
CREATE INDEX jobs_key ON jobs (key, state);
CREATE INDEX jobs_film ON jobs (film);
CREATE INDEX jobs_run ON jobs (run_id);
"""
TABLES = ("runs", "calls", "latest", "attempts", "jobs")


@contextmanager
def journal_errors(path: Path) -> Iterator[None]:
    """Turn a failure of the journal's file into a StoreError that says what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise _told(path, error) from error
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        what = "There is no room left for" if full else "The journal cannot be used:"
        raise StoreError(
            f"{what} {path.parent} ({error.strerror or error}).",
            hint="Make room there, or point FILMETO_HOME elsewhere; then run it again.",
            path=str(path),
            errno=error.errno,
        ) from error


def _told(path: Path, error: sqlite3.Error) -> StoreError:
    name = getattr(error, "sqlite_errorname", "")
    if name == "SQLITE_FULL" or (name.startswith("SQLITE_IOERR") and _is_full(path)):
        what, hint = f"There is no room left for the journal {path}", "Make room there, or point"
        hint += " FILMETO_HOME at a larger disk; then run it again."
    elif name in ("SQLITE_NOTADB", "SQLITE_CORRUPT") or name.startswith("SQLITE_CORRUPT"):
        what = f"The journal {path} is damaged"
        hint = "Run `filmeto runs repair`: it saves what can be read, and says what was lost."
    elif name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        what = f"The journal {path} cannot be written"
        hint = "Change the permissions of its folder, or point FILMETO_HOME elsewhere."
    elif name.startswith("SQLITE_BUSY"):
        what = f"The journal {path} is in use by another process for over {BUSY_S:g} s"
        hint = "Look for a filmeto that hangs; then run it again."
    else:
        what, hint = f"The journal {path} cannot be used", "Check the disk, then run it again."
    return StoreError(f"{what} ({error}).", hint=hint, path=str(path))


def _is_full(path: Path) -> bool:
    """Whether its disk has no room: SQLite tells of some of that as of any failed write."""
    try:
        return shutil.disk_usage(path.parent).free < ROOM_BYTES
    except OSError:
        return False


def connect(path: Path, *, durable: bool) -> sqlite3.Connection:
    """A connection for writing, the tables made; `durable`: a commit is on disk when it returns.

    Raises:
        StoreError: Another filmeto's layout.
        sqlite3.Error, OSError: It cannot be used.
    """
    return open_tables(path, SCHEMA, LAYOUT, durable=durable)


def open_tables(path: Path, schema: str, layout: int, *, durable: bool) -> sqlite3.Connection:
    """As `connect`, for a file of these tables; the schema's statements end with ";" and a line end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(
        path,
        timeout=BUSY_S,
        isolation_level=None,
        check_same_thread=False,
        factory=OwnConnection,
    )
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        if _layout(connection, path, layout) == 0:
            with transaction(connection):
                if _layout(connection, path, layout) == 0:  # not made by another process meanwhile
                    for statement in schema.split(";\n"):
                        connection.execute(statement)
                    connection.execute(f"PRAGMA user_version = {layout}")
    except BaseException:
        connection.close()
        raise
    return connection


def _layout(connection: sqlite3.Connection, path: Path, known: int = LAYOUT) -> int:
    layout = connection.execute("PRAGMA user_version").fetchone()[0]
    if layout > known:
        raise StoreError(
            f"{path} was written by a newer filmeto (layout {layout}, here {known}).",
            hint="Upgrade: pip install --upgrade filmeto.",
            path=str(path),
        )
    return layout


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """What is written inside is there whole, or not at all; others' writes wait for it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    except BaseException:
        if connection.in_transaction:  # a full disk has ended it already
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection | None]:
    """A connection that only reads; None where there is no journal yet."""
    if not path.exists():
        yield None
        return
    with journal_errors(path), closing(_reader(path)) as connection:
        yield connection if _layout(connection, path) else None


def _reader(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_S, check_same_thread=False
    )
    connection.row_factory = sqlite3.Row
    return connection
