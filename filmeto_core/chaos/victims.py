"""Finds, in /proc, the processes of one film, and kills those that are to be killed."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from filmeto_core.plugin_host.temporary import MARKER

GONE_S = 5.0  # the longest that an end may take to be seen everywhere
LOOK_S = 0.02


def processes_of(folder: Path) -> dict[int, bytes]:
    """The processes whose environment names something in the folder, with that environment."""
    wanted, found = os.fsencode(folder) + b"/", {}
    for pid, environment in _environments():
        if wanted in environment:
            found[pid] = environment
    return found


def plugins_of(folder: Path) -> list[int]:
    """The plugins' processes of a film (its folder); what they started themselves included."""
    mark = MARKER.encode() + b"="
    return [pid for pid, env in processes_of(folder).items() if mark in env]


def owner_of(port: int, pids: list[int]) -> int | None:
    """Which of the processes speaks from this TCP port.

    Source: proc_pid_net(5): inode numbers of sockets; the descriptors of a process name them.
    """
    socket = _socket(port)
    for pid in pids if socket else ():
        with suppress(OSError):
            for name in os.listdir(f"/proc/{pid}/fd"):
                if os.readlink(f"/proc/{pid}/fd/{name}") == socket:
                    return pid
    return None


def server_of(prefect_home: Path) -> int | None:
    """The living Prefect server of that PREFECT_HOME."""
    try:
        pid = int((prefect_home / "server.pid").read_text())
        environment = Path(f"/proc/{pid}/environ").read_bytes()
    except (OSError, ValueError):
        return None
    return pid if b"PREFECT_HOME=" + os.fsencode(prefect_home) in environment else None


def kill(pid: int) -> bool:
    """SIGKILL; whether it was there."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        return True
    return False


def end_all(folder: Path, spared: set[int] = frozenset()) -> None:
    """End whatever still runs of a film."""
    for _ in range(5):
        found = [pid for pid in processes_of(folder) if pid not in spared]
        for pid in found:
            kill(pid)
        if not found:
            return
        time.sleep(LOOK_S)


def left_running(folder: Path, spared: set[int]) -> list[str]:
    """The command lines of a film's processes that do not end of themselves."""
    end = time.monotonic() + GONE_S
    while True:
        left = [pid for pid in processes_of(folder) if pid not in spared]
        if not left or time.monotonic() > end:
            return [_command(pid) for pid in left]
        time.sleep(LOOK_S)


def _environments() -> Iterator[tuple[int, bytes]]:
    own = os.getpid()
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != own:
            try:
                with open(f"/proc/{name}/environ", "rb", buffering=0) as file:
                    yield int(name), file.readall() or b""
            except OSError:  # it ended, or is another user's
                continue


def _socket(port: int) -> str | None:
    with suppress(OSError):
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
            fields = line.split()
            if int(fields[1].rpartition(":")[2], 16) == port and fields[9] != "0":
                return f"socket:[{fields[9]}]"
    return None


def _command(pid: int) -> str:
    try:
        told = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return f"process {pid}"
    return f"process {pid}: {told.replace(bytes(1), b' ').decode('utf-8', 'replace').strip()[:200]}"
