"""What a film asks of the tools: which calls each shot makes, and with which parameters.

The flow of a film (flows/film.py) makes these calls, its plan tells of them before they are made;
both read them here, so that they cannot disagree.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from filmeto_core.film.storyboard_models import Shot, Storyboard
from filmeto_core.film.timeline import Timeline
from filmeto_core.service import FilmetoService
from filmeto_core.tool_arguments import INPUTS
from filmeto_core.types import REQUIRED_PARAMETERS, FilmetoTask, ToolType

READING_SPEED_CPS = 15.0  # what a narration takes, where it was not spoken
SHORTEST_VOICE_S = 1.0


def speech(board: Storyboard, shot: Shot) -> dict[str, Any] | None:
    """What text2speak is asked for; None where the shot is silent, or has its own recording."""
    if shot.voice_file or not shot.narration:
        return None
    voice = board.voice_of(shot)
    return {
        "text": shot.narration,
        "language": voice.language,
        "voice": voice.voice,
        "speed": voice.speed,
    }


def still(board: Storyboard, shot: Shot) -> dict[str, Any] | None:
    """What text2image is asked for; None where the shot brings its own picture or clip."""
    if shot.clip or shot.image or ToolType.IMAGE2VIDEO in shot.pinned:
        return None
    return {
        "prompt": board.prompt_of(shot),
        "negative_prompt": board.negative_prompt_of(shot),
        "width": board.width_px,
        "height": board.height_px,
    }


def clip(board: Storyboard, shot: Shot, timeline: Timeline) -> dict[str, Any] | None:
    """What image2video is asked for, besides the still; None where the shot brings its own clip."""
    if shot.clip or ToolType.IMAGE2VIDEO in shot.pinned:
        return None
    return {
        "motion": str(shot.motion),
        "duration_s": timeline.seconds(timeline.by_shot[shot.id].clip_frames),
        "fps": board.fps,
        "width": board.width_px,
        "height": board.height_px,
        "prompt": shot.prompt,
    }


def score(board: Storyboard, timeline: Timeline) -> dict[str, Any] | None:
    """What text2music is asked for; None where the film has no music, or brings its own."""
    if board.music is None or board.music.file:
        return None
    turns = [round(timeline.seconds(clip.start_frame), 2) for clip in timeline.clips[1:]]
    return {"prompt": board.music.prompt, "duration_s": timeline.duration_s, "cues": turns}


def tools_of(board: Storyboard) -> Iterator[tuple[Shot | None, ToolType]]:
    """The calls of the film, in its order; None instead of a shot for what is the whole film's.

    What a shot has pinned is not called for.
    """
    for shot in board.shots:
        if speech(board, shot) and ToolType.TEXT2SPEAK not in shot.pinned:
            yield shot, ToolType.TEXT2SPEAK
        if still(board, shot) and ToolType.TEXT2IMAGE not in shot.pinned:
            yield shot, ToolType.TEXT2IMAGE
        if not shot.clip and ToolType.IMAGE2VIDEO not in shot.pinned:
            yield shot, ToolType.IMAGE2VIDEO
    if board.music and not board.music.file:
        yield None, ToolType.TEXT2MUSIC


def serving_task(board: Storyboard, shot: Shot | None, tool: ToolType) -> FilmetoTask:
    """As much of a call as decides who serves it."""
    spoken = (speech(board, shot) or {}) if shot and tool is ToolType.TEXT2SPEAK else {}
    return _serving(tool, shot.plugin.get(tool) if shot else None, board.profile, spoken)


def arguments(
    service: FilmetoService,
    board: Storyboard,
    shot: Shot | None,
    tool: ToolType,
    offer: Mapping[str, Any],
) -> dict[str, Any]:
    """The arguments of a call: plugin, take and seed come from the storyboard.

    Args:
        offer: Parameters and files; None is left out, and so is a parameter that the serving
            plugin does not know and the tool can do without.

    Raises:
        ValidationError, PluginNotFoundError: No plugin serves it.
    """
    routing = {
        "profile": board.profile,
        "plugin": shot.plugin.get(tool) if shot else None,
        "take": board.take_of(shot) if shot else board.take,
        "seed": board.seed_of(shot) if shot else board.seed,
    }
    options = {**routing, **offer}
    task = _serving(tool, options["plugin"], options["profile"], options)
    names = {
        *service.parameter_names(task),
        *REQUIRED_PARAMETERS.get(tool, ()),
        *INPUTS.get(tool, ()),
        "profile",
        "plugin",
        "take",
    }
    return {k: v for k, v in options.items() if v is not None and k in names}


def _serving(
    tool: ToolType, plugin: str | None, profile: str, spoken: Mapping[str, Any]
) -> FilmetoTask:
    return FilmetoTask(
        tool_name=tool,
        plugin_name=plugin,
        task_id="serving",  # it is asked about, and never runs
        parameters={name: spoken.get(name) for name in ("text", "language")},
        metadata={"profile": profile},
    )


def reading_time_s(shot: Shot) -> float:
    """How long the shot's narration will be, by its length in characters."""
    return max(SHORTEST_VOICE_S, len(shot.narration or "") / READING_SPEED_CPS)


def voice_durations_s(board: Storyboard, known: Mapping[str, float]) -> dict[str, float]:
    """How long each narration is: as far as it is known, and else by reading time."""
    guessed = {
        shot.id: reading_time_s(shot) for shot in board.shots if shot.narration or shot.voice_file
    }
    return guessed | dict(known)
