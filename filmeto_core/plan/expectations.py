"""What a call should take and cost: by what calls like it took, and by the manifest's prices."""

from collections.abc import Mapping
from statistics import median
from typing import Any

from filmeto_core.call import CheckedCall
from filmeto_core.journal.journal import Journal
from filmeto_core.journal.models import Call
from filmeto_core.money import Money
from filmeto_core.plugin_host.pricing import price_of
from filmeto_core.types import ToolType

LOOKED_AT = 20  # the latest calls; older ones may be of another machine, or another model


class Expectations:
    """What calls should take and cost; each plugin's past is read once."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._past: dict[tuple[str, str], list[float]] = {}

    def seconds(self, checked: CheckedCall) -> float | None:
        """The median of what such calls took, for as much work; None where none was made yet."""
        past = self._of(checked.plugin.name, checked.tool)
        if not past:
            return None
        return median(past) * work(checked.tool, checked.parameters)

    def cost(self, checked: CheckedCall) -> tuple[Money | None, bool]:
        """The price, and whether it is known: a plugin on this machine costs nothing."""
        manifest = checked.plugin.manifest
        price = price_of(manifest, str(checked.tool), checked.parameters)
        return price, price is not None or not manifest.is_remote

    def _of(self, plugin: str, tool: ToolType) -> list[float]:
        name = (plugin, str(tool))
        if name not in self._past:
            calls = self._journal.history(plugin, str(tool), limit=LOOKED_AT)
            self._past[name] = [_rate(call, tool) for call in calls if call.seconds > 0]
        return self._past[name]


def _rate(call: Call, tool: ToolType) -> float:
    return call.seconds / work(tool, call.parameters)


def work(tool: ToolType, parameters: Mapping[str, Any]) -> float:
    """How much a call has to do, to compare calls of one tool by: seconds of clip or music,
    characters of speech; 1 where the parameters do not tell."""
    if tool is ToolType.TEXT2SPEAK:
        return float(max(1, len(str(parameters.get("text") or ""))))
    length = parameters.get("duration_s")
    told = isinstance(length, int | float) and not isinstance(length, bool) and length > 0
    return float(length) if told else 1.0
