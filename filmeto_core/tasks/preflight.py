"""What can be known to be wrong with a film before its first call: plugins, parameters, files."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filmeto_core.errors import FilmetoError, ResourceProcessingError
from filmeto_core.film.storyboard_models import Shot, Storyboard
from filmeto_core.media import probe
from filmeto_core.resources.inputs import check, resource_input
from filmeto_core.tasks.runtime import service
from filmeto_core.types import FilmetoTask, ToolType


def check_board(board: Storyboard) -> None:
    """Whether every call of the film has a plugin, and every file of one's own is what it should be.

    Raises:
        PluginNotFoundError, ValidationError, ResourceProcessingError: The first that is wrong.
    """
    for shot, task in calls_of(board):
        with _naming(shot):
            service().plugin_for(task)
    for shot, path, kind, field in _own_files(board):
        with _naming(shot):
            _check_file(path, kind, field)


def calls_of(board: Storyboard) -> Iterator[tuple[Shot | None, FilmetoTask]]:
    """The film's tool calls as far as they are known before any is made: who will serve them."""
    for shot in board.shots:
        if shot.narration and not shot.voice_file:
            yield shot, _task(board, shot, ToolType.TEXT2SPEAK)
        if not shot.clip:
            yield shot, _task(board, shot, ToolType.IMAGE2VIDEO)
            if not shot.image:
                yield shot, _task(board, shot, ToolType.TEXT2IMAGE)
    if board.music and not board.music.file:
        yield None, _task(board, None, ToolType.TEXT2MUSIC)


def _task(board: Storyboard, shot: Shot | None, tool: ToolType) -> FilmetoTask:
    language = board.voice_of(shot).language if shot else None
    return FilmetoTask(
        tool_name=tool,
        plugin_name=shot.plugin.get(tool) if shot else None,
        parameters={"text": shot.narration if shot else "", "language": language},
        metadata={"profile": board.profile},
    )


def _own_files(board: Storyboard) -> Iterator[tuple[Shot | None, str | Path, str, str]]:
    for shot in board.shots:
        for path, kind, field in (
            (shot.clip, "video", "clip"),
            (shot.image, "image", "image"),
            (shot.voice_file, "audio", "voice_file"),
            (shot.sound and shot.sound.file, "audio", "sound.file"),
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


def _check_file(path: str | Path, kind: str, field: str) -> None:
    check(resource_input(path), settings=service().settings, field=field)
    # Of clips and sounds the headers: they are decoded whole when they enter the store.
    found = probe(Path(path), decode=kind == "image").kind
    if found != kind:
        raise ResourceProcessingError(
            f"{field}: {path} holds {found}, not {kind}.",
            hint=f"Give {kind} here.",
            field=field,
            value=str(path),
        )
