"""A profile is tried by real calls: what works is told, and what does not, with what to do."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from filmeto_core.money import Money
from filmeto_core.profile_trial import all_served, try_profile
from filmeto_core.service import FilmetoService

PLUGINS = Path(__file__).resolve().parent / "plugins"


@pytest.fixture
def tried(home, tmp_path, monkeypatch):
    """A function: the trials of a profile of these entries, by tool, language and plugin."""
    for name in ("jobber", "quick"):
        shutil.copytree(PLUGINS / name, tmp_path / "plugins" / name)
    monkeypatch.setenv("FILMETO_PLUGINS", str(tmp_path / "plugins"))

    def trials(entries: str, spend: str | None = None):
        Path("filmeto.yaml").write_text(f"profiles: {{studio: {{{entries}}}}}")
        service = FilmetoService()

        async def run():
            try:
                money = Money.read(spend) if spend else None
                return [trial async for trial in try_profile(service, "studio", money)]
            finally:
                await service.close()

        return asyncio.run(run())

    return trials


def test_each_tool_is_asked_for_the_smallest_real_thing(tried):
    found = tried("text2image: quick, image2video: quick, text2speak: quick, text2music: quick")
    assert [trial.state for trial in found] == ["ok"] * 4
    assert [trial.found.split(",")[0] for trial in found] == [
        "image/png",
        "video/x-msvideo",
        "audio/wav",
        "audio/wav",
    ]
    assert all_served(found)


def test_what_costs_is_not_asked_without_leave_and_says_for_how_much(tried):
    (trial,) = tried("text2image: jobber")
    assert trial.state == "skipped" and '--spend "0.40 USD"' in trial.advice
    assert not all_served([trial])


def test_leave_counts_for_all_calls_together(tried):
    entries = "text2image: {en: jobber, zh: jobber}"
    assert [trial.state for trial in tried(entries, "0.50 USD")] == ["ok", "skipped"]


def test_a_plugin_that_is_not_there_or_does_not_serve_is_told_and_the_others_go_on(tried):
    found = tried("text2image: [nobody, quick], speak2video: quick")
    assert [trial.state for trial in found] == ["failed", "ok", "failed"]
    assert "there is no such plugin" in found[0].found
    assert "does not serve speak2video" in found[2].found
    assert not all_served(found)


def test_an_error_of_the_call_is_told_with_what_to_do(tried):
    (trial,) = tried("text2image: {plugin: jobber, parameters: {how: refuse}}", "1 USD")
    assert trial.state == "failed" and "the prompt is refused" in trial.found


def test_the_command_tells_each_and_fails_where_a_tool_has_nobody(filmeto, tmp_path):
    shutil.copytree(PLUGINS / "quick", tmp_path / "plugins" / "quick")
    Path("filmeto.yaml").write_text(
        "profiles: {a: {text2image: quick}, b: {text2image: quick, text2video: quick}}"
    )
    env = {"FILMETO_PLUGINS": str(tmp_path / "plugins")}
    good = filmeto("doctor", "--profile", "a", "--json", **env)
    assert good.returncode == 0
    assert [trial["state"] for trial in json.loads(good.stdout)] == ["ok"]
    bad = filmeto("doctor", "--profile", "b", **env)
    assert bad.returncode == 1
    assert "ok      text2image quick" in bad.stdout and "failed  text2video quick" in bad.stdout
    unknown = filmeto("doctor", "--profile", "c", **env)
    assert unknown.returncode == 2 and 'no profile "c"' in unknown.stderr
    dear = filmeto("doctor", "--profile", "a", "--spend", "much", **env)
    assert dear.returncode == 2 and "--spend" in dear.stderr
