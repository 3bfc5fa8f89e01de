"""The files of one plugin's folder, and whether they changed since the plugin was loaded.

What the plugin itself writes there while it works is told from what its developer changes:

- Source (Python and other code, plugin.yaml, requirements.txt) that was known is the developer's,
  also while a call runs.
- Another file that is new or changed at a time when the plugin worked is the plugin's. It counts
  from then on as it was before, see `written`. So does new code, unless known source changed with
  it; once it changes again, it is source like any other.
- A shipped file that the plugin rewrote and that changes again when no call ran is the developer's.
- All else is a change; only the content counts, a mere touch is none.
"""

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from filmeto_core.plugin_host.fingerprint import (
    Listing,
    Stamp,
    content_of,
    fingerprint_of,
    known_content,
    source_files,
    stamp_of,
)
from filmeto_core.plugin_host.large_digests import LargeDigests
from filmeto_core.plugin_host.written import WorkTimes, Written

CODE_ENDINGS = (".py", ".pyi", ".pyx", ".so", ".pyd", ".sh", ".js", ".mjs", ".c", ".cpp", ".cu")
DECLARED = {"plugin.yaml", "requirements.txt", "pyproject.toml", "uv.lock"}
QUICK_FILES = 400  # of a folder with more, data is looked at once a second, code at every call
SLOW_LOOK_S = 1.0
READ_AT_ONCE_BYTES = 1024 * 1024  # so that a touch, or what the plugin writes over it, is known


class Sources:
    """The files of a plugin's folder, as they were when it was loaded.

    Args:
        folder: The plugin's.
        version: As the manifest has it.
        written: What the plugin wrote itself.
        times: When it works.
        large: What its large files hold, so that they are not read at each start.
    """

    def __init__(
        self,
        folder: Path,
        version: str,
        written: Written,
        times: WorkTimes,
        large: LargeDigests,
    ) -> None:
        self.folder, self.version = folder, version
        self.written, self.times, self.large = written, times, large
        self._lock = threading.RLock()
        self._seen: Listing | None = None
        self._watched: list[tuple[str, Stamp]] = []
        self._rest: list[tuple[str, Stamp]] = []
        self._first_data = 0
        self._next_slow_look = 0.0
        self._fingerprint = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Of all files, relative and sorted."""
        with self._lock:
            return tuple(sorted(self._listing().files))

    @property
    def is_read(self) -> bool:
        """Whether `fingerprint` costs nothing, as after the first time."""
        return bool(self._fingerprint)

    def fingerprint(self) -> str:
        """sha256 (hex) over what determines the plugin's results; the first time, it reads them."""
        if self._fingerprint:
            return self._fingerprint
        with self._lock:
            listing, remembered = self._listing(), dict(self.written.files())
        # Without the lock: it may be gigabytes.
        counted = {n: d for n, d in remembered.items() if d is not None}
        for name, stamp in listing.files.items():
            path = self._path(name)
            if name not in remembered:
                digest = known_content(path, stamp) or content_of(path)
                counted |= {name: digest} if digest is not None else {}
        self.large.keep(listing.files)
        self._fingerprint = fingerprint_of(self.version, counted)
        return self._fingerprint

    def changed(self) -> bool:
        """Look again: whether the developer changed something since."""
        with self._lock:
            if self._same(self._listing()):
                if not self._rest:
                    self.times.looked()
                return False
            return self._compare(self._seen, source_files(self.folder))

    @property
    def looked_at(self) -> bool:
        """Whether the files were looked at yet."""
        return self._seen is not None

    def look(self) -> None:
        """Look at the files for the first time, if they were not."""
        with self._lock:
            self._listing()

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        """While the plugin works, or saves what it knows at its end: what it writes is no change."""
        started = self.times.begin()
        try:
            yield
        finally:
            self.times.end(started)
            self.worked()

    def worked(self) -> None:
        """After a call: what it wrote is remembered now, since this process may end next."""
        with self._lock:
            if self._seen is not None and not self._data_same(self._seen):
                self._compare(self._seen, source_files(self.folder))

    def _path(self, name: str) -> str:
        return os.path.join(self.folder, name)

    def _listing(self) -> Listing:
        if self._seen is None:
            listing = source_files(self.folder)
            self._keep(listing)
            self.large.recall(listing.files)
            for path, stamp in self._watched:
                if stamp[0] <= READ_AT_ONCE_BYTES:
                    content_of(path)
        return self._seen

    def _keep(self, listing: Listing) -> None:
        self._seen = listing
        data = [(self._path(n), s) for n, s in listing.files.items() if not _is_code(n)]
        code = [(self._path(n), s) for n, s in listing.files.items() if _is_code(n)]
        self._watched, self._rest = code + data[:QUICK_FILES], data[QUICK_FILES:]
        self._first_data = len(code)

    def _same(self, seen: Listing) -> bool:
        if not self._folders_same(seen) or not _all_same(self._watched):
            return False
        if self._rest and time.monotonic() >= self._next_slow_look:
            self._next_slow_look = time.monotonic() + SLOW_LOOK_S
            return _all_same(self._rest)
        return True

    def _data_same(self, seen: Listing) -> bool:
        return self._folders_same(seen) and _all_same(self._watched[self._first_data :])

    def _folders_same(self, seen: Listing) -> bool:
        try:
            return all(os.stat(self._path(n)).st_mtime_ns == at for n, at in seen.folders.items())
        except OSError:
            return False

    def _compare(self, before: Listing, now: Listing) -> bool:
        """Tell the plugin's own changes from the developer's; True if there is one of the latter."""
        look = _Look(self, before, now)
        look.run()
        if look.dropped:
            self.fingerprint()  # this object's stays as it is
            self.written.drop(look.dropped)
        if look.plugins:
            self.written.add(look.plugins)
        if look.developers:
            return True
        for name in look.unsure:  # as if not seen yet, so that it is looked at again
            now.folders[os.path.dirname(name)] = 0
            if name in before.files:
                now.files[name] = before.files[name]
            else:
                now.files.pop(name, None)
        self._keep(now)
        self.times.looked()
        return False


