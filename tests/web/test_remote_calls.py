"""Calls of another filmeto: their record comes with the result, and they stay in their tenant's own."""

import pytest
from serving import read_stream

from filmeto_core.web.access import Caller
from filmeto_core.web.remote_calls import placed_for
from filmeto_core.web.task_models import TaskRequest

EXECUTE = "/api/v1/tasks/execute"


@pytest.fixture
def call(asked):
    """The request of a call of the counting plugin."""

    def request(id=None, reuse="always", computation=None, place=None, **parameters):
        told = {"id": id, "reuse": reuse, "computation": computation, "place": place or {}}
        return {**asked(**parameters), "call": {k: v for k, v in told.items() if v is not None}}

    request.calls = asked.calls
    return request


def executed(client, body):
    return [event for _, event in read_stream(client, "POST", EXECUTE, json=body)]


def test_the_result_brings_the_whole_record(client, call):
    *progress, last = executed(client, call(computation="theirs"))
    record = last["metadata"]["record"]
    assert record["id"] == "theirs" and len(record["key"]) == 64 and record["fingerprint"]
    assert record["outputs"][0]["path"] == last["output_files"][0]
    assert last["metadata"]["cached"] is False
    assert {event["task_id"] for event in progress} == {last["task_id"]}


def test_a_finished_call_is_taken_replaced_or_neither_as_asked(client, call):
    def record(reuse):
        metadata = executed(client, call(reuse=reuse))[-1]["metadata"]
        return metadata["record"]["id"], metadata["cached"]

    first = record("always")
    assert record("always") == (first[0], True)
    anew = record("refresh")
    assert anew[1] is False and record("never")[1] is False
    assert record("always") == (anew[0], True)
    assert call.calls() == 3


def test_a_failure_is_told_with_all_its_details_and_not_tried_again(client, call):
    last = executed(client, call(fail_times=9))[-1]
    assert last["_type"] == "error" and last["code"] == "plugin_execution"
    assert last["details"]["retryable"] is True and last["details"]["plugin"] == "flaky"
    assert call.calls() == 1


def test_the_call_is_noted_in_the_run_that_it_names(served, client, call):
    journal = served.desk.service.journal
    run_id = journal.begin_run("film", "story", options={})
    executed(client, call("theirs-1", place={"run_id": run_id, "film": "/f", "shot": "dawn"}))
    (noted,) = journal.calls(run_id)
    assert (noted.id, noted.shot, noted.state) == ("theirs-1", "dawn", "done")


def test_a_restarted_server_makes_the_call_as_it_was_asked(served, client, call):
    body = call(computation="theirs", id="theirs-1")
    accepted = client.post("/api/v1/tasks", json=body).json()
    (kept,) = served.desk.posted.tasks("local", limit=5)
    again = TaskRequest(**kept.request)
    assert again.call == TaskRequest(**body).call
    events = read_stream(client, "GET", f"/api/v1/tasks/{accepted['task_id']}/events")
    assert events[-1][1]["metadata"]["record"]["id"] == "theirs"


@pytest.mark.parametrize(
    ("call", "field"),
    [
        ({"reuse": "sometimes"}, "call.reuse"),
        ({"id": "../escape"}, "call.id"),
        ({"computation": "a b"}, "call.computation"),
        ({"place": {"fresh_since": "yesterday"}}, "call.place.fresh_since"),
        ({"place": {"budget": "much"}}, "call.place.budget"),
        ({"retries": True}, "call.retries"),
    ],
)
def test_what_is_wrong_with_a_call_is_told_by_its_field(client, asked, call, field):
    answer = client.post(EXECUTE, json={**asked(), "call": call})
    assert answer.status_code == 422 and answer.json()["field"] == field


PLACE = {"run_id": "r1", "film": "/films/x", "shot": "dawn"}
REQUEST = TaskRequest(tool_name="text2image", call={"id": "c1", "place": PLACE})


def test_another_tenants_names_cannot_reach_into_anybodys_film():
    placed = placed_for(Caller(tenant="acme", key_id="k"), REQUEST)
    assert placed.call.id is None
    assert (placed.call.place.run_id, placed.call.place.film) == ("acme:r1", "acme:/films/x")
    assert placed.call.place.shot == "dawn"


def test_this_machines_user_and_the_servers_own_processes_name_what_is_theirs():
    assert placed_for(Caller(), REQUEST) is REQUEST
    assert placed_for(Caller(tenant="acme", is_own=True), REQUEST) is REQUEST
