"""Who serves a task: the plugin that it names, or those that its profile names, in their order."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from filmeto_core.errors import PluginNotFoundError, ValidationError
from filmeto_core.languages import told_language
from filmeto_core.plugin_host.discovery import Plugin, Registry
from filmeto_core.plugin_host.manifest_model import ToolSpec
from filmeto_core.plugin_host.pricing import price_of
from filmeto_core.profile_choice import Choice, Facts, Option
from filmeto_core.profiles import Profile
from filmeto_core.types import REQUIRED_INPUTS, FilmetoTask, ToolType

REFERENCES = "_references"  # in a task's metadata: how many pictures it will have, once it has any


@dataclass(frozen=True)
class Serving:
    """A plugin that may serve a task, and the entry of the profile that says so, if one does.

    Args:
        named: The work queue of a plugin that the task itself names, where the profile has one.
    """

    plugin: Plugin
    option: Option | None = None
    named: str | None = None

    @property
    def queue(self) -> str | None:
        """The work queue whose machines make its calls; None: this one."""
        return self.option.queue if self.option else self.named

    def spec(self, tool: ToolType) -> ToolSpec:
        """What its manifest says of the tool."""
        return self.plugin.manifest.tool(tool)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The profile's defaults for its calls."""
        return self.option.parameters if self.option else {}

    def allow(self, tool: ToolType, parameters: Mapping[str, Any], facts: Facts) -> None:
        """Nothing, where the profile lets it make such a call.

        Raises:
            ValidationError: It is too long for it, or costs more than its entry allows.
        """
        option = self.option
        if option is None:
            return
        if option.too_long(facts):
            split = option.beyond == "split"
            raise ValidationError(
                f"duration_s: {facts.duration_s:g} s are beyond the {option.longest_s:g} s that "
                f"{option.plugin} makes.",
                hint="A film makes such a shot of several clips; a single call must be shorter."
                if split
                else "Ask for less, or change the entry's longest_s and beyond in filmeto.yaml.",
                field="duration_s",
                value=facts.duration_s,
                longest_s=option.longest_s,
            )
        if option.cost is not None:
            self._allow_price(tool, parameters)

    def _allow_price(self, tool: ToolType, parameters: Mapping[str, Any]) -> None:
        manifest, most = self.plugin.manifest, self.option.cost
        price = price_of(manifest, str(tool), parameters)
        if price is None and not manifest.is_remote:
            return
        if price is None or price.currency != most.currency or price.micros > most.micros:
            told = "costs nobody can say how much" if price is None else f"costs {price}"
            raise ValidationError(
                f"cost: the call {told}, and the profile allows {manifest.name} {most}.",
                hint="Ask for less, raise the entry's cost in filmeto.yaml, or add another plugin.",
                field="cost",
                value=str(price),
            )


def facts_of(task: FilmetoTask) -> Facts:
    """What of a task decides who serves it."""
    asked, tool = task.parameters, ToolType(task.tool_name)
    references = task.metadata.get(REFERENCES)
    if not isinstance(references, int):
        references = max(0, len(task.resources) - (1 if tool in REQUIRED_INPUTS else 0))
    return Facts(
        language=spoken_language(tool, asked),
        width_px=_number(asked.get("width")),
        height_px=_number(asked.get("height")),
        duration_s=_number(asked.get("duration_s")),
        references=references,
    )


def _number(value: Any) -> Any:
    """What is a number; all else its own check will refuse."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def spoken_language(tool: ToolType, parameters: Mapping[str, Any]) -> str | None:
    """The language that is asked for, or that a text to be spoken is in; else None."""
    language = parameters.get("language") or None
    if language is None and tool is ToolType.TEXT2SPEAK:
        language = told_language(str(parameters.get("text") or ""))
    return language if isinstance(language, str) else None


def servings_of(
    task: FilmetoTask, registry: Registry, profile: Profile, unusable: Collection[str] = ()
) -> list[Serving]:
    """Who may serve a task, the first choice first; at least one.

    Args:
        unusable: Plugins that are passed over where the profile names another.

    Raises:
        ValidationError: The named plugin does not serve the tool, or no entry fits the task.
        PluginNotFoundError: There is no such plugin, or none serves the tool.
    """
    tool = task.tool_name
    if task.plugin_name:
        return [_named(registry.get(task.plugin_name), registry, tool, profile)]
    facts = facts_of(task)
    choice = profile.choice(tool, facts.language)
    if choice is None:
        order = sorted(registry.serving(tool), key=lambda p: (p.manifest.is_remote, p.name))
        found = [Serving(plugin) for plugin in order]  # what may cost, where nothing else serves
    else:
        found = _fitting(_chosen(choice, registry, tool), facts, tool, profile)
    if not found:
        raise _nobody(tool, profile, choice.plugins if choice else ())
    usable = [one for one in found if one.plugin.name not in unusable] or found
    return usable if choice else usable[:1]  # what nobody named takes over for nobody


def _chosen(choice: Choice, registry: Registry, tool: ToolType) -> list[Serving]:
    """Those of a profile's choice that are there; a thousand others cost a call nothing."""
    named = [(option, registry.find(option.plugin)) for option in choice.options]
    return [
        Serving(plugin, option)
        for option, plugin in named
        if plugin is not None and plugin.manifest.tool(tool) is not None
    ]


def parameters_known(task: FilmetoTask, registry: Registry, profile: Profile) -> frozenset[str]:
    """The parameters that any of those takes whom the profile names for a task, fit or not."""
    tool = task.tool_name
    choice = None if task.plugin_name else profile.choice(tool, facts_of(task).language)
    found = _chosen(choice, registry, tool) if choice else []
    return frozenset(p.name for one in found for p in one.spec(tool).parameters)


def _named(plugin: Plugin, registry: Registry, tool: ToolType, profile: Profile) -> Serving:
    if plugin.manifest.tool(tool) is None:
        serving = ", ".join(p.name for p in registry.serving(tool)) or "none"
        served = ", ".join(spec.name for spec in plugin.manifest.tools)
        raise ValidationError(
            f'plugin_name: plugin "{plugin.name}" does not serve {tool}.',
            hint=f"It serves {served}; for {tool}: {serving}.",
            field="plugin_name",
            value=plugin.name,
        )
    return Serving(plugin, named=profile.queue(tool, plugin.name))


def _fitting(found: list[Serving], facts: Facts, tool: ToolType, profile: Profile) -> list[Serving]:
    unfit = {one.plugin.name: why for one in found if (why := one.option.unfit(facts))}
    fitting = [one for one in found if one.option.unfit(facts) is None]
    if found and not fitting:
        told = "; ".join(f"{name}: {why}" for name, why in unfit.items())
        raise ValidationError(
            f'no plugin of profile "{profile.name}" serves this {tool}: {told}.',
            hint="Ask for something else, or change the entries in filmeto.yaml.",
            field="profile",
            value=profile.name,
            tool=str(tool),
        )
    return fitting


def _nobody(tool: ToolType, profile: Profile, named: Collection[str]) -> PluginNotFoundError:
    wanted = f" (it names {', '.join(named)})" if named else ""
    return PluginNotFoundError(
        f'no installed plugin serves {tool} in profile "{profile.name}"{wanted}.',
        hint="Put a plugin's folder into FILMETO_PLUGINS, or name another in filmeto.yaml; "
        "`filmeto plugins list` shows what is there.",
        tool=str(tool),
        profile=profile.name,
    )
