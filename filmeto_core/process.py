"""The only place that starts a process: argument lists, own group, every wait bounded.

What a plugin's life needs beyond this (readiness, the lifeline, the tree's end) is the plugin
host's; short-lived programs (ffmpeg, uv) are run with `run`.
"""

import asyncio
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from filmeto_core.settings import inherited_environment

PIPE = subprocess.PIPE
POLL_S = 0.05  # how soon a cancelled program is seen; a person does not notice it
STDERR_TAIL_BYTES = 8192


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


def signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    """Signal the program's group, unless it was reaped: its id may be another's then."""
    if process.returncode is None:
        try:
            os.killpg(process.pid, number)
        except (ProcessLookupError, PermissionError):
            pass


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """End the program and its group at once, and reap it."""
    signal_group(process, signal.SIGKILL)
    process.wait()


def when_exited(
    process: subprocess.Popen[bytes], loop: asyncio.AbstractEventLoop, call: Callable[[], None]
) -> Callable[[], None]:
    """Have `call` run in the loop once the program ended, before it is reaped.

    Returns:
        What ends the watch; call it once, after the end was seen.
    """
    if not hasattr(os, "pidfd_open"):
        return _when_exited_by_polling(process, loop, call)
    descriptor = os.pidfd_open(process.pid)

    def forget() -> None:
        loop.remove_reader(descriptor)
        os.close(descriptor)

    loop.add_reader(descriptor, call)
    return forget


def _when_exited_by_polling(process, loop, call) -> Callable[[], None]:
    def look() -> None:
        if os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
            loop.call_later(POLL_S, look)
        else:
            call()

    loop.call_soon(look)
    return lambda: None


def kill_marked(variable: str, value: str) -> None:
    """End every process whose environment has this variable at this value.

    A child that called setsid is in no group of ours any more; its environment still tells.
    """
    marker = f"{variable}={value}".encode()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if marker in (entry / "environ").read_bytes().split(b"\0"):
                os.kill(int(entry.name), signal.SIGKILL)
        except OSError:
            continue  # gone meanwhile, or another user's


def run(
    argv: list[str],
    *,
    feed: Iterable[bytes] | None = None,
    timeout_s: float | None = None,
    cancelled: threading.Event | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    on_stdout: Callable[[bytes], None] | None = None,
) -> Finished:
    """Run a program to its end; never leaves it behind, whatever is raised here.

    Args:
        argv: Program and arguments.
        feed: Pieces written to its stdin, drawn as it takes them.
        timeout_s: The longest it may run, None for no limit.
        cancelled: Once set, the program is killed and `Interrupted` raised.
        on_stdout: Gets stdout piece by piece (from another thread); otherwise it is collected.

    Raises:
        Interrupted: `cancelled` was set.
        subprocess.TimeoutExpired: It ran past `timeout_s`.
    """
    with tempfile.TemporaryFile() as errors:
        process = start(
            argv,
            env=env,
            cwd=cwd,
            stdin=subprocess.PIPE if feed is not None else subprocess.DEVNULL,
            stderr=errors,
        )
        collected: list[bytes] = []
        take = on_stdout or collected.append
        reader = threading.Thread(target=_drain, args=(process.stdout, take), daemon=True)
        writer = threading.Thread(target=_feed, args=(process.stdin, feed), daemon=True)
        try:
            reader.start()
            if feed is not None:
                writer.start()
            _wait(process, reader, argv, timeout_s, cancelled)
        finally:
            kill_group(process)
            reader.join()
            process.stdout.close()
            if feed is not None:
                writer.join()
        size = errors.seek(0, os.SEEK_END)
        errors.seek(max(0, size - STDERR_TAIL_BYTES))
        tail = errors.read().decode("utf-8", "replace")
    return Finished(process.returncode, b"".join(collected), tail)


class Interrupted(Exception):
    """The program was ended because its caller gave up."""


def _wait(process, reader, argv, timeout_s, cancelled) -> None:
    end = None if timeout_s is None else time.monotonic() + timeout_s
    while process.poll() is None:
        # The program's end closes its stdout, which is seen at once; polling alone would add up
        # to POLL_S to each of hundreds of short runs.
        reader.join(POLL_S)
        if not reader.is_alive():
            try:
                process.wait(POLL_S if cancelled is not None or end is not None else None)
            except subprocess.TimeoutExpired:
                pass
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
