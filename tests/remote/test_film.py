"""Films whose calls a server computes: warm from one to the next, noted and paid for as at home."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest
from serving import PLUGINS, serving

from filmeto_core.cli.flow_run import load_flow
from filmeto_core.errors import BudgetError, FilmFailedError, PluginNotFoundError
from filmeto_core.plan.planner import plan_film
from filmeto_core.remote.remote_service import RemoteService
from filmeto_core.tasks.runtime import close_service, service

PROFILES = """
profiles:
  quick: {text2image: quick, image2video: quick, text2speak: quick, text2music: quick}
  bought: {text2image: jobber, image2video: quick, text2speak: quick, text2music: quick}
"""


class Studio:
    """Makes films with the plugins of a server; each still of the profile "bought" costs 0.50."""

    def __init__(self, served, plugins: Path) -> None:
        self.served, self._ledger = served, plugins / "jobber" / "outputs" / "ledger"

    def board(self, *shots, profile="quick", **more) -> dict:
        described = [
            {"id": shot, "prompt": f"a {shot}", "duration_s": 1, "motion": "static"} | more
            for shot in shots
        ]
        return {
            "title": "Far away", "size": "64x64", "fps": 8, "profile": profile, "music": "calm",
            "shots": described,
        }  # fmt: skip

    def make(self, *shots, out="film", profile="quick", narration=None, **asked) -> dict:
        more = {"narration": narration} if narration else {}
        film = load_flow("film.py", "film")
        asyncio.run(
            film(self.board(*shots, profile=profile, **more), out=Path("out") / out, **asked)
        )
        return json.loads((Path("out") / out / "film.json").read_text())

    def pids(self) -> list[int]:
        return self.served.desk.service.plugins.states()["quick"]["pids"]

    def jobs(self) -> int:
        return len(self._ledger.read_text().splitlines()) if self._ledger.exists() else 0


@pytest.fixture
def studio(home, tmp_path, monkeypatch, prefect_api):
    for name in ("jobber", "quick"):
        shutil.copytree(PLUGINS / name, tmp_path / "plugins" / name)
    monkeypatch.setenv("FILMETO_PLUGINS", str(tmp_path / "plugins"))
    Path("filmeto.yaml").write_text(PROFILES)
    with serving() as served:
        monkeypatch.setenv("FILMETO_API_URL", served.url)
        monkeypatch.setenv("FILMETO_PLUGINS", "")  # what a film needs is the server's alone
        yield Studio(served, tmp_path / "plugins")
        close_service()


def test_two_films_one_after_the_other_load_a_plugin_once(studio):
    first = studio.make("boat", "lamp", narration="Twice a day.")
    warm = studio.pids()
    second = studio.make("reef", "boat", out="second", narration="Twice a day.")
    assert warm and set(warm) <= set(studio.pids()) and len(studio.pids()) <= 2
    assert isinstance(service(), RemoteService)
    run = service().journal.run(first["run"])
    assert (run.state, run.calls, run.cached) == ("done", 7, 1)  # both say the same
    again = service().journal.run(second["run"])
    assert again.state == "done" and 0 < again.cached < again.calls
    assert {a["plugin"] for a in second["assets"]} == {"quick"}


def test_a_film_that_is_there_is_planned_and_made_of_what_is_there(studio):
    made = studio.make("boat", "lamp")
    plan = plan_film(service(), studio.board("boat", "reef"), out=Path("out/film"))
    assert {(c.shot, c.action) for c in plan.calls if c.tool == "text2image"} == {
        ("boat", "reuse"),
        ("reef", "compute"),
    }
    again = studio.make("boat", "lamp")
    run = service().journal.run(again["run"])
    assert run.cached == run.calls == 5
    assert [a["digest"] for a in again["assets"]] == [a["digest"] for a in made["assets"]]


def test_what_a_film_costs_is_counted_and_held_to_its_budget(studio):
    paid = studio.make("boat", profile="bought")
    assert paid["spent"] == [{"amount": "0.500000", "currency": "USD"}]
    with pytest.raises(BudgetError, match="1.00 USD"):
        studio.make("boat", "lamp", "reef", profile="bought", budget="1.00 USD")
    assert studio.jobs() == 2


def test_a_shot_that_its_plugin_refuses_fails_alone_with_the_plugins_words(studio):
    with pytest.raises(FilmFailedError) as caught:
        studio.make("boat", "unspeakable")
    (told,) = caught.value.details["shots"].values()
    assert told["code"] == "plugin_refused" and "nobody may draw this" in told["message"]
    assert told["details"]["shot"] == "unspeakable" and not caught.value.retryable


def test_a_profile_whose_plugin_the_server_lacks_is_refused_before_the_first_call(studio):
    Path("filmeto.yaml").write_text("profiles:\n  quick: {text2image: elsewhere}\n")
    with pytest.raises(PluginNotFoundError, match="text2image"):
        studio.make("boat")
    assert studio.served.desk.posted.tasks("local", limit=10) == []
