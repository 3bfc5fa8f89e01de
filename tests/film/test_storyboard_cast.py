"""Characters, lines, looks and videos: what a storyboard may say of them, and what follows."""

import pytest

from filmeto_core.errors import StoryboardError
from filmeto_core.film.storyboard import load_storyboard
from filmeto_core.types import ToolType

KEEPER = {"description": "an old man with a white beard", "voice": {"voice": "deep", "speed": 0.9}}


def board(*shots: dict, **film):
    return load_storyboard({"shots": list(shots), **film})


def problems(*shots: dict, **film) -> list[tuple[str, str]]:
    with pytest.raises(StoryboardError) as told:
        board(*shots, **film)
    return [(p["field"], p["message"]) for p in told.value.details["problems"]]


def test_a_prompt_that_names_a_character_gets_the_description():
    film = board(
        {"prompt": "the Keeper climbs"},
        {"prompt": "a housekeeper sweeps"},
        characters={"keeper": KEEPER},
        style="ink",
    )
    named, other = film.shots
    assert film.prompt_of(named) == (
        "the Keeper climbs, keeper: an old man with a white beard, ink"
    )
    assert film.prompt_of(other) == "a housekeeper sweeps, ink"


def test_a_chinese_name_is_found_between_other_signs():
    film = board({"prompt": "清晨老周打开店门"}, characters={"老周": {"description": "白发老人"}})
    assert film.prompt_of(film.shots[0]) == "清晨老周打开店门, 老周: 白发老人"


def test_reference_pictures_come_from_all_who_are_shown(tmp_path):
    for name in ("ann.png", "tom.png"):
        (tmp_path / name).write_bytes(b"not looked into here")
    film = load_storyboard(
        {
            "characters": {"Ann": {"reference": "ann.png"}, "Tom": {"reference": "tom.png"}},
            "shots": [{"prompt": "Tom waits", "character": "Ann", "line": "Come in."}],
        },
        base=tmp_path,
    )
    assert film.references_of(film.shots[0]) == (
        str(tmp_path / "ann.png"),
        str(tmp_path / "tom.png"),
    )


def test_a_speaker_lends_the_voice_and_the_shot_has_the_last_word():
    film = board(
        {"prompt": "x", "line": "Hm.", "character": "keeper"},
        {"prompt": "x", "narration": "Hm.", "character": "keeper", "voice": {"speed": 1.2}},
        {"prompt": "x", "narration": "Hm."},
        characters={"keeper": KEEPER},
        voice={"language": "en-GB", "voice": "plain"},
    )
    told = [film.voice_of(shot).model_dump() for shot in film.shots]
    assert told == [
        {"language": "en-GB", "voice": "deep", "speed": 0.9},
        {"language": "en-GB", "voice": "deep", "speed": 1.2},
        {"language": "en-GB", "voice": "plain", "speed": None},
    ]


def test_who_only_narrates_is_not_shown_for_it():
    film = board(
        {"prompt": "the sea", "narration": "Hm.", "character": "keeper"},
        characters={"keeper": KEEPER},
    )
    assert film.prompt_of(film.shots[0]) == "the sea"


def test_a_line_and_its_character_are_picture_enough():
    film = board({"line": "Row!", "character": "keeper"}, characters={"keeper": KEEPER})
    (shot,) = film.shots
    assert shot.clip_tool is ToolType.SPEAK2VIDEO
    assert film.prompt_of(shot) == "keeper: an old man with a white beard"


def test_a_shot_s_look_replaces_the_film_s_and_none_is_none():
    film = board(
        {"prompt": "a"},
        {"prompt": "b", "look": {"prompt": "charcoal", "strength": 0.5}},
        {"prompt": "c", "look": "none"},
        look="watercolour",
    )
    looks = [film.look_of(shot) for shot in film.shots]
    assert [look and (look.prompt, look.strength) for look in looks] == [
        ("watercolour", None),
        ("charcoal", 0.5),
        None,
    ]


@pytest.mark.parametrize(
    ("shot", "field", "told"),
    [
        ({"prompt": "x", "line": "a", "narration": "b"}, "shots[0].line", "make it two shots"),
        ({"prompt": "x", "kind": "video", "line": "a"}, "shots[0].kind", "leave line or kind out"),
        ({"kind": "video", "line": "a", "character": "keeper"}, "shots[0].kind", "needs a prompt"),
        ({"prompt": "x", "kind": "film"}, "shots[0].kind", "Allowed: still, video."),
        ({"prompt": "x", "line": "a", "character": "keper"}, "shots[0].character", '"keeper"'),
        ({"line": "a"}, "shots[0]", "has no picture"),
        ({"prompt": "x", "look": {"strength": 2}}, "shots[0].look.strength", "at most 1"),
        ({"prompt": "x", "look": {"word": "ink"}}, "shots[0].look.word", "prompt, strength"),
        ({"prompt": "x", "dialogue": "a"}, "shots[0].dialogue", 'Did you mean "line"?'),
    ],
)
def test_what_does_not_go_together_is_told_with_the_fix(shot, field, told):
    found = problems(shot, characters={"keeper": KEEPER})
    assert any(where == field and told in message for where, message in found), found


@pytest.mark.parametrize(
    ("characters", "field", "told"),
    [
        ({"keeper": {"looks": "old"}}, "characters.keeper.looks", "description"),
        ({"keeper": "an old man"}, "characters.keeper", "{description: an old man"),
        ({"keeper": {"reference": "gone.png"}}, "characters.keeper.reference", "does not exist"),
        ({"keeper": {"voice": {"pace": 1}}}, "characters.keeper.voice.pace", "language"),
        ({"keeper": {"reference": "https://a/b.png"}}, "characters.keeper.reference", "download"),
    ],
)
def test_a_wrong_character_is_told_with_its_field(characters, field, told):
    found = problems({"prompt": "x"}, characters=characters)
    assert any(where == field and told in message for where, message in found), found
