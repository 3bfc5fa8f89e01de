"""A service as a plan sees it: its plugins looked at once, at the plan's beginning.

A run looks at a plugin's files before each of its calls, since they may change meanwhile; a plan is
of one moment, and of thousands of calls.
"""

import copy

from filmeto_core.plugin_host.discovery import Plugin, Registry
from filmeto_core.service import FilmetoService


class Glance:
    """The plugins of a registry as they are when they are first asked for."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._found: dict[str, Plugin | None] = {}
        self._serving: dict[str, tuple[Plugin, ...]] = {}

    def find(self, name: str) -> Plugin | None:
        """As `Registry.find`."""
        if name not in self._found:
            self._found[name] = self._registry.find(name)
        return self._found[name]

    def get(self, name: str) -> Plugin:
        """As `Registry.get`."""
        return self.find(name) or self._registry.get(name)

    def serving(self, tool: str) -> tuple[Plugin, ...]:
        """As `Registry.serving`."""
        if tool not in self._serving:
            self._serving[tool] = self._registry.serving(tool)
        return self._serving[tool]


def at_a_glance(service: FilmetoService) -> FilmetoService:
    """The same service, with plugins that do not change; for checks and look-ups, not for calls."""
    view = copy.copy(service)
    view.registry = Glance(service.registry)
    view.unusable = set(service.unusable)
    return view
