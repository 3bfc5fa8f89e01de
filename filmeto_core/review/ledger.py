"""review.json in a film's folder: which pictures were approved, and what was answered.

An answer is written down, its edits in absolute terms, before anything is done about it: a process
that is killed then does not ask again, and the next one does the same edits, once.
"""

import os
import shutil
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError as Invalid

from filmeto_core.film.storyboard_models import Shot, Storyboard
from filmeto_core.resources.durable import out_errors, read_json
from filmeto_core.review.models import Answered, Asking, KeptIn, Reviews, ShotEdit

LEDGER, SHEET = "review.json", "review.png"
MOST_APPROVED = 50  # pictures of a shot that are remembered, the latest


class Ledger:
    """The reviews of the film in one folder.

    Args:
        out: The film's folder.
    """

    def __init__(self, out: Path) -> None:
        self.path = out / LEDGER
        self.reviews = _read(self.path)

    # --- what is known ------------------------------------------------------------------------

    def approves(self, shot: str, still: str) -> bool:
        """Whether this very picture of the shot was approved."""
        return _bare(still) in self.reviews.approved.get(shot, ())

    def answers_of(self, flow_run: str) -> int:
        """How many answers of this Prefect run were taken."""
        return sum(answer.flow_run == flow_run for answer in self.reviews.answers)

    def told(self) -> str:
        """What is said of the last answer, where it was not the last word."""
        last = self.reviews.answers[-1:]
        return last[0].told if last else ""

    def changed(self) -> set[str]:
        """The shots that the last answer changed."""
        return {edit.shot for answer in self.reviews.answers[-1:] for edit in answer.edits}

    def unkept(self) -> tuple[ShotEdit, ...]:
        """Edits that a process was killed at: they are in no storyboard yet."""
        last = self.reviews.answers[-1:]
        return last[0].edits if last and not last[0].kept_in else ()

    def edited(self, board: Storyboard) -> Storyboard:
        """The board with the edits that no storyboard file has.

        An edit counts as long as the board says what it said when the edit was made: who has changed
        that since has had the last word.
        """
        for answer in self.reviews.answers:
            if answer.kept_in != "storyboard":
                board = with_edits(board, answer.edits)
        return board

    # --- what is written ----------------------------------------------------------------------

    def asks(self, asking: Asking, flow_run: str) -> None:
        """This is asked now, by this Prefect run."""
        self._change(waiting=asking, waiting_run=flow_run)

    def answered(self, answer: Answered, stills: Mapping[str, str] | None = None) -> None:
        """An answer was taken.

        Args:
            stills: The digests of the pictures that it approves, by shot.
        """
        approved = self.reviews.approved | {
            shot: (*self.reviews.approved.get(shot, ()), _bare(still))[-MOST_APPROVED:]
            for shot, still in (stills or {}).items()
            if not self.approves(shot, still)
        }
        answers = (*self.reviews.answers, answer)
        self._change(answers=answers, approved=approved, waiting=None, waiting_run=None)

    def kept(self, kept_in: KeptIn) -> None:
        """The last answer's edits are there now."""
        *before, last = self.reviews.answers
        self._change(answers=(*before, last.model_copy(update={"kept_in": kept_in})))

    def _change(self, **fields: object) -> None:
        self.reviews = self.reviews.model_copy(update=fields)
        write_whole(self.path, self.reviews.model_dump_json(indent=2) + "\n")


def with_edits(board: Storyboard, edits: Sequence[ShotEdit]) -> Storyboard:
    """The board with these edits, where it says what it said before them."""
    by_shot = {edit.shot: edit for edit in edits}
    shots = [
        _edited(shot, board.take_of(shot), by_shot[shot.id]) if shot.id in by_shot else shot
        for shot in board.shots
    ]
    return board.model_copy(update={"shots": tuple(shots)})


def _edited(shot: Shot, take: int, edit: ShotEdit) -> Shot:
    fields: dict[str, object] = {}
    if edit.prompt is not None and shot.prompt == edit.prompt_before:
        fields["prompt"] = edit.prompt
    if edit.take is not None and take == edit.take_before:
        fields["take"] = edit.take
    return shot.model_copy(update=fields)


def write_whole(path: Path, text: str, keep_time: bool = False) -> None:
    """Write a text that is there whole or not at all, and on the disk when this returns.

    A link is followed, and the file keeps its rights.

    Args:
        keep_time: The file's time of change stays as well: what runs now has this text already.

    Raises:
        OutputError: It cannot be written.
    """
    path = path.resolve()
    half = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    with out_errors(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open(half, "w", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            if path.exists():
                (shutil.copystat if keep_time else shutil.copymode)(path, half)
            os.replace(half, path)
        finally:
            half.unlink(missing_ok=True)


def _bare(digest: str) -> str:
    """Without its "sha256:", so that the store does not take an approval for a use."""
    return digest.removeprefix("sha256:")


def _read(path: Path) -> Reviews:
    try:
        return Reviews.model_validate(read_json(path) or {})
    except (
        OSError,
        Invalid,
    ):  # another filmeto's, or half a disk: what was approved is asked again
        return Reviews()
