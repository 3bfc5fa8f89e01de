"""A path that somebody gave, opened and judged by what was opened: no link can change in between."""

import os
import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filmeto_core.errors import ResourceProcessingError
from filmeto_core.resources.claims import unusable

_OPENED = Path("/proc/self/fd")  # Linux: the files that this process has open, by number
_GONE = " (deleted)"  # what Linux puts behind the path of one that has no name any more


@dataclass(frozen=True)
class LocalFile:
    """A regular file, open for reading.

    Args:
        path: Where it really lies, links followed.
        descriptor: Open while the block that gave it runs.
    """

    path: Path
    descriptor: int

    @property
    def size_bytes(self) -> int:
        """How long it is."""
        return os.fstat(self.descriptor).st_size

    def head(self, count: int) -> bytes:
        """Its first bytes.

        Raises:
            ResourceProcessingError: It cannot be read.
        """
        try:
            return os.pread(self.descriptor, count, 0)
        except OSError as error:
            raise _unreadable(self.path, error) from error


@contextmanager
def opened(
    text: str, *, base_dir: Path | None = None, folders: Sequence[Path] | None = None
) -> Iterator[LocalFile]:
    """Open the file that a text names.

    Args:
        base_dir: Where relative paths begin; the current folder unless given.
        folders: The only folders that it may lie in, links followed; None for anywhere.

    Raises:
        ResourceProcessingError: There is none, it is elsewhere, or no regular file.
    """
    path = _absolute(text, base_dir)
    try:
        found = _found(path)
    except FileNotFoundError:
        raise unusable(f"{path} does not exist.", "Check the path.", path=str(path)) from None
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    try:
        real = _real_path(found, path)
        if folders is not None and not any(real.is_relative_to(f.resolve()) for f in folders):
            raise unusable(
                f"{path} lies outside the folders that may be read, or leads there.",
                "Upload the file, or put it into one of these folders.",
            )
        if not stat.S_ISREG(os.fstat(found).st_mode):
            raise unusable(f"{real} is not a regular file.", "Give the path of a file.")
        descriptor = _readable(found, real)
    finally:
        os.close(found)
    try:
        yield LocalFile(real, descriptor)
    finally:
        os.close(descriptor)


def _found(path: Path) -> int:
    """A descriptor that names what lies there; where the system can, without opening it.

    Opening is not harmless: a device may do something, and a fifo waits for its writer.
    """
    harmless = os.O_PATH if _OPENED.exists() else os.O_RDONLY | os.O_NONBLOCK
    return os.open(path, harmless | os.O_CLOEXEC)


def _readable(found: int, real: Path) -> int:
    try:
        if not _OPENED.exists():
            return os.dup(found)
        # By its number: the very file that was judged, whatever its name has become meanwhile.
        return os.open(_OPENED / str(found), os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise _unreadable(real, error) from error


def _real_path(found: int, path: Path) -> Path:
    if not _OPENED.exists():
        real = path.resolve()
        if not os.path.samestat(os.fstat(found), os.stat(real)):
            raise unusable(f"{path} changed while it was opened.", "Try again.")
        return real
    real = os.readlink(_OPENED / str(found))
    if real.endswith(_GONE) and os.fstat(found).st_nlink == 0:
        raise unusable(f"{path} does not exist.", "Check the path.", path=str(path))
    return Path(real)


def _unreadable(path: Path, error: Exception) -> ResourceProcessingError:
    why = getattr(error, "strerror", None) or str(error)
    denied = isinstance(error, PermissionError)
    return unusable(
        f"{path} cannot be read ({why}).",
        "Check its permissions." if denied else "Check the path.",
        path=str(path),
    )


def _absolute(text: str, base_dir: Path | None) -> Path:
    if "\0" in text or not text.strip():
        raise unusable(f"{text!r:.100} is no path.", "Give the path of a file.")
    if match := re.match(r"(?i)(file|https?|data|[a-z][a-z0-9+.-]+(?=://)):", text.strip()):
        scheme = match[1].lower()
        hints = {
            "file": "Give the plain path, without file://.",
            "data": "Give it with type base64.",
            "http": "Give it with type remote_url.",
            "https": "Give it with type remote_url.",
        }
        what = f"expected a path, got {text!r:.100}."
        raise unusable(what, hints.get(scheme, "Fetch the file, and give its path."))
    try:
        path = Path(text).expanduser()
    except RuntimeError as error:
        raise unusable(f"{text!r:.100} is no path ({error}).", "Give an absolute path.") from error
    return (base_dir or Path.cwd()).absolute() / path
