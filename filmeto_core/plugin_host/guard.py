"""Ends what the plugins of a killed host leave behind: one small process a host waits for its end.

When a host is killed, the kernel kills its plugins' groups (see `spawn`). A child that had left its
group, by setsid, is then nobody's, and so is an installer. The guard finds them by a variable that
the host gave to all that it started. It costs a call nothing, and is ended with the host's plugins.
"""

import os
import subprocess
import sys

from filmeto_core import process
from filmeto_core.plugin_host import guard_process


class Guard:
    """The guard of this process's plugins, from its making to its `close`.

    Args:
        portable: Whether it goes without what Linux alone has: it then waits for the end of its
            stdin, which is this process's to write to.
    """

    def __init__(self, portable: bool = False) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        outside = process.outside(portable)
        # Isolated and without site-packages: it is up in 10 ms and imports nothing of the user's.
        argv = [sys.executable, "-I", "-S", guard_process.__file__]
        argv += [str(os.getpid()) if outside else "stdin"]
        argv += [f"{process.HOST_MARKER}={process.host_mark()}"]
        pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        if not outside:
            pipes["stdin"] = subprocess.PIPE
        try:
            self._process = process.start(argv, env={}, **pipes)
        except OSError:  # no room for one more process; the next start clears up then
            return

    def close(self) -> None:
        """End it."""
        if self._process is not None:
            process.kill_group(self._process)
            if self._process.stdin is not None:
                self._process.stdin.close()
            self._process = None
