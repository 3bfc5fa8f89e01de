"""Every plugin that comes with filmeto passes its own check, as `filmeto plugins check` runs it."""

import asyncio
import shutil
from pathlib import Path

import pytest
import yaml
from openai_server import KEY, OpenAIServer
from queue_server import FAL_KEY, FalServer

from filmeto_core.plugin_check.check import check_plugin
from filmeto_core.service import FilmetoService, Reuse
from filmeto_core.settings import Settings
from filmeto_core.types import FilmetoTask

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
# The smallest that shows the same: the defaults make pictures and clips of full size.
SMALL = {
    "camera": {"duration_s": 0.2},
    "darkroom": {"prompt": "ink, winter, night"},
    "upscale": {"tile_px": 512},
    "diffusers": {"width": 64, "height": 64, "steps": 2, "duration_s": 0.2},
    "hosted_queue": {"width": 512, "height": 288},
    "openai_compatible": {"width": 64, "height": 36},
    "comfyui": {"width": 64, "height": 64, "steps": 3, "duration_s": 0.2},
    "score": {"duration_s": 2.0},
    "sketch": {"width": 128, "height": 72},
    "talker": {"width": 128, "height": 72},
    "text2image_demo": {"width": 64, "height": 64, "steps": 10},
}
KEEPING = ("openai_compatible", "hosted_queue")  # they keep what was paid for in their own folder
# Fixtures that give what a plugin works with, where that does not come with it.
BACKENDS = {"comfyui": "comfyui_backend", "diffusers": "diffusers_backend"}
BACKENDS |= dict.fromkeys(KEEPING, "vendors")


@pytest.fixture
def vendors(monkeypatch, tmp_path):
    """The servers on loopback that plugins need whose work is done elsewhere."""
    with OpenAIServer() as openai, FalServer() as fal:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{openai.url}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        told = yaml.safe_load((PLUGINS / "hosted_queue" / "providers" / "fal.yaml").read_text())
        told |= {"base_url": fal.url, "poll": {"first_s": 0.02}}
        told["tools"]["speak2video"] = [{"model": "a/talker", "input": {"audio": "{sound}"}}]
        (tmp_path / "providers").mkdir()
        (tmp_path / "providers" / "fal.yaml").write_text(yaml.safe_dump(told))
        monkeypatch.setenv("FILMETO_PROVIDERS", str(tmp_path / "providers"))
        monkeypatch.setenv("HOSTED_QUEUE_PROVIDER", "fal")
        monkeypatch.setenv("FAL_KEY", FAL_KEY)
        yield


@pytest.mark.parametrize(
    "folder", sorted(p.parent for p in PLUGINS.glob("*/plugin.yaml")), ids=lambda p: p.name
)
def test_a_bundled_plugin_passes_without_a_note(folder, home, request, tmp_path):
    if folder.name in BACKENDS:
        request.getfixturevalue(BACKENDS[folder.name])
    if folder.name in KEEPING:
        folder = shutil.copytree(folder, tmp_path / folder.name)
    small = SMALL.get(folder.name, {})
    report = check_plugin(folder, settings=Settings(home=home), parameters=small)
    assert {check.id: check.found for check in report.checks if check.state != "ok"} == {}


BREATHLESS = {
    "kokoro": "わたしはあさのうみをみながらながいあいだあるいてとおいむらまでいきそこでふるいともだちにあって"
    * 5,
    "piper": "the keeper walked on along the shore and looked at the sea and at the hills " * 20,
}


@pytest.mark.parametrize("name", BREATHLESS)
def test_a_long_text_without_a_stop_is_spoken_within_the_plugins_memory(name, home):
    """A model's memory grows with what is said at once, and malloc's with what was."""
    service = FilmetoService(Settings(home=home))
    task = FilmetoTask(
        tool_name="text2speak", plugin_name=name, parameters={"text": BREATHLESS[name]}
    )
    try:
        call = service.call(service.check(task), lambda _told: None, Reuse.NEVER)
        sound = asyncio.run(call).record.outputs[0]
    finally:
        service.close_sync()
    assert sound.metadata["duration_s"] > 30


def test_espeak_speaks_from_a_folder_whose_path_is_long(tmp_path):
    deep = tmp_path / ("a-folder-deep-in-other-folders-" * 4) / "home"
    deep.mkdir(parents=True)
    report = check_plugin(PLUGINS / "espeak", settings=Settings(home=deep))
    assert report.failures == []
