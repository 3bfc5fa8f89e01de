"""Two machines, a store in common, and a provider that takes no key: one job, whichever machine is lost."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from filmeto_core.errors import PluginExecutionError, StoreError, SubmissionUnknown
from filmeto_core.profiles import find_project
from filmeto_core.resources.shared_jobs import SharedJobs
from filmeto_core.service import FilmetoService, Reuse
from filmeto_core.settings import Settings
from filmeto_core.types import FilmetoTask

JOBBER = Path(__file__).resolve().parent / "plugins" / "jobber"


class Machine:
    """One with a data folder of its own."""

    def __init__(self, home, share):
        home.mkdir()
        settings = Settings(home=home, store_url=share.as_uri(), store_flush_s=5)
        self.service = FilmetoService(settings, find_project())

    def make(self, how, reuse=Reuse.ALWAYS):
        task = FilmetoTask(
            tool_name="text2image",
            plugin_name="jobber",
            parameters={"prompt": "a dot", "how": how},
        )
        checked = self.service.check(task)
        return asyncio.run(self.service.call(checked, lambda _: None, reuse)).record

    def fails(self, error, how):
        with pytest.raises(error) as caught:
            self.make(how)
        return caught.value

    def jobs(self):
        return self.service.journal.jobs()


@pytest.fixture
def share(tmp_path):
    (tmp_path / "share").mkdir()
    return tmp_path / "share"


@pytest.fixture
def machine(home, tmp_path, share, monkeypatch):
    folder = tmp_path / "plugins" / "jobber"
    shutil.copytree(JOBBER, folder, ignore=shutil.ignore_patterns("outputs"))
    manifest = folder / "plugin.yaml"
    manifest.write_text(manifest.read_text().replace("key: true", "key: false"))
    monkeypatch.setenv("FILMETO_PLUGINS", str(folder.parent))
    made = []

    def make(name):
        made.append(Machine(tmp_path / name, share))
        return made[-1]

    make.sent = lambda: len((folder / "outputs" / "ledger").read_text().splitlines())
    yield make
    for one in made:
        one.service.close_sync()


def test_a_job_that_a_lost_machine_submitted_is_collected_by_the_next(machine):
    lost, other = machine("a"), machine("b")
    lost.fails(PluginExecutionError, "die after telling")
    record = other.make("die after telling")
    assert record.outputs[0].metadata["resumed"] == "job-1"
    assert machine.sent() == 1
    assert [job.state for job in other.jobs()] == ["done"]


def test_a_job_that_nobody_heard_of_again_is_left_to_the_user_on_every_machine(machine):
    lost, other = machine("a"), machine("b")
    lost.fails(SubmissionUnknown, "die before telling")
    error = other.fails(SubmissionUnknown, "die before telling")
    assert "never said what came of it" in str(error)
    assert "filmeto runs retry" in str(error)
    assert other.fails(SubmissionUnknown, "die before telling")
    assert machine.sent() == 1
    (job,) = other.jobs()
    other.service.journal.decide(job.idempotency_key, "dropped")
    other.make("die before telling")
    assert machine.sent() == 2


def test_the_user_gives_the_providers_id_on_another_machine(machine):
    lost, other = machine("a"), machine("b")
    lost.fails(SubmissionUnknown, "die before telling")
    other.fails(SubmissionUnknown, "die before telling")
    other.service.journal.decide(other.jobs()[0].idempotency_key, "submitted", "job-1")
    assert other.make("die before telling").outputs[0].metadata["resumed"] == "job-1"
    assert machine.sent() == 1


def test_a_job_that_is_done_or_failed_stands_in_nobodys_way(machine, share):
    one, other = machine("a"), machine("b")
    one.make("")
    one.service.shared.flush(5)
    other.make("", Reuse.REFRESH)
    assert machine.sent() == 2
    notes = sorted((share / "jobs").rglob("*.json"))
    assert [json.loads(note.read_text())["state"] for note in notes] == ["closed", "closed"]


def test_nothing_is_sent_while_the_store_is_away(machine, share, monkeypatch):
    monkeypatch.setattr("filmeto_core.resources.shared_jobs.PAUSE_S", 0.01)
    monkeypatch.setattr(SharedJobs.__init__, "__defaults__", (0.05,))
    lone = machine("a")
    share.rmdir()
    error = lone.fails(StoreError, "")
    assert error.retryable and "the job was not sent" in str(error)
    assert not (share.parent / "plugins" / "jobber" / "outputs").exists()
    assert lone.jobs() == []
