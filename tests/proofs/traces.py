"""What a plugin host could leave behind, read from /proc: the tests and proofs compare two looks.

Descriptors by kind, threads, processes and zombies, temporary files; and the most memory that this
process held meanwhile. Elsewhere than on Linux there is nothing to read, and nothing is compared.
"""

import os
import re
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

LINUX = sys.platform == "linux"
SETTLE_S = 5.0  # the longest that an end may take to be seen everywhere
MOMENT_S = 0.05  # longer than a look at /proc takes
POOLED = re.compile(r"asyncio_\d+|ThreadPoolExecutor-.*")  # kept by the executors, bounded by them


@dataclass(frozen=True)
class Traces:
    """One look.

    Args:
        descriptors: How many of each kind this process holds: pipe, socket, a file's path.
        threads: How many of each name, without those of thread pools.
        pooled: How many threads the pools hold.
        processes: Whose HOME is the one that was asked for.
        zombies: Children that ended and were not reaped.
        files: Below the folders that were asked for.
    """

    descriptors: Counter
    threads: Counter
    pooled: int
    processes: frozenset[int]
    zombies: frozenset[int]
    files: frozenset[str]

    @classmethod
    def look(cls, home: Path, folders: Iterable[Path] = ()) -> "Traces":
        """What is there now."""
        names = [thread.name for thread in threading.enumerate()]
        pooled = sum(POOLED.fullmatch(name) is not None for name in names)
        return cls(
            descriptors(),
            Counter(name for name in names if not POOLED.fullmatch(name)),
            pooled,
            frozenset(processes_of(home)),
            frozenset(zombies()),
            frozenset(str(p) for folder in folders for p in _files(folder) if not _lent(p, home)),
        )

    def beyond(self, before: "Traces") -> dict[str, object]:
        """What is here that was not there before; empty where nothing is."""
        more = {
            "descriptors": dict(self.descriptors - before.descriptors),
            "threads": dict(self.threads - before.threads),
            "processes": len(self.processes) - len(before.processes),
            "zombies": sorted(self.zombies - before.zombies),
            "files": sorted(self.files - before.files),
        }
        more["processes"] = max(0, more["processes"])
        return {name: value for name, value in more.items() if value}


def descriptors() -> Counter:
    """This process's descriptors by kind; not those that another thread held for one moment alone,
    as to list /proc."""
    once = _descriptors()
    time.sleep(MOMENT_S)
    return once & _descriptors()


def _descriptors() -> Counter:
    found: Counter = Counter()
    for name in os.listdir("/proc/self/fd") if LINUX else ():
        try:
            found[re.sub(r":\[\d+\]", "", os.readlink(f"/proc/self/fd/{name}"))] += 1
        except OSError:  # the one that lists them
            continue
    return found


def processes_of(home: Path) -> list[int]:
    """The processes whose HOME is this folder, as they were started, but for this one."""
    found, wanted = [], f"HOME={home}".encode()
    for pid in _numbers():
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                if wanted in file.read().split(b"\0") and pid != os.getpid():
                    found.append(pid)
        except OSError:  # gone, or another user's
            continue
    return found


def zombies() -> list[int]:
    """The children of this process that ended and were not reaped."""
    found = []
    for pid in _numbers():
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] == "Z" and int(fields[1]) == os.getpid():
            found.append(pid)
    return found


def resident_bytes() -> int:
    """This process's resident memory.

    Source: proc_pid_statm(5).
    """
    if not LINUX:
        return 0
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Peak:
    """`with Peak() as peak`: afterwards `peak.growth_bytes` is the most it grew meanwhile.

    Source: proc_pid_clear_refs(5): 5 resets the high-water mark that proc_pid_status(5) tells.
    """

    growth_bytes = 0

    def __enter__(self) -> "Peak":
        if LINUX:
            Path("/proc/self/clear_refs").write_text("5")
        self._before = resident_bytes()
        return self

    def __exit__(self, *_: object) -> None:
        if LINUX:
            status = Path("/proc/self/status").read_text()
            high = int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024
            self.growth_bytes = high - self._before


def eventually(look: Callable[[], object], within_s: float = SETTLE_S) -> object:
    """What `look` still finds when it found nothing, or after so many seconds."""
    end = time.monotonic() + within_s
    while (found := look()) and time.monotonic() < end:
        time.sleep(0.005)
    return found


def _lent(path: Path, home: Path) -> bool:
    """Whether it is the temporary folder of a process that lives, or lies in one."""
    names = (part for part in path.parts if re.fullmatch(r"filmeto-\d+-[0-9a-f]{32}", part))
    marker = next(names, "").rpartition("-")[2].encode()
    for pid in processes_of(home) if marker else ():
        try:
            if b"=" + marker + b"\0" in Path(f"/proc/{pid}/environ").read_bytes():
                return True
        except OSError:
            continue
    return False


def temporary_folder() -> Path:
    """Where this process and its children put temporary files."""
    return Path(tempfile.gettempdir())


def _numbers() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()] if LINUX else []


def _files(folder: Path) -> Iterable[Path]:
    """All below it, but for the insides of plugins' environments, which are kept."""
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return
    for path in entries:
        if path.parent.name == "environments" and path.suffix != ".tmp":
            continue
        yield path
        if path.is_dir() and not path.is_symlink():
            yield from _files(path)
