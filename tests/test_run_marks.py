"""Runs of killed processes: told to Prefect by the next command, and forgotten."""

import os
from uuid import uuid4

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.states import Running

from filmeto_core.run_marks import mark_run, tell_of_killed

DEAD = 4194304  # above the kernel's largest process number


@pytest.fixture
def running(prefect_api):
    """The id of a run that Prefect takes for running, and a function that asks for its state."""

    @flow
    def film():
        pass

    with get_client(sync_client=True) as client:
        run = client.create_flow_run(film, state=Running())
        yield str(run.id), lambda: client.read_flow_run(run.id).state_type.value


def test_the_run_of_a_killed_process_is_shown_as_crashed(running, tmp_path):
    run_id, state = running
    mark_run(tmp_path, run_id).rename(tmp_path / f"{DEAD}-{run_id}")
    tell_of_killed(tmp_path)
    assert state() == "CRASHED" and list(tmp_path.iterdir()) == []


def test_the_run_of_a_living_process_is_left_alone(running, tmp_path):
    run_id, state = running
    mark = mark_run(tmp_path, run_id)
    assert mark.name.startswith(f"{os.getpid()}-")
    tell_of_killed(tmp_path)
    assert state() == "RUNNING" and mark.exists()


def test_a_run_that_prefect_does_not_know_is_forgotten(prefect_api, tmp_path):
    (tmp_path / f"{DEAD}-{uuid4()}").touch()
    tell_of_killed(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_while_prefect_is_away_the_mark_stays(monkeypatch, tmp_path):
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    (tmp_path / f"{DEAD}-{uuid4()}").touch()
    tell_of_killed(tmp_path)
    assert len(list(tmp_path.iterdir())) == 1
