"""What a film asks of the tools: which calls each shot makes, and with which parameters.

The flow of a film (flows/film.py) makes these calls, its plan tells of them before they are made;
both read them here, so that they cannot disagree.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from filmeto_core import serving
from filmeto_core.errors import PluginNotFoundError, ValidationError
from filmeto_core.film.pieces import piece_frames
from filmeto_core.film.storyboard_models import Shot, Storyboard
from filmeto_core.film.timeline import Timeline
from filmeto_core.plugin_host.discovery import one_look
from filmeto_core.service import FilmetoService
from filmeto_core.tool_arguments import INPUTS, REFERENCES
from filmeto_core.types import REQUIRED_PARAMETERS, FilmetoTask, ResourceOutput, ToolType

# The parameters that decide who serves a call; see `serving.facts_of`.
DECIDING = ("text", "language", "width", "height", "duration_s")
READING_SPEED_CPS = 15.0  # what a narration takes, where it was not spoken
SHORTEST_VOICE_S = 1.0
START = "start_s"  # of a speak2video: when in its clip the voice begins


def speech(board: Storyboard, shot: Shot) -> dict[str, Any] | None:
    """What text2speak is asked for; None where the shot is silent, or has its own recording."""
    if shot.voice_file or not shot.spoken:
        return None
    voice = board.voice_of(shot)
    return {
        "text": shot.spoken,
        "language": voice.language,
        "voice": voice.voice,
        "speed": voice.speed,
        "pronunciations": board.pronunciations or None,
    }


def picture_of(board: Storyboard, shot: Shot) -> str | None:
    """The picture of one's own that the shot starts from: its image, or the face of who speaks."""
    if shot.image or shot.clip_tool is not ToolType.SPEAK2VIDEO:
        return shot.image
    speaker = board.characters.get(shot.character or "")
    return speaker.reference if speaker else None


def still(service: FilmetoService, board: Storyboard, shot: Shot) -> dict[str, Any] | None:
    """What text2image is asked for; None where the shot needs no still, or brings its own picture."""
    if shot.keeps_clip or picture_of(board, shot) or not _starts_from_still(service, board, shot):
        return None
    if ToolType.IMAGE2IMAGE in shot.pinned and board.look_of(shot):
        return None
    return {
        "prompt": board.prompt_of(shot),
        "negative_prompt": board.negative_prompt_of(shot),
        "width": board.width_px,
        "height": board.height_px,
        "references": board.references_of(shot) or None,
    }


def _starts_from_still(service: FilmetoService, board: Storyboard, shot: Shot) -> bool:
    if shot.clip_tool is ToolType.SPEAK2VIDEO:
        task = serving_task(board, shot, ToolType.SPEAK2VIDEO)
        try:
            spec = service.plugin_for(task).manifest.tool(ToolType.SPEAK2VIDEO)
        except (PluginNotFoundError, ValidationError):  # told where that call is checked
            return False
        return spec.needs_portrait
    return shot.clip_tool is ToolType.IMAGE2VIDEO


def look(service: FilmetoService, board: Storyboard, shot: Shot) -> dict[str, Any] | None:
    """What image2image is asked for, besides the still; None where there is none, or no look."""
    wanted = board.look_of(shot)
    if wanted is None or shot.keeps_clip or shot.clip:
        return None
    if not picture_of(board, shot) and not _starts_from_still(service, board, shot):
        return None
    return {"prompt": wanted.prompt, "strength": wanted.strength}


def clip(
    board: Storyboard, shot: Shot, timeline: Timeline, voice: ResourceOutput | None = None
) -> dict[str, Any] | None:
    """What the tool that makes the shot's clip is asked for, besides pictures and sound.

    Args:
        voice: What it says, as far as that is known; a clip of somebody who speaks follows its words.

    Returns:
        The parameters, or None where the shot brings or keeps its clip.
    """
    if shot.clip_tool is None or shot.keeps_clip:
        return None
    placed = timeline.by_shot[shot.id]
    size = {
        "duration_s": timeline.seconds(placed.clip_frames),
        "fps": board.fps,
        "width": board.width_px,
        "height": board.height_px,
    }
    if shot.clip_tool is ToolType.IMAGE2VIDEO:
        return {"motion": str(shot.motion), **size, "prompt": shot.prompt}
    about = {
        "prompt": _in_look(board, shot),
        "negative_prompt": board.negative_prompt_of(shot),
        **size,
    }
    if shot.clip_tool is ToolType.TEXT2VIDEO:
        references = board.references_of(shot) or None
        return {**about, "motion": str(shot.motion), "references": references}
    starts = timeline.seconds(placed.start_frame)
    return {
        **about,
        "text": shot.spoken,
        "language": board.voice_of(shot).language,
        "character": shot.character,
        # From the shot's start, in microseconds: where the film is cut before it changes nothing.
        "start_s": round((placed.voice_start_s or starts) - starts, 6),
        "words": (voice.metadata.get("words") or None) if voice else None,
        "phonemes": (voice.metadata.get("phonemes") or None) if voice else None,
    }


def _in_look(board: Storyboard, shot: Shot) -> str | None:
    """The prompt of a clip that is made of it, which has no still for the film's look to be put on."""
    prompt, wanted = board.prompt_of(shot), board.look_of(shot)
    if wanted is None or picture_of(board, shot):
        return prompt
    return f"{prompt}, {wanted.prompt}" if prompt else wanted.prompt


