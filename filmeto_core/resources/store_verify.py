"""Reads all of a store, and tells what is not what it should be: a flipped bit, a lost file or record.

A hit takes a file as right whose size and time are those of its record; what changed under both is found
here alone (and where a film is put together, which reads its parts whole).
"""

import contextlib
import hashlib
import os
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from filmeto_core.resources.calls import CallIndex
from filmeto_core.resources.catalogue import DAMAGED, LOST, OUTPUT
from filmeto_core.resources.catalogue_sync import current
from filmeto_core.resources.durable import store_errors
from filmeto_core.resources.incoming import PIECE_BYTES

Kind = Literal["damaged file", "strange file", "damaged record", "lost record", "missing file"]
_AHEAD = 64  # files that wait to be read: their names are small


@dataclass(frozen=True)
class Problem:
    """Something that is wrong.

    Args:
        kind: What.
        path: The file that is wrong, or that should be there.
        digest: That it should have; empty for a record.
        found: What is there instead.
        calls: Who made it: tool, plugin, and the record's key.
        films: The film.json of each film that refers to it.
        repaired: What was done about it; empty: nothing.
    """

    kind: Kind
    path: Path
    digest: str = ""
    found: str = ""
    calls: tuple[str, ...] = ()
    films: tuple[Path, ...] = ()
    repaired: str = ""


@dataclass(frozen=True)
class Verified:
    """What a verification read and found.

    Args:
        files, size_bytes: That were read.
        records: That were looked at.
    """

    files: int
    size_bytes: int
    records: int
    problems: tuple[Problem, ...]

    @property
    def is_fine(self) -> bool:
        """Whether nothing is wrong now."""
        return all(problem.repaired for problem in self.problems)


def verify(
    index: CallIndex,
    *,
    repair: bool = False,
    progress: Callable[[str, int, int], None] | None = None,
) -> Verified:
    """Read every file, and look at every record.

    Args:
        repair: Remove damaged files and records that name files which are not there, so that they
            are made anew; write lost and damaged records again where the catalogue has them.
        progress: Called with what is read, how much of it, and of how much.

    Raises:
        StoreError: The store cannot be read.
    """
    index.layout.check()
    index.store.layout.check()
    tell = progress or (lambda _what, _done, _of: None)
    with store_errors(index.store.folder):
        objects = index.store.folder / "objects"
        _check_catalogue(index)
        with current(
            index.catalogue, objects, lambda n, of: tell("looked through", n, of)
        ) as connection:
            return _Verification(index, connection, repair, tell).run()


def _check_catalogue(index: CallIndex) -> None:
    """A damaged catalogue is thrown away: it is built anew."""
    if not index.catalogue.path.exists():
        return
    try:
        with contextlib.closing(index.catalogue.open()) as connection:
            told = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.OperationalError:
        return  # locked, or a disk that takes no change
    except sqlite3.DatabaseError:
        told = "damaged"
    if told != "ok":
        index.catalogue.discard()


