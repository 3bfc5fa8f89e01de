"""What `filmeto status` says, in words."""

import time
from collections.abc import Iterator

from filmeto_core.studio.part import Part, RunNow, Studio

LABELS = {"server": "Prefect", "pool": "work pool", "host": "plugins", "worker": "worker"}


def status_lines(studio: Studio) -> Iterator[str]:
    """A line for each part, with what it does below it; then the deployments and the runs."""
    for part in studio.parts:
        yield from _part_lines(part)
    if studio.project and studio.parts[-1].pid:
        yield f"{'serves':<11} {', '.join(studio.queues)}, in {studio.project}\n"
    if studio.deployments:
        yield f"{'deployed':<11} {', '.join(studio.deployments)}\n"
    for run in studio.runs:
        yield f"{'run':<11} {_run_line(run)}\n"


def _part_lines(part: Part) -> Iterator[str]:
    yield f"{LABELS[part.name]:<11} {part.state:<9} {part.address}\n".rstrip() + "\n"
    said = [part.does] if part.does else []
    if part.pid is not None:
        said.append(f"process {part.pid}" + (f", for {_ago(part.since)}" if part.since else ""))
    if said:
        yield f"{'':<11} {'; '.join(said)}\n"
    if part.log and part.state != "up":
        yield f"{'':<11} its log: {part.log}\n"


def _run_line(run: RunNow) -> str:
    where = "" if run.here or run.state != "Running" else ", on another machine"
    return f"{run.name}: {run.state}{where}, {run.url}"


def _ago(since: float) -> str:
    seconds = max(0, int(time.time() - since))
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 7200:
        return f"{seconds // 60} min"
    return f"{seconds // 3600} h {seconds % 3600 // 60} min"
