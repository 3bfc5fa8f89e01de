"""`--param KEY=VALUE`: read from the command line, as the type that the manifest names."""

import json
from typing import Any

from filmeto_core.errors import ValidationError
from filmeto_core.plugin_host.plugin import Plugin


def written_pairs(texts: list[str]) -> dict[str, str]:
    """The pairs of `--param KEY=VALUE`, each name once.

    Raises:
        ValidationError: One is no pair, or a name comes twice.
    """
    pairs = [_pair(text) for text in texts]
    for i, (name, value) in enumerate(pairs):
        if name in dict(pairs[:i]):
            raise ValidationError(f"--param: {name} is given twice.", field=name, value=value)
    return dict(pairs)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise ValidationError(
            f'--param: expected KEY=VALUE, got "{text}".', field="param", value=text
        )
    return name.strip(), value


def read_value(name: str, text: str, kind: str) -> Any:
    """The value that a text stands for, of the type that the manifest names.

    Raises:
        ValidationError: It is none.
    """
    if kind == "string":
        return text
    if kind == "boolean":
        words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        if text.lower() in words:
            return words[text.lower()]
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if kind == "boolean" or value is None:
        raise ValidationError(
            f'parameters.{name}: expected {kind}, got "{text}".', field=name, value=text
        )
    return value


def values_for(plugin: Plugin, texts: list[str]) -> dict[str, Any]:
    """The values of `--param KEY=VALUE` for whichever of the plugin's tools takes them.

    Raises:
        ValidationError: A text is no pair, or does not stand for a value of its type.
    """
    types = {p.name: p.type for tool in plugin.manifest.tools for p in tool.parameters}
    written = written_pairs(texts)
    return {
        name: read_value(name, text, types.get(name, "string")) for name, text in written.items()
    }
