"""Removes what nothing needs from store and index, while films run.

In small batches, each under the store's lock: who notes a use waits for some milliseconds at most, and
what was used after the plan was made stays. Records go before the files that they name, so that a
kill at any moment leaves nothing that looks whole and is not.
"""

import contextlib
import os
import shutil
import sqlite3
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from filmeto_core.errors import StoreError
from filmeto_core.resources.calls import CallIndex
from filmeto_core.resources.catalogue import drop_rows
from filmeto_core.resources.catalogue_sync import current
from filmeto_core.resources.durable import clear_ownerless, is_owned, read_json, store_errors
from filmeto_core.resources.gc_plan import GcPlan, GoingFile, in_use_since_ns
from filmeto_core.resources.store import PARTIAL_KEPT_S, Store

BATCH = 200  # renames under the lock at once: some 2 ms
Progress = Callable[[str, int, int], None]


@dataclass
class Collected:
    """What was removed, or would be.

    Args:
        files, records: How many.
        size_bytes: What the files took.
        by_ending: The files and their bytes, by ending.
        leftovers, leftover_bytes: What dead processes and given-up downloads left.
        failures: Notes of calls that failed for good.
        gone_films: Films that are not there any more.
        there, there_bytes: All files before.
        held, held_bytes: Those that films and pins hold.
        films, pins, running: How many hold something.
        over_bytes: What is still more than was wanted, since it must stay.
        listed: Each file, where that was asked for.
    """

    files: int = 0
    records: int = 0
    size_bytes: int = 0
    by_ending: dict[str, tuple[int, int]] = field(default_factory=dict)
    leftovers: int = 0
    leftover_bytes: int = 0
    failures: int = 0
    gone_films: list[Path] = field(default_factory=list)
    there: int = 0
    there_bytes: int = 0
    held: int = 0
    held_bytes: int = 0
    films: int = 0
    pins: int = 0
    running: int = 0
    over_bytes: int = 0
    listed: list[GoingFile] = field(default_factory=list)

    def add(self, file: GoingFile, listed: bool) -> None:
        """One more file."""
        self.files += 1
        self.size_bytes += file.size_bytes
        count, size = self.by_ending.get(file.ending, (0, 0))
        self.by_ending[file.ending] = (count + 1, size + file.size_bytes)
        if listed:
            self.listed.append(file)


def collect(
    index: CallIndex,
    *,
    older_than_s: float,
    max_size_bytes: int | None = None,
    dry_run: bool = False,
    listed: bool = False,
    progress: Progress | None = None,
) -> Collected:
    """Remove what nothing needs, and tell of it.

    Args:
        index: The finished calls; their store is collected too.
        older_than_s: What was used since stays.
        max_size_bytes: What the store's files may take together; of more, what was used longest
            ago goes, whatever `older_than_s` says. What films, pins and running work need stays.
        dry_run: Remove nothing.
        listed: Tell of each file.
        progress: Called with what is done, how many of it, and of how many.

    Raises:
        StoreError: The store cannot be read or written.
    """
    index.layout.check()
    index.store.layout.check()
    tell = progress or (lambda _what, _done, _of: None)
    with store_errors(index.store.folder):
        done = Collected()
        _leftovers(index, older_than_s, dry_run, done)  # first: it needs no room, and makes some
        objects = index.store.folder / "objects"
        with current(
            index.catalogue, objects, lambda n, of: tell("looked through", n, of)
        ) as connection:
            plan = GcPlan(connection, index.store.holds, older_than_s, max_size_bytes)
            _describe(plan, index, done)
            if dry_run:
                done.records = plan.records
                for batch in plan.file_batches(BATCH):
                    for file in batch:
                        done.add(file, listed)
            else:
                _Removal(index, plan, connection, done, listed, tell).run()
    return done


def _describe(plan: GcPlan, index: CallIndex, done: Collected) -> None:
    done.there, done.there_bytes = plan.there()
    done.held, done.held_bytes = plan.held()
    done.films, done.pins = len(plan.kept_films), len(plan.pins)
    done.running = index.store.holds.running()
    done.gone_films = [film.report for film in plan.gone_films]
    done.over_bytes = plan.over_bytes


