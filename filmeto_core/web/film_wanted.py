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

from filmeto_core.resources.durable import read_json, store_errors, sync_folder, write_json
from filmeto_core.settings import Settings
from filmeto_core.types import Model
from filmeto_core.web.film_models import RunDetail, RunRequest
from filmeto_core.web.film_progress import ShotRun

WANTED, LAST_RUN, LOG = "wanted.json", "last_run.json", "run.log"


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


class FilmPlace:
    """One film's folder.

    Args:
        settings: Where data lives.
        tenant: Whose film it is.
        film_id: Its id.
    """

    def __init__(self, settings: Settings, tenant: str, film_id: str) -> None:
        self.tenant, self.film_id = tenant, film_id
        self.folder = settings.films_dir / tenant / film_id
        self._incoming = settings.serve_dir / "incoming"

    @property
    def storyboard(self) -> Path:
        """The storyboard as the user wrote it."""
        return self.folder / "storyboard.yaml"

    @property
    def out(self) -> Path:
        """What `filmeto film --out` would be given."""
        return self.folder / "out"

    @property
    def log(self) -> Path:
        """What the last run's process wrote to stderr."""
        return self.folder / LOG

    def want(self, wanted: Wanted) -> None:
        """Keep that a run is wanted; it is on the disk when this returns.

        Raises:
            StoreError: It could not be written.
        """
        self._write(WANTED, wanted)

    def end(self, last: LastRun) -> None:
        """Keep how the run ended, and that none is wanted any more.

        Raises:
            StoreError: It could not be written.
        """
        if not self.folder.is_dir():  # the film was deleted meanwhile
            return
        self._write(LAST_RUN, last)
        with store_errors(self.folder):
            (self.folder / WANTED).unlink(missing_ok=True)
            sync_folder(self.folder)

    def last(self) -> LastRun | None:
        """How the last run ended; None where there was none."""
        return _read(self.folder / LAST_RUN, LastRun)

    def _write(self, name: str, data: Model) -> None:
        with store_errors(self.folder):
            told = data.model_dump(mode="json")
            write_json(self.folder / name, told, incoming=self._incoming)


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
