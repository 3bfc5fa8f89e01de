"""The storyboard that a run is about: read, narrowed to what is asked for, checked whole."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from filmeto_core.errors import ValidationError, did_you_mean, some_of
from filmeto_core.film.storyboard import load_storyboard
from filmeto_core.film.storyboard_models import Storyboard
from filmeto_core.film.storyboard_yaml import MAX_BYTES, title_in
from filmeto_core.film_preflight import check_board
from filmeto_core.money import Money
from filmeto_core.service import FilmetoService


def open_board(
    service: FilmetoService,
    storyboard: Path | str | Mapping[str, Any],
    *,
    profile: str | None = None,
    shots: Sequence[str] | None = None,
    draft: bool = False,
    refresh: Sequence[str] | None = None,
) -> Storyboard:
    """The storyboard, ready to be made; nothing was started.

    Args:
        service: Whose profiles and plugins count.
        storyboard: Its file, or its fields.
        profile: Instead of the storyboard's own.
        shots: These alone.
        draft: At half the size.
        refresh: Shots that will be made anew; they have to be there.

    Raises:
        StoryboardError, ValidationError, PluginNotFoundError, ResourceProcessingError: Something
            is wrong.
    """
    project = service.project
    board = load_storyboard(storyboard, profiles=list(project.profiles))
    if profile is not None:
        board = board.model_copy(update={"profile": project.profile(profile).name})
    board = board.only(list(shots)) if shots else board
    board = board.draft() if draft else board
    ids = [shot.id for shot in board.shots]
    for wanted in refresh or ():
        if wanted not in ids:
            raise ValidationError(
                f'refresh: there is no shot "{wanted}".{did_you_mean(wanted, ids)}',
                hint=f"Shots: {some_of(ids)}.",
                field="refresh",
                value=wanted,
            )
    check_board(service, board)
    return board


def film_folder(storyboard: Path | str | Mapping[str, Any], out: Path | str | None) -> Path:
    """The folder for the film and its parts, absolute; by default out/STEM."""
    return (Path(out) if out else Path("out") / film_stem(storyboard)).absolute()


def film_title(storyboard: Path | str | Mapping[str, Any]) -> str:
    """What the storyboard calls its film, without a look at the rest; else what its file is called.

    It raises nothing: whoever reads all of a storyboard says what is wrong with it.
    """
    if isinstance(storyboard, Mapping):
        title = storyboard.get("title")
    else:
        try:
            title = title_in(Path(storyboard).read_bytes()[:MAX_BYTES])
        except (OSError, ValueError):
            title = None
    return " ".join(str(title or "").split()) or film_stem(storyboard)


def film_stem(storyboard: Path | str | Mapping[str, Any]) -> str:
    """What a film's folder and run are named after: the file's name, or the title."""
    if isinstance(storyboard, Mapping):
        title = str(storyboard.get("title") or "film")
        return "".join(c if c.isalnum() else "-" for c in title).strip("-") or "film"
    return Path(storyboard).stem


def read_budget(budget: Money | str | float | None) -> Money | None:
    """A budget as people write it.

    Raises:
        ValidationError: It is no amount.
    """
    try:
        return None if budget is None else Money.read(budget)
    except ValueError as error:
        raise ValidationError(f"budget: {error}.", field="budget", value=str(budget)) from None
