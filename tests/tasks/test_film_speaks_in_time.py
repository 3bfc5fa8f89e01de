"""A speak2video that cannot be told when the voice begins speaks in time all the same."""

import array
import asyncio
import shutil
import wave
from pathlib import Path

import pytest

from filmeto_core.cli.flow_run import load_flow
from filmeto_core.plan.planner import plan_film
from filmeto_core.tasks.runtime import close_service, service

PLUGINS = Path(__file__).resolve().parents[1] / "plugins"
MANIFEST = """
name: lips
version: 1.0.0
description: Says when its sound begins, in a clip
tools:
  - name: speak2video
    parameters:
      - {name: duration_s, type: float, default: 1}
      - {name: fps, type: string, default: "8"}
      - {name: width, type: integer, default: 64}
      - {name: height, type: integer, default: 64}
"""
MAIN = """
import shutil
from filmeto_plugin import Output, run
from quick_main import image2video


def speak(call):
    shutil.copy(call.inputs[0].path, "outputs/heard.wav")
    return image2video(call)


run(speak2video=speak)
"""
LEAD_S = 0.5  # what a shot of auto length has before its voice
BOARD = {
    "title": "Spoken",
    "size": "64x64",
    "fps": 8,
    "profile": "heard",
    "characters": {"keeper": {"description": "an old man"}},
    "shots": [{"id": "lamp", "character": "keeper", "line": "The lamp must not go out."}],
}


def test_the_sound_that_it_is_given_begins_with_the_shot(home, tmp_path, monkeypatch, prefect_api):
    quick = shutil.copytree(PLUGINS / "quick", tmp_path / "plugins" / "quick")
    lips = tmp_path / "plugins" / "lips"
    (lips / "outputs").mkdir(parents=True)
    (lips / "plugin.yaml").write_text(MANIFEST)
    source = (quick / "main.py").read_text()
    (lips / "quick_main.py").write_text(source[: source.index('if __name__ == "__main__"')])
    (lips / "main.py").write_text(MAIN)
    monkeypatch.setenv("FILMETO_PLUGINS", str(tmp_path / "plugins"))
    Path("filmeto.yaml").write_text(
        "profiles: {heard: {text2speak: quick, speak2video: lips}}\ngrants: {lips: {write: .}}\n"
    )
    try:
        asyncio.run(load_flow("film.py", "film")(BOARD, out=Path("out")))
        plan = plan_film(service(), BOARD, out="out")
    finally:
        close_service()
    with wave.open(str(lips / "outputs" / "heard.wav")) as heard:
        samples = array.array("h", heard.readframes(heard.getnframes()))
        rate = heard.getframerate()
    first = next(place for place, sample in enumerate(samples) if sample)
    assert first / rate == pytest.approx(LEAD_S, abs=0.01)
    assert len(samples) / rate == pytest.approx(
        LEAD_S + 0.04 * len(BOARD["shots"][0]["line"]), abs=0.01
    )
    assert {call.action for call in plan.calls} == {"reuse"}
