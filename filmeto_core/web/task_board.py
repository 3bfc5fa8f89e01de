"""The tasks that a server has in hand: taken on, run, told of, cancelled, taken up again.

A task is on the disk before its caller is answered, and runs whether or not somebody reads. Only an
/execute is tied to its reader: when that one stays away, it is cancelled.
"""

import asyncio
import logging
import sqlite3
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from filmeto_core.call import CheckedCall
from filmeto_core.errors import ConflictError, FilmetoError, ServerStoppingError
from filmeto_core.journal.owned import Owned
from filmeto_core.journal.posted import Posted
from filmeto_core.journal.posted_models import Kind, PostedTask, Status
from filmeto_core.resources.calls import CallRecord
from filmeto_core.results import Done, success
from filmeto_core.service import FilmetoService
from filmeto_core.steps import step
from filmeto_core.types import TaskProgress, TaskResult, utc_now
from filmeto_core.web.access import Caller
from filmeto_core.web.allowed_paths import AllowedPaths
from filmeto_core.web.event_log import EventLog
from filmeto_core.web.log_context import know
from filmeto_core.web.own_resources import OwnResources
from filmeto_core.web.problems import too_many
from filmeto_core.web.quotas import Quotas
from filmeto_core.web.remote_calls import called, with_record
from filmeto_core.web.task_events import end_event, subject_of, told_error, web_result
from filmeto_core.web.task_models import TaskRequest
from filmeto_core.web.webhooks import Webhooks

logger = logging.getLogger(__name__)

FULL_RETRY_S = 5.0  # what a caller is told to wait when the queue is full


@dataclass
class _Live:
    """A task in hand."""

    posted: PostedTask
    checked: CheckedCall
    status: str = "queued"
    percent: float = 0.0
    message: str = "queued"
    work: "asyncio.Task[None] | None" = None
    cancelled: str = ""
    watch: asyncio.TimerHandle | None = field(default=None, repr=False)


