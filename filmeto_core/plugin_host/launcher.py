"""What runs in a plugin's process before its own code: ties it to the host, then becomes main.py.

Run as `python launcher.py LIFELINE_FD MAIN_PY`; standard library only, and as little of it as will
do, because a plugin's start-up is paid at every spawn. When the host is gone, however it went, the
kernel closes the lifeline's other end and the whole group is killed. The plugin's code then sees
what `python main.py` in its own folder would have: cwd, sys.argv, sys.path[0], __file__, __name__.
"""

import os
import sys

PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
SIGKILL = 9  # on every system; importing signal costs half a start-up
F_SETSIG = 10  # fcntl.h on Linux; Python 3.11's fcntl does not name it


def tie_to_host(lifeline: int) -> None:
    """Have the group killed once nothing holds the lifeline's other end.

    Source: fcntl(2), "File and directory change notification" and F_SETSIG: the kernel itself
    sends the signal, so that it works while the plugin is busy in C and costs no thread.
    """
    os.set_inheritable(lifeline, False)
    if sys.platform != "linux":
        _watch_by_thread(lifeline)
        return
    import fcntl

    fcntl.fcntl(lifeline, fcntl.F_SETOWN, -os.getpgrp())
    fcntl.fcntl(lifeline, F_SETSIG, SIGKILL)
    flags = fcntl.fcntl(lifeline, fcntl.F_GETFL)
    fcntl.fcntl(lifeline, fcntl.F_SETFL, flags | os.O_ASYNC | os.O_NONBLOCK)
    _prctl(PR_SET_PDEATHSIG, SIGKILL)
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    try:
        os.read(lifeline, 1)  # the host may have gone before the line was armed
    except BlockingIOError:
        return
    os.killpg(0, SIGKILL)


def _prctl(option: int, value: int) -> None:
    try:
        import _ctypes  # a fifth of what importing ctypes takes

        address = _ctypes.dlsym(_ctypes.dlopen(None, 0), "prctl")
        _ctypes.call_function(address, (option, value, 0, 0, 0))
    except (ImportError, AttributeError, OSError):
        import ctypes

        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _watch_by_thread(lifeline: int) -> None:
    import _thread

    def wait() -> None:
        os.read(lifeline, 1)
        os.killpg(0, SIGKILL)

    _thread.start_new_thread(wait, ())


def become(script: str) -> None:
    """Run the script as the interpreter would have, given its name in its own folder."""
    folder, name = os.path.split(script)
    sys.argv[:] = [name]
    sys.path[0] = folder
    main = type(sys)("__main__")
    main.__dict__.update(__file__=script, __builtins__=__builtins__, __cached__=None)
    sys.modules["__main__"] = main
    with open(script, "rb") as file:
        source = file.read()
    exec(compile(source, script, "exec", dont_inherit=True), main.__dict__)


if __name__ == "__main__":
    tie_to_host(int(sys.argv[1]))
    become(sys.argv[2])
