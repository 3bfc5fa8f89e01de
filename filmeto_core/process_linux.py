"""What Linux alone has for processes: exits told by a descriptor, trees found by a marker, limits set
from outside, Landlock.

`process` chooses between these and its portable ways; nothing else imports this module.
"""

import ctypes
import errno
import fcntl
import functools
import os
import resource
import select
import signal
import stat
import struct
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

F_SETSIG = 10  # fcntl.h; Python 3.11's fcntl does not name it
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
OOM_COUNTS = ("/proc/vmstat", "/sys/fs/cgroup/memory.events")
SWEEPS = 5  # a tree that still grows after so many is forking faster than it can be ended

# linux/landlock.h; the numbers of the calls are the same on every architecture but Alpha.
CREATE_RULESET, ADD_RULE = 444, 445
CREATE_RULESET_VERSION, RULE_PATH_BENEATH = 1, 1
WRITE_FILE, TRUNCATE, IOCTL_DEV = 1 << 1, 1 << 14, 1 << 15
REMOVE_DIR, REMOVE_FILE, REFER = 1 << 4, 1 << 5, 1 << 13
MAKE = sum(1 << bit for bit in range(6, 13))  # char, dir, reg, sock, fifo, block, sym
ON_FILES = WRITE_FILE | TRUNCATE | IOCTL_DEV  # what a rule for one file may name
SCOPE_SIGNAL = 1 << 1


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


def limit(pid: int, limits: Mapping[int, int]) -> None:
    """Set a child's limits, soft and hard.

    Source: prlimit(2).
    """
    for kind, most in limits.items():
        resource.prlimit(pid, kind, (most, most))


def arm_lifeline(reading_end: int, pid: int) -> None:
    """SIGKILL the child's group, of the same number, once the pipe's writing end is closed.

    The kernel itself sends the signal, so that it comes while the child is busy in C or stopped, and
    costs no thread.

    Source: fcntl(2), "File and directory change notification" and F_SETSIG.
    """
    fcntl.fcntl(reading_end, fcntl.F_SETOWN, -pid)
    fcntl.fcntl(reading_end, F_SETSIG, signal.SIGKILL)
    flags = fcntl.fcntl(reading_end, fcntl.F_GETFL)
    fcntl.fcntl(reading_end, fcntl.F_SETFL, flags | os.O_ASYNC | os.O_NONBLOCK)


@functools.cache
def fence_version() -> int:
    """The version of the kernel's Landlock; 0 where it has none, or none is switched on.

    Source: landlock_create_ruleset(2); the kernel's userspace-api/landlock.
    """
    try:
        return max(0, _call(CREATE_RULESET, None, 0, CREATE_RULESET_VERSION))
    except OSError:
        return 0


def fence(writable: Iterable[Path]) -> int:
    """A Landlock ruleset under which nothing else can be written.

    What each version can keep out: 1 to write, make and remove; 2 lets a file move between two
    writable folders; 3 truncating by name; 5 commands to devices; 6 signals to the outside.

    Args:
        writable: Folders and files; those that are not there are left out.

    Returns:
        A descriptor, to be passed to landlock_restrict_self(2) and closed.
    """
    version = fence_version()
    handled = WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE
    for since, right in ((2, REFER), (3, TRUNCATE), (5, IOCTL_DEV)):
        handled |= right if version >= since else 0
    attributes = struct.pack("=Q", handled)
    if version >= 6:
        attributes = struct.pack("=QQQ", handled, 0, SCOPE_SIGNAL)
    ruleset = _call(CREATE_RULESET, attributes, len(attributes), 0)
    try:
        for path in writable:
            _allow(ruleset, path, handled)
    except BaseException:
        os.close(ruleset)
        raise
    return ruleset


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= ON_FILES
        rule = struct.pack("=Qi", rights, place)
        _call(ADD_RULE, ruleset, RULE_PATH_BENEATH, rule, 0)
    finally:
        os.close(place)


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _call(number: int, *arguments: int | bytes | None) -> int:
    """A system call that glibc has no function for."""
    given = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    result = _libc().syscall(ctypes.c_long(number), *given)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"landlock: {os.strerror(number or errno.EINVAL)}")
    return result


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
    return {pid: command_of(pid) for pid in _processes() if _is_marked(pid, marker)}


def command_of(pid: int) -> str:
    """The command line of a process; "" where it ended or belongs to the kernel."""
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

    Source: proc_pid_stat(5), the state and the start time; pid_namespaces(7).
    """
    try:
        with open(f"/proc/{pid}/stat", "rb", buffering=0) as file:
            fields = file.readall().rpartition(b")")[2].split()
        if fields[0] in (b"Z", b"X"):
            return ""
        started = fields[19].decode()
        namespace = os.stat(f"/proc/{pid}/ns/pid").st_ino
    except (OSError, IndexError):
        return ""
    return f"{namespace}-{pid}-{started}"


def listener_of(port: int) -> int | None:
    """The process that listens on a TCP port; None also where it belongs to another user.

    Source: proc_pid_net(5), the state 0A and the inode; the descriptors of a process name it.
    """
    sockets = {f"socket:[{inode}]" for inode in _listening(port)}
    for pid in [os.getpid(), *_processes()] if sockets else ():
        try:
            for name in os.listdir(f"/proc/{pid}/fd"):
                if os.readlink(f"/proc/{pid}/fd/{name}") in sockets:
                    return pid
        except OSError:  # it ended, closed it, or belongs to someone else
            continue
    return None


def _listening(port: int) -> Iterator[str]:
    for table in ("tcp", "tcp6"):
        try:
            with open(f"/proc/self/net/{table}", "rb", buffering=0) as file:
                rows = file.readall().decode("ascii").splitlines()[1:]
        except OSError:
            continue
        for fields in map(str.split, rows):
            if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                yield fields[9]


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
