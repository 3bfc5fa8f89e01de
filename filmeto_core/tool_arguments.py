"""A tool's arguments, as its Prefect task takes them, become a FilmetoTask."""

from collections.abc import Mapping
from typing import Any

from filmeto_core.plugin_host.parameters import RESERVED
from filmeto_core.resources.inputs import resource_input
from filmeto_core.types import REQUIRED_PARAMETERS, FilmetoTask, ToolType

# The arguments that are files, in the order in which a plugin gets them.
INPUTS: dict[ToolType, tuple[str, ...]] = {
    ToolType.IMAGE2IMAGE: ("image",),
    ToolType.IMAGE2VIDEO: ("image",),
    ToolType.SPEAK2VIDEO: ("sound", "portrait"),
}

REFERENCES = "references"  # an argument of every tool: a list of pictures, after its own inputs


def positional(tool: ToolType) -> tuple[str, ...]:
    """The names of the arguments that a tool's task takes without a keyword, in their order."""
    return INPUTS.get(tool, ()) + REQUIRED_PARAMETERS.get(tool, ())


def as_task(
    tool_name: str, arguments: Mapping[str, Any], task_id: str | None = None
) -> FilmetoTask:
    """The FilmetoTask that a tool task's arguments ask for."""
    tool = ToolType(tool_name)
    given = {**arguments, **arguments.get("parameters", {})}
    given.pop("parameters", None)
    files = [given.pop(name, None) for name in INPUTS.get(tool, ())]
    files += given.pop(REFERENCES, None) or []
    ours = {name: given.pop(name, None) for name in RESERVED}
    metadata = {k: ours[k] for k in ("profile", "take", "priority") if ours[k] is not None}
    more = {"task_id": task_id} if task_id else {}
    return FilmetoTask(
        tool_name=tool,
        plugin_name=ours["plugin"],
        parameters={k: v for k, v in given.items() if v is not None},
        resources=[resource_input(f) for f in files if f is not None],
        timeout=ours["timeout_s"],
        metadata=metadata,
        **more,
    )
