"""Which Prefect run a process makes, so that the run of a process that was killed does not stay
"Running" for ever: the next command finds the mark and tells Prefect.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from filmeto_core.prefect_server import tell_state
from filmeto_core.process import alive, identity


@dataclass(frozen=True)
class Mark:
    """One mark: a process and the run that it makes.

    Args:
        file: PID-RUNID; in it what tells the process from a later one of its number.
    """

    file: Path
    pid: int
    run_id: str

    @property
    def lives(self) -> bool:
        """Whether the process is there still, and not another one of its number."""
        try:
            told = self.file.read_text(encoding="utf-8").strip()
        except OSError:
            return False
        return identity(self.pid) == told if told else alive(self.pid)

    def forget(self) -> None:
        """Remove it."""
        self.file.unlink(missing_ok=True)


def mark_run(folder: Path, run_id: str) -> Path:
    """Note that this process makes this run; the mark is removed when it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    mark = folder / f"{os.getpid()}-{run_id}"
    mark.write_text(identity(os.getpid()), encoding="utf-8")
    return mark


def marks(folder: Path) -> Iterator[Mark]:
    """All that are there."""
    for file in sorted(folder.glob("*-*")):
        pid, _, run_id = file.name.partition("-")
        if pid.isdigit():
            yield Mark(file, int(pid), run_id)


def tell_of_killed(folder: Path) -> None:
    """Have the runs of processes that are gone shown as crashed, and forget them."""
    for mark in marks(folder):
        if not mark.lives and tell_state(mark.run_id, "CRASHED", "Its process was killed."):
            mark.forget()
