"""A film's own process: `python -m filmeto_core.web.film_process LIFELINE NAME=VALUE`.

Reads one FilmOrder on stdin, makes the film by flows/film.py as `filmeto film` does, and tells of it
in JSON lines on stdout:

    {"_type": "run", ...}      the run in the journal (id), in Prefect's UI (prefect_url)
    {"_type": "call", ...}     the fields of a CallEvent
    {"_type": "log", ...}      line, level, shot, tool
    {"_type": "result", ...}   the fields of FilmFiles; the last line, or else
    {"_type": "error", ...}    an error's `to_dict`

SIGTERM stops it as Ctrl-C stops `filmeto film`. It ends with its server, however that ends.
"""

import logging
import os
import sys

from filmeto_core.cli.flow_run import load_flow, run_flow
from filmeto_core.cli.interrupt import leave, on_interrupt
from filmeto_core.errors import ConflictError, FilmetoError, ValidationError
from filmeto_core.out_folder import keep_others_out, out_folder
from filmeto_core.plugin_host.guard import Guard
from filmeto_core.plugin_host.tether import tie_to_host
from filmeto_core.prefect_server import ensure_server, quiet_console
from filmeto_core.settings import current_settings
from filmeto_core.tasks.failure_text import IN_A_SHELL
from filmeto_core.tasks.runtime import keep_edits_in, watching
from filmeto_core.web.film_lines import FilmLines, LogLines
from filmeto_core.web.film_order import FilmOrder

logger = logging.getLogger(__name__)

AGAIN = "run the film again, and it goes on from here"
# How calls begin and end, "call" lines tell; of Prefect's own log what a task says, and what is wrong.
LOGGERS = {
    "filmeto_core": logging.WARNING,
    "prefect.flow_runs": logging.WARNING,
    "prefect.task_runs": logging.INFO,
}


def main() -> int:
    """Make the film that stdin asks for; the exit code is as the command line's."""
    tie_to_host(int(sys.argv[1]), dict(given.split("=", 1) for given in sys.argv[2:]))
    lines = FilmLines(_own_stdout())
    on_interrupt(lambda: leave(AGAIN))
    try:
        order = FilmOrder.model_validate_json(sys.stdin.buffer.read())
        files = _make(order, lines)
        lines.tell("result", **files.model_dump(mode="json"))
        return 0
    except Exception as error:  # the edge of the process
        if not isinstance(error, FilmetoError):
            logger.exception("the film")
            error = FilmetoError(
                f"unexpected {type(error).__name__}: {error}",
                hint="Report this as a bug of filmeto; the run's log has the traceback.",
            )
        told = error.to_dict()
        lines.tell("error", **told | {"hint": told["hint"].replace(*IN_A_SHELL)})
        return error.handling.exit_code
    finally:
        lines.close()


def _own_stdout() -> int:
    """A descriptor of stdout; what anything else writes there goes to stderr from here on."""
    own = os.dup(1)
    os.dup2(2, 1)
    return own


def _make(order: FilmOrder, lines: FilmLines):
    """The film's files.

    Raises:
        FilmetoError: It failed.
    """
    _keep_others_out(order)
    ensure_server(lambda line: lines.tell("run", message=line))
    quiet_console()
    os.nice(order.nice)  # from here on: a Prefect server that was started serves others too
    guard = Guard(current_settings().portable)  # over ffmpeg, which no plugin's host knows of
    try:
        flow = load_flow("film.py", "film")
        _hand_on_log(lines)
        if order.edits is not None:
            keep_edits_in(order.edits)
        with watching(lines):
            return run_flow(flow, order.flow_parameters(), lines, AGAIN)
    finally:
        guard.close()


def _keep_others_out(order: FilmOrder) -> None:
    out_folder(order.out)
    try:
        keep_others_out(order.out)
    except ValidationError as error:
        raise ConflictError(
            f"another process is making this film ({order.out}).",
            hint="Wait for its end, or stop it; then run the film again.",
        ) from error


def _hand_on_log(lines: FilmLines) -> None:
    for name, level in LOGGERS.items():
        logging.getLogger(name).addHandler(LogLines(lines, level))


if __name__ == "__main__":
    sys.exit(main())
