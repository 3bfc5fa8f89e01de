"""A voice with silence before it, for who speaks by a plugin that cannot be told when it begins.

A shot starts before its voice does. A speak2video whose manifest has `start_s` is told by how much;
any other begins to speak with its clip, and so gets a sound that begins with the clip too. What was
made is in the index of finished calls, so that it is the same file in the next run.
"""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from filmeto_core import film_calls
from filmeto_core.film.ffmpeg import run_ffmpeg
from filmeto_core.film.reader import input_of
from filmeto_core.film.storyboard_models import Shot, Storyboard
from filmeto_core.made_once import Making, made_once
from filmeto_core.resources.calls import canonical_digest
from filmeto_core.service import FilmetoService
from filmeto_core.types import ResourceOutput

DELAY = "delay"
DELAY_VERSION = 1  # raise it when the same voice gives another sound
_TIMED = ("words", "phonemes")
_TIMES = ("start_s", "end_s")


def delay_key(digest: str | None, seconds: float) -> str:
    """The key of the sound that a voice makes with so much silence before it."""
    told = {"tool": DELAY, "version": DELAY_VERSION, "voice": digest, "seconds": seconds}
    return canonical_digest(told)


def told_late(asked: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    """The parameters of a clip whose sound has so much silence before it."""
    late = {key: value for key, value in asked.items() if key != "start_s"}
    for name in _TIMED:
        if rows := late.get(name):
            late[name] = [_later(row, seconds) for row in rows]
    return late


def _later(row: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    return {
        key: round(value + seconds, 6) if key in _TIMES else value for key, value in row.items()
    }


async def heard_in_time(
    service: FilmetoService,
    board: Storyboard,
    shot: Shot,
    voice: ResourceOutput | None,
    asked: Mapping[str, Any],
) -> tuple[ResourceOutput | None, Mapping[str, Any]]:
    """What a shot's speaker is given, so that the lips move when the film's voice is heard.

    Args:
        voice: What the shot says.
        asked: The parameters, as `film_calls.clip` told them.

    Raises:
        AssemblyError: The voice cannot be read.
    """
    seconds = film_calls.unheard_s(service, board, shot, asked)
    if voice is None or not seconds:
        return voice, asked
    late = await _delayed(service, voice, seconds, shot.id)
    return late, told_late(asked, seconds)


async def _delayed(
    service: FilmetoService, voice: ResourceOutput, seconds: float, shot: str
) -> ResourceOutput:
    path = Path(voice.path)

    def put_off(out: Path, cancelled: threading.Event) -> None:
        run_ffmpeg(
            [
                *(*input_of(path), "-map", "0:a:0"),
                *("-af", f"adelay={seconds * 1000:.3f}:all=1"),
                *("-map_metadata", "-1", "-bitexact", "-c:a", "pcm_s16le", str(out)),
            ],
            task="put silence before the voice",
            shot=shot,
            files=[path],
            cancelled=cancelled,
        )

    key = delay_key(voice.digest, seconds)
    return await made_once(
        service, Making(key, DELAY, DELAY_VERSION, [voice], "voice.wav", put_off)
    )
