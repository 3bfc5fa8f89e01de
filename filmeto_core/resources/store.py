"""The content-addressed store: a file's name is its sha256, and it never changes.

    objects/ab/abcdef....png   the files, read-only, with the ending that their content asks for
    incoming/                  what is being written; locked by its writer, cleared when that died
    partial/                   downloads that were cut off, for a later run to go on with
    roots/ pins/ running/      what must stay (`Holds`)
    lock                       held by who removes files, shared by who notes that one is used

Nothing is linked or moved in: what a plugin still holds open could change afterwards. When a file was
last used is its time of access, which is set here and so does not hang on how a disk is mounted.
"""

import hashlib
import os
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filmeto_core.errors import ResourceProcessingError, StoreError
from filmeto_core.media import MAX_PIXELS, Kind, MediaInfo, ending, probe
from filmeto_core.resources.durable import (
    clear_ownerless,
    locked,
    make_folder,
    open_own,
    store_errors,
    sync_folder,
)
from filmeto_core.resources.holds import Holds
from filmeto_core.resources.incoming import Incoming, Partial, digest_of, fill_from
from filmeto_core.resources.layout import Layout
from filmeto_core.resources.store_source import FileKey, open_source, read_small, stat_key
from filmeto_core.signature import FORMATS

PARTIAL_KEPT_S = 7 * 24 * 3600  # a download that nobody went on with for a week is given up
USE_NOTED_S = 60.0  # a file that is used all the time says so at most so often
_HEXADECIMAL = set("0123456789abcdef")
_MEMORY = 4096  # files whose digest is remembered


@dataclass(frozen=True)
class Stored:
    """A file in the store.

    Args:
        digest: "sha256:" and 64 hexadecimal digits.
        path: Absolute, with the right ending.
        size: Bytes.
        mime_type: Told from the content.
        info: What `probe` told of it.
    """

    digest: str
    path: Path
    size: int
    mime_type: str
    info: MediaInfo

    @property
    def kind(self) -> Kind:
        """ "image", "video" or "audio"."""
        return self.info.kind


# Path, device, inode, size, and both times: a change of content that leaves all alone is no accident.


