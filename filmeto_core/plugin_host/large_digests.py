"""Digests of large files in plugins' folders, such as a model's weights: read once, not at each start.

A digest counts while the file's size, times and inode are those that it had when it was read.
"""

import contextlib
import hashlib
import json
import os
import uuid
from pathlib import Path

from filmeto_core.plugin_host.fingerprint import Stamp, known_content, remember_content

LARGE_BYTES = 16 * 1024 * 1024  # read in some 10 ms, as long as the record's writing takes


class LargeDigests:
    """The digests of one folder's large files.

    Args:
        folder: The plugin's.
        place: The folder of all such records; None: they are kept nowhere.
    """

    def __init__(self, folder: Path, place: Path | None) -> None:
        name = hashlib.sha256(str(folder).encode("utf-8", "surrogateescape")).hexdigest()[:32]
        self._path = place / f"{name}.digests" if place else None
        self._folder = folder
        self._kept: dict[str, list] = {}

    def recall(self, files: dict[str, Stamp]) -> None:
        """Let the contents of these be known that were read before and did not change since."""
        large = _large(files)
        if self._path is None or not large:
            return
        with contextlib.suppress(OSError, ValueError, TypeError, IndexError, AttributeError):
            self._kept = dict(json.loads(self._path.read_bytes()))
            for name, stamp in large.items():
                kept = self._kept.get(name)
                if kept is not None and kept[0] == list(stamp):
                    remember_content(self._at(name), stamp, bytes.fromhex(kept[1]))

    def keep(self, files: dict[str, Stamp]) -> None:
        """Keep the digests of these, as far as they were read."""
        digests = {n: (s, known_content(self._at(n), s)) for n, s in _large(files).items()}
        told = {n: [list(s), digest.hex()] for n, (s, digest) in digests.items() if digest}
        if self._path is None or told == self._kept:
            return
        partial = self._path.with_suffix(f".{uuid.uuid4().hex[:8]}.tmp")
        with contextlib.suppress(OSError):  # a full disk: they are read again
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                partial.write_text(json.dumps(told), encoding="utf-8")
                os.replace(partial, self._path)
            finally:
                partial.unlink(missing_ok=True)
        self._kept = told

    def _at(self, name: str) -> str:
        return os.path.join(self._folder, name)


def _large(files: dict[str, Stamp]) -> dict[str, Stamp]:
    return {name: stamp for name, stamp in files.items() if stamp[0] >= LARGE_BYTES}
