"""The Python environment of a plugin: built by uv, once for each set of requirements and Python.

Plugins that ask for the same share one. It is built under a temporary name and renamed, so that a
killed install is never taken for a good one; a lock lets two hosts build one together.
"""

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
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filmeto_core import process
from filmeto_core.errors import PluginEnvironmentError
from filmeto_core.plugin_host.discovery import Plugin
from filmeto_core.settings import installer_environment

INSTALL_TIMEOUT_S = 3600.0  # a model's runtime is gigabytes over a slow line
LOCK_POLL_S = 0.05
TAIL_LINES = 12
_NO_REASONS = ("Using ", "Creating ", "Activate ")  # what uv says before it says what is wrong
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
        python = _python_in(self._folder / needs.key(_host_python()))
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
        base = _host_python() if needs.fits_host() else _find_python(plugin, needs.python)
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
        same = base == _host_python()
        version = platform.python_version() if same else ""
        python = f"{base.resolve()} {version} {platform.machine()}"
        return f"{self.digest()}-{hashlib.sha256(python.encode()).hexdigest()[:8]}"


class _Build:
    def __init__(self, plugin, needs, base, target, on_message, cancelled) -> None:
        self.plugin, self.needs, self.base, self.target = plugin, needs, base, target
        self.on_message, self.cancelled = on_message, cancelled
        self.tail: list[str] = []

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
            said = [line for line in self.tail if not line.startswith(_NO_REASONS)]
            raise self._failed("\n".join(said[-TAIL_LINES:]))

    def _try_uv(self, *arguments: str) -> int:
        argv = [uv_binary(), "--no-python-downloads", "--no-progress", "--color=never", *arguments]
        self.tail = []
        env = {**installer_environment(), "UV_PYTHON_DOWNLOADS": "never"}
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
        for line in piece.decode("utf-8", "replace").splitlines():
            if line.startswith(("Resolved", "Prepared", "Installed")):
                self.on_message(line.strip())

    def _failed(self, why: str) -> PluginEnvironmentError:
        return PluginEnvironmentError(
            f"its environment could not be built: {why}",
            hint=f"Correct its requirements or the network, then `filmeto plugins install "
            f"{self.plugin.name}`.",
            plugin=self.plugin.name,
            stderr="\n".join(self.tail[-TAIL_LINES:]),
        )


def uv_binary() -> str:
    """Where uv is: the package's own program.

    Raises:
        PluginEnvironmentError: The installation lacks it.
    """
    try:
        import uv  # here: only a build needs it

        return uv.find_uv_bin()
    except (ImportError, FileNotFoundError):
        found = shutil.which("uv")
        if found:
            return found
    raise PluginEnvironmentError(
        "uv, which builds the plugins' environments, is missing.", hint="Run `pip install uv`."
    )


def version_fits(specifier: str, version: tuple[int, ...]) -> bool | None:
    """Whether a Python version meets a specifier such as ">=3.11,<3.14"; None: cannot be told."""
    answer: bool | None = True
    for part in specifier.replace(" ", "").split(","):
        if not part:
            continue
        match = re.fullmatch(r"(>=|<=|==|!=|~=|>|<|)([0-9]+(?:\.[0-9]+)*)(\.\*)?", part)
        if match is None:
            return None
        wanted = tuple(int(n) for n in match[2].split("."))
        if not _meets(match[1], wanted, version, prefix=bool(match[3])):
            answer = False
    return answer


def _meets(sign: str, wanted: tuple[int, ...], version: tuple[int, ...], prefix: bool) -> bool:
    if sign in ("", "==", "!="):
        # "3.11" alone and "==3.11.*" mean any 3.11; PEP 440's "==3.11" is 3.11.0, never meant.
        same = version[: len(wanted)] == wanted
        return same != (sign == "!=")
    if sign == "~=":
        return version >= wanted and version[: len(wanted) - 1] == wanted[:-1]
    padded = wanted + (0,) * (3 - len(wanted))
    return {
        ">=": version >= padded,
        "<=": version <= padded,
        ">": version > padded,
        "<": version < padded,
    }[sign]


def _host_python() -> Path:
    """The interpreter under the host's own environment, which sees none of its packages."""
    return Path(getattr(sys, "_base_executable", None) or sys.executable)


def _find_python(plugin: Plugin, specifier: str) -> Path:
    argv = [uv_binary(), "--no-python-downloads", "python", "find", "--system", specifier]
    found = process.run(argv, env=installer_environment(), timeout_s=60)
    path = found.stdout.decode("utf-8", "replace").strip()
    if found.returncode == 0 and path:
        return Path(path)
    raise PluginEnvironmentError(
        f"it needs Python {specifier}, and this machine has none; "
        f"filmeto runs on {platform.python_version()}.",
        hint=f"Install one, for instance with `uv python install '{specifier}'`.",
        plugin=plugin.name,
        stderr=found.stderr.strip()[-1000:],
    )


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


@contextmanager
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
                    on_message("waiting for another filmeto that builds the same environment")
                    told = True
                if cancelled is not None and cancelled.is_set():
                    raise process.Interrupted("flock") from None
                time.sleep(LOCK_POLL_S)
        yield
