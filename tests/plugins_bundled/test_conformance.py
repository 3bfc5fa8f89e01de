"""Every plugin that comes with filmeto passes its own check, as `filmeto plugins check` runs it."""

import contextlib
from pathlib import Path

import pytest

from filmeto_core.plugin_check.check import check_plugin
from filmeto_core.settings import Settings
from tests.comfyui_process import ComfyProcess

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
# The smallest that shows the same: the defaults make pictures and clips of full size.
SMALL = {
    "camera": {"duration_s": 0.2},
    "comfyui": {"width": 64, "height": 64, "steps": 3, "duration_s": 0.2},
    "score": {"duration_s": 2.0},
    "sketch": {"width": 128, "height": 72},
    "text2image_demo": {"width": 64, "height": 64, "steps": 10},
}


# What a plugin asks for its work: the variable that says where it is, and a server on loopback.
BACKENDS = {"comfyui": ("COMFYUI_URL", ComfyProcess)}


@pytest.fixture
def backend(folder, tmp_path, monkeypatch):
    """The server that the plugin needs, if it needs one."""
    with contextlib.ExitStack() as stack:
        if folder.name in BACKENDS:
            variable, start = BACKENDS[folder.name]
            monkeypatch.setenv(variable, stack.enter_context(start(tmp_path / "backend")).url)
        yield


@pytest.mark.parametrize(
    "folder", sorted(p.parent for p in PLUGINS.glob("*/plugin.yaml")), ids=lambda p: p.name
)
def test_a_bundled_plugin_passes_without_a_note(folder, home, backend):
    small = SMALL.get(folder.name, {})
    report = check_plugin(folder, settings=Settings(home=home), parameters=small)
    assert {check.id: check.found for check in report.checks if check.state != "ok"} == {}


def test_espeak_speaks_from_a_folder_whose_path_is_long(tmp_path):
    deep = tmp_path / ("a-folder-deep-in-other-folders-" * 4) / "home"
    deep.mkdir(parents=True)
    report = check_plugin(PLUGINS / "espeak", settings=Settings(home=deep))
    assert report.failures == []
