"""How a film and its runs stand, in the web API's words."""

from collections.abc import Mapping
from typing import Any

from filmeto_core.journal.models import Run
from filmeto_core.web.film_live import IN_HAND
from filmeto_core.web.film_models import FilmError, FilmState, RunDetail
from filmeto_core.web.film_reading import Reading

_RUN_STATES = {
    "killed": "interrupted",
    "waiting": "interrupted",
}  # what the journal calls otherwise


def run_detail(run: Run) -> RunDetail:
    """A run as the journal tells of it."""
    error = FilmError(code="film_failed", message=run.error) if run.error else None
    return RunDetail(
        id=run.id,
        state=_RUN_STATES.get(run.state, run.state),
        started_at=run.started_at,
        ended_at=run.ended_at,
        percent=100.0 if run.state == "done" else 0.0,
        message=run.error or "",
        calls=run.calls,
        cached=run.cached,
        spent=[str(money) for money in run.spent],
        budget=str(run.budget) if run.budget else None,
        options=run.options,
        error=error if run.state != "done" else None,
    )


def film_state(
    reading: Reading, run: RunDetail | None, report: Mapping[str, Any] | None, changed: bool
) -> FilmState:
    """How a film stands.

    Args:
        reading: Its storyboard.
        run: The one in hand, or the last.
        report: Its film.json; None: there is none.
        changed: Whether the storyboard was written since that run began.
    """
    if run is not None and run.state in IN_HAND:
        return run.state
    if reading.problems:
        return "draft"
    if run is not None and run.state != "done":
        return run.state
    if report is None:
        return "ready"
    if changed or not _has_all_shots(reading, report):
        return "edited"
    if report.get("size") == reading.board.size:
        return "done"
    return "half" if run is not None and run.options.get("draft") else "edited"


def _has_all_shots(reading: Reading, report: Mapping[str, Any]) -> bool:
    """Whether the film that is there has the storyboard's shots, and no others."""
    board = reading.board
    shots = [shot.get("id") for shot in report.get("shots") or () if isinstance(shot, dict)]
    return board is not None and shots == [shot.id for shot in board.shots]
