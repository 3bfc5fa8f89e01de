"""One tool call from task to stored outputs, as an async stream. It knows nothing of Prefect.

`FilmetoService.call` is the one path that both ways to a tool share: Prefect tasks call it (and
Prefect retries), FilmetoApi reads `stream` (and the service retries).
"""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, ExitStack

from filmeto_core.asked import Asked, Reuse, knowing
from filmeto_core.call import CheckedCall
from filmeto_core.computation import Computation, Studio
from filmeto_core.errors import (
    FilmetoError,
)
from filmeto_core.journal.call_notes import Noted
from filmeto_core.journal.journal import Journal
from filmeto_core.passing_on import PassingOn
from filmeto_core.place import NOWHERE, Place
from filmeto_core.plugin_host.discovery import Registry, discover
from filmeto_core.plugin_host.host import PluginManager
from filmeto_core.profiles import Project, find_project
from filmeto_core.progress import ProgressMeter
from filmeto_core.resources.calls import CallIndex, CallRecord, call_key
from filmeto_core.resources.inputs import Prepared, prepare
from filmeto_core.resources.shared_store import open_shared
from filmeto_core.resources.store import Store
from filmeto_core.results import Done, failure, success
from filmeto_core.retry_pause import retry_pause_s
from filmeto_core.settings import Settings
from filmeto_core.standing_in import (
    Resting,
    made_by,
    may_be_passed_on,
    told_of_job,
)
from filmeto_core.task_checks import TaskChecks
from filmeto_core.types import (
    REQUIRED_INPUTS,
    FilmetoTask,
    ProgressType,
    TaskProgress,
    TaskResult,
)
from filmeto_core.work_folder import clear_dead_work

logger = logging.getLogger(__name__)

AGAIN = (
    "It was refused before, and is not asked for again by itself. Change the call; or make it again: "
    "--refresh SHOT in a film, another take, or refresh_cache=True."
)
TOLD_BYTES = 8 * 1024 * 1024  # what is larger and comes from a shared store is told of as it comes


