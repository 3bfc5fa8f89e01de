"""What Linux alone has for processes: exits told by a descriptor, trees found by a marker.

`process` chooses between these and its portable ways; nothing else imports this module.
"""

import os
import select
import signal
from collections.abc import Iterable

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
OOM_COUNTS = ("/proc/vmstat", "/sys/fs/cgroup/memory.events")
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


def identity(pid: int) -> str:
    """What tells a living process from any other, in other containers and at other times too.

    Source: proc_pid_stat(5), the start time; pid_namespaces(7).
    """
    try:
        with open(f"/proc/{pid}/stat", "rb", buffering=0) as file:
            started = file.readall().rpartition(b")")[2].split()[19].decode()
        namespace = os.stat(f"/proc/{pid}/ns/pid").st_ino
    except (OSError, IndexError):
        return ""
    return f"{namespace}-{pid}-{started}"


def tree_usage(pids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """For each process: how many its tree has, and the bytes that they share with no file.

    Source: proc_pid_stat(5), proc_pid_statm(5). Who was orphaned has left the tree.
    """
    children: dict[int, list[int]] = {}
    for pid in _processes():
        children.setdefault(_parent(pid), []).append(pid)
    return {pid: _tree(pid, children) for pid in pids}


def _parent(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/stat", "rb", buffering=0) as file:
            return int(file.readall().rpartition(b")")[2].split()[1])
    except (OSError, ValueError):
        return 0


def _tree(pid: int, children: dict[int, list[int]]) -> tuple[int, int]:
    found, waiting, pages = 0, [pid], 0
    while waiting:
        one = waiting.pop()
        waiting.extend(children.get(one, ()))
        try:
            with open(f"/proc/{one}/statm", "rb", buffering=0) as file:
                _, resident, shared, *_ = map(int, file.read().split())
        except (OSError, ValueError):  # it ended meanwhile
            continue
        found, pages = found + 1, pages + resident - shared
    return found, pages * PAGE_BYTES


def oom_kills() -> int:
    """How many processes the kernel has ended for want of memory since it started.

    Source: proc_vmstat(5), and memory.events of cgroup v2 where this process is confined by one.
    """
    return sum(_counted(path, b"oom_kill") for path in OOM_COUNTS)


def _counted(path: str, name: bytes) -> int:
    try:
        with open(path, "rb", buffering=0) as file:
            for line in file.readall().splitlines():
                word, _, value = line.partition(b" ")
                if word == name:
                    return int(value)
    except (OSError, ValueError):
        pass
    return 0
