"""The assembled film's key: any part that shows or is heard changes it, nothing else does."""

import pytest

from filmeto_core.assembly_key import assembly_key, film_language
from filmeto_core.film.storyboard import load_storyboard
from filmeto_core.film.timeline import lay_out
from filmeto_core.types import ResourceOutput

SHOTS = [{"id": "dawn", "prompt": "a boat", "narration": "Row."}, {"id": "dusk", "prompt": "a sea"}]


def voice(digest: str = "sha256:aa", **metadata) -> ResourceOutput:
    return ResourceOutput(type="audio", path="/x.wav", metadata={"digest": digest, **metadata})


def key(shots=SHOTS, said=None, clips=("1", "2"), sounds=(), score=None, **film) -> str:
    board = load_storyboard({"title": "A", "shots": shots, **film}, profiles=["animatic", "other"])
    return assembly_key(
        board,
        lay_out(board, {"dawn": 2.0}),
        clips=dict(zip((shot.id for shot in board.shots), clips, strict=True)),
        voices={"dawn": said or voice()},
        sounds=dict(sounds),
        score=score,
    )


@pytest.mark.parametrize(
    "other",
    [
        {"clips": ("1", "3")},
        {"said": voice("sha256:bb")},
        {"said": voice(words=[{"start_s": 0.1, "end_s": 0.4, "char_start": 0, "char_end": 3}])},
        {"score": "sha256:cc"},
        {"sounds": {"dawn": "sha256:dd"}},
        {"title": "B"},
        {"profile": "other"},
        {"ending": "fade-to-black"},
        {"voice": {"language": "de"}},
        {"shots": [{**SHOTS[0], "narration": "Row!"}, SHOTS[1]]},
        {"shots": SHOTS[::-1]},
        {"shots": [SHOTS[0], {**SHOTS[1], "transition": "dissolve"}]},
    ],
)
def test_another_part_makes_another_film(other):
    assert key(**other) != key()


def test_what_only_the_shots_calls_depend_on_is_told_by_their_clips():
    assert key(shots=[{**SHOTS[0], "prompt": "a ship", "seed": 3}, SHOTS[1]]) == key()


def test_a_film_without_a_language_is_in_that_of_its_narrations():
    board = load_storyboard({"shots": [{"prompt": "x", "narration": "清晨的海。"}]})
    assert film_language(board) == "zh"
