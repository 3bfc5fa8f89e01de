"""A storyboard loads with its defaults, or tells all of its problems at once."""

import json
import os
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filmeto_core.errors import StoryboardError, ValidationError
from filmeto_core.film.storyboard import Shot, Storyboard, load_storyboard

PNG = b"\x89PNG\r\n\x1a\n"


def written(folder: Path, text: str, name: str = "film.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def problems(source, **options) -> dict[str, str]:
    with pytest.raises(StoryboardError) as caught:
        load_storyboard(source, **options)
    return {p["field"]: p["message"] for p in caught.value.details["problems"]}


def one_shot(**fields) -> dict:
    return {"shots": [{"prompt": "a lighthouse", **fields}]}


def test_smallest_storyboard_gets_the_defaults():
    board = load_storyboard(one_shot())
    assert (board.title, board.size, board.fps, board.profile) == (
        "Untitled",
        "1280x720",
        24,
        "animatic",
    )
    assert (board.music, board.overrun, board.ending.kind) == (None, "extend", "cut")
    shot = board.shots[0]
    assert (shot.id, shot.motion, shot.duration_s, shot.transition.kind) == (
        "shot-1",
        "push-in",
        "auto",
        "cut",
    )


def test_title_is_the_files_name_unless_given(tmp_path):
    path = written(tmp_path, "shots: [{prompt: x}]", "the-old_keeper.yaml")
    assert load_storyboard(path).title == "the old keeper"


def test_storyboard_comes_back_equal_from_json(tmp_path):
    (tmp_path / "a.png").write_bytes(PNG)
    text = """
fps: 23.976
voice: {language: zh-hans-cn, speed: 1.1}
music: slow piano
ending: fade-to-black
shots:
  - image: a.png
    narration: 早上好。
    transition: fade-from-black
    plugin: {image2video: camera}
    voice: {speed: 0.9}
  - prompt: the sea
    transition: {kind: dissolve, duration_s: 0.75}
    sound: {file: a.wav, start_s: 0.5, gain_db: -6}
    duration_s: 3.5
"""
    (tmp_path / "a.wav").write_bytes(b"RIFF")
    board = load_storyboard(written(tmp_path, text))
    assert board.shots[0].image == str(tmp_path / "a.png")
    assert board.fps == Fraction(24000, 1001)
    data = json.loads(json.dumps(board.to_dict()))
    assert load_storyboard(data) == board
    assert Storyboard.model_validate(data) == board
    assert load_storyboard(board) == board


def test_json_file_is_a_storyboard_too(tmp_path):
    path = written(tmp_path, json.dumps(one_shot(id="dawn")), "film.json")
    assert load_storyboard(path).shots[0].id == "dawn"


def test_all_problems_are_told_at_once_with_lines(tmp_path):
    text = """titel: Keeper
size: 1281x720
profile: animatc
shots:
  - id: dawn
    prompt: a cliff
    motion: push
    transition: dissolve
  - id: Dawn
    image: refs/no.png
    duration_s: 1:30
"""
    path = written(tmp_path, text)
    with pytest.raises(StoryboardError) as caught:
        load_storyboard(path, profiles=["animatic", "comfyui"])
    lines = str(caught.value).splitlines()
    assert lines[0] == f"{path} has 8 problems:"
    told = {p["field"]: (p["line"], p["message"]) for p in caught.value.details["problems"]}
    assert {field: line for field, (line, _) in told.items()} == {
        "titel": 1,
        "size": 2,
        "profile": 3,
        "shots[0].motion": 7,
        "shots[0].transition": 8,
        "shots[1].id": 9,
        "shots[1].image": 10,
        "shots[1].duration_s": 11,
    }
    assert 'Did you mean "title"?' in told["titel"][1]
    assert "Try 1280x720" in told["size"][1]
    assert 'Did you mean "animatic"?' in told["profile"][1]
    assert told["shots[0].motion"] == (
        7,
        '"push" is not known. Did you mean "push-in"? Allowed: push-in, pull-out, pan-left, '
        "pan-right, tilt-up, tilt-down, parallax, static.",
    )
    assert f"{path}:7: shots[0].motion: " in str(caught.value)
    assert str(tmp_path / "refs" / "no.png") in told["shots[1].image"][1]
    assert "1:30 is 90" in told["shots[1].duration_s"][1]


def test_problems_of_data_have_no_lines():
    with pytest.raises(StoryboardError, match="The storyboard has a problem:") as caught:
        load_storyboard(one_shot(motion="zoom"))
    (problem,) = caught.value.details["problems"]
    assert (problem["file"], problem["line"], problem["value"]) == (None, None, "zoom")


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"duration": 3}, "shots[0].duration", 'Did you mean "duration_s"?'),
        ({"camera": "static"}, "shots[0].camera", 'Did you mean "motion"?'),
        ({"fps": 24}, "shots[0].fps", "belongs to the film"),
        ({"duration_s": "aut"}, "shots[0].duration_s", 'Did you mean "auto"?'),
        ({"duration_s": 0}, "shots[0].duration_s", "from 0.1 to 600"),
        ({"duration_s": float("nan")}, "shots[0].duration_s", "seconds or auto"),
        ({"seed": -1}, "shots[0].seed", "at least 0"),
        ({"seed": 2**31}, "shots[0].seed", "at most 2147483647"),
        ({"take": 0}, "shots[0].take", "at least 1"),
        ({"narration": "…!"}, "shots[0].narration", "nothing that could be spoken"),
        ({"transition": "fade"}, "shots[0].transition.kind", "Allowed: cut, dissolve"),
        ({"transition": {"duration_s": 1}}, "shots[0].transition.kind", "is missing"),
        (
            {"transition": {"kind": "cut", "duration_s": 1}},
            "shots[0].transition",
            "a cut has no length",
        ),
        ({"plugin": {"text2imag": "x"}}, "shots[0].plugin.text2imag", '"text2image"?'),
        ({"plugin": "sketch"}, "shots[0].plugin", "{text2image: sketch}"),
        ({"voice": {"language": "en_US"}}, "shots[0].voice.language", '"en-US"?'),
        ({"voice": {"language": "English"}}, "shots[0].voice.language", '"en"?'),
        ({"voice": {"speed": 9}}, "shots[0].voice.speed", "at most 2"),
        ({"sound": {"gain_db": 1}}, "shots[0].sound.file", "is missing"),
        ({"image": "https://example.org/a.png"}, "shots[0].image", "download it"),
        ({"id": "../up"}, "shots[0].id", "names the shot's folder"),
        ({"id": "con"}, "shots[0].id", "Windows"),
        ({"id": "x" * 65}, "shots[0].id", "1 to 64"),
        ({"id": "a b"}, "shots[0].id", "names the shot's folder"),
    ],
)
def test_wrong_value_says_what_is_allowed(fields, field, said):
    assert said in problems(one_shot(**fields))[field]


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"size": "63x64"}, "size", "width from 64 to 4096"),
        ({"size": "big"}, "size", "WIDTHxHEIGHT"),
        ({"fps": "24/0"}, "fps", "divides by zero"),
        ({"fps": 500}, "fps", "from 1 to 120"),
        ({"fps": True}, "fps", "a frame rate"),
        ({"overrun": "cut"}, "overrun", "Allowed: extend, fail"),
        ({"music": "none"}, "music", "leave music out"),
        ({"music": {"gain_db": 3}}, "music", "needs a prompt or a file"),
        ({"shots": []}, "shots", "is empty"),
        ({"shots": {"dawn": {"prompt": "x"}}}, "shots", "must be a list"),
        ({"shots": ["a lighthouse"]}, "shots[0]", "- prompt: a lighthouse at dawn"),
        ({"shots": [{"narration": "Hi."}]}, "shots[0]", "has no picture"),
    ],
)
def test_wrong_film_field_says_what_is_allowed(fields, field, said):
    assert said in problems({**one_shot(), **fields})[field]


