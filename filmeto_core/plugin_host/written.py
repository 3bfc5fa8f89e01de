"""What a plugin wrote into its own folder while it worked: remembered, and no change of the plugin.

Each such file counts for ever as it was when the plugin was first seen: with its content of then, or
not at all. It is remembered under FILMETO_HOME, so that every process and the next start agree.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

# A file system's clock ticks every few ms, or every second or two where it keeps whole seconds.
TICK_NS = 50_000_000
WHOLE_SECONDS_TICK_NS = 2_000_000_000
MOST_INTERVALS = 64  # more that nobody looked at are taken as one

Remembered = Mapping[str, bytes | None]  # its content when first seen, None: it was not there


class Written:
    """The files that one version of a plugin wrote itself.

    Args:
        folder: The plugin's.
        version: A new version starts afresh.
        place: The folder of all such records; None: they live as long as this object.
    """

    def __init__(self, folder: Path, version: str, place: Path | None) -> None:
        self._folder, self._version = folder, version
        name = hashlib.sha256(f"{folder}\0{version}".encode("utf-8", "surrogateescape"))
        self._path = place / f"{name.hexdigest()[:32]}.json" if place else None
        self._seen: tuple[int, int] | None = None
        self._files: dict[str, bytes | None] = {}

    def files(self) -> Remembered:
        """Each name with its content's sha256 when first seen, None where it was not there."""
        if self._path is not None:
            try:
                status = os.stat(self._path)
                stamp = (status.st_mtime_ns, status.st_ino)
                if stamp != self._seen:
                    self._files, self._seen = _read(self._path), stamp
            except OSError:
                if self._seen is not None:  # the cache was cleared
                    self._files, self._seen = {}, None
        return self._files

    def add(self, found: Remembered) -> None:
        """Remember these, unless they are known already."""
        self._change(lambda files: {**found, **files})

    def drop(self, names: set[str]) -> None:
        """Forget these: they are the developer's."""
        self._change(lambda files: {n: d for n, d in files.items() if n not in names})

    def _change(self, change: Callable[[Remembered], dict[str, bytes | None]]) -> None:
        if self._path is None:
            self._files = change(self._files)
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with open(self._path.with_suffix(".lock"), "a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)  # held for one small file's writing
                files = change(self.files())
                if files != self._files:
                    self._save(files)
        except OSError:  # a full or read-only disk: it is known to this process alone
            self._files = change(self._files)

    def _save(self, files: dict[str, bytes | None]) -> None:
        told = {name: digest and digest.hex() for name, digest in sorted(files.items())}
        record = {"folder": str(self._folder), "version": self._version, "files": told}
        new = self._path.with_suffix(f".{uuid.uuid4().hex[:8]}.tmp")
        with open(new, "w", encoding="utf-8", errors="surrogateescape") as file:
            json.dump(record, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, self._path)
        self._seen = None
        self.files()


class WorkTimes:
    """When the plugin worked: a file that changes then may be of its own making. From any thread.

    Args:
        path: A file that is locked while it works, so that other processes know; None: no others.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._open: list[int] = []
        self._ended: list[tuple[int, int]] = []
        self._lock: int | None = None
        self._mutex = threading.Lock()

    def begin(self) -> int:
        """A call begins; what `end` wants."""
        with self._mutex:
            started = time.time_ns()
            if not self._open and self._path is not None:
                self._hold()
            self._open.append(started)
            return started

    def end(self, started: int) -> None:
        """The call that began then is over."""
        self.add(started, time.time_ns())
        with self._mutex:
            self._open.remove(started)
            if not self._open and self._lock is not None:
                with contextlib.suppress(OSError):
                    fcntl.flock(self._lock, fcntl.LOCK_UN)

    def __del__(self) -> None:
        if self._lock is not None:
            os.close(self._lock)

    def add(self, started: int, ended: int) -> None:
        """A time of work, in ns of the wall clock."""
        with self._mutex:
            self._ended.append((started, ended))
            if len(self._ended) > MOST_INTERVALS:
                self._ended = [(min(s for s, _ in self._ended), max(e for _, e in self._ended))]

    def holds(self, changed_ns: int) -> bool:
        """Whether the plugin worked when this happened, as exactly as the file's clock tells."""
        whole = changed_ns % 1_000_000_000 == 0
        tick = WHOLE_SECONDS_TICK_NS if whole else TICK_NS
        with self._mutex:
            if any(started - tick <= changed_ns for started in self._open):
                return True
            return any(start - tick <= changed_ns <= end + TICK_NS for start, end in self._ended)

    def looked(self) -> None:
        """All that happened so far is told apart; times that are over are of no more use."""
        if self._ended:
            over = time.time_ns() - WHOLE_SECONDS_TICK_NS
            with self._mutex:
                self._ended = [(start, end) for start, end in self._ended if end > over]

    def elsewhere(self) -> bool:
        """Whether it works for another process just now."""
        if self._path is None:
            return False
        try:
            with _opened(self._path, os.O_RDONLY) as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return False
        except BlockingIOError:
            with self._mutex:  # our own calls lock it as well, through another descriptor
                return not self._open or self._lock is None or self._shared_by_others()
        except OSError:
            return False

    def _shared_by_others(self) -> bool:
        try:  # ours alone can be raised to an exclusive one
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            with contextlib.suppress(OSError):
                fcntl.flock(self._lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return False

    def _hold(self) -> None:
        with contextlib.suppress(OSError):  # a full or read-only disk: others are not told
            if self._lock is None:
                self._lock = self._opened()
            fcntl.flock(
                self._lock, fcntl.LOCK_SH
            )  # none holds it longer than a look of `elsewhere`

    def _opened(self) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        try:
            return os.open(self._path, flags, 0o644)
        except FileNotFoundError:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            return os.open(self._path, flags, 0o644)


def _read(path: Path) -> dict[str, bytes | None]:
    try:
        told = json.loads(path.read_text(encoding="utf-8", errors="surrogateescape"))["files"]
        return {name: digest and bytes.fromhex(digest) for name, digest in told.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


@contextlib.contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    descriptor = os.open(path, flags | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
