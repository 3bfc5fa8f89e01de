"""What `filmeto status` says, in words."""

import textwrap
import time
from collections.abc import Iterator

from filmeto_core.studio.part import Part, RunNow, Studio

WIDTH = 80  # of a terminal at its narrowest
LABELS = {"server": "Prefect", "pool": "work pool", "host": "plugins", "worker": "worker"}


def status_lines(studio: Studio) -> Iterator[str]:
    """A line for each part, with what it does below it; then the deployments and the runs."""
    for part in studio.parts:
        yield from _part_lines(part)
    if studio.project and studio.parts[-1].pid:
        yield f"{'':<11} serves {', '.join(studio.queues)}, in {studio.project}\n"
    if studio.deployments:
        yield _wrapped("deployed", ", ".join(studio.deployments))
    for run in studio.runs:
        yield f"{'run':<11} {_run_line(run)}\n{'':<11} {run.url}\n"


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
    return f"{run.name}: {run.state}{where}"


def _wrapped(label: str, text: str) -> str:
    return (
        textwrap.fill(
            text,
            WIDTH,
            initial_indent=f"{label:<11} ",
            subsequent_indent=" " * 12,
            break_long_words=False,
            break_on_hyphens=False,
        )
        + "\n"
    )


def _ago(since: float) -> str:
    seconds = max(0, int(time.time() - since))
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 7200:
        return f"{seconds // 60} min"
    return f"{seconds // 3600} h {seconds % 3600 // 60} min"
