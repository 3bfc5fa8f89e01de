"""Starts a plugin's process: its command line, its environment, its pipes, its lifeline, its bounds."""

import fcntl
import os
import subprocess
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from filmeto_core import plugin_sdk, process
from filmeto_core.plugin_host import launcher
from filmeto_core.plugin_host.discovery import MAIN_NAME, Plugin
from filmeto_core.plugin_host.grants import NO_GRANT, Grant
from filmeto_core.plugin_host.sandbox import Bounds, bounds_of, gpu_environment
from filmeto_core.plugin_host.temporary import MARKER, make_temporary, remove_temporary
from filmeto_core.settings import MODEL_VARIABLES, Settings, inherited_environment


@dataclass
class Spawned:
    """A running process and the host's ends of its pipes, none of which blocks.

    Args:
        process: In a session of its own.
        stdin, stdout, stderr: Descriptors.
        lifeline: Both ends, held open; when the host ends, the whole group is killed.
        marker: The value of MARKER in the environment of the whole tree.
        temporary: Its temporary folder.
        bounds: What it may write to, and take.
        portable: Whether it goes without what Linux alone has.
    """

    process: subprocess.Popen[bytes]
    stdin: int
    stdout: int
    stderr: int
    lifeline: tuple[int, int]
    marker: str
    temporary: Path
    bounds: Bounds
    portable: bool

    def watch_exit(self, loop, ended: Callable[[], None]) -> Callable:
        """Have the loop call `ended` once it has ended; gives a function that ends the watch."""
        return process.watch_exit(loop, self.process, ended, self.portable)

    def close_lifeline(self) -> None:
        """Let it go without a signal: nobody is left who reads it when its writing end closes."""
        for end in self.lifeline:
            os.close(end)

    def clear_up(self) -> None:
        """Once it has ended: end what is left of its tree, and remove its temporary folder."""
        process.kill_marked(MARKER, self.marker, self.portable)
        remove_temporary(self.temporary)


def plugin_environment(plugin: Plugin, marker: str, grant: Grant = NO_GRANT) -> dict[str, str]:
    """The variables that the plugin's process sees: an allow-list, its manifest's, the user's."""
    manifest = plugin.manifest
    names = (*manifest.environment, *manifest.requirements.environment, *grant.environment)
    if manifest.resources.gpu is not None:
        names += MODEL_VARIABLES
    return {
        **inherited_environment(names),
        "PYTHONPATH": str(Path(plugin_sdk.__file__).parent),
        "PYTHONUTF8": "1",
        MARKER: marker,
        process.HOST_MARKER: process.host_mark(),
    }


def spawn(
    plugin: Plugin,
    python: Path,
    settings: Settings,
    grant: Grant = NO_GRANT,
    extra_environment: Mapping[str, str] = {},
) -> Spawned:
    """Start the plugin's main.py with the interpreter of its environment.

    Args:
        settings: The limits, and where its calls write.
        grant: What the user allows it on top.
        extra_environment: Variables that it sees as well, whatever else is allowed.

    Raises:
        OSError: It could not be started.
    """
    marker = uuid.uuid4().hex
    temporary = make_temporary(marker)
    try:
        bounds = bounds_of(plugin, grant, temporary, settings)
        environment = {
            **gpu_environment(plugin, settings),
            **plugin_environment(plugin, marker, grant),
            "TMPDIR": str(temporary),
            **extra_environment,
        }
        bounds = replace(bounds, variables=frozenset(environment))
        pipes = Lifeline.open()
        try:
            started = _start(plugin, python, environment, bounds, pipes, settings.portable)
        except BaseException:
            pipes.close()
            raise
    except BaseException:
        remove_temporary(temporary)
        raise
    # The descriptors are the host's own from here, so that Popen's files never close them.
    ends = [os.dup(pipe.fileno()) for pipe in (started.stdin, started.stdout, started.stderr)]
    for pipe in (started.stdin, started.stdout, started.stderr):
        pipe.close()
    for end in ends:
        os.set_blocking(end, False)
    line = (pipes.theirs, pipes.ours)
    return Spawned(started, *ends, line, marker, temporary, bounds, settings.portable)


@dataclass(frozen=True)
class Lifeline:
    """A pipe whose writing end closes when this process ends.

    Args:
        theirs: The reading end, which the child holds as well.
        ours: The writing end.
    """

    theirs: int
    ours: int

    @staticmethod
    def open() -> "Lifeline":
        """A new one."""
        # Both ends stay open here. When the host ends, the kernel closes the last-numbered
        # descriptor first (task_work is last in, first out, since Linux 4.4), so that the writing
        # end goes while the reading end still stands, and the whole group is signalled; also where
        # the plugin itself went a moment earlier, or has closed the line.
        theirs, ours = os.pipe()
        if ours < theirs:  # another thread closed a descriptor between the two
            lower, ours = ours, fcntl.fcntl(ours, fcntl.F_DUPFD_CLOEXEC, theirs)
            os.close(lower)
        return Lifeline(theirs, ours)

    def close(self) -> None:
        """Let go without a signal: nobody is left who reads it when its writing end closes."""
        os.close(self.theirs)
        os.close(self.ours)


def _start(
    plugin: Plugin,
    python: Path,
    environment: dict[str, str],
    bounds: Bounds,
    line: Lifeline,
    portable: bool,
) -> subprocess.Popen[bytes]:
    """The process under its bounds; set from outside where the system allows that."""
    outside = process.outside(portable)
    argv = [str(python), launcher.__file__, str(line.theirs), str(plugin.folder / MAIN_NAME)]
    if outside:
        argv.append(f"host={os.getpid()}")
    else:
        limits = ",".join(f"{kind}:{most}" for kind, most in bounds.limits.items())
        argv += ["portable=1", f"limits={limits}"]
    fence = process.fence(bounds.writable) if bounds.sandboxed else None
    try:
        passed = (line.theirs,) if fence is None else (line.theirs, fence)
        started = process.start(
            argv if fence is None else [*argv, f"fence={fence}"],
            env=environment,
            cwd=plugin.folder,
            stdin=subprocess.PIPE,
            pass_fds=passed,
        )
    finally:
        if fence is not None:
            os.close(fence)
    if outside:
        process.arm_lifeline(line.theirs, started)
        process.limit(started, bounds.limits)
    return started
