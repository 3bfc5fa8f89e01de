"""docs/writing-a-plugin.md: its plugin runs, its transcript is what goes over the wire."""

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from filmeto_core.media import probe
from filmeto_core.plugin_host import manifest as manifests
from filmeto_core.plugin_host import parameters
from filmeto_core.plugin_host.calls import PluginCall
from filmeto_core.plugin_host.discovery import Registry, load_plugin
from filmeto_core.plugin_host.host import PluginManager
from filmeto_core.settings import Settings

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "writing-a-plugin.md").read_text()


def snippet(language, number=0):
    """A code block of the page."""
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.S)[number]


@pytest.fixture
def brush(tmp_path):
    """The page's plugin, as a folder."""
    folder = tmp_path / "brush"
    folder.mkdir()
    (folder / "plugin.yaml").write_text(snippet("yaml"))
    (folder / "main.py").write_text(snippet("python"))
    return folder


def test_the_plugin_on_the_page_loads_and_paints(brush, tmp_path):
    plugin, problems = load_plugin(brush)
    assert problems == []
    manager = PluginManager(Registry([plugin]), Settings(home=tmp_path / "home"))
    given = parameters.check_parameters(plugin.manifest.tools[0], {"prompt": "sea", "width": 8})
    told = []
    call = PluginCall("t1", "text2image", given, manager.output_parent("brush"))
    try:
        answer = asyncio.run(manager.execute("brush", call, told.append))
    finally:
        manager.close_sync()
    info = probe(answer.outputs[0].path)
    assert (info.mime_type, info.width_px, info.height_px) == ("image/png", 8, 64)
    assert told[-1].percent == 100


def test_the_plugin_on_the_page_serves_as_the_page_says(brush, filmeto):
    command = ("run", "text2image", "--plugin", "brush", "--direct")
    done = filmeto(*command, "--param", "prompt=a lighthouse", FILMETO_PLUGINS=str(brush.parent))
    assert done.returncode == 0, done.stderr
    assert probe(Path(done.stdout.strip())).width_px == 64


def test_the_plugin_on_the_page_passes_the_check_and_the_test_on_the_page(brush, home):
    check = snippet("python", 1)
    exec(compile(check, "writing-a-plugin.md", "exec"), {"folder": brush})


def test_the_lines_for_the_shell_on_the_page_are_understood(brush, filmeto):
    typed = [line[2:] for line in TEXT.splitlines() if line.startswith("> ")]
    assert len(typed) == 6
    typed.remove("call text2image @picture.png strength=0.5")  # it takes neither
    script = "\n".join(typed).replace("cancel", "wait").replace("quit", "cancel")
    done = subprocess.run(
        [sys.executable, "-m", "filmeto_core", "plugins", "shell", str(brush)],
        input=script,
        capture_output=True,
        text=True,
        timeout=30,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    assert "there is no" not in done.stdout
    assert '"status":"pong"' in done.stdout and "picture.png" in done.stdout


def test_every_key_of_a_manifest_and_a_parameter_is_on_the_page():
    models = (
        manifests.Manifest,
        manifests.ToolSpec,
        manifests.Requirements,
        manifests.Startup,
        manifests.Execution,
        manifests.Resources,
        parameters.ParameterSpec,
    )
    names = {name for model in models for name in model.model_fields} | set(parameters.RESERVED)
    assert [name for name in sorted(names) if f"`{name}`" not in TEXT] == []
