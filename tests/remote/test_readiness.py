"""Environments of a server's plugins, built before a film's first call; who stands in for whom."""

import asyncio
from pathlib import Path

import pytest
from serving import PLUGINS, serving

from filmeto_core.errors import PluginEnvironmentError, PluginStartError
from filmeto_core.profiles import find_project
from filmeto_core.readiness import make_ready
from filmeto_core.remote.remote_service import RemoteService
from filmeto_core.settings import Settings
from filmeto_core.types import FilmetoTask

MANIFEST = """
name: studio
description: Needs what nobody can install
tools:
  - name: text2image
    parameters: [{name: prompt, type: string, required: true}]
"""
WANTED = FilmetoTask(tool_name="text2image", parameters={"prompt": "a dot"})


@pytest.fixture
def choosing(home, tmp_path, monkeypatch):
    """Makes a service whose profile chooses among a server's plugins; "studio" cannot be built."""
    folder = tmp_path / "plugins" / "studio"
    folder.mkdir(parents=True)
    (folder / "plugin.yaml").write_text(MANIFEST)
    (folder / "main.py").write_text("raise SystemExit('never started')")
    (folder / "requirements.txt").write_text(f"gone @ file://{tmp_path}/gone-1-py3-none-any.whl")
    monkeypatch.setenv("FILMETO_PLUGINS", f"{tmp_path / 'plugins'}:{PLUGINS}")
    made = []
    with serving() as served:

        def choose(text2image):
            Path("filmeto.yaml").write_text(f"profiles: {{animatic: {{text2image: {text2image}}}}}")
            made.append(RemoteService(Settings(api_url=served.url), find_project()))
            return made[-1]

        yield choose
        for one in made:
            one.close_sync()


def test_the_next_plugin_of_the_profile_serves_and_the_user_is_told(choosing):
    here = choosing("[studio, quick]")
    (note,) = asyncio.run(make_ready(here, [WANTED]))
    assert "quick serves instead of studio" in note
    assert here.plugin_for(WANTED).name == "quick"


def test_an_environment_that_nobody_stands_in_for_ends_the_film_before_its_first_call(choosing):
    with pytest.raises(PluginEnvironmentError, match="studio"):
        asyncio.run(make_ready(choosing("studio"), [WANTED]))


def test_what_the_servers_machine_lacks_is_told_without_asking_this_one(choosing, tmp_path):
    folder = tmp_path / "plugins" / "tooled"
    folder.mkdir()
    lacks = "requirements: {programs: [no-such-program-anywhere]}\n"
    (folder / "plugin.yaml").write_text(MANIFEST.replace("studio", "tooled") + lacks)
    (folder / "main.py").write_text("raise SystemExit('never started')")
    with pytest.raises(PluginStartError, match="no-such-program-anywhere is not on PATH"):
        asyncio.run(make_ready(choosing("tooled"), [WANTED]))
