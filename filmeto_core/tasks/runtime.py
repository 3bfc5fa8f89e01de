"""What the tasks of a process share: one service, the shot that is being made, who watches.

A service is made when the first task runs, and its plugins stop when the process ends.
"""

import asyncio
import atexit
import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from filmeto_core.asked import Asked
from filmeto_core.place import NOWHERE, Place
from filmeto_core.profiles import Project, find_project
from filmeto_core.remote.links import Links
from filmeto_core.resources.calls import CallRecord
from filmeto_core.service import FilmetoService
from filmeto_core.settings import Settings, current_settings
from filmeto_core.types import Model

_lock = threading.Lock()
_service: FilmetoService | None = None
_links: tuple[FilmetoService, Links] | None = None
_shot: ContextVar[str | None] = ContextVar("filmeto_shot", default=None)
_place: ContextVar[Place] = ContextVar("filmeto_place", default=NOWHERE)
_ran: ContextVar[list[str] | None] = ContextVar("filmeto_ran", default=None)
_here: ContextVar[bool] = ContextVar("filmeto_here", default=False)
_kept: ContextVar[FilmetoService | None] = ContextVar("filmeto_kept", default=None)
_watchers: list[Callable[["CallEvent"], None]] = []
_edits_file: Path | None = None


class CallEvent(Model):
    """What happened to a call, for whoever watches the process."""

    call_id: str = Field(description="The task's id")
    shot: str | None = Field(description="None for what belongs to the film as a whole")
    tool: str
    plugin: str
    kind: Literal["started", "progress", "waiting", "answered", "done", "failed"] = Field(
        description="waiting: for a person, who is told how to answer; then answered"
    )
    percent: float = 0.0
    message: str = ""
    stage: str = Field("", description='"environment" or "inputs" while those are made ready')
    cached: bool = False
    seconds: float = 0.0
    cost: str | None = Field(None, description='What it cost now, such as "0.04 EUR"')
    error: dict[str, Any] | None = Field(None, description="Of a failure, as its `to_dict` tells")


def service() -> FilmetoService:
    """The process's service, for the settings and the project of the moment.

    Settings or a working folder that changed since (as tests do) get a service of their own; a film
    keeps to the one that it began with.
    """
    global _service
    kept = _kept.get()
    if kept is not None and kept is _service:
        return kept
    settings, project = current_settings(), find_project()
    with _lock:
        if _service and (_service.settings, _service.project) != (settings, project):
            _service.close_sync()
            _service = None
        if _service is None:
            _service = _made(settings, project)
        return _service


@contextmanager
def keeping(here: FilmetoService) -> Iterator[None]:
    """Calls made inside keep to this service: a look at settings and project costs each 0.3 ms."""
    token = _kept.set(here)
    try:
        yield
    finally:
        with suppress(ValueError):  # left in another context than it was entered in
            _kept.reset(token)


def links() -> Links:
    """Where files of the process's service open in a browser."""
    global _links
    here = service()
    if _links is None or _links[0] is not here:
        _links = (here, Links(here))
    return _links[1]


def local_service() -> FilmetoService:
    """A service with this machine's own plugins, whatever FILMETO_API_URL says."""
    if not current_settings().api_url:
        return service()
    return FilmetoService(current_settings(), find_project())


def _made(settings: Settings, project: Project) -> FilmetoService:
    if not settings.api_url:
        made = FilmetoService(settings, project)
    else:
        from filmeto_core.remote.remote_service import RemoteService  # its client costs 0.1 s

        made = RemoteService(settings, project)
    made.elsewhere = functools.partial(_elsewhere, made)
    return made


async def _elsewhere(here: FilmetoService, asked: Asked) -> CallRecord:
    """The record of a call that a machine of its work queue makes."""
    from filmeto_core.tasks.placed_call import PlacedCall  # few calls need it

    return await PlacedCall(here, asked).record()


@contextmanager
def made_here() -> Iterator[None]:
    """Calls made inside are made by this machine, whatever work queue the profile names."""
    token = _here.set(True)
    try:
        yield
    finally:
        _here.reset(token)


def is_made_here() -> bool:
    """Whether this machine makes the calls, since another one asked it to."""
    return _here.get()


@atexit.register
def close_service() -> None:
    """Stop the plugins of the process's service, if there is one."""
    global _service
    with _lock:
        if _service is not None:
            _service.close_sync()
            _service = None


async def flush_shared() -> None:
    """Wait, for as long as the settings say, for what a run still sends to the shared store.

    As a process ends it is too late for that: no new connection can be made then.
    """
    here = _service
    if here is not None and here.shared is not None:
        await asyncio.to_thread(here.shared.flush, here.settings.store_flush_s)


@contextmanager
def making(shot: str | None) -> Iterator[None]:
    """Calls made inside belong to this shot: their names, errors and events say so."""
    token = _shot.set(shot)
    try:
        yield
    finally:
        _shot.reset(token)


@contextmanager
def placed(place: Place) -> Iterator[None]:
    """Calls made inside belong to this run."""
    token = _place.set(place)
    try:
        yield
    finally:
        with suppress(ValueError):  # left in another context than it was entered in
            _place.reset(token)


def current_place() -> Place:
    """Where a call belongs that is made now."""
    return _place.get().of_shot(_shot.get())


@contextmanager
def noting() -> Iterator[list[str]]:
    """The ids of the calls whose tasks ran inside: none where Prefect had the result already."""
    ran: list[str] = []
    token = _ran.set(ran)
    try:
        yield ran
    finally:
        _ran.reset(token)


def note_run(call_id: str) -> None:
    """Tell whoever is `noting` that this call's task runs."""
    ran = _ran.get()
    if ran is not None:
        ran.append(call_id)


def current_shot() -> str | None:
    """The shot that is being made, if any."""
    return _shot.get()


@contextmanager
def watching(watcher: Callable[[CallEvent], None]) -> Iterator[None]:
    """`watcher` gets every call's events while this lasts; it must be quick and thread-safe."""
    _watchers.append(watcher)
    try:
        yield
    finally:
        _watchers.remove(watcher)


def publish(event: CallEvent) -> None:
    """Tell every watcher."""
    for watcher in tuple(_watchers):
        watcher(event)


def keep_edits_in(storyboard: Path) -> None:
    """A review's edits go to this file, where the film is made of a copy of it."""
    global _edits_file
    _edits_file = storyboard


def edits_file() -> Path | None:
    """The file that a review's edits go to; None: the storyboard that the film is made of."""
    return _edits_file
