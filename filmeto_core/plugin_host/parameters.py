"""A tool's parameters, checked against its manifest: strict types, ranges, choices, defaults."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from filmeto_core.errors import ValidationError, did_you_mean
from filmeto_core.plugin_host.manifest import ParameterSpec, ToolSpec


def check_parameters(tool: ToolSpec, given: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters with defaults filled in, in the manifest's order.

    Raises:
        ValidationError: One is unknown, missing, of the wrong type or out of range; the message
            names it, its value and what is allowed.
    """
    for name in given:
        if name not in tool.names:
            raise ValidationError(
                f'{name}: there is no parameter "{name}".{did_you_mean(name, list(tool.names))}',
                hint=f"There are {', '.join(tool.names) or 'none'}.",
                field=name,
                value=_told(given[name]),
                allowed=list(tool.names),
            )
    checked = {}
    for spec in tool.parameters:
        if given.get(spec.name) is not None:
            checked[spec.name] = _checked(spec, given[spec.name])
        elif spec.required:
            raise ValidationError(
                f"{spec.name}: {tool.name} needs it ({spec.type}).",
                hint=spec.description,
                field=spec.name,
            )
        elif spec.default is not None:
            checked[spec.name] = _checked(spec, spec.default)
    return checked


def spec_problems(tool: ToolSpec) -> Iterator[tuple[int, str]]:
    """What is wrong with a manifest's own parameters, by their place: twice the name, a default
    that its own rules refuse."""
    seen: set[str] = set()
    for i, spec in enumerate(tool.parameters):
        if spec.name in seen:
            yield i, f"{spec.name} stands here twice"
        seen.add(spec.name)
        if spec.default is not None:
            wrong = problem(spec, spec.default)
            if wrong:
                yield i, f"its default is refused by its own rules: {wrong}"


def _checked(spec: ParameterSpec, value: Any) -> Any:
    wrong = problem(spec, value)
    if wrong:
        raise ValidationError(
            f"{spec.name}: {wrong}, got {_told(value)!r:.80}.",
            hint=spec.description,
            field=spec.name,
            value=_told(value),
        )
    if spec.type == "integer":
        return int(value)
    return float(value) if spec.type == "float" else value


def problem(spec: ParameterSpec, value: Any) -> str | None:
    """What is wrong with a value, as "expected ...", or None."""
    if not _FITS[spec.type](value):
        return f"expected {spec.type}{_range(spec)}"
    if spec.choices is not None and value not in spec.choices:
        close = did_you_mean(str(value), [str(choice) for choice in spec.choices])
        return f"expected one of {', '.join(map(str, spec.choices))}.{close}".rstrip(".")
    if spec.required and isinstance(value, str) and not value.strip():
        return "expected a text that says something"
    measure = value if spec.type in ("integer", "float") else None
    if spec.type in ("string", "array"):
        measure = len(value)
    if measure is not None and not _within(spec, measure):
        what = "a length" if spec.type in ("string", "array") else f"{spec.type}"
        return f"expected {what}{_range(spec)}"
    return None


def _within(spec: ParameterSpec, measure: float) -> bool:
    low = spec.min is None or measure >= spec.min
    return low and (spec.max is None or measure <= spec.max)


def _range(spec: ParameterSpec) -> str:
    if spec.min is not None and spec.max is not None:
        return f" from {spec.min:g} to {spec.max:g}"
    if spec.min is not None:
        return f" from {spec.min:g}"
    return f" up to {spec.max:g}" if spec.max is not None else ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_json(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(isinstance(k, str) and _is_json(v) for k, v in value.items())
    if isinstance(value, list | tuple):
        return all(map(_is_json, value))
    return value is None or isinstance(value, str | bool) or _is_number(value)


_FITS = {
    "string": lambda v: isinstance(v, str),
    "boolean": lambda v: isinstance(v, bool),
    "integer": lambda v: _is_number(v) and v == int(v),
    "float": _is_number,
    "array": lambda v: isinstance(v, list | tuple) and _is_json(v),
    "object": lambda v: isinstance(v, Mapping) and _is_json(v),
}


def _told(value: Any) -> Any:
    return value if _is_json(value) else repr(value)
