"""What a film asks of the tools: the calls of each shot, in order, and their arguments."""

from pathlib import Path

import pytest

from filmeto_core import film_calls
from filmeto_core.film.storyboard import load_storyboard
from filmeto_core.film.timeline import lay_out
from filmeto_core.service import FilmetoService
from filmeto_core.types import ResourceOutput, ToolType

SPEECH = ("text", "language", "voice", "speed", "pronunciations")
FILES = {"image": "a.png", "clip": "a.mp4", "voice": "a.wav"}


def board(*shots: dict, **film):
    return load_storyboard({"shots": list(shots), **film}, profiles=["animatic"])


def told(board) -> list[tuple[str | None, str]]:
    return [
        (shot and shot.id, str(tool)) for shot, tool in film_calls.tools_of(FilmetoService(), board)
    ]


def test_each_shot_is_spoken_drawn_and_moved_and_the_film_gets_its_score(home):
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


def test_what_one_brings_oneself_is_not_asked_for(tmp_path, home):
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
    asked = film_calls.still(FilmetoService(), film, shot) | {"paper": "rough"}
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
        dict.fromkeys(SPEECH) | {"text": "Row."} if narration else None
    )


def test_each_kind_of_shot_asks_the_tool_that_makes_its_clip(home):
    film = board(
        {"id": "rain", "prompt": "rain on a quay", "kind": "video"},
        {"id": "ann", "prompt": "Ann at the rail", "line": "Row.", "character": "Ann"},
        {"id": "sea", "prompt": "the sea"},
        look="watercolour",
        characters={"Ann": {"description": "in a yellow coat"}},
    )
    assert told(film) == [
        ("rain", "text2video"),
        ("ann", "text2speak"),
        ("ann", "speak2video"),
        ("sea", "text2image"),
        ("sea", "image2image"),
        ("sea", "image2video"),
    ]


def test_who_speaks_is_asked_for_with_words_and_where_the_voice_begins(tmp_path):
    def speaking(*before: dict) -> dict:
        film = board(*before, {"id": "ann", "prompt": "a pier", "line": "Row."}, fps="30000/1001")
        timeline = lay_out(film, {"ann": 1.234567, "early": 2.3})
        voice = ResourceOutput(type="audio", path="x", metadata={"words": [{"word": "Row"}]})
        return film_calls.clip(film, film.shots[-1], timeline, voice)

    alone = speaking()
    assert alone["text"] == "Row." and alone["words"] == [{"word": "Row"}]
    assert 0.4 < alone["start_s"] < 0.6
    assert alone == speaking({"id": "early", "prompt": "x", "narration": "No."})


def test_the_score_follows_the_moods_of_those_shots_that_have_one():
    film = board(
        {"prompt": "a", "duration_s": 2},
        {"prompt": "b", "duration_s": 3, "mood": "tense"},
        {"prompt": "c", "duration_s": 2},
        music="piano",
    )
    asked = film_calls.score(film, lay_out(film, {}))
    assert asked["arc"] == [{"start_s": 2.0, "mood": "tense"}]
    assert (
        film_calls.score(film.only(["shot-1"]), lay_out(film.only(["shot-1"]), {}))["arc"] is None
    )


def test_a_face_of_one_s_own_is_the_still_and_gets_the_look(tmp_path, home):
    (tmp_path / "ann.png").write_bytes(b"not looked into here")
    film = board(
        {"id": "ann", "line": "Row.", "character": "Ann"},
        characters={"Ann": {"reference": str(tmp_path / "ann.png")}},
        look="ink",
    )
    assert film_calls.picture_of(film, film.shots[0]) == str(tmp_path / "ann.png")
    assert [tool for _, tool in told(film)] == ["text2speak", "image2image", "speak2video"]


def test_the_look_goes_into_the_prompt_of_what_has_no_still(tmp_path):
    (tmp_path / "ann.png").write_bytes(b"not looked into here")
    film = board(
        {"id": "rain", "prompt": "rain", "kind": "video"},
        {"id": "keeper", "prompt": "a lamp", "line": "Row."},
        {"id": "ann", "prompt": "a pier", "line": "No.", "image": str(tmp_path / "ann.png")},
        {"id": "plain", "prompt": "a boat", "kind": "video", "look": "none"},
        look={"prompt": "watercolour", "strength": 0.8},
    )
    timeline = lay_out(film, {"keeper": 1.0, "ann": 1.0})
    prompts = [film_calls.clip(film, shot, timeline)["prompt"] for shot in film.shots]
    assert prompts == ["rain, watercolour", "a lamp, watercolour", "a pier", "a boat"]
