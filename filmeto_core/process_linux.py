"""What Linux alone has for processes: exits told by a descriptor, trees found by a marker.

`process` chooses between these and its portable ways; nothing else imports this module.
"""

import os
import select
import signal

SWEEPS = 5  # a tree that still grows after so many is forking faster than it can be ended


def wait_exited(pid: int, timeout_s: float | None) -> bool:
    """Wait until the child has ended, without reaping it; False when the time is up.

    Source: pidfd_open(2): the descriptor is readable once the process has ended.
    """
    watch = os.pidfd_open(pid)
    try:
        poller = select.poll()
        poller.register(watch, select.POLLIN)
        return bool(poller.poll(None if timeout_s is None else timeout_s * 1000))
    finally:
        os.close(watch)


def kill_marked(marker: bytes) -> int:
    """SIGKILL every process whose environment holds `marker` (NAME=VALUE); how many there were.

    Source: proc_pid_environ(5). A descriptor of the process, and its environment read again,
    rule out that the number has gone to another process meanwhile.
    """
    killed = 0
    for _ in range(SWEEPS):
        found = [pid for pid in _processes() if _is_marked(pid, marker)]
        killed += sum(_kill(pid, marker) for pid in found)
        if not found:
            break
    return killed


def find_marked(marker: bytes) -> dict[int, str]:
    """The processes whose environment holds `marker` (NAME=VALUE), with their command lines."""
    return {pid: _command(pid) for pid in _processes() if _is_marked(pid, marker)}


def _command(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/cmdline", "rb", buffering=0) as file:
            return (file.readall() or b"").replace(b"\0", b" ").decode("utf-8", "replace").strip()
    except OSError:
        return ""


def _processes() -> list[int]:
    own = os.getpid()
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != own]


def _is_marked(pid: int, marker: bytes) -> bool:
    try:
        with open(f"/proc/{pid}/environ", "rb", buffering=0) as file:
            return marker in (file.readall() or b"").split(b"\0")
    except OSError:  # it ended, or belongs to someone else
        return False


def _kill(pid: int, marker: bytes) -> bool:
    try:
        watch = os.pidfd_open(pid)
    except OSError:
        return False
    try:
        if not _is_marked(pid, marker):
            return False
        signal.pidfd_send_signal(watch, signal.SIGKILL)
        poller = select.poll()
        poller.register(watch, select.POLLIN)
        poller.poll(1000)  # a killed process is gone in far less, unless the kernel holds it
        return True
    except OSError:
        return False
    finally:
        os.close(watch)
