"""A tool call made ready: its task checked, its plugin chosen, its parameters filled in.

Nothing here starts a process or opens a connection: what is wrong is said before work starts.
"""

from collections.abc import Collection, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, Field

from filmeto_core.errors import FilmetoError, ValidationError
from filmeto_core.frame_rate import parse_frame_rate
from filmeto_core.plugin_host.discovery import Plugin, Registry, one_look
from filmeto_core.plugin_host.manifest_model import ToolSpec
from filmeto_core.plugin_host.parameters import check_parameters
from filmeto_core.profiles import Profile
from filmeto_core.resources.calls import canonical_digest
from filmeto_core.serving import (
    Serving,
    facts_of,
    parameters_known,
    servings_of,
    spoken_language,
)
from filmeto_core.types import FilmetoTask, Model, ToolType

# What one plugin can do and another cannot; all else is wrong for every one of them.
ABILITIES = ("width", "height", "duration_s", "fps", "language", "cost")
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

    limit_s: float | None = Field(None, description="The most that the profile lets it take")
    queue: str | None = Field(
        None, description="The work queue whose machines make it; None: this one"
    )
    others: tuple[Serving, ...] = Field((), description="Who takes over where the plugin fails it")
    known: frozenset[str] = Field(
        frozenset(), description="The parameters that somebody takes whom the profile names"
    )

    @property
    def asked_timeout_s(self) -> float | None:
        """The task's own limit in seconds, or the manifest's, or None; the profile's at most."""
        own = self.task.timeout or self.plugin.manifest.execution.timeout
        return min(own or self.limit_s, self.limit_s) if self.limit_s else own

    @property
    def max_retries(self) -> int:
        """How often a retryable error is tried again, by default."""
        return self.plugin.manifest.execution.max_retries


def check_call(
    task: FilmetoTask, registry: Registry, profile: Profile, unusable: Collection[str] = ()
) -> CheckedCall:
    """The task, ready to start; `unusable` as for `servings_of`.

    A plugin of the profile that cannot do what is asked (a size, a length, a language), or would cost
    more than its entry allows, is passed over for the next one.

    Raises:
        ValidationError: A field or parameter is wrong.
        PluginNotFoundError: The plugin is not there, or none serves the tool.
    """
    fine, wrong = task.validate()
    if not fine:
        raise ValidationError(wrong or "the task is wrong", task_id=str(task.task_id))
    with one_look():
        found = servings_of(task, registry, profile, unusable)
        known = parameters_known(task, registry, profile)
    for i, serving in enumerate(found):
        others = tuple(found[i + 1 :])
        try:
            return checked_as(task, serving, known, others)
        except ValidationError as error:
            if not others or error.details.get("field") not in ABILITIES:
                raise
    raise AssertionError("servings_of finds one, or raises")


def checked_as(
    task: FilmetoTask,
    serving: Serving,
    known: frozenset[str] = frozenset(),
    others: tuple[Serving, ...] = (),
) -> CheckedCall:
    """The task, as this plugin would run it.

    Args:
        known: What somebody takes whom the profile names for it: where this one does not, it is
            left out.
        others: Who may take over.

    Raises:
        ValidationError: A parameter is wrong.
    """
    tool, take = task.tool_name, _take(task.metadata)
    plugin, spec = serving.plugin, serving.spec(tool)
    given = {k: v for k, v in task.parameters.items() if v is not None}
    language = spoken_language(tool, given)
    given = {k: v for k, v in given.items() if k not in known or spec.parameter(k)}
    try:
        given = _adapt({**serving.parameters, **given}, spec, language)
        parameters = check_parameters(spec, given)
        if spec.parameter("seed") and parameters.get("seed") is None:
            parameters["seed"] = derived_seed(tool, parameters, take)
        serving.allow(tool, parameters, facts_of(task))
    except FilmetoError as error:
        raise error.with_details(tool=str(tool), plugin=plugin.name) from None
    return CheckedCall(
        task=task,
        tool=tool,
        plugin=plugin,
        spec=spec,
        parameters=parameters,
        take=take,
        limit_s=serving.option.seconds if serving.option else None,
        queue=serving.queue,
        others=others,
        known=known,
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
