"""Files that are there whole or not at all, also after a crash; errors of a disk in words."""

import errno
import fcntl
import json
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import orjson

from filmeto_core.errors import StoreError

_PIECE_BYTES = 64 * 1024  # more than nearly every record
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EROFS, errno.EACCES, errno.EPERM}


FULL_HINT = (
    "Make room there (`filmeto store gc` removes what nothing needs), or point FILMETO_HOME at a "
    "larger disk; then run it again."
)


@contextmanager
def store_errors(folder: Path) -> Iterator[None]:
    """Turn a failure to read or write under `folder` into a StoreError that says what to do."""
    try:
        yield
    except OSError as error:
        raise _told(error, folder, FULL_HINT, "point FILMETO_HOME elsewhere") from error


@contextmanager
def out_errors(folder: Path) -> Iterator[None]:
    """As `store_errors`, for a folder of the user's choice that results are left in."""
    try:
        yield
    except OSError as error:
        full = "Make room there, or give a folder on a larger disk with --out; then run it again."
        raise _told(error, folder, full, "give another folder with --out") from error


def _told(error: OSError, folder: Path, full: str, elsewhere: str) -> StoreError:
    why = error.strerror or str(error)
    if error.errno in _FULL:
        message, hint = f"There is no room left for {folder} ({why}).", full
    elif error.errno in _FORBIDDEN:
        message = f"{folder} cannot be written ({why})."
        hint = f"Change its permissions, or {elsewhere}."
    else:
        message = f"{folder} cannot be used ({why})."
        hint = f"Check the disk, or {elsewhere}."
    return StoreError(message, hint=hint, path=str(folder), errno=error.errno)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder last: a rename is safe only when its folder is on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, each of which lasts."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def open_own(folder: Path) -> tuple[int, Path]:
    """A new file that `clear_ownerless` leaves alone for as long as this process has it open.

    The lock is what tells a living writer from a dead one: the kernel drops it with the process,
    and unlike a process id it is never another's.
    """
    while True:
        path = folder / uuid.uuid4().hex
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return descriptor, path
        os.close(descriptor)  # cleared between its making and its locking


@contextmanager
def locked(path: Path, *, exclusive: bool = False) -> Iterator[bool]:
    """Hold a lock on a file that processes and threads share; False where none can be had.

    That is so in a folder that is not there yet, or that takes neither a new file nor a lock:
    nothing can be removed there, so that nothing is lost without it.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, 0o644)
    except OSError:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            yield False
            return
    try:
        held = False
        with suppress(OSError):  # a file system without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH)
            held = True
        yield held
    finally:
        os.close(descriptor)


def is_owned(path: Path) -> bool:
    """Whether a living process holds this file of `open_own`."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError:
        return True  # another user's: nobody can tell
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def clear_ownerless(folder: Path, *, older_than: float | None = None) -> None:
    """Remove the files in `folder` that no living process has locked.

    Args:
        older_than: Leave those that were written after this time (seconds since 1970).
    """
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            continue  # gone, or another user's
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            status = os.fstat(descriptor)
            old = older_than is None or status.st_mtime < older_than
            if old and status.st_nlink:  # else the name is another's by now
                path.unlink(missing_ok=True)
        except OSError:
            pass  # in use, or on a disk that takes no change
        finally:
            os.close(descriptor)


def write_json(path: Path, data: Any, *, incoming: Path) -> None:
    """Write a small JSON file, whole or not at all; readers see the old one or the new one.

    Args:
        incoming: A folder on the same disk, for what is being written; see `clear_ownerless`.
    """
    make_folder(path.parent)
    make_folder(incoming)
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    descriptor, temporary = open_own(incoming)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(descriptor)
            os.rename(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def first_written(path: Path, text: Callable[[], str]) -> str:
    """What a small file holds, for this user alone; where it is not there, `text` is written first.

    Of threads and processes that ask at once one is the first, and all get what that one wrote.

    Raises:
        OSError: It can be neither read nor written.
        UnicodeError: It holds something else than ASCII.
    """
    if known := _small_text(path):
        return known
    new = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text())
            file.flush()
            os.fsync(descriptor)
        try:
            os.link(new, path)
        except FileExistsError:
            if not _small_text(path):  # one whose writer was cut off
                os.rename(new, path)
        except OSError:  # a file system without links
            os.rename(new, path)
    finally:
        new.unlink(missing_ok=True)
    return _small_text(path)


def _small_text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return ""


def _loaded(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except ValueError:  # it refuses some of what the standard library wrote
        return json.loads(text)


def read_json(path: Path) -> Any:
    """What `write_json` wrote; None where there is no such file, or a damaged one."""
    pieces = []
    try:
        descriptor = os.open(
            path, os.O_RDONLY | os.O_CLOEXEC
        )  # asked for each call: no file object
        try:
            while piece := os.read(descriptor, _PIECE_BYTES):
                pieces.append(piece)
        finally:
            os.close(descriptor)
        return _loaded(b"".join(pieces))
    except (FileNotFoundError, NotADirectoryError, ValueError, RecursionError):
        return None
