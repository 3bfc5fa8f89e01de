"""What is kept of a film's runs in its folder: that one is wanted, and how the last one ended.

wanted.json is there from before a run's start is answered until the run has ended, so that a server
that was killed goes on with it at its next start; last_run.json is written before it goes.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import Field
from pydantic import ValidationError as Invalid

from filmeto_core.film.storyboard_models import Storyboard
from filmeto_core.resources.durable import read_json, store_errors, sync_folder, write_json
from filmeto_core.settings import Settings
from filmeto_core.tasks.film_progress import ShotRun
from filmeto_core.types import Model
from filmeto_core.web.film_models import RunDetail, RunRequest
from filmeto_core.web.film_store import FilmFolder

WANTED, LAST_RUN, LOG, RUN = "wanted.json", "last_run.json", "run.log", "run"
INCOMING = ".incoming"  # in the folder of all films, on the same disk


class Wanted(Model):
    """A run that is wanted."""

    tenant: str
    film_id: str
    request: RunRequest
    asked_at: datetime


class LastRun(Model):
    """The run that ended last."""

    run: RunDetail
    shots: tuple[ShotRun, ...] = Field((), description="As they stood at its end")


class RunFiles:
    """What one film's folder holds of its runs.

    Args:
        film: The film's folder.
    """

    def __init__(self, film: FilmFolder) -> None:
        self.film = film
        self._incoming = film.path.parent.parent / INCOMING

    @property
    def log(self) -> Path:
        """What the last run's process wrote to stderr."""
        return self.film.path / LOG

    @property
    def board(self) -> Path:
        """The storyboard as the last run has it: checked, its files found; named as the film."""
        return self.film.path / RUN / f"{self.film.id}.json"

    def want(self, wanted: Wanted) -> None:
        """Keep that a run is wanted; it is on the disk when this returns.

        Raises:
            StoreError: It could not be written.
        """
        self._write(self.film.path / WANTED, wanted.model_dump(mode="json"))

    def give(self, board: Storyboard) -> None:
        """Keep the storyboard for a run: edits that come later are not its.

        Raises:
            StoreError: It could not be written.
        """
        self._write(self.board, board.to_dict())

    def end(self, last: LastRun) -> None:
        """Keep how the run ended, and that none is wanted any more.

        Raises:
            StoreError: It could not be written.
        """
        if not self.film.path.is_dir():  # the film was deleted meanwhile
            return
        self._write(self.film.path / LAST_RUN, last.model_dump(mode="json"))
        self.forget()

    def forget(self) -> None:
        """No run is wanted any more.

        Raises:
            StoreError: It could not be written.
        """
        with store_errors(self.film.path):
            (self.film.path / WANTED).unlink(missing_ok=True)
            sync_folder(self.film.path)

    def last(self) -> LastRun | None:
        """How the last run ended; None where there was none."""
        return _read(self.film.path / LAST_RUN, LastRun)

    def _write(self, path: Path, told: Any) -> None:
        with store_errors(path.parent):
            write_json(path, told, incoming=self._incoming)


def all_wanted(settings: Settings) -> Iterator[Wanted]:
    """The runs that are wanted, those first that were asked for first."""
    found = (_read(path, Wanted) for path in settings.films_dir.glob(f"*/*/{WANTED}"))
    yield from sorted(filter(None, found), key=lambda wanted: wanted.asked_at)


def _read(path: Path, kind: type[Model]) -> Any:
    try:
        told = read_json(path)
        return None if told is None else kind.model_validate(told)
    except (OSError, Invalid):  # an older filmeto's, or half a disk
        return None
