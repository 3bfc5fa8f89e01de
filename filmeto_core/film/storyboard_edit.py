"""Edits of a storyboard's text: fields of the film, fields of a shot, shots added, removed, ordered.

Comments and layout stay: a value is replaced where it stands, a shot moves with the comments above it.
Where the text cannot be changed in place, more of it is written anew: of a shot in flow style, or one
whose fields come from an anchor, the shot; of a film in flow style (JSON), or one whose anchors or
aliases the edit would break, all of it, without its comments. Each edit is read back: the text says
exactly what it said, with that edit.

A shot without an id is called shot-N by its place. Before an edit moves such shots, their ids are
written down, so that each stays what it was called.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from filmeto_core.errors import (
    ConflictError,
    NotFoundError,
    ValidationError,
    did_you_mean,
    some_of,
)
from filmeto_core.film.storyboard_layout import Layout, Unpatchable
from filmeto_core.film.storyboard_problems import Problem, field_text, shown, storyboard_error
from filmeto_core.film.storyboard_writing import as_written, dumped, dumped_shot, inline
from filmeto_core.film.storyboard_yaml import parse_yaml

Way = Callable[[], str]


def read_fields(text: str) -> dict[str, Any]:
    """What the text says, every scalar a text; an empty text says nothing.

    Raises:
        StoryboardError: It is not readable as YAML, or is no mapping; an edit has to begin there.
    """
    parsed = parse_yaml(text.encode())
    problems = [
        Problem(line=p.line, field=field_text(p.path), value=p.value, message=p.message)
        for p in parsed.problems
    ]
    data = {} if parsed.data is None else parsed.data
    if not problems and not isinstance(data, dict):
        problems = [Problem(line=parsed.line(()), message="must be keys and values")]
    if problems:
        raise storyboard_error(problems)
    return as_written(data)


def shot_ids(data: Mapping[str, Any]) -> list[str | None]:
    """What the shots are called, in order; None for what is no shot."""
    listed = data.get("shots")
    return [
        (shot.get("id") or f"shot-{number}") if isinstance(shot, dict) else None
        for number, shot in enumerate(listed if isinstance(listed, list) else [], 1)
    ]


def set_film(text: str, fields: Mapping[str, Any]) -> str:
    """The text with these fields of the film; None removes one."""
    data = read_fields(text)
    wanted = _with_fields(data, fields)

    def in_place() -> str:
        patched = text
        for key, value in fields.items():
            patched = _film_field(patched, key, value)
        return patched

    return _edited(wanted, in_place)


def set_shot(text: str, shot_id: str, fields: Mapping[str, Any]) -> str:
    """The text with these fields of a shot; None removes one.

    Raises:
        NotFoundError: There is no such shot.
        ConflictError: Another shot has the id that it is to get.
    """
    data = read_fields(text)
    place = _place(data, shot_id)
    new_id = fields.get("id")
    if new_id is not None and str(new_id) != shot_id and str(new_id) in shot_ids(data):
        raise _taken(str(new_id))
    shot = _with_fields(data["shots"][place], fields)
    wanted = {**data, "shots": _replaced(data["shots"], place, shot)}

    def in_place() -> str:
        patched = text
        for key, value in fields.items():
            patched = _shot_field(patched, place, key, value)
        return patched

    def anew() -> str:
        layout = Layout(text)
        start, end, indent = layout.own_span(place)
        return text[:start] + dumped_shot(shot, indent) + text[end:]

    return _edited(wanted, in_place, anew)


def add_shot(text: str, fields: Mapping[str, Any], after: str | None = None) -> tuple[str, str]:
    """The text with one more shot, and what it is called.

    Args:
        fields: The shot's; without an id it gets a free one.
        after: The shot that it follows; None: it is the last.

    Raises:
        NotFoundError: There is no shot `after`.
        ConflictError: A shot has that id.
    """
    data = read_fields(text)
    if data.get("shots") is not None and not isinstance(data["shots"], list):
        raise storyboard_error([Problem(field="shots", message="must be a list of shots")])
    ids = shot_ids(data)
    place = len(ids) if after is None else _place(data, after) + 1
    named = {key: value for key, value in fields.items() if value is not None and key != "id"}
    shot_id = str(fields.get("id") or _free_id(ids))
    if shot_id in ids:
        raise _taken(shot_id)
    shot = as_written({"id": shot_id, **named})
    if place < len(ids):
        text, data = _with_ids(text, data)
    shots = list(data.get("shots") or [])
    wanted = {**data, "shots": [*shots[:place], shot, *shots[place:]]}

    def in_place() -> str:
        if not shots:
            return _film_field(text, "shots", [shot], "\n" + dumped_shot(shot, "  ").rstrip("\n"))
        chunks = Layout(text).chunks()
        gap = chunks.gaps[0] if len(chunks.gaps) > 1 else ""
        body = dumped_shot(shot, chunks.indent)
        chunks.bodies.insert(place, body)
        chunks.gaps.insert(place if place < len(shots) else len(shots) - 1, gap)
        return chunks.text()

    return _edited(wanted, in_place), shot_id


def remove_shot(text: str, shot_id: str) -> str:
    """The text without a shot.

    Raises:
        NotFoundError: There is no such shot.
    """
    data = read_fields(text)
    place = _place(data, shot_id)
    if place < len(data["shots"]) - 1:
        text, data = _with_ids(text, data)
    shots = data["shots"]
    wanted = {**data, "shots": [*shots[:place], *shots[place + 1 :]]}

    def in_place() -> str:
        chunks = Layout(text).chunks()
        if len(shots) == 1:
            return _film_field(chunks.head + chunks.tail, "shots", [])
        del chunks.bodies[place]
        del chunks.gaps[min(place, len(shots) - 2)]
        return chunks.text()

    return _edited(wanted, in_place)


def order_shots(text: str, ids: Sequence[str]) -> str:
    """The text with its shots in this order.

    Raises:
        ValidationError: These are not the film's shots, each once.
    """
    data = read_fields(text)
    known = shot_ids(data)
    if sorted(ids) != sorted(str(name) for name in known):
        raise _not_the_shots(ids, known)
    order = [known.index(name) for name in ids]
    if order == sorted(order):
        return text
    text, data = _with_ids(text, data)
    wanted = {**data, "shots": [data["shots"][place] for place in order]}

    def in_place() -> str:
        chunks = Layout(text).chunks()
        chunks.bodies = [chunks.bodies[place] for place in order]
        return chunks.text()

    return _edited(wanted, in_place)


# --- how ------------------------------------------------------------------------------------------


def _edited(wanted: dict[str, Any], *ways: Way) -> str:
    """The first text that says what is wanted, in the end one that is written anew."""
    for way in ways:
        try:
            text = way()
        except Unpatchable:
            continue
        parsed = parse_yaml(text.encode())
        if not parsed.problems and as_written(parsed.data) == wanted:
            return text
    return dumped(wanted)


def _with_fields(data: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    return as_written({**data, **fields})


def _replaced(shots: list[Any], place: int, shot: Any) -> list[Any]:
    return [*shots[:place], shot, *shots[place + 1 :]]


def _film_field(text: str, key: str, value: Any, written: str | None = None) -> str:
    if not text.strip():
        raise Unpatchable
    layout = Layout(text)
    place = layout.entry(layout.root, key)
    if value is None:
        return text if place is None else layout.removed(layout.root, place)
    written = written if written is not None else f" {inline(as_written(value))}"
    if place is not None:
        return layout.replaced(layout.root, place, written)
    before = layout.entry(layout.root, "shots")
    return layout.added(layout.root, key, written, before)


def _shot_field(text: str, number: int, key: str, value: Any) -> str:
    layout = Layout(text)
    shot = layout.shot(number)
    place = layout.entry(shot, key)
    if value is None:
        return text if place is None else layout.removed(shot, place)
    written = f" {inline(as_written(value))}"
    if place is not None:
        return layout.replaced(shot, place, written)
    if key == "id":
        first = shot.value[0][0].start_mark
        line = f"id:{written}{layout.newline}{' ' * first.column}"
        return text[: first.index] + line + text[first.index :]
    return layout.added(shot, key, written, None)


def _with_ids(text: str, data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The text and its data with the ids of all shots written down."""
    for place, (shot, name) in enumerate(zip(data["shots"], shot_ids(data), strict=True)):
        if isinstance(shot, dict) and not shot.get("id"):
            text = set_shot(text, str(name), {"id": name})
            named = {**shot, "id": name}
            data = {**data, "shots": _replaced(data["shots"], place, named)}
    return text, data


