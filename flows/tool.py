"""One tool call as a flow of its own: `filmeto run` runs it, and so does a machine that serves a work
queue for the films of others."""

from typing import Any

from prefect import flow
from prefect.runtime import flow_run

import filmeto_core.tasks as tasks
from filmeto_core.tasks.placed import Placed
from filmeto_core.tasks.placed_work import make_placed
from filmeto_core.types import ResourceInput, ResourceOutput, ToolType


def _title() -> str:
    """The tool, and the shot of a film on another machine."""
    placed = flow_run.parameters.get("placed") or {}
    shot = placed.get("shot") if isinstance(placed, dict) else placed.shot
    return " · ".join(filter(None, [shot, str(flow_run.parameters["name"])]))


@flow(name="tool", flow_run_name=_title)
async def tool(
    name: ToolType,
    inputs: list[ResourceInput] | None = None,
    parameters: dict[str, Any] | None = None,
    plugin: str | None = None,
    profile: str | None = None,
    take: int = 1,
    timeout_s: float | None = None,
    placed: Placed | None = None,
) -> ResourceOutput:
    """Call the tool `name` with these inputs, in its order, and these parameters.

    `placed` is filled in by the film's machine where this one makes a call for it.
    """
    task = getattr(tasks, name)
    if placed is not None:
        asked = {"plugin": plugin, "take": take, "timeout_s": timeout_s, **(parameters or {})}
        return await make_placed(task, asked, placed)
    return await task(
        *(inputs or []),
        plugin=plugin,
        profile=profile,
        take=take,
        timeout_s=timeout_s,
        **(parameters or {}),
    )
