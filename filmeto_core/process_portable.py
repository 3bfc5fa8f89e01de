"""What any system with `ps` has for processes: trees found by a marker. Standard library only.

`process` chooses between these and `process_linux`'s; a host's guard uses them by itself.
"""

import os
import shutil
import signal
import subprocess
import sys
import time

SWEEPS = 4  # a tree that still grows after so many forks faster than `ps` can list it
PAUSE_S = 0.01  # for the killed to go, or they would be found again
PS_TIMEOUT_S = 5.0


def kill_marked(marker: str) -> int:
    """SIGKILL every process whose environment holds `marker` (NAME=VALUE); how many there were.

    A number is signalled at once after it was listed; that it goes to another process in between
    cannot be ruled out here, as it can on Linux.
    """
    killed: set[int] = set()
    for _ in range(SWEEPS):
        found = _marked(marker)
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                continue
            killed.add(pid)
        if not found:
            break
        time.sleep(PAUSE_S)
    return len(killed)


def _marked(marker: str) -> list[int]:
    """The processes that `ps` shows with this variable.

    Source: ps(1) of procps, whose `e` shows the environment behind the command, and of macOS, where
    that is `-E`, and where it shows the user's own programs alone.
    """
    program = shutil.which("ps", path="/bin:/usr/bin")
    if program is None:  # a system without it: the group is all that can be ended
        return []
    argv = [program, "-axEww" if sys.platform == "darwin" else "axeww", "-o", "pid=,command="]
    try:
        done = subprocess.run(argv, env={}, capture_output=True, timeout=PS_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return []
    lines = (line.split() for line in done.stdout.decode("utf-8", "replace").splitlines())
    own = os.getpid()
    return [int(words[0]) for words in lines if marker in words and int(words[0]) != own]
