"""A film's run in the journal: from when, of what, how it ended; and what a refresh still has to do."""

import asyncio
from collections.abc import Mapping
from typing import Any

from prefect.exceptions import Abort, Pause
from prefect.runtime import flow_run

from filmeto_core.errors import FilmetoError
from filmeto_core.journal.journal import Journal
from filmeto_core.journal.models import Job
from filmeto_core.money import Money
from filmeto_core.place import Place
from filmeto_core.refreshing import fresh_since
from filmeto_core.resources.calls import CallIndex


class FilmRun:
    """One run of one film.

    Args:
        journal: Where it is kept.
        name: The film's.
        film: Its folder, absolute, as text: what names the film.
        storyboard: Its file, if it has one.
        profile: Which plugins serve.
        options: As they were given; those that are not given left out.
        budget: The most that the film may cost in all its runs.
    """

    def __init__(
        self,
        journal: Journal,
        name: str,
        film: str,
        storyboard: str | None,
        profile: str,
        options: Mapping[str, Any],
        budget: Money | None,
    ) -> None:
        self._journal, self.film, self._options = journal, film, dict(options)
        self._about = {"storyboard": storyboard, "profile": profile, "budget": budget}
        self._name, self.storyboard, self.budget = name, storyboard, budget
        self.id: str | None = None

    def begin(self) -> Place:
        """Write that it begins; the place of its calls.

        Raises:
            StoreError: The journal cannot be written.
        """
        since = fresh_since(self._journal, self.film, self._options.get("refresh") or ())
        self.id = self._journal.begin_run(
            "film",
            self._name,
            film=self.film,
            options=self._options,
            flow_run_id=str(flow_run.id) if flow_run.id else None,
            **self._about,
        )
        return Place(self.id, self.film, budget=self.budget, fresh_since=since)

    def end(self, error: BaseException | None) -> None:
        """Write how it ended."""
        if self.id is None:
            return
        if error is None:
            self._journal.end_run(self.id, "done")
        elif isinstance(error, Pause):
            self._journal.end_run(self.id, "waiting")
        elif isinstance(error, asyncio.CancelledError | KeyboardInterrupt | Abort):
            self._journal.end_run(self.id, "cancelled")
        else:
            message = error.message if isinstance(error, FilmetoError) else str(error)
            self._journal.end_run(self.id, "failed", message.strip())


def settle_collected(journal: Journal, calls: CallIndex) -> None:
    """Close jobs whose result was kept by a process that was killed before it said so."""

    def is_made(job: Job) -> bool:
        record = calls.get(job.key)
        return record is not None and record.created_at >= job.begun_at

    journal.settle_collected(is_made)
