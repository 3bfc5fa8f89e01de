"""YAML as plain values, and the line on which a field stands.

The values come from the quick loader alone; the nodes with their lines are read a second time,
and only for a file that has something wrong.
"""

from dataclasses import dataclass
from typing import Any

import yaml

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Broken:
    """Why a text is no YAML, and where."""

    line: int | None
    reason: str


def load_yaml(text: str) -> tuple[Any, Broken | None]:
    """The values of the text, or why there are none."""
    try:
        return yaml.load(text, _Loader), None
    except (yaml.YAMLError, ValueError, RecursionError, TypeError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error).splitlines()[0] or "too deep"
        return None, Broken(mark.line + 1 if mark else None, f"no valid YAML: {reason}")


class Lines:
    """Finds lines in one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._root: yaml.Node | None = None

    def of(self, loc: tuple) -> int | None:
        """The line of the field, or of the nearest one around it that is there."""
        if self._root is None:
            self._root = yaml.compose(self._text, _Loader)
        node, line = self._root, None
        for step in loc:
            found = _inside(node, step)
            if found is None:
                break
            line, node = found
        return line or 1


def _inside(node: Any, step: Any) -> tuple[int, Any] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        item = node.value[step]
        return item.start_mark.line + 1, item
    return None
