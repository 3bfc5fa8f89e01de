"""The Python environment of a plugin: built by uv, once for each set of requirements and Python.

Plugins that ask for the same share one. It is built under a temporary name and renamed, so that a
killed install is never taken for a good one; a lock lets two hosts build one together.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from filmeto_core import process
from filmeto_core.errors import PluginEnvironmentError
from filmeto_core.plugin_host.discovery import Plugin
from filmeto_core.plugin_host.pythons import find_python, host_python, uv_binary, version_fits
from filmeto_core.plugin_host.wire import LineSplitter, LineTooLong
from filmeto_core.settings import installer_environment

INSTALL_TIMEOUT_S = 3600.0  # a model's runtime is gigabytes over a slow line
LOCK_POLL_S = 0.05
HEARD_BYTES = 65536  # a line of uv's is a screen at most
TAIL_LINES = 12
OnMessage = Callable[[str], None]


class Environments:
    """The environments under one folder.

    Args:
        folder: Where they lie; made when the first is built.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def python_of(self, plugin: Plugin) -> Path | None:
        """The plugin's interpreter, None if its environment is not built yet."""
        needs = _Needs.of(plugin)
        if not needs.fits_host():
            return next(iter(self._built(needs)), None)
        python = _python_in(self._folder / needs.key(host_python()))
        return python if python.exists() else None

    def build(
        self, plugin: Plugin, on_message: OnMessage, cancelled: threading.Event | None = None
    ) -> Path:
        """The plugin's interpreter; its environment is built if it is not there.

        Blocks, so run it in a thread.

        Args:
            plugin: Whose environment.
            on_message: Gets a line for people now and then, from this thread.
            cancelled: Once set, the build is ended.

        Raises:
            PluginEnvironmentError: It could not be built; says why and what to do.
            process.Interrupted: `cancelled` was set.
        """
        needs = _Needs.of(plugin)
        base = host_python() if needs.fits_host() else find_python(plugin.name, needs.python)
        target = self._folder / needs.key(base)
        if _python_in(target).exists():
            return _python_in(target)
        self._folder.mkdir(parents=True, exist_ok=True)
        with _locked(target.with_suffix(".lock"), on_message, cancelled):
            if not _python_in(target).exists():
                _Build(plugin, needs, base, target, on_message, cancelled).run()
        return _python_in(target)

    def _built(self, needs: "_Needs") -> list[Path]:
        made = [p for p in self._folder.glob(f"{needs.digest()}-*") if not p.suffix]
        return [_python_in(p) for p in made if _python_in(p).exists()]


@dataclass(frozen=True)
class _Needs:
    """What an environment must hold."""

    python: str
    packages: tuple[str, ...]
    file: Path | None
    lines: tuple[str, ...]

    @staticmethod
    def of(plugin: Plugin) -> "_Needs":
        wanted, file = plugin.manifest.requirements, plugin.requirements_file
        try:
            text = file.read_text("utf-8-sig") if file else ""
        except (OSError, UnicodeDecodeError) as error:
            raise PluginEnvironmentError(
                f"its requirements.txt cannot be read: {error}.", plugin=plugin.name
            ) from error
        lines = [re.sub(r"(^|\s+)#.*", "", line).strip() for line in text.splitlines()]
        lines = tuple(line for line in lines if line)
        return _Needs(wanted.python, wanted.packages, file if lines else None, lines)

    @property
    def empty(self) -> bool:
        return not self.packages and not self.lines

    def fits_host(self) -> bool:
        """Whether the host's own Python will do."""
        return version_fits(self.python, sys.version_info[:3]) is True

    def digest(self) -> str:
        """Of the requirements alone."""
        everything = [sorted(self.packages), sorted(self.lines)]
        if any(line.startswith(("-", ".", "/", "file:")) for line in self.lines):
            everything.append(str(self.file))  # they may name files of the plugin's own folder
        return hashlib.sha256(json.dumps(everything).encode()).hexdigest()[:24]

    def key(self, base: Path) -> str:
        """The folder's name: the requirements, and the Python (its file, version, machine)."""
        same = base == host_python()
        version = platform.python_version() if same else ""
        python = f"{base.resolve()} {version} {platform.machine()}"
        return f"{self.digest()}-{hashlib.sha256(python.encode()).hexdigest()[:8]}"


