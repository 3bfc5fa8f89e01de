"""The Python environment of a plugin: built once for each set of requirements and Python.

Plugins that ask for the same share one. It is built under a temporary name and renamed, so that a
killed install is never taken for a good one; a lock lets two hosts build one together. Who uses one
holds a lock on it, so that it is not removed (`environment_gc`); how uv builds it is
`environment_build`'s.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import platform
import re
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from filmeto_core import process
from filmeto_core.errors import PluginEnvironmentError
from filmeto_core.plugin_host.environment_build import Build, OnMessage
from filmeto_core.plugin_host.plugin import Plugin
from filmeto_core.plugin_host.pythons import find_python, host_python, uv_binary, version_fits

__all__ = ["Environments", "Needs", "OnMessage", "locked", "python_in", "uv_binary"]

LOCK_POLL_S = 0.05
LOCK_SUFFIX = ".lock"


class Environments:
    """The environments under one folder.

    Args:
        folder: Where they lie; made when the first is built.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mutex = threading.Lock()
        self._held: dict[Path, int] = {}

    def python_of(self, plugin: Plugin) -> Path | None:
        """The plugin's interpreter, None if its environment is not built yet."""
        needs = Needs.of(plugin)
        if not needs.fits_host():
            return next(iter(self._built(needs)), None)
        python = python_in(self._folder / needs.key(host_python()))
        return python if python.exists() else None

    def build(
        self, plugin: Plugin, on_message: OnMessage, cancelled: threading.Event | None = None
    ) -> Path:
        """The plugin's interpreter; its environment is built if it is not there.

        It is kept from being removed until `close`. Blocks, so run it in a thread.

        Args:
            plugin: Whose environment.
            on_message: Gets a line for people now and then, from this thread or another.
            cancelled: Once set, the build is ended.

        Raises:
            PluginEnvironmentError: It could not be built; says why and what to do.
            process.Interrupted: `cancelled` was set.
        """
        needs = Needs.of(plugin)
        base = host_python() if needs.fits_host() else find_python(plugin.name, needs.python)
        target = self._folder / needs.key(base)
        if self._hold(target):
            return python_in(target)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with locked(target.with_suffix(LOCK_SUFFIX), on_message, cancelled):
                if not python_in(target).exists():
                    build = Build(plugin, needs.packages, needs.lines, needs.file, base, target)
                    build.run(on_message, cancelled)
                self._hold(target)
        except OSError as error:
            raise PluginEnvironmentError(
                f"its environment could not be built: {error}.",
                hint="Make room, or set FILMETO_HOME to a folder that can be written.",
                plugin=plugin.name,
            ) from error
        return python_in(target)

    def close(self) -> None:
        """Let go of the environments that were in use."""
        with self._mutex:
            held, self._held = self._held, {}
        for descriptor in held.values():
            os.close(descriptor)

    def _hold(self, target: Path) -> bool:
        """Keep the environment from being removed; False if it is not there."""
        with self._mutex:
            if target in self._held and not _same(self._held[target], target):
                os.close(self._held.pop(target))
            if target not in self._held:
                descriptor = _shared(target)
                if descriptor is None:
                    return False
                self._held[target] = descriptor
            with contextlib.suppress(OSError):
                os.utime(target)  # when it was last used
        return python_in(target).exists()

    def _built(self, needs: "Needs") -> list[Path]:
        made = [p for p in self._folder.glob(f"{needs.digest()}-*") if not p.suffix]
        return [python_in(p) for p in made if python_in(p).exists()]


@dataclass(frozen=True)
class Needs:
    """What an environment must hold."""

    python: str
    packages: tuple[str, ...]
    file: Path | None
    lines: tuple[str, ...]

    @staticmethod
    def of(plugin: Plugin) -> "Needs":
        """Of a plugin as its folder is now.

        Raises:
            PluginEnvironmentError: Its requirements.txt cannot be read.
        """
        wanted, file = plugin.manifest.requirements, plugin.requirements_file
        try:
            text = file.read_text("utf-8-sig") if file else ""
        except (OSError, UnicodeDecodeError) as error:
            raise PluginEnvironmentError(
                f"its requirements.txt cannot be read: {error}.", plugin=plugin.name
            ) from error
        lines = [re.sub(r"(^|\s+)#.*", "", line).strip() for line in text.splitlines()]
        lines = tuple(line for line in lines if line)
        return Needs(wanted.python, wanted.packages, file if lines else None, lines)

    def fits_host(self) -> bool:
        """Whether the host's own Python will do."""
        return version_fits(self.python, sys.version_info[:3]) is True

    def digest(self) -> str:
        """Of the requirements alone."""
        everything: list[object] = [sorted({*self.packages, *self.lines})]
        if any(line.startswith(("-", ".", "/", "file:")) for line in self.lines):
            # They may name files of the plugin's own folder.
            everything += [str(self.file), list(self._included())]
        return hashlib.sha256(json.dumps(everything).encode()).hexdigest()[:24]

    def key(self, base: Path) -> str:
        """The folder's name: the requirements, and the Python (its file, version, machine)."""
        same = base == host_python()
        version = platform.python_version() if same else ""
        python = f"{base.resolve()} {version} {platform.machine()}"
        return f"{self.digest()}-{hashlib.sha256(python.encode()).hexdigest()[:8]}"

    def _included(self) -> Iterator[str]:
        """The texts of further files of requirements and constraints."""
        for line in self.lines:
            match = re.match(r"(?:-r|-c|--requirement|--constraint)[ =]*(\S+)", line)
            if match and self.file is not None:
                with contextlib.suppress(OSError):
                    yield (self.file.parent / match[1]).read_text("utf-8", "replace")


def python_in(environment: Path) -> Path:
    """Where an environment's interpreter is."""
    return environment / "bin" / "python"


@contextlib.contextmanager
def locked(
    path: Path,
    on_message: OnMessage = lambda text: None,
    cancelled: threading.Event | None = None,
) -> Iterator[None]:
    """Hold the lock file; the kernel lets it go when the holder dies."""
    told = False
    while True:
        with open(path, "w") as file:
            if _try_lock(file):
                if not _same(file.fileno(), path):  # it was removed meanwhile
                    continue
                yield
                return
        if not told:
            on_message("waiting for the same environment, which is being built")
            told = True
        if cancelled is not None and cancelled.is_set():
            raise process.Interrupted("flock")
        time.sleep(LOCK_POLL_S)


def _try_lock(file) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _shared(target: Path) -> int | None:
    """A descriptor that shares the lock of an environment, None if it is not there."""
    try:
        descriptor = os.open(target, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return None
    with contextlib.suppress(OSError):  # a file system without locks: then it goes by its age
        fcntl.flock(descriptor, fcntl.LOCK_SH)  # who removes one holds it for a rename at most
    if _same(descriptor, target):
        return descriptor
    os.close(descriptor)
    return None


def _same(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except OSError:
        return False
