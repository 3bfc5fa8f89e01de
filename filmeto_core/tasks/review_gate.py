"""The review of a film's stills: between them and the clips, where `review: stills` asks for it.

The run waits until a person has approved every picture. What the person changes is written into the
storyboard, and made anew; then those pictures are asked about. A picture that was approved once is
never asked about again, in whatever run of the film.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from prefect.context import FlowRunContext

from filmeto_core.errors import FilmetoError
from filmeto_core.film.stills_sheet import StillCell, draw_stills_sheet
from filmeto_core.film.storyboard_edit import set_shot
from filmeto_core.film.storyboard_models import Shot
from filmeto_core.film_calls import tools_of
from filmeto_core.film_preflight import check_board
from filmeto_core.prefect_server import configured_url, ui_url
from filmeto_core.review.answers import edits_of, read_answer, told_of
from filmeto_core.review.form import form_answer, form_text
from filmeto_core.review.ledger import SHEET, Ledger, with_edits, write_whole
from filmeto_core.review.models import (
    APPROVE,
    Answer,
    Answered,
    Asking,
    KeptIn,
    ReviewedShot,
    ShotEdit,
)
from filmeto_core.tasks.artifacts import show_stills, thumbnail_uri
from filmeto_core.tasks.production import Production
from filmeto_core.tasks.review_wait import answered
from filmeto_core.tasks.runtime import CallEvent, edits_file, publish, service
from filmeto_core.types import ResourceOutput, ToolType, utc_now

logger = logging.getLogger(__name__)

Parts = dict[str, "asyncio.Task[ResourceOutput | None]"]
Make = Callable[[Production, Shot], Any]

STILLS = (ToolType.TEXT2IMAGE, ToolType.IMAGE2IMAGE)
REVIEW = "review"  # what those who watch are told that the run does
SHEET_PX = 1400  # of its longer side, in the form and the artifact: legible, and some 150 KB


async def review(
    production: Production, stills: Parts, again: Mapping[Make, Parts], approve: bool = False
) -> None:
    """Wait until the film's stills are approved, if its storyboard asks for that.

    Args:
        stills: What is looked at.
        again: All parts that a change of a shot may change, the stills among them, by what makes
            them; those of a changed shot are started anew in their places.
        approve: Nobody is asked: whatever the stills are, they count as approved.

    Raises:
        FilmFailedError: A part could not be made.
        Abort: The run was cancelled while it waited.
    """
    if production.board.review == "stills":
        gate = _Gate(production, stills, again)
        await (gate.approve() if approve else gate.passed())


class _Gate:
    """One film's gate."""

    def __init__(self, production: Production, stills: Parts, again: Mapping[Make, Parts]) -> None:
        self.production, self.stills, self.again = production, stills, again
        self.ledger = Ledger(production.out)
        self.run_id = str(FlowRunContext.get().flow_run.id)

    async def passed(self) -> None:
        """Ask until all is approved."""
        await self._finish_edits()
        while True:
            pictures = await self._pictures()
            asking = await asyncio.to_thread(self._asking, pictures)
            if not any(shot.new for shot in asking.shots):
                return
            await self._ask(asking)

    async def approve(self) -> None:
        """Approve whatever there is."""
        await self._finish_edits()
        pictures = await self._pictures()
        self._note(APPROVE, stills={shot: picture.digest for shot, picture in pictures.items()})

    async def _finish_edits(self) -> None:
        """Do what a process was killed at."""
        if self.ledger.unkept():
            await self._do(self.ledger.unkept())

    async def _ask(self, asking: Asking) -> None:
        """Ask once, and do what is answered."""
        picture = await asyncio.to_thread(thumbnail_uri, asking.sheet, SHEET_PX)
        flow_run_id = FlowRunContext.get().flow_run.id

        def tell() -> None:
            show_stills(flow_run_id, form_text(asking, picture))
            self.ledger.asks(asking, self.run_id)
            publish(self._event("waiting", self._how(asking)))

        number = self.ledger.answers_of(self.run_id)
        sent = await answered(asking, picture, number, tell)
        try:
            answer = read_answer(form_answer(sent, asking), asking)
            edits = edits_of(answer, asking, self._next_takes(answer))
            self._check(edits)
        except FilmetoError as error:
            self._note("refused", f"That could not be done: {error}")
            publish(self._event("answered", self.ledger.told()))
            return
        if answer.decision == APPROVE:
            approved = {shot.id: shot.still for shot in asking.shots if shot.still}
            self._note(APPROVE, stills=approved)
            publish(self._event("answered", "The stills are approved."))
            return
        self._note(answer.decision, f"Changed: {told_of(edits)}.", edits)
        publish(self._event("answered", self.ledger.told()))
        await self._do(edits)

    def _note(
        self,
        decision: str,
        told: str = "",
        edits: tuple[ShotEdit, ...] = (),
        stills: Mapping[str, str] | None = None,
    ) -> None:
        about = {"flow_run": self.run_id, "at": utc_now(), "kept_in": "" if edits else "here"}
        answer = Answered(decision=decision, told=told, edits=edits, **about)
        self.ledger.answered(answer, stills)

    # --- what is asked ------------------------------------------------------------------------

    async def _pictures(self) -> dict[str, ResourceOutput]:
        """The stills, once everything that a person could change is made."""
        for parts in self.again.values():
            await self.production.gather(parts)
        self.production.finish()
        pictures = await self.production.gather(self.stills)
        voices = [asset.digest for asset in self.production.assets]
        kept = [*(picture.digest for picture in pictures.values()), *voices]
        # For days, maybe: `filmeto store gc` leaves them.
        service().store.keep_film(self.ledger.path, [digest for digest in kept if digest])
        return pictures

    def _asking(self, pictures: Mapping[str, ResourceOutput]) -> Asking:
        """What is asked, its sheet drawn where there is something to ask."""
        board, file = self.production.board, self._file()
        asking = Asking(
            title=board.title,
            out=str(self.production.out),
            storyboard=str(file) if file else None,
            sheet=str(self.production.out / SHEET),
            told=self.ledger.told(),
            since=utc_now(),
            shots=tuple(self._shot(shot, pictures.get(shot.id)) for shot in board.shots),
        )
        if any(shot.new for shot in asking.shots):
            cells = [
                StillCell(
                    shot.id,
                    Path(pictures[shot.id].path) if shot.id in pictures else None,
                    shot.prompt or "",
                    _mark(shot),
                )
                for shot in asking.shots
            ]
            size = (board.width_px, board.height_px)
            draw_stills_sheet(cells, Path(asking.sheet), size=size, title=board.title)
        return asking

    def _shot(self, shot: Shot, picture: ResourceOutput | None) -> ReviewedShot:
        made = {tool for one, tool in self._calls() if one == shot.id}
        return ReviewedShot(
            id=shot.id,
            prompt=shot.prompt if ToolType.TEXT2IMAGE in made else None,
            take=self.production.board.take_of(shot),
            still=picture.digest if picture else None,
            made=bool(made),
            changed=shot.id in self.ledger.changed(),
            new=picture is not None and not self.ledger.approves(shot.id, picture.digest),
        )

    def _calls(self) -> set[tuple[str, ToolType]]:
        calls = tools_of(service(), self.production.board)
        return {(shot.id, tool) for shot, tool in calls if shot and tool in STILLS}

    def _how(self, asking: Asking) -> str:
        """How to answer, for a terminal or a log."""
        url = f"{ui_url(configured_url())}/runs/flow-run/{self.run_id}"
        lines = [
            f"The stills are ready for your review: {asking.sheet}",
            f"Approve or change them with `filmeto review`, or Resume at {url}",
        ]
        return "\n".join(lines)

    def _event(self, kind: str, message: str) -> CallEvent:
        about = {"call_id": REVIEW, "shot": None, "tool": REVIEW, "plugin": "filmeto"}
        return CallEvent(kind=kind, message=message, **about)

    # --- what is done -------------------------------------------------------------------------

    def _next_takes(self, answer: Answer) -> dict[str, int]:
        """The number after the highest that was ever made of each."""
        journal, board = service().journal, self.production.board
        journal.flush()
        takes = {shot.id: board.take_of(shot) for shot in board.shots}
        for call in journal.film_calls(self.production.run.film):
            if call.shot in takes:
                takes[call.shot] = max(takes[call.shot], call.take)
        return {name: takes[name] + 1 for name in answer.other_takes}

    def _check(self, edits: tuple[ShotEdit, ...]) -> None:
        """Whether the film can be made so, and the edits be kept.

        Raises:
            FilmetoError: It cannot.
        """
        check_board(service(), with_edits(self.production.board, edits))
        if self._file() is not None:
            self._edited_text(edits)

    async def _do(self, edits: tuple[ShotEdit, ...]) -> None:
        """Keep the edits, and have those shots made anew."""
        production = self.production
        production.board = with_edits(production.board, edits)
        self.ledger.kept(await asyncio.to_thread(self._keep, edits))
        changed = {edit.shot for edit in edits}
        production.assets = [asset for asset in production.assets if asset.shot not in changed]
        for make, parts in self.again.items():
            for shot in production.board.shots:
                if shot.id in changed:
                    parts[shot.id] = asyncio.create_task(production.one(shot, make, [], {}))

    def _keep(self, edits: tuple[ShotEdit, ...]) -> KeptIn:
        """Write the edits into the storyboard's file, if there is one; where they are then."""
        path = self._file()
        if path is None:
            return "here"
        try:
            write_whole(path, self._edited_text(edits), keep_time=edits_file() is not None)
        except FilmetoError as error:
            self.production.notes.append(
                f"{told_of(edits)}: kept in {self.ledger.path}, since the storyboard could not be "
                f"changed: {error.message}"
            )
            return "here"
        return "storyboard"

    def _file(self) -> Path | None:
        """The storyboard that the edits go to; None: it was given whole."""
        storyboard = self.production.run.storyboard
        return edits_file() or (Path(storyboard) if storyboard else None)

    def _edited_text(self, edits: tuple[ShotEdit, ...]) -> str:
        """The storyboard's text with the edits, its comments and layout as they are.

        Raises:
            FilmetoError: It is not there any more, cannot be read, or has lost a shot.
        """
        path = self._file()
        try:
            text = path.read_bytes().decode()
        except (OSError, UnicodeDecodeError) as error:
            raise FilmetoError(f"the storyboard {path} cannot be read: {error}") from error
        for edit in edits:
            fields = {"prompt": edit.prompt, "take": edit.take}
            text = set_shot(text, edit.shot, {k: v for k, v in fields.items() if v is not None})
        return text


def _mark(shot: ReviewedShot) -> str:
    words = [f"take {shot.take}"] if shot.take > 1 else []
    return " · ".join([*words, *(["changed"] if shot.changed else [])])
