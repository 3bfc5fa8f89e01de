"""Calls of a provider in a plan: what they cost, jobs that are out, refusals; and what was learnt."""

from pathlib import Path

import pytest

from filmeto_core.journal.call_notes import Noted
from filmeto_core.journal.jobs import Wanted
from filmeto_core.money import Money
from filmeto_core.plan.expectations import work
from filmeto_core.plan.planner import plan_film
from filmeto_core.plan.totals import in_one_line
from filmeto_core.service import FilmetoService
from filmeto_core.types import ToolType

MANIFEST = """
name: {name}
version: 1.0.0
description: Pictures of a provider
tools:
  - name: text2image
    parameters:
      - {{name: prompt, type: string, required: true}}
      - {{name: width, type: integer, default: 64}}
      - {{name: height, type: integer, default: 64}}
{more}
"""
BOARD = {
    "size": "64x64",
    "shots": [
        {"id": "dawn", "prompt": "a boat", "duration_s": 2},
        {"id": "dusk", "prompt": "a gull", "duration_s": 2},
    ],
}
PRICED = "pricing: 0.04"
BY_KEY = "pricing: 0.04\nremote: {idempotency_key: true}"
UNPRICED = "remote: {idempotency_key: true}"


@pytest.fixture
def hosted(home, tmp_path, monkeypatch):
    """A service whose stills come from a provider with this in its manifest, and the film's plan."""

    class Hosted:
        def __init__(self, more: str) -> None:
            folder = tmp_path / "plugins" / "hosted"
            folder.mkdir(parents=True)
            (folder / "plugin.yaml").write_text(MANIFEST.format(name="hosted", more=more))
            (folder / "main.py").write_text("raise SystemExit('a plan starts no plugin')\n")
            monkeypatch.setenv("FILMETO_PLUGINS", str(tmp_path / "plugins"))
            profiles = "profiles: {studio: {extends: animatic, text2image: hosted}}\n"
            Path("filmeto.yaml").write_text(profiles)
            self.service = FilmetoService()

        def plan(self, **asked):
            self.service.journal.flush()
            board = {**BOARD, "profile": "studio"}
            return plan_film(self.service, board, out="out/film", **asked)

        def row(self, shot="dawn", **asked):
            return next(
                c for c in self.plan(**asked).calls if (c.shot, c.tool) == (shot, "text2image")
            )

        def out(self, shot="dawn"):
            """Begin a job for the shot's still, as a call does."""
            key, jobs = self.row(shot).key, self.service.journal.jobs_at_work
            price = Money(amount="0.04", currency="USD")
            takes = "true" in (tmp_path / "plugins" / "hosted" / "plugin.yaml").read_text()
            claim = jobs.claim(Wanted(key, "text2image", "hosted", price, takes))
            jobs.begin(claim)
            return jobs, claim

    made = []

    def make(more):
        made.append(Hosted(more))
        return made[-1]

    yield make
    for one in made:
        one.service.close_sync()


def test_what_a_priced_call_costs_is_told_before_it_is_made(hosted):
    plan = hosted(PRICED).plan()
    assert [str(c.cost) for c in plan.calls if c.tool == "text2image"] == ["0.04 USD"] * 2
    assert plan.totals.costs == (Money(amount="0.08", currency="USD"),)
    assert in_one_line(plan.totals) == "4 calls: 4 computed, nobody knows yet how long, 0.08 USD"


def test_a_provider_that_names_no_price_makes_the_total_a_lower_bound(hosted):
    plan = hosted(UNPRICED).plan()
    assert not plan.totals.costs_known
    assert in_one_line(plan.totals).endswith("at a cost that nobody tells")


def test_a_job_that_was_submitted_is_collected_and_costs_nothing_more(hosted):
    here = hosted(PRICED)
    jobs, claim = here.out()
    jobs.submitted(claim, "job-123", None)
    jobs.give_back(claim, "cut off")
    jobs.release(claim)
    at_work = here.row()
    assert at_work.action == "resume"
    here.service.journal.close()  # as when its process ended
    row = here.row()
    assert row.action == "resume" and row.why.startswith("job job-123 was submitted at ")
    assert row.cost is None and here.plan().totals.costs == (Money(amount="0.04"),)


def test_a_job_that_was_begun_is_sent_again_under_the_same_key_if_the_provider_takes_one(hosted):
    here = hosted(BY_KEY)
    jobs, claim = here.out()
    jobs.give_back(claim, "cut off")
    jobs.release(claim)
    here.service.journal.close()
    row = here.row()
    assert row.action == "resume" and row.why.endswith("under the same key: paid once")


def test_a_job_that_nobody_knows_of_waits_for_the_user(hosted):
    here = hosted(PRICED)
    jobs, claim = here.out()
    jobs.doubt(claim, "the connection broke")
    jobs.release(claim)
    here.service.journal.close()
    row = here.row()
    assert row.action == "unknown"
    assert row.why == "nobody can tell whether its provider has it: the connection broke"
    assert "1 unknown" in in_one_line(here.plan().totals)


def test_a_refusal_is_told_again_and_a_refresh_asks_anew(hosted):
    here = hosted(PRICED)
    told = {"code": "plugin_refused", "message": "nobody may draw this.", "hint": "", "details": {}}
    here.service.calls.put_failure(here.row().key, told)
    row = here.row()
    assert row.action == "refused"
    assert row.why == "refused before: nobody may draw this; --refresh SHOT makes it again"
    assert here.row(refresh=["dawn"]).action == "compute"


def test_seconds_are_the_median_of_what_such_calls_took(hosted):
    here = hosted(PRICED)
    for number, seconds in enumerate((1.0, 2.0, 30.0)):
        call = Noted(
            id=str(number),
            key=f"{number:064d}",
            tool="text2image",
            plugin="hosted",
            plugin_version="1.0.0",
            fingerprint="",
            parameters={"prompt": "x"},
            resources=[],
            take=1,
        )
        here.service.journal.began(call)
        here.service.journal.worked(call, seconds, None, [])
    plan = here.plan()
    stills = [call.seconds for call in plan.calls if call.tool == "text2image"]
    assert stills == [2.0, 2.0] and not plan.totals.seconds_known
    assert "at least 4.0 s of work" in in_one_line(plan.totals)


@pytest.mark.parametrize(
    ("tool", "parameters", "amount"),
    [
        (ToolType.IMAGE2VIDEO, {"duration_s": 4.5}, 4.5),
        (ToolType.TEXT2SPEAK, {"text": "It was early."}, 13.0),
        (ToolType.TEXT2IMAGE, {"prompt": "a boat"}, 1.0),
        (ToolType.TEXT2MUSIC, {"duration_s": True}, 1.0),
    ],
)
def test_a_call_is_compared_by_how_much_it_has_to_do(tool, parameters, amount):
    assert work(tool, parameters) == amount


def test_a_call_that_cannot_be_is_told_and_ends_no_plan(hosted):
    here = hosted(PRICED)
    long = {"shots": [{"prompt": "a boat", "duration_s": 600}] * 4, "music": "calm"}
    plan = plan_film(here.service, {**long, "profile": "studio"}, out="out/film")
    (score,) = [call for call in plan.calls if call.tool == "text2music"]
    assert score.action == "refused" and score.why.startswith("duration_s: expected a number")
