"""A film that costs: its budget, its pins, its refreshes, and what its film.json says of them."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest
from prefect.exceptions import ParameterTypeError

from filmeto_core.cli.flow_run import load_flow
from filmeto_core.errors import BudgetError, ResourceProcessingError, ValidationError
from filmeto_core.tasks.runtime import close_service, service

PLUGINS = Path(__file__).resolve().parents[1] / "plugins"
PROFILES = """
profiles:
  bought: {text2image: jobber, image2video: quick, text2speak: quick, text2music: quick}
"""


class Studio:
    """Makes one film, which goes to out/film; each still costs 0.40, and 0.50 in the end."""

    def __init__(self, plugins: Path) -> None:
        self.ledger = plugins / "jobber" / "outputs" / "ledger"
        self.report = Path("out/film/film.json")

    def make(self, *shots, **asked):
        board = {
            "title": "Bought",
            "size": "64x64",
            "fps": 8,
            "profile": "bought",
            "music": "calm",
            "shots": [
                {"prompt": f"a {shot}", "duration_s": 1, "motion": "static", "id": shot}
                if isinstance(shot, str)
                else {"duration_s": 1, "motion": "static", **shot}
                for shot in shots
            ],
        }
        film = load_flow("film.py", "film")
        asyncio.run(film(board, out=Path("out/film"), **asked))
        return json.loads(self.report.read_text())

    def jobs(self):
        """How many jobs the provider was asked for."""
        return len(self.ledger.read_text().splitlines()) if self.ledger.exists() else 0

    def fail_with(self, error, *shots, **asked):
        with pytest.raises(error) as caught:
            self.make(*shots, **asked)
        return caught.value


@pytest.fixture
def studio(home, tmp_path, monkeypatch, prefect_api):
    for name in ("jobber", "quick"):
        shutil.copytree(PLUGINS / name, tmp_path / "plugins" / name)
    monkeypatch.setenv("FILMETO_PLUGINS", str(tmp_path / "plugins"))
    Path("filmeto.yaml").write_text(PROFILES)
    yield Studio(tmp_path / "plugins")
    close_service()


def stills(report):
    return {a["shot"]: a for a in report["assets"] if a["tool"] == "text2image"}


def test_film_json_says_what_was_paid_and_how_often_it_was_tried(studio):
    report = studio.make("boat", "lamp")
    assert report["spent"] == [{"amount": "1.000000", "currency": "USD"}]
    assert [a["cost"]["amount"] for a in stills(report).values()] == ["0.500000"] * 2
    assert {a["attempts"] for a in report["assets"]} == {1}
    run = service().journal.run(report["run"])
    assert (run.state, run.calls, run.cached) == ("done", 5, 0)
    again = studio.make("boat", "lamp")
    assert again["spent"] == report["spent"] and studio.jobs() == 2
    assert service().journal.run("last").cached == 5


def test_a_budget_stops_the_film_and_says_what_is_missing_and_what_it_costs(studio):
    error = studio.fail_with(BudgetError, "boat", "lamp", "rope", "gull", budget="1.20")
    assert "the budget of 1.20 USD stopped the film" in str(error)
    spent = service().journal.spent(str(Path("out/film").absolute()))
    assert studio.jobs() in (2, 3), "0.40 was asked for each, 0.50 was told"
    assert str(spent[0]) in str(error)
    missing = error.details["missing"]
    assert f"{0.40 * len([m for m in missing if 'text2image' in m]):.2f} USD" in str(error)
    assert all("text2image" in name or "image2video" in name for name in missing[:-1])
    assert service().journal.run("last").state == "failed"
    before = studio.jobs()
    studio.fail_with(BudgetError, "boat", "lamp", "rope", "gull", budget="1.20")
    assert studio.jobs() == before, "the same budget buys nothing more"
    report = studio.make("boat", "lamp", "rope", "gull", budget="3.00")
    assert studio.jobs() == 4
    assert report["spent"][0]["amount"] == "2.000000"


def test_a_budget_that_cannot_be_held_is_refused_before_anything_starts(studio):
    error = studio.fail_with(ValidationError, "boat", budget="5 EUR")
    assert "jobber costs in USD" in str(error) and '--budget "5.00 USD"' in str(error)
    error = studio.fail_with(ParameterTypeError, "boat", budget="much")
    assert "budget" in str(error)
    assert studio.jobs() == 0 and service().journal.runs() == []


def test_a_pinned_still_stays_whatever_is_asked(studio):
    chosen = stills(studio.make("boat", "lamp"))["boat"]["digest"]
    boat = {"id": "boat", "prompt": "another boat", "pinned": {"text2image": chosen[:20]}}
    report = studio.make(boat, "lamp")
    assert studio.jobs() == 2
    assert stills(report)["boat"]["digest"] == chosen
    assert stills(report)["boat"]["pinned"]
    kept = Path("out/film/shots/boat/still.png").read_bytes()
    assert kept == Path(stills(report)["boat"]["path"]).read_bytes()


def test_a_pinned_clip_is_the_shot_and_no_still_is_made_for_it(studio):
    first = studio.make("boat", "lamp")
    (clip,) = [a for a in first["assets"] if (a["shot"], a["tool"]) == ("boat", "image2video")]
    boat = {"id": "boat", "prompt": "another boat", "pinned": {"image2video": clip["digest"]}}
    report = studio.make(boat, "lamp")
    assert studio.jobs() == 2
    assert report["film"]["digest"] == first["film"]["digest"], "the same film"
    assert "boat" not in stills(report)


@pytest.mark.parametrize(
    ("digest", "said"),
    [
        ("sha256:" + "0" * 64, "there is no whole file"),
        ("0" * 12, "there is no whole file"),
    ],
)
def test_a_pin_that_the_store_does_not_have_is_refused_before_anything_starts(studio, digest, said):
    boat = {"id": "boat", "prompt": "a boat", "pinned": {"text2image": digest}}
    error = studio.fail_with(ResourceProcessingError, boat)
    assert said in str(error) and error.details["shot"] == "boat"
    assert studio.jobs() == 0


def test_a_pin_of_another_kind_is_refused_with_what_it_is(studio):
    first = studio.make("boat")
    (clip,) = [a for a in first["assets"] if a["tool"] == "image2video"]
    boat = {"id": "boat", "prompt": "a boat", "pinned": {"text2image": clip["digest"]}}
    error = studio.fail_with(ResourceProcessingError, boat)
    assert ", and text2image makes image" in str(error)


def test_a_refresh_makes_one_shot_anew_and_goes_on_where_it_was_stopped(studio):
    before = stills(studio.make("boat", "lamp"))
    assert studio.jobs() == 2
    lamp = {"id": "lamp", "prompt": "a lamp", "motion": "static"}
    broken = {**lamp, "plugin": {"image2video": "jobber"}}
    # The still is made anew; then the run fails, and the same command goes on.
    studio.fail_with(Exception, "boat", {**broken}, refresh=["lamp"])
    report = studio.make("boat", "lamp", refresh=["lamp"])
    assert studio.jobs() <= 3, "the refreshed still is not bought twice"
    assert stills(report)["boat"]["digest"] == before["boat"]["digest"]
    studio.make("boat", "lamp", refresh=["lamp"])
    assert studio.jobs() == 4, "the refresh came to its end: this is another one"
