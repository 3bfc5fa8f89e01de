"""One run of a film, from when it is wanted to its end: its process, how far it is, how it ended.

Changes of state are told at once, progress twice a second at most.
"""

import asyncio
import functools
import logging
from collections.abc import Callable
from typing import Any

from filmeto_core.errors import FilmetoError
from filmeto_core.run_marks import tell_of_killed
from filmeto_core.settings import film_environment
from filmeto_core.tasks.film_progress import FilmProgress, ShotRun, film_error
from filmeto_core.tasks.runtime import CallEvent
from filmeto_core.types import utc_now
from filmeto_core.web.film_child import FilmChild
from filmeto_core.web.film_models import RunDetail, RunRequest
from filmeto_core.web.film_order import FilmOrder
from filmeto_core.web.film_studio import FilmStudio
from filmeto_core.web.film_telling import FilmTelling
from filmeto_core.web.film_wanted import LastRun, RunFiles
from filmeto_core.web.turn import Turn

logger = logging.getLogger(__name__)

PERIOD_S = 0.5  # between two events that tell of nothing but progress
WAITING = "waiting for the review of its stills: approve them here, or by `filmeto review`"
_NUMBERS = ("duration_s", "calls", "cached", "notes")


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
        made = functools.partial(studio.made_shots, self.film)
        self._tell = FilmTelling(studio.events, self.film.id, made)
        self._child: FilmChild | None = None
        self._progress = FilmProgress((), None)
        self._result: dict[str, Any] | None = None
        self._error: FilmetoError | None = None
        self._spent_at = -1
        self._turn: Turn | None = None
        self._waits, self._asking = False, None
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
        if self._detail.review:
            told |= {"time_left_s": None, "message": WAITING}
        return self._detail.model_copy(update=told)

    def shots(self) -> list[ShotRun]:
        """Its shots as they stand now, in the film's order."""
        return [self._progress.shot(shot) for shot in self._progress.shots]

    @property
    def prefect_id(self) -> str | None:
        """Its run's in Prefect, once it has one."""
        return (self._detail.prefect_url or "").rpartition("/")[2] or None

    def taking_turn(self, turns: asyncio.Semaphore) -> Turn:
        """Its turn among the films that are made at once."""
        self._turn = Turn(turns)
        return self._turn

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
        plan = self._studio.plan(self.film, whole, self.request)
        return FilmProgress([shot.id for shot in board.shots], plan)

    async def _run_process(self, environment: dict[str, str]) -> int:
        settings = self._service.settings
        manifests = [plugin.manifest for plugin in self._service.registry.plugins]
        # As for `filmeto film`: a plugin counts as usable where what it needs is set.
        names = {n for m in manifests for n in (*m.environment, *m.requirements.environment)}
        self._child = FilmChild(
            FilmOrder(
                storyboard=self.files.board,
                edits=self.film.storyboard,
                out=self.film.out,
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
        done = self._progress.done
        try:
            run = await asyncio.to_thread(self._service.journal.run, self._detail.id)
        except FilmetoError as error:
            logger.debug("what it cost is not known: %s", error)
            return
        self._spent_at = done
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
            if event.kind in ("waiting", "answered"):
                self._review(event.kind == "waiting")
                return
            self._progress.note(event)
            if event.shot is not None:
                self._tell.shot(self._progress.shot(event.shot), states_only=True)
            if event.kind in ("done", "failed") and event.stage != "environment":
                self._tell.call(event)
        elif kind == "run":
            self._change(**line)
        elif kind == "log":
            self._tell.log(line)
        elif kind == "result":
            self._result = line
        elif kind == "error":
            self._error = FilmetoError.from_dict(line)

    def _review(self, waits: bool) -> None:
        """It waits for a person, or was answered."""
        self._waits = waits
        if self._turn is not None:
            (self._turn.let_go if waits else self._turn.take_back)()
        if waits:
            self._asking = asyncio.create_task(self._ask())
        else:
            self._change(review=False)

    async def _ask(self) -> None:
        """Tell that it waits, once the stills can be looked at: they are its tenant's by then."""
        await asyncio.to_thread(self._studio.made_shots, self.film)
        if self._waits:
            self._change(review=True)

    # --- what is told -------------------------------------------------------------------------

    async def end(self) -> Callable[[], None]:
        """Keep how it ended; a run that is left to the next start stays wanted.

        Returns:
            What tells of it, once another run may begin.
        """
        if self.left and self._result is None and self._error is None:
            message = "the server ends; its next start goes on"
            return lambda: self._change(state="interrupted", message=message)
        self._waits = False
        self._spent_at = -1  # what a failed call cost counts as well
        await self._look_at_cost()
        if self._error is not None:
            self._progress.fail(self._error.details.get("shots") or {})
        self._detail = self.detail().model_copy(
            update={"ended_at": utc_now(), "time_left_s": None, "review": False, **self._ending()}
        )
        last = LastRun(run=self._detail, shots=tuple(self.shots()))
        try:
            await asyncio.to_thread(self.files.end, last)
        except FilmetoError:
            logger.exception("the end of %s could not be kept", self.film.id)
        for shot in last.shots:
            self._tell.shot(shot)
        await self._tell.settle()
        if self._result is None:
            return functools.partial(self._tell_end, {})
        numbers = {name: self._result[name] for name in _NUMBERS}
        film = await asyncio.to_thread(self._studio.made_film, self.film, self._detail)
        return functools.partial(self._tell_end, numbers | film)

    def _tell_end(self, result: dict[str, Any]) -> None:
        self._tell.run(self._detail)
        if self._detail.state == "done":
            self._tell.result(result)
        elif self._detail.state == "failed":
            self._tell.error(self._error)

    def _ending(self) -> dict[str, Any]:
        if self._result is not None:
            told = {"calls": self._result["calls"], "cached": self._result["cached"]}
            notes = list(self._result["notes"])
            return {"state": "done", "percent": 100.0, "message": "done", "notes": notes, **told}
        if self.cancelled:
            return {"state": "cancelled", "message": "cancelled"}
        error = film_error(self._error.to_dict())
        return {"state": "failed", "message": error.message, "error": error}

    def tell_progress(self) -> None:
        """Tell what differs from what was told last."""
        for shot in self.shots():
            self._tell.shot(shot)
        self._tell.run(self.detail())

    def _change(self, **fields: Any) -> None:
        """A change of state, which is told at once."""
        self._detail = self._detail.model_copy(update=fields)
        self._tell.run(self.detail())