def unheard_s(
    service: FilmetoService, board: Storyboard, shot: Shot, asked: Mapping[str, Any]
) -> float:
    """How much silence the shot's voice needs before it: its plugin cannot be told when it begins.

    Args:
        asked: As `clip` told it.
    """
    if shot.clip_tool is not ToolType.SPEAK2VIDEO or ToolType.SPEAK2VIDEO in shot.pinned:
        return 0.0
    names = service.parameter_names(serving_task(board, shot, ToolType.SPEAK2VIDEO))
    return 0.0 if START in names else asked.get(START) or 0.0


def pieces(
    service: FilmetoService, board: Storyboard, shot: Shot, asked: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The calls of a clip that is made in several, each from the last frame of the one before.

    Args:
        asked: As `clip` told it.

    Returns:
        One, as it was asked, where the clip is made at once.
    """
    tool = shot.clip_tool
    if tool is not ToolType.IMAGE2VIDEO:
        return [dict(asked)]
    plugin = shot.plugin.get(tool)
    task = _serving(tool, plugin, board.profile, asked, _references(board, shot, tool))
    longest_s = service.longest_piece_s(task)
    if longest_s is None:
        return [dict(asked)]
    frames = round(Fraction(str(asked["duration_s"])) * board.fps)
    return [
        {**asked, "duration_s": float(count / board.fps)}
        for count in piece_frames(frames, longest_s, board.fps)
    ]


def frames_of(board: Storyboard, asked: Sequence[Mapping[str, Any]]) -> list[int]:
    """How many frames each of `pieces` has."""
    return [round(Fraction(str(one["duration_s"])) * board.fps) for one in asked]


def score(board: Storyboard, timeline: Timeline) -> dict[str, Any] | None:
    """What text2music is asked for; None where the film has no music, or brings its own."""
    if board.music is None or board.music.file:
        return None
    turns = [round(timeline.seconds(clip.start_frame), 2) for clip in timeline.clips[1:]]
    moods = [
        {"start_s": round(timeline.seconds(placed.start_frame), 2), "mood": shot.mood}
        for shot, placed in zip(board.shots, timeline.clips, strict=True)
        if shot.mood
    ]
    asked = {"prompt": board.music.prompt, "duration_s": timeline.duration_s, "cues": turns}
    return {**asked, "arc": moods or None}


def tools_of(service: FilmetoService, board: Storyboard) -> Iterator[tuple[Shot | None, ToolType]]:
    """The calls of the film, in its order; None instead of a shot for what is the whole film's.

    What a shot has pinned is not called for.

    Raises:
        ValidationError, PluginNotFoundError: No plugin serves one of them.
    """
    for shot in board.shots:
        if speech(board, shot) and ToolType.TEXT2SPEAK not in shot.pinned:
            yield shot, ToolType.TEXT2SPEAK
        if still(service, board, shot) and ToolType.TEXT2IMAGE not in shot.pinned:
            yield shot, ToolType.TEXT2IMAGE
        if look(service, board, shot) and ToolType.IMAGE2IMAGE not in shot.pinned:
            yield shot, ToolType.IMAGE2IMAGE
        if shot.clip_tool and not shot.keeps_clip:
            yield shot, shot.clip_tool
    if board.music and not board.music.file:
        yield None, ToolType.TEXT2MUSIC


def serving_task(board: Storyboard, shot: Shot | None, tool: ToolType) -> FilmetoTask:
    """As much of a call as decides who serves it."""
    spoken = (speech(board, shot) or {}) if shot and tool is ToolType.TEXT2SPEAK else {}
    sized = {} if tool.makes == "audio" else {"width": board.width_px, "height": board.height_px}
    plugin = shot.plugin.get(tool) if shot else None
    return _serving(tool, plugin, board.profile, spoken | sized, _references(board, shot, tool))


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
    task = _serving(
        tool, options["plugin"], options["profile"], options, _references(board, shot, tool)
    )
    with one_look():
        most, known = service.most_references(task), service.parameter_names(task)
    options[REFERENCES] = list(options.get(REFERENCES) or ())[:most] or None
    names = {
        *known,
        *REQUIRED_PARAMETERS.get(tool, ()),
        *INPUTS.get(tool, ()),
        "profile",
        "plugin",
        "take",
        REFERENCES,
    }
    return {k: v for k, v in options.items() if v is not None and k in names}


def _references(board: Storyboard, shot: Shot | None, tool: ToolType) -> int:
    """How many pictures the call has beyond what its tool needs."""
    if shot is None or tool not in (ToolType.TEXT2IMAGE, ToolType.TEXT2VIDEO, ToolType.SPEAK2VIDEO):
        return 0
    if tool is ToolType.SPEAK2VIDEO:
        return 1 if picture_of(board, shot) else 0
    return len(board.references_of(shot))


def _serving(
    tool: ToolType, plugin: str | None, profile: str, asked: Mapping[str, Any], references: int
) -> FilmetoTask:
    return FilmetoTask(
        tool_name=tool,
        plugin_name=plugin,
        task_id="serving",  # it is asked about, and never runs
        parameters={name: asked.get(name) for name in DECIDING},
        metadata={"profile": profile, serving.REFERENCES: references},
    )


def reading_time_s(shot: Shot) -> float:
    """How long the shot's narration will be, by its length in characters."""
    return max(SHORTEST_VOICE_S, len(shot.spoken or "") / READING_SPEED_CPS)


def voice_durations_s(board: Storyboard, known: Mapping[str, float]) -> dict[str, float]:
    """How long each narration is: as far as it is known, and else by reading time."""
    guessed = {
        shot.id: reading_time_s(shot) for shot in board.shots if shot.spoken or shot.voice_file
    }
    return guessed | dict(known)
