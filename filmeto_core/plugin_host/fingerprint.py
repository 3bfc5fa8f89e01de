"""A plugin's fingerprint: what must be the same for the same call to give the same result.

Which of the files in a plugin's folder count is `sources`'; here they are found and read.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SKIPPED_FOLDERS = {"outputs", "__pycache__", "node_modules"}
SKIPPED_ENDINGS = (".pyc", ".log", ".tmp", ".pid", ".swp", "~")  # of tools and editors, not source
PIECE_BYTES = 1024 * 1024

# Size, times of the last change of content and of the inode in ns, inode.
Stamp = tuple[int, int, int, int]

# (path, stamp) -> sha256 of the content, so that an unchanged file is read once.
_known: dict[tuple[str, Stamp], bytes] = {}


@dataclass(frozen=True)
class Listing:
    """What a folder held when it was looked at: names relative to it, and their stamps."""

    files: dict[str, Stamp]
    folders: dict[str, int]


def stamp_of(status: os.stat_result) -> Stamp:
    """What changes whenever the file does."""
    return (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def source_files(folder: Path) -> Listing:
    """The plugin's own files and folders: no outputs, caches, environments or dot files."""
    files: dict[str, Stamp] = {}
    folders: dict[str, int] = {}
    waiting = [""]
    while waiting:
        under = waiting.pop()
        try:
            changed_ns = os.stat(os.path.join(folder, under)).st_mtime_ns
            with os.scandir(os.path.join(folder, under)) as entries:
                inside = list(entries)
        except OSError:  # unreadable, or gone meanwhile: not part of what runs
            continue
        if under and any(entry.name == "pyvenv.cfg" for entry in inside):
            continue
        folders[under] = changed_ns
        for entry in inside:
            if entry.name.startswith(".") or entry.name.endswith(SKIPPED_ENDINGS):
                continue
            try:
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in SKIPPED_FOLDERS:
                        waiting.append(os.path.join(under, entry.name))
                elif entry.is_file():
                    files[os.path.join(under, entry.name)] = stamp_of(entry.stat())
            except OSError:
                continue
    return Listing(files, folders)


def fingerprint_of(version: str, digests: Mapping[str, bytes]) -> str:
    """sha256 (hex) over the version and the files' names and contents."""
    total = hashlib.sha256(f"{version}\0".encode())
    for name in sorted(digests):
        total.update(f"{Path(name).as_posix()}\0".encode("utf-8", "surrogateescape"))
        total.update(digests[name])
    return total.hexdigest()


def known_content(path: str, stamp: Stamp) -> bytes | None:
    """sha256 of the content that a file had at this stamp, if it was read then."""
    return _known.get((path, stamp))


def remember_content(path: str, stamp: Stamp, digest: bytes) -> None:
    """Let it be known what a file has at this stamp, from an earlier process that read it."""
    _known[path, stamp] = digest


def content_of(path: str) -> bytes | None:
    """sha256 of a file's content, None if it cannot be read."""
    try:
        with open(path, "rb", buffering=0) as file:
            key = (path, stamp_of(os.fstat(file.fileno())))
            if key not in _known:
                digest = hashlib.sha256()
                while piece := file.read(PIECE_BYTES):
                    digest.update(piece)
                _known[key] = digest.digest()
            return _known[key]
    except OSError:
        return None
