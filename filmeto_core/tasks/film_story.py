"""What the Prefect UI shows of a film's run: the plan before, the shots as they are made, the end.

It watches the calls' events and leaves the latest word with the artifacts' thread, so that no call
waits for it and no run fails for it. Of each film there are five artifacts, by keys of its own: plan,
progress, shots, contact sheet, and the film itself. Those of single calls lie with their task runs.
"""

import asyncio
import json
import logging
import shlex
import threading
import time
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect.context import FlowRunContext
from prefect.exceptions import Abort, Pause

from filmeto_core.errors import FilmetoError
from filmeto_core.film.storyboard_models import Storyboard
from filmeto_core.plan.models import Plan
from filmeto_core.plan.planner import plan_board
from filmeto_core.plan.wording import seconds_text
from filmeto_core.tasks.artifacts import (
    SHEET_PX,
    Artifact,
    flush_artifacts,
    key_of,
    put,
    thumbnail_uri,
)
from filmeto_core.tasks.failure_text import failure_text
from filmeto_core.tasks.film_progress import FilmProgress
from filmeto_core.tasks.runtime import CallEvent, links, service, watching
from filmeto_core.tasks.story_words import (
    FILM,
    Made,
    Tally,
    failed_text,
    plan_text,
    shot_row,
    summary_text,
)
from filmeto_core.types import ResourceOutput

logger = logging.getLogger(__name__)

PLAN_S = 3.0  # how long a run waits for its plan; that of a film of a thousand shots takes longer
# Of the shots, for which they are written once a second; more of them, as much less often.
ROWS = 100
KEY_CHARACTERS = 60


