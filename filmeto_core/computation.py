"""The computing of one call: its plugin is called, what it made is stored, and its record is kept.

Whether it has to be computed at all is `service`'s to say.
"""

import asyncio
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from filmeto_core.call import CheckedCall
from filmeto_core.errors import (
    FilmetoError,
    PluginOutputError,
    PluginRefused,
    ResourceProcessingError,
    StoreError,
)
from filmeto_core.journal.call_notes import Noted
from filmeto_core.journal.jobs import Wanted
from filmeto_core.journal.journal import Journal
from filmeto_core.media import MediaInfo, kind_of
from filmeto_core.place import Place
from filmeto_core.plugin_host.calls import PluginAnswer, PluginCall, PluginOutput
from filmeto_core.plugin_host.discovery import Registry
from filmeto_core.plugin_host.host import PluginManager
from filmeto_core.plugin_host.needs import needs_something, require
from filmeto_core.plugin_host.pricing import price_of
from filmeto_core.progress import ProgressMeter
from filmeto_core.remote_call import RemoteCall
from filmeto_core.resources.calls import CallIndex, CallRecord
from filmeto_core.resources.inputs import Prepared
from filmeto_core.resources.shared_jobs import SharedJobs
from filmeto_core.resources.shared_store import SharedStore
from filmeto_core.resources.store import Store
from filmeto_core.steps import step
from filmeto_core.types import ResourceOutput, utc_now
from filmeto_core.uninterrupted import uninterrupted
from filmeto_core.work_folder import remove_work, work_folder

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Studio:
    """What computing needs: plugins, and where what they make is kept."""

    registry: Registry
    plugins: PluginManager
    store: Store
    calls: CallIndex
    journal: Journal
    shared: SharedStore | None = None