class _Verification:
    def __init__(
        self,
        index: CallIndex,
        connection: sqlite3.Connection,
        repair: bool,
        tell: Callable[[str, int, int], None],
    ) -> None:
        self._index, self._connection, self._repair, self._tell = index, connection, repair, tell
        self._objects = index.store.folder / "objects"
        self._films = index.store.holds.films()
        self._problems: list[Problem] = []
        self._bad: set[bytes] = set()

    def run(self) -> Verified:
        count, size = self._count("count(*), coalesce(sum(size), 0)", "objects")
        self._files(size)
        self._strangers()
        (records,) = self._count("count(*)", "records")
        self._records()
        self._missing()
        return Verified(count, size, records, tuple(self._problems))

    def _count(self, what: str, table: str) -> tuple:
        return self._connection.execute(f"SELECT {what} FROM {table}").fetchone()

    def _files(self, total: int) -> None:
        """Read them all, in threads: hashing lets other threads run."""
        waiting: deque[tuple[bytes, Path, int, Future]] = deque()
        done = 0
        rows = self._connection.execute("SELECT digest, ending, size FROM objects")
        with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
            while True:
                while len(waiting) < _AHEAD and (row := rows.fetchone()):
                    digest, ending, size = row
                    path = self._path(digest, ending)
                    waiting.append((digest, path, size, threads.submit(_read, path)))
                if not waiting:
                    return
                digest, path, size, reading = waiting.popleft()
                self._judge(digest, path, *reading.result())
                done += size
                self._tell("bytes read", done, total)

    def _judge(self, digest: bytes, path: Path, found: str, status: os.stat_result | None) -> None:
        if status is None or found == digest.hex():  # gone meanwhile; or as it should be
            return
        self._bad.add(digest)
        problem = self._problem("damaged file", digest, path, found)
        if self._repair and _remove_same(path, status):
            problem = Problem(**{**vars(problem), "repaired": "removed; it is made anew"})
        self._problems.append(problem)

    def _problem(self, kind: Kind, digest: bytes, path: Path, found: str = "") -> Problem:
        sql = "SELECT tool, plugin, version, key FROM records JOIN refs USING (key) \
WHERE digest = ? AND role = ?"
        calls = tuple(
            f"{tool} by {plugin} {version}".rstrip() + f", record {key.hex()}"
            for tool, plugin, version, key in self._connection.execute(sql, (digest, OUTPUT))
        )
        name = f"sha256:{digest.hex()}"
        films = tuple(film.report for film in self._films if name in film.digests)
        return Problem(kind, path, name, f"sha256:{found}" if found else "", calls, films)

    def _strangers(self) -> None:
        """What lies among the files and is none of the store's: it is never touched."""
        for folder in sorted(self._objects.glob("*")):
            if not folder.is_dir():
                self._problems.append(Problem("strange file", folder))
                continue
            for entry in os.scandir(folder):
                name = entry.name.partition(".")[0]
                if len(name) != 64 or not name.startswith(folder.name) or not entry.is_file():
                    self._problems.append(Problem("strange file", Path(entry.path)))

    def _records(self) -> None:
        sql = "SELECT key, state FROM records WHERE state IN (?, ?)"
        for key, state in self._connection.execute(sql, (LOST, DAMAGED)).fetchall():
            name = key.hex()
            path = self._index.catalogue.records / name[:2] / f"{name}.json"
            kind: Kind = "lost record" if state == LOST else "damaged record"
            self._problems.append(Problem(kind, path, repaired=self._mended(name, path)))

    def _mended(self, key: str, path: Path) -> str:
        if not self._repair:
            return ""
        if self._index.get(key) is not None:
            return "written again from the catalogue"
        self._index.forget(key)
        return "removed; its call is made anew"

    def _missing(self) -> None:
        """Records of files that are not there: misses, and no more."""
        sql = f"SELECT DISTINCT r.digest FROM refs r JOIN records s USING (key) \
WHERE r.role = {OUTPUT} AND s.state = 0 AND r.digest NOT IN (SELECT digest FROM objects)"
        for (digest,) in self._connection.execute(sql).fetchall():
            if self._index.store.has(f"sha256:{digest.hex()}"):
                continue  # put meanwhile
            problem = self._problem("missing file", digest, self._path(digest, ""))
            if self._repair:
                for key in self._makers(digest):
                    self._index.forget(key)
                problem = Problem(**{**vars(problem), "repaired": "forgotten; it is made anew"})
            self._problems.append(problem)
        if self._repair:
            for digest in self._bad:
                for key in self._makers(digest):
                    self._index.forget(key)

    def _makers(self, digest: bytes) -> Iterator[str]:
        sql = "SELECT key FROM refs WHERE digest = ? AND role = ?"
        for (key,) in self._connection.execute(sql, (digest, OUTPUT)).fetchall():
            if self._index.get(key.hex()) is None:  # not made anew meanwhile
                yield key.hex()

    def _path(self, digest: bytes, ending: str) -> Path:
        name = digest.hex()
        return self._objects / name[:2] / f"{name}{ending}"


def _read(path: Path) -> tuple[str, os.stat_result | None]:
    """The sha256 of a file in hexadecimal digits, and what it was; its time of access stays."""
    try:
        descriptor = _open(path)
    except FileNotFoundError:
        return "", None
    except OSError as error:
        return f"nothing: it cannot be read ({error.strerror})", path.stat()
    try:
        status = os.fstat(descriptor)
        told = hashlib.sha256()
        while piece := os.read(descriptor, PIECE_BYTES):
            told.update(piece)
        with contextlib.suppress(AttributeError, OSError):  # what was read once is not read soon
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        return told.hexdigest(), status
    except OSError as error:  # a disk that cannot read it any more
        return f"nothing: it cannot be read ({error.strerror})", status
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    flags = os.O_RDONLY | os.O_CLOEXEC
    try:
        return os.open(path, flags | getattr(os, "O_NOATIME", 0))
    except PermissionError:  # another user's file
        return os.open(path, flags)


def _remove_same(path: Path, seen: os.stat_result) -> bool:
    """Remove the file that was read, and no other that took its place meanwhile."""
    try:
        now = path.stat()
        if (now.st_ino, now.st_mtime_ns, now.st_size) != (
            seen.st_ino,
            seen.st_mtime_ns,
            seen.st_size,
        ):
            return True  # replaced: that is repaired, too
        path.unlink()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
