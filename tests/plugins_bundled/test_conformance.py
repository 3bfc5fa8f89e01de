"""Every plugin that comes with filmeto passes its own check, as `filmeto plugins check` runs it."""

from pathlib import Path

import pytest

from filmeto_core.plugin_check.check import check_plugin
from filmeto_core.settings import Settings

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
# The smallest that shows the same: the defaults make pictures and clips of full size.
SMALL = {
    "camera": {"duration_s": 0.2},
    "comfyui": {"width": 64, "height": 64, "steps": 3, "duration_s": 0.2},
    "score": {"duration_s": 2.0},
    "sketch": {"width": 128, "height": 72},
    "text2image_demo": {"width": 64, "height": 64, "steps": 10},
}
# Fixtures that give what a plugin works with, where that does not come with it.
BACKENDS = {"comfyui": "comfyui_backend"}


@pytest.mark.parametrize(
    "folder", sorted(p.parent for p in PLUGINS.glob("*/plugin.yaml")), ids=lambda p: p.name
)
def test_a_bundled_plugin_passes_without_a_note(folder, home, request):
    if folder.name in BACKENDS:
        request.getfixturevalue(BACKENDS[folder.name])
    small = SMALL.get(folder.name, {})
    report = check_plugin(folder, settings=Settings(home=home), parameters=small)
    assert {check.id: check.found for check in report.checks if check.state != "ok"} == {}


def test_espeak_speaks_from_a_folder_whose_path_is_long(tmp_path):
    deep = tmp_path / ("a-folder-deep-in-other-folders-" * 4) / "home"
    deep.mkdir(parents=True)
    report = check_plugin(PLUGINS / "espeak", settings=Settings(home=deep))
    assert report.failures == []