class FilmStory:
    """One run of one film, as people watch it.

    Args:
        board: Its storyboard.
        out: Its folder, absolute.
        refresh: Shots that are made anew.
        storyboard: The storyboard's file, if it has one.
    """

    def __init__(
        self, board: Storyboard, out: Path, refresh: frozenset[str], storyboard: str | None
    ) -> None:
        self._board, self._out, self._refresh = board, out, refresh
        self._storyboard = storyboard
        run = FlowRunContext.get()
        self._run: UUID | None = run.flow_run.id if run and run.flow_run else None
        self._lock = threading.Lock()
        self._progress = FilmProgress([shot.id for shot in board.shots], None)
        self._tallies: dict[str | None, Tally] = defaultdict(Tally)
        self._began, self._over = time.monotonic(), False
        self._key = film_key(board.title)
        self._percent = self._artifact("progress", "progress", "How far the film is")
        about = "Each shot: how far it is, what was reused, what it took and cost in this run"
        self._shots = self._artifact("shots", "table", about, max(1, len(board.shots) / ROWS))

    def _artifact(self, name: str, kind: str, description: str, pause_s: float = 0.0) -> Artifact:
        key = f"{self._key}-{name}"
        return Artifact(key, kind, None, self._run, description=description, pause_s=pause_s)

    # --- its beginning ------------------------------------------------------------------------

    async def begin(self) -> None:
        """Tell of the plan; the calls that follow change what it was made of."""
        if self._run is None:
            return
        planning = asyncio.create_task(asyncio.to_thread(self._planned))
        await asyncio.wait({planning}, timeout=PLAN_S)
        if planning.done() and (plan := planning.result()) is not None:
            self._progress = FilmProgress(self._progress.shots, plan)
        self._post()

    def _planned(self) -> Plan | None:
        try:
            here = service()
            here.journal.flush()
            plan = plan_board(here, self._board, self._out, self._refresh)
        except Exception:  # a run never fails for what it shows
            logger.debug("the film cannot be planned", exc_info=True)
            return None
        about = "What this run would reuse, compute and pay for, as it found things"
        put(self._artifact("plan", "markdown", about), lambda: plan_text(plan))
        return plan

    def watching(self) -> Any:
        """A context in which the calls' events are told."""
        return watching(self._note)

    # --- its calls ----------------------------------------------------------------------------

    def _note(self, event: CallEvent) -> None:
        if self._run is None:
            return
        with self._lock:
            self._progress.note(event)
            if event.kind == "done" and event.stage != "environment":
                self._tallies[event.shot].note(event)
        self._post()

    def _post(self) -> None:
        put(self._percent, self._whole)
        put(self._shots, lambda: json.dumps(self.rows(), ensure_ascii=False))

    def _whole(self) -> float:
        with self._lock:
            self._percent.description = self._progress.message or "about to begin"
            return self._progress.percent

    def rows(self) -> list[dict[str, Any]]:
        """The table of the shots as it stands; the last row is what belongs to the film as a whole."""
        with self._lock:
            names = [*self._progress.shots, FILM]
            return [self._row(name) for name in names]

    def _row(self, name: str) -> dict[str, Any]:
        tally = self._tallies[None if name == FILM else name]
        return shot_row(name, self._progress, tally, self._over)

    # --- its end ------------------------------------------------------------------------------

    def made(
        self,
        duration_s: float,
        files: Mapping[Path, ResourceOutput],
        notes: tuple[str, ...],
        facts: Mapping[str, str],
    ) -> None:
        """Tell of the film that was made.

        Args:
            files: What lies beside the film, the film and its contact sheet, by their paths there.
            facts: A name, and what is told of it.
        """
        if self._run is None:
            return
        self._over = True
        took = seconds_text(time.monotonic() - self._began)
        parts = by_shot(self._out, files, self._board)
        told = [*facts.items(), ("made in", took)]
        made = Made(self._board.title, self._out, duration_s, told, notes, parts)
        about = "The film: where it opens, what it took and cost, what to do next"
        put(self._artifact("film", "markdown", about), lambda: self._summary(made, files))
        sheet = self._out / "contact_sheet.png"  # an image artifact takes nothing but an address
        about = "A picture of each shot"
        put(
            self._artifact("contact-sheet", "image", about), lambda: self._link(sheet, files[sheet])
        )
        self._post()

    def _summary(self, made: Made, files: Mapping[Path, ResourceOutput]) -> str:
        # A data: URI, since the picture is to be there when no server answers any more.
        picture = thumbnail_uri(files[self._out / "contact_sheet.png"].path, SHEET_PX)
        page = links().film_page(self._out)
        return summary_text(
            made, lambda path: self._link(path, files.get(path)), picture, page, self.again
        )

    def _link(self, path: Path, output: ResourceOutput | None) -> str | None:
        """Where a file of the film opens: by its place in a server's film, else by its digest."""
        if (url := links().beside(path)) is not None or output is None:
            return url
        return links().of(output.digest)

    @property
    def again(self) -> str | None:
        """The command that makes the film again; None where its storyboard is no file."""
        if self._storyboard is None:
            return None
        return shlex.join(["filmeto", "film", self._storyboard, "--out", str(self._out)])

    async def end(self, error: BaseException | None) -> None:
        """Tell how it ended, where it was not made; wait for what is still to be written."""
        if self._run is None:
            return
        self._over = not isinstance(error, Pause)  # which is to wait, and to go on
        if error is not None and self._over:
            if isinstance(error, FilmetoError):
                with self._lock:
                    self._progress.fail(error.details.get("shots") or {})
            title, reason, rows = self._board.title, _reason(error), self.rows()
            about = "Why the film was not made, and what is kept"
            again = self.again
            artifact = self._artifact("film", "markdown", about)
            put(artifact, lambda: failed_text(title, reason, rows, again))
            self._post()
        if not isinstance(error, asyncio.CancelledError):
            await asyncio.to_thread(flush_artifacts)


def _reason(error: BaseException) -> str:
    if isinstance(error, FilmetoError):
        return failure_text(error)
    if isinstance(error, asyncio.CancelledError | KeyboardInterrupt | Abort):
        return "It was cancelled.\nAll that is done is kept: run the film again to go on."
    return f"unexpected {type(error).__name__}: {error}"


def by_shot(
    out: Path, files: Iterable[Path], board: Storyboard
) -> dict[str, list[tuple[str, Path]]]:
    """The files beside the film, by the shot in whose folder they lie; the film's own under FILM."""
    found: dict[str, list[tuple[str, Path]]] = {shot.id: [] for shot in board.shots}
    for path in sorted(files):
        folder = path.relative_to(out).parts[:-1]
        if not folder and path.stem == "score":
            found.setdefault(FILM, []).append((path.stem, path))
        elif folder and folder[-1] in found:
            found[folder[-1]].append((path.stem, path))
    return found


def film_key(title: str) -> str:
    """What the keys of a film's artifacts begin with: small letters, digits and dashes alone."""
    plain = key_of(title)[:KEY_CHARACTERS].strip("-")
    if plain and title.isascii():
        return plain
    return f"{plain}-{zlib.crc32(title.encode()):08x}".strip("-")
