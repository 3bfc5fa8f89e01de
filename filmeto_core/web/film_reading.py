"""A film's storyboard as the server reads it: checked, its problems with their places, its files only
from where they may lie.
"""

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filmeto_core.errors import StoryboardError
from filmeto_core.film.storyboard import Storyboard, read_storyboard
from filmeto_core.film.storyboard_layout import column_of
from filmeto_core.film.storyboard_problems import Problem, storyboard_error
from filmeto_core.film.storyboard_yaml import parse_yaml
from filmeto_core.film_pins import full_digest
from filmeto_core.journal.posted import Posted
from filmeto_core.service import FilmetoService
from filmeto_core.web.access import LOCAL_TENANT
from filmeto_core.web.film_models import BoardProblem
from filmeto_core.web.film_store import FilmFolder

REMEMBERED = 32  # readings that are kept in memory: of the longest storyboard, some megabytes each
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


@dataclass(frozen=True)
class Reading:
    """A storyboard's text, read.

    Args:
        text: As it was written.
        board: What it says; None where it has problems.
        fields: The same before it was checked, as far as it could be read.
        problems: What is wrong with it.
    """

    text: str
    board: Storyboard | None
    fields: dict[str, Any]
    problems: tuple[BoardProblem, ...]

    @property
    def title(self) -> str:
        """What the text calls the film; "" where it does not."""
        told = self.fields.get("title")
        return " ".join(told.split()) if isinstance(told, str) else ""

    def checked(self) -> Storyboard:
        """The storyboard.

        Raises:
            StoryboardError: It has problems.
        """
        if self.board is None:
            raise problems_error(self.problems)
        return self.board


class FilmReader:
    """Reads storyboards of one server.

    Args:
        service: Whose profiles and store count.
        posted: Which files of the store are whose.
        allow_paths: Folders whose files any storyboard may name.
    """

    def __init__(
        self, service: FilmetoService, posted: Posted, allow_paths: Iterable[Path]
    ) -> None:
        self._service, self._posted = service, posted
        self._folders = [path.expanduser().resolve() for path in allow_paths]
        self._known: OrderedDict[tuple[Path, str], Reading] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, film: FilmFolder, text: str) -> Reading:
        """The text of a film's storyboard, checked."""
        key = (film.path, text)
        with self._lock:
            known = self._known.get(key)
        if known is not None:
            return known
        reading, hangs_on_files = self._read(film, text)
        if not hangs_on_files:
            with self._lock:
                self._known[key] = reading
                while len(self._known) > REMEMBERED:
                    self._known.popitem(last=False)
        return reading

    def _read(self, film: FilmFolder, text: str) -> tuple[Reading, bool]:
        """The text, checked, and whether that hangs on anything but the text."""
        data = parse_yaml(text.encode()).data
        fields = data if isinstance(data, dict) else {}
        named: list[Path] = []
        board, problems, pins = None, (), False
        try:
            board = read_storyboard(
                text.encode(),
                base=film.path,
                profiles=list(self._service.project.profiles),
                allowed=self._allowed(film, named),
            )
            pins = any(shot.pinned for shot in board.shots)
            problems = tuple(self._foreign_pins(film, board, text))
        except StoryboardError as error:
            problems = tuple(_told(problem, film, text) for problem in error.details["problems"])
        reading = Reading(text, None if problems else board, fields, problems)
        return reading, pins or bool(named)

    def _allowed(self, film: FilmFolder, named: list[Path]) -> Callable[[Path], bool]:
        """Whether a path may be named; those that were asked for are added to `named`."""
        folders = [film.path.resolve(), *self._folders]

        def allowed(path: Path) -> bool:
            named.append(path)
            return any(path.is_relative_to(f) for f in folders) or self._is_result(film, path)

        return allowed

    def _is_result(self, film: FilmFolder, path: Path) -> bool:
        """Whether it is a file of the store that the tenant's own calls made, or that it brought."""
        objects = (self._service.store.folder / "objects").resolve()
        inside = path.parent.parent == objects
        return inside and self.owns(film, f"sha256:{path.stem}")

    def owns(self, film: FilmFolder, digest: str) -> bool:
        """Whether a file of the store is this tenant's, or was made for this film.

        What nobody owns, the command line made: it is this machine's own tenant's.
        """
        rows = self._posted.rows("SELECT tenant FROM owned WHERE digest = ?", (digest,))
        owners = {row["tenant"] for row in rows}
        if film.tenant in owners or (film.tenant == LOCAL_TENANT and not owners):
            return True
        calls = self._service.journal.film_calls(str(film.out))
        return any(digest in (*call.outputs, *call.resources) for call in calls)

    def _foreign_pins(
        self, film: FilmFolder, board: Storyboard, text: str
    ) -> Iterable[BoardProblem]:
        """Pins of files that are not there, or not the tenant's."""
        for place, shot in enumerate(board.shots):
            for tool, digest in shot.pinned.items():
                whole = full_digest(self._service.store, digest)
                if whole is None or not self.owns(film, whole):
                    field = f"shots[{place}].pinned.{tool}"
                    message = f'"{digest}" is no file of yours; pick one of this film\'s takes'
                    line = _line_of(text, field)
                    yield BoardProblem(
                        line=line, column=_column(text, field), field=field, message=message
                    )


def problems_error(problems: Iterable[BoardProblem]) -> StoryboardError:
    """One error that tells of all problems."""
    told = list(problems)
    listed = [Problem(line=p.line, field=p.field, message=p.message) for p in told]
    error = storyboard_error(listed)
    error.details["problems"] = [problem.to_dict() for problem in told]
    first = min(told, key=lambda problem: problem.line or 0)
    error.details |= {"field": first.field or "storyboard", "line": first.line}
    return error


def _told(problem: dict[str, Any], film: FilmFolder, text: str) -> BoardProblem:
    """A problem as callers see it: where it is, and no path of this machine."""
    message = problem["message"].replace(f"{film.path}/", "").replace(str(film.path), ".")
    return BoardProblem(
        line=problem["line"],
        column=_column(text, problem["field"]) if problem["field"] else None,
        field=problem["field"],
        message=message,
    )


def _steps(field: str) -> list[str | int]:
    return [int(number) if number else name for name, number in _STEP.findall(field)]


def _column(text: str, field: str) -> int | None:
    return column_of(text, _steps(field))


def _line_of(text: str, field: str) -> int | None:
    return parse_yaml(text.encode()).line(tuple(_steps(field)))
