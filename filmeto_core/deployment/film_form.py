"""The film flow's parameters as both Prefect UIs draw them: a form, whose wrong values start no run.

A storyboard is a file, or filled in here. What the form shows of it are the fields that most films
have; the others may be given too, and are checked as well, but would make a form of forty fields a
shot. What the schema cannot say (files that are there, names that fit) the flow checks first.
"""

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, WithJsonSchema
from pydantic.json_schema import SkipJsonSchema

from filmeto_core.film.storyboard_models import Storyboard

AMOUNT = r"^\s*\d+(\.\d+)?(\s+[A-Za-z]{3})?\s*$"  # 5, 5.00, 5.00 EUR

# In the order in which the form shows them; the rest of the models' fields are checked, not shown.
SHOWN = {
    "Storyboard": ("title", "style", "music", "voice", "size", "fps", "shots"),
    "Shot": ("id", "prompt", "narration", "duration_s", "motion", "transition", "image", "clip"),
    "Voice": ("language", "voice", "speed"),
}
KINDS = {"transition": ("fade-to-black",), "ending": ()}  # the last shot's says how the film ends
TITLES = {
    "duration_s": "Duration, s",
    "fps": "Frames a second",
    "gain_db": "Gain, dB",
    "id": "Id",
    "shots": "Shots",
    "start_s": "Start, s",
}


def storyboard_schema() -> dict[str, Any]:
    """The JSON schema of a storyboard: a path, or its fields."""
    whole = Storyboard.model_json_schema()
    defs = whole.pop("$defs")
    fields = _drawn({**whole, "title": "Storyboard"}, defs)
    fields |= {"title": "Filled in here", "description": "Paths are those of the project's folder"}
    file = {"type": "string", "format": "path", "title": "A file", "minLength": 1}
    return {"title": "Storyboard", "anyOf": [file, fields]}


def _drawn(schema: dict[str, Any], defs: dict[str, Any]) -> dict[str, Any]:
    """A schema without references and nulls, its objects narrowed to what the form shows."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        return {**_drawn({**defs[name], "title": name}, defs), **rest}
    drawn = dict(schema)
    if drawn.get("default", ...) is None:
        del drawn["default"]
    if "anyOf" in drawn:
        ways = [_drawn(way, defs) for way in drawn.pop("anyOf") if way.get("type") != "null"]
        drawn = {**ways[0], **drawn} if len(ways) == 1 else {**drawn, "anyOf": _named(ways)}
    for key in ("items", "additionalProperties", "propertyNames"):
        if isinstance(drawn.get(key), dict):
            drawn[key] = _drawn(drawn[key], defs)
    if "properties" in drawn:
        drawn.update(_object(drawn, defs))
    return drawn


def _object(drawn: dict[str, Any], defs: dict[str, Any]) -> dict[str, Any]:
    fields = {
        name: {
            **_drawn(field, defs),
            "title": TITLES.get(name, name.replace("_", " ").capitalize()),
        }
        for name, field in drawn["properties"].items()
    }
    for name, more in KINDS.items():
        if name in fields:
            fields[name] = _with_kinds(fields[name], more)
    shown = SHOWN.get(drawn["title"], tuple(fields))
    parts: dict[str, Any] = {
        "properties": {
            name: {**fields[name], "position": number} for number, name in enumerate(shown)
        },
    }
    hidden = {f"^{name}$": field for name, field in fields.items() if name not in shown}
    if drawn["title"] == "Storyboard":
        hidden["^x-"] = {}  # a storyboard's own notes, which nothing reads
    return {**parts, "patternProperties": hidden} if hidden else parts


def _with_kinds(field: dict[str, Any], more: tuple[str, ...]) -> dict[str, Any]:
    """A transition whose bare word is one of its kinds, so that the form offers them."""
    word, whole = field["anyOf"]
    kinds = [*whole["properties"]["kind"]["enum"], *more]
    return {**field, "anyOf": [{**word, "enum": kinds}, whole]}


def _named(ways: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The ways with a name each, which the form shows as tabs."""
    names = {"string": "In words", "number": "A number", "integer": "A number"}
    return [{"title": names.get(str(way.get("type")), "Text"), **way} for way in ways]


# A parameter that may be left out: an empty field, not a choice of "str" and "None".
StoryboardField = Annotated[Path | dict[str, Any], WithJsonSchema(storyboard_schema())]
OutFolder = Path | SkipJsonSchema[None]
ProfileName = Annotated[str, Field(min_length=1)] | SkipJsonSchema[None]
ShotIds = list[str] | SkipJsonSchema[None]
Budget = Annotated[str, Field(pattern=AMOUNT)] | SkipJsonSchema[None]