class _Removal:
    """Carries a plan out, looking once more at each thing before it goes."""

    def __init__(
        self,
        index: CallIndex,
        plan: GcPlan,
        connection: sqlite3.Connection,
        done: Collected,
        listed: bool,
        tell: Progress,
    ) -> None:
        self._index, self._plan, self._connection = index, plan, connection
        self._done, self._listed, self._tell = done, listed, tell
        self._store: Store = index.store
        self._removed = self._store.folder / "removed"

    def run(self) -> None:
        """Records, then files, then what was told of films that are gone."""
        for film in self._plan.kept_films:
            if film.there:
                self._store.holds.saw(film)
        total = self._plan.records
        for number, batch in enumerate(self._plan.record_batches(BATCH)):
            self._remove_records(batch)
            self._tell("records removed", min(total, (number + 1) * BATCH), total)
        total = self._plan.files
        with contextlib.suppress(OSError):
            self._removed.mkdir(exist_ok=True)
        for number, batch in enumerate(self._plan.file_batches(BATCH)):
            self._remove_files(batch)
            self._tell("files removed", min(total, (number + 1) * BATCH), total)
        for film in self._plan.gone_films:
            self._store.holds.drop(film)

    def _remove_records(self, batch: list[tuple[bytes, int]]) -> None:
        outputs = {key: self._plan.outputs(key) for key, _ in batch}
        # Before the files: nothing then restores what is being removed. A record that stays after
        # all is taken up again the next time.
        self._drop([key for key, _ in batch])
        gone = []
        with self._locked():
            since_ns = in_use_since_ns(self._store.holds)
            for key, used_ns in batch:
                if self._is_used(self._record(key), used_ns, since_ns):
                    self._plan.keep(outputs[key])
                else:
                    self._record(key).unlink(missing_ok=True)
                    gone.append(key)
        self._drop(gone)
        self._done.records += len(gone)

    def _record(self, key: bytes) -> Path:
        name = key.hex()
        return self._index.catalogue.records / name[:2] / f"{name}.json"

    def _is_used(self, path: Path, used_ns: int, since_ns: int) -> bool:
        """Whether a record was used or written since the plan, or belongs to work that runs."""
        try:
            now_ns = path.stat().st_mtime_ns
        except FileNotFoundError:
            return False
        return now_ns != used_ns or now_ns >= since_ns

    def _drop(self, keys: list[bytes]) -> None:
        with contextlib.suppress(sqlite3.Error):  # then they are found lost, and go another time
            drop_rows(self._connection, [(key,) for key in keys])

    def _remove_files(self, batch: list[GoingFile]) -> None:
        moved: list[Path] = []
        with self._locked():
            since_ns = in_use_since_ns(self._store.holds)
            for file in batch:
                name = file.digest.hex()
                path = self._store.folder / "objects" / name[:2] / f"{name}{file.ending}"
                try:
                    used_ns = path.stat().st_atime_ns
                except FileNotFoundError:
                    continue
                if used_ns == file.used_ns and used_ns < since_ns:
                    moved.append(self._away(path))
                    self._done.add(file, self._listed)
        for path in moved:  # a large file takes its time: the lock is not held for that
            path.unlink(missing_ok=True)

    def _away(self, path: Path) -> Path:
        """Take its name away at once; what is left may be unlinked at leisure."""
        target = self._removed / uuid.uuid4().hex
        try:
            os.rename(path, target)
        except OSError:  # a full disk may have no room for another name
            path.unlink(missing_ok=True)
        return target

    @contextlib.contextmanager
    def _locked(self):
        with self._store.exclusive() as held:
            if not held:
                raise StoreError(
                    f"{self._store.folder / 'lock'} cannot be locked: nothing was removed.",
                    hint="Run it as the store's owner, on a disk that can be written and locked.",
                )
            yield


def _leftovers(index: CallIndex, older_than_s: float, dry_run: bool, done: Collected) -> None:
    """What dead processes left, and what is given up: no lock is needed for what is nobody's."""
    store, now = index.store.folder, time.time()
    given_up = now - min(older_than_s, PARTIAL_KEPT_S)
    places = [(store / "incoming", None), (index.folder / "incoming", None)]
    places += [(store / "partial", given_up), (index.folder / "locks", None)]
    places += [(store / "running", None)]
    for folder, older_than in places:
        dead = _dead(folder, older_than)
        done.leftovers += len(dead)
        done.leftover_bytes += sum(dead.values())
        if not dry_run:
            clear_ownerless(folder, older_than=older_than)
    stale = [p for p in store.glob("urls/*/*.json") if not _leads_somewhere(index.store, p)]
    old = [p for p in index.folder.glob("failures/*/*.json") if _mtime(p) < now - older_than_s]
    done.leftovers += len(stale)
    done.failures = len(old)
    removed = store / "removed"
    left = _dead(removed, None)
    done.leftovers += len(left)
    done.leftover_bytes += sum(left.values())
    if not dry_run:
        for path in (*stale, *old):
            path.unlink(missing_ok=True)
        shutil.rmtree(removed, ignore_errors=True)


def _dead(folder: Path, older_than: float | None) -> dict[Path, int]:
    """Files that no living process has locked, with their sizes."""
    found = {}
    with contextlib.suppress(FileNotFoundError):
        for entry in os.scandir(folder):
            with contextlib.suppress(FileNotFoundError):
                status = entry.stat()
                old = older_than is None or status.st_mtime < older_than
                if old and not is_owned(Path(entry.path)):
                    found[Path(entry.path)] = status.st_size
    return found


def _leads_somewhere(store: Store, note: Path) -> bool:
    """Whether what is noted of a URL's file is still of use: the file is there."""
    data = read_json(note)
    return isinstance(data, dict) and store.has(str(data.get("digest", "")))


def _mtime(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")
