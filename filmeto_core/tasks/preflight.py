"""What can be known to be wrong with a film before its first call: plugins, parameters, files."""

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
    for shot in board.shots:
        try:
            _check_shot(board, shot)
        except FilmetoError as error:
            raise error.with_details(shot=shot.id) from None
    if board.music and board.music.file:
        _check_file(board.music.file, "audio", "music.file")
    elif board.music:
        _check_tool(board, None, ToolType.TEXT2MUSIC)


def _check_shot(board: Storyboard, shot: Shot) -> None:
    if shot.narration and not shot.voice_file:
        _check_tool(board, shot, ToolType.TEXT2SPEAK)
    if not shot.clip:
        _check_tool(board, shot, ToolType.IMAGE2VIDEO)
        if not shot.image:
            _check_tool(board, shot, ToolType.TEXT2IMAGE)
    for path, kind, field in (
        (shot.clip, "video", "clip"),
        (shot.image, "image", "image"),
        (shot.voice_file, "audio", "voice_file"),
        (shot.sound.file if shot.sound else None, "audio", "sound.file"),
    ):
        if path:
            _check_file(path, kind, field)


def _check_tool(board: Storyboard, shot: Shot | None, tool: ToolType) -> None:
    language = board.voice_of(shot).language if shot else None
    service().parameter_names(
        FilmetoTask(
            tool_name=tool,
            plugin_name=shot.plugin.get(tool) if shot else None,
            parameters={"text": shot.narration if shot else "", "language": language},
            metadata={"profile": board.profile},
        )
    )


def _check_file(path: str | Path, kind: str, field: str) -> None:
    check(resource_input(path), settings=service().settings, field=field)
    found = probe(Path(path)).kind
    if found != kind:
        raise ResourceProcessingError(
            f"{field}: {path} holds {found}, not {kind}.",
            hint=f"Give {kind} here.",
            field=field,
            value=str(path),
        )