def _place(data: Mapping[str, Any], shot_id: str) -> int:
    ids = shot_ids(data)
    if shot_id not in ids:
        said = f"there is no shot {shown(shot_id)}."
        raise NotFoundError(said, field="shot_id", value=shot_id[:200])
    return ids.index(shot_id)


def _free_id(ids: Sequence[str | None]) -> str:
    number = len(ids) + 1
    while f"shot-{number}" in ids:
        number += 1
    return f"shot-{number}"


def _taken(shot_id: str) -> ConflictError:
    return ConflictError(
        f'there is a shot "{shot_id}" already.',
        hint="Give another id, or none to get a free one.",
        field="id",
        value=shot_id,
    )


def _not_the_shots(ids: Sequence[str], known: Sequence[str | None]) -> ValidationError:
    names = [str(name) for name in known]
    unknown = [name for name in ids if name not in names]
    missing = [name for name in names if name not in ids]
    if unknown:
        said = f'there is no shot "{unknown[0]}".{did_you_mean(unknown[0], names)}'
    elif missing:
        said = f'the shot "{missing[0]}" is missing.'
    else:
        said = "a shot is named twice."
    return ValidationError(
        f"shots: {said}",
        hint=f"Name each of the film's shots once: {some_of(names)}.",
        field="shots",
    )
