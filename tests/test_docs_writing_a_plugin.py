"""docs/writing-a-plugin.md: its plugin runs, its transcript is what goes over the wire."""

import asyncio
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import filmeto_core
from filmeto_core.media import probe
from filmeto_core.plugin_host import manifest as manifests
from filmeto_core.plugin_host import parameters, wire
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


def test_the_commands_for_trying_it_by_hand_work(brush, tmp_path):
    script = snippet("sh", 1).replace("/tmp/brush-out", str(tmp_path / "out"))
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    (bin_folder / "python").symlink_to(sys.executable)
    env = {"PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}"}
    package = str(Path(filmeto_core.__file__).parents[1])
    script = f"cd {package} && {script.replace('cd brush', '')}".replace(
        "| python main.py", f"| (cd {brush} && python main.py)"
    )
    done = subprocess.run(["sh", "-c", script], env=env, capture_output=True, text=True, timeout=20)
    messages = [json.loads(line) for line in done.stdout.splitlines()]
    assert messages[0]["method"] == "ready", done.stderr
    assert messages[-1]["result"]["status"] == "success"
    assert (tmp_path / "out" / "picture.png").exists()


def test_the_transcript_is_made_of_messages(brush):
    lines = [line for line in TEXT.splitlines() if line.startswith(("plugin: {", "host:   {"))]
    messages = [wire.parse(line.partition(":")[2].encode()) for line in lines]
    assert len(messages) == 5 and all(messages)
    wanted = PluginCall("t1", "text2image", {}, Path("out")).params("brush", 300)
    assert set(messages[1]["params"]) == set(wanted)


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
