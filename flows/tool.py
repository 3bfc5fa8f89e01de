"""One tool call as a flow of its own; `filmeto run` runs it."""

from typing import Any

from prefect import flow
from prefect.runtime import flow_run

import filmeto_core.tasks as tasks
from filmeto_core.types import ResourceInput, ResourceOutput, ToolType


@flow(name="tool", flow_run_name=lambda: str(flow_run.parameters["name"]))
async def tool(
    name: ToolType,
    inputs: list[ResourceInput] | None = None,
    parameters: dict[str, Any] | None = None,
    plugin: str | None = None,
    profile: str | None = None,
    take: int = 1,
    timeout_s: float | None = None,
) -> ResourceOutput:
    """Call the tool `name` with these inputs, in its order, and these parameters."""
    task = getattr(tasks, name)
    return await task(
        *(inputs or []),
        plugin=plugin,
        profile=profile,
        take=take,
        timeout_s=timeout_s,
        **(parameters or {}),
    )
