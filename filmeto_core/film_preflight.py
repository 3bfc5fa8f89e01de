"""What can be known to be wrong with a film before its first call: plugins, parameters, files."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filmeto_core.errors import FilmetoError, ResourceProcessingError, ValidationError
from filmeto_core.film.storyboard_models import Shot, Storyboard
from filmeto_core.film_calls import picture_of, serving_task, speech, tools_of
from filmeto_core.film_pins import pinned_output
from filmeto_core.media import probe
from filmeto_core.money import Money
from filmeto_core.plugin_host.pricing import currency_of
from filmeto_core.resources.inputs import check, resource_input
from filmeto_core.service import FilmetoService
from filmeto_core.serving import spoken_language
from filmeto_core.settings import Settings
from filmeto_core.types import FilmetoTask, ToolType


def check_board(service: FilmetoService, board: Storyboard) -> None:
    """Whether every call of the film has a plugin, and every file of one's own is what it should be.

    Raises:
        PluginNotFoundError, ValidationError, ResourceProcessingError: The first that is wrong.
    """
    for shot, task in calls_of(service, board):
        with _naming(shot):
            service.plugin_for(task)
    for shot, path, kind, field in _own_files(board):
        with _naming(shot):
            _check_file(path, kind, field, service.settings)
    for shot in board.shots:
        for tool in shot.pinned:
            pinned_output(service.store, shot, tool)


def check_budget(service: FilmetoService, board: Storyboard, budget: Money | None) -> None:
    """Whether a budget can be held: whether whoever costs says so, in its currency.

    Raises:
        ValidationError: Somebody does not; names the plugin.
    """
    for shot, task in calls_of(service, board) if budget is not None else ():
        manifest = service.plugin_for(task).manifest
        if not manifest.is_remote:
            continue
        currency = currency_of(manifest, str(task.tool_name))
        if currency != budget.currency:
            told = f"costs in {currency}" if currency else "does not say what a call costs"
            raise ValidationError(
                f"budget: {budget} cannot be held, since {manifest.name} {told}.",
                hint="Give `pricing` in its plugin.yaml, or the budget in its currency (--budget "
                f'"{budget.amount:.2f} {currency or budget.currency}"), or leave --budget out.',
                field="budget",
                value=str(budget),
                shot=shot.id if shot else None,
                plugin=manifest.name,
            )


def calls_of(
    service: FilmetoService, board: Storyboard
) -> Iterator[tuple[Shot | None, FilmetoTask]]:
    """As much of the film's tool calls as decides who serves them: the first of each kind.

    Calls of one tool, plugin asked for and language are of one kind; a film has thousands of calls.
    """
    seen = set()
    for shot, tool in tools_of(service, board):
        spoken = (speech(board, shot) if shot and tool is ToolType.TEXT2SPEAK else None) or {}
        kind = (tool, shot and shot.plugin.get(tool), spoken_language(tool, spoken))
        if kind not in seen:
            seen.add(kind)
            yield shot, serving_task(board, shot, tool)


def _own_files(board: Storyboard) -> Iterator[tuple[Shot | None, str | Path, str, str]]:
    for shot in board.shots:
        for path, kind, field in (
            (shot.clip, "video", "clip"),
            (shot.image, "image", "image"),
            (shot.voice_file, "audio", "voice_file"),
            (shot.sound and shot.sound.file, "audio", "sound.file"),
            (shot.line and picture_of(board, shot), "image", "reference"),
        ):
            if path:
                yield shot, path, kind, field
    if board.music and board.music.file:
        yield None, board.music.file, "audio", "music.file"


@contextmanager
def _naming(shot: Shot | None) -> Iterator[None]:
    """Let an error that passes by name the shot."""
    try:
        yield
    except FilmetoError as error:
        raise error.with_details(shot=shot.id if shot else None) from None


def _check_file(path: str | Path, kind: str, field: str, settings: Settings) -> None:
    check(resource_input(path), settings=settings, field=field)
    # Of clips and sounds the headers: they are decoded whole when they enter the store.
    found = probe(Path(path), decode=kind == "image").kind
    if found != kind:
        raise ResourceProcessingError(
            f"{field}: {path} holds {found}, not {kind}.",
            hint=f"Give {kind} here.",
            field=field,
            value=str(path),
        )
