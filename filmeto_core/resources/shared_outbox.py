"""What waits to be sent to a shared store: a small file for each record, on disk before it is sent.

    outbox/PLACE/KEY.ID.json   one record; locked by who sends it, removed when it has arrived
    outbox/PLACE/incoming/     being written

PLACE tells one shared store from another, so that nothing goes to another than it was meant for.
"""

import fcntl
import hashlib
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filmeto_core.resources.durable import read_json, store_errors, write_json


@dataclass(frozen=True)
class Entry:
    """A record that waits.

    Args:
        path: Its file.
        key: Of the record.
        replace: Whether it takes the place of another record of its key.
        suspect: Digests of files that are there but damaged, as far as is known.
    """

    path: Path
    key: str
    replace: bool = False
    suspect: tuple[str, ...] = ()

    @contextmanager
    def held(self) -> Iterator[bool]:
        """Whether nobody else sends it; while the block lasts nobody else will."""
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            yield False  # sent
            return
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                free = bool(os.fstat(descriptor).st_nlink)
            except BlockingIOError:
                free = False
            yield free
        finally:
            os.close(descriptor)

    def done(self) -> None:
        """It has arrived."""
        self.path.unlink(missing_ok=True)


class Outbox:
    """The entries for one shared store; any number of processes may use it at once.

    Args:
        folder: Of all outboxes; made when something is first written.
        address: Of the shared store.
    """

    def __init__(self, folder: Path, address: str) -> None:
        self.folder = folder / hashlib.sha256(address.rstrip("/").encode()).hexdigest()[:16]

    def add(self, key: str, *, replace: bool, suspect: tuple[str, ...]) -> Entry:
        """A new entry; it is on disk when this returns.

        Raises:
            StoreError: The folder cannot be written.
        """
        path = self.folder / f"{key}.{uuid.uuid4().hex[:8]}.json"
        data = {"key": key, "replace": replace, "suspect": list(suspect)}
        with store_errors(self.folder):
            write_json(path, data, incoming=self.folder / "incoming")
        return Entry(path, key, replace, suspect)

    def entries(self) -> list[Entry]:
        """What waits, the oldest first."""
        found = []
        for path in self.folder.glob("*.json"):
            try:
                written = path.stat().st_mtime_ns
                data = read_json(path)
                entry = Entry(path, data["key"], data["replace"], tuple(data["suspect"]))
            except (OSError, TypeError, KeyError):
                continue  # sent meanwhile, or not ours
            found.append((written, entry))
        return [entry for _, entry in sorted(found, key=lambda pair: pair[0])]


def waiting_keys(folder: Path) -> set[str]:
    """The keys of all records that wait in any outbox under `folder`."""
    return {path.name.partition(".")[0] for path in folder.glob("*/*.json")}