def test_film_without_shots_is_refused():
    assert "at least one shot" in problems({"title": "x"})["shots"]


def test_wrong_shot_does_not_make_the_list_empty():
    assert list(problems(one_shot(motion="zoom"))) == ["shots[0].motion"]


def test_image_and_clip_conflict(tmp_path):
    (tmp_path / "a.png").write_bytes(PNG)
    (tmp_path / "a.mp4").write_bytes(PNG)
    told = problems({"shots": [{"image": "a.png", "clip": "a.mp4"}]}, base=tmp_path)
    assert "only one can be seen" in told["shots[0].clip"]


def test_music_prompt_and_file_conflict(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"RIFF")
    told = problems({**one_shot(), "music": {"prompt": "piano", "file": "a.wav"}}, base=tmp_path)
    assert "both prompt and file" in told["music"]


def test_files_must_exist_be_regular_and_of_the_right_kind(tmp_path):
    (tmp_path / "frame.png").write_bytes(PNG)
    (tmp_path / "empty.png").touch()
    (tmp_path / "folder.png").mkdir()
    os.mkfifo(tmp_path / "pipe.png")
    names = ["frame.pgn", "empty.png", "folder.png", "pipe.png", "frame.png"]
    data = {"shots": [{"image": name} for name in names]}
    data["shots"][4] = {"clip": "frame.png", "voice_file": "frame.png"}
    told = problems(data, base=tmp_path)
    assert 'Did you mean "frame.png"?' in told["shots[0].image"]
    assert "is an empty file" in told["shots[1].image"]
    assert "is not a file" in told["shots[2].image"]
    assert "is not a file" in told["shots[3].image"]
    assert "must be a video clip, and this is image/png" in told["shots[4].clip"]
    assert "must be a sound" in told["shots[4].voice_file"]


