"""What runs in the guard's process: waits until the host is gone, then ends what carries its mark.

Run as `python guard_process.py HOST_PID NAME=VALUE`, or with "stdin" for the number, where the end
of that tells of the host's; standard library only, and no more of it than waiting takes until the
host is gone.
"""

import os
import select
import sys


def wait_for_end(host: int) -> None:
    """Wait until this process's parent, of that number, has ended.

    Source: pidfd_open(2): a descriptor of a process is readable once it has ended.
    """
    try:
        watch = os.pidfd_open(host)
    except ProcessLookupError:
        return
    if os.getppid() != host:  # it had ended before, and the number is another's
        return
    poller = select.poll()
    poller.register(watch, select.POLLIN)
    poller.poll()


def end_marked(mark: str, portable: bool) -> None:
    """SIGKILL every process with the mark in its environment."""
    # Last on the path: the standard library's own names go before those of its neighbours.
    sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    if portable:
        import process_portable

        process_portable.kill_marked(mark)
    else:
        import process_linux

        process_linux.kill_marked(mark.encode())


if __name__ == "__main__":
    portable = sys.argv[1] == "stdin"
    if portable:
        os.read(0, 1)
    else:
        wait_for_end(int(sys.argv[1]))
    end_marked(sys.argv[2], portable)
