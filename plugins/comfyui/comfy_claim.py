"""Who watches over a job: a claim that one process of this machine holds, until it lets go or dies.

Source: unix(7), "Abstract sockets": a name is its holder's alone, and free once the holder is gone,
however it went. Elsewhere than on Linux there are none; no job is taken for a dead one's there.
"""

import hashlib
import os
import socket
from pathlib import Path

PROC = Path("/proc")


def _machine():
    """A word for the space in which claims count; it tells nothing of the machine. None: no claims."""
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text()
        return hashlib.sha256(f"{boot}{os.readlink(PROC / 'self/ns/net')}".encode()).hexdigest()[
            :16
        ]
    except OSError:
        return None


MACHINE = _machine()


def claim(name):
    """Hold the claim to a job; returns a socket to be closed in the end, None if another holds it.

    Args:
        name: The job's, the same for all who may claim it.
    """
    held = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        if MACHINE is not None:
            held.bind(f"\0filmeto-comfyui-{name}")
    except OSError:
        held.close()
        return None
    return held
