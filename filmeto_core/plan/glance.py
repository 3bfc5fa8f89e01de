"""A service as a plan sees it: its plugins looked at once, at the plan's beginning.

A run looks at a plugin's files before each of its calls, since they may change meanwhile; a plan is
of one moment, and of thousands of calls.
"""

import logging
import time
from typing import Any

from filmeto_core.plugin_host.discovery import Plugin, Registry
from filmeto_core.resources.calls import CallIndex, CallRecord
from filmeto_core.resources.shared_store import SharedStore
from filmeto_core.service import FilmetoService
from filmeto_core.serving import facts_of
from filmeto_core.types import FilmetoTask

logger = logging.getLogger(__name__)

ASKING_S = 15.0  # what a plan may spend on asking a shared store: some hundreds of calls


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


class SharedGlance:
    """An index together with what a shared store has on top of it; only looked at.

    Args:
        calls: The machine's own.
        shared: Asked for what that has not.
    """

    def __init__(self, calls: CallIndex, shared: SharedStore) -> None:
        self._calls, self._shared = calls, shared
        self._asking_s = 0.0
        self._told = False

    def peek(self, key: str) -> tuple[CallRecord, bool] | None:
        """As `CallIndex.peek`; the paths of what is had from the shared store lead nowhere yet."""
        found = self._calls.peek(key)
        if found is not None and found[1]:
            return found
        if self._asking_s > ASKING_S:
            if not self._told:
                logger.warning(
                    "The shared store %s answers slowly: from here on the plan takes what it may "
                    "have as not there.",
                    self._shared.place.shown,
                )
                self._told = True
            return found
        began = time.monotonic()
        record = self._shared.peek(key)
        self._asking_s += time.monotonic() - began
        return found if record is None else (record, True)

    def get_failure(self, key: str) -> dict[str, Any] | None:
        """As `CallIndex.get_failure`: of this machine's own calls."""
        return self._calls.get_failure(key)


class _View(FilmetoService):
    """A service whose plugins do not change, so that what they take is asked once of each."""

    _names: dict[tuple[Any, ...], frozenset[str]]
    _references: dict[tuple[Any, ...], int]

    def parameter_names(self, task: FilmetoTask) -> frozenset[str]:
        """As FilmetoService.parameter_names."""
        kind = _kind(task)
        if kind not in self._names:
            self._names[kind] = super().parameter_names(task)
        return self._names[kind]

    def most_references(self, task: FilmetoTask) -> int:
        """As FilmetoService.most_references."""
        kind = _kind(task)
        if kind not in self._references:
            self._references[kind] = super().most_references(task)
        return self._references[kind]


def _kind(task: FilmetoTask) -> tuple[Any, ...]:
    return (task.tool_name, task.plugin_name, task.metadata.get("profile"), facts_of(task))


def at_a_glance(service: FilmetoService) -> FilmetoService:
    """The same service, with plugins that do not change; for checks and look-ups, not for calls."""
    view = _View.__new__(_View)
    vars(view).update(vars(service))
    view.registry = Glance(service.registry)
    view.unusable = set(service.unusable)
    view._names, view._references = {}, {}
    if service.shared is not None:
        view.calls = SharedGlance(service.calls, service.shared)
    return view
