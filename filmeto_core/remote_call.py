"""One attempt of a call whose plugin has jobs at a provider: what its end means for the job.

A job that the provider has is never given up for an error of ours: whoever makes the call next
collects it. It is closed when its result is in the store, or when the plugin itself said that the
provider will not make it.
"""

import asyncio
import logging
from dataclasses import replace
from typing import Any

from filmeto_core.errors import (
    FilmetoError,
    PluginCrashed,
    PluginEnvironmentError,
    PluginExecutionError,
    PluginOutOfMemory,
    PluginOutputError,
    PluginProtocolError,
    PluginRefused,
    PluginStartError,
    PluginUnavailable,
    StoreError,
    SubmissionUnknown,
)
from filmeto_core.journal.jobs import Claim, Jobs, Wanted
from filmeto_core.money import Money
from filmeto_core.resources.shared_jobs import JobNote, SharedJobs
from filmeto_core.uninterrupted import uninterrupted

logger = logging.getLogger(__name__)

JOB_IS_OVER = ("job_failed", "job_lost")  # a plugin's codes for it
IN_DOUBT = "submission_unknown"
# Errors that are no word of the plugin's about its job.
_NO_WORD = (
    PluginCrashed,
    PluginEnvironmentError,
    PluginOutputError,
    PluginProtocolError,
    PluginStartError,
    PluginUnavailable,
    StoreError,
)


