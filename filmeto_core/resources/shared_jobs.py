"""Jobs at providers that take no idempotency key, as the machines of one shared store tell each other.

    jobs/ab/KEY.0.json     who began the first job of a call, and the provider's id once it is known
    jobs/ab/KEY.1.json     the second one's, once the first is closed

A machine's own journal knows what it sent. Where it is gone for good in the middle of a job, another one
that is asked for the same call finds here that a job is out: it collects it by its id, or, where no id
was told, leaves it to the user. Written before the plugin gets the call, by a conditional write, so that
of two machines one is the first.
"""

import json
import logging
import platform
import secrets
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field, ValidationError

from filmeto_core.errors import StoreError
from filmeto_core.resources.durable import first_written
from filmeto_core.resources.shared_place import SMALL_BYTES, Place, PlaceError
from filmeto_core.types import Model, utc_now

logger = logging.getLogger(__name__)

T = TypeVar("T")

PATIENCE_S = 30.0  # how long the store may be away before a call is not sent
PAUSE_S = 2.0
MOST_JOBS = 1000  # of one call
MACHINE_FILE = "machine"


class JobNote(Model):
    """A job, as machines tell each other of it."""

    number: int = Field(description="Of the call's jobs, from 0")
    key: str = Field(description="The call's")
    owner: str = Field(description="Which data folder's journal knows more of it")
    machine: str = Field(description="Its host name, for people")
    state: Literal["begun", "submitted", "closed"] = "begun"
    job_id: str | None = Field(None, description="The provider's id, once it is known")
    at: datetime = Field(default_factory=utc_now)

    @property
    def name(self) -> str:
        """Where it lies."""
        return f"jobs/{self.key[:2]}/{self.key}.{self.number}.json"

    @property
    def doubt(self) -> str:
        """Why nobody here can tell what became of it."""
        at = self.at.isoformat(timespec="seconds")
        return f"the machine {self.machine} began it at {at}, and never said what came of it"


class SharedJobs:
    """The jobs that are out, in one shared store.

    Args:
        place: The store's.
        folder: Where this machine keeps its name: with its journal, so that whoever lost that has
            another name, and takes its own old notes for another one's.
        patience_s: How long the store may be away.
    """

    def __init__(self, place: Place, folder: Path, patience_s: float = PATIENCE_S) -> None:
        self._place, self._folder, self._patience_s = place, folder, patience_s

    def begin(self, key: str, decided: Callable[[str], bool] = lambda _doubt: False) -> JobNote:
        """A note that this machine is about to send a job of the call; or the one that is out.

        Args:
            decided: Whether the user has said of another machine's note, by its `doubt`, that its
                job counts for nothing.

        Returns:
            This machine's own note; or another one's: with a `job_id` it is to be collected,
            without it nobody can tell.

        Raises:
            StoreError: The store was away; nothing was sent.
        """
        return self._insisted(lambda: self._begun(key, decided))

    def _begun(self, key: str, decided: Callable[[str], bool]) -> JobNote:
        own = JobNote(number=0, key=key, owner=self.me, machine=platform.node())
        for number in range(MOST_JOBS):
            own = own.model_copy(update={"number": number})
            found = self._read(own.name)
            if found is None:
                self._write(own, replace=False)
                found = self._read(own.name) or own
            if found.state == "closed":
                continue
            if found.owner != self.me and not found.job_id and decided(found.doubt):
                self._write(found.model_copy(update={"state": "closed"}))
                continue
            return found
        raise StoreError(f"the shared store knows {MOST_JOBS} jobs of the call {key}.")

    def submitted(self, note: JobNote, job_id: str) -> None:
        """The provider took it; where that cannot be said, others will not be able to tell."""
        self._tell(note.model_copy(update={"state": "submitted", "job_id": job_id}))

    def close(self, note: JobNote) -> None:
        """It is done, or failed, or was never sent."""
        self._tell(note.model_copy(update={"state": "closed"}))

    @property
    def me(self) -> str:
        """The name of this machine's data folder: random, and the same ever after.

        Raises:
            StoreError: It cannot be written.
        """
        path = self._folder / MACHINE_FILE
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            return first_written(path, lambda: secrets.token_hex(16))
        except (OSError, UnicodeError) as error:
            raise StoreError(f"{path} cannot be written or read: {error}") from error

    def _read(self, name: str) -> JobNote | None:
        try:
            return JobNote.from_dict(json.loads(self._place.read(name, 0, SMALL_BYTES)))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, AttributeError, ValidationError) as error:
            raise StoreError(f"{self._place.shown}/{name} is no note of a job.") from error

    def _write(self, note: JobNote, replace: bool = True) -> None:
        self._place.write(note.name, note.model_dump_json().encode(), replace=replace)

    def _tell(self, note: JobNote) -> None:
        try:
            self._write(note)
        except PlaceError as error:
            logger.warning(
                "What became of a job could not be told to the shared store %s: %s",
                self._place.shown,
                error.why,
            )

    def _insisted(self, action: Callable[[], T]) -> T:
        end = time.monotonic() + self._patience_s
        while True:
            try:
                return action()
            except PlaceError as error:
                if time.monotonic() > end:
                    raise StoreError(
                        f"the shared store {self._place.shown} is away ({error.why}), and its "
                        "provider takes no key: the job was not sent.",
                        hint="Once it answers, run the same command again.",
                        retryable=True,
                    ) from error
                time.sleep(PAUSE_S)
