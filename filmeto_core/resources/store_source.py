"""A file that is about to enter the store: opened, told from others, read at once where it is small."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filmeto_core.errors import ResourceProcessingError
from filmeto_core.resources.incoming import unreadable

SMALL_BYTES = 64 * 1024  # what is there already is told from its bytes, before a copy is begun

FileKey = tuple[str, int, int, int, int, int]


def stat_key(path: Path, status: os.stat_result) -> FileKey:
    """What is the same as long as nobody has changed the file."""
    s = status
    return (str(path), s.st_dev, s.st_ino, s.st_size, s.st_mtime_ns, s.st_ctime_ns)


def read_small(descriptor: int, path: Path) -> bytes | None:
    """The whole of an open file that is read at once; None for a larger one.

    Raises:
        ResourceProcessingError: It cannot be read.
    """
    if os.fstat(descriptor).st_size > SMALL_BYTES:
        return None
    try:
        data = os.pread(descriptor, SMALL_BYTES + 1, 0)
    except OSError as error:
        raise unreadable(path, error) from error
    return data if len(data) <= SMALL_BYTES else None


@contextmanager
def open_source(path: Path) -> Iterator[int]:
    """A descriptor of a regular file.

    Raises:
        ResourceProcessingError: It is none, or cannot be read.
    """
    try:
        # O_NONBLOCK: opening a fifo must not wait for its writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise ResourceProcessingError(
            f"{path} cannot be read: {error.strerror}.",
            hint="Check the path and its permissions.",
            path=str(path),
        ) from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ResourceProcessingError(
                f"{path} is not a regular file.",
                hint="Give the path of a picture, clip or sound.",
                path=str(path),
            )
        yield descriptor
    finally:
        os.close(descriptor)
