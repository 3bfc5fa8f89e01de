"""Loads a storyboard, checked whole: all of its problems are told at once, each with its line."""

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pydantic

from filmeto_core.errors import did_you_mean
from filmeto_core.film.storyboard_cast import Character, Look, Voice
from filmeto_core.film.storyboard_checks import findings, resolve_files
from filmeto_core.film.storyboard_messages import Finding, model_findings
from filmeto_core.film.storyboard_models import (
    Ending,
    Motion,
    Music,
    Shot,
    ShotTransition,
    Sound,
    Storyboard,
    completed,
)
from filmeto_core.film.storyboard_problems import Problem, field_text, shown, storyboard_error
from filmeto_core.film.storyboard_yaml import (
    MAX_BYTES,
    MAX_DEPTH,
    Parsed,
    YamlProblem,
    parse_yaml,
)

__all__ = [
    "Character",
    "Ending",
    "Look",
    "Motion",
    "Music",
    "Shot",
    "ShotTransition",
    "Sound",
    "Storyboard",
    "Voice",
    "load_storyboard",
    "read_storyboard",
]


def load_storyboard(
    source: "Path | str | Mapping[str, Any] | Storyboard",
    *,
    base: Path | None = None,
    profiles: Collection[str] | None = None,
) -> Storyboard:
    """The storyboard of a YAML (or JSON) file, or of data of the same shape.

    Args:
        source: The file's path, or the storyboard itself as a mapping or a model.
        base: The folder that relative paths in it start from: by default the file's own, or the
            current one for data.
        profiles: The names that `profile` may have; None leaves it unchecked.

    Returns:
        The storyboard with defaults filled in and paths made absolute.

    Raises:
        StoryboardError: It has problems; `details["problems"]` lists all of them, each with
            `file`, `line`, `field`, `value` and `message`.
    """
    if isinstance(source, Path | str):
        path = Path(os.path.expanduser(source))
        parsed, folder, file = _read(path), path.absolute().parent, str(source)
        title = " ".join(path.stem.replace("-", " ").replace("_", " ").split())
    else:
        data = source.to_dict() if isinstance(source, Storyboard) else source
        parsed, folder, file, title = Parsed(data=data), Path.cwd(), None, ""
    return _loaded(_Loading(parsed, file, (base or folder).absolute(), profiles), title)


def read_storyboard(
    content: bytes,
    *,
    base: Path,
    profiles: Collection[str] | None = None,
    allowed: Callable[[Path], bool] | None = None,
) -> Storyboard:
    """The storyboard of a text that is in no file of its own; otherwise as `load_storyboard`.

    Args:
        content: YAML or JSON.
        base: The folder that relative paths in it start from.
        allowed: Whether a file may be named, by its path with all links followed; others are
            problems, and are not looked at. None: any.

    Raises:
        StoryboardError: It has problems.
    """
    return _loaded(_Loading(parse_yaml(content), None, base.absolute(), profiles, allowed), "")


def _loaded(loading: "_Loading", title: str) -> Storyboard:
    board = loading.board(title)
    if loading.problems or board is None:
        raise storyboard_error(loading.problems, loading.file)
    return board


def _read(path: Path) -> Parsed:
    """What the file says, or why it cannot be read."""
    try:
        if path.is_dir():
            message = f"this is a folder ({path.absolute()}); name the storyboard in it"
            return Parsed(problems=[YamlProblem(None, message)])
        with path.open("rb") as opened:
            return parse_yaml(opened.read(MAX_BYTES + 1))
    except FileNotFoundError:
        message = f"there is no such file ({path.absolute()}).{_similar(path)}"
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        message = f"cannot be read ({path.absolute()}): {reason}"
    return Parsed(problems=[YamlProblem(None, message)])


def _similar(path: Path) -> str:
    names = [entry.name for entry in path.absolute().parent.glob("*.y*ml")]
    return did_you_mean(path.name, names)


@dataclass
class _Loading:
    """One storyboard on its way from data to a model, gathering problems."""

    parsed: Parsed
    file: str | None
    folder: Path
    profiles: Collection[str] | None
    allowed: Callable[[Path], bool] | None = None

    def __post_init__(self) -> None:
        self.problems: list[Problem] = []
        for problem in self.parsed.problems:
            self._tell(Finding(problem.path, problem.message, problem.value), problem.line)

    def board(self, title: str) -> Storyboard | None:
        """The storyboard, or None with `problems`."""
        data = self.parsed.data
        if not isinstance(data, Mapping):
            if not self.problems:
                said = "there is nothing in it" if data is None else "must be keys and values"
                said = f"{said}; a storyboard starts with title: and shots:"
                self._tell(Finding((), said), self.parsed.line(()))
            return None
        try:
            fields = _tidy(data)
        except _TooDeepError:
            self._tell(Finding((), f"nested more than {MAX_DEPTH} levels deep"))
            return None
        fields = {key: value for key, value in fields.items() if not key.startswith("x-")}
        if title:
            fields.setdefault("title", title)
        return self._checked(self._completed(fields))

    def _completed(self, fields: dict[str, Any]) -> dict[str, Any]:
        whole = completed(fields)
        if "ending" in whole and "ending" not in fields:  # it stands at the last shot
            last = ("shots", len(whole["shots"]) - 1, "transition")
            if line := self.parsed.line(last):
                self.parsed.lines[("ending",)] = line
        return whole

    def _checked(self, fields: dict[str, Any]) -> Storyboard | None:
        fields, found = resolve_files(fields, self.folder, self.allowed)
        found += findings(fields, self.profiles)
        board = None
        try:
            board = Storyboard.model_validate(fields)
        except pydantic.ValidationError as error:
            found += model_findings(error)
        for finding in found:
            self._tell(finding, self.parsed.line(finding.where))
        return board

    def _tell(self, finding: Finding, line: int | None = None) -> None:
        value = finding.value
        quoted = "" if value is None else f"{shown(value)} "
        self.problems.append(
            Problem(
                file=self.file,
                line=line,
                field=field_text(finding.where),
                value=value,
                message=f"{quoted}{finding.message}",
            )
        )


class _TooDeepError(Exception):
    """The data is nested deeper than any storyboard, or in itself."""


def _tidy(value: Any, depth: int = 0) -> Any:
    """Plain dicts, lists, texts and numbers; keys without a value are left out.

    true and false become texts: no field is a yes or no, and `narration: yes` is a text.
    """
    if depth > MAX_DEPTH:
        raise _TooDeepError
    if isinstance(value, Mapping):
        pairs = ((str(key), _tidy(part, depth + 1)) for key, part in value.items())
        return {key: part for key, part in pairs if part is not None}
    if isinstance(value, list | tuple):
        return [_tidy(part, depth + 1) for part in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    plain = value is None or type(value) in (str, int, float)
    return value if plain else str(value)
