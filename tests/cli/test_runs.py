"""`filmeto runs ls|show` over a journal as runs leave it."""

import json
from pathlib import Path

import pytest

from filmeto_core.cli import main
from filmeto_core.journal.call_notes import Noted
from filmeto_core.journal.jobs import Wanted
from filmeto_core.journal.journal import Journal
from filmeto_core.money import Money

PRICE = Money(amount="0.04", currency="USD")


def noted(run_id: str, shot: str | None, tool: str, plugin: str = "sketch", **more) -> Noted:
    name = f"{run_id}-{shot}-{tool}"
    return Noted(
        id=name,
        key=name,
        tool=tool,
        plugin=plugin,
        plugin_version="1.0",
        fingerprint="f",
        parameters={"prompt": "a boat"},
        resources=[],
        take=1,
        run_id=run_id,
        film=str(Path("out/keeper").absolute()),
        shot=shot,
        **more,
    )


@pytest.fixture
def journal(home):
    """One film that was made, one run of it that failed and left a job in doubt, one tool call."""
    journal = Journal(home / "journal")
    about = {
        "film": str(Path("out/keeper").absolute()),
        "storyboard": str(Path("keeper.yaml").absolute()),
        "profile": "studio",
    }
    first = journal.begin_run("film", "keeper", **about)
    call = noted(first, "dawn", "text2image")
    journal.began(call)
    journal.worked(call, 2.5, None, ["sha256:aa"])
    journal.end_run(first, "done")
    tool = journal.begin_run("tool", "text2image")
    journal.end_run(tool, "done")
    second = journal.begin_run(
        "film", "keeper", options={"shots": ["dawn", "night"], "draft": True}, **about
    )
    journal.reused(noted(second, "dawn", "text2image"), 2.5, None, ["sha256:aa"])
    lost = noted(second, "night", "image2video", "hosted")
    journal.began(lost)
    jobs = journal.jobs_at_work
    claim = jobs.claim(
        Wanted(
            lost.key, "image2video", "hosted", PRICE, False, False, second, about["film"], "night"
        )
    )
    jobs.begin(claim)
    jobs.doubt(claim, "the connection broke")
    jobs.release(claim)
    journal.ended(lost, "failed", "night · image2video · hosted: the connection broke.")
    journal.end_run(second, "failed", "1 of 2 shots failed:\n  night: the connection broke.")
    journal.first, journal.tool, journal.second = first, tool, second
    yield journal
    journal.close()


@pytest.fixture
def said(capsys, journal):
    def run(*argv: str) -> str:
        assert main(["runs", *argv]) == 0
        return capsys.readouterr().out

    return run


def test_runs_are_listed_newest_first_with_what_came_of_them(said, journal):
    heading, *rows = said("ls").splitlines()
    assert heading.split() == "run state started took calls cached cost film error".split()
    assert [row.split()[0] for row in rows] == [
        run[:8] for run in (journal.second, journal.tool, journal.first)
    ]
    assert "failed" in rows[0] and "0.04 USD" in rows[0] and "out/keeper" in rows[0]
    assert rows[0].endswith("1 of 2 shots failed: night: the connection broke.")
    assert "done" in rows[2] and rows[2].endswith("out/keeper")


def test_a_film_is_named_by_its_folder_and_a_limit_holds(said, journal):
    assert len(said("ls", "--film", "out/keeper").splitlines()) == 3
    assert len(said("ls", "--limit", "1").splitlines()) == 2
    told = json.loads(said("ls", "--json", "--film", "out/keeper"))
    assert [run["id"] for run in told] == [journal.second, journal.first]
    assert told[0]["spent"] == [{"amount": "0.040000", "currency": "USD"}]


def test_a_film_without_runs_is_no_error(said, capsys):
    assert main(["runs", "ls", "--film", "elsewhere"]) == 0
    assert capsys.readouterr() == ("", "there are no runs of elsewhere yet\n")


def test_a_run_is_shown_with_its_calls_its_open_jobs_and_how_to_go_on(said, journal):
    told = said("show", "last")
    assert f"run {journal.second}" in told and "film keeper, failed" in told
    assert "2 calls, 1 from the cache, 0.04 USD spent" in told
    rows = [line.split() for line in told.splitlines() if line.startswith(("dawn", "night"))]
    assert rows[0][:4] == ["dawn", "text2image", "sketch", "cached"]
    assert rows[1][:5] == ["night", "image2video", "hosted", "failed", "1"]
    assert "`runs resume` or `runs retry`" in told
    command = (
        "filmeto film keeper.yaml --out out/keeper --profile studio --shots dawn,night --draft"
    )
    assert told.splitlines()[-1] == f"To go on from here: {command}"


def test_a_run_is_found_by_the_first_characters_of_its_id(said, journal):
    told = json.loads(said("show", journal.first[:8], "--json"))
    assert told["id"] == journal.first and told["calls"][0]["seconds"] == 2.5
    assert told["go_on"].startswith("filmeto film keeper.yaml") and told["open_jobs"] == []
    assert "Again, with nothing made twice" in said("show", journal.first)


def test_a_tools_run_goes_on_by_the_same_command(said, journal):
    assert said("show", journal.tool).splitlines()[-1] == (
        "Again, with nothing made twice: the same command"
    )


@pytest.mark.parametrize("argv", [["show", "zzz"], ["ls", "--limit", "0"], ["show"]])
def test_what_is_not_there_or_no_number_is_wrong_usage(home, argv, capsys):
    try:
        code = main(["runs", *argv])
    except SystemExit as error:
        code = error.code
    assert code == 2 and capsys.readouterr().err.startswith("filmeto")
