"""Films that wait for the review of their stills: answered, changed, refused, killed, gone on with."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType
from prefect.states import Cancelling

from filmeto_core.cli.flow_run import load_flow
from filmeto_core.cli.parser import parse
from filmeto_core.errors import ConflictError, FilmetoError
from filmeto_core.plan.planner import plan_film
from filmeto_core.review.ledger import Ledger
from filmeto_core.review.models import Answered, ShotEdit
from filmeto_core.tasks.runtime import close_service, service
from filmeto_core.tasks.waiting_runs import WaitingRun, answer_run, waiting_runs
from filmeto_core.types import utc_now

ROOT = Path(__file__).resolve().parents[2]
WAIT_S = 150  # for a run to come to its question, on a busy machine
PROFILES = """
profiles:
  quick: {text2image: quick, image2video: quick, text2speak: quick}
"""
STORY = """\
# mine
title: Two lamps
size: 64x64
fps: 8
profile: quick
review: stills    # I look first
shots:
  # we open wide
  - id: dawn
    prompt: a quay    # slowly
    narration: It was early.
  - {id: storm, prompt: waves, duration_s: 1}
"""


@pytest.fixture
def work(home, tmp_path, monkeypatch, prefect_api):
    """A working folder with a storyboard and a plugin that draws in a moment."""
    shutil.copytree(ROOT / "tests" / "plugins" / "quick", tmp_path / "plugins" / "quick")
    monkeypatch.setenv("FILMETO_PLUGINS", str(tmp_path / "plugins"))
    Path("filmeto.yaml").write_text(PROFILES)
    Path("story.yaml").write_text(STORY)
    yield Path.cwd()
    close_service()


class Making:
    """A film that is made in a thread, as a command would make it."""

    def __init__(self, storyboard, **asked) -> None:
        self.result, self.error = None, None
        asked = {"out": Path("out"), **asked}
        self._thread = threading.Thread(target=self._run, args=[storyboard, asked], daemon=True)
        self._thread.start()

    def _run(self, storyboard, asked) -> None:
        try:
            self.result = asyncio.run(load_flow("film.py", "film")(storyboard, **asked))
        except BaseException as error:
            self.error = error

    def asks(self, after: int = 0) -> WaitingRun:
        """What it asks, once it has got `after` answers."""
        return asked(lambda: not self._thread.is_alive() and pytest.fail(str(self.error)), after)

    def done(self):
        self._thread.join(WAIT_S)
        assert self.error is None, self.error
        return self.result


def asked(look=lambda: None, after: int = 0) -> WaitingRun:
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        for run in waiting_runs():
            mine = run.asking.out == str(Path("out").absolute())
            if mine and len(kept()["answers"]) == after:
                return run
        look()
        time.sleep(0.1)
    pytest.fail("nothing was asked")


def kept() -> dict:
    return json.loads(Path("out/review.json").read_text())


def filmeto(*argv: str):
    options = parse(list(argv))
    return options.command(options)


def stills(run: WaitingRun) -> dict[str, str]:
    return {shot.id: shot.still for shot in run.asking.shots}


def made_anew() -> set[tuple[str, str]]:
    """What the last run computed, by the journal."""
    journal = service().journal
    journal.flush()
    calls = journal.calls(journal.runs(1)[0].id)
    return {(call.shot, call.tool) for call in calls if not call.cached}


def test_a_film_is_changed_until_it_is_approved_and_never_asks_again(work, capsys):
    making = Making(Path("story.yaml"))
    first = making.asks()
    assert Path(first.asking.sheet).stat().st_size > 1000 and not first.suspended
    assert [shot.new for shot in first.asking.shots] == [True, True]
    held = {digest for film in service().store.holds.films() for digest in film.digests}
    assert set(stills(first).values()) <= held  # for days, whatever `store gc` is told
    assert not Path("out/shots/dawn/clip.mp4").exists() and not list(Path("out").glob("*.mp4"))
    with pytest.raises(FilmetoError, match="prompt is empty"):
        answer_run(first, {"decision": "change", "prompts": {"dawn": ""}})
    change = {"decision": "change", "prompts": {"dawn": "a pier: fog"}, "other_takes": ["storm"]}
    answer_run(first, change)
    second = making.asks(after=1)
    assert second.asking.told == "Changed: dawn (new prompt), storm (take 2)."
    assert not stills(first).items() & stills(second).items()
    with pytest.raises(ConflictError, match="somebody answered it"):
        answer_run(first, {"decision": "approve"})  # to what was asked before
    assert filmeto("review", second.id[:12]) is None
    told = capsys.readouterr()
    assert "  Changed: dawn (new prompt), storm (take 2).\n" in told.out
    assert "    dawn   a pier: fog\n    storm  (take 2) waves\n" in told.out
    assert "--take dawn" in told.err
    with pytest.raises(FilmetoError, match='Did you mean "dawn"') as refused:
        filmeto("review", second.id[:12], "--take", "drawn")
    assert refused.value.handling.exit_code == 2
    filmeto("review", second.id[:12], "--prompt", "dawn=a harbour")
    assert "Two lamps: asked for dawn by its new prompt\n" in capsys.readouterr().err
    third = making.asks(after=2)
    assert stills(third)["storm"] == stills(second)["storm"]
    assert [shot.id for shot in third.asking.shots if shot.changed] == ["dawn"]
    filmeto("review", third.id, "--approve")
    files = making.done()

    text = Path("story.yaml").read_text()
    assert text == STORY.replace("a quay ", "a harbour ").replace(
        "- {id: storm, prompt: waves, duration_s: 1}",
        "- id: storm\n    prompt: waves\n    duration_s: 1\n    take: 2",
    )
    assert files.calls == 5 and service().journal.runs(1)[0].state == "done"
    assert plan_film(service(), "story.yaml", out="out").notes == ()
    Making(Path("story.yaml")).done()
    assert made_anew() == set()
    Path("story.yaml").write_text(text.replace("prompt: waves", "prompt: rain"))
    (note,) = plan_film(service(), "story.yaml", out="out").notes
    assert note == "review: before any clip is made, the run waits until you approve storm"
    Making(Path("story.yaml"), approve=True).done()
    assert made_anew() == {("storm", "text2image"), ("storm", "image2video")}
    assert plan_film(service(), "story.yaml", out="out").notes == ()


def test_a_storyboard_without_a_file_keeps_its_changes_beside_the_film(work):
    board = {
        "title": "Given",
        "size": "64x64",
        "fps": 8,
        "profile": "quick",
        "review": "stills",
        "shots": [{"id": "one", "prompt": "a quay", "duration_s": 1}],
    }
    making = Making(board)
    answer_run(making.asks(), {"decision": "change", "prompts": {"one": "a pier"}})
    answer_run(making.asks(after=1), {"decision": "approve"})
    making.done()
    assert kept()["answers"][0]["kept_in"] == "here"
    files = Making(board).done()
    (still, _) = json.loads(Path(files.report).read_text())["assets"][::-1]
    assert still["parameters"]["prompt"] == "a pier" and made_anew() == set()


def test_edits_that_a_process_was_killed_at_are_done_by_the_next_one(work):
    edit = ShotEdit(shot="storm", prompt="rain", prompt_before="waves", take=3, take_before=1)
    answer = Answered(flow_run="killed", at=utc_now(), decision="change", edits=(edit,))
    Ledger(Path("out").absolute()).answered(answer)  # and no more
    Making(Path("story.yaml"), approve=True).done()
    assert "prompt: rain\n" in (text := Path("story.yaml").read_text()) and "take: 3\n" in text
    assert kept()["answers"][0]["kept_in"] == "storyboard"
    report = json.loads(Path("out/film.json").read_text())
    asked = {a["parameters"]["prompt"] for a in report["assets"] if a["tool"] == "text2image"}
    assert asked == {"a quay", "rain"}


def test_a_storyboard_that_cannot_be_changed_keeps_them_there_as_well_and_says_so(work):
    making = Making(Path("story.yaml"))
    run = making.asks()
    Path("story.yaml").write_text("title: [")  # its author is at it
    answer_run(run, {"decision": "change", "prompts": {"storm": "rain"}})
    run = making.asks(after=1)
    assert run.asking.told.startswith("That could not be done: ")
    assert Path("story.yaml").read_text() == "title: ["
    Path("story.yaml").write_text(STORY.replace("storm", "night"))
    answer_run(run, {"decision": "change", "prompts": {"storm": "rain"}})
    run = making.asks(after=2)
    assert 'no shot "storm"' in run.asking.told
    answer_run(run, {"decision": "approve"})
    making.done()


def test_a_run_that_is_cancelled_in_prefect_while_it_waits_ends_and_says_how_to_go_on(work):
    making = Making(Path("story.yaml"))
    run = making.asks()
    with get_client(sync_client=True) as client:
        client.set_flow_run_state(run.id, Cancelling())  # as its Cancel button does
        making._thread.join(WAIT_S)
        assert client.read_flow_run(run.id).state.is_cancelled()
    assert service().journal.runs(1)[0].state == "cancelled"
    assert "cancelled in Prefect while it waited" in str(making.error)
    assert "the same command goes on" in str(making.error)


SERVE = """
import sys
sys.path.insert(0, sys.argv[1])
import film
film.film.serve(name="review")
"""


@pytest.fixture
def runner(work):
    """Starts a process that serves the film flow as a deployment; each is killed in the end."""
    started = []

    def start() -> subprocess.Popen:
        env = {**os.environ, "PYTHONPATH": str(ROOT), "PREFECT_RUNNER_POLL_FREQUENCY": "1"}
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(ROOT / "flows")],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=env,
        )
        started.append(process)
        next(line for line in process.stdout if "film/review" in line)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_worker_that_is_killed_while_the_run_waits_loses_nothing(work, runner):
    first = runner()
    with get_client(sync_client=True) as client:
        deployment = client.read_deployment_by_name("film/review")
        parameters = {"storyboard": "story.yaml", "out": "out"}
        run_id = client.create_flow_run_from_deployment(deployment.id, parameters=parameters).id
        run = asked()
        assert run.id == str(run_id) and run.suspended
        assert service().journal.runs(1)[0].state == "waiting"
        first.kill()  # -9: nothing of the run is at work, and nobody will tell Prefect
        first.wait()
        before = stills(run)
        answer_run(run, {"decision": "change", "prompts": {"storm": "rain"}})
        runner()
        run = asked(after=1)
        assert stills(run)["dawn"] == before["dawn"] != stills(run)["storm"]
        assert "prompt: rain" in Path("story.yaml").read_text()
        answer_run(run, {"decision": "approve"})
        end = time.monotonic() + WAIT_S
        while not (state := client.read_flow_run(run_id).state).is_final():
            assert time.monotonic() < end, state
            time.sleep(0.2)
    assert state.type is StateType.COMPLETED
    assert made_anew() == {("dawn", "image2video"), ("storm", "image2video")}
