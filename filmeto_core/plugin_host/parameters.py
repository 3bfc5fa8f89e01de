"""What a call's parameters must be: types, limits, choices, defaults.

All types are strict, as people expect of a form: true is no integer, "3" is no number; 3.0 is
accepted as an integer, and an integer for a float.
"""

import math
from collections.abc import Mapping
from typing import Annotated, Any, Protocol

import orjson
import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from filmeto_core.errors import ValidationError, did_you_mean, shown
from filmeto_core.settings import inherited_environment

RESERVED = ("plugin", "profile", "take", "priority", "timeout_s")
TYPES = ("string", "integer", "float", "boolean", "array", "object")
_OTHER_WORDS = {"str": "string", "text": "string", "int": "integer", "number": "float"}
_OTHER_WORDS |= {"bool": "boolean", "list": "array", "dict": "object"}
_ARTICLES = {"string": "a text", "integer": "an integer", "float": "a number"}
_ARTICLES |= {"boolean": "true or false", "array": "a list", "object": "a mapping"}
_ITEMS = {"string": " characters", "array": " items"}


def _type(value: Any) -> Any:
    word = _OTHER_WORDS.get(value, value) if isinstance(value, str) else value
    if word not in TYPES:
        raise ValueError(f"expected one of {', '.join(TYPES)}")
    return word


class ParameterSpec(BaseModel):
    """One parameter of a tool."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: Annotated[str, Field(min_length=1, max_length=64)]
    type: Annotated[str, BeforeValidator(_type)] = Field(
        "string", description="string, integer, float, boolean, array, object"
    )
    required: bool = Field(False, description="Whether a call must give it")
    default: Any = Field(None, description="What is filled in where a call does not give it")
    environment: str | None = Field(
        None, description="A variable whose value goes before the default, where it is set"
    )
    min: float | None = Field(None, description="Least value; of texts and lists the length")
    max: float | None = Field(None, description="Greatest value; of texts and lists the length")
    choices: tuple[Any, ...] | None = Field(None, description="The only values allowed")
    description: str = Field("", description="One sentence for people")

    @model_validator(mode="after")
    def _limits_in_order(self) -> "ParameterSpec":
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min:g} is above max {self.max:g}")
        if self.choices is not None and not self.choices:
            raise ValueError("choices: expected at least one value")
        return self

    @property
    def allowed(self) -> str:
        """What it may be, in words: "an integer from 64 to 4096"."""
        if self.choices:
            return "one of " + ", ".join(_word(choice) for choice in self.choices)
        unit = _ITEMS.get(self.type, "")
        limits = ""
        if self.min is not None and self.max is not None:
            limits = f" from {self.min:g} to {self.max:g}{unit}"
        elif self.min is not None:
            limits = f" of at least {self.min:g}{unit}"
        elif self.max is not None:
            limits = f" of at most {self.max:g}{unit}"
        return f"{_ARTICLES[self.type]}{limits}"


class Tool(Protocol):
    """What the check needs of a tool."""

    name: Any
    parameters: tuple[ParameterSpec, ...]


def check_parameters(tool: Tool, given: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a call, checked, with the defaults of the others filled in.

    A parameter given as None counts as not given, an empty text as well where a variable may have the
    value; one without a default stays away.

    Raises:
        ValidationError: Names the field, its value, and what is allowed.
    """
    known = {spec.name: spec for spec in tool.parameters}
    for name in given:
        if name not in known:
            takes = (
                f"{tool.name} takes {', '.join(known)}." if known else f"{tool.name} takes none."
            )
            raise ValidationError(
                f"there is no parameter {name!r}.{did_you_mean(str(name), list(known))}",
                hint=takes,
                field=str(name),
                allowed=list(known),
            )
    checked: dict[str, Any] = {}
    for name, spec in known.items():
        value = given.get(name)
        if spec.environment is not None and value in (None, ""):
            value = _set_by_user(spec, value)
        if value is not None:
            checked[name] = check_value(spec, value)
        elif spec.default is not None:
            checked[name] = spec.default
        elif spec.required:
            raise _wrong(spec, "nothing", None)
    return checked


def _set_by_user(spec: ParameterSpec, given: Any) -> Any:
    """The value of the parameter's variable; what is given where it is unset."""
    text = inherited_environment((spec.environment,)).get(spec.environment, "").strip()
    if not text:
        return given
    try:
        return text if spec.type == "string" else yaml.safe_load(text)
    except yaml.YAMLError:
        return text


def check_value(spec: ParameterSpec, value: Any) -> Any:
    """The value, of the type that the parameter has.

    Raises:
        ValidationError: It does not fit.
    """
    if not _fits_type(spec.type, value):
        raise _wrong(spec, shown(value), value)
    if spec.type == "integer":
        value = int(value)
    elif spec.type == "float":
        value = float(value)
    if spec.type == "string" and spec.required and not value.strip():
        raise _wrong(spec, "an empty text", value)
    if spec.choices is not None and not any(_same(value, choice) for choice in spec.choices):
        raise _wrong(spec, shown(value), value)
    size = len(value) if spec.type in _ITEMS else value
    if spec.type in ("integer", "float", "string", "array"):
        low = spec.min is not None and size < spec.min
        high = spec.max is not None and size > spec.max
        if low or high:
            unit = _ITEMS.get(spec.type)
            raise _wrong(spec, f"{size}{unit}" if unit else shown(value), value)
    return value


def _fits_type(kind: str, value: Any) -> bool:
    if kind == "boolean":
        return isinstance(value, bool)
    if isinstance(value, bool):
        return False
    if kind == "string":
        return isinstance(value, str) and _is_unicode(value)
    if kind == "integer":
        return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if kind == "float":
        return isinstance(value, (int, float)) and _is_finite(value)
    if kind == "array":
        return isinstance(value, (list, tuple)) and _is_json(value)
    return isinstance(value, dict) and _is_json(value)


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def _is_unicode(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return False
    return True


def _is_json(value: Any) -> bool:
    """Whether it comes back from JSON as it was; NaN and infinity do not."""
    try:
        return _plain(orjson.loads(orjson.dumps(value))) == _plain(value)
    except (TypeError, ValueError, RecursionError):
        return False


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _same(value: Any, choice: Any) -> bool:
    return value == choice and isinstance(value, bool) == isinstance(choice, bool)


def _word(choice: Any) -> str:
    return choice if isinstance(choice, str) else orjson.dumps(choice, default=str).decode()


def _wrong(spec: ParameterSpec, got: str, value: Any) -> ValidationError:
    near = ""
    if spec.choices and isinstance(value, str):
        near = did_you_mean(value, [c for c in spec.choices if isinstance(c, str)])
    message = f"{spec.name}: expected {spec.allowed}, got {got}.{near}"
    told = value if _is_json([value]) else shown(value)
    return ValidationError(message, field=spec.name, value=told, allowed=spec.allowed)
