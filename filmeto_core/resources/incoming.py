"""A file on its way into the store: written and hashed in one pass, kept only if committed."""

import errno
import fcntl
import hashlib
import os
from pathlib import Path
from typing import Any

from filmeto_core.errors import ResourceProcessingError
from filmeto_core.resources.durable import read_json, store_errors, write_json

PIECE_BYTES = 1024 * 1024  # read, hashed and written at once; larger is no faster
_FICLONE = 0x40049409  # linux/fs.h: _IOW(0x94, 9, int)


class Incoming:
    """What `Store.writer` gives: write, then `Store.commit` it.

    Args:
        descriptor: Open for reading and writing, and locked.
        path: Its temporary name.
    """

    def __init__(self, descriptor: int, path: Path) -> None:
        self.path = path
        self.size = 0
        self._descriptor = descriptor
        self._hash = hashlib.sha256()
        self._named = True
        self._open = True

    @property
    def digest(self) -> str:
        """ "sha256:HEX" of what was written so far."""
        return f"sha256:{self._hash.hexdigest()}"

    @property
    def is_open(self) -> bool:
        """Whether it still has its temporary name, and may be written."""
        return self._open and self._named

    def write(self, data: bytes) -> None:
        """Add a piece.

        Raises:
            StoreError: There is no room, or the store cannot be written.
        """
        with store_errors(self.path.parent.parent):
            view = memoryview(data)
            while view:
                view = view[os.write(self._descriptor, view) :]
        self._hash.update(data)
        self.size += len(data)

    def restart(self) -> None:
        """Forget what was written."""
        with store_errors(self.path.parent.parent):
            os.lseek(self._descriptor, 0, os.SEEK_SET)
            os.ftruncate(self._descriptor, 0)
        self._hash = hashlib.sha256()
        self.size = 0

    def clone(self, source: int) -> bool:
        """Share the blocks of another open file where the file system can; False where not."""
        try:
            fcntl.ioctl(self._descriptor, _FICLONE, source)
        except OSError:
            return False
        self.rehash(os.fstat(self._descriptor).st_size)
        return True

    def rehash(self, size: int) -> None:
        """Take the file's first `size` bytes as what was written so far."""
        os.ftruncate(self._descriptor, size)
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        self._hash = hashlib.sha256()
        self.size = 0
        while piece := os.read(self._descriptor, PIECE_BYTES):
            self._hash.update(piece)
            self.size += len(piece)

    def head(self, count: int) -> bytes:
        """The first bytes written."""
        return os.pread(self._descriptor, count, 0)

    def seal(self) -> None:
        """Read-only, and on disk."""
        os.fchmod(self._descriptor, 0o444)
        os.fsync(self._descriptor)

    def committed(self) -> None:
        """It has its final name now."""
        self._named = False

    def discard(self) -> None:
        """Remove it."""
        self.path.unlink(missing_ok=True)
        self._named = False

    def close(self) -> None:
        """End the writing; what was not committed is removed."""
        if self._open:
            if self._named:
                self.discard()
            os.close(self._descriptor)
            self._open = False


class Partial(Incoming):
    """A download that stays when it is cut off.

    Beside it lies a note of how much was on disk and of what (`state`): after a crash no more than
    that is trusted.
    """

    def __init__(self, descriptor: int, path: Path) -> None:
        super().__init__(descriptor, path)
        note = read_json(self._note) or {}
        self.state: dict[str, Any] = note.get("state", {})
        size = note.get("size", 0)
        self.rehash(size if size <= os.fstat(descriptor).st_size else 0)

    @property
    def _note(self) -> Path:
        return self.path.with_suffix(".json")

    @classmethod
    def take(cls, path: Path) -> "Partial | None":
        """The partial file of that name, new or gone on with; None while another process has it."""
        while True:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # Committed or cleared between its opening and its locking: begin again.
                if path.exists() and os.fstat(descriptor).st_ino == path.stat().st_ino:
                    return cls(descriptor, path)
            except OSError as error:
                os.close(descriptor)
                if error.errno in (errno.EAGAIN, errno.EACCES):
                    return None
                if error.errno != errno.ENOENT:
                    raise
                continue
            os.close(descriptor)

    def checkpoint(self, state: dict[str, Any]) -> None:
        """What was written so far, of the file that `state` tells of, may be gone on with."""
        self.state = state
        with store_errors(self.path.parent.parent):
            os.fsync(self._descriptor)
            note = {"size": self.size, "state": state}
            write_json(self._note, note, incoming=self.path.parent.parent / "incoming")

    def restart(self) -> None:
        """Forget what was written, now and before."""
        self._note.unlink(missing_ok=True)
        self.state = {}
        super().restart()

    def committed(self) -> None:
        """It has its final name now."""
        super().committed()
        self._note.unlink(missing_ok=True)

    def discard(self) -> None:
        """Remove it and its note."""
        super().discard()
        self._note.unlink(missing_ok=True)

    def close(self) -> None:
        """End the writing; it stays where a checkpoint says of what it is a part."""
        if self.state and self.size:
            self._named = False
        super().close()


def fill_from(incoming: Incoming, source: int, path: Path) -> None:
    """Copy an open file, sharing its blocks where the file system can.

    Raises:
        ResourceProcessingError: The source cannot be read.
        StoreError: The store cannot be written.
    """
    if incoming.clone(source):
        return
    while True:
        try:
            piece = os.read(source, PIECE_BYTES)
        except OSError as error:
            raise unreadable(path, error) from error
        if not piece:
            return
        incoming.write(piece)


def unreadable(path: Path, error: OSError) -> ResourceProcessingError:
    """What is told of a source that cannot be read."""
    return ResourceProcessingError(
        f"{path} cannot be read: {error.strerror}.",
        hint="Check the path and its disk.",
        path=str(path),
    )


def digest_of(path: Path) -> str:
    """ "sha256:HEX" of a file's content."""
    with path.open("rb", buffering=0) as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
