"""FilmetoApi, the seed design's facade: check and run tasks, list tools and plugins.

    api = FilmetoApi()
    task = FilmetoTask(tool_name=ToolType.TEXT2IMAGE, parameters={"prompt": "a lighthouse"})
    async for update in api.execute_task_stream(task):
        print(update)                  # TaskProgress ..., then one TaskResult

`FilmetoApi(base_url="http://127.0.0.1:8000")` does the same with the tools of a `filmeto serve`.

It may be used inside another application: it starts no thread or process before a task needs one,
and works from any event loop.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filmeto_core.errors import FilmetoError, ValidationError
from filmeto_core.plugin_host.discovery import Plugin
from filmeto_core.service import FilmetoService
from filmeto_core.settings import Settings
from filmeto_core.types import FilmetoTask, TaskProgress, TaskResult, ToolType

if TYPE_CHECKING:
    from filmeto_core.remote.remote_api import RemoteApi

REMEMBERED_TASKS = 1000  # ended tasks whose status is kept, the oldest forgotten first


class FilmetoApi:
    """The tools, in this process or at a server.

    Args:
        plugins_dir: A further folder of plugin folders, searched first.
        cache_dir: Where store, cache and environments live; by default FILMETO_HOME.
        settings: All settings; by default those of the environment.
        base_url: The server's address, http://..., https://... or unix:///path/to/socket. Local
            files are sent there, results are brought here.
        api_key: Its key, where it asks for one; by default FILMETO_API_KEY.

    Raises:
        ValidationError: The address is none; or plugins_dir is given for a server.
    """

    def __init__(
        self,
        plugins_dir: str | Path | None = None,
        cache_dir: str | Path | None = None,
        settings: Settings | None = None,
        base_url: str | None = None,
        api_key: str | None = None,
    ) -> None:
        settings = settings or Settings()
        changed: dict[str, Any] = {}
        if cache_dir is not None:
            changed["home"] = Path(cache_dir)
        if plugins_dir is not None:
            changed["plugins"] = _before(plugins_dir, settings.plugins)
        self.settings = settings.model_copy(update=changed)
        self._remote: RemoteApi | None = None
        self.service: FilmetoService | None = None
        if base_url is None:
            self.service = FilmetoService(self.settings)
        else:
            self._remote = _at(base_url, api_key, plugins_dir, self.settings)
        self._states: dict[str, dict[str, Any]] = {}

    async def execute_task_stream(
        self, task: FilmetoTask
    ) -> AsyncIterator[TaskProgress | TaskResult]:
        """Run a task: TaskProgress updates, then exactly one TaskResult.

        It computes anew unless the task's metadata has `"cache": True`.

        Raises:
            ValidationError, PluginNotFoundError, ResourceProcessingError: Before work starts.
        """
        stream = (self._remote or self.service).stream(task)
        self._remember(task.task_id, {"status": "queued", "percent": 0.0, "message": ""})
        try:
            async for update in stream:
                self._note(update)
                yield update
        except FilmetoError as error:
            self._remember(task.task_id, {"status": "error", "percent": 0.0, "message": str(error)})
            raise
        finally:
            await stream.aclose()
            state = self._states.get(task.task_id)
            if state and state["status"] in ("queued", "running"):
                state["status"] = "cancelled"

    def validate_task(self, task: FilmetoTask) -> tuple[bool, str | None]:
        """(True, None), or (False, what is wrong): the task, its plugin, parameters and inputs."""
        if self._remote is not None:
            wrong = self._remote.check(task)
            return wrong is None, wrong
        try:
            self.service.check(task)
        except FilmetoError as error:
            return False, str(error)
        return True, None

    async def get_task_status(self, task_id: str) -> dict[str, Any]:
        """task_id, status (unknown, queued, running, success, error, cancelled), percent, message,
        and the `result` once there is one. Of the last 1,000 tasks of this object; at a server, of
        any task by the server's own id."""
        if self._remote is not None and task_id not in self._states:
            told = await asyncio.to_thread(self._remote.status, task_id)
            if told is not None:
                return told
        state = self._states.get(task_id, {"status": "unknown", "percent": 0.0, "message": ""})
        return {"task_id": task_id, **state}

    def list_tools(self) -> list[dict[str, Any]]:
        """All seven tools, served or not: name, display_name, plugins."""
        if self._remote is not None:
            return self._remote.list_tools()
        return told_tools(self.service)

    def list_plugins(self) -> list[dict[str, Any]]:
        """Every plugin: name, version, description, author, engine, tool_type, tools."""
        if self._remote is not None:
            return self._remote.list_plugins()
        return [told_plugin(plugin) for plugin in self.service.registry.plugins]

    def get_plugins_by_tool(self, tool_name: ToolType | str) -> list[dict[str, Any]]:
        """The plugins that serve a tool, as `list_plugins` tells of them."""
        return [p for p in self.list_plugins() if str(tool_name) in p["tools"]]

    async def cleanup(self) -> None:
        """Stop every plugin; those of a server stay up. The object may be used again."""
        if self._remote is not None:
            self._remote.connection.close()
        else:
            await self.service.close()

    async def __aenter__(self) -> "FilmetoApi":
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.cleanup()

    def _note(self, update: TaskProgress | TaskResult) -> None:
        if isinstance(update, TaskResult):
            state = {
                "status": update.status,
                "percent": 100.0 if update.status == "success" else self._percent(update.task_id),
                "message": update.error_message,
                "result": update.to_dict(),
            }
        else:
            state = {"status": "running", "percent": update.percent, "message": update.message}
        self._remember(update.task_id, state)

    def _percent(self, task_id: str) -> float:
        return self._states.get(task_id, {}).get("percent", 0.0)

    def _remember(self, task_id: Any, state: dict[str, Any]) -> None:
        if not isinstance(task_id, str):
            return
        self._states.pop(task_id, None)
        self._states[task_id] = state
        while len(self._states) > REMEMBERED_TASKS:
            self._states.pop(next(iter(self._states)))


def _at(
    base_url: str, api_key: str | None, plugins_dir: str | Path | None, settings: Settings
) -> "RemoteApi":
    from filmeto_core.remote.remote_api import RemoteApi  # who works here needs no HTTP client

    if plugins_dir is not None:
        raise ValidationError(
            f"plugins_dir: the server at {base_url!r:.200} has plugins of its own.",
            hint="Leave plugins_dir out, or base_url to work in this process.",
            field="plugins_dir",
            value=str(plugins_dir),
        )
    return RemoteApi(base_url, settings.api_key if api_key is None else api_key, settings)


def _before(folder: str | Path, folders: str) -> str:
    return os.pathsep.join(filter(None, [str(Path(folder).absolute()), folders]))


def told_tools(service: FilmetoService) -> list[dict[str, Any]]:
    """All seven tools, served or not: name, display_name, plugins."""
    return [
        {
            "name": str(tool),
            "display_name": tool.display_name,
            "plugins": [p.name for p in service.registry.serving(tool)],
        }
        for tool in ToolType
    ]


def told_plugin(plugin: Plugin) -> dict[str, Any]:
    """A plugin: name, version, description, author, engine, tool_type, tools."""
    return {**plugin.to_dict(), "tools": [str(spec.name) for spec in plugin.manifest.tools]}