class RemoteCall:
    """To be entered, by `async with`, around the plugin's call and the storing of its result.

    Args:
        jobs: Of the journal.
        wanted: The call.
        shared: Where machines tell each other of jobs; of use where the provider takes no key.

    Raises, on entering:
        SubmissionUnknown: A job may be out, and nobody can tell.
        BudgetError: A new one would cost more than the budget has left.
        StoreError: The journal cannot be written.
    """

    def __init__(self, jobs: Jobs, wanted: Wanted, shared: SharedJobs | None = None) -> None:
        self._jobs, self._wanted = jobs, wanted
        self._shared = None if wanted.takes_key else shared
        self._note: JobNote | None = None
        self._claim: Claim | None = None
        self._begun, self._job_id, self._kept = False, None, True
        self._told_cost: Money | None = None
        self._closed = False

    @property
    def idempotency_key(self) -> str:
        """The job's name, here and at the provider."""
        return self._claim.idempotency_key

    @property
    def resume_job(self) -> str | None:
        """The provider's id of a job that is out already."""
        return self._claim.job_id

    def begin(self) -> None:
        """The plugin gets it now."""
        self._jobs.begin(self._claim)
        self._begun = True

    def submitted(self, job_id: str, cost: Any) -> None:
        """The plugin says that the provider took it; returns when that is on disk.

        Raises:
            StoreError: It could not be written.
        """
        self._told_cost = read_cost(cost, self._currency) or self._told_cost
        self._job_id, self._kept = job_id, False  # it is there, whether or not that can be kept
        self._jobs.submitted(self._claim, job_id, self._told_cost)
        self._kept = True
        if self._note is not None:
            self._shared.submitted(self._note, job_id)

    def cost(self, metadata: dict[str, Any]) -> Money | None:
        """What it cost: as the result says, else as told when it was submitted, else its price."""
        told = read_cost(metadata.get("cost"), self._currency)
        return told or self._told_cost or self._wanted.price

    def done(self, cost: Money | None) -> None:
        """Its result is kept."""
        self._closed = True
        try:
            self._jobs.close(self._claim, "done", cost)
        except StoreError as error:  # the next run sees that its result is there
            logger.warning("a job that is done could not be noted as done: %s", error)
        self._close_note()

    @property
    def _currency(self) -> str | None:
        price = self._wanted.price
        return price.currency if price else None

    async def __aenter__(self) -> "RemoteCall":
        try:
            await uninterrupted(self._take)
        except asyncio.CancelledError:
            if self._claim is not None:
                await uninterrupted(self._jobs.give_back, self._claim)
                if self._claim.job_id is None:
                    await uninterrupted(self._close_note)
                self._jobs.release(self._claim)
            raise
        return self

    def _take(self) -> None:
        self._claim = self._jobs.claim(self._wanted)
        try:
            if self._shared is not None and self._claim.job_id is None:
                self._take_note()
        except FilmetoError as error:
            if not isinstance(error, SubmissionUnknown):  # that one is kept, with its reason
                self._jobs.give_back(self._claim)
            self._jobs.release(self._claim)
            raise
        self._job_id = self._claim.job_id

    def _take_note(self) -> None:
        """Say to other machines that this one is about to send it, unless one of them has."""
        jobs, claim, key = self._jobs, self._claim, self._wanted.key
        note = self._shared.begin(key, lambda doubt: jobs.was_let_go(key, doubt))
        if note.job_id is None and note.owner != self._shared.me:
            raise jobs.doubt(claim, note.doubt)
        self._note = note
        if note.job_id is not None and note.owner != self._shared.me:
            jobs.submitted(claim, note.job_id, None)
            self._claim = replace(claim, job_id=note.job_id)

    async def __aexit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        try:
            if error is not None and not self._closed:
                doubt = await uninterrupted(self._settle, error)
                if doubt is not None and not isinstance(error, asyncio.CancelledError):
                    raise doubt from error
        finally:
            self._jobs.release(self._claim)

    def _settle(self, error: BaseException) -> FilmetoError | None:
        try:
            return self._decide(error)
        except StoreError as why:  # what is on disk already is on the safe side
            logger.warning("the end of a job's call could not be noted: %s", why)
            return None

    def _decide(self, error: BaseException) -> FilmetoError | None:
        jobs, claim, why = self._jobs, self._claim, _in_words(error)
        takes_key = self._wanted.takes_key
        answered = isinstance(error, PluginExecutionError) and not isinstance(error, _NO_WORD)
        answered = answered or _answered_that_memory_ran_out(error)
        code = error.details.get("plugin_code") if isinstance(error, FilmetoError) else None
        if not self._begun:
            jobs.give_back(claim)
            if claim.job_id is None:
                self._close_note()
        elif isinstance(error, SubmissionUnknown):  # of another machine, which keeps it
            jobs.give_back(claim, why)
        elif isinstance(error, PluginRefused) or (self._job_id and code in JOB_IS_OVER):
            jobs.close(claim, "failed", _charged(error, self._currency), why)
            self._close_note()
        elif self._job_id:
            if not self._kept:
                jobs.submitted(claim, self._job_id, self._told_cost)
            jobs.give_back(claim, why)
        elif takes_key and (not answered or error.retryable or code == IN_DOUBT):
            jobs.give_back(claim, why)  # the same key again is the same job
        elif not answered or code == IN_DOUBT:
            return jobs.doubt(claim, why)
        else:
            jobs.close(claim, "failed", _charged(error, self._currency), why)
            self._close_note()
        return None

    def _close_note(self) -> None:
        if self._note is not None:
            self._shared.close(self._note)


def read_cost(told: Any, currency: str | None) -> Money | None:
    """An amount as a plugin tells it; None for none, or for what is no amount."""
    if told is None:
        return None
    try:
        return Money.read(told, currency)
    except ValueError as error:
        logger.warning("a plugin told a cost that cannot be read: %s", error)
        return None


def _charged(error: BaseException, currency: str | None) -> Money | None:
    """What the plugin says that a failed job cost all the same."""
    details = error.details.get("plugin_details") if isinstance(error, FilmetoError) else None
    return read_cost(details.get("cost"), currency) if isinstance(details, dict) else None


def _answered_that_memory_ran_out(error: BaseException) -> bool:
    died = isinstance(error, FilmetoError) and {"exit_code", "signal"} & set(error.details)
    return isinstance(error, PluginOutOfMemory) and not died


def _in_words(error: BaseException) -> str:
    if isinstance(error, asyncio.CancelledError):
        return "the call was cancelled before it could tell"
    return error.message if isinstance(error, FilmetoError) else f"{type(error).__name__}: {error}"
