"""What a film asks of the tools: the calls of each shot, in order, and their arguments."""

from pathlib import Path

import pytest

from filmeto_core import film_calls
from filmeto_core.film.storyboard import load_storyboard
from filmeto_core.film.timeline import lay_out
from filmeto_core.service import FilmetoService
from filmeto_core.types import ToolType

FILES = {"image": "a.png", "clip": "a.mp4", "voice": "a.wav"}


def board(*shots: dict, **film):
    return load_storyboard({"shots": list(shots), **film}, profiles=["animatic"])


def told(board) -> list[tuple[str | None, str]]:
    return [(shot and shot.id, str(tool)) for shot, tool in film_calls.tools_of(board)]


def test_each_shot_is_spoken_drawn_and_moved_and_the_film_gets_its_score():
    film = board(
        {"id": "dawn", "prompt": "a boat", "narration": "Row."},
        {"id": "silent", "prompt": "the sea"},
        music="calm piano",
    )
    assert told(film) == [
        ("dawn", "text2speak"),
        ("dawn", "text2image"),
        ("dawn", "image2video"),
        ("silent", "text2image"),
        ("silent", "image2video"),
        (None, "text2music"),
    ]


def test_what_one_brings_oneself_is_not_asked_for(tmp_path):
    own = {kind: str(tmp_path / name) for kind, name in FILES.items()}
    for path in own.values():
        Path(path).write_bytes(b"not looked into here")
    film = board(
        {"id": "shown", "image": own["image"]},
        {"id": "told", "clip": own["clip"], "voice_file": own["voice"], "narration": "Row."},
        music={"file": own["voice"]},
    )
    assert told(film) == [("shown", "image2video")]


def test_what_the_plugin_does_not_know_is_left_out_and_what_the_tool_needs_is_not(home):
    film = board({"id": "dawn", "prompt": "a boat", "take": 2, "seed": 7}, style="ink")
    (shot,) = film.shots
    asked = film_calls.still(film, shot) | {"paper": "rough"}
    given = film_calls.arguments(FilmetoService(), film, shot, ToolType.TEXT2IMAGE, asked)
    assert given == {
        "prompt": "a boat, ink",
        "width": 1280,
        "height": 720,
        "seed": 7,
        "take": 2,
        "profile": "animatic",
    }


def test_a_narration_that_was_not_spoken_lasts_as_long_as_reading_it():
    film = board(
        {"id": "short", "prompt": "a boat", "narration": "Row."},
        {"id": "long", "prompt": "a boat", "narration": "n" * 150},
        {"id": "known", "prompt": "a boat", "narration": "n" * 150},
    )
    lengths = film_calls.voice_durations_s(film, {"known": 4.0})
    assert lengths == {"short": 1.0, "long": 10.0, "known": 4.0}


@pytest.mark.parametrize("narration", ["Row.", None])
def test_a_clip_is_as_long_as_the_timeline_gives_it(narration):
    film = board({"id": "dawn", "prompt": "a boat", "narration": narration}, fps=25)
    timeline = lay_out(film, film_calls.voice_durations_s(film, {}))
    asked = film_calls.clip(film, film.shots[0], timeline)
    assert asked["duration_s"] == timeline.duration_s and asked["fps"] == 25
    assert film_calls.speech(film, film.shots[0]) == (
        {"text": "Row.", "language": None, "voice": None, "speed": None} if narration else None
    )
