"""Which process of which machine this is, as jobs carry it, so that the jobs of the dead are known."""

import hashlib
import os
import socket

PROC = "/proc"


def _machine():
    """A word for this machine and its space of process ids; tells nothing about it."""
    try:
        space = os.readlink(f"{PROC}/self/ns/pid")
    except OSError:
        space = ""
    return hashlib.sha256(f"{socket.gethostname()} {space}".encode()).hexdigest()[:16]


def _started(pid):
    """When the process began, in the kernel's own count, or None where that is not told.

    Source: proc_pid_stat(5), field 22; the second one may hold blanks and brackets.
    """
    try:
        with open(f"{PROC}/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[19].decode()
    except (OSError, IndexError):
        return None


THIS_PROCESS = {"machine": _machine(), "pid": os.getpid(), "started": _started(os.getpid())}


def is_here(mark):
    """Whether a job's mark is of a process of this machine."""
    return mark.get("machine") == THIS_PROCESS["machine"]


def is_gone(mark):
    """Whether the process of a job's mark, one of this machine, has ended."""
    pid = mark.get("pid")
    if not isinstance(pid, int) or pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False  # another user's, and alive
    return _started(pid) != mark.get("started")  # its number may be another's by now
