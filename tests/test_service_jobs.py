"""A call whose job is out at a provider: collected after every end, paid for once, or left to the user."""

import asyncio
import json
import multiprocessing
import os
import shutil
import signal
from pathlib import Path

import pytest

from filmeto_core.errors import (
    BudgetError,
    PluginCrashed,
    PluginExecutionError,
    PluginRefused,
    StoreError,
    SubmissionUnknown,
)
from filmeto_core.money import Money
from filmeto_core.place import Place
from filmeto_core.profiles import find_project
from filmeto_core.service import FilmetoService, Reuse
from filmeto_core.settings import Settings
from filmeto_core.tasks.film_run import settle_collected
from filmeto_core.types import FilmetoTask, ProgressType

FOLDER = Path(__file__).resolve().parent / "plugins" / "jobber"


class Studio:
    """A service over a copy of the plugin, and what its provider was asked to make."""

    def __init__(self, tmp_path):
        self.folder = tmp_path / "plugins" / "jobber"
        self.service = FilmetoService(Settings(), find_project())

    def jobs(self):
        ledger = self.folder / "outputs" / "ledger"
        return [json.loads(line) for line in ledger.read_text().splitlines()]

    async def call(
        self, how="", prompt="a dot", reuse=Reuse.ALWAYS, place=None, update=None, **more
    ):
        task = FilmetoTask(
            tool_name="text2image",
            plugin_name="jobber",
            parameters={"prompt": prompt, "how": how},
            **more,
        )
        checked = self.service.check(task)
        place = place or Place()
        return await self.service.call(checked, update or (lambda _: None), reuse, place=place)

    def make(self, how="", **more):
        return asyncio.run(self.call(how, **more)).record

    def fails(self, error, how, **more):
        with pytest.raises(error) as caught:
            self.make(how, **more)
        return caught.value

    def kept(self):
        return self.service.journal.jobs()


@pytest.fixture
def plugins(home, tmp_path, monkeypatch):
    shutil.copytree(FOLDER, tmp_path / "plugins" / "jobber")
    monkeypatch.setenv("FILMETO_PLUGINS", str(tmp_path / "plugins"))
    return tmp_path


@pytest.fixture
def studio(plugins):
    made = Studio(plugins)
    yield made
    made.service.close_sync()


@pytest.fixture
def keyless(plugins):
    """The provider takes no key."""
    manifest = plugins / "plugins" / "jobber" / "plugin.yaml"
    manifest.write_text(manifest.read_text().replace("key: true", "key: false"))


def told(record):
    return record.outputs[0].metadata


def test_a_job_costs_what_was_told_and_is_closed_with_its_result(studio):
    record = studio.make()
    (job,) = studio.kept()
    assert (job.state, str(job.cost), str(record.cost)) == ("done", "0.50 USD", "0.50 USD")
    assert told(record)["key"] == job.idempotency_key == studio.jobs()[0]["key"]
    assert studio.make().id == record.id
    assert len(studio.jobs()) == 1


def test_what_was_charged_in_the_end_counts(studio):
    assert str(studio.make("charge").cost) == "0.25 USD"
    assert str(studio.kept()[0].cost) == "0.25 USD"


def test_a_plugin_that_dies_after_it_told_is_asked_to_collect(studio):
    error = studio.fails(PluginCrashed, "die after telling")
    assert error.retryable
    record = studio.make("die after telling")
    assert told(record)["resumed"] == told(record)["job"] == studio.jobs()[0]["job"]
    assert len(studio.jobs()) == 1
    assert record.attempts == 2


def test_between_acceptance_and_telling_the_key_makes_it_one_job(studio):
    studio.fails(PluginCrashed, "die before telling")
    record = studio.make("die before telling")
    assert told(record)["resumed"] is None
    assert len(studio.jobs()) == 1
    assert [job.state for job in studio.kept()] == ["done"]


def test_without_a_key_that_moment_ends_as_unknown_and_stays_so(keyless, studio):
    error = studio.fails(SubmissionUnknown, "die before telling")
    assert isinstance(error.__cause__, PluginCrashed)
    assert not error.retryable
    studio.fails(SubmissionUnknown, "die before telling")
    assert len(studio.jobs()) == 1
    (job,) = studio.kept()
    assert job.state == "unknown"
    studio.service.journal.decide(job.idempotency_key, "submitted", "job-1")
    assert told(studio.make("die before telling"))["resumed"] == "job-1"
    assert len(studio.jobs()) == 1


