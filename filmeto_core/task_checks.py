"""Who serves which task, and whether a task can start: what is asked before anything runs."""

from collections.abc import Sequence
from pathlib import Path

from filmeto_core.call import CheckedCall, check_call
from filmeto_core.plugin_host.discovery import Plugin, Registry
from filmeto_core.plugin_host.manifest_model import ToolSpec
from filmeto_core.profiles import Project
from filmeto_core.resources.inputs import check
from filmeto_core.serving import Serving, facts_of, servings_of
from filmeto_core.settings import Settings
from filmeto_core.types import FilmetoTask


class TaskChecks:
    """Checks tasks against profiles, plugins and settings; starts nothing."""

    settings: Settings
    project: Project
    registry: Registry
    unusable: set[str]

    def check(self, task: FilmetoTask, folders: Sequence[Path] | None = None) -> CheckedCall:
        """All that can be known to be wrong with a task before work starts.

        Args:
            folders: The only ones that its paths may lie in, links followed; None: anywhere.

        Raises:
            ValidationError: A field or parameter is wrong.
            PluginNotFoundError: The plugin is not there, or none serves the tool.
            ResourceProcessingError: An input is missing, forbidden or malformed.
        """
        profile = task.metadata.get("profile") if isinstance(task.metadata, dict) else None
        checked = check_call(task, self.registry, self.project.profile(profile), self.unusable)
        for i, resource in enumerate(task.resources):
            check(resource, settings=self.settings, field=f"resources[{i}]", folders=folders)
        if folders is None:
            return checked
        return checked.model_copy(update={"folders": tuple(folders)})

    def plugin_for(self, task: FilmetoTask) -> Plugin:
        """The plugin that serves a task; no more of the task is checked.

        Raises:
            ValidationError, PluginNotFoundError: None serves it.
        """
        return self.serving_for(task).plugin

    def serving_for(self, task: FilmetoTask) -> Serving:
        """As `plugin_for`, with what the profile says of it.

        Raises:
            ValidationError, PluginNotFoundError: None serves it.
        """
        profile = self.project.profile(task.metadata.get("profile"))
        return servings_of(task, self.registry, profile, self.unusable)[0]

    def parameter_names(self, task: FilmetoTask) -> frozenset[str]:
        """The parameters that whoever may serve a task takes; no more of the task is checked.

        Raises:
            ValidationError, PluginNotFoundError: None serves it.
        """
        specs = self._specs(task)
        return frozenset(parameter.name for spec in specs for parameter in spec.parameters)

    def most_references(self, task: FilmetoTask) -> int:
        """The most reference pictures that one of those takes.

        Raises:
            ValidationError, PluginNotFoundError: None serves it.
        """
        return max(spec.references for spec in self._specs(task))

    def longest_piece_s(self, task: FilmetoTask) -> float | None:
        """How long a piece may be of what the profile has made in several; None: it is made at once.

        Raises:
            ValidationError, PluginNotFoundError: None serves it.
        """
        profile = self.project.profile(task.metadata.get("profile"))
        option = servings_of(task, self.registry, profile, self.unusable)[0].option
        splits = option and option.beyond == "split" and option.too_long(facts_of(task))
        return option.longest_s if splits else None

    def _specs(self, task: FilmetoTask) -> list[ToolSpec]:
        profile = self.project.profile(task.metadata.get("profile"))
        found = servings_of(task, self.registry, profile, self.unusable)
        return [one.spec(task.tool_name) for one in found]

    def parameter_types(self, task: FilmetoTask) -> dict[str, str]:
        """As `parameter_names`, with the type of each: "string", "integer", ..."""
        spec = self.plugin_for(task).manifest.tool(task.tool_name)
        return {parameter.name: str(parameter.type) for parameter in spec.parameters}
