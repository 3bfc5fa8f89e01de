"""`filmeto runs ls|show`: what was run, how it went, what it cost, and how to go on."""

import argparse
import json
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from filmeto_core.cli.columns import aligned
from filmeto_core.cli.jobs import job_lines
from filmeto_core.cli.watch import FILM, one_line
from filmeto_core.journal.journal import Journal
from filmeto_core.journal.models import Call, Run
from filmeto_core.money import Money
from filmeto_core.out_folder import short
from filmeto_core.plan.wording import seconds_text
from filmeto_core.settings import current_settings

ID_DIGITS = 8  # enough to tell a few thousand runs apart
RUN_COLUMNS = ("run", "state", "started", "took", "calls", "cached", "cost", "film")
CALL_COLUMNS = ("shot", "tool", "plugin", "state", "tries", "took", "cost")
LEAST_COLUMNS = 40  # of a terminal, for what is cut to its width


def ls(options: argparse.Namespace) -> None:
    """The latest runs, newest first."""
    film = str(Path(options.film).absolute()) if options.film else None
    runs = _journal().runs(limit=options.limit, film=film)
    if options.json:
        _json([run.to_dict() for run in runs])
    elif runs:
        notes = [run.error for run in runs]
        _write([RUN_COLUMNS, *map(_run_cells, runs)], [None, *notes], "error")
    else:
        where = f" of {short(film)}" if film else ""
        sys.stderr.write(f"there are no runs{where} yet\n")


def show(options: argparse.Namespace) -> None:
    """One run: its calls, and how to go on."""
    journal = _journal()
    run = journal.run(options.run)
    calls = journal.calls(run.id)
    jobs = journal.jobs(open_only=True, run_id=run.id)
    if options.json:
        told = {"calls": calls, "open_jobs": jobs}
        listed = {name: [item.to_dict() for item in items] for name, items in told.items()}
        _json({**run.to_dict(), **listed, "go_on": go_on(run)})
        return
    sys.stdout.write("".join(f"{line}\n" for line in _head(run)))
    if calls:
        sys.stdout.write("\n")
        _write([CALL_COLUMNS, *map(_call_cells, calls)], [None, *(c.error for c in calls)], "error")
    if jobs:
        sys.stdout.write("\njobs that are out at providers:\n")
        sys.stdout.writelines(f"{line}\n" for job in jobs for line in job_lines(job))
    if run.state != "running":
        sys.stdout.write(f"\n{_go_on_text(run)}\n")


def go_on(run: Run) -> str | None:
    """The command that goes on with a run; None where it cannot be told."""
    if run.kind != "film" or run.storyboard is None:
        return None
    words = ["filmeto", "film", short(run.storyboard)]
    if run.film:
        words += ["--out", short(run.film)]
    if run.profile:
        words += ["--profile", run.profile]
    if run.options.get("shots"):
        words += ["--shots", ",".join(run.options["shots"])]
    words += ["--draft"] if run.options.get("draft") else []
    for shot in run.options.get("refresh") or ():
        words += ["--refresh", shot]
    words += ["--budget", str(run.budget)] if run.budget else []
    return shlex.join(words)


def _go_on_text(run: Run) -> str:
    if run.state == "waiting":
        return "It waits for the review of its stills: `filmeto review` tells what it asks."
    command = go_on(run) or "the same command"
    if run.state == "done":
        return f"Again, with nothing made twice: {command}"
    return f"To go on from here: {command}"


def _head(run: Run) -> Iterator[str]:
    yield f"run {run.id}"
    yield f"  {run.kind} {run.name}, {run.state}, started {_when(run.started_at)}, took {_took(run)}"
    yield f"  {run.calls} calls, {run.cached} from the cache, {_money(run.spent) or 'nothing'} spent"
    for name, path in (("storyboard", run.storyboard), ("film", run.film)):
        if path:
            yield f"  {name}: {short(path)}"
    if run.budget:
        yield f"  budget: {run.budget}"
    if run.error:
        yield "  error: " + run.error.strip().replace("\n", "\n  ")


def _run_cells(run: Run) -> tuple[str, ...]:
    return (
        run.id[:ID_DIGITS],
        run.state,
        _when(run.started_at),
        _took(run),
        str(run.calls),
        str(run.cached),
        _money(run.spent),
        short(run.film) if run.film else run.name,
    )


def _call_cells(call: Call) -> tuple[str, ...]:
    state = "cached" if call.cached and call.state == "done" else call.state
    took = "" if call.cached or not call.seconds else seconds_text(call.seconds)
    cost = str(call.cost) if call.cost and not call.cached else ""
    return (
        call.shot or FILM,
        call.tool,
        call.plugin,
        state,
        "" if call.cached else str(call.attempts),
        took,
        cost,
    )


def _write(rows: Sequence[tuple[str, ...]], notes: Sequence[str | None], column: str) -> None:
    """Lines of columns; what is noted of one stands under it on a terminal, else at its end."""
    rows = _without_empty(rows)
    terminal = sys.stdout.isatty()
    if not terminal and any(notes):
        said = [column, *(one_line(note or "") for note in notes[1:])]
        rows, notes = [(*row, word) for row, word in zip(rows, said, strict=True)], ()
    for i, line in enumerate(aligned(list(rows))):
        sys.stdout.write(line)
        if notes and notes[i]:
            sys.stdout.write(f"    {_cut(one_line(notes[i]))}\n")


def _without_empty(rows: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The rows without the columns that hold nothing but their heading."""
    kept = [i for i in range(len(rows[0])) if any(row[i] for row in rows[1:])]
    return [tuple(row[i] for i in kept) for row in rows]


def _cut(text: str) -> str:
    most = max(LEAST_COLUMNS, os.get_terminal_size(sys.stdout.fileno()).columns - 5)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _when(time: datetime) -> str:
    return f"{time.astimezone():%Y-%m-%d %H:%M}"


def _took(run: Run) -> str:
    if run.ended_at is None:
        return "?" if run.state == "killed" else "…"
    return seconds_text(max(0.0, (run.ended_at - run.started_at).total_seconds()))


def _money(amounts: Sequence[Money]) -> str:
    return " + ".join(map(str, amounts))


def _json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def _journal() -> Journal:
    return Journal(current_settings().journal_dir)