class FilmetoService(TaskChecks):
    """Checks tasks, prepares their inputs, runs their plugins, stores what they make.

    Args:
        settings: Where data lives, and the limits.
        project: Profiles and plugin folders; by default those of the working folder.
        registry: The plugins; by default all that are found.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        project: Project | None = None,
        registry: Registry | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self.project = project or find_project()
        self.registry = registry or discover(self.settings, self.project.plugin_folders)
        self.store = Store(self.settings.store_dir, max_pixels=self.settings.max_image_pixels)
        self.calls = CallIndex(self.settings.cache_dir, self.store)
        self.shared = open_shared(
            self.settings.store_url, self.store, self.calls, self.settings.outbox_dir
        )
        self.journal = Journal(self.settings.journal_dir)
        # Has a call made by a machine of its work queue; None: each is made here, queue or not.
        self.elsewhere: Callable[[Asked], Awaitable[CallRecord]] | None = None
        self.unusable: set[str] = set()
        self.resting = Resting()
        self.plugins = PluginManager(self.registry, self.settings, self.project.grants)
        self._held, self._holds, self._holding = ExitStack(), False, threading.Lock()
        for folder in (self.settings.work_dir, *self.settings.calls_dir.glob("*")):
            clear_dead_work(folder)

    @property
    def _studio(self) -> Studio:
        """As the parts are now: whoever replaces one is served by it."""
        return Studio(
            self.registry, self.plugins, self.store, self.calls, self.journal, self.shared
        )

    def hold(self) -> None:
        """What is used from here on stays in the store for as long as this process works."""
        with self._holding:
            if not self._holds:
                self._holds = True
                self._held.enter_context(self.store.in_use())

    async def inputs(
        self, checked: CheckedCall, meter: ProgressMeter | None = None
    ) -> list[Prepared]:
        """The task's inputs as files of the store, in order."""
        kind = REQUIRED_INPUTS.get(checked.tool)
        prepared = []
        for i, resource in enumerate(checked.task.resources):
            prepared.append(
                await prepare(
                    resource,
                    store=self.store,
                    settings=self.settings,
                    field=f"resources[{i}]",
                    kinds={kind} if kind and i == 0 else None,
                    folders=checked.folders,
                    on_progress=meter.fetching if meter else None,
                )
            )
        return prepared

    def key(self, checked: CheckedCall, digests: list[str]) -> str:
        """The call's key: the same key is never computed twice. See DESIGN of the cache in docs."""
        return call_key(
            tool=str(checked.tool),
            plugin=checked.plugin.name,
            fingerprint=checked.plugin.fingerprint(),
            parameters=checked.parameters,
            resource_digests=digests,
            take=checked.take,
        )

    async def call(
        self,
        checked: CheckedCall,
        update: Callable[[TaskProgress], None],
        reuse: Reuse,
        computation: str | None = None,
        place: Place = NOWHERE,
        kept: Callable[[CallRecord], None] | None = None,
        *,
        last: bool = True,
    ) -> Done:
        """Run one checked call to its end; `update` gets what happens, in this loop, in order.

        Where its plugin fails it, and the profile names others for it, they are asked in turn.

        Args:
            computation: The id that a new record gets; by default a fresh one.
            place: Where the call belongs.
            kept: Gets the record of a call that was computed, in another thread, before its
                provider's job is closed: what it writes cannot be missing where that is done.
            last: Whether nobody tries again after a failure that may pass.

        Raises:
            FilmetoError: It failed; nothing of it is in the store.
            asyncio.CancelledError: The caller gave up; the plugin was told, or ended.
        """
        started = time.monotonic()
        asked = await self.asked(checked, update, reuse, computation, place, kept)
        passing, rests = PassingOn(self, asked, update), False
        try:
            if checked.others:
                rests = self.resting.why(checked.plugin.name) is not None
                if self._found(asked.call.key, reuse, place) is None and (
                    done := await passing.collected()
                ):
                    return Done(*done, time.monotonic() - started)
            record, cached = await self.one(asked)
        except FilmetoError as error:
            if error.retryable and not last and not rests:
                raise
            others, key = [other.plugin.name for other in checked.others], asked.call.key
            may = others and await asyncio.to_thread(may_be_passed_on, error, key, self.journal)
            if not may:
                if checked.plugin.manifest.is_remote:
                    await asyncio.to_thread(told_of_job, error, key, others, self.journal)
                raise
            self.resting.note(checked.plugin.name, error)
            record, cached = await passing.record(error)
        return Done(record, cached, time.monotonic() - started)

    async def asked(
        self,
        checked: CheckedCall,
        update: Callable[[TaskProgress], None],
        reuse: Reuse,
        computation: str | None,
        place: Place,
        kept: Callable[[CallRecord], None] | None,
    ) -> Asked:
        """The call with its inputs in the store, and its key."""
        self.hold()
        meter = ProgressMeter(checked.task.task_id, update)
        with knowing(checked):
            prepared = await self.inputs(checked, meter)
            if not checked.plugin.sources.is_read:  # the weights of a model may lie in its folder
                await asyncio.to_thread(checked.plugin.fingerprint)
            if self.shared is not None:
                self.shared.start()
            call = self._noted(checked, prepared, place)
        return Asked(checked, call, prepared, meter, place, reuse, computation, kept)

    async def one(self, asked: Asked) -> tuple[CallRecord, bool]:
        """The call's record, found or computed, by its plugin alone; whether it was found."""
        key, reuse = asked.call.key, asked.reuse
        with knowing(asked.checked):
            if reuse is Reuse.NEVER:
                return await self._made(self._awake(asked))
            async with AsyncExitStack() as stack:
                record = self._found(key, reuse, asked.place)
                if record is None:
                    await stack.enter_async_context(self._alone(key))
                    record = self._found(key, reuse, asked.place)
                    if record is None and await self._fetched(key, reuse, asked.meter):
                        record = self._found(key, reuse, asked.place)
                if record is None and reuse is Reuse.ALWAYS:
                    self._tell_again(key)
                if record is not None:
                    digests = [output.digest or "" for output in record.outputs]
                    self.journal.reused(
                        made_by(asked.call, record), record.seconds, record.cost, digests
                    )
                    return record, True
                return await self._made(self._awake(asked))

    async def _made(self, asked: Asked) -> tuple[CallRecord, bool]:
        """The record, computed here, or by a machine of the call's work queue."""
        if asked.checked.queue and self.elsewhere is not None:
            return await self.elsewhere(asked), False
        return await self._computed(asked)

    def _awake(self, asked: Asked) -> Asked:
        """The same, unless its plugin failed a moment ago for what it would fail for again."""
        error = self.resting.why(asked.checked.plugin.name) if asked.checked.others else None
        if error is not None:
            raise error
        return asked

    def _alone(self, key: str) -> AbstractAsyncContextManager[object]:
        """Held while a call is computed: nobody else computes the same one."""
        return self.calls.lock(key)

    async def _computed(self, asked: "Asked") -> tuple[CallRecord, bool]:
        """The record of a call that is not there yet, and whether it was there after all."""
        work = Computation(
            self._studio,
            asked.checked,
            asked.call,
            asked.prepared,
            asked.meter,
            asked.place,
            fresh=asked.reuse is not Reuse.ALWAYS,
            replaces=asked.reuse is not Reuse.NEVER,
            id=asked.computation,
            kept=asked.kept,
        )
        return await work.run(), False

    def _tell_again(self, key: str) -> None:
        """A call that was refused for good is told so at once; asking again could cost again."""
        told = self.calls.get_failure(key)
        if told is None:
            return
        error = FilmetoError.from_dict(told)
        error.hint = f"{error.hint} {AGAIN}".strip()
        raise error

    async def _fetched(self, key: str, reuse: Reuse, meter: ProgressMeter) -> bool:
        """Whether the record was had from the shared store; the call's lock is held."""
        if self.shared is None or reuse is not Reuse.ALWAYS:
            return False
        loop, left = asyncio.get_running_loop(), threading.Event()

        def watch(got_bytes: int, all_bytes: int) -> bool:
            if all_bytes > TOLD_BYTES and not left.is_set():
                loop.call_soon_threadsafe(meter.fetching, got_bytes, all_bytes)
            return not left.is_set()

        try:
            return await asyncio.to_thread(self.shared.fetch, key, watch)
        finally:
            left.set()  # where this was cancelled, the thread ends soon

    def _noted(self, checked: CheckedCall, prepared: list[Prepared], place: Place) -> Noted:
        digests = [p.digest for p in prepared]
        return Noted(
            id=checked.task.task_id,
            key=self.key(checked, digests),
            tool=str(checked.tool),
            plugin=checked.plugin.name,
            plugin_version=checked.plugin.version,
            fingerprint=checked.plugin.fingerprint(),
            parameters=checked.parameters,
            resources=digests,
            take=checked.take,
            run_id=place.run_id,
            film=place.film,
            shot=place.shot,
        )

    def _found(self, key: str, reuse: Reuse, place: Place) -> CallRecord | None:
        """The record that may be taken in place of computing."""
        if reuse is Reuse.ALWAYS:
            return self.calls.get(key)
        since = place.fresh_since
        record = self.calls.get(key) if since is not None else None
        return record if record is not None and record.created_at >= since else None

    async def stream(
        self,
        task: FilmetoTask,
        place: Place = NOWHERE,
        *,
        checked: CheckedCall | None = None,
        kept: Callable[[CallRecord], None] | None = None,
    ) -> AsyncIterator[TaskProgress | TaskResult]:
        """Progress updates, then exactly one result; retries what may be retried.

        Args:
            place: Where the call belongs.
            checked: The task, if it was checked already.
            kept: As for `call`.

        Raises:
            ValidationError, PluginNotFoundError, ResourceProcessingError: Before work starts.
            asyncio.CancelledError: The caller gave up.
        """
        checked = checked or self.check(task)
        reuse = Reuse.ALWAYS if task.metadata.get("cache") is True else Reuse.NEVER
        updates: asyncio.Queue[TaskProgress | None] = asyncio.Queue()
        yield TaskProgress(task_id=task.task_id, type=ProgressType.STARTED, message="started")
        work = asyncio.ensure_future(
            self._retrying(checked, updates.put_nowait, reuse, place, kept)
        )
        work.add_done_callback(lambda _: updates.put_nowait(None))
        percent = 0.0
        try:
            while (update := await updates.get()) is not None:
                if update.percent < percent:  # of a further attempt
                    update = update.model_copy(update={"percent": percent})
                percent = update.percent
                yield update
            result = await work
        finally:
            if not work.done():
                work.cancel()
                await asyncio.wait([work])
        if result.status == "success":
            yield TaskProgress(
                task_id=task.task_id, type=ProgressType.COMPLETED, percent=100, message="completed"
            )
        else:
            yield TaskProgress(
                task_id=task.task_id,
                type=ProgressType.FAILED,
                percent=percent,
                message=result.error_message,
            )
        yield result

    async def _retrying(
        self,
        checked: CheckedCall,
        update: Callable[[TaskProgress], None],
        reuse: Reuse,
        place: Place,
        kept: Callable[[CallRecord], None] | None,
    ) -> TaskResult:
        started, attempt = time.monotonic(), 0
        while True:
            try:
                last = attempt >= checked.max_retries
                done = await self.call(checked, update, reuse, place=place, kept=kept, last=last)
                return success(checked.task.task_id, done, time.monotonic() - started, attempt + 1)
            except FilmetoError as error:
                if not error.retryable or attempt >= checked.max_retries:
                    return failure(checked.task.task_id, error, time.monotonic() - started)
                attempt += 1
                await asyncio.sleep(retry_pause_s(error, attempt))

    async def close(self) -> None:
        """Stop every plugin, write what was noted, send what is to be shared."""
        await asyncio.to_thread(self.close_sync)

    def close_sync(self) -> None:
        """As `close`, from a thread without a loop."""
        self.plugins.close_sync()
        self.journal.close()
        with self._holding:
            self._held.close()
            self._holds = False
        if self.shared is not None:
            self.shared.close(self.settings.store_flush_s)
