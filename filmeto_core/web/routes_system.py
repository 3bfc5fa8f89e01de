"""What there is: the server itself, tools, plugins."""

import sys
import time
from collections import Counter
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import Field

from filmeto_core.api import told_plugin, told_tools
from filmeto_core.errors import ValidationError, did_you_mean
from filmeto_core.types import Model, ToolType
from filmeto_core.web.access import Reader
from filmeto_core.web.desk import AtDesk, Desk

router = APIRouter(tags=["system"])


class Welcome(Model):
    """The server, to whoever comes without a path."""

    name: Literal["filmeto"] = "filmeto"
    version: str
    docs: str = "/docs"
    page: str = "/ui/"
    health: str = "/api/v1/health"


class Health(Model):
    """That the server works, and what its plugins do."""

    status: Literal["healthy"] = "healthy"
    version: str
    address: str = Field(description="Where browsers reach it, as far as it knows")
    uptime: float = Field(description="Seconds")
    plugins: dict[str, int] = Field(
        description="Plugins by state: busy, starting, idle, stopped, .."
    )
    tasks: dict[str, int] = Field(description="Tasks in hand: queued, running")


@router.get("/api/v1/health")
async def health(desk: AtDesk) -> Health:
    """Whether the server works."""
    return Health(
        version=version(),
        address=desk.browser_address,
        uptime=time.time() - desk.started_at,
        plugins=plugin_states(desk),
        tasks=desk.tasks.counts,
    )


@router.get("/api/v1/tools")
async def tools(_caller: Reader, desk: AtDesk) -> list[dict[str, Any]]:
    """All seven tools, served or not: name, display_name, plugins."""
    return told_tools(desk.service)


@router.get("/api/v1/plugins")
async def plugins(_caller: Reader, desk: AtDesk) -> list[dict[str, Any]]:
    """Every plugin: name, version, description, author, engine, tool_type, tools."""
    return [told_plugin(plugin) for plugin in desk.service.registry.plugins]


@router.get("/api/v1/plugins/by-tool/{tool_name}")
async def plugins_by_tool(tool_name: str, _caller: Reader, desk: AtDesk) -> list[dict[str, Any]]:
    """The plugins that serve a tool."""
    names = [str(tool) for tool in ToolType]
    if tool_name not in names:
        raise ValidationError(
            f'tool_name: there is no tool "{tool_name[:100]}".{did_you_mean(tool_name, names)}',
            hint=f"The tools: {', '.join(names)}.",
            field="tool_name",
            value=tool_name[:100],
            allowed=names,
        )
    return [told_plugin(plugin) for plugin in desk.service.registry.serving(tool_name)]


def plugin_states(desk: Desk) -> dict[str, int]:
    """How many plugins are in which state."""
    return dict(Counter(state["state"] for state in desk.service.plugins.states().values()))


def version() -> str:
    """filmeto's."""
    return sys.modules["filmeto_core"].__version__
