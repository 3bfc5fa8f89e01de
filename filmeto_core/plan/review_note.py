"""Whether a run would wait for a review, and of which stills."""

from collections.abc import Mapping
from pathlib import Path

from filmeto_core.errors import some_of
from filmeto_core.film.storyboard_models import Storyboard
from filmeto_core.plan.parts import Part
from filmeto_core.review.ledger import Ledger


def review_note(board: Storyboard, folder: Path, stills: Mapping[str, Part]) -> tuple[str, ...]:
    """A line for people where the run would wait.

    Args:
        folder: The film's, absolute.
        stills: By shot, as far as they are known.
    """
    if board.review is None:
        return ()
    ledger = Ledger(folder)
    new = [shot for shot, part in stills.items() if not _is_approved(ledger, shot, part)]
    if not new:
        return ()
    return (f"review: before any clip is made, the run waits until you approve {some_of(new)}",)


def _is_approved(ledger: Ledger, shot: str, still: Part) -> bool:
    return still.certain and still.digest is not None and ledger.approves(shot, still.digest)
