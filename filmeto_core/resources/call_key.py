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
    try:
        canonical = _canonical_mapping(parts)
    except _NoJson as wrong:
        raise wrong.told() from None
    return hashlib.sha256(_ENCODER.encode(canonical).encode()).hexdigest()


# Made once: json.dumps makes one for each call.
_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=True, separators=(",", ":"))


class _NoJson(Exception):
    """A value is no JSON value; where it stands is told from within outwards, on the way up."""

    def __init__(self, value: Any, expected: str) -> None:
        super().__init__(expected)
        self.value, self.expected, self.path = value, expected, ""

    def under(self, name: str) -> "_NoJson":
        """The same, seen from one level further out."""
        gap = "." if self.path and not self.path.startswith("[") else ""
        self.path = f"{name}{gap}{self.path}"
        return self

    def told(self) -> ValidationError:
        return _no_json(self.path, self.value, self.expected)


def _canonical(value: Any) -> Any:
    if type(value) is str:  # first, and without a copy: most values are plain texts
        return value if value.isascii() else unicodedata.normalize("NFC", value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return unicodedata.normalize("NFC", str(value))
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise _NoJson(value, "a finite number")
        return int(value) if value.is_integer() else value
    if isinstance(value, Mapping):
        return _canonical_mapping(value)
    if isinstance(value, (list, tuple)):
        return _canonical_list(value)
    raise _NoJson(value, "a text, number, true, false, null, list or object")


def _canonical_list(value: Sequence[Any]) -> list[Any]:
    made: list[Any] = []
    for inner in value:
        try:
            made.append(_canonical(inner))
        except _NoJson as wrong:
            raise wrong.under(f"[{len(made)}]") from None
    return made


def _canonical_mapping(value: Mapping[Any, Any]) -> dict[str, Any]:
    named: dict[str, Any] = {}
    for name, inner in value.items():
        if not isinstance(name, str):
            raise _NoJson(name, "texts as names")
        plain = name if name.isascii() else unicodedata.normalize("NFC", name)
        try:
            if plain in named:
                raise _NoJson(inner, "each name once")
            named[plain] = _canonical(inner)
        except _NoJson as wrong:
            raise wrong.under(name) from None
    return named


def _no_json(field: str, value: Any, expected: str) -> ValidationError:
    return ValidationError(
        f"{field}: expected {expected}, got {value!r:.100}.",
        hint="Give values that JSON can hold.",
        field=field,
    )
