"""Runs whose machine is gone: the server marks each, wherever in its life it was lost."""

import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.states import Completed, Pending, Running

from filmeto_core.deployment import register, zombies

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 10.0  # what 100 s are to users

# The process of a run, up to where its flow begins: any flow, not only those that call tools.
STARTS = """\
import os, sys, time
from prefect.client.orchestration import get_client
from prefect.states import Running
from filmeto_core.deployment.pull import open_project

open_project(sys.argv[1])
with get_client(sync_client=True) as client:
    client.set_flow_run_state(os.environ["PREFECT__FLOW_RUN_ID"], Running())
print("running", flush=True)
time.sleep(600)
"""


@flow
def lost():
    """Never runs."""


@pytest.fixture(scope="module")
def runs(prefect_api, tmp_path_factory):
    """Runs by what became of their machines; the server has as little patience as a test."""
    project = tmp_path_factory.mktemp("project")
    (project / "filmeto.yaml").write_text("profiles: {}\n")
    with pytest.MonkeyPatch.context() as patch, get_client(sync_client=True) as client:
        patch.setenv("FILMETO_HOME", str(tmp_path_factory.mktemp("home")))
        register(project)
        patch.setattr(zombies, "SILENCE_S", PATIENCE_S)
        patch.setattr(zombies, "GONE", "it is gone.")  # and not by those that are patient
        called(patch, "with a short patience")
        assert zombies.ensure(client) == ["new"] * 3
        yield {
            "taken by a worker": taken(client),
            "taken, and cancelled": cancelled(client, taken(client)),
            "running": killed_at_its_start(client, project),
            "running, and cancelled": cancelled(client, killed_at_its_start(client, project)),
            "running, and forgotten by the server": forgotten(client),
            "of another pool": elsewhere(client),
            "done": done(client),
        }
        forget(client)


def called(patch, how):
    """Have `zombies` keep automations of other names."""
    for name in ("SILENT", "UNBEGUN", "UNSTOPPED"):
        patch.setattr(zombies, name, f"filmeto: {name}, {how}")


def forget(client):
    for one in zombies.automations():
        (made,) = client.read_automations_by_name(one.name)
        client.delete_automation(made.id)


def taken(client):
    """A run of a deployment that a worker has taken, and no more."""
    deployment = client.read_deployment_by_name("film/animatic")
    run = client.create_flow_run_from_deployment(
        deployment.id, parameters={"storyboard": "story.yaml"}, state=Pending()
    )
    return run.id


def cancelled(client, run_id):
    """The same, cancelled in the UI: nobody is there to stop it."""
    cancelling = {"state": {"type": "CANCELLING"}}
    answer = client.request("POST", f"/flow_runs/{run_id}/set_state", json=cancelling)
    assert answer.json()["status"] == "ACCEPT"
    return run_id


def killed_at_its_start(client, project):
    """A run that was killed between being Running and the first line of its flow."""
    run_id = taken(client)
    process = subprocess.Popen(
        [sys.executable, "-c", STARTS, str(project)],
        env={**os.environ, "PREFECT__FLOW_RUN_ID": str(run_id), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
    )
    with process:
        try:
            assert process.stdout.readline() == b"running\n"
        finally:
            process.kill()
    return run_id


def forgotten(client):
    """A run that the server waits for no more: it was away when its machine was lost."""
    run_id = taken(client)
    client.set_flow_run_state(run_id, Running())  # it began, and so its start is not waited for
    assert zombies.ask_after(client) >= 1  # as `filmeto up` does, on any machine
    return run_id


def elsewhere(client):
    """A run that no pool of ours has: what says nothing is let be, however long it takes."""
    run = client.create_flow_run(lost, state=Pending())
    client.set_flow_run_state(run.id, Running())
    return run.id


def done(client):
    run_id = taken(client)
    client.set_flow_run_state(run_id, Running(), force=True)
    client.set_flow_run_state(run_id, Completed(), force=True)
    return run_id


def state_of(run_id):
    with get_client(sync_client=True) as client:
        return client.read_flow_run(run_id).state


@pytest.mark.parametrize(
    ("lost", "marked"),
    [
        ("taken by a worker", "Crashed"),
        ("running", "Crashed"),
        ("running, and forgotten by the server", "Crashed"),
        ("taken, and cancelled", "Cancelled"),
        ("running, and cancelled", "Cancelled"),
    ],
)
def test_a_run_whose_machine_is_gone_is_marked(runs, lost, marked):
    end = time.monotonic() + 60
    while not (state := state_of(runs[lost])).is_final():
        assert time.monotonic() < end, state
        time.sleep(0.5)
    assert state.name == marked
    assert "it is gone" in state.message


def test_what_ended_and_what_filmeto_does_not_run_is_let_be(runs):
    test_a_run_whose_machine_is_gone_is_marked(runs, "running", "Crashed")  # so long at least
    assert state_of(runs["of another pool"]).is_running()
    assert state_of(runs["done"]).is_completed()


def test_a_zombie_is_marked_within_two_minutes():
    looks_s = 5  # how often the server looks
    assert timedelta(seconds=zombies.SILENCE_S + looks_s) < timedelta(minutes=2)


def test_the_server_is_asked_once_and_again_when_the_words_change(runs, monkeypatch):
    # After the others: while an automation changes, Prefect's server may miss an event, or go on
    # by its old words.
    with get_client(sync_client=True) as client:
        called(monkeypatch, "asked twice")
        assert [zombies.ensure(client), zombies.ensure(client)] == [["new"] * 3, ["there"] * 3]
        monkeypatch.setattr(zombies, "GONE", "it went.")
        assert [zombies.ensure(client), zombies.ensure(client)] == [["changed"] * 3, ["there"] * 3]
        for one in zombies.automations():
            (kept,) = client.read_automations_by_name(one.name)
            assert kept.actions[0].message.endswith("it went.")
        forget(client)