class _Build:
    def __init__(self, plugin, needs, base, target, on_message, cancelled) -> None:
        self.plugin, self.needs, self.base, self.target = plugin, needs, base, target
        self.on_message, self.cancelled = on_message, cancelled
        self.tail: list[str] = []
        self.heard = LineSplitter(HEARD_BYTES)

    def run(self) -> None:
        started = time.monotonic()
        _clear_leftovers(self.target)
        # No dot: a dot would make it look hidden to tools that skip such folders.
        building = self.target.with_name(f"{self.target.name}.{uuid.uuid4().hex[:8]}.tmp")
        try:
            self._uv("venv", "--clear", "--relocatable", "--python", str(self.base), str(building))
            if not self.needs.empty:
                self.on_message(f"installing what {self.plugin.name} needs ({self._named()})")
                self._install(building)
                self.on_message(f"installed in {time.monotonic() - started:.0f} s")
            try:
                os.rename(building, self.target)
            except OSError as error:
                raise self._failed(str(error)) from error
        finally:
            shutil.rmtree(building, ignore_errors=True)

    def _named(self) -> str:
        names = [*self.needs.packages, *self.needs.lines]
        return ", ".join(names[:3]) + (" ..." if len(names) > 3 else "")

    def _install(self, building: Path) -> None:
        argv = ["pip", "install", "--python", str(_python_in(building))]
        argv += ["--link-mode=copy", "--compile-bytecode", *_index_options()]
        argv += ["-r", str(self.needs.file)] if self.needs.file else []
        argv += list(self.needs.packages)
        # With all cached, a dead network would cost seconds of retries: so without it first.
        if self._try_uv(*argv, "--offline") != 0:
            self._uv(*argv)

    def _uv(self, *arguments: str) -> None:
        if self._try_uv(*arguments) != 0:
            raise self._failed(_why(self.tail))

    def _try_uv(self, *arguments: str) -> int:
        argv = [uv_binary(), "--no-python-downloads", "--no-progress", "--color=never", *arguments]
        self.tail = []
        env = {**installer_environment(), "UV_PYTHON_DOWNLOADS": "never"}
        if "PIP_CERT" in env:
            env.setdefault("SSL_CERT_FILE", env["PIP_CERT"])
        try:
            done = process.run(
                argv,
                env=env,
                cwd=self.plugin.folder,
                timeout_s=INSTALL_TIMEOUT_S,
                cancelled=self.cancelled or threading.Event(),
                on_stderr=self._heard if "install" in arguments else None,
            )
        except subprocess.TimeoutExpired:
            raise self._failed(
                f"it was not installed in {INSTALL_TIMEOUT_S / 60:.0f} min"
            ) from None
        self.tail = done.stderr.strip().splitlines()
        return done.returncode

    def _heard(self, piece: bytes) -> None:
        with contextlib.suppress(LineTooLong):
            for line in self.heard.feed(piece):
                if line.startswith((b"Resolved", b"Prepared", b"Installed")):
                    self.on_message(line.decode("utf-8", "replace").strip())

    def _failed(self, why: str) -> PluginEnvironmentError:
        return PluginEnvironmentError(
            f"its environment could not be built: {why.rstrip('.')}.",
            hint="Mend its requirements, the network or the disk's room; the same command goes on.",
            plugin=self.plugin.name,
            stderr="\n".join(self.tail[-TAIL_LINES:]),
        )


def _why(lines: list[str]) -> str:
    """uv's error and its last cause, of all that it said."""
    said = [line.strip().lstrip("×╰─▶├│ ") for line in lines if line.strip()]
    said = [line for line in said if not line.startswith(("Using ", "Resolved ", "warning:"))]
    told = dict.fromkeys([said[0], said[-1]] if said else ["uv failed and said nothing"])
    return "; ".join(line.removeprefix("error: ").removeprefix("cause: ") for line in told)


def _index_options() -> list[str]:
    """pip's variables for uv, which reads its own alone; its own stand where both are set."""
    env = installer_environment()
    options: list[str] = []
    for where in env.get("PIP_FIND_LINKS", "").split():
        options += ["--find-links", where]
    if "PIP_INDEX_URL" in env and not {"UV_INDEX_URL", "UV_DEFAULT_INDEX"} & env.keys():
        options += ["--default-index", env["PIP_INDEX_URL"]]
    if not {"UV_EXTRA_INDEX_URL", "UV_INDEX"} & env.keys():
        for where in env.get("PIP_EXTRA_INDEX_URL", "").split():
            options += ["--index", where]
    return options


def _python_in(environment: Path) -> Path:
    return environment / "bin" / "python"


def _clear_leftovers(target: Path) -> None:
    """Builds of this environment that died; the lock says that none is alive."""
    for left in target.parent.glob(f"{target.name}.*.tmp"):
        shutil.rmtree(left, ignore_errors=True)
    if target.exists():  # without its interpreter: the Python under it was removed
        shutil.rmtree(target)


@contextlib.contextmanager
def _locked(path: Path, on_message: OnMessage, cancelled: threading.Event | None):
    """Hold the lock file; the kernel lets it go when the holder dies."""
    told = False
    with open(path, "w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not told:
                    on_message("waiting for the same environment, which is being built")
                    told = True
                if cancelled is not None and cancelled.is_set():
                    raise process.Interrupted("flock") from None
                time.sleep(LOCK_POLL_S)
        yield
