"""Runs in the plugin's process before its code: ties its life to the host's, then is main.py.

    python launcher.py LIFELINE_FD MAIN

The lifeline is the reading end of a pipe that only the host holds open for writing, and nothing is
ever written to it. When the host ends, however it ends, the kernel signals the whole process group
(F_SETOWN, F_SETSIG with SIGKILL), without a thread and also while C code holds the GIL. Where the
kernel has no F_SETSIG, a thread waits for the end of file instead.

Standard library only; no import that `python main.py` would not pay, but fcntl (a small C module).

Source: fcntl(2), "I/O signals".
"""

import fcntl
import os
import signal
import sys


def _tie(fd):
    os.set_inheritable(fd, False)
    if hasattr(fcntl, "F_SETSIG"):
        fcntl.fcntl(fd, fcntl.F_SETOWN, -os.getpgid(0))
        fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGKILL)
        flags = fcntl.fcntl(fd, fcntl.F_GETFL)
        fcntl.fcntl(fd, fcntl.F_SETFL, flags | os.O_ASYNC | os.O_NONBLOCK)
        try:
            if os.read(fd, 1) == b"":  # the host was gone before the tie was made
                os.killpg(0, signal.SIGKILL)
        except BlockingIOError:
            pass
    else:
        import threading

        threading.Thread(target=_wait, args=(fd,), daemon=True).start()


def _wait(fd):
    os.read(fd, 1)
    os.killpg(0, signal.SIGKILL)


def _become(main):
    """What `python main.py` in its own folder is: __main__, __file__, sys.argv, sys.path[0]."""
    with open(main, "rb") as file:
        code = compile(file.read(), main, "exec")
    sys.argv[:] = [main]
    sys.path[0] = os.path.dirname(main)
    module = sys.modules["__main__"]
    names = module.__dict__
    for name in [n for n in names if n != "__builtins__"]:
        del names[name]
    names.update(
        __name__="__main__",
        __file__=main,
        __doc__=None,
        __package__=None,
        __loader__=None,
        __spec__=None,
        __cached__=None,
    )
    exec(code, names)


_tie(int(sys.argv[1]))
_become(sys.argv[2])