class TaskBoard:
    """The tasks of one server; only its event loop touches it.

    Args:
        service: Runs them.
        posted: Keeps them.
        events: Tells of them.
        quotas: What their tenants may take.
        paths: Which files they may name.
    """

    def __init__(
        self,
        service: FilmetoService,
        posted: Posted,
        events: EventLog,
        quotas: Quotas,
        paths: AllowedPaths,
    ) -> None:
        self._service, self._posted, self._events = service, posted, events
        self._settings = service.settings
        self.quotas, self.paths = quotas, paths
        self.own = OwnResources(service.store, Owned(posted))
        self.webhooks = Webhooks(posted, service.settings)
        self._live: dict[str, _Live] = {}
        self._stopping = False
        self.on_ended: Callable[[PostedTask, str], None] = lambda _task, _status: None
        events.on_readers = self._readers_changed

    # --- what callers ask ---------------------------------------------------------------------

    async def accept(
        self,
        caller: Caller,
        request: TaskRequest,
        kind: Kind,
        idempotency_key: str | None = None,
    ) -> PostedTask:
        """Take a task on; one that was posted under the same key before is answered again.

        Raises:
            ValidationError, PluginNotFoundError, ResourceProcessingError: It cannot be run.
            ConflictError: The key was used for another request.
            TooManyRequestsError: The queue is full.
            ServerStoppingError, StoreError: It cannot be taken on now.
        """
        if idempotency_key is not None:
            before = await asyncio.to_thread(self._posted.named, caller.tenant, idempotency_key)
            if before is not None:
                return _same(before, request)
        if self._stopping:
            raise ServerStoppingError("the server is about to end.", hint="Try again in a moment.")
        if len(self._live) >= self._settings.serve_max_queue:
            raise too_many(
                f"{len(self._live)} tasks are unfinished, which is all that this server takes on.",
                FULL_RETRY_S,
            )
        task_id = str(uuid.uuid4())
        webhook = self.webhooks.read(request.metadata)
        checked = await self._checked(caller, request, task_id)
        await self.quotas.admit(caller, task_id, checked)
        posted = PostedTask(
            id=task_id,
            tenant=caller.tenant,
            kind=kind,
            tool=str(checked.tool),
            plugin=checked.plugin.name,
            request=request.kept(),
            status="queued",
            message="queued",
            attempts=1,
            accepted_at=utc_now(),
            idempotency_key=idempotency_key,
            request_digest=request.digest() if idempotency_key else "",
        )
        try:
            await self._posted.accept(posted, self.webhooks.expecting(posted, webhook))
        except BaseException as error:
            self.quotas.spending.let_go(task_id)
            if not isinstance(error, sqlite3.IntegrityError):
                raise
            # The same request came twice at once.
            before = await asyncio.to_thread(self._posted.named, caller.tenant, idempotency_key)
            return _same(before, request)
        self._start(posted, checked, new=True)
        return posted

    async def check(self, caller: Caller, request: TaskRequest) -> None:
        """Nothing, where the task could be taken on.

        Raises:
            ValidationError, PluginNotFoundError, ResourceProcessingError: It cannot be run.
        """
        await self._checked(caller, request, str(uuid.uuid4()))

    async def _checked(self, caller: Caller, request: TaskRequest, task_id: str) -> CheckedCall:
        if not request.resources:
            return self._service.check(request.task(task_id))
        return await asyncio.to_thread(self._checked_inputs, caller, request, task_id)

    def _checked_inputs(self, caller: Caller, request: TaskRequest, task_id: str) -> CheckedCall:
        """Reads files, decodes base64."""
        request = self.own.resolve(caller.tenant, request)
        folders = self.paths.folders(caller, request.resources)
        return self._service.check(request.task(task_id), folders)

    async def find(self, task_id: str) -> PostedTask | None:
        """A task as it stands now."""
        live = self._live.get(task_id)
        if live is None:
            return await asyncio.to_thread(self._posted.task, task_id)
        return self.as_it_stands(live.posted)

    def as_it_stands(self, task: PostedTask) -> PostedTask:
        """A task that was read from the disk, with what is newer in memory."""
        live = self._live.get(task.id)
        if live is None or not task.is_open:
            return task
        told = {"status": live.status, "percent": live.percent, "message": live.message}
        return task.model_copy(update=told)

    async def cancel(self, task_id: str, why: str = "cancelled by its caller") -> None:
        """End a task; returns when it has ended. One that has ended stays as it is."""
        live = self._live.get(task_id)
        if live is None or live.work is None:
            return
        live.cancelled = live.cancelled or why
        live.work.cancel()
        await asyncio.wait([live.work])

    def ensure_told(self, task: PostedTask) -> None:
        """Tell the end of a task whose server was killed before it told it."""
        if task.is_open or task.id in self._live or self._events.is_over(subject_of(task.id)):
            return
        self._tell_end(task)

    def _tell_end(self, task: PostedTask) -> None:
        self._events.add(subject_of(task.id), end_event(task), last=True)

    @property
    def counts(self) -> dict[str, int]:
        """Tasks in hand by status."""
        found = {"queued": 0, "running": 0}
        for live in self._live.values():
            found[live.status] = found.get(live.status, 0) + 1
        return found

    # --- the server's own life ----------------------------------------------------------------

    async def take_up(self) -> None:
        """Go on with what the last server left unfinished."""
        for posted in await asyncio.to_thread(self._posted.open_tasks):
            self._posted.taken_up(posted.id)
            posted = posted.model_copy(update={"attempts": posted.attempts + 1})
            try:
                request = TaskRequest(**posted.request)
                before = Caller(tenant=posted.tenant, is_on_machine=True)  # checked back then
                checked = await self._checked(before, request, posted.id)
                await self.quotas.admit_again(posted, checked)
            except (FilmetoError, ValueError) as error:
                await self._failed(posted, error)
                continue
            self._start(posted, checked)
            self._readers_changed(subject_of(posted.id), 0)

    async def stop(self, grace_s: float) -> None:
        """Take nothing on any more; let what runs finish within the grace, leave the rest open."""
        self._stopping = True
        working = [live.work for live in self._live.values() if live.work is not None]
        if working:
            _, left = await asyncio.wait(working, timeout=grace_s)
            for work in left:
                work.cancel()
            if left:
                await asyncio.wait(left)

    def hurry(self) -> None:
        """Do not wait for the grace to end: what runs is left to the next start now."""
        self._stopping = True
        for live in self._live.values():
            if live.work is not None:
                live.work.cancel()

    # --- one task -----------------------------------------------------------------------------

    def _start(self, posted: PostedTask, checked: CheckedCall, *, new: bool = False) -> None:
        live = _Live(posted, checked)
        self._live[posted.id] = live
        subject = self._events.subject(subject_of(posted.id), new=new)
        live.percent = subject.recalled.get("percent", 0.0)  # what was told does not fall
        live.work = asyncio.create_task(self._work(live), name=f"task {posted.id}")

    async def _work(self, live: _Live) -> None:
        posted = live.posted
        place = (posted.request.get("call") or {}).get("place") or {}
        about = {"film": place.get("film"), "run_id": place.get("run_id")}
        know(task_id=posted.id, tenant=posted.tenant, **about)
        facts = {"tool": posted.tool, "plugin": posted.plugin, "task_id": posted.id}
        try:
            with step("task", **facts):
                await self._run(live)
        except asyncio.CancelledError:
            if not live.cancelled:  # the server ends: its next start goes on
                raise
            await self._cancelled(live)
        except Exception as error:  # the edge of a task
            if not isinstance(error, FilmetoError):
                logger.exception("task %s", live.posted.id)
                error = FilmetoError(
                    f"unexpected {type(error).__name__}: {error}",
                    hint="Report this as a bug of filmeto; the server's log has the traceback.",
                )
            await self._failed(live.posted, error, live.percent)
        finally:
            if live.watch is not None:
                live.watch.cancel()
            self._live.pop(live.posted.id, None)
            if "webhook" in live.posted.request["metadata"]:
                self.webhooks.wake()
        await self.quotas.settle(live.posted)

    async def _run(self, live: _Live) -> None:
        checked, posted = live.checked, live.posted
        kept = None
        serving = (checked.plugin, *(other.plugin for other in checked.others))
        if any(plugin.manifest.is_remote for plugin in serving):

            def kept(record: CallRecord) -> None:
                """Its result is on the disk before the job counts as collected: paid once."""
                done = success(posted.id, Done(record, False, 0), record.seconds, 1)
                self.own.note(posted.tenant, done)
                done = with_record(done, record) if posted.request.get("call") else done
                self._posted.end(posted.id, "success", result=web_result(done)).result()

        if posted.request.get("call"):
            stream = called(self._service, posted, checked, kept)
        else:
            stream = self._service.stream(checked.task, checked=checked, kept=kept)
        async for update in stream:
            if isinstance(update, TaskResult):
                await self._ended(posted, update)
            else:
                self._progressed(live, update)

    def _progressed(self, live: _Live, update: TaskProgress) -> None:
        status = "queued" if update.data.get("stage") == "queued" else "running"
        if update.percent < live.percent:  # of a further attempt
            update = update.model_copy(update={"percent": live.percent})
        live.percent, live.message = update.percent, update.message
        if status != live.status:
            live.status = status
            self._posted.runs(live.posted.id, status, live.percent, live.message)
        event = {"_type": "progress", **vars(update)}  # the log makes JSON of it
        self._events.add(subject_of(live.posted.id), event)

    async def _ended(self, posted: PostedTask, result: TaskResult) -> None:
        told = web_result(result)
        self.own.note(posted.tenant, result)
        about = {
            "message": result.error_message or "completed",
            "result": told,
            "error": result.metadata.get("error"),
        }
        event = {"_type": "result", **told}
        if not await self._end(posted, result.status, event, **about):
            # A provider's job ended it already: what is told is what is kept.
            await self._tell_kept(posted)
        self.on_ended(posted, result.status)

    async def _failed(
        self, posted: PostedTask, error: FilmetoError | ValueError, percent: float = 0.0
    ) -> None:
        told = error.to_dict() if isinstance(error, FilmetoError) else {"message": str(error)}
        told = {"code": "internal", "details": {}, **told}
        about = {"percent": percent, "message": str(error), "error": told}
        if await self._end(posted, "error", told_error(told), **about):
            self.on_ended(posted, "error")
        else:
            await self._tell_kept(posted)

    async def _cancelled(self, live: _Live) -> None:
        told = {"code": "cancelled", "message": f"The task was {live.cancelled}.", "details": {}}
        about = {"percent": live.percent, "message": live.cancelled, "error": told}
        if await self._end(live.posted, "cancelled", told_error(told), **about):
            self.on_ended(live.posted, "cancelled")
        else:  # its result was there first
            await self._tell_kept(live.posted)

    async def _end(
        self, posted: PostedTask, status: Status, data: dict[str, Any], **about: Any
    ) -> bool:
        """Write an end with the event that tells of it, then tell; whether it was the first end."""
        name = subject_of(posted.id)
        event = self._events.following(name, data)
        row = (name, event.id, event.data)
        first = await asyncio.wrap_future(self._posted.end(posted.id, status, event=row, **about))
        if first:
            self._events.tell(name, event, last=True)
        return first

    async def _tell_kept(self, posted: PostedTask) -> None:
        """Tell how a task ended by what is on the disk, the event too before it is told."""
        kept = await asyncio.to_thread(self._posted.task, posted.id)
        name = subject_of(posted.id)
        event = self._events.following(name, end_event(kept))
        await asyncio.wrap_future(self._posted.add_event(name, event.id, event.data))
        self._events.tell(name, event, last=True)

    # --- readers ------------------------------------------------------------------------------

    def _readers_changed(self, subject: str, readers: int) -> None:
        live = self._live.get(subject.removeprefix("task:"))
        if live is None or live.posted.kind != "execute":
            return
        if live.watch is not None:
            live.watch.cancel()
            live.watch = None
        if readers == 0 and not self._events.closed:
            grace_s = self._settings.serve_reader_grace_s
            loop = asyncio.get_running_loop()
            live.watch = loop.call_later(grace_s, self._nobody_reads, live, grace_s)

    def _nobody_reads(self, live: _Live, grace_s: float) -> None:
        if live.work is not None and not self._stopping:
            live.cancelled = f"cancelled: nobody has read it for {grace_s:g} s"
            live.work.cancel()


def _same(before: PostedTask, request: TaskRequest) -> PostedTask:
    if before.request_digest != request.digest():
        raise ConflictError(
            "this Idempotency-Key was used for another request.",
            hint="Use a key of its own for each request.",
            field="Idempotency-Key",
            value=before.idempotency_key,
        )
    return before
