"""The runs of films that a server has in hand: started, queued, cancelled, taken up again.

A run is on the disk before its caller is answered, and stays wanted until it has ended: a server that
was killed goes on with it at its next start. Each film has one run at a time, in a process of its own
(`film_process`), whose tool calls go to the server's own warm plugins.
"""

import asyncio
import logging
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from filmeto_core.errors import ConflictError, FilmetoError, NotFoundError, ServerStoppingError
from filmeto_core.film_board import read_budget
from filmeto_core.film_preflight import check_budget
from filmeto_core.journal.owned import Owned
from filmeto_core.service import FilmetoService
from filmeto_core.steps import step
from filmeto_core.tasks.film_progress import ShotRun
from filmeto_core.tasks.waiting_runs import answer_run, waiting_run
from filmeto_core.types import utc_now
from filmeto_core.web.access import Caller
from filmeto_core.web.event_log import EventLog
from filmeto_core.web.film_detail import FilmTeller
from filmeto_core.web.film_models import RunDetail, RunRequest
from filmeto_core.web.film_state import run_detail
from filmeto_core.web.film_store import FilmFolder, FilmStore
from filmeto_core.web.film_studio import FilmStudio
from filmeto_core.web.film_telling import subject_of
from filmeto_core.web.film_wanted import LastRun, RunFiles, Wanted, all_wanted
from filmeto_core.web.log_context import know
from filmeto_core.web.run_in_hand import RunInHand
from filmeto_core.web.traces import carried
from filmeto_core.web.webhook_models import Webhook, check_webhook
from filmeto_core.web.webhooks import Webhooks

logger = logging.getLogger(__name__)

PASS_BYTES = 32
PASS_SCOPES = frozenset({"run"})  # a film calls tools, and reads what they made
MOST_REMEMBERED = 1000  # films whose last run is kept in memory


