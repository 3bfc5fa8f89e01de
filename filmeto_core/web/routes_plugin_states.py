"""How plugins do: what each is at, and what it lacks to work here."""

import asyncio
from typing import Any

from fastapi import APIRouter
from pydantic import Field

from filmeto_core.plugin_host.manifest import Problem
from filmeto_core.plugin_host.needs import missing
from filmeto_core.plugin_host.plugin import Plugin
from filmeto_core.types import Model
from filmeto_core.web.access import Reader
from filmeto_core.web.desk import AtDesk, Desk

router = APIRouter(tags=["system"])


class Lack(Model):
    """Something that a plugin cannot work without, and that is not there."""

    kind: str = Field(description="gpu, variable or program")
    name: str
    what: str = Field(description='In words, such as "the program ffmpeg is not on PATH"')
    advice: str = Field(description="What to do")


class PluginState(Model):
    """One plugin, as it is now."""

    name: str
    version: str
    description: str
    tools: list[str]
    state: str = Field(description="busy, starting, idle, stopped or unavailable")
    why: str = Field("", description="How its last call failed; empty if it did not")
    memory_bytes: int = Field(0, description="Of all its processes")
    waiting: int = Field(0, description="Calls that wait for it")
    lacks: list[Lack] = Field(default_factory=list)


class BrokenPlugin(Model):
    """A plugin folder that cannot be used."""

    name: str = Field(description="The folder's")
    problem: str = Field(description="What is wrong, and what to do")


class PluginStates(Model):
    """Every plugin, and every folder that would be one."""

    plugins: list[PluginState]
    broken: list[BrokenPlugin]


@router.get("/api/v1/plugins/states")
async def plugins_states(_caller: Reader, desk: AtDesk) -> PluginStates:
    """Each plugin's state, and what it lacks."""
    # In a thread: it looks at the plugins' folders, and for a GPU it starts the driver's program.
    return await asyncio.to_thread(_states, desk)


def _states(desk: Desk) -> PluginStates:
    registry = desk.service.registry
    states = desk.service.plugins.states()
    return PluginStates(
        plugins=[_told(plugin, states.get(plugin.name, {})) for plugin in registry.plugins],
        broken=[_broken(problem) for problem in registry.problems if problem.fatal],
    )


def _told(plugin: Plugin, state: dict[str, Any]) -> PluginState:
    return PluginState(
        name=plugin.name,
        version=plugin.manifest.version,
        description=plugin.manifest.description,
        tools=[str(tool.name) for tool in plugin.manifest.tools],
        state=state.get("state", "stopped"),
        why=state.get("why", ""),
        memory_bytes=state.get("memory_bytes", 0),
        waiting=state.get("waiting", 0),
        lacks=[Lack(**need.to_dict()) for need in missing(plugin)],
    )


def _broken(problem: Problem) -> BrokenPlugin:
    """Without the path of its folder, which is the server's own business."""
    where = f"{problem.file.name}, line {problem.line}" if problem.line else problem.file.name
    field = f"{problem.field}: " if problem.field else ""
    return BrokenPlugin(name=problem.file.parent.name, problem=f"{where}: {field}{problem.reason}")
