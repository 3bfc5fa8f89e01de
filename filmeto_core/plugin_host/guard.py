"""Ends what the plugins of a killed host leave behind: one small process a host waits for its end.

When a host is killed, the kernel kills its plugins' groups (see `spawn`). A child that had left its
group, by setsid, is then nobody's, and so is an installer. The guard finds them by a variable that
the host gave to all that it started. It costs a call nothing, and is ended with the host's plugins;
elsewhere than on Linux there is none.
"""

import os
import subprocess
import sys

from filmeto_core import process
from filmeto_core.plugin_host import guard_process


class Guard:
    """The guard of this process's plugins, from its making to its `close`."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        mark = process.host_mark()
        if not mark:
            return
        # Isolated and without site-packages: it is up in 10 ms and imports nothing of the user's.
        argv = [sys.executable, "-I", "-S", guard_process.__file__]
        argv += [str(os.getpid()), f"{process.HOST_MARKER}={mark}"]
        try:
            self._process = process.start(
                argv, env={}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        except OSError:  # no room for one more process; the next start clears up then
            return

    def close(self) -> None:
        """End it."""
        if self._process is not None:
            process.kill_group(self._process)
            self._process = None