def test_paths_start_from_the_storyboards_folder(tmp_path, monkeypatch):
    (tmp_path / "refs").mkdir()
    (tmp_path / "refs" / "a.png").write_bytes(PNG)
    path = written(tmp_path, "shots: [{image: refs/a.png}]")
    monkeypatch.chdir("/")
    assert load_storyboard(path).shots[0].image == str(tmp_path / "refs" / "a.png")


def test_transition_longer_than_a_fixed_shot_is_refused():
    shots = [
        {"prompt": "a", "duration_s": 1},
        {"prompt": "b", "duration_s": 2, "transition": {"kind": "dissolve", "duration_s": 3}},
        {"prompt": "c", "duration_s": 0.5, "transition": "fade-from-black"},
    ]
    with pytest.raises(StoryboardError) as caught:
        load_storyboard({"shots": shots})
    assert [p["message"] for p in caught.value.details["problems"]] == [
        "the dissolve takes 3 s, longer than its shot (2 s)",
        "the dissolve takes 3 s, longer than the shot before (1 s)",
        "the fade-from-black takes 1 s, longer than its shot (0.5 s)",
    ]


def test_ending_must_fit_into_the_last_shot_beside_its_transition():
    shots = [
        {"prompt": "a"},
        {"prompt": "b", "duration_s": 2, "transition": {"kind": "dissolve", "duration_s": 1}},
    ]
    told = problems({"shots": shots, "ending": "fade-to-black"})
    assert "do not fit into the last shot (2 s)" in told["ending"]
    told = problems({"shots": shots, "ending": {"kind": "fade-to-black", "duration_s": 3}})
    assert "longer than the last shot" in told["ending"]


def test_fade_to_black_on_the_last_shot_ends_the_film():
    shots = [{"prompt": "a"}, {"prompt": "b", "transition": "fade-to-black"}]
    board = load_storyboard({"shots": shots})
    assert (board.ending.kind, board.ending.duration_s) == ("fade-to-black", 1.5)
    assert board.shots[1].transition.kind == "cut"


def test_fade_to_black_amid_the_film_is_explained():
    shots = [{"prompt": "a", "transition": "fade-to-black"}, {"prompt": "b"}]
    assert "write ending: fade-to-black" in problems({"shots": shots})["shots[0].transition.kind"]


def test_ids_are_unique_where_case_does_not_count():
    shots = [{"prompt": "a", "id": "Straße"}, {"prompt": "b", "id": "STRASSE"}]
    assert "also the id of shots[0]" in problems({"shots": shots})["shots[1].id"]


def test_default_id_that_is_taken_is_told():
    shots = [{"prompt": "a", "id": "shot-2"}, {"prompt": "b"}]
    assert "also the id of shots[0]" in problems({"shots": shots})["shots[1].id"]


def test_chinese_ids_are_fine():
    assert load_storyboard(one_shot(id="清晨")).shots[0].id == "清晨"


def test_empty_values_mean_the_default():
    board = load_storyboard({**one_shot(motion=None, seed=None), "music": None})
    assert (board.shots[0].motion, board.music) == ("push-in", None)


