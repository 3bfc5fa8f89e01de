"""A plugin's environment: built once by uv for a set of requirements, shared by all that ask for it.

It is built in a temporary folder and renamed, so that one that is there is whole. A lock in the
kernel's hands lets two hosts that need the same one build it once.

Source: uv's documentation ("Using environments", "Caching", "Link mode").
"""

import fcntl
import hashlib
import os
import shutil
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filmeto_core.errors import PluginEnvironmentError
from filmeto_core.plugin_host.discovery import Plugin
from filmeto_core.process import run
from filmeto_core.settings import Settings, installer_environment

INSTALL_TIMEOUT_S = 3600.0  # model runtimes of several GB over a slow line
STILL_S = 5.0  # how often a long install says that it goes on
LOCK_POLL_S = 0.2


@dataclass(frozen=True)
class Environment:
    """Where a plugin's environment is, or will be."""

    folder: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    @property
    def ready(self) -> bool:
        """Whether it is built."""
        return self.python.exists()


def uv_binary() -> Path:
    """The uv program that came with filmeto.

    Raises:
        PluginEnvironmentError: It is not there.
    """
    try:
        from uv import find_uv_bin

        return Path(find_uv_bin())
    except (ImportError, FileNotFoundError) as error:
        raise PluginEnvironmentError(
            f"uv is not installed: {error}.", hint="Reinstall filmeto, or `pip install uv`."
        ) from None


def environment_of(plugin: Plugin, settings: Settings) -> Environment:
    """The environment for this plugin's requirements under this Python."""
    asked = "\n".join([sys.version, os.path.realpath(sys.executable), *plugin.requirements])
    digest = hashlib.sha256(asked.encode()).hexdigest()[:16]
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return Environment(settings.environments_dir / f"py{version}-{digest}")


def build_environment(
    plugin: Plugin,
    settings: Settings,
    say: Callable[[str], None] = lambda _line: None,
    cancelled: threading.Event | None = None,
) -> Environment:
    """The plugin's environment, built if it is not there. It blocks: call it in a thread.

    Args:
        say: Gets a line for people when a build starts, and while it goes on.
        cancelled: Once set, a build is given up and `process.Interrupted` raised.

    Raises:
        PluginEnvironmentError: It cannot be built; tells uv's last lines and what to do.
    """
    environment = environment_of(plugin, settings)
    if environment.ready:
        return environment
    folder = environment.folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _locked(folder.with_name(f"{folder.name}.lock"), say, cancelled):
            if not environment.ready:
                _clear_dead_builds(folder)
                _build(plugin, folder, say, cancelled)
    except OSError as error:
        raise PluginEnvironmentError(
            f"the environment {folder} cannot be written: {error.strerror or error}.",
            hint="Make room or set FILMETO_HOME to a folder that can be written.",
            plugin=plugin.name,
        ) from error
    return environment


def _build(plugin: Plugin, folder: Path, say, cancelled) -> None:
    started = time.monotonic()
    building = folder.with_name(f"{folder.name}.{os.getpid()}-{uuid.uuid4().hex[:6]}.tmp")
    uv = str(uv_binary())
    try:
        venv = [uv, "venv", "--quiet", "--clear", "--no-project", "--no-python-downloads"]
        _uv(plugin, [*venv, "--python", _base_python(), str(building)], cancelled)
        if plugin.requirements:
            say(f"installing {_listed(plugin.requirements)} (once)")
            _install(plugin, uv, building, say, cancelled)
            say(f"installed in {time.monotonic() - started:.1f} s")
        os.replace(building, folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _install(plugin: Plugin, uv: str, building: Path, say, cancelled) -> None:
    command = [uv, "pip", "install", "--quiet", "--python", str(building / "bin" / "python")]
    command += ["--link-mode=copy", "--compile-bytecode", *plugin.requirements]
    with _saying(say):
        # Offline first: a dead network costs seconds of retries even with all in the cache.
        try:
            _uv(plugin, [*command, "--offline"], cancelled)
        except PluginEnvironmentError:
            _uv(plugin, command, cancelled)


def _uv(plugin: Plugin, command: list[str], cancelled: threading.Event | None) -> None:
    done = run(
        command, timeout_s=INSTALL_TIMEOUT_S, cancelled=cancelled, env=installer_environment()
    )
    if done.returncode != 0:
        tail = done.stderr.strip()[-2000:]
        raise PluginEnvironmentError(
            f'the environment of plugin "{plugin.name}" could not be built: uv said: {tail}',
            hint=f"Check the network and {plugin.folder / 'requirements.txt'}, then try again.",
            plugin=plugin.name,
            stderr=tail,
        )


def _base_python() -> str:
    """The interpreter below a virtual environment: a plugin sees nothing of ours."""
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable))


def _listed(requirements: tuple[str, ...]) -> str:
    names = [r.split("==")[0].split(" ")[0] for r in requirements]
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


@contextmanager
def _saying(say: Callable[[str], None]) -> Iterator[None]:
    """Say every few seconds that an install goes on."""
    done, started = threading.Event(), time.monotonic()

    def go_on() -> None:
        while not done.wait(STILL_S):
            say(f"still installing, {time.monotonic() - started:.0f} s")

    thread = threading.Thread(target=go_on, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


@contextmanager
def _locked(path: Path, say, cancelled: threading.Event | None) -> Iterator[None]:
    with open(path, "w") as lock:
        waited = False
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not waited:
                    say("waiting for another run that installs the same")
                waited = True
                if cancelled is not None and cancelled.wait(LOCK_POLL_S):
                    from filmeto_core.process import Interrupted

                    raise Interrupted("uv") from None
                if cancelled is None:
                    time.sleep(LOCK_POLL_S)
        yield


def _clear_dead_builds(folder: Path) -> None:
    """Remove what a killed build of this environment left; we hold its lock."""
    for left in folder.parent.glob(f"{folder.name}.*.tmp"):
        shutil.rmtree(left, ignore_errors=True)
