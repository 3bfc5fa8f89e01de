"""One run of a film: its process, how far it is, and what its watchers are told.

Events of the subject `film:ID`: "run" and "shot" at every change of state, and else twice a second at
most; "log", as it comes; "result" or "error" at the end.
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import Any

from filmeto_core.cli.run_marks import tell_of_killed
from filmeto_core.errors import FilmetoError
from filmeto_core.film.storyboard_models import Storyboard
from filmeto_core.film_board import open_board
from filmeto_core.plan.planner import plan_film
from filmeto_core.service import FilmetoService
from filmeto_core.settings import film_environment
from filmeto_core.tasks.runtime import CallEvent
from filmeto_core.types import utc_now
from filmeto_core.web.event_log import EventLog
from filmeto_core.web.film_child import FilmChild
from filmeto_core.web.film_detail import FilmTeller, Live
from filmeto_core.web.film_models import RunDetail, RunRequest
from filmeto_core.web.film_order import FilmOrder
from filmeto_core.web.film_progress import FilmProgress, ShotRun, film_error
from filmeto_core.web.film_store import FilmFolder, FilmStore
from filmeto_core.web.film_wanted import LastRun, RunFiles

logger = logging.getLogger(__name__)

PERIOD_S = 0.5  # between two events that tell of nothing but progress


@dataclass(frozen=True)
class FilmStudio:
    """What the runs of one server share.

    Args:
        service: Plans films; its plugins serve them.
        events: Tells of them.
        films: Where they lie.
        teller: Reads their storyboards, and tells of what was made.
    """

    service: FilmetoService
    events: EventLog
    films: FilmStore
    teller: FilmTeller

    def board(self, film: FilmFolder, request: RunRequest) -> tuple[Storyboard, Storyboard]:
        """The film's storyboard, checked: whole, and as it is asked for. Reads files.

        Raises:
            StoryboardError, ValidationError, PluginNotFoundError, ResourceProcessingError: It
                cannot be made so.
        """
        whole = self.teller.reader.read(film, self.films.read(film)[0]).checked()
        asked = request.model_dump(exclude={"budget"})
        return whole, open_board(self.service, whole.to_dict(), **asked)


class RunInHand:
    """A run that is wanted, waits, runs, and has ended; only the server's event loop touches it.

    Args:
        files: What the film's folder holds of its runs.
        request: What is asked for.
        studio: What runs share.
    """

    def __init__(self, files: RunFiles, request: RunRequest, studio: FilmStudio) -> None:
        self.files, self.film, self.request = files, files.film, request
        self.work: asyncio.Task[None] | None = None
        self.cancelled = self.left = False
        self._studio, self._service = studio, studio.service
        self._made: set[str] = set()
        self._telling: asyncio.Task[None] | None = None
        self._child: FilmChild | None = None
        self._progress = FilmProgress((), None)
        self._result: dict[str, Any] | None = None
        self._error: FilmetoError | None = None
        self._spent_at = -1
        self._told: dict[str, ShotRun] = {}
        self._told_run: RunDetail | None = None
        self._detail = RunDetail(
            state="queued",
            message="waiting for its turn",
            budget=request.budget,
            options=request.model_dump(exclude={"budget"}, exclude_defaults=True),
        )

    # --- as it stands -------------------------------------------------------------------------

    def detail(self) -> RunDetail:
        """The run as it stands now."""
        if self._detail.state != "running":
            return self._detail
        progress = self._progress
        told = {
            "percent": min(progress.percent, 99.9),
            "time_left_s": progress.time_left_s(),
            "message": progress.message or self._detail.message,
            "calls": progress.done,
            "cached": progress.cached,
        }
        return self._detail.model_copy(update=told)

    def shots(self) -> list[ShotRun]:
        """Its shots as they stand now, in the film's order."""
        return [self._progress.shot(shot) for shot in self._progress.shots]

    def stop(self) -> None:
        """Have it end; the one who asks has said why (`cancelled`, `left`)."""
        if self._child is not None:
            self._child.stop()
        elif self.work is not None:
            self.work.cancel()

    def fail(self, error: Exception) -> None:
        """It failed for a fault of this process."""
        told = f"unexpected {type(error).__name__}: {error}"
        hint = "Report this as a bug of filmeto; the server's log has the traceback."
        self._error = error if isinstance(error, FilmetoError) else FilmetoError(told, hint=hint)

    # --- its work -----------------------------------------------------------------------------

    async def make(self, environment: dict[str, str]) -> None:
        """Make the film; returns when its process has ended, whatever came of it.

        Args:
            environment: Variables of the process, besides those that the settings give it.
        """
        self._change(state="running", started_at=utc_now(), message="reading the storyboard")
        self._progress = await asyncio.to_thread(self._planned)
        if self.cancelled or self.left:
            return
        code = await self._run_process(environment)
        if self._result is None and self._error is None and not (self.cancelled or self.left):
            self._error = await self._crashed(code)

    def _planned(self) -> FilmProgress:
        """The storyboard is given to the run, and what is to be done is planned.

        Raises:
            FilmetoError: The film cannot be made so; it was edited since it was asked for.
        """
        whole, board = self._studio.board(self.film, self.request)
        self.files.give(whole)
        asked = self.request.model_dump(exclude={"budget"})
        self._service.journal.flush()
        plan = plan_film(self._service, whole.to_dict(), out=self.film.out, **asked)
        return FilmProgress([shot.id for shot in board.shots], plan)

    async def _run_process(self, environment: dict[str, str]) -> int:
        settings = self._service.settings
        manifests = [plugin.manifest for plugin in self._service.registry.plugins]
        # As for `filmeto film`: a plugin counts as usable where what it needs is set.
        names = {n for m in manifests for n in (*m.environment, *m.requirements.environment)}
        self._child = FilmChild(
            FilmOrder(
                storyboard=self.files.board,
                out=self.film.out,
                name=self.film.id,
                nice=settings.serve_nice,
                **self.request.model_dump(),
            ),
            film_environment(settings, tuple(names)) | environment,
            self.files.log,
            self._heard,
            settings.portable,
        )
        if self.cancelled or self.left:
            self._child.stop()
        ticking = asyncio.create_task(self._tick())
        try:
            return await asyncio.shield(self._child.ended)
        finally:
            ticking.cancel()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(PERIOD_S)
            await self._look_at_cost()
            self.tell_progress()

    async def _look_at_cost(self) -> None:
        """What it has cost so far, by the journal, where a call has ended since it was read."""
        if self._detail.id is None or self._spent_at == self._progress.done:
            return
        self._spent_at = self._progress.done
        try:
            run = await asyncio.to_thread(self._service.journal.run, self._detail.id)
        except FilmetoError as error:
            logger.debug("what it cost is not known: %s", error)
            return
        self._detail = self._detail.model_copy(update={"spent": [str(m) for m in run.spent]})

    async def _crashed(self, code: int) -> FilmetoError:
        """The error of a process that ended without a word; Prefect is told as well."""
        await asyncio.to_thread(tell_of_killed, self._service.settings.runs_dir)
        how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        return FilmetoError(
            f"the film's process {how} before the film was done.",
            hint="Run the film again: what is done is kept. Its log may tell more.",
            retryable=True,
            exit_code=code if code >= 0 else None,
            signal=-code if code < 0 else None,
            stderr=self._child.last_words() or None,
        )

    # --- what its process says ----------------------------------------------------------------

    def _heard(self, line: dict[str, Any]) -> None:
        kind = line.pop("_type", "")
        if kind == "call":
            event = CallEvent(**line)
            self._progress.note(event)
            if event.shot is not None:
                self._tell_shot(event.shot, states_only=True)
            if event.kind in ("done", "failed") and event.stage != "environment":
                self._tell(_log_of(event))
        elif kind == "run":
            self._change(**line)
        elif kind == "log":
            self._tell({"_type": "log", **line})
        elif kind == "result":
            self._result = line
        elif kind == "error":
            self._error = FilmetoError.from_dict(line)

    # --- what is told -------------------------------------------------------------------------

    async def end(self) -> None:
        """Keep and tell how it ended; a run that is left to the next start stays wanted."""
        if self.left and self._result is None and self._error is None:
            self._change(state="interrupted", message="the server ends; its next start goes on")
            return
        await self._look_at_cost()
        if self._error is not None:
            self._progress.fail(self._error.details.get("shots") or {})
        ending = self._ending()
        self._detail = self.detail().model_copy(
            update={"ended_at": utc_now(), "time_left_s": None, **ending}
        )
        last = LastRun(run=self._detail, shots=tuple(self.shots()))
        try:
            await asyncio.to_thread(self.files.end, last)
        except FilmetoError:
            logger.exception("the end of %s could not be kept", self.film.id)
        self._tell_shots()
        if self._telling is not None:
            await self._telling
        self._tell({"_type": "run", **self._detail.model_dump(mode="json")})
        if ending["state"] != "cancelled":
            self._tell(await asyncio.to_thread(self._last_event))

    def _ending(self) -> dict[str, Any]:
        if self._result is not None:
            told = {"calls": self._result["calls"], "cached": self._result["cached"]}
            notes = list(self._result["notes"])
            return {"state": "done", "percent": 100.0, "message": "done", "notes": notes, **told}
        if self.cancelled:
            return {"state": "cancelled", "message": "cancelled"}
        error = film_error(self._error.to_dict())
        return {"state": "failed", "message": error.message, "error": error}

    def _last_event(self) -> dict[str, Any]:
        if self._result is not None:
            numbers = {n: self._result[n] for n in ("duration_s", "calls", "cached", "notes")}
            film = self._studio.teller.detail(self.film, Live(self._detail))
            kept = {"film", "subtitles_url", "contact_sheet_url", "score", "spent", "state"}
            return {"_type": "result", **numbers, **film.model_dump(mode="json", include=kept)}
        told = self._error.to_dict()
        details = {"hint": told["hint"], "retryable": told["retryable"], **told["details"]}
        return {"_type": "error", **{n: told[n] for n in ("code", "message")}, "details": details}

    def tell_progress(self) -> None:
        """Tell what differs from what was told last."""
        self._tell_shots()
        self._tell_run()

    def _change(self, **fields: Any) -> None:
        """A change of state, which is told at once."""
        self._detail = self._detail.model_copy(update=fields)
        self._tell_run()

    def _tell_run(self) -> None:
        detail = self.detail()
        if self._told_run != detail:
            self._told_run = detail
            self._tell({"_type": "run", **detail.model_dump(mode="json")})

    def _tell_shots(self) -> None:
        for shot in self._progress.shots:
            self._tell_shot(shot)

    def _tell_shot(self, shot: str, states_only: bool = False) -> None:
        before, now = self._told.get(shot), self._progress.shot(shot)
        if before == now or (states_only and before and before.state == now.state):
            return
        self._told[shot] = now
        if now.state == "done":
            self._made.add(shot)
            if self._telling is None or self._telling.done():
                self._telling = asyncio.create_task(self._tell_made())
        else:
            self._tell({"_type": "shot", **now.model_dump(mode="json")})

    async def _tell_made(self) -> None:
        """Tell of shots that are done, with what was made of them."""
        while self._made:
            made, self._made = self._made, set()
            details = await asyncio.to_thread(self._made_shots)
            for shot in (shot for shot in self._progress.shots if shot in made):
                told = self._progress.shot(shot).model_dump(mode="json")
                self._tell({"_type": "shot", **told, **details.get(shot, {})})

    def _made_shots(self) -> dict[str, dict[str, Any]]:
        """By id, what there is of each shot."""
        try:
            film = self._studio.teller.detail(self.film, Live())
        except FilmetoError as error:  # it was deleted, or edited into a draft
            logger.debug("its shots cannot be told of: %s", error)
            return {}
        kept = {"parts", "cost", "start_s", "length_s", "take"}
        return {shot.id: shot.model_dump(mode="json", include=kept) for shot in film.shot_list}

    def _tell(self, event: dict[str, Any]) -> None:
        self._studio.events.add(subject_of(self.film.id), event)


def _log_of(event: CallEvent) -> dict[str, Any]:
    """How a call ended, as a line of the film's log."""
    how = "from the cache" if event.cached else f"{event.seconds:.1f} s"
    failed = event.kind == "failed"
    line = f"failed: {event.message}" if failed else f"done, {how}"
    by = f" ({event.plugin})" if event.plugin else ""
    return {
        "_type": "log",
        "line": f"{event.tool}{by} {line}",
        "level": "error" if failed else "info",
        "shot": event.shot,
        "tool": event.tool,
    }


def subject_of(film_id: str) -> str:
    """The name of a film's events."""
    return f"film:{film_id}"
