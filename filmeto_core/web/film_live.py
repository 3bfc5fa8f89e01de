"""What films ask of those who run them: how a run in hand stands, shot by shot."""

from typing import Protocol

from filmeto_core.tasks.film_progress import FilmError, ShotStatus

IN_HAND = ("queued", "running")


class LiveShot(Protocol):
    """How a shot stands in the run that is in hand; a ShotDetail is one."""

    id: str
    state: ShotStatus
    percent: float
    stage: str
    message: str
    error: FilmError | None
