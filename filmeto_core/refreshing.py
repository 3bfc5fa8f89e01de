"""From when on what a refresh made counts as fresh, so that a stopped one is gone on with."""

from collections.abc import Collection
from datetime import datetime

from filmeto_core.journal.models import Run
from filmeto_core.journal.reads import Reads
from filmeto_core.types import utc_now

LOOKED_AT = 50  # runs of the film: a refresh that was stopped more often than that begins anew


def fresh_since(journal: Reads, film: str, shots: Collection[str]) -> datetime | None:
    """The begin of the first run of this refresh that did not come to its end, or now.

    The same command again goes on with the refresh; it does not begin it anew.

    Args:
        film: Its folder, absolute, as text.
        shots: Those that are refreshed.

    Returns:
        None where no shot is.
    """
    if not shots:
        return None
    since = utc_now()
    for run in journal.runs(LOOKED_AT, film):
        if run.state == "done" or not _same_refresh(run, shots):
            break
        since = run.started_at
    return since


def _same_refresh(run: Run, shots: Collection[str]) -> bool:
    return sorted(run.options.get("refresh") or ()) == sorted(shots)
