"""What films ask of those who run them: how a run stands, shot by shot, and to start one."""

from collections.abc import Mapping
from typing import Protocol

from filmeto_core.web.access import Caller
from filmeto_core.web.film_models import FilmError, RunDetail, RunRequest, ShotStatus

IN_HAND = ("queued", "running")


class LiveShot(Protocol):
    """How a shot stands in the run that is in hand; a ShotDetail is one."""

    id: str
    state: ShotStatus
    percent: float
    stage: str
    message: str
    error: FilmError | None


class FilmRuns(Protocol):
    """Runs films. Only the server's event loop calls it."""

    def run_of(self, film_id: str) -> RunDetail | None:
        """The film's run that is in hand, or the last one that this server had; None: no such."""

    def shots_of(self, film_id: str) -> Mapping[str, LiveShot]:
        """By id, the shots that this run has to tell something of."""

    async def start(self, caller: Caller, film_id: str, request: RunRequest) -> RunDetail:
        """Take a run on.

        Raises:
            ConflictError: One is in hand.
            FilmetoError: It cannot be run.
        """
