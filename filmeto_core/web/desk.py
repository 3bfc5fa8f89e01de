"""What the requests of one server share: the service with its warm plugins, tasks, events."""

import asyncio
import logging
import socket
import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated

import httpx
from fastapi import Depends, Request

from filmeto_core.journal.owned import Owned
from filmeto_core.journal.posted import Posted
from filmeto_core.service import FilmetoService
from filmeto_core.settings import telemetry_environment
from filmeto_core.steps import watch
from filmeto_core.web.access import Caller
from filmeto_core.web.allowed_paths import AllowedPaths
from filmeto_core.web.event_log import EventLog
from filmeto_core.web.film_detail import FilmTeller
from filmeto_core.web.film_parts import FilmParts
from filmeto_core.web.film_reading import FilmReader
from filmeto_core.web.film_runs import FilmRuns
from filmeto_core.web.film_store import FilmStore
from filmeto_core.web.key_ring import KeyRing
from filmeto_core.web.metrics import Metrics
from filmeto_core.web.options import ServeOptions
from filmeto_core.web.quotas import Quotas
from filmeto_core.web.sessions import Sessions
from filmeto_core.web.task_board import TaskBoard
from filmeto_core.web.traces import Traces, configured_traces
from filmeto_core.web.uploads import Uploads
from filmeto_core.web.webhooks import Webhooks

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
        passes: Tokens that the server gave to processes of its own, and as whom they call.
        metrics: What it counts.
        traces: Its spans, where they are configured.
        film_runs: Films in the making.
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
    sessions: Sessions = field(default_factory=Sessions)
    passes: dict[str, Caller] = field(default_factory=dict)
    metrics: Metrics = field(default_factory=Metrics)
    traces: Traces | None = None
    started_at: float = field(default_factory=time.time)
    address: str = ""
    film_runs: FilmRuns = field(init=False)
    _end_by: float = 0.0
    _tidying: "asyncio.Task[None] | None" = None

    def __post_init__(self) -> None:
        self.film_runs = FilmRuns(
            self.service,
            self.events,
            self.films,
            self.film_teller,
            self.owned,
            self.passes,
            lambda: self.own_address,
            self.tasks.webhooks,
        )

    @cached_property
    def owned(self) -> Owned:
        """Whose the files in the store are."""
        return Owned(self.posted)

    @cached_property
    def uploads(self) -> Uploads:
        """What callers are bringing."""
        return Uploads(self.service.store, self.owned, self.service.settings)

    @property
    def own_address(self) -> str:
        """Where processes of this machine reach the server."""
        return f"unix://{self.options.socket}" if self.options.socket else self.address

    @property
    def browser_address(self) -> str:
        """Where browsers reach the server, as far as it knows: of all addresses, by a name."""
        url = httpx.URL(self.address)
        if url.host not in ("0.0.0.0", "::"):
            return self.address
        names = (*self.options.allow_hosts, socket.gethostname())
        return str(url.copy_with(host=names[0])).rstrip("/")

    @property
    def webhooks(self) -> Webhooks:
        """Tells callers' own servers of what ended."""
        return self.tasks.webhooks

    async def open(self) -> None:
        """Go on with what the last server left; from here on requests are answered."""
        self.service.hold()
        self.keys.watch()
        self.tasks.own.serve_at(self.address, self.options)
        self.metrics.watch_loop()
        self.tasks.on_ended = self.metrics.ended
        if self.traces is not None:
            watch(self.traces.step)
        self.service.plugins.nice = self.service.settings.serve_nice
        await self.tasks.take_up()
        await self.film_runs.take_up()
        self.webhooks.start()
        self._tidying = asyncio.create_task(self._tidy_for_ever())

    async def finish_films(self) -> None:
        """Take no film on any more; those that are made may be finished within the grace.

        Before `close`, and while requests are still answered: films' processes call tools.
        """
        if self._end_by == 0.0:
            grace_s = self.service.settings.serve_stop_grace_s
            self._end_by = time.monotonic() + grace_s
            await self.film_runs.stop(grace_s)

    def hurry(self) -> None:
        """Do not wait for the grace to end: what runs is left to the next start now."""
        self.film_runs.hurry()
        self.tasks.hurry()

    async def close(self) -> None:
        """Let running work finish within the grace, leave the rest to the next start, end."""
        if self._tidying is not None:
            self._tidying.cancel()
        self.keys.close()
        await self.finish_films()
        await self.tasks.stop(max(0.0, self._end_by - time.monotonic()))
        await self.webhooks.stop()
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
    films_dir = service.settings.films_dir
    quotas = Quotas(posted, service.journal, films_dir)
    paths = AllowedPaths(options.allow_paths, films_dir, service.store, posted)
    tasks = TaskBoard(service, posted, events, quotas, paths)
    films = FilmStore(films_dir)
    reader = FilmReader(service, posted, options.allow_paths)
    teller = FilmTeller(films, reader, FilmParts(service.store), service)
    traces = configured_traces(telemetry_environment())
    return Desk(options, service, posted, events, tasks, keys, quotas, films, teller, traces=traces)


async def desk_of(request: Request) -> Desk:  # async: FastAPI gives others to a thread
    """The desk of the server that got this request."""
    return request.app.state.desk


AtDesk = Annotated[Desk, Depends(desk_of)]
