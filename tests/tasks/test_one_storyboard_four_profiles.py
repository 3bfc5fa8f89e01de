"""One storyboard, four profiles, no other change: film.json says which plugin made what."""

import asyncio
import json
import sys
from pathlib import Path

import pytest
import yaml

TESTS = Path(__file__).resolve().parents[1]
sys.path.append(str(TESTS))  # the servers that are written from vendors' protocols

from openai_server import KEY, OpenAIServer  # noqa: E402
from queue_server import FAL_KEY, FalServer  # noqa: E402

from filmeto_core.cli.flow_run import load_flow  # noqa: E402
from filmeto_core.media import probe  # noqa: E402
from filmeto_core.tasks.runtime import close_service  # noqa: E402
from tests.comfyui_process import ComfyProcess  # noqa: E402

STORYBOARD = """
title: 灯塔
size: 128x96
fps: 8
shots:
  - {id: dawn, prompt: "清晨的灯塔，海鸥", narration: 灯亮了。}
"""
PROFILES = """
profiles:
  own: {extends: animatic, text2image: comfyui, image2video: comfyui}
  bought: {extends: animatic, text2image: openai_compatible, text2speak: openai_compatible}
  queue: {extends: animatic, text2image: hosted_queue, image2video: hosted_queue}
"""
MADE_BY = {
    "animatic": {"text2image": "sketch", "image2video": "camera", "text2speak": "espeak"},
    "own": {"text2image": "comfyui", "image2video": "comfyui", "text2speak": "espeak"},
    "bought": {
        "text2image": "openai_compatible",
        "image2video": "camera",
        "text2speak": "openai_compatible",
    },
    "queue": {"text2image": "hosted_queue", "image2video": "hosted_queue", "text2speak": "espeak"},
}


@pytest.fixture
def backends(home, tmp_path, monkeypatch):
    """The three servers; the providers' descriptions lead to the one here."""
    described = TESTS.parent / "plugins" / "hosted_queue" / "providers" / "fal.yaml"
    with (
        ComfyProcess(tmp_path / "comfyui") as comfy,
        OpenAIServer() as openai,
        FalServer() as fal,
    ):
        told = yaml.safe_load(described.read_text()) | {
            "base_url": fal.url,
            "poll": {"first_s": 0.02},
        }
        (tmp_path / "providers").mkdir()
        (tmp_path / "providers" / "fal.yaml").write_text(yaml.safe_dump(told))
        for name, value in {
            "COMFYUI_URL": comfy.url,
            "OPENAI_BASE_URL": f"{openai.url}/v1",
            "OPENAI_API_KEY": KEY,
            "FILMETO_OPENAI_PRICING": "{text2image: 0.04, text2speak: {character: 0.001}}",
            "FILMETO_PROVIDERS": str(tmp_path / "providers"),
            "HOSTED_QUEUE_PROVIDER": "fal",
            "FAL_KEY": FAL_KEY,
            "NO_PROXY": "127.0.0.1,localhost",
        }.items():
            monkeypatch.setenv(name, value)
        yield {"own": comfy, "bought": openai, "queue": fal}
        close_service()


def test_the_same_storyboard_is_made_by_whom_the_profile_names(backends, prefect_api):
    Path("story.yaml").write_text(STORYBOARD, encoding="utf-8")
    Path("filmeto.yaml").write_text(PROFILES, encoding="utf-8")
    pictures = set()
    for profile, wanted in MADE_BY.items():
        out = Path("out", profile)
        film = load_flow("film.py", "film")
        files = asyncio.run(film("story.yaml", out=out, profile=profile))
        report = json.loads((out / "film.json").read_text())
        assert {a["tool"]: a["plugin"] for a in report["assets"]} == wanted
        assert all(a["stands_in"] is None and a["plugin_version"] for a in report["assets"])
        made = probe(Path(files.film))
        assert (made.width_px, made.height_px) == (128, 96) and report["profile"] == profile
        pictures |= {a["digest"] for a in report["assets"] if a["tool"] == "text2image"}
    assert len(pictures) == len(MADE_BY)
    assert len(backends["bought"].orders) == 2 and len(backends["queue"].orders) == 2
    assert backends["own"].asked("/prompt") == 2