class Store:
    """The store in one folder; any number of processes may use it at once.

    Args:
        folder: Made when something is first written.
        max_pixels: The largest picture that may enter.
    """

    def __init__(self, folder: Path, *, max_pixels: int = MAX_PIXELS) -> None:
        self.folder = folder.absolute()
        self.max_pixels = max_pixels
        self._objects = self.folder / "objects"
        self.holds = Holds(self.folder)
        self.layout = Layout(self.folder)
        self._incoming = self.folder / "incoming"
        self._partial = self.folder / "partial"
        self._lock = threading.Lock()
        # What this process knows, by the stat of a file outside, and of files inside.
        self._sources: dict[FileKey, Stored] = {}
        self._verified: dict[FileKey, bool] = {}
        self._probed: dict[FileKey, Stored] = {}
        self._written: dict[str, Stored] = {}  # by digest
        self._endings = tuple(dict.fromkeys(ending(mime_type) for mime_type in FORMATS))
        self._cleared = False
        self._unsettled: set[Path] = set()  # folders with names that may not outlast a crash

    def put_file(
        self,
        path: Path,
        *,
        name: str | None = None,
        settle: bool = True,
        trusted: bool = False,
        descriptor: int | None = None,
    ) -> Stored:
        """Copy a file in; it is hashed while copied and decoded before it is trusted.

        Args:
            path: A picture, clip or sound outside or inside the store; it is left as it is.
            name: What errors call it; its path unless given.
            settle: Whether its name lasts when this returns; else after the next `settle`. Its
                content is on disk in any case before it gets its name.
            trusted: It is made of what was decoded already; see `probe`.
            descriptor: The file, if it is open for reading already; it stays open.

        Raises:
            ResourceProcessingError: It cannot be read, or is not media, or is damaged.
            StoreError: The store cannot be written.
        """
        with nullcontext(descriptor) if descriptor is not None else open_source(path) as source:
            key = stat_key(path, os.fstat(source))
            known = self._sources.get(key)
            if known is not None and self.verify(known.digest) and self.use(known.digest):
                return known
            if path.parent.parent == self._objects and _is_hexadecimal(path.stem):
                return self._own_file(path)
            small = read_small(source, path)
            stored = self._known(small) if small is not None else None
            if stored is None:
                with self.writer() as incoming:
                    if small is not None:
                        incoming.write(small)
                    else:
                        fill_from(incoming, source, path)
                    stored = self.commit(
                        incoming, name=name or str(path), settle=settle, trusted=trusted
                    )
            if key == stat_key(path, os.fstat(source)):
                self._remember(self._sources, key, stored)
            return stored

    def _known(self, data: bytes) -> Stored | None:
        """What this process wrote before of these bytes, if it is as it was; noted as used now."""
        stored = self._written.get(f"sha256:{hashlib.sha256(data).hexdigest()}")
        sure = stored is not None and self.verify(stored.digest) and self.use(stored.digest)
        return stored if sure else None

    def _own_file(self, path: Path) -> Stored:
        """A file of the store's own: what it holds must be what its name says."""
        digest = f"sha256:{path.stem}"
        stored = self.get(digest) if self.verify(digest) and self.use(digest) else None
        if stored is None:
            raise ResourceProcessingError(
                f"{path} was damaged: its content is no longer what its name says.",
                hint="It was removed; run the same again, and what is missing is made anew.",
                path=str(path),
            )
        return stored

    def put_bytes(self, data: bytes, *, name: str = "the data") -> Stored:
        """Write bytes in, as `put_file` does with a file."""
        with self.writer() as incoming:
            incoming.write(data)
            return self.commit(incoming, name=name)

    @contextmanager
    def writer(self, resume: str | None = None) -> Iterator[Incoming]:
        """A file to write piece by piece and then to `commit`; without that nothing stays.

        Args:
            resume: A name (hexadecimal) under which what was written stays when the block is left
                without a commit, for the next writer of that name to go on with.
        """
        self._prepare()
        incoming = None
        if resume is not None:
            with store_errors(self.folder):
                incoming = Partial.take(self._partial / resume)
        if incoming is None:  # another process has it: a download of one's own
            with store_errors(self.folder):
                incoming = Incoming(*open_own(self._incoming))
        try:
            yield incoming
        finally:
            incoming.close()

    def settle(self) -> None:
        """Make the names last that were put without it: one wait for the disk serves several."""
        with self._lock:
            folders, self._unsettled = self._unsettled, set()
        with store_errors(self.folder):
            for folder in folders:
                sync_folder(folder)

    def commit(
        self,
        incoming: Incoming,
        *,
        name: str = "the data",
        settle: bool = True,
        trusted: bool = False,
    ) -> Stored:
        """Let what was written enter the store; see `put_file` for what is raised."""
        digest = incoming.digest
        if self.verify(digest) and self.use(digest):
            there = self.get(digest)
            if there is not None:
                incoming.discard()
                return there
        info = self._probe(incoming.path, name, trusted=trusted)
        target = self._path(digest, ending(info.mime_type))
        with store_errors(self.folder):
            make_folder(target.parent)
            incoming.seal()
            written = os.stat(incoming.path).st_mtime_ns
            os.utime(incoming.path, ns=(time.time_ns(), written))  # begun long ago, used now
            with self.shared():
                os.rename(incoming.path, target)
            incoming.committed()
            with self._lock:
                self._unsettled.add(target.parent)
            status = target.stat()
        if settle:
            self.settle()
        stored = Stored(digest, target, status.st_size, info.mime_type, info)
        key = stat_key(target, status)
        self._remember(self._verified, key, True)
        self._remember(self._probed, key, stored)
        self._remember(self._written, digest, stored)
        return stored

    def _probe(self, path: Path, name: str, *, trusted: bool) -> MediaInfo:
        try:
            return probe(path, trusted=trusted, max_pixels=self.max_pixels)
        except ResourceProcessingError as error:
            message = error.message.replace(str(path), name)
            details = {**error.details, "path": name}
            raise ResourceProcessingError(message, hint=error.hint, **details) from error

    def path_of(self, digest: str, likely: str = "") -> Path | None:
        """Where the file of a digest lies, or None where it does not; its content is not read.

        Args:
            likely: The ending that it should have, so that not every one is tried.
        """
        hexadecimal = digest.removeprefix("sha256:")
        if not _is_hexadecimal(hexadecimal):
            return None
        stem = f"{self._objects}/{hexadecimal[:2]}/{hexadecimal}"  # as texts: asked for each call
        # access: most are not there, and it says so without raising.
        endings = (likely, *self._endings) if likely in self._endings else self._endings
        named = (stem + e for e in endings if os.access(stem + e, os.F_OK))
        found = next((path for path in named if os.path.isfile(path)), None)
        return Path(found) if found else None

    def shared(self) -> AbstractContextManager[bool]:
        """While this is held, nothing is removed: to note a use, and see that the file is there."""
        return locked(self.folder / "lock")

    def exclusive(self) -> AbstractContextManager[bool]:
        """While this is held, nobody notes a use: to look once more, and remove; briefly."""
        return locked(self.folder / "lock", exclusive=True)

    def in_use(self) -> AbstractContextManager[None]:
        """Held by a process that works with the store: what is used meanwhile stays."""
        return self.holds.in_use()

    def keep_film(self, report: Path, digests: Iterable[str]) -> None:
        """A film refers to these files: they stay while its film.json, `report`, is there."""
        self._prepare()
        self.holds.keep_film(report, digests)

    def pin(self, digest: str, note: str = "") -> None:
        """The file of this digest stays until it is unpinned."""
        self._prepare()
        self.holds.pin(digest, note)

    def use(self, digest: str) -> Path | None:
        """Where the file of a digest lies, noted as used now; None where it does not."""
        with self.shared():
            path = self.path_of(digest)
            if path is None:
                return None
            try:
                before = path.stat()
                if time.time_ns() - before.st_atime_ns > USE_NOTED_S * 1e9:
                    os.utime(path, ns=(time.time_ns(), before.st_mtime_ns))
                    self._carry_over(path, before, path.stat())
            except FileNotFoundError:
                return None
            except OSError:
                pass  # a disk that takes no change loses nothing either; or another user's file
        return path

    def _carry_over(self, path: Path, before: os.stat_result, now: os.stat_result) -> None:
        """What is known of a file stays known after its use was noted."""
        if (before.st_ino, before.st_size) != (now.st_ino, now.st_size):
            return
        old, new = stat_key(path, before), stat_key(path, now)
        if old in self._verified:
            self._remember(self._verified, new, True)
        if old in self._probed:
            self._remember(self._probed, new, self._probed[old])

    def has(self, digest: str) -> bool:
        """Whether a file of this digest is there; its content is not read."""
        return self.path_of(digest) is not None

    def get(self, digest: str) -> Stored | None:
        """What is there under a digest, probed once a process; None where nothing is."""
        path = self.path_of(digest)
        if path is None:
            return None
        status = path.stat()
        key = stat_key(path, status)
        if key not in self._probed:
            info = self._probe(path, str(path), trusted=True)  # decoded whole when it came
            stored = Stored(digest, path, status.st_size, info.mime_type, info)
            self._remember(self._probed, key, stored)
            return stored
        return self._probed[key]

    def verify(self, digest: str) -> bool:
        """Whether the file of a digest is there and has that content.

        It is read whole, but for one that this process read before and that nobody touched since.
        A damaged one is removed, so that its place is free for the right one.
        """
        path = self.path_of(digest)
        if path is None:
            return False
        with store_errors(self.folder):
            try:
                status = path.stat()
                if stat_key(path, status) in self._verified:
                    return True
                if digest_of(path) != digest:
                    path.unlink(missing_ok=True)
                    return False
            except FileNotFoundError:  # removed meanwhile
                return False
        self._remember(self._verified, stat_key(path, status), True)
        return True

    def require(self, digests: Iterable[str]) -> None:
        """See to it that files which go into something are what they should be, before they do.

        Raises:
            StoreError: One is missing or damaged; a damaged one is removed, and so made anew.
        """
        wrong = sorted({digest for digest in digests if digest and not self.verify(digest)})
        if wrong:
            raise StoreError(
                f"{len(wrong)} file(s) in {self.folder} are missing or damaged: {wrong[0]}"
                + (f" and {len(wrong) - 1} more." if len(wrong) > 1 else "."),
                hint="Run the same command again: they are made anew, and nothing else is. "
                "`filmeto store verify` tells whether there are more; if so, check the disk.",
                digests=wrong,
            )

    def _path(self, digest: str, suffix: str) -> Path:
        hexadecimal = digest.removeprefix("sha256:")
        return self._objects / hexadecimal[:2] / f"{hexadecimal}{suffix}"

    def _prepare(self) -> None:
        """Make the folders; once a process, clear what dead writers left."""
        with self._lock, store_errors(self.folder):
            for folder in (self._objects, self._incoming, self._partial):
                make_folder(folder)
            self.layout.mark()
            if not self._cleared:
                clear_ownerless(self._incoming)
                clear_ownerless(self._partial, older_than=time.time() - PARTIAL_KEPT_S)
                self._cleared = True

    def _remember(self, memory: dict[Any, Any], key: FileKey | str, value: Any) -> None:
        with self._lock:
            memory[key] = value
            while len(memory) > _MEMORY:
                del memory[next(iter(memory))]


def _is_hexadecimal(text: str) -> bool:
    return len(text) == 64 and set(text) <= _HEXADECIMAL
