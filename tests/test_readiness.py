"""Environments that cannot be built, for real: who serves instead, and what the user is told."""

import asyncio
from pathlib import Path

import pytest

from filmeto_core.errors import PluginEnvironmentError, PluginStartError
from filmeto_core.profiles import find_project
from filmeto_core.readiness import build_all, chosen, make_ready
from filmeto_core.service import FilmetoService
from filmeto_core.settings import Settings
from filmeto_core.types import FilmetoTask

PLUGINS = Path(__file__).resolve().parent / "plugins"
MANIFEST = """
name: studio
version: 1.0.0
description: Needs what nobody can install
tools:
  - name: text2image
    parameters: [{name: prompt, type: string, required: true}]
"""


@pytest.fixture
def service(home, tmp_path, monkeypatch):
    """A profile that prefers a plugin whose requirements cannot be installed."""
    folder = tmp_path / "plugins" / "studio"
    folder.mkdir(parents=True)
    (folder / "plugin.yaml").write_text(MANIFEST)
    (folder / "main.py").write_text("raise SystemExit('never started')")
    (folder / "requirements.txt").write_text(f"gone @ file://{tmp_path}/gone-1-py3-none-any.whl")
    monkeypatch.setenv("FILMETO_PLUGINS", f"{tmp_path / 'plugins'}:{PLUGINS}")

    def open_with(text2image):
        profiles = f"profiles: {{animatic: {{text2image: {text2image}}}}}\n"
        Path("filmeto.yaml").write_text(profiles + "grants: {flaky: {write: ..}}\n")
        opened.append(FilmetoService(Settings(), find_project()))
        return opened[-1]

    opened = []
    yield open_with
    for made in opened:
        made.plugins.close_sync()


def task(tmp_path, **fields):
    counted = {"prompt": "a dot", "counter": str(tmp_path / "calls")}
    return FilmetoTask(tool_name="text2image", parameters=counted, **fields)


async def result_of(service, wanted):
    return [update async for update in service.stream(wanted)][-1]


def test_the_next_plugin_of_the_profile_serves_and_the_user_is_told(service, tmp_path):
    made, wanted = service("[studio, flaky]"), task(tmp_path)
    assert made.plugin_for(wanted).name == "studio"
    (note,) = asyncio.run(make_ready(made, [wanted]))
    assert note.startswith("flaky serves instead of studio: ")
    assert made.plugin_for(wanted).name == "flaky"
    result = asyncio.run(result_of(made, wanted))
    assert result.status == "success" and result.metadata["plugin"] == "flaky"


def test_without_another_plugin_the_error_names_the_one_that_cannot_be_installed(service, tmp_path):
    made = service("studio")
    with pytest.raises(PluginEnvironmentError, match="studio"):
        asyncio.run(make_ready(made, [task(tmp_path)]))


def test_nobody_stands_in_for_a_plugin_that_was_asked_for_by_name(service, tmp_path):
    made = service("[studio, flaky]")
    with pytest.raises(PluginEnvironmentError, match="studio"):
        asyncio.run(make_ready(made, [task(tmp_path, plugin_name="studio")]))


def test_what_installs_needs_no_stand_in(service, tmp_path):
    said = []
    made = service("[flaky, studio]")
    notes = asyncio.run(make_ready(made, [task(tmp_path)], lambda *line: said.append(line)))
    assert notes == [] and all(name == "flaky" for name, _ in said)


def lacking(tmp_path):
    """Make the studio one that needs a program that is not there, and nothing else."""
    folder = tmp_path / "plugins" / "studio"
    (folder / "requirements.txt").unlink()
    with open(folder / "plugin.yaml", "a") as manifest:
        manifest.write("requirements: {programs: [no-such-renderer]}\n")


def test_a_plugin_that_lacks_a_program_is_never_started_and_another_serves(service, tmp_path):
    lacking(tmp_path)
    made, wanted = service("[studio, flaky]"), task(tmp_path)
    (note,) = asyncio.run(make_ready(made, [wanted]))
    assert "no-such-renderer is not on PATH" in note
    assert made.plugin_for(wanted).name == "flaky"


def test_a_call_to_a_plugin_that_lacks_a_program_fails_before_anything_starts(service, tmp_path):
    lacking(tmp_path)
    asked = {"tool_name": "text2image", "plugin_name": "studio"}
    made, wanted = service("studio"), FilmetoTask(parameters={"prompt": "a dot"}, **asked)
    with pytest.raises(PluginStartError, match="no-such-renderer"):
        asyncio.run(make_ready(made, [wanted]))
    result = asyncio.run(result_of(made, wanted))
    assert result.status == "error" and "no-such-renderer is not on PATH" in result.error_message
    assert result.metadata["error"]["code"] == "plugin_start"
    assert not result.metadata["error"]["retryable"]
    assert made.plugins.states()["studio"]["pids"] == []


def test_one_that_cannot_be_built_stops_no_other(service):
    made, said = service("[studio, flaky]"), []
    assert chosen(made)[0] == "studio" and "flaky" in chosen(made)
    failed = asyncio.run(build_all(made, ["studio", "flaky"], ended=said.append))
    assert list(failed) == ["studio"] and sorted(said) == ["flaky", "studio"]
