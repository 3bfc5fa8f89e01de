"""The name of a call: the same for calls that must give the same, on every machine and release."""

import hashlib
import json
import math
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from filmeto_core.errors import ValidationError

_KEY_LAYOUT = 1  # of what a key is made from: raised, every call is another


def call_key(
    *,
    tool: str,
    plugin: str,
    fingerprint: str,
    parameters: Mapping[str, Any],
    resource_digests: Sequence[str] = (),
    take: int = 1,
) -> str:
    """The name of a call: the same for calls that must give the same, another for any other.

    Args:
        tool: The tool's name.
        plugin: The plugin's name.
        fingerprint: What tells this version of the plugin from any other.
        parameters: After defaults, as JSON-able values. Neither their order counts, nor whether a
            whole number is written 1 or 1.0, nor in which Unicode form a text is.
        resource_digests: Of its inputs, in their order.
        take: 1, or the number of the repetition that was asked for.

    Returns:
        64 hexadecimal digits.

    Raises:
        ValidationError: A parameter is no JSON value (NaN, bytes, an object); names the field.
    """
    parts = {
        "layout": _KEY_LAYOUT,
        "tool": tool,
        "plugin": plugin,
        "fingerprint": fingerprint,
        "parameters": parameters,
        "resources": list(resource_digests),
        "take": take,
    }
    return canonical_digest(parts)


def canonical_digest(parts: Mapping[str, Any]) -> str:
    """sha256 (64 hexadecimal digits) of JSON-able values, in the one form that `call_key` tells of.

    Raises:
        ValidationError: A value is no JSON value; names the field.
    """
    canonical = {name: _canonical(value, name) for name, value in parts.items()}
    text = json.dumps(canonical, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(value: Any, field: str) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return unicodedata.normalize("NFC", str(value))
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise _no_json(field, value, "a finite number")
        return int(value) if value.is_integer() else value
    if isinstance(value, Mapping):
        return _canonical_mapping(value, field)
    if isinstance(value, (list, tuple)):
        return [_canonical(v, f"{field}[{i}]") for i, v in enumerate(value)]
    raise _no_json(field, value, "a text, number, true, false, null, list or object")


def _canonical_mapping(value: Mapping[Any, Any], field: str) -> dict[str, Any]:
    named: dict[str, Any] = {}
    for name, inner in value.items():
        if not isinstance(name, str):
            raise _no_json(field, name, "texts as names")
        plain = unicodedata.normalize("NFC", name)
        if plain in named:
            raise _no_json(f"{field}.{name}", inner, "each name once")
        named[plain] = _canonical(inner, f"{field}.{name}")
    return named


def _no_json(field: str, value: Any, expected: str) -> ValidationError:
    return ValidationError(
        f"{field}: expected {expected}, got {value!r:.100}.",
        hint="Give values that JSON can hold.",
        field=field,
    )
