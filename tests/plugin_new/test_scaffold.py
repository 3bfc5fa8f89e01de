"""`plugins new`: what it writes works as it is, for each of the seven tools."""

import subprocess
import sys
from pathlib import Path

import pytest

from filmeto_core.errors import ValidationError
from filmeto_core.plugin_host.manifest import read_manifest
from filmeto_core.plugin_new import scaffold
from filmeto_core.plugin_new.scaffold import new_plugin
from filmeto_core.types import ToolType

ROOT = Path(__file__).resolve().parents[2]
# What makes a call quick, of what the tool takes.
SMALL = {
    "width": 64,
    "height": 64,
    "duration_s": 1.0,
    "speed": 2.0,
}


@pytest.mark.parametrize("tool", list(ToolType))
def test_a_new_plugin_of_each_tool_passes_its_check_as_it_is(tool, tmp_path, home):
    from filmeto_core.plugin_check.check import check_plugin
    from filmeto_core.settings import Settings

    folder = tmp_path / "fresh"
    new_plugin("fresh", [tool], folder)
    manifest, problems = read_manifest(folder / "plugin.yaml")
    assert problems == []
    takes = {spec.name for spec in manifest.tools[0].parameters}
    small = {name: value for name, value in SMALL.items() if name in takes}
    report = check_plugin(folder, settings=Settings(home=home), parameters=small)
    assert {c.id: c.found for c in report.checks if c.state not in ("ok", "note")} == {}
    assert report.of(f"{tool}.outputs").state == "ok"


def test_a_new_plugins_own_tests_pass_under_python_and_under_pytest(tmp_path, home):
    folder = tmp_path / "two-in.one"
    new_plugin("two-in.one", ["text2image", "text2speak"], folder)
    assert (folder / "test_two_in_one.py").exists()
    for how in ([], ["-m", "pytest", "-q", "-p", "no:cacheprovider"]):
        done = subprocess.run(
            [sys.executable, *how, "test_two_in_one.py"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=60,
            env={"PYTHONPATH": str(ROOT), "FILMETO_HOME": str(home), "PATH": "/usr/bin:/bin"},
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_plugin_of_all_seven_tools_reads_well(tmp_path):
    folder = tmp_path / "all"
    files = new_plugin("all", list(ToolType), folder)
    manifest, problems = read_manifest(folder / "plugin.yaml")
    assert problems == []
    assert [tool.name for tool in manifest.tools] == list(ToolType)
    for path in files:
        text = path.read_text()
        assert "__NAME__" not in text and "__TOOLS__" not in text
        if path.suffix == ".py":
            compile(text, path, "exec")
            assert max(map(len, text.splitlines())) <= 100, path.name
    assert "pillow==13.0.0" in (folder / "requirements.txt").read_text()


def test_every_section_of_a_manifest_is_in_a_new_one(tmp_path):
    from filmeto_core.plugin_host.manifest_model import Manifest

    new_plugin("brush", ["text2speak"], tmp_path / "brush")
    text = (tmp_path / "brush" / "plugin.yaml").read_text()
    assert [name for name in Manifest.model_fields if f"{name}:" not in text] == []


def test_the_packages_of_new_plugins_are_those_of_the_bundled_ones():
    pinned = "".join(p.read_text() for p in (ROOT / "plugins").glob("*/requirements.txt"))
    assert scaffold.PILLOW in pinned.splitlines()
    assert scaffold.ENCODER in pinned.splitlines()


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", "a b", "x" * 65, "../up"])
def test_a_name_that_no_manifest_may_have_is_refused(name, tmp_path):
    with pytest.raises(ValidationError, match="the name"):
        new_plugin(name, ["text2image"], tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_an_unknown_tool_is_refused_with_the_one_that_was_meant(tmp_path):
    with pytest.raises(ValidationError, match='Did you mean "text2image"'):
        new_plugin("brush", ["text2imge"], tmp_path / "new")


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ValidationError, match="nothing is overwritten"):
        new_plugin("brush", ["text2image"], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
