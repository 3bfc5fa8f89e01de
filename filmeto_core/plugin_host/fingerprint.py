"""A plugin's fingerprint, a part of each call's key: change the plugin, and its results are new.

It covers version, manifest, source files and requirements; not `outputs/`, `__pycache__`, dot files,
nor what the plugin wrote into its own folder after it was found.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

LEFT_OUT_FOLDERS = {"outputs", "__pycache__", "node_modules"}
MAX_FILES = 2_000  # a plugin's sources; a folder with more holds models or data


def source_files(folder: Path) -> tuple[Path, ...]:
    """The plugin's files that count, sorted by their path."""
    return tuple(sorted(_walk(folder)))[:MAX_FILES]


def fingerprint(folder: Path, files: tuple[Path, ...], version: str) -> str:
    """sha256 (hex) over the version and each file's relative path and content.

    A file that is gone counts as such: that is another plugin.
    """
    whole = hashlib.sha256(f"version {version}\n".encode())
    for path in files:
        whole.update(f"{path.relative_to(folder).as_posix()}\n".encode())
        whole.update(_content_digest(path))
    return whole.hexdigest()


def stamp(files: tuple[Path, ...]) -> tuple[tuple[int, int], ...]:
    """Size and time of change of each file: cheap to compare, to see whether any changed."""
    return tuple(_stat(path) for path in files)


def _walk(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders[:] = [f for f in folders if f not in LEFT_OUT_FOLDERS and not f.startswith(".")]
        for name in names:
            if not name.startswith(".") and not name.endswith(".pyc"):
                yield Path(root, name)


def _content_digest(path: Path) -> bytes:
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:
        return b"gone"


def _stat(path: Path) -> tuple[int, int]:
    try:
        stat = path.stat()
    except OSError:
        return (-1, -1)
    return (stat.st_size, stat.st_mtime_ns)
