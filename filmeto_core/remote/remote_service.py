"""The service of a process whose calls a filmeto server computes: FILMETO_API_URL.

Everything but the computing stays here: inputs are checked, results are looked up in this machine's
index, each call is noted in its journal. Where the server works in the same data folder, it is the one
to hold the call's lock, to keep the record and, for this machine's own user, to note the call; otherwise,
or where the folder lies elsewhere there, what it made is fetched.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager, nullcontext
from typing import Any

from filmeto_core.errors import FilmetoError, ResourceProcessingError
from filmeto_core.plugin_host.wire import Notification
from filmeto_core.profiles import Project
from filmeto_core.progress import ProgressMeter
from filmeto_core.remote.home import folder_id, home_id
from filmeto_core.remote.remote_files import RemoteFiles
from filmeto_core.remote.remote_plugins import RemotePlugins
from filmeto_core.remote.remote_registry import RemoteRegistry
from filmeto_core.remote.remote_tasks import RemoteTask
from filmeto_core.remote.transport import Connection
from filmeto_core.resources.calls import CallRecord
from filmeto_core.resources.inputs import Prepared
from filmeto_core.service import Asked, FilmetoService, Reuse
from filmeto_core.settings import Settings
from filmeto_core.uninterrupted import uninterrupted

MOST_OPEN = 100  # calls that one process has at the server at once
_INPUTS = "resources["  # how the names of a task's inputs begin


class RemoteService(FilmetoService):
    """As FilmetoService, with the plugins of the server that the settings name.

    Args:
        settings: `api_url` and `api_key` say which.
        project: Its profiles count, not the server's.

    Raises:
        ValidationError: The address is none.
        ServerUnreachableError: The server does not answer.
    """

    def __init__(self, settings: Settings, project: Project | None = None) -> None:
        self.connection = Connection(settings.api_url, settings.api_key)
        registry = RemoteRegistry(self.connection)
        super().__init__(settings, project, registry)
        self.plugins = RemotePlugins(self.connection, registry, settings)
        self.shares_home = registry.home == home_id(settings)
        self._is_noted_there = self.shares_home and registry.notes
        self._is_locked_there = registry.folder == folder_id(settings)
        self.files = RemoteFiles(self.connection, self.store)
        self._turns: dict[asyncio.AbstractEventLoop, asyncio.Semaphore] = {}

    def close_sync(self) -> None:
        """As of FilmetoService; the server's plugins stay up, calls in hand are cancelled there."""
        self.connection.close()
        super().close_sync()

    def _alone(self, key: str) -> AbstractAsyncContextManager[object]:
        return nullcontext() if self._is_locked_there else super()._alone(key)

    async def _fetched(self, key: str, reuse: Reuse, meter: ProgressMeter) -> bool:
        if self._is_locked_there:
            return False  # the server looks in the shared store, under the call's lock
        return await super()._fetched(key, reuse, meter)

    async def _computed(self, asked: Asked) -> tuple[CallRecord, bool]:
        if self._is_noted_there:
            return await self._asked_for(asked)
        self.journal.began(asked.call)
        try:
            record, cached = await self._asked_for(asked)
            outputs = await self.files.brought(record.outputs)
        except FilmetoError as error:
            self.journal.ended(asked.call, "failed", str(error))
            raise
        except asyncio.CancelledError:
            self.journal.ended(asked.call, "cancelled")
            raise
        record = record.model_copy(update={"outputs": outputs})
        await uninterrupted(self._keep, record, asked.reuse)
        note = self.journal.reused if cached else self.journal.worked
        note(asked.call, record.seconds, record.cost, [o.digest or "" for o in record.outputs])
        return record, cached

    def _keep(self, record: CallRecord, reuse: Reuse) -> None:
        """In this machine's own index; under the key that the server computed, whatever it is."""
        if reuse is Reuse.NEVER and self.calls.get(record.key) is not None:
            return
        self.calls.put(record)
        if self.shared is not None:
            self.shared.offer(record, replace=reuse is Reuse.REFRESH)

    async def _asked_for(self, asked: Asked) -> tuple[CallRecord, bool]:
        """The record that the server makes, or has; its paths are the server's."""
        if self.shares_home:
            try:
                return await self._posted(asked, [_in_store(one) for one in asked.prepared])
            except ResourceProcessingError as error:
                if not asked.prepared or not str(error.details.get("field")).startswith(_INPUTS):
                    raise  # else: this key may name no paths, though the folder is the same
        return await self._posted(asked, await self.files.named(asked.prepared))

    @asynccontextmanager
    async def _turn(self, asked: Asked) -> AsyncIterator[None]:
        """Held while a call is at the server, so that a film of thousands does not fill its queue."""
        loop = asyncio.get_running_loop()
        if loop not in self._turns:
            self._turns = {known: t for known, t in self._turns.items() if not known.is_closed()}
        turns = self._turns.setdefault(loop, asyncio.Semaphore(MOST_OPEN))
        if turns.locked():
            told = Notification("progress", 0, "waiting for its turn", {"stage": "queued"})
            asked.meter.notified(told)
        async with turns:
            yield

    async def _posted(
        self, asked: Asked, resources: list[dict[str, Any]]
    ) -> tuple[CallRecord, bool]:
        task = RemoteTask(self.connection, _request(asked, resources))
        async with self._turn(asked), aclosing(task.events()) as events:
            async for event in events:
                if event["_type"] == "result":
                    told = event["metadata"]
                    return CallRecord.from_dict(told["record"]), bool(told["cached"])
                if event["type"] in ("progress", "heartbeat"):
                    asked.meter.notified(_notification(event))
        raise AssertionError("a task's events end with its result, or raise")


def _in_store(one: Prepared) -> dict[str, Any]:
    return {"type": "local_path", "data": str(one.path), "mime_type": one.info.mime_type}


def _request(asked: Asked, resources: list[dict[str, Any]]) -> dict[str, Any]:
    checked, place = asked.checked, asked.place
    return {
        "tool_name": str(checked.tool),
        "plugin_name": checked.plugin.name,
        "parameters": checked.parameters,
        "resources": resources,
        "timeout": checked.task.timeout,
        "metadata": {k: v for k, v in checked.task.metadata.items() if k != "profile"},
        "call": {
            "id": asked.call.id,
            "reuse": str(asked.reuse),
            "computation": asked.computation,
            "place": {
                "run_id": place.run_id,
                "film": place.film,
                "shot": place.shot,
                "budget": str(place.budget) if place.budget else None,
                "fresh_since": place.fresh_since.isoformat() if place.fresh_since else None,
            },
        },
    }


def _notification(event: dict[str, Any]) -> Notification:
    return Notification(event["type"], event["percent"], event["message"], event["data"])
