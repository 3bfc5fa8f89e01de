"""What processes take of the machine: how many they are, their memory, and kills for want of it.

What Linux alone has stands in `process_linux`; other systems are asked with ps(1).
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass

from filmeto_core.process import PS_TIMEOUT_S, run

if sys.platform == "linux":
    from filmeto_core import process_linux as system
else:
    system = None


@dataclass(frozen=True)
class Usage:
    """What a process and all under it take: how many they are, and bytes of memory."""

    processes: int
    memory_bytes: int


def usage_of(pids: Iterable[int], portable: bool = False) -> dict[int, Usage]:
    """What the tree under each of these processes takes; those that ended take nothing.

    Memory that is shared with files (mapped weights) does not count where that can be told apart.
    Blocks where a program must be asked, so run it in a thread.
    """
    if system is not None and not portable:
        return {pid: Usage(*told) for pid, told in system.tree_usage(pids).items()}
    rows: dict[int, tuple[int, int]] = {}
    asked = run(["ps", "-A", "-o", "pid=,ppid=,rss="], env={}, timeout_s=PS_TIMEOUT_S)
    for line in asked.stdout.splitlines():
        pid, parent, kib = map(int, line.split())
        rows[pid] = (parent, kib * 1024)
    children: dict[int, list[int]] = {}
    for pid, (parent, _) in rows.items():
        children.setdefault(parent, []).append(pid)
    return {pid: _tree(pid, rows, children) for pid in pids}


def _tree(pid: int, rows: dict[int, tuple[int, int]], children: dict[int, list[int]]) -> Usage:
    found, waiting = [], [pid] if pid in rows else []
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting.extend(children.get(one, ()))
    return Usage(len(found), sum(rows[one][1] for one in found))


def oom_kills() -> int:
    """How many processes the kernel ended for want of memory so far; 0 where it does not tell."""
    return system.oom_kills() if system is not None else 0