@dataclass(frozen=True)
class Computation:
    """One computing of a call; `await run()` once.

    Args:
        studio: Plugins, store, index, journal.
        checked: The call.
        call: As it is noted; with its key.
        prepared: Its inputs.
        meter: Gets its progress.
        place: Where it belongs.
        fresh: Another result is wanted than any that was made before.
        replaces: Whether its record takes the place of one that is there.
        id: Of the record that it makes; by default a fresh one.
        kept: Gets the record once it is kept, before its provider's job is closed.
    """

    studio: Studio
    checked: CheckedCall
    call: Noted
    prepared: list[Prepared]
    meter: ProgressMeter
    place: Place
    fresh: bool = False
    replaces: bool = True
    id: str | None = None
    kept: Callable[[CallRecord], None] | None = None

    async def run(self) -> CallRecord:
        """Its record.

        Raises:
            FilmetoError: It failed; nothing of it is in the store.
            asyncio.CancelledError: The caller gave up.
        """
        checked, plugins, journal = self.checked, self.studio.plugins, self.studio.journal
        async with work_folder(plugins.output_parent(checked.plugin.name)) as work:
            if needs_something(checked.plugin):
                await asyncio.to_thread(require, checked.plugin)
            await plugins.prepare(checked.plugin.name, self.meter.preparing)
            journal.began(self.call)
            try:
                record = await self._run(work)
            except FilmetoError as error:
                journal.ended(self.call, "failed", str(error))
                if isinstance(error, PluginRefused):
                    await uninterrupted(self._keep_refusal, error)
                raise
            except asyncio.CancelledError:
                journal.ended(self.call, "cancelled")
                raise
        digests = [output.digest or "" for output in record.outputs]
        journal.worked(self.call, record.seconds, record.cost, digests)
        return record

    def _keep_refusal(self, error: PluginRefused) -> None:
        try:
            self.studio.calls.put_failure(self.call.key, error.to_dict())
        except StoreError as why:  # the refusal itself is what is told
            logger.warning("a refusal could not be kept: %s", why)

    async def _run(self, work: Path) -> CallRecord:
        if not self.checked.plugin.manifest.is_remote:
            return await self._execute(work, None)
        wanted = wanted_of(self.checked, self.call, self.place, self.fresh)
        journal, shared = self.studio.journal, self.studio.shared
        notes = SharedJobs(shared.place, journal.path.parent) if shared else None
        async with RemoteCall(journal.jobs_at_work, wanted, notes) as remote:
            return await self._execute(work, remote)

    async def _execute(self, work: Path, remote: RemoteCall | None) -> CallRecord:
        checked, execute = self.checked, self.studio.plugins.execute
        call = PluginCall(
            task_id=checked.task.task_id,
            tool_name=str(checked.tool),
            parameters=checked.parameters,
            resources=[_told(p) for p in self.prepared],
            processed_resources=[str(p.path) for p in self.prepared],
            output_dir=work,
            timeout_s=checked.asked_timeout_s,
            metadata={k: v for k, v in checked.task.metadata.items() if k != "profile"},
            idempotency_key=remote.idempotency_key if remote else self.call.key,
            resume_job=remote.resume_job if remote else None,
            begin=remote.begin if remote else None,
            submitted=remote.submitted if remote else None,
        )
        facts = {"tool": call.tool_name, "plugin": checked.plugin.name, "task_id": call.task_id}
        with step("plugin call", **facts):
            answer = await execute(checked.plugin.name, call, self.meter.notified)
        return await uninterrupted(self._store, answer, work, remote)

    def _store(
        self,
        answer: PluginAnswer,
        work: Path,
        remote: RemoteCall | None,
    ) -> CallRecord:
        """Keep what was made, and its record; in one go, since disks are waited for."""
        outputs = [self._keep(i, output) for i, output in enumerate(answer.outputs)]
        call = self.call
        record = CallRecord(
            key=call.key,
            id=self.id or uuid.uuid4().hex,
            tool=call.tool,
            plugin=call.plugin,
            plugin_version=call.plugin_version,
            fingerprint=call.fingerprint,
            parameters=self.checked.parameters,
            resources=tuple(call.resources),
            take=call.take,
            outputs=tuple(outputs),
            seconds=answer.execution_time_s,
            cost=remote.cost(answer.metadata) if remote else None,
            attempts=self.studio.journal.failed_attempts(call.key) + 1,
            created_at=utc_now(),
            metadata=answer.metadata,
        )
        if self.replaces or self.studio.calls.get(call.key) is None:
            self._index(record)
        else:
            self.studio.store.settle()
        if self.kept is not None:
            self.kept(record)
        if remote is not None:
            remote.done(record.cost)
        remove_work(work)  # here, where it costs no change of threads
        return record

    def _index(self, record: CallRecord) -> None:
        """Keep the record for the next call, unless the plugin was changed while this one ran.

        Nobody could say then which of its versions made the result.
        """
        plugin = self.checked.plugin
        if self.studio.registry.find(plugin.name) is plugin:
            self.studio.calls.put(record)
            if self.studio.shared is not None:
                self.studio.shared.offer(record, replace=self.replaces and self.fresh)
        else:
            self.studio.store.settle()

    def _keep(self, index: int, output: PluginOutput) -> ResourceOutput:
        name = f"output {index} ({output.path.name})"
        try:
            kind = kind_of(output.path)
            if index == 0 and kind != self.checked.tool.makes:
                raise ResourceProcessingError(f"expected {self.checked.tool.makes}, got {kind}.")
            stored = self.studio.store.put_file(output.path, name=name, settle=False)
        except StoreError:
            raise
        except ResourceProcessingError as error:
            raise PluginOutputError(
                f"{name}: {error.message}", hint="This is the plugin's fault: tell its author."
            ) from error
        told = {**output.metadata, **_facts(stored.info), "digest": stored.digest}
        return ResourceOutput(
            type=stored.kind,
            path=str(stored.path),
            mime_type=stored.mime_type,
            size=stored.size,
            metadata=told,
        )


def wanted_of(
    checked: CheckedCall, call: Noted, place: Place, fresh: bool, takes_key: bool = False
) -> Wanted:
    """A call whose plugin has its jobs done by a provider, as the journal wants to know it.

    Args:
        fresh: Another result is wanted than any that was made before.
        takes_key: Whoever is asked knows the job again, whatever the manifest says.
    """
    manifest = checked.plugin.manifest
    price = price_of(manifest, call.tool, checked.parameters)
    is_free = price is not None and not price.amount  # sent twice, it costs nothing twice
    return Wanted(
        key=call.key,
        tool=call.tool,
        plugin=call.plugin,
        price=price,
        takes_key=takes_key or manifest.takes_idempotency_key or is_free,
        fresh=fresh,
        run_id=place.run_id,
        film=place.film,
        shot=place.shot,
        budget=place.budget,
    )


def _told(prepared: Prepared) -> dict[str, object]:
    return {
        "type": "local_path",
        "data": str(prepared.path),
        "mime_type": prepared.info.mime_type,
        "metadata": {"digest": prepared.digest, **_facts(prepared.info)},
    }


def _facts(info: MediaInfo) -> dict[str, object]:
    told = info.model_dump(mode="json", exclude_none=True, exclude={"kind", "mime_type"})
    names = {"width_px": "width", "height_px": "height", "frame_rate": "fps"}
    return {names.get(name, name): value for name, value in told.items()}
