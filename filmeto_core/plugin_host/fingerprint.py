"""A plugin's fingerprint: what must be the same for the same call to give the same result."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

SKIPPED_FOLDERS = {"outputs", "__pycache__"}
PIECE_BYTES = 1024 * 1024

# (path, size, mtime_ns, inode) -> sha256 of the content, so that an unchanged file is read once.
_known: dict[tuple[str, int, int, int], bytes] = {}


def source_files(folder: Path) -> tuple[str, ...]:
    """The plugin's own files, relative and sorted: no outputs, caches or dot files."""
    found: list[str] = []
    waiting = [""]
    while waiting:
        under = waiting.pop()
        try:
            with os.scandir(os.path.join(folder, under)) as entries:
                for entry in entries:
                    if entry.name.startswith(".") or entry.name.endswith(".pyc"):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        if entry.name not in SKIPPED_FOLDERS:
                            waiting.append(os.path.join(under, entry.name))
                    elif entry.is_file():
                        found.append(os.path.join(under, entry.name))
        except OSError:  # unreadable, or gone meanwhile: not part of what runs
            continue
    return tuple(sorted(found))


def fingerprint_of(folder: Path, version: str, files: Iterable[str]) -> str:
    """sha256 (hex) over the version and the files' names and contents."""
    total = hashlib.sha256(f"{version}\0".encode())
    for name in files:
        digest = _content(os.path.join(folder, name))
        if digest is not None:
            total.update(f"{Path(name).as_posix()}\0".encode("utf-8", "surrogateescape") + digest)
    return total.hexdigest()


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb", buffering=0) as file:
            stat = os.fstat(file.fileno())
            key = (path, stat.st_size, stat.st_mtime_ns, stat.st_ino)
            if key not in _known:
                digest = hashlib.sha256()
                while piece := file.read(PIECE_BYTES):
                    digest.update(piece)
                _known[key] = digest.digest()
            return _known[key]
    except OSError:
        return None
