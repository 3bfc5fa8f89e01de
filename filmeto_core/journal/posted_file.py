"""The file of what was posted to the server: tasks, their events, who owns which file.

It lies beside the journal's, so that a flood of events never holds up what money depends on.
"""

import os
import sqlite3
from pathlib import Path

from filmeto_core.journal.database import open_tables

LAYOUT = 1
FILE = "posted.db"

SCHEMA = """
CREATE TABLE epochs (number INTEGER PRIMARY KEY AUTOINCREMENT, started_at REAL NOT NULL);
CREATE TABLE tasks (
    id TEXT PRIMARY KEY, tenant TEXT NOT NULL, kind TEXT NOT NULL, tool TEXT NOT NULL,
    plugin TEXT NOT NULL, request TEXT NOT NULL, status TEXT NOT NULL, percent REAL NOT NULL,
    message TEXT NOT NULL, result TEXT, error TEXT, attempts INTEGER NOT NULL,
    accepted_at REAL NOT NULL, started_at REAL, ended_at REAL,
    idempotency_key TEXT, request_digest TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX tasks_listed ON tasks (tenant, accepted_at, id);
CREATE INDEX tasks_open ON tasks (status) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX tasks_named ON tasks (tenant, idempotency_key)
    WHERE idempotency_key IS NOT NULL;
CREATE TABLE events (
    subject TEXT NOT NULL, epoch INTEGER NOT NULL, number INTEGER NOT NULL, data BLOB NOT NULL,
    at REAL NOT NULL, PRIMARY KEY (subject, epoch, number)
) WITHOUT ROWID;
CREATE INDEX events_age ON events (at);
CREATE TABLE owned (
    tenant TEXT NOT NULL, digest TEXT NOT NULL, size_bytes INTEGER NOT NULL, origin TEXT NOT NULL,
    at REAL NOT NULL, PRIMARY KEY (tenant, digest)
) WITHOUT ROWID;
CREATE INDEX owned_listed ON owned (tenant, at, digest);
CREATE TABLE deliveries (
    id TEXT PRIMARY KEY, tenant TEXT NOT NULL, task_id TEXT NOT NULL, url TEXT NOT NULL,
    body TEXT NOT NULL, attempts INTEGER NOT NULL, next_at REAL, state TEXT NOT NULL, error TEXT,
    at REAL NOT NULL, secret TEXT
) WITHOUT ROWID;
CREATE INDEX deliveries_of ON deliveries (task_id);
CREATE INDEX deliveries_due ON deliveries (next_at) WHERE state = 'waiting';
CREATE TABLE spent (
    tenant TEXT NOT NULL, day TEXT NOT NULL, currency TEXT NOT NULL, micros INTEGER NOT NULL,
    PRIMARY KEY (tenant, day, currency)
) WITHOUT ROWID;
"""


def connect_posted(path: Path) -> sqlite3.Connection:
    """A connection for writing, the tables made. A commit survives the process, not a power cut.

    The file is its user's alone: what callers posted lies there, and secrets of their webhooks.

    Raises:
        StoreError: A newer filmeto's layout.
        sqlite3.Error, OSError: It cannot be used.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    return open_tables(path, SCHEMA, LAYOUT, durable=False)
