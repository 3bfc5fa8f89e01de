"""The storyboard's reference names every key and choice, and its examples load."""

import re
from pathlib import Path

import pytest

from filmeto_core.film.storyboard import (
    Character,
    Ending,
    Look,
    Motion,
    Music,
    Shot,
    ShotTransition,
    Sound,
    Storyboard,
    Voice,
    load_storyboard,
)
from filmeto_core.film.storyboard_models import ShotKind
from filmeto_core.film.transition import EndingKind, TransitionKind
from filmeto_core.types import ToolType

REFERENCE = (Path(__file__).parents[2] / "docs" / "storyboard.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"```yaml\n(.*?)```", REFERENCE, re.DOTALL)
SECTIONS = {
    "The film": [Storyboard],
    "A shot": [Shot],
    "Voice": [Voice],
    "Characters": [Character],
    "Look": [Look],
    "Music": [Music],
    "Sound": [Sound],
    "Transitions": [ShotTransition, Ending],
}


def rows(title: str) -> dict[str, str]:
    section = re.split(r"^## ", REFERENCE, flags=re.MULTILINE)
    (text,) = [part for part in section if part.startswith(f"{title}\n")]
    return dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", text, re.MULTILINE))


@pytest.mark.parametrize("title", SECTIONS)
def test_every_key_has_its_row_and_every_row_its_key(title):
    for model in SECTIONS[title]:
        assert set(rows(title)) == set(model.model_fields)


def test_every_choice_is_named():
    for motion in Motion:
        assert f"`{motion}`" in rows("A shot")["motion"]
    for kind in ShotKind:
        assert f"`{kind}`" in rows("A shot")["kind"]
    for kind in [*TransitionKind, *EndingKind]:
        assert f"`{kind}`" in rows("Transitions")["kind"]
    for tool in ToolType:
        assert f"`{tool}`" in rows("A shot")["plugin"]
    assert all(f"`{word}`" in rows("The film")["overrun"] for word in ("extend", "fail"))


def test_defaults_are_told_as_they_are():
    board = load_storyboard({"shots": [{"prompt": "x"}]})
    film, shot = rows("The film"), rows("A shot")
    for key in ("size", "fps", "profile", "take", "overrun"):
        assert film[key].startswith(f"`{getattr(board, key)}` |")
    assert film["ending"].startswith(f"`{board.ending.kind}` |")
    assert shot["kind"].startswith(f"`{board.shots[0].kind}` |")
    assert shot["motion"].startswith(f"`{board.shots[0].motion}` |")
    assert shot["transition"].startswith(f"`{board.shots[0].transition.kind}` |")
    assert shot["duration_s"].startswith(f"`{board.shots[0].duration_s}` |")


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_every_example_of_the_reference_loads(snippet, tmp_path):
    for name in re.findall(r"refs/[\w.]+", snippet):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    path = tmp_path / "story.yaml"
    path.write_text(snippet, encoding="utf-8")
    assert load_storyboard(path).shots