class _Look:
    """One comparison of a folder with what it held before."""

    def __init__(self, sources: Sources, before: Listing, now: Listing) -> None:
        self.sources, self.before, self.now = sources, before, now
        self.remembered = sources.written.files()
        self.plugins: dict[str, bytes | None] = {}  # what the plugin wrote, as it was before
        self.developers: set[str] = set()
        self.dropped: set[str] = set()  # remembered so far, and now the developer's
        self.unsure: set[str] = set()  # it may be another process's call that writes
        self._elsewhere: bool | None = None

    def run(self) -> None:
        """Sort every difference."""
        new_code: dict[str, bytes | None] = {}
        for name, stamp in self.now.files.items():
            old = self.before.files.get(name)
            if old != stamp and not self._touched(name, old):
                self._changed(name, stamp, old is not None, new_code)
        for name in self.before.files.keys() - self.now.files.keys():
            self._gone(name)
        if self.developers:
            self.developers |= new_code.keys()
        else:
            self.plugins |= new_code

    def _touched(self, name: str, old: Stamp | None) -> bool:
        known = self._content_before(name) if old is not None else None
        return known is not None and content_of(self._path(name)) == known

    def _changed(self, name: str, stamp: Stamp, known: bool, new_code: dict) -> None:
        worked = self.sources.times.holds(stamp[2])
        if name in self.remembered:
            first = self.remembered[name]
            # Its own file; or new code, known since; or a shipped file, changed while none worked.
            if (first is None and not (known and _is_code(name))) or (first and worked):
                return
            if first and self._works_elsewhere():
                self.unsure.add(name)
                return
            self.dropped.add(name)
            self.developers.add(name)
        elif os.path.basename(name) in DECLARED or (known and _is_code(name)):
            self.developers.add(name)
        elif worked and _is_code(name):
            new_code[name] = None
        elif worked:
            # A large file that nobody read in time counts as it is now.
            was = known and (self._content_before(name) or content_of(self._path(name)))
            self.plugins[name] = was or None
        elif self._works_elsewhere():
            self.unsure.add(name)
        else:
            self.developers.add(name)

    def _gone(self, name: str) -> None:
        if name in self.remembered:
            return
        digest = self._content_before(name)
        if _is_code(name) or name in DECLARED:
            self.developers.add(name)
        elif digest is not None and self._worked_when_it_went(name):
            self.plugins[name] = digest
        elif self._works_elsewhere():
            self.unsure.add(name)
        else:
            self.developers.add(name)

    def _worked_when_it_went(self, name: str) -> bool:
        """By the folder it was in, or the nearest one that is still there."""
        under = os.path.dirname(name)
        while under not in self.now.folders:
            if not under:
                return False
            under = os.path.dirname(under)
        return self.sources.times.holds(self.now.folders[under])

    def _path(self, name: str) -> str:
        return os.path.join(self.sources.folder, name)

    def _content_before(self, name: str) -> bytes | None:
        return known_content(self._path(name), self.before.files[name])

    def _works_elsewhere(self) -> bool:
        if self._elsewhere is None:
            self._elsewhere = self.sources.times.elsewhere()
        return self._elsewhere


def _is_code(name: str) -> bool:
    return name.endswith(CODE_ENDINGS) or name in DECLARED


def _all_same(stamps: list[tuple[str, Stamp]]) -> bool:
    try:
        return all(stamp_of(os.stat(path)) == stamp for path, stamp in stamps)
    except OSError:
        return False
