"""The only place that starts a process: argument lists, own group, every wait bounded.

What a plugin's life needs beyond this (readiness, the wire) is the plugin host's; short-lived
programs (ffmpeg, uv) are run with `run`. A process number is only ever signalled while its process
is not reaped, so that it cannot have gone to another one.

What Linux alone has stands in `process_linux`. Functions with `portable` do without it when that is
true, as they do on other systems (`process_portable`).
"""

import contextlib
import functools
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from filmeto_core import process_portable
from filmeto_core.settings import inherited_environment

if sys.platform == "linux":
    from filmeto_core import process_linux as system
else:
    system = None

POLL_S = 0.05  # how soon a cancelled program is seen; a person does not notice it
HOST_MARKER = "FILMETO_HOST_PROCESS"  # in the environment of what must not outlive this process
EXIT_POLL_S = 0.01  # how soon an exit is seen where the system tells of none
STDERR_TAIL_BYTES = 8192
PS_TIMEOUT_S = 5.0


@dataclass(frozen=True)
class Finished:
    """How a program ended: its exit code (negative: the signal), its output, its last stderr."""

    returncode: int
    stdout: bytes
    stderr: str


def start(
    argv: list[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: int | IO[bytes] = subprocess.DEVNULL,
    stdout: int | IO[bytes] = subprocess.PIPE,
    stderr: int | IO[bytes] = subprocess.PIPE,
    pass_fds: tuple[int, ...] = (),
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own; the caller drains its pipes and ends it."""
    return subprocess.Popen(
        argv,
        env=dict(env) if env is not None else inherited_environment(),
        cwd=cwd,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        pass_fds=pass_fds,
        start_new_session=True,
        bufsize=0,
    )


def stand_back(process: subprocess.Popen[bytes], nice: int) -> None:
    """Let a program that was just started, and all that it will start, give way to others.

    Args:
        nice: How far, as nice(1) counts, on top of this process's own.
    """
    own = os.getpriority(os.PRIO_PROCESS, 0)
    with contextlib.suppress(ProcessLookupError):
        os.setpriority(os.PRIO_PGRP, process.pid, min(19, own + nice))


def has_exited(process: subprocess.Popen[bytes]) -> bool:
    """Whether the program has ended; it stays unreaped where the system allows that."""
    if process.returncode is not None:
        return True
    if not hasattr(os, "waitid"):  # macOS before Python 3.13
        return process.poll() is not None
    try:
        seen = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:  # someone else reaped it
        return True
    return seen is not None


def alive(pid: int) -> bool:
    """Whether a process of that number is there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def identity(pid: int) -> str:
    """What tells the living process of that number from any later one; "" where there is none.

    One that ended and was not reaped yet counts as none.
    """
    if system is not None:
        return system.identity(pid)
    asked = run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], env={}, timeout_s=PS_TIMEOUT_S)
    state, _, started = asked.stdout.decode().strip().partition(" ")
    return "" if not state or state.startswith("Z") else f"{pid}-{started.strip()}"


def command_of(pid: int) -> str:
    """The command line of a process; "" where it cannot be seen."""
    if system is not None:
        return system.command_of(pid)
    asked = run(["ps", "-o", "command=", "-p", str(pid)], env={}, timeout_s=PS_TIMEOUT_S)
    return asked.stdout.decode("utf-8", "replace").strip()


def listener_of(port: int) -> int | None:
    """The process that listens on a TCP port of this machine; None where that is not shown."""
    if system is not None:
        return system.listener_of(port)
    try:
        argv = ["lsof", "-nP", "-t", f"-iTCP:{port}", "-sTCP:LISTEN"]
        told = run(argv, env={}, timeout_s=PS_TIMEOUT_S).stdout.split()
    except OSError:  # there is no lsof
        return None
    return int(told[0]) if told else None


def wait_exited(process: subprocess.Popen[bytes], timeout_s: float | None = None) -> bool:
    """Wait for the program's end without reaping it; False when the time is up."""
    if process.returncode is not None or has_exited(process):
        return True
    if system is not None:
        return system.wait_exited(process.pid, timeout_s)
    end = None if timeout_s is None else time.monotonic() + timeout_s
    while not has_exited(process):
        if end is not None and time.monotonic() > end:
            return False
        time.sleep(EXIT_POLL_S)
    return True


def watch_exit(
    loop, process: subprocess.Popen[bytes], ended: Callable[[], None], portable: bool = False
) -> Callable:
    """Have the event loop call `ended` once, when the program has ended and is not yet reaped.

    Returns:
        A function that ends the watch, to be called from the loop's thread.
    """
    if system is not None and not portable:
        watch = os.pidfd_open(process.pid)

        def forget() -> None:
            nonlocal watch
            if watch >= 0:
                loop.remove_reader(watch)
                os.close(watch)
                watch = -1

        def seen() -> None:
            forget()
            ended()

        loop.add_reader(watch, seen)
        return forget

    timer = None

    def look() -> None:
        nonlocal timer
        if has_exited(process):
            ended()
        else:
            timer = loop.call_later(EXIT_POLL_S, look)

    look()
    return lambda: timer and timer.cancel()


def signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    """Send a signal to the program's group, unless the program was reaped."""
    if process.returncode is not None:
        return
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):  # all ended; macOS says so of zombies
        pass


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """End the program and its group at once, and reap it."""
    signal_group(process, signal.SIGKILL)
    process.wait()


def kill_marked(name: str, value: str, portable: bool = False) -> int:
    """End every process that carries the variable, also those that left their group.

    Returns:
        How many there were; 0 also where the system does not show other processes' variables.
    """
    marker = f"{name}={value}"
    if system is not None and not portable:
        return system.kill_marked(marker.encode())
    return process_portable.kill_marked(marker)


def limit(process: subprocess.Popen[bytes], limits: Mapping[int, int]) -> None:
    """Set what a child may take at most (resource.RLIMIT_...), soft and hard, from outside.

    Only where `outside` says so; elsewhere the child does it itself.
    """
    system.limit(process.pid, limits)


def outside(portable: bool = False) -> bool:
    """Whether this system lets a process set a child's limits and lifeline from outside."""
    return system is not None and not portable


def arm_lifeline(reading_end: int, process: subprocess.Popen[bytes]) -> None:
    """Have the kernel kill the child's group once the pipe's writing end is closed.

    Only where `outside` says so; elsewhere the child watches the pipe itself.
    """
    system.arm_lifeline(reading_end, process.pid)


def fence_version(portable: bool = False) -> int:
    """The version of the kernel's Landlock, with which a child is kept from writing; 0: none."""
    return system.fence_version() if system is not None and not portable else 0


def fence(writable: Sequence[Path]) -> int:
    """A descriptor of rules under which a child can write nothing but these folders and files.

    Only where `fence_version` is above 0. The caller passes it to the child, and closes it.
    """
    return system.fence(writable)


def host_mark() -> str:
    """This process, told from any other there was or will be."""
    return _mark_of(os.getpid())


@functools.cache
def _mark_of(pid: int) -> str:
    told = system.identity(pid) if system is not None else ""
    return told or f"{pid}-{uuid.uuid4().hex}"


def find_marked(name: str, value: str) -> dict[int, str]:
    """The processes that carry the variable: their numbers and command lines.

    Empty also where the system does not show other processes' variables.
    """
    return system.find_marked(f"{name}={value}".encode()) if system is not None else {}


def run(
    argv: list[str],
    *,
    feed: Iterable[bytes] | None = None,
    timeout_s: float | None = None,
    cancelled: threading.Event | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    on_stdout: Callable[[bytes], None] | None = None,
    on_stderr: Callable[[bytes], None] | None = None,
) -> Finished:
    """Run a program to its end; never leaves it behind, whatever is raised here.

    Args:
        argv: Program and arguments.
        feed: Pieces written to its stdin, drawn as it takes them.
        timeout_s: The longest it may run, None for no limit.
        cancelled: Once set, the program is killed and `Interrupted` raised.
        on_stdout: Gets stdout piece by piece (from another thread); otherwise it is collected.
        on_stderr: Gets stderr piece by piece as well (from another thread).

    Raises:
        Interrupted: `cancelled` was set.
        subprocess.TimeoutExpired: It ran past `timeout_s`.
    """
    with tempfile.TemporaryFile() as errors:
        process = start(
            argv,
            env={**(inherited_environment() if env is None else env), HOST_MARKER: host_mark()},
            cwd=cwd,
            stdin=subprocess.PIPE if feed is not None else subprocess.DEVNULL,
            stderr=subprocess.PIPE if on_stderr else errors,
        )
        collected: list[bytes] = []
        threads = [_thread(_drain, process.stdout, on_stdout or collected.append)]
        if on_stderr:
            threads.append(
                _thread(_drain, process.stderr, lambda p: (errors.write(p), on_stderr(p)))
            )
        if feed is not None:
            threads.append(_thread(_feed, process.stdin, feed))
        try:
            for thread in threads:
                thread.start()
            _wait(process, argv, timeout_s, cancelled)
        finally:
            kill_group(process)
            for thread in threads:
                thread.join()
            for pipe in (process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()
        size = errors.seek(0, os.SEEK_END)
        errors.seek(max(0, size - STDERR_TAIL_BYTES))
        tail = errors.read().decode("utf-8", "replace")
    return Finished(process.returncode, b"".join(collected), tail)


def _thread(work: Callable, *args: object) -> threading.Thread:
    return threading.Thread(target=work, args=args, daemon=True)


class Interrupted(Exception):
    """The program was ended because its caller gave up."""


def _wait(process, argv, timeout_s, cancelled) -> None:
    end = None if timeout_s is None else time.monotonic() + timeout_s
    while not wait_exited(process, POLL_S if cancelled is not None or end is not None else None):
        if cancelled is not None and cancelled.is_set():
            raise Interrupted(argv[0])
        if end is not None and time.monotonic() > end:
            raise subprocess.TimeoutExpired(argv, timeout_s)


def _drain(pipe: IO[bytes], take: Callable[[bytes], None]) -> None:
    while piece := pipe.read(65536):
        take(piece)


def _feed(pipe: IO[bytes], pieces: Iterable[bytes]) -> None:
    try:
        for piece in pieces:
            view = memoryview(piece)
            while view:
                view = view[pipe.write(view) :]
    except BrokenPipeError:
        pass  # it ended early; its exit code and stderr tell why
    finally:
        pipe.close()
