"""Starts a plugin's process: its command line, its environment, its pipes, its lifeline."""

import fcntl
import os
import subprocess
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from filmeto_core import plugin_sdk, process
from filmeto_core.plugin_host import launcher
from filmeto_core.plugin_host.discovery import MAIN_NAME, Plugin
from filmeto_core.settings import inherited_environment

MARKER = "FILMETO_PLUGIN_PROCESS"  # by it the whole tree is found, also what left the group


@dataclass
class Spawned:
    """A running process and the host's ends of its pipes, none of which blocks.

    Args:
        process: In a session of its own.
        stdin, stdout, stderr: Descriptors.
        lifeline: Both ends, held open; when the host ends, the kernel kills the group.
        marker: The value of MARKER in the environment of the whole tree.
    """

    process: subprocess.Popen[bytes]
    stdin: int
    stdout: int
    stderr: int
    lifeline: tuple[int, int]
    marker: str

    def close_lifeline(self) -> None:
        """Let it go without a signal: nobody is left who reads it when its writing end closes."""
        for end in self.lifeline:
            os.close(end)


def plugin_environment(
    plugin: Plugin, marker: str, extra: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The variables that the plugin's process sees: an allow-list and what its manifest names."""
    manifest = plugin.manifest
    return {
        **inherited_environment((*manifest.environment, *manifest.requirements.environment)),
        "PYTHONPATH": str(Path(plugin_sdk.__file__).parent),
        "PYTHONUTF8": "1",
        **(extra or {}),
        MARKER: marker,
        process.HOST_MARKER: process.host_mark(),
    }


def spawn(
    plugin: Plugin, python: Path, *, extra_environment: Mapping[str, str] | None = None
) -> Spawned:
    """Start the plugin's main.py with the interpreter of its environment.

    Args:
        plugin: Whose process.
        python: The interpreter.
        extra_environment: Variables that the host sets for this process.

    Raises:
        OSError: It could not be started.
    """
    marker = uuid.uuid4().hex
    # Both ends stay open here. When the host ends, the kernel closes the last-numbered descriptor
    # first (task_work is last in, first out, since Linux 4.4), so that the writing end goes while
    # the reading end still stands, and the whole group is signalled; also where the plugin itself
    # went a moment earlier, or has closed the line.
    theirs, ours = os.pipe()
    if ours < theirs:  # another thread closed a descriptor between the two
        lower, ours = ours, fcntl.fcntl(ours, fcntl.F_DUPFD_CLOEXEC, theirs)
        os.close(lower)
    try:
        argv = [str(python), launcher.__file__, str(theirs), str(plugin.folder / MAIN_NAME)]
        started = process.start(
            argv,
            env=plugin_environment(plugin, marker, extra_environment),
            cwd=plugin.folder,
            stdin=subprocess.PIPE,
            pass_fds=(theirs,),
        )
    except BaseException:
        os.close(theirs)
        os.close(ours)
        raise
    # The descriptors are the host's own from here, so that Popen's files never close them.
    ends = [os.dup(pipe.fileno()) for pipe in (started.stdin, started.stdout, started.stderr)]
    for pipe in (started.stdin, started.stdout, started.stderr):
        pipe.close()
    for end in ends:
        os.set_blocking(end, False)
    return Spawned(started, *ends, (theirs, ours), marker)
