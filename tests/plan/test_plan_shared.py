"""A film that another machine made: planned as reused, and taken from the shared store whole."""

import json
import shutil
from pathlib import Path

import pytest

from filmeto_core.tasks.runtime import close_service

SHOTS = [
    {"id": "dawn", "prompt": "a lamp", "narration": "He climbed."},
    {"id": "dusk", "prompt": "a boat", "narration": "He waited long."},
]


@pytest.fixture
def at(studio, tmp_path, environments, monkeypatch):
    """From now on, this machine: at("a"); all of them share a folder."""
    share = tmp_path / "share"
    share.mkdir()
    monkeypatch.setenv("FILMETO_STORE_URL", str(share))

    def move(name: str) -> None:
        close_service()
        home = tmp_path / name
        home.mkdir(exist_ok=True)
        if not (home / "environments").exists():
            (home / "environments").symlink_to(environments, target_is_directory=True)
        monkeypatch.setenv("FILMETO_HOME", str(home))
        shutil.rmtree("out", ignore_errors=True)

    move.share = share
    return move


def digests(film: Path) -> dict[str, str]:
    """The film's files by what they are, as film.json tells."""
    told = json.loads((film / "film.json").read_text())
    assets = [*told["assets"], told["film"]]
    return {f"{a.get('shot')} {a.get('tool')}": a["digest"] for a in assets}


def test_a_film_of_another_machine_is_planned_as_reused_and_taken_from_there(studio, at):
    at("a")
    board = studio.board(SHOTS)
    assert len(studio.make(board)) == 7
    first, film = digests(Path("out/film")), Path("out/film/film.mp4").read_bytes()

    at("b")
    plan = studio.plan(board)
    assert plan.totals.reused == plan.totals.calls == 7 and plan.assembly.action == "reuse"
    assert studio.make(board) == {}
    assert digests(Path("out/film")) == first
    assert Path("out/film/film.mp4").read_bytes() == film

    at("c")
    changed = studio.board([SHOTS[0], {**SHOTS[1], "prompt": "a gull"}])
    said = studio.working(studio.plan(changed))
    assert {name for name, call in said.items() if call.certain} == {
        ("dusk", "text2image"),
        ("dusk", "image2video"),
    }
    assert studio.make(changed).keys() == {("dusk", "text2image"), ("dusk", "image2video")}


def test_a_shared_store_that_is_away_is_planned_without_and_filmed_without(studio, at):
    at("a")
    at.share.rmdir()
    board = studio.board(SHOTS[:1])
    assert studio.plan(board).totals.computed == 4
    assert len(studio.make(board)) == 4
