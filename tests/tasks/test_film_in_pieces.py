"""A shot that is longer than its plugin's clips: made in pieces, one clip in the film, never made twice."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from filmeto_core.cli.flow_run import load_flow
from filmeto_core.media import probe
from filmeto_core.plan.planner import plan_film
from filmeto_core.tasks.runtime import close_service, service

PLUGINS = Path(__file__).resolve().parents[1] / "plugins"
PROFILES = """
profiles:
  short:
    text2image: quick
    image2video: {plugin: quick, longest_s: 1, beyond: split}
"""
BOARD = {
    "title": "Long",
    "size": "64x64",
    "fps": 8,
    "profile": "short",
    "shots": [
        {"id": "long", "prompt": "a quay", "duration_s": 2.5},
        {"id": "short", "prompt": "a rope", "duration_s": 1},
    ],
}


@pytest.fixture
def make(home, tmp_path, monkeypatch, prefect_api):
    shutil.copytree(PLUGINS / "quick", tmp_path / "plugins" / "quick")
    monkeypatch.setenv("FILMETO_PLUGINS", str(tmp_path / "plugins"))
    Path("filmeto.yaml").write_text(PROFILES)

    def run():
        asyncio.run(load_flow("film.py", "film")(BOARD, out=Path("out")))
        report = json.loads(Path("out/film.json").read_text())
        return [a for a in report["assets"] if a["tool"] == "image2video"]

    yield run
    close_service()


def test_each_piece_goes_on_from_the_one_before_and_the_film_has_one_clip(make):
    clips = make()
    long = [a for a in clips if a["shot"] == "long"]
    assert len(long) == 3 and len(clips) == 4
    lengths = [a["parameters"]["duration_s"] for a in long]
    assert max(lengths) <= 1 and round(sum(lengths) * 8) - 2 == 20
    pictures = [a["resources"][0] for a in long]
    assert len(set(pictures)) == 3
    assert probe(Path("out/shots/long/clip.mp4")).duration_s == pytest.approx(2.5)
    plan = plan_film(service(), BOARD, out="out")
    assert [call.action for call in plan.calls] == ["reuse"] * 6
    assert plan.assembly.action == "reuse"