def test_text_over_several_lines_becomes_one(tmp_path):
    text = """shots:
  - prompt: x
    narration: |
      Every morning
      he climbed.
  - prompt: x
    narration: |
      每天清晨，
      他都会爬上灯塔。
"""
    board = load_storyboard(written(tmp_path, text))
    assert board.shots[0].narration == "Every morning he climbed."
    assert board.shots[1].narration == "每天清晨，他都会爬上灯塔。"


def test_shots_own_words_stand_instead_of_the_films():
    board = load_storyboard(
        {
            "style": "ink",
            "seed": 7,
            "voice": {"language": "en", "speed": 0.9},
            "shots": [
                {"prompt": "a"},
                {"prompt": "b", "style": "oil", "seed": 0, "take": 3, "voice": {"speed": 1.2}},
            ],
        }
    )
    first, second = board.shots
    assert [board.prompt_of(shot) for shot in board.shots] == ["a, ink", "b, oil"]
    assert [board.seed_of(shot) for shot in board.shots] == [7, 0]
    assert [board.take_of(shot) for shot in board.shots] == [1, 3]
    assert board.voice_of(first).speed == 0.9
    assert (board.voice_of(second).language, board.voice_of(second).speed) == ("en", 1.2)


def test_some_shots_alone_lose_a_dissolve_from_a_shot_left_out():
    shots = [{"id": i, "prompt": i, "transition": "dissolve" if i > "a" else "cut"} for i in "abcd"]
    part = load_storyboard({"shots": shots}).only(["d", "b", "c"])
    assert [(shot.id, shot.transition.kind) for shot in part.shots] == [
        ("b", "cut"),
        ("c", "dissolve"),
        ("d", "dissolve"),
    ]


def test_unknown_shot_among_some_is_refused():
    with pytest.raises(ValidationError, match='Did you mean "storm"'):
        load_storyboard(one_shot(id="storm")).only(["strom"])


def test_draft_is_half_the_size_and_even():
    assert load_storyboard({**one_shot(), "size": "1920x1082"}).draft().size == "960x540"


@pytest.mark.parametrize(
    ("given", "canonical"),
    [("1280 x 720", "1280x720"), ("1080×1920", "1080x1920"), ("640X360", "640x360")],
)
def test_sizes_are_read_as_people_write_them(given, canonical):
    assert load_storyboard({**one_shot(), "size": given}).size == canonical


def test_missing_file_is_told_with_its_absolute_path_and_a_guess(tmp_path):
    written(tmp_path, "shots: [{prompt: x}]", "lighthouse.yaml")
    told = problems(tmp_path / "lighthous.yaml")[""]
    assert str(tmp_path / "lighthous.yaml") in told
    assert 'Did you mean "lighthouse.yaml"?' in told


def test_folder_is_no_storyboard(tmp_path):
    assert "this is a folder" in problems(tmp_path)[""]


def test_data_nested_in_itself_is_refused():
    loop: dict = {"title": "x"}
    loop["shots"] = [loop]
    assert "levels deep" in problems(loop)[""]


def test_schema_takes_words_as_well_as_mappings():
    schema = Storyboard.model_json_schema()
    transition = schema["$defs"]["Shot"]["properties"]["transition"]
    assert {"type": "string"} in transition["anyOf"]
    assert schema["required"] == ["shots"]


def test_every_field_is_described():
    schema = Storyboard.model_json_schema()
    for model in [schema, *schema["$defs"].values()]:
        for name, field in model.get("properties", {}).items():
            assert field.get("description"), name


_WORDS = [None, True, 0, -1, 1e400, "auto", "dissolve", "24/0", "../x", "\0", "~nobody/x", "", "静"]
_leaves = st.one_of(st.sampled_from(_WORDS), st.integers(), st.floats(), st.text(max_size=5))
_keys = st.sampled_from([*Storyboard.model_fields, *Shot.model_fields, "kind", "file", "x-", ""])
_values = st.recursive(
    _leaves,
    lambda part: st.one_of(st.lists(part, max_size=3), st.dictionaries(_keys, part, max_size=4)),
    max_leaves=15,
)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(_keys, _values, max_size=5),
    st.lists(st.dictionaries(_keys, _values, max_size=5), max_size=3),
)
def test_any_data_is_a_storyboard_or_one_error(film, shots):
    try:
        board = load_storyboard({**film, "shots": shots} if shots else film)
    except StoryboardError as error:
        assert error.details["problems"]
    else:
        assert load_storyboard(board.to_dict()) == board
