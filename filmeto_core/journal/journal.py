"""The journal of one FILMETO_HOME: runs, calls, attempts, submitted jobs, costs.

Any number of processes may use it at once. What money depends on (`jobs`, a run's begin and end) is
on disk when it returns; the rest is noted off the call's path and committed in groups.
"""

import logging
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from filmeto_core.errors import StoreError, ValidationError
from filmeto_core.journal import call_notes
from filmeto_core.journal.call_notes import Noted
from filmeto_core.journal.database import FILE, connect, journal_errors, transaction
from filmeto_core.journal.jobs import Jobs
from filmeto_core.journal.models import Job
from filmeto_core.journal.notes import Note, Notes, statement
from filmeto_core.journal.owners import Owners
from filmeto_core.journal.reads import Reads
from filmeto_core.journal.rows import as_json
from filmeto_core.money import Money

logger = logging.getLogger(__name__)


class Journal(Reads):
    """The journal in one folder.

    Args:
        folder: Made when something is first written.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder.absolute() / FILE
        self._owners = Owners(self.path.parent / "owners")
        super().__init__(self.path, self._owners.alive)
        self._notes = Notes(self.path)
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        # Of this process, by key: what is noted of them may not be written yet.
        self._failed: dict[str, int] = {}
        self._worked: set[str] = set()
        self.jobs_at_work = Jobs(self._write, self._owners.alive, lambda: self._owners.mine)

    # --- runs ---------------------------------------------------------------------------------

    def begin_run(
        self,
        kind: str,
        name: str,
        *,
        film: str | None = None,
        storyboard: str | None = None,
        profile: str | None = None,
        options: Mapping[str, Any] | None = None,
        flow_run_id: str | None = None,
        budget: Money | None = None,
    ) -> str:
        """Write that a run begins; returns its id.

        Raises:
            StoreError: The journal cannot be written.
        """
        run_id = uuid.uuid4().hex
        values = (
            run_id,
            kind,
            name,
            film,
            storyboard,
            profile,
            as_json(dict(options or {})),
            self._owners_name(),
            time.time(),
            flow_run_id,
            budget.micros if budget else None,
            budget.currency if budget else None,
        )
        self._write(
            lambda connection: connection.execute(
                "INSERT INTO runs (id, kind, name, film, storyboard, profile, options, state, owner,"
                " started_at, flow_run_id, budget_micros, budget_currency)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, 'running', ?, ?, ?, ?, ?)",
                values,
            )
        )
        return run_id

    def end_run(self, run_id: str, state: str, error: str | None = None) -> None:
        """Write how a run ended; it does not fail for that."""
        self._notes.add(
            statement(
                "UPDATE runs SET state = ?, ended_at = ?, error = ? WHERE id = ?",
                (state, time.time(), error, run_id),
            )
        )
        self._notes.flush()

    # --- calls --------------------------------------------------------------------------------

    def began(self, call: Noted) -> None:
        """A call is being computed; a further attempt of one that was before counts up."""
        self._add(lambda owner: call_notes.began(call, owner, time.time()))

    def ended(self, call: Noted, state: str, error: str | None = None) -> None:
        """An attempt ended without a result."""
        self._failed[call.key] = self._failed.get(call.key, 0) + 1
        self._notes.add(call_notes.ended(call, state, time.time(), error=error))

    def worked(
        self, call: Noted, seconds: float, cost: Money | None, outputs: Sequence[str]
    ) -> None:
        """A call was computed."""
        self._failed.pop(call.key, None)
        self._worked.add(call.key)
        self._notes.add(call_notes.ended(call, "done", time.time(), seconds, cost, tuple(outputs)))

    def reused(
        self, call: Noted, seconds: float, cost: Money | None, outputs: Sequence[str]
    ) -> None:
        """A call's result was there already; what it took and cost back then."""
        self._add(
            lambda owner: call_notes.reused(call, owner, time.time(), seconds, cost, tuple(outputs))
        )

    # --- jobs ---------------------------------------------------------------------------------

    def decide(self, name: str, state: str, job_id: str | None = None) -> Job:
        """What the user decides of a job that is out: "dropped", or "submitted" under a job id.

        Args:
            name: Its idempotency key, or the first characters of it.

        Raises:
            ValidationError: There is no such job, or it is closed, or a process has it in hand.
        """
        named = [job for job in self.jobs() if job.idempotency_key.startswith(name)]
        matching = [job for job in named if job.is_open] or named
        wrong = {"field": "job", "value": name}
        if len(matching) != 1:
            what = "several jobs begin with" if matching else "there is no job"
            raise ValidationError(
                f'{what} "{name}".', hint="`filmeto runs jobs` lists them.", **wrong
            )
        (job,) = matching
        if not job.is_open:
            raise ValidationError(
                f"the job {job.idempotency_key} is {job.state}: there is nothing to decide.",
                hint="`filmeto runs jobs` lists those that are out.",
                **wrong,
            )
        if job.state != "unknown" and self.is_at_work(job):
            raise ValidationError(
                f"a running filmeto has the job {job.idempotency_key} in hand.",
                hint="Wait for it, or stop it first.",
                **wrong,
            )
        ended = time.time() if state == "dropped" else None
        self._write(
            lambda connection: connection.execute(
                "UPDATE jobs SET state = ?, job_id = COALESCE(?, job_id), ended_at = ?"
                " WHERE idempotency_key = ?",
                (state, job_id, ended, job.idempotency_key),
            )
        )
        return job.model_copy(update={"state": state, "job_id": job_id or job.job_id})

    def settle_collected(self, is_made: Callable[[Job], bool]) -> None:
        """Close the jobs whose result is in the index, though their process died before it said so."""
        for job in self.jobs(open_only=True):
            if not self.is_at_work(job) and is_made(job):
                self._write(
                    lambda connection, name=job.idempotency_key: connection.execute(
                        "UPDATE jobs SET state = 'done', ended_at = ?,"
                        " cost_micros = COALESCE(cost_micros, price_micros)"
                        " WHERE idempotency_key = ?",
                        (time.time(), name),
                    )
                )

    def failed_attempts(self, key: str) -> int:
        """How often the call of this key was begun in vain since it last worked."""
        here = self._failed.get(key, 0)
        if key in self._worked:
            return here
        try:
            return here + self.attempts(key, self._owners_name())
        except StoreError as error:  # what was made is not lost for that
            logger.debug("attempts are not known: %s", error)
            return here

    # --- its own life -------------------------------------------------------------------------

    def flush(self) -> bool:
        """Wait for what was noted, a few seconds at most; whether it is written."""
        return self._notes.flush()

    def close(self) -> None:
        """Write what was noted, and let go of the file. It may be used again."""
        self._notes.close()
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
        self._owners.close()

    def _add(self, make: Callable[[str], Note]) -> None:
        try:
            self._notes.add(make(self._owners_name()))
        except StoreError as error:  # a call does not fail for what is noted of it
            logger.debug("not noted: %s", error)

    def _owners_name(self) -> str:
        with journal_errors(self.path):
            return self._owners.mine

    def _write(self, write: Callable[[sqlite3.Connection], Any]) -> Any:
        with self._lock, journal_errors(self.path):
            if self._connection is None:
                self._connection = connect(self.path, durable=True)
                self._bury_dead(self._connection)
            with transaction(self._connection) as connection:
                return write(connection)

    def _bury_dead(self, connection: sqlite3.Connection) -> None:
        """Once a process: what dead processes had running is written as killed."""
        for owner in self._owners.dead():
            with transaction(connection):
                for table in ("runs", "calls", "attempts"):
                    connection.execute(
                        f"UPDATE {table} SET state = 'killed', ended_at = ?"
                        " WHERE state = 'running' AND owner = ?",
                        (time.time(), owner),
                    )
            self._owners.bury(owner)
