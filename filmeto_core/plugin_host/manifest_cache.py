"""Manifests as they were last read: a thousand unchanged ones cost a fifth of reading them anew.

Only manifests that nothing is wrong with are kept, each with its file's stamp, in one file under
FILMETO_HOME. A cache that is damaged, or of another filmeto, is as none.
"""

import contextlib
import json
import os
import uuid
from pathlib import Path
from typing import Any

import pydantic

from filmeto_core.plugin_host import manifest, manifest_lines, manifest_model, parameters
from filmeto_core.plugin_host.fingerprint import Stamp
from filmeto_core.plugin_host.manifest import Problem, read_manifest
from filmeto_core.plugin_host.manifest_model import Manifest

WORTH_KEEPING = 50  # manifests read anew; fewer are read sooner than the file is written


class ManifestCache:
    """What manifests said when their files had a certain stamp.

    Args:
        path: The file; None keeps nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._kept: dict[str, list[Any]] = {}
        self._new: dict[str, list[Any]] = {}
        self._read_anew = 0

    def load(self) -> None:
        """Read what was kept."""
        if self._path is not None:
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                told = json.loads(self._path.read_bytes())
                self._kept = told["manifests"] if told["reader"] == _reader() else {}

    def read(self, path: Path, stamp: Stamp) -> tuple[Manifest | None, list[Problem]]:
        """As `read_manifest`, of a file that has this stamp."""
        kept = self._kept.get(str(path))
        if kept is not None and kept[0] == list(stamp):
            with contextlib.suppress(pydantic.ValidationError):
                read = Manifest.model_validate(kept[1])
                self._new[str(path)] = kept
                return read, []
        read, problems = read_manifest(path)
        self._read_anew += 1
        if read is not None and not problems:
            self._new[str(path)] = [list(stamp), read]
        return read, problems

    def save(self) -> None:
        """Keep what was read since, if it is worth it."""
        new, self._kept, self._new = self._new, {}, {}
        if self._path is None or self._read_anew < WORTH_KEEPING:
            return
        plain = {path: _plain(kept) for path, kept in new.items()}
        told = {"reader": _reader(), "manifests": {p: kept for p, kept in plain.items() if kept}}
        partial = self._path.with_suffix(f".{uuid.uuid4().hex[:8]}.tmp")
        with contextlib.suppress(OSError, ValueError):  # a full disk, a value that JSON has not
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                partial.write_text(json.dumps(told), encoding="utf-8")
                os.replace(partial, self._path)
            finally:
                partial.unlink(missing_ok=True)


def _plain(kept: list[Any]) -> list[Any] | None:
    """As JSON has it; None where that would say something else, as of a date."""
    stamp, read = kept
    if isinstance(read, Manifest):
        said = read.model_dump(mode="json", exclude_defaults=True)
        return [stamp, said] if Manifest.model_validate(said) == read else None
    return kept


def _reader() -> list[Any]:
    """What reads manifests: if it changes, what it read is read again."""
    modules = (manifest, manifest_lines, manifest_model, parameters)
    stats = [os.stat(module.__file__) for module in modules]
    return [[status.st_size, status.st_mtime_ns] for status in stats]
