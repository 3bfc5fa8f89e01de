"""The tasks of FilmetoApi at a server: inputs are sent there, results are brought here."""

import asyncio
import functools
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from filmeto_core.errors import FilmetoError, ResourceProcessingError, ValidationError
from filmeto_core.remote.home import home_id
from filmeto_core.remote.remote_files import RemoteFiles
from filmeto_core.remote.remote_tasks import RemoteTask
from filmeto_core.remote.transport import Connection
from filmeto_core.resources.inputs import check
from filmeto_core.resources.store import Store, Stored
from filmeto_core.settings import Settings
from filmeto_core.types import (
    FilmetoTask,
    ResourceInput,
    ResourceOutput,
    ResourceType,
    TaskProgress,
    TaskResult,
)


class RemoteApi:
    """A server's tools.

    Args:
        base_url: Its address: http, https or unix.
        api_key: Where it asks for one.
        settings: Say where results go that are brought here.

    Raises:
        ValidationError: The address is none.
    """

    def __init__(self, base_url: str, api_key: str, settings: Settings) -> None:
        self.connection = Connection(base_url, api_key, field="base_url")
        self._settings = settings
        self._store = Store(settings.store_dir, max_pixels=settings.max_image_pixels)
        self._files = RemoteFiles(self.connection, self._store)

    async def stream(self, task: FilmetoTask) -> AsyncIterator[TaskProgress | TaskResult]:
        """As FilmetoService's: progress updates, then one result, under the task's own id."""
        request = await asyncio.to_thread(self._request, task)
        try:
            async with aclosing(self._run(task, request)) as updates:
                async for update in updates:
                    yield update
        except ResourceProcessingError as error:
            if not self._names_paths(request, error):
                raise
            request = await asyncio.to_thread(self._request, task, sends=True)
            async with aclosing(self._run(task, request)) as updates:
                async for update in updates:
                    yield update

    async def _run(
        self, task: FilmetoTask, request: dict[str, Any]
    ) -> AsyncIterator[TaskProgress | TaskResult]:
        async with aclosing(RemoteTask(self.connection, request).events()) as events:
            async for event in events:
                told = {**event, "task_id": task.task_id}
                if event["_type"] == "result":
                    yield await self._brought(TaskResult.from_dict(told))
                    return
                yield TaskProgress.from_dict(told)

    def check(self, task: FilmetoTask) -> str | None:
        """What is wrong with the task; None where nothing is. Its files are sent for that."""
        try:
            request = self._request(task)
            told = self._validated(request)
            if told["error"] and request["resources"] and not self._is_sent(request):
                told = self._validated(self._request(task, sends=True))
        except FilmetoError as error:
            return str(error)
        return told["error"]

    def list_tools(self) -> list[dict[str, Any]]:
        """As the server tells them."""
        return self.connection.get("/tools").json()

    def list_plugins(self) -> list[dict[str, Any]]:
        """As the server tells them."""
        return self.connection.get("/plugins").json()

    def status(self, task_id: str) -> dict[str, Any] | None:
        """How a task of the server's stands; None where it has none of that id."""
        answer = self.connection.ask("GET", f"/tasks/{quote(task_id, safe='')}", also=(404,))
        return answer.json() if answer.status_code == 200 else None

    def _validated(self, request: dict[str, Any]) -> dict[str, Any]:
        return self.connection.ask("POST", "/tasks/validate", json=request).json()

    # --- inputs -------------------------------------------------------------------------------

    @functools.cached_property
    def _shares_home(self) -> bool:
        told = self.connection.get("/plugins/manifests").json()
        return told["home"] == home_id(self._settings)

    def _request(self, task: FilmetoTask, sends: bool = False) -> dict[str, Any]:
        """The task as it is posted; blocks. Files lie in a store, here or there, by then.

        Args:
            sends: Files are sent, though the server works in the same data folder.
        """
        fine, wrong = task.validate()
        if not fine:
            raise ValidationError(wrong or "the task is wrong", task_id=str(task.task_id))
        return {
            "tool_name": str(task.tool_name),
            "plugin_name": task.plugin_name,
            "parameters": task.parameters,
            "resources": [self._input(i, r, sends) for i, r in enumerate(task.resources)],
            "timeout": task.timeout,
            "metadata": task.metadata,
        }

    def _input(self, index: int, resource: ResourceInput, sends: bool) -> dict[str, Any]:
        if resource.type is not ResourceType.LOCAL_PATH:
            return resource.to_dict()
        check(resource, settings=self._settings, field=f"resources[{index}]")
        kept: Stored = self._store.put_file(Path(resource.data).expanduser())
        if sends or not self._shares_home:
            return {**resource.to_dict(), **self._files.sent(kept)}
        return {**resource.to_dict(), "data": str(kept.path)}

    def _names_paths(self, request: dict[str, Any], error: FilmetoError) -> bool:
        """Whether the server refuses a path that is right here: its key may name none."""
        of_input = str(error.details.get("field", "")).startswith("resources[")
        return of_input and not self._is_sent(request)

    def _is_sent(self, request: dict[str, Any]) -> bool:
        return all(r["type"] != ResourceType.LOCAL_PATH for r in request["resources"])

    # --- results ------------------------------------------------------------------------------

    async def _brought(self, result: TaskResult) -> TaskResult:
        """The result with its files on this machine."""
        outputs = result.output_resources
        if not all(map(self._files.located, outputs)):
            outputs = await self._files.brought(outputs)
        told = [self._addressed(output) for output in outputs]
        paths = [output.path for output in outputs]
        return result.model_copy(update={"output_resources": told, "output_files": paths})

    def _addressed(self, output: ResourceOutput) -> ResourceOutput:
        """With the whole address that serves it; none where that is a socket."""
        address, digest = self.connection.address, output.digest
        whole = address.socket is None and digest is not None
        url = f"{address.url}/api/v1/resources/{digest}" if whole else None
        others = tuple(self._addressed(other) for other in output.others)
        return output.model_copy(update={"url": url, "others": others})
