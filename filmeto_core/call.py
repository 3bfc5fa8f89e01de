"""A tool call made ready: its task checked, its plugin chosen, its parameters filled in.

Nothing here starts a process or opens a connection: what is wrong is said before work starts.
"""

from collections.abc import Collection, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, Field

from filmeto_core.errors import (
    FilmetoError,
    PluginNotFoundError,
    ValidationError,
)
from filmeto_core.frame_rate import parse_frame_rate
from filmeto_core.languages import told_language
from filmeto_core.plugin_host.discovery import Plugin, Registry
from filmeto_core.plugin_host.manifest_model import ToolSpec
from filmeto_core.plugin_host.parameters import check_parameters
from filmeto_core.profiles import Profile
from filmeto_core.resources.calls import canonical_digest
from filmeto_core.types import FilmetoTask, Model, ToolType

SEED_BITS = 31  # what every library's generator takes as a non-negative C int


class CheckedCall(Model):
    """A task that may start: who serves it, with which parameters."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    task: FilmetoTask
    tool: ToolType
    plugin: Plugin
    spec: ToolSpec = Field(description="What the plugin's manifest says of this tool")
    parameters: dict[str, Any] = Field(description="Checked, defaults and seed filled in")
    take: int = 1
    folders: tuple[Path, ...] | None = Field(
        None, description="The only folders that its paths may lie in; None: anywhere"
    )

    @property
    def asked_timeout_s(self) -> float | None:
        """The task's own limit in seconds, or the manifest's, or None."""
        return self.task.timeout or self.plugin.manifest.execution.timeout

    @property
    def max_retries(self) -> int:
        """How often a retryable error is tried again, by default."""
        return self.plugin.manifest.execution.max_retries


def check_call(
    task: FilmetoTask, registry: Registry, profile: Profile, unusable: Collection[str] = ()
) -> CheckedCall:
    """The task, ready to start; `unusable` as for `choose_plugin`.

    Raises:
        ValidationError: A field or parameter is wrong.
        PluginNotFoundError: The plugin is not there, or none serves the tool.
    """
    fine, wrong = task.validate()
    if not fine:
        raise ValidationError(wrong or "the task is wrong", task_id=str(task.task_id))
    tool, take = task.tool_name, _take(task.metadata)
    given = {k: v for k, v in task.parameters.items() if v is not None}
    language = spoken_language(tool, given)
    plugin, defaults = choose_plugin(task, registry, profile, unusable)
    spec = plugin.manifest.tool(tool)
    try:
        given = _adapt({**defaults, **given}, spec, language)
        parameters = check_parameters(spec, given)
        if spec.parameter("seed") and parameters.get("seed") is None:
            parameters["seed"] = derived_seed(tool, parameters, take)
    except FilmetoError as error:
        raise error.with_details(tool=str(tool), plugin=plugin.name) from None
    return CheckedCall(
        task=task, tool=tool, plugin=plugin, spec=spec, parameters=parameters, take=take
    )


def derived_seed(tool: ToolType, parameters: Mapping[str, Any], take: int) -> int:
    """The seed of a call that names none: 31 bits of the digest of all else that it is asked."""
    asked = {k: v for k, v in parameters.items() if k != "seed"}
    digest = canonical_digest({"tool": str(tool), "parameters": asked, "take": take})
    return int(digest[:16], 16) >> (64 - SEED_BITS)


def _take(metadata: Mapping[str, Any]) -> int:
    take = metadata.get("take", 1)
    if isinstance(take, bool) or not isinstance(take, int) or take < 1:
        raise ValidationError(
            f"take: expected a whole number from 1, got {take!r}.", field="take", value=take
        )
    return take


def spoken_language(tool: ToolType, parameters: Mapping[str, Any]) -> str | None:
    """The language that is asked for, or that a text to be spoken is in; else None."""
    language = parameters.get("language") or None
    if language is None and tool is ToolType.TEXT2SPEAK:
        language = told_language(str(parameters.get("text") or ""))
    return language if isinstance(language, str) else None


def choose_plugin(
    task: FilmetoTask,
    registry: Registry,
    profile: Profile,
    unusable: Collection[str] = (),
) -> tuple[Plugin, dict[str, Any]]:
    """Who serves a task: the plugin that it names, or the profile's choice with its parameters.

    Args:
        unusable: Plugins that are passed over where the profile names another.

    Raises:
        ValidationError: The named plugin does not serve the tool.
        PluginNotFoundError: There is no such plugin, or none serves the tool.
    """
    tool = task.tool_name
    if task.plugin_name:
        plugin = registry.get(task.plugin_name)
        if plugin.manifest.tool(tool) is None:
            serving = ", ".join(p.name for p in registry.serving(tool)) or "none"
            raise ValidationError(
                f'plugin_name: plugin "{plugin.name}" does not serve {tool}.',
                hint=f"It serves {', '.join(spec.name for spec in plugin.manifest.tools)}; for {tool}: {serving}.",
                field="plugin_name",
                value=plugin.name,
            )
        return plugin, {}
    choice = profile.choice(tool, spoken_language(tool, task.parameters))
    if choice:  # these alone are looked at: a thousand others cost a call nothing
        found = {n: p for n in choice.plugins if (p := registry.find(n)) is not None}
        serving = {n: p for n, p in found.items() if p.manifest.tool(tool) is not None}
    else:
        serving = {p.name: p for p in sorted(registry.serving(tool), key=lambda p: p.name)}
    named = list(serving)
    for name in [n for n in named if n not in unusable] or named:
        return serving[name], dict(choice.parameters) if choice else {}
    wanted = f" (it names {', '.join(choice.plugins)})" if choice else ""
    raise PluginNotFoundError(
        f'no installed plugin serves {tool} in profile "{profile.name}"{wanted}.',
        hint="Put a plugin's folder into FILMETO_PLUGINS, or name another in filmeto.yaml; "
        "`filmeto plugins list` shows what is there.",
        tool=str(tool),
        profile=profile.name,
    )


def _adapt(given: dict[str, Any], spec: ToolSpec, language: str | None) -> dict[str, Any]:
    """What every plugin of a tool is told alike: the language, and a frame rate in its own type."""
    if language and spec.parameter("language"):
        given.setdefault("language", language)
    fps = given.get("fps")
    if fps is not None and not isinstance(fps, bool) and (told := spec.parameter("fps")):
        given["fps"] = _frame_rate_as(told.type, _frame_rate(fps))
    return given


def _frame_rate(fps: Any) -> Fraction:
    try:
        return parse_frame_rate(fps)
    except ValueError as error:
        raise ValidationError(f"fps: {error}, got {fps!r}.", field="fps", value=fps) from None


def _frame_rate_as(kind: str, rate: Fraction) -> str | float | int:
    if kind == "string":
        return str(rate)
    return int(rate) if kind == "integer" and rate.denominator == 1 else float(rate)
