"""`filmeto film`: check the storyboard, make sure of a Prefect API, run the flow, watch it."""

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any

from filmeto_core.cli.flow_run import load_flow, run_flow
from filmeto_core.cli.watch import watch_film
from filmeto_core.prefect_server import ensure_server, quiet_console
from filmeto_core.tasks.board import open_board


def film(options: argparse.Namespace) -> int:
    """Make the film; the result's paths go to stdout."""
    started = time.monotonic()
    shots = [s for s in (options.shots or "").split(",") if s.strip()] or None
    wanted = {
        "profile": options.profile,
        "shots": shots,
        "draft": options.draft,
        "refresh": options.refresh,
    }
    board = open_board(options.storyboard, **wanted)
    ensure_server(lambda line: sys.stderr.write(f"filmeto: {line}\n"))
    quiet_console()
    flow = load_flow("film.py", "film")
    out = Path(options.out) if options.out else None
    again = f"the same command goes on where this stopped: filmeto film {options.storyboard}"
    with watch_film(board) as watch:
        files = run_flow(
            flow,
            {"storyboard": Path(options.storyboard), "out": out, **wanted},
            on_start=watch.link,
            go_on=again,
        )
    _tell(files, time.monotonic() - started, len(board.shots))
    return 0


def _tell(files: Any, seconds: float, shots: int) -> None:
    minutes, rest = divmod(round(files.duration_s), 60)
    for note in files.notes:
        sys.stderr.write(f"note: {note}\n")
    sys.stderr.write(
        f"{minutes}:{rest:02d} of film, {shots} shots, {files.calls} calls "
        f"({files.cached} from the cache), in {seconds:.1f} s\n"
    )
    for path in (files.film, files.subtitles, files.contact_sheet, files.report):
        sys.stdout.write(f"{_short(path)}\n")


def _short(path: str) -> str:
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else relative
