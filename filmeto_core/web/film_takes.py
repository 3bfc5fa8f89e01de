"""The takes of a shot: what was made of it under each number, from the film's calls."""

from collections.abc import Iterable, Mapping
from typing import Any

from filmeto_core.errors import ValidationError
from filmeto_core.film.storyboard_models import Shot, Storyboard
from filmeto_core.film_pins import full_digest
from filmeto_core.journal.models import Call
from filmeto_core.resources.store import Store
from filmeto_core.types import ToolType
from filmeto_core.web.film_models import Part, Take
from filmeto_core.web.film_parts import FilmParts, part_name
from filmeto_core.web.film_shots import total_cost

MOST_TAKES = 9999  # as the storyboard takes them


def takes_of(
    board: Storyboard, shot: Shot, calls: Iterable[Call], parts: FilmParts, store: Store
) -> list[Take]:
    """The takes of a shot, by number; the storyboard's own is there even before it is made.

    Of each kind of file the last one that was made under a number counts; a take whose files are
    all gone is left out.

    Args:
        calls: The shot's, oldest first.
    """
    pins = {full_digest(store, digest) for digest in shot.pinned.values()}
    current = board.take_of(shot)
    last: dict[int, dict[str, Call]] = {current: {}}
    for call in calls:
        last.setdefault(call.take, {})[part_name(call.tool)] = call
    takes = [_take(number, last[number], number == current, pins, parts) for number in sorted(last)]
    return [take for take in takes if take.parts or take.current]


def _take(
    number: int, calls: Mapping[str, Call], current: bool, pins: set[str | None], parts: FilmParts
) -> Take:
    found: dict[str, Part] = {}
    for name, call in calls.items():
        pinned = bool(call.outputs) and call.outputs[0] in pins
        if part := parts.of_call(call, pinned=pinned):
            found[name] = part
    times = [call.ended_at for call in calls.values() if call.ended_at]
    return Take(
        take=number,
        current=current,
        parts=found,
        made_at=max(times, default=None),
        cost=total_cost(found.values()),
    )


def next_take(board: Storyboard, shot: Shot, calls: Iterable[Call]) -> int:
    """The number after the highest that was seen of the shot.

    Raises:
        ValidationError: There is none.
    """
    number = max([board.take_of(shot), *(call.take for call in calls)]) + 1
    if number > MOST_TAKES:
        raise ValidationError(
            f"take: a shot has {MOST_TAKES} takes at most.", hint="Pick one.", field="take"
        )
    return number


def pin_fields(
    shot: Mapping[str, Any], tool: str, digest: str, calls: Iterable[Call]
) -> dict[str, Any]:
    """The fields that have a shot keep a file.

    Args:
        shot: Its fields as they are written.
        calls: The film's.

    Raises:
        ValidationError: No call of this film made that file with that tool.
    """
    made = {call.outputs[0] for call in calls if call.tool == tool and call.outputs}
    if digest not in made:
        raise ValidationError(
            f"digest: no {tool} of this film made {digest[:80]!r}.",
            hint="GET .../takes tells the digests of what was made.",
            field="digest",
            value=digest[:80],
        )
    return {"pinned": {**_pins(shot), tool: digest}}


def unpin_fields(shot: Mapping[str, Any], tool: ToolType) -> dict[str, Any]:
    """The fields that have a shot keep no file of a tool any more."""
    left = {name: digest for name, digest in _pins(shot).items() if name != tool}
    return {"pinned": left or None}


def _pins(shot: Mapping[str, Any]) -> Mapping[str, Any]:
    pins = shot.get("pinned")
    return pins if isinstance(pins, Mapping) else {}
