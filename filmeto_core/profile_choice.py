"""What a profile's entry for a tool says: plugins in order of preference, when each of them serves.

    text2image:
      - plugin: comfyui
        parameters: {steps: 30}         # defaults for its calls
        languages: [en]                 # of what is asked; without it any
        largest: 1024x1024              # no picture beyond it, either way up
        smallest: 512x512
        references: true                # only where there is a reference picture; false: only without
        cost: 0.05 USD                  # the most that a call may cost, by the plugin's price list
        seconds: 300                    # the most that a call may take
      - openai_compatible
      - sketch
    image2video:
      - {plugin: comfyui, longest_s: 5, beyond: split}      # or refuse, or next (the default)
    text2video: {plugin: comfyui, queue: gpu}   # made by a machine that serves this work queue

An entry that does not fit a call is passed over; where an entry's plugin fails a call, the next one
that fits takes over (`standing_in`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from filmeto_core.languages import primary
from filmeto_core.money import Money
from filmeto_core.project_errors import mapping, only_known, texts, wrong
from filmeto_core.types import Model

_SIZE = re.compile(r"(\d{1,5})x(\d{1,5})")
_QUEUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
BEYOND = ("next", "split", "refuse")


@dataclass(frozen=True)
class Facts:
    """What of a call decides who serves it; None: not known yet.

    Args:
        language: BCP 47, of what is asked or said.
        references: How many pictures come along beyond what the tool needs.
    """

    language: str | None = None
    width_px: int | None = None
    height_px: int | None = None
    duration_s: float | None = None
    references: int | None = None


class Option(Model):
    """A plugin that may serve a tool, and when."""

    plugin: str
    parameters: dict[str, Any] = Field(default_factory=dict, description="Defaults for its calls")
    languages: tuple[str, ...] = Field((), description="Of what is asked; none named: any")
    smallest: tuple[int, int] | None = Field(None, description="Pixels, the longer side first")
    largest: tuple[int, int] | None = Field(None, description="Pixels, the longer side first")
    longest_s: float | None = Field(None, description="The longest clip, sound or music")
    beyond: Literal["next", "split", "refuse"] = Field(
        "next", description="What happens to a call for a longer one"
    )
    references: bool | None = Field(None, description="Whether there has to be a reference picture")
    cost: Money | None = Field(None, description="The most that a call may cost")
    seconds: float | None = Field(None, description="The most that a call may take")
    queue: str | None = Field(
        None, description="The work queue whose machines make its calls; none: this machine"
    )

    def unfit(self, facts: Facts) -> str | None:
        """Why it does not serve such a call; None where it does."""
        return self._language(facts) or self._size(facts) or self._more(facts)

    def _language(self, facts: Facts) -> str | None:
        if not self.languages or facts.language is None:
            return None
        given = (facts.language.lower(), primary(facts.language))
        if any(name.lower() in given for name in self.languages):
            return None
        return f"it serves {', '.join(self.languages)}, and this is {facts.language}"

    def _size(self, facts: Facts) -> str | None:
        if not facts.width_px or not facts.height_px:
            return None
        longer, shorter = sorted((facts.width_px, facts.height_px), reverse=True)
        asked = f"{facts.width_px}x{facts.height_px}"
        if self.largest and (longer > self.largest[0] or shorter > self.largest[1]):
            return f"{asked} is beyond {self.largest[0]}x{self.largest[1]}"
        if self.smallest and (longer < self.smallest[0] or shorter < self.smallest[1]):
            return f"{asked} is below {self.smallest[0]}x{self.smallest[1]}"
        return None

    def _more(self, facts: Facts) -> str | None:
        if self.references is not None and facts.references is not None:
            if self.references and not facts.references:
                return "it serves where there is a reference picture, and there is none"
            if not self.references and facts.references:
                return "it serves where there is no reference picture"
        if self.too_long(facts) and self.beyond == "next":
            return f"{facts.duration_s:g} s are beyond its {self.longest_s:g} s"
        return None

    def too_long(self, facts: Facts) -> bool:
        """Whether a longer result is asked for than it makes."""
        return bool(self.longest_s and facts.duration_s and facts.duration_s > self.longest_s)


class Choice(Model):
    """What serves a tool, in order of preference."""

    options: tuple[Option, ...]

    @property
    def plugins(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(option.plugin for option in self.options)


def read_choice(entry: Any, path: Path | str, field: str) -> Choice:
    """A tool's entry: a plugin's name, a list of them, or mappings with `plugin`.

    Raises:
        ValidationError: It is none of these; names file and key.
    """
    entries = entry if isinstance(entry, list) else [entry]
    options: list[Option] = []
    for i, one in enumerate(entries):
        where = f"{field}[{i}]" if isinstance(entry, list) else field
        options += _options(one, path, where)
    if not options:
        raise wrong(path, field, f"expected a plugin's name or a list of them, got {entry!r}")
    return Choice(options=tuple(options))


def _options(entry: Any, path: Path | str, field: str) -> list[Option]:
    if isinstance(entry, str) and entry:
        return [Option(plugin=entry)]
    if not isinstance(entry, Mapping):
        raise wrong(path, field, f"expected a plugin's name or a list of them, got {entry!r}")
    if "plugin" not in entry:
        raise wrong(path, field, f"expected plugin and parameters, got {sorted(entry)}")
    only_known(entry, Option.model_fields, path, field)
    names = entry["plugin"]
    names = [names] if isinstance(names, str) else names
    if not isinstance(names, list) or not names or not all(isinstance(n, str) for n in names):
        raise wrong(path, field, f"expected a plugin's name or a list of them, got {names!r}")
    told = {key: value for key, value in entry.items() if key != "plugin" and value is not None}
    read = {key: _READERS[key](value, path, f"{field}.{key}") for key, value in told.items()}
    return [Option(plugin=name, **read) for name in names]


def _size(value: Any, path: Path | str, field: str) -> tuple[int, int]:
    match = _SIZE.fullmatch(str(value).strip().lower())
    if match is None:
        raise wrong(path, field, f"expected WIDTHxHEIGHT, such as 1024x1024, got {value!r}")
    longer, shorter = sorted(map(int, match.groups()), reverse=True)
    return longer, shorter


def _above_zero(value: Any, path: Path | str, field: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e9:
        raise wrong(path, field, f"expected seconds, more than 0, got {value!r}")
    return float(value)


def _money(value: Any, path: Path | str, field: str) -> Money:
    try:
        return Money.read(value)
    except ValueError as error:
        raise wrong(path, field, f"{error}, got {value!r}") from None


def _beyond(value: Any, path: Path | str, field: str) -> str:
    if value not in BEYOND:
        raise wrong(path, field, f"expected {', '.join(BEYOND)}, got {value!r}")
    return value


def _yes_or_no(value: Any, path: Path | str, field: str) -> bool:
    if not isinstance(value, bool):
        raise wrong(path, field, f"expected true or false, got {value!r}")
    return value


def _queue(value: Any, path: Path | str, field: str) -> str:
    if not isinstance(value, str) or not _QUEUE.fullmatch(value):
        raise wrong(path, field, f"expected a work queue's name, such as gpu, got {value!r}")
    return value


def _languages(value: Any, path: Path | str, field: str) -> tuple[str, ...]:
    return texts(value, path, field, "a language or a list of them")


def _parameters(value: Any, path: Path | str, field: str) -> dict[str, Any]:
    return dict(mapping(value, path, field))


_READERS = {
    "parameters": _parameters,
    "languages": _languages,
    "smallest": _size,
    "largest": _size,
    "longest_s": _above_zero,
    "beyond": _beyond,
    "references": _yes_or_no,
    "cost": _money,
    "seconds": _above_zero,
    "queue": _queue,
}