def test_a_free_provider_is_asked_again_without_a_key(keyless, plugins, studio):
    """Nobody can tell whether the job is there, and it costs nothing to have it twice."""
    manifest = plugins / "plugins" / "jobber" / "plugin.yaml"
    manifest.write_text(manifest.read_text().replace("pricing: 0.40", "pricing: 0"))
    studio.fails(PluginCrashed, "die before telling")
    studio.make("die before telling")
    assert [job.state for job in studio.kept()] == ["done"]


def test_an_unknown_job_that_the_user_drops_is_sent_anew(keyless, studio):
    studio.fails(SubmissionUnknown, "die before telling")
    studio.service.journal.decide(studio.kept()[0].idempotency_key, "dropped")
    studio.make("die before telling")
    assert len(studio.jobs()) == 2


def test_a_plugin_that_cannot_tell_says_so(keyless, studio):
    error = studio.fails(SubmissionUnknown, "cannot tell")
    assert "the connection broke while the job was sent" in str(error)
    assert studio.kept()[0].state == "unknown"


def test_a_busy_provider_that_took_nothing_leaves_nothing_unknown(keyless, studio):
    error = studio.fails(PluginExecutionError, "busy")
    assert error.retryable
    record = studio.make("busy")
    assert [(job.state, str(job.cost)) for job in studio.kept()] == [
        ("failed", "0.00 USD"),
        ("done", "0.50 USD"),
    ]
    assert record.attempts == 2


def test_a_plugin_s_bug_after_it_told_costs_no_second_job(studio):
    studio.fails(PluginExecutionError, "bug after telling")
    assert studio.kept()[0].state == "submitted"
    assert told(studio.make("bug after telling"))["resumed"]
    assert len(studio.jobs()) == 1


def test_a_job_that_failed_at_the_provider_is_followed_by_a_new_one(studio):
    studio.fails(PluginExecutionError, "job fails")
    assert [job.state for job in studio.kept()] == ["failed"]
    studio.make("job fails")
    names = {job.idempotency_key for job in studio.kept()}
    assert len(names) == len(studio.jobs()) == 2


def test_a_refresh_is_another_job_under_another_key(studio):
    first = studio.make()
    second = studio.make(reuse=Reuse.REFRESH)
    assert first.id != second.id
    assert len({job["key"] for job in studio.jobs()}) == 2


def test_a_refresh_that_was_done_before_its_run_was_stopped_is_not_done_again(studio):
    studio.make()
    began = studio.make(reuse=Reuse.REFRESH)
    place = Place(fresh_since=began.created_at)
    assert studio.make(reuse=Reuse.REFRESH, place=place).id == began.id
    assert len(studio.jobs()) == 2


def test_a_cancelled_call_that_was_submitted_is_collected_by_the_next(studio):
    async def go():
        begun = asyncio.Event()

        def update(progress):
            if progress.type is ProgressType.PROGRESS:
                begun.set()

        work = asyncio.create_task(studio.call("wait", update=update))
        await asyncio.wait_for(begun.wait(), 20)
        while not [job for job in studio.kept() if job.state == "submitted"]:
            await asyncio.sleep(0.005)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work

    asyncio.run(go())
    (job,) = studio.kept()
    assert job.state == "submitted"
    assert [call.state for call in _calls(studio)] == ["cancelled"]


def _calls(studio):
    studio.service.journal.flush()
    sql = "SELECT * FROM calls ORDER BY started_at"
    return studio.service.journal._calls(sql, ())


