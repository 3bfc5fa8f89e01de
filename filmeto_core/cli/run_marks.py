"""Which Prefect run a process makes, so that the run of a process that was killed does not stay
"Running" for ever: the next command finds the mark and tells Prefect.
"""

import os
from pathlib import Path

from filmeto_core.prefect_server import tell_state
from filmeto_core.process import alive


def mark_run(folder: Path, run_id: str) -> Path:
    """Note that this process makes this run; the mark is removed when it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    mark = folder / f"{os.getpid()}-{run_id}"
    mark.touch()
    return mark


def tell_of_killed(folder: Path) -> None:
    """Have the runs of processes that are gone shown as crashed, and forget them."""
    for mark in folder.glob("*-*"):
        pid, _, run_id = mark.name.partition("-")
        if pid.isdigit() and not alive(int(pid)):
            if tell_state(run_id, "CRASHED", "Its process was killed."):
                mark.unlink(missing_ok=True)
