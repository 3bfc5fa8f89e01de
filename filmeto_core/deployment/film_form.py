"""The film flow's parameters as both Prefect UIs draw them: a form, whose wrong values start no run.

A storyboard is a file, or filled in here. What the form shows of it are the fields that most films
have; the others may be given too, and are checked as well, but would make a form of forty fields a
shot. What the schema cannot say (files that are there, names that fit) the flow checks first.
"""

from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic.json_schema import SkipJsonSchema

from filmeto_core.film.storyboard_models import Storyboard

AMOUNT = r"^\s*(\d+(\.\d+)?(\s+[A-Za-z]{3})?)?\s*$"  # nothing, 5, 5.00, 5.00 EUR

# In the order in which the form shows them; the rest of the models' fields are checked, not shown.
SHOWN = {
    "Storyboard": ("title", "style", "music", "voice", "size", "fps", "shots"),
    "Shot": ("id", "prompt", "narration", "duration_s", "motion", "transition", "image", "clip"),
    "Voice": ("language", "voice", "speed"),
}
# Empty in the form, since what stands there unless given is no text for it.
UNSAID = ("title", "id")
KINDS = {"transition": ("fade-to-black",), "ending": ()}  # the last shot's says how the film ends
# How the tabs are called where a field may be written in two ways.
WAYS = {
    "duration_s": ("Seconds", "As long as its narration"),
    "ending": ("A kind", "With its length"),
    "fps": ("A number", "A fraction"),
    "look": ("A prompt", "More"),
    "music": ("A prompt", "More"),
    "sound": ("A file", "More"),
    "transition": ("A kind", "With its length"),
}
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
    if "default" in schema and _has_null(schema["default"]):
        schema = {k: v for k, v in schema.items() if k != "default"}  # the form would send it
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        return {**_drawn({**defs[name], "title": name}, defs), **rest}
    drawn = dict(schema)
    if "anyOf" in drawn:
        ways = [_drawn(way, defs) for way in drawn.pop("anyOf") if way.get("type") != "null"]
        drawn = {**ways[0], **drawn} if len(ways) == 1 else {**drawn, "anyOf": ways}
    for key in ("items", "additionalProperties", "propertyNames"):
        if isinstance(drawn.get(key), dict):
            drawn[key] = _drawn(drawn[key], defs)
    if "properties" in drawn:
        drawn.update(_object(drawn, defs))
    return drawn


def _has_null(value: Any) -> bool:
    return value is None or (isinstance(value, dict) and None in value.values())


def _object(drawn: dict[str, Any], defs: dict[str, Any]) -> dict[str, Any]:
    fields = {name: _field(name, field, defs) for name, field in drawn["properties"].items()}
    shown = SHOWN.get(drawn["title"], tuple(fields))
    placed = {name: {**fields[name], "position": number} for number, name in enumerate(shown)}
    hidden = {f"^{name}$": field for name, field in fields.items() if name not in shown}
    if drawn["title"] == "Storyboard":
        hidden["^x-"] = {}  # a storyboard's own notes, which nothing reads
    return {"properties": placed, **({"patternProperties": hidden} if hidden else {})}


def _field(name: str, schema: dict[str, Any], defs: dict[str, Any]) -> dict[str, Any]:
    field = {**_drawn(schema, defs), "title": TITLES.get(name, name.replace("_", " ").capitalize())}
    if name in UNSAID:
        field.pop("default", None)
    if name in KINDS:
        word, whole = field["anyOf"]
        kinds = [*whole["properties"]["kind"]["enum"], *KINDS[name]]
        field |= {"anyOf": [{**word, "enum": kinds}, whole], "default": "cut"}
    ways = field.get("anyOf", ())
    for way, said in zip(ways, WAYS.get(name, ()), strict=False):
        way["title"] = said
    return field


def _given(value: Any) -> Any:
    """None for what was left empty."""
    return value or None


# What may be left out. A form's empty field is an empty text or list, which is as good as None; null
# as the default, or as one of two types, both UIs draw as a choice between "str" and "None".
_Empty = BeforeValidator(_given)
StoryboardField = Annotated[Path | dict[str, Any], WithJsonSchema(storyboard_schema())]
OutFolder = Annotated[Path | SkipJsonSchema[None], _Empty]
ProfileName = Annotated[str | SkipJsonSchema[None], _Empty]
ShotIds = Annotated[list[str] | SkipJsonSchema[None], _Empty]
Budget = Annotated[
    Annotated[str, Field(pattern=AMOUNT)] | SkipJsonSchema[None],
    _Empty,
]
