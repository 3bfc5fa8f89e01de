"""`filmeto film`: check the storyboard, make sure of a Prefect API, run the flow, watch it."""

import argparse
import shlex
import sys
import time
from pathlib import Path
from typing import Any

from filmeto_core.cli.film_plan import show_plan
from filmeto_core.cli.flow_run import load_flow, run_flow
from filmeto_core.cli.interrupt import leave, on_interrupt
from filmeto_core.cli.watch import watch_film
from filmeto_core.errors import ValidationError
from filmeto_core.film_board import film_stem, open_board, read_budget
from filmeto_core.film_preflight import check_budget
from filmeto_core.out_folder import data_folder, keep_others_out, out_folder, short
from filmeto_core.prefect_server import ensure_server, quiet_console
from filmeto_core.settings import current_settings
from filmeto_core.tasks.runtime import service


def film(options: argparse.Namespace) -> int:
    """Make the film; the result's paths go to stdout."""
    started = time.monotonic()
    shots = _shots(options.shots)
    wanted = {
        "profile": options.profile,
        "shots": shots,
        "draft": options.draft,
        "refresh": options.refresh,
    }
    if options.plan:
        return show_plan(options.storyboard, options.out, wanted, options.json)
    if options.json:
        raise ValidationError("--json: only a plan is told so; add --plan.", field="json")
    again = f"the same command goes on from here: {_command()}"
    on_interrupt(lambda: leave(again))
    budget = read_budget(options.budget)
    board = open_board(service(), options.storyboard, **wanted)
    check_budget(service(), board, budget)
    data_folder(current_settings().home.expanduser().absolute())
    out = out_folder(Path(options.out or Path("out") / film_stem(options.storyboard)))
    keep_others_out(out)
    ensure_server(lambda line: sys.stderr.write(f"filmeto: {line}\n"))
    quiet_console()
    with watch_film(board) as watch:
        flow = load_flow("film.py", "film")
        asked = {"storyboard": Path(options.storyboard), "out": out, **wanted}
        asked |= {"budget": str(budget) if budget else None, "approve": options.approve}
        files = run_flow(flow, asked, watch, again)
    _tell(files, time.monotonic() - started, len(board.shots))
    return 0


def _shots(text: str | None) -> list[str] | None:
    if text is None:
        return None
    shots = [shot.strip() for shot in text.split(",") if shot.strip()]
    if not shots:
        raise ValidationError(f'--shots: "{text}" names no shot.', field="shots", value=text)
    return shots


def _command() -> str:
    return shlex.join(["filmeto", *sys.argv[1:]])


def _tell(files: Any, seconds: float, shots: int) -> None:
    minutes, rest = divmod(round(files.duration_s), 60)
    for note in files.notes:
        sys.stderr.write(f"note: {note}\n")
    sys.stderr.write(
        f"{minutes}:{rest:02d} of film, {shots} shots, {files.calls} calls "
        f"({files.cached} from the cache), in {seconds:.1f} s\n"
    )
    for path in (files.film, files.subtitles, files.contact_sheet, files.report):
        sys.stdout.write(f"{short(path)}\n")