def test_a_process_killed_at_any_moment_leaves_one_job_to_collect(plugins):
    """The whole process is killed -9 while the job runs; the next one collects it."""
    ready = multiprocessing.get_context("fork").Event()

    def work():
        mine = Studio(plugins)

        async def go():
            call = asyncio.create_task(mine.call("wait"))
            while not [job for job in mine.kept() if job.state == "submitted"]:
                await asyncio.sleep(0.005)
            ready.set()
            await call

        asyncio.run(go())

    child = multiprocessing.get_context("fork").Process(target=work)
    child.start()
    assert ready.wait(20)
    os.kill(child.pid, signal.SIGKILL)
    child.join(5)
    studio = Studio(plugins)
    try:
        (job,) = studio.kept()
        assert (job.state, job.job_id) == ("submitted", studio.jobs()[0]["job"])
        manifest = studio.service.check(_task("wait"))
        assert manifest.plugin.name == "jobber"

        async def collect():
            call = asyncio.create_task(studio.call("wait"))
            while studio.kept()[0].attempts < 2:
                await asyncio.sleep(0.005)
            call.cancel()
            await asyncio.wait([call])

        asyncio.run(collect())
        assert len(studio.jobs()) == 1
    finally:
        studio.service.close_sync()


def _task(how):
    return FilmetoTask(
        tool_name="text2image", plugin_name="jobber", parameters={"prompt": "a dot", "how": how}
    )


def test_a_budget_stops_before_the_call_that_would_cross_it(studio):
    place = Place(film="/film", budget=Money.read("1.20"))
    studio.make(prompt="one", place=place)
    studio.make(prompt="two", place=place)
    error = studio.fails(BudgetError, "", prompt="three", place=place)
    assert "1.00 USD is spent" in str(error)
    assert len(studio.jobs()) == 2
    assert studio.make(prompt="two", place=place)  # what is done costs nothing again


def test_calls_side_by_side_never_cross_a_budget(studio):
    place = Place(film="/film", budget=Money.read("1.20"))

    async def go():
        calls = [studio.call(prompt=str(n), place=place) for n in range(6)]
        return await asyncio.gather(*calls, return_exceptions=True)

    ended = asyncio.run(go())
    refused = [end for end in ended if isinstance(end, BudgetError)]
    assert len(ended) - len(refused) == len(studio.jobs()) <= 3
    (spent,) = studio.service.journal.spent("/film")
    assert spent.amount <= Money.read("1.50").amount, "0.40 was asked for each, 0.50 was told"


def test_a_refused_prompt_closes_its_job_for_nothing(studio):
    studio.fails(PluginRefused, "refuse")
    assert [(job.state, str(job.cost)) for job in studio.kept()] == [("failed", "0.00 USD")]


def test_a_refusal_is_told_again_at_once_and_not_asked_for_again(studio):
    studio.fails(PluginRefused, "refuse")
    calls = len(_calls(studio))
    error = studio.fails(PluginRefused, "refuse")
    assert "the prompt is refused" in str(error) and "--refresh SHOT" in str(error)
    assert len(_calls(studio)) == calls
    studio.fails(PluginRefused, "refuse", reuse=Reuse.REFRESH)
    assert len(_calls(studio)) == calls + 1, "it was asked for once more, as told to"


@pytest.fixture
def disk(studio, monkeypatch):
    """Makes one kind of the journal's writes fail as a full disk does, so many times."""
    jobs = studio.service.journal.jobs_at_work

    def fill(name, times):
        write, left = getattr(jobs, name), [times]

        def full(*given):
            if left[0]:
                left[0] -= 1
                raise StoreError("There is no room left.", hint="Make room there.")
            return write(*given)

        monkeypatch.setattr(jobs, name, full)

    return fill


@pytest.mark.parametrize("times", [1, 2])
def test_a_job_that_could_not_be_kept_is_no_second_one(studio, disk, times):
    """The disk is full when the provider has just taken the job; perhaps still a moment later."""
    disk("submitted", times)
    error = studio.fails(PluginExecutionError, "")
    assert "There is no room left" in str(error)
    record = studio.make()
    assert len(studio.jobs()) == 1
    assert (told(record)["resumed"] is not None) == (times == 1)


def test_a_full_disk_at_the_very_end_costs_no_result(studio, disk):
    disk("close", 1)
    record = studio.make()
    assert studio.make().id == record.id
    settle_collected(studio.service.journal, studio.service.calls)
    assert [job.state for job in studio.kept()] == ["submitted"], "this process has it in hand"
    assert len(studio.jobs()) == 1


def test_a_full_disk_before_the_call_ends_it_before_anything_is_paid(studio, disk):
    disk("begin", 1)
    studio.fails(StoreError, "")
    assert studio.kept() == []
    studio.make()
    assert len(studio.jobs()) == 1
