"""Says in plain words what a model found wrong, with what is allowed and what may have been meant."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pydantic

from filmeto_core.errors import did_you_mean
from filmeto_core.film.storyboard_cast import Character, Look, Voice
from filmeto_core.film.storyboard_models import (
    Ending,
    Music,
    Shot,
    ShotTransition,
    Sound,
    Storyboard,
)
from filmeto_core.film.storyboard_yaml import Where
from filmeto_core.film.transition import EndingKind
from filmeto_core.types import Model


class Finding(NamedTuple):
    """A problem before its file and line are known."""

    where: Where
    message: str
    value: Any = None


_PARTS: dict[str, type[Model]] = {
    "voice": Voice,
    "music": Music,
    "sound": Sound,
    "transition": ShotTransition,
    "ending": Ending,
    "look": Look,
}
_EXAMPLES = {
    "voice": "{language: en}",
    "music": "{prompt: slow piano}",
    "sound": "{file: door.wav}",
    "transition": "dissolve, or {kind: dissolve, duration_s: 0.5}",
    "ending": "fade-to-black, or {kind: fade-to-black, duration_s: 1.5}",
    "plugin": "{text2image: sketch}",
    "look": "watercolour, or {prompt: watercolour, strength: 0.8}",
    "characters": "{keeper: {description: an old man with a white beard}}",
    "pronunciations": "{Skye: sky}",
}
# What people write for a key from other tools, where no spelling would lead them to ours.
_OTHER_WORDS = {
    "resolution": "size",
    "width": "size",
    "height": "size",
    "framerate": "fps",
    "frame_rate": "fps",
    "camera": "motion",
    "movement": "motion",
    "text": "narration",
    "dialogue": "line",
    "says": "line",
    "speaker": "character",
    "cast": "characters",
    "filter": "look",
    "portrait": "reference",
    "subtitle": "narration",
    "length": "duration_s",
    "lang": "language",
    "name": "id",
    "description": "prompt",
    "picture": "image",
    "video": "clip",
    "audio": "sound",
    "scenes": "shots",
    "negative": "negative_prompt",
    "soundtrack": "music",
    "path": "file",
}
_FIXED = {
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing_size": "must be a smaller number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "finite_number": "must be a number",
    "string_too_short": "is empty",
    "tuple_type": "must be a list: each item on a line that begins with -",
}
_CONTAINERS = {"model_type", "dict_type", "model_attributes_type"}


def model_findings(error: pydantic.ValidationError) -> Iterator[Finding]:
    """What a model's error tells of, one by one."""
    for detail in error.errors(include_url=False):
        where = tuple(part for part in detail["loc"] if part != "[key]")
        value = detail.get("input")
        if detail["type"] == "too_short" and value:
            continue  # its items failed, and each of them tells why
        quotable = detail["type"] != "extra_forbidden" and isinstance(value, str | int | float)
        yield Finding(where, _message(detail, where, value), value if quotable else None)


def _message(detail: Any, where: Where, value: Any) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown_key(where)
    if value == EndingKind.FADE_TO_BLACK and "transition" in where[-2:]:
        return (
            "is how the film ends, not how a shot comes in: "
            "write ending: fade-to-black beside shots, once"
        )
    if kind in ("enum", "literal_error"):
        return _unknown_choice(where, value, re.findall(r"'([^']*)'", context["expected"]))
    if kind == "value_error":
        return str(context["error"])
    if kind == "missing":
        return "is missing" + (": a film needs at least one shot" if where == ("shots",) else "")
    if kind in _CONTAINERS:
        return _not_a_mapping(where)
    if kind in _FIXED:
        return _FIXED[kind]
    return _bound(kind, context) or detail["msg"]


def _bound(kind: str, context: Any) -> str | None:
    match kind:
        case "greater_than_equal":
            return f"must be at least {context['ge']:g}"
        case "less_than_equal":
            return f"must be at most {context['le']:.10g}"
        case "string_too_long":
            return f"must not be longer than {context['max_length']} characters"
        case "too_short":
            return "is empty: a film needs at least one shot"
        case "too_long":
            return f"must not be more than {context['max_length']}; make it several films"
    return None


def _unknown_choice(where: Where, value: Any, allowed: list[str]) -> str:
    choices = f"Allowed: {', '.join(allowed)}."
    if "plugin" in where:
        return f"is no tool.{did_you_mean(str(value), allowed)} {choices}"
    return f"is not known.{did_you_mean(str(value).lower(), allowed)} {choices}"


def _unknown_key(where: Where) -> str:
    key, parent = str(where[-1]), _model_at(where[:-1])
    allowed = list(parent.model_fields)
    lowered = key.lower().replace("-", "_")
    other = _OTHER_WORDS.get(lowered)
    if lowered in allowed or other in allowed:
        guess = f' Did you mean "{lowered if lowered in allowed else other}"?'
    else:
        guess = did_you_mean(lowered, allowed) or _elsewhere(lowered, parent)
    return f"there is no such key.{guess} Allowed: {', '.join(allowed)}."


def _elsewhere(key: str, parent: type[Model]) -> str:
    if parent is not Storyboard and key in Storyboard.model_fields:
        return " It belongs to the film, beside shots."
    if parent is not Shot and key in Shot.model_fields:
        return " It belongs to a shot."
    for name, model in _PARTS.items():
        if model is not parent and key in model.model_fields:
            return f" It belongs under {name}."
    return ""


def _not_a_mapping(where: Where) -> str:
    if where[:1] == ("shots",) and len(where) == 2:
        return 'must be a shot\'s keys and values, such as "- prompt: a lighthouse at dawn"'
    if where[:1] == ("characters",) and len(where) == 2:
        return "must be keys and values, such as {description: an old man with a white beard}"
    return f"must be keys and values, such as {_EXAMPLES.get(str(where[-1]), '{…}')}"


def _model_at(where: Where) -> type[Model]:
    names = [part for part in where if isinstance(part, str)]
    if names[:1] == ["characters"] and len(names) == 2:
        return Character
    if names and names[-1] in _PARTS:
        return _PARTS[names[-1]]
    return Shot if names == ["shots"] else Storyboard
