"""Removes environments that no present plugin needs and no process uses, and what dead builds left.

An environment that is used is held by a lock of the kernel's (`Environments`), so that it stays
however long a film takes. One of another project's plugins, which are not seen from here, is told by
when it was last used.
"""

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from filmeto_core.errors import PluginEnvironmentError
from filmeto_core.plugin_host.environment import LOCK_SUFFIX, Needs, python_in
from filmeto_core.plugin_host.environment_build import TMP_SUFFIX
from filmeto_core.plugin_host.plugin import Plugin
from filmeto_core.plugin_host.pythons import host_python

GONE_SUFFIX = ".gone"
DAY_S = 86400.0


@dataclass(frozen=True)
class Unused:
    """Something that may go.

    Args:
        path: The folder.
        why: What it is.
        size_bytes: What it takes on the disk.
        unused_s: Since it was last used.
    """

    path: Path
    why: Literal["no plugin needs it", "its Python is gone", "left by a build that was ended"]
    size_bytes: int
    unused_s: float


def collect(
    folder: Path, plugins: Iterable[Plugin], older_than_days: float, dry_run: bool = False
) -> list[Unused]:
    """Remove what nobody needs, and tell of it.

    Args:
        folder: Where the environments lie.
        plugins: Those that are there; what they need stays.
        older_than_days: What was used since stays as well.
        dry_run: Remove nothing.

    Returns:
        What was removed, or would be.
    """
    if not folder.is_dir():
        return []
    needed = _Needed(plugins)
    removed = []
    for path in sorted(folder.iterdir()):
        if path.suffix == LOCK_SUFFIX:
            if not dry_run:
                _drop_lock(path)
            continue
        found = _unused(path, needed, older_than_days * DAY_S)
        if found is not None and _remove(path, dry_run):
            removed.append(found)
    return removed


class _Needed:
    """What the present plugins need."""

    def __init__(self, plugins: Iterable[Plugin]) -> None:
        self._keys: set[str] = set()
        self._digests: set[str] = set()
        for plugin in plugins:
            with contextlib.suppress(PluginEnvironmentError):  # it needs nothing that can be built
                needs = Needs.of(plugin)
                if needs.fits_host():
                    self._keys.add(needs.key(host_python()))
                else:  # on whichever Python it was
                    self._digests.add(needs.digest())

    def __contains__(self, name: str) -> bool:
        return name in self._keys or name.partition("-")[0] in self._digests


def _unused(path: Path, needed: _Needed, older_than_s: float) -> Unused | None:
    try:
        age_s = max(0.0, time.time() - path.stat().st_mtime)
    except OSError:
        return None
    if path.suffix in (TMP_SUFFIX, GONE_SUFFIX):
        return Unused(path, "left by a build that was ended", _size_bytes(path), age_s)
    if path.suffix or not path.is_dir():
        return None  # not ours
    if not python_in(path).exists():
        return Unused(path, "its Python is gone", _size_bytes(path), age_s)
    if path.name in needed or age_s < older_than_s:
        return None
    return Unused(path, "no plugin needs it", _size_bytes(path), age_s)


def _remove(path: Path, dry_run: bool) -> bool:
    """Remove a folder that nobody uses or builds; False if somebody does."""
    if path.suffix == TMP_SUFFIX:
        lock = path.with_name(path.name.partition(".")[0] + LOCK_SUFFIX)
        with _exclusive(lock, os.O_RDWR) as free:
            free = free or not lock.exists()
            if free and not dry_run:
                shutil.rmtree(path, ignore_errors=True)
            return free
    with _exclusive(path, os.O_RDONLY) as free:
        if not free or dry_run:
            return free
        # Who opens it from now on finds no environment, and builds one.
        gone = path.with_name(f"{path.stem}-{os.getpid()}{GONE_SUFFIX}")
        if path.suffix != GONE_SUFFIX:
            os.rename(path, gone)
    shutil.rmtree(path if path.suffix == GONE_SUFFIX else gone, ignore_errors=True)
    return True


def _drop_lock(path: Path) -> None:
    """Remove a lock file whose environment is not there, unless it is being built."""
    if not path.with_suffix("").exists():
        with _exclusive(path, os.O_RDWR) as free:
            if free:
                path.unlink(missing_ok=True)


@contextlib.contextmanager
def _exclusive(path: Path, flags: int) -> Iterator[bool]:
    """Whether the lock could be had, which is held meanwhile."""
    try:
        descriptor = os.open(path, flags | os.O_CLOEXEC)
    except OSError:
        yield False
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:  # held; or a file system without locks, where nothing is known
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def _size_bytes(folder: Path) -> int:
    total = 0
    for under, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(under, name)).st_blocks * 512
    return total