class FilmRuns:
    """The runs of one server; only its event loop touches it.

    Args:
        service: Checks and plans films; its plugins serve them.
        events: Tells of them.
        films: Where they lie.
        teller: Reads their storyboards, and tells of what was made.
        owned: Whose files are.
        passes: Where each film's process gets a token to call with.
        address: Where films' processes reach this server.
        webhooks: Tells of ends those who asked for that.
    """

    def __init__(
        self,
        service: FilmetoService,
        events: EventLog,
        films: FilmStore,
        teller: FilmTeller,
        owned: Owned,
        passes: dict[str, Caller],
        address: Callable[[], str],
        webhooks: Webhooks,
    ) -> None:
        self._service, self._settings = service, service.settings
        self._studio = FilmStudio(service, events, films, teller, owned)
        self._passes, self._address, self._webhooks = passes, address, webhooks
        self._live: dict[str, RunInHand] = {}
        self._ended: dict[str, LastRun | None] = {}
        self._turns = asyncio.Semaphore(self._settings.serve_films)
        self._stopping = False

    # --- what callers ask ---------------------------------------------------------------------

    async def start(
        self, caller: Caller, film_id: str, request: RunRequest, webhook: Webhook | None = None
    ) -> RunDetail:
        """Have the film made; it runs whether or not anybody watches.

        Args:
            webhook: Is told of the end.

        Raises:
            NotFoundError: There is no such film, or it is another tenant's.
            ConflictError: It is being made already.
            StoryboardError, ValidationError, PluginNotFoundError, ResourceProcessingError: It
                cannot be made so.
            ServerStoppingError, StoreError: It cannot be taken on now.
        """
        film = self.find(caller, film_id)
        if self._stopping:
            raise ServerStoppingError("the server is about to end.", hint="Try again in a moment.")
        if film_id in self._live:
            raise ConflictError(
                "the film is being made already.",
                hint=f"Wait for its end, or cancel it: POST /api/v1/films/{film_id}/cancel.",
            )
        files = RunFiles(film)
        run = self._live[film_id] = RunInHand(files, request, self._studio)
        try:
            if webhook is not None:
                check_webhook(webhook, self._settings, "webhook")
            await asyncio.to_thread(self._check, film, request)
            about = {"tenant": film.tenant, "film_id": film_id, "asked_at": utc_now()}
            if webhook is not None:
                await self._webhooks.expect(film.tenant, subject_of(film_id), webhook)
            await asyncio.to_thread(files.want, Wanted(request=request, **about))
        except BaseException:
            del self._live[film_id]
            raise
        self._begin(run)
        return run.detail()

    async def cancel(self, film_id: str) -> RunDetail | None:
        """End the film's run; returns when it has ended. One that has ended stays as it is."""
        run = self._live.get(film_id)
        if run is not None and run.work is not None:
            run.cancelled = True
            run.stop()
            await asyncio.wait([run.work])
            return run.detail()
        return self.run_of(film_id)

    async def review(self, film_id: str, answer: Mapping[str, Any]) -> RunDetail:
        """Answer for the stills that the film's run waits with.

        Raises:
            ConflictError: It waits for no review.
            NotFoundError, ValidationError: The answer cannot be followed; the run waits as before.
            FilmetoError: Prefect does not answer.
        """
        run = self._live.get(film_id)
        if run is None or not run.detail().review:
            raise ConflictError(
                "the film waits for no review.",
                hint="It waits where its storyboard says `review: stills`, once these are made.",
            )
        await asyncio.to_thread(lambda: answer_run(waiting_run(run.prefect_id), answer))
        return run.detail()

    def run_of(self, film_id: str) -> RunDetail | None:
        """The film's run that is in hand, else its last; None where there was none."""
        run = self._live.get(film_id)
        if run is not None:
            return run.detail()
        last = self._last(film_id)
        return last.run if last else None

    def shots_of(self, film_id: str) -> dict[str, ShotRun]:
        """By id, the shots of which this run has something to tell; of one that has ended, those
        that failed."""
        run = self._live.get(film_id)
        if run is not None:
            return {shot.id: shot for shot in run.shots()}
        last = self._last(film_id)
        return {shot.id: shot for shot in last.shots if shot.state == "failed"} if last else {}

    @property
    def counts(self) -> dict[str, int]:
        """Runs in hand by state."""
        return {"queued": 0, "running": 0} | Counter(
            run.detail().state for run in self._live.values()
        )

    def is_live(self, film_id: str) -> bool:
        """Whether a run of the film is in hand."""
        return film_id in self._live

    def runs(self, caller: Caller, film_id: str, limit: int = 50) -> list[RunDetail]:
        """The film's runs, newest first. Reads files.

        Raises:
            NotFoundError: There is no such film, or it is another tenant's.
        """
        film = self.find(caller, film_id)
        latest = self.run_of(film_id)
        past = [run_detail(run) for run in self._service.journal.runs(limit, film=str(film.out))]
        if latest is None:
            return past
        return [latest, *(run for run in past if run.id != latest.id)][:limit]

    # --- the server's own life ----------------------------------------------------------------

    async def take_up(self) -> None:
        """Go on with what the last server left."""
        for wanted in await asyncio.to_thread(lambda: list(all_wanted(self._settings))):
            try:
                film = self._studio.films.find(wanted.tenant, wanted.film_id)
            except NotFoundError:  # it was cut off while it was deleted
                continue
            run = RunInHand(RunFiles(film), wanted.request, self._studio)
            self._live[film.id] = run
            self._begin(run)
        for subject in await asyncio.to_thread(self._webhooks.deliveries.pending, "film"):
            film_id = subject.partition(":")[2]
            last = await asyncio.to_thread(self._last, film_id)
            if film_id not in self._live and last is not None:  # killed before that was told
                await self._tell_end(film_id, last.run)

    async def stop(self, grace_s: float) -> None:
        """Take nothing on any more; let what runs finish within the grace, leave the rest wanted."""
        self._stopping = True
        working = [run for run in self._live.values() if run.work is not None]
        if not working:
            return
        await asyncio.wait([run.work for run in working], timeout=grace_s)
        for run in working:
            run.left = True
            run.stop()
        await asyncio.wait([run.work for run in working])

    def hurry(self) -> None:
        """Do not wait for the grace to end: what runs is left to the next start now."""
        self._stopping = True
        for run in self._live.values():
            run.left = True
            run.stop()

    # --- one run ------------------------------------------------------------------------------

    def _begin(self, run: RunInHand) -> None:
        run.tell_progress()
        run.work = asyncio.create_task(self._work(run), name=f"film {run.film.id}")

    async def _work(self, run: RunInHand) -> None:
        token = secrets.token_urlsafe(PASS_BYTES)
        know(film=run.film.id, tenant=run.film.tenant)
        try:
            async with run.taking_turn(self._turns):
                if not self._stopping:
                    self._passes[token] = Caller(run.film.tenant, PASS_SCOPES, is_own=True)
                    reach = {"FILMETO_API_URL": self._address(), "FILMETO_API_KEY": token}
                    with step("film", film=run.film.id):
                        await run.make(reach | carried())
        except asyncio.CancelledError:  # it was still waiting for its turn
            run.left = not run.cancelled
        except Exception as error:  # the edge of a run
            if not isinstance(error, FilmetoError):
                logger.exception("film %s", run.film.id)
            run.fail(error)
        finally:
            self._passes.pop(token, None)
            run.left = run.left or self._stopping
            tell = await run.end()
            await self._tell_end(run.film.id, run.detail())  # before another run may begin
            self._ended.pop(run.film.id, None)
            self._live.pop(run.film.id, None)
            tell()

    async def _tell_end(self, film_id: str, run: RunDetail) -> None:
        """Tell of a run that has ended those who asked for that."""
        if run.ended_at is None:  # it is left to the next start
            return
        data = {"film_id": film_id, "run": run.model_dump(mode="json")}
        try:
            await self._webhooks.tell(subject_of(film_id), f"film.{run.state}", run.ended_at, data)
        except FilmetoError as error:  # the next start does
            logger.warning("the end of %s could not be told: %s", film_id, error)

    def _last(self, film_id: str) -> LastRun | None:
        if film_id not in self._ended:
            film = self._studio.films.anyones(film_id)
            self._ended[film_id] = RunFiles(film).last() if film else None
            while len(self._ended) > MOST_REMEMBERED:
                del self._ended[next(iter(self._ended))]
        return self._ended[film_id]

    def _check(self, film: FilmFolder, request: RunRequest) -> None:
        """All that can be known to be wrong before anything starts."""
        budget = read_budget(request.budget)
        _, board = self._studio.board(film, request)
        check_budget(self._service, board, budget)

    def find(self, caller: Caller, film_id: str) -> FilmFolder:
        """The caller's film.

        Raises:
            NotFoundError: There is no such film, or it is another tenant's.
        """
        return self._studio.films.find(caller.tenant, film_id)
