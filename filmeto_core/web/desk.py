"""What the requests of one server share: the service with its warm plugins, tasks, events."""

import asyncio
import logging
import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated

from fastapi import Depends, Request

from filmeto_core.journal.owned import Owned
from filmeto_core.journal.posted import Posted
from filmeto_core.service import FilmetoService
from filmeto_core.settings import telemetry_environment
from filmeto_core.steps import watch
from filmeto_core.web.access import Caller
from filmeto_core.web.event_log import EventLog
from filmeto_core.web.film_detail import FilmTeller
from filmeto_core.web.film_live import FilmRuns
from filmeto_core.web.film_parts import FilmParts
from filmeto_core.web.film_reading import FilmReader
from filmeto_core.web.film_store import FilmStore
from filmeto_core.web.key_ring import KeyRing
from filmeto_core.web.metrics import Metrics
from filmeto_core.web.options import ServeOptions
from filmeto_core.web.quotas import Quotas
from filmeto_core.web.sessions import Sessions
from filmeto_core.web.task_board import TaskBoard
from filmeto_core.web.traces import Traces, configured_traces
from filmeto_core.web.uploads import Uploads

logger = logging.getLogger(__name__)

DAY_S = 86400.0
TIDY_EVERY_S = 3600.0


@dataclass
class Desk:
    """One server's parts; `open_desk` makes it.

    Args:
        options: How the server was asked to serve.
        service: Runs the calls; its plugins stay up from one to the next.
        posted: What was posted, on the disk.
        events: What happens.
        tasks: Those in hand.
        keys: Those in force.
        quotas: What each tenant has taken of its own.
        films: Films on the disk.
        film_teller: Tells of them.
        film_runs: Runs them; None: this server does not.
        passes: Tokens that the server gave to processes of its own, and as whom they call.
        metrics: What it counts.
        traces: Its spans, where they are configured.
    """

    options: ServeOptions
    service: FilmetoService
    posted: Posted
    events: EventLog
    tasks: TaskBoard
    keys: KeyRing
    quotas: Quotas
    films: FilmStore
    film_teller: FilmTeller
    film_runs: FilmRuns | None = None
    sessions: Sessions = field(default_factory=Sessions)
    passes: dict[str, Caller] = field(default_factory=dict)
    metrics: Metrics = field(default_factory=Metrics)
    traces: Traces | None = None
    started_at: float = field(default_factory=time.time)
    address: str = ""
    _tidying: "asyncio.Task[None] | None" = None

    @cached_property
    def owned(self) -> Owned:
        """Whose the files in the store are."""
        return Owned(self.posted)

    @cached_property
    def uploads(self) -> Uploads:
        """What callers are bringing."""
        return Uploads(self.service.store, self.owned, self.service.settings)

    async def open(self) -> None:
        """Go on with what the last server left; from here on requests are answered."""
        self.service.hold()
        self.keys.watch()
        self.tasks.own.serve_at(self.address, self.options)
        self.metrics.watch_loop()
        self.tasks.on_ended = self.metrics.ended
        if self.traces is not None:
            watch(self.traces.step)
        await self.tasks.take_up()
        self._tidying = asyncio.create_task(self._tidy_for_ever())

    async def close(self) -> None:
        """Let running work finish within the grace, leave the rest to the next start, end."""
        if self._tidying is not None:
            self._tidying.cancel()
        self.keys.close()
        await self.tasks.stop(self.service.settings.serve_stop_grace_s)
        self.events.close()
        await self.service.close()
        await asyncio.to_thread(self.posted.close)
        self.metrics.close()
        if self.traces is not None:
            await asyncio.to_thread(self.traces.close)

    async def _tidy_for_ever(self) -> None:
        keep_s = self.service.settings.serve_keep_days * DAY_S
        while True:
            try:
                await self.posted.forget(time.time() - keep_s)
                await self.uploads.forget(time.time())
            except Exception:  # the edge of a task: it is only tidying
                logger.warning("ended tasks could not be forgotten", exc_info=True)
            await asyncio.sleep(TIDY_EVERY_S)


def open_desk(service: FilmetoService, options: ServeOptions | None = None) -> Desk:
    """The desk of a server that starts now.

    Raises:
        StoreError: The journal's folder cannot be written.
        ValidationError: The file of keys cannot be used.
    """
    options = options or ServeOptions()
    keys = KeyRing(service.settings.serve_dir)
    posted = Posted(service.settings.journal_dir)
    events = EventLog(posted, posted.begin_epoch())
    quotas = Quotas(posted, service.settings.films_dir)
    tasks = TaskBoard(service, posted, events)
    films = FilmStore(service.settings.films_dir)
    reader = FilmReader(service, posted, options.allow_paths)
    teller = FilmTeller(films, reader, FilmParts(service.store), service)
    traces = configured_traces(telemetry_environment())
    return Desk(options, service, posted, events, tasks, keys, quotas, films, teller, traces=traces)


def desk_of(request: Request) -> Desk:
    """The desk of the server that got this request."""
    return request.app.state.desk


AtDesk = Annotated[Desk, Depends(desk_of)]
