"""The paid plugin under the host and the journal, against its provider over real HTTP."""

import asyncio
import contextlib
from decimal import Decimal

import pytest
from paid_ledger import count, entries
from paid_provider import Switches, provider_at
from stage import copy_plugin

from filmeto_core.errors import PluginExecutionError, PluginRefused, SubmissionUnknown
from filmeto_core.profiles import find_project
from filmeto_core.service import FilmetoService, Reuse
from filmeto_core.settings import Settings
from filmeto_core.types import FilmetoTask

TROUBLED = {"slow_s": 0.02, "lose_after": 1.0}


class Studio:
    """A service over the paid plugin, and its provider."""

    def __init__(self, server, state):
        self.server, self.service = server, FilmetoService(Settings(), find_project())
        self.asked = lambda: count(entries(state), "film")

    def make(self, prompt="a lamp"):
        parameters = {"prompt": prompt, "seed": 1}
        about = {"tool_name": "text2image", "plugin_name": "paid_0", "parameters": parameters}
        call = self.service.call
        checked = self.service.check(FilmetoTask(**about))
        return asyncio.run(call(checked, lambda _: None, Reuse.ALWAYS))

    def jobs(self):
        return [(job.state, job.job_id) for job in self.service.journal.jobs()]


@pytest.fixture
def studio(home, tmp_path, monkeypatch):
    """studio(keyless=False, ...switches)."""
    with contextlib.ExitStack() as stack:

        def open_one(keyless=False, **switches):
            (tmp_path / "plugins").mkdir()
            copy_plugin("paid", tmp_path / "plugins")
            if keyless:
                manifest = tmp_path / "plugins" / "paid_0" / "plugin.yaml"
                told = manifest.read_text()
                manifest.write_text(told.replace("idempotency_key: true", "idempotency_key: false"))
                monkeypatch.setenv("PAID_PROVIDER_KEYLESS", "1")
            state = tmp_path / "provider"
            switches = Switches(keyless=keyless, **{"slow_s": 0.02, **switches})
            server = stack.enter_context(provider_at(state, switches))
            monkeypatch.setenv("PAID_PROVIDER_URL", f"{server.url}/film")
            monkeypatch.setenv("FILMETO_PLUGINS", str(tmp_path / "plugins"))
            made = Studio(server, state)
            stack.callback(made.service.close_sync)
            return made

        yield open_one


def test_a_call_is_one_job_with_its_cost_and_then_none(studio):
    here = studio()
    made = here.make()
    assert made.record.cost.amount == Decimal("0.04") and not made.cached
    assert here.make().cached
    ((state, job),) = here.jobs()
    assert state == "done" and job == made.record.outputs[0].metadata["job"]
    assert here.asked().jobs == 1


def test_an_answer_lost_after_acceptance_costs_no_second_job(studio):
    here = studio(**TROUBLED)
    with pytest.raises(PluginExecutionError) as lost:
        here.make()
    assert lost.value.retryable and here.jobs() == [("begun", None)]
    here.server.switches = Switches(slow_s=0.02)
    here.make()
    assert here.asked().jobs == 1 and here.jobs()[0][0] == "done"


def test_without_a_key_it_is_unknown_until_the_user_decides(studio):
    here = studio(keyless=True, **TROUBLED)
    for _ in range(2):  # the second time nothing is sent at all
        with pytest.raises(SubmissionUnknown):
            here.make()
    assert here.asked().jobs == 1
    here.server.switches = Switches(keyless=True, slow_s=0.02)
    (job,) = here.service.journal.jobs()
    (made,) = entries(here.server.state)
    here.service.journal.decide(job.idempotency_key, "submitted", made.job)
    assert not here.make().cached and here.asked().jobs == 1
    assert here.jobs() == [("done", made.job)]


def test_a_refused_prompt_is_told_again_without_asking_again(studio):
    here = studio()
    for _ in range(2):
        with pytest.raises(PluginRefused, match="refuses this"):
            here.make("forbidden fruit")
    assert here.asked().jobs == 0


def test_a_job_that_the_provider_lost_is_over(studio):
    here = studio()
    with pytest.raises(PluginExecutionError, match="lost job"):
        here.make("it vanishes")
    assert here.jobs()[0][0] == "failed"
