"""Tasks over HTTP: the seed design's shapes, streams that resume, statuses that are true."""

import json
import time

import pytest
from serving import PLUGINS, events, read_stream, serving

from filmeto_core.settings import Settings


def wait_until(is_so, timeout_s=20.0):
    end = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)


def status_of(client, task_id):
    return client.get(f"/api/v1/tasks/{task_id}").json()


def test_a_task_executed_tells_its_progress_and_one_result(client, asked):
    told = read_stream(client, "POST", "/api/v1/tasks/execute", json=asked())
    kinds = [event["_type"] for _, event in told]
    assert kinds[-1] == "result" and set(kinds[:-1]) == {"progress"}
    result = told[-1][1]
    assert result["status"] == "success" and result["output_files"][0].endswith(".png")
    assert result["output_resources"][0]["url"].startswith("/api/v1/resources/sha256:")
    percents = [event["percent"] for _, event in told[:-1]]
    assert percents == sorted(percents) and percents[-1] == 100
    assert len({event_id for event_id, _ in told}) == len(told)


def test_a_posted_task_runs_without_a_reader_and_its_status_tells_how_it_ended(client, asked):
    answer = client.post("/api/v1/tasks", json=asked())
    assert answer.status_code == 202
    accepted = answer.json()
    assert set(accepted) == {"task_id", "status", "message"}
    wait_until(lambda: status_of(client, accepted["task_id"])["status"] == "success")
    told = status_of(client, accepted["task_id"])
    assert told["result"]["status"] == "success" and told["percent"] == 100


def test_a_stream_resumes_after_the_event_that_is_named(client, asked):
    task_id = client.post("/api/v1/tasks", json=asked(steps=6)).json()["task_id"]
    whole = read_stream(client, "GET", f"/api/v1/tasks/{task_id}/events")
    for i, (event_id, _) in enumerate(whole[:-1]):
        rest = read_stream(
            client, "GET", f"/api/v1/tasks/{task_id}/events", headers={"Last-Event-ID": event_id}
        )
        assert rest == whole[i + 1 :]


def test_a_wrong_task_is_one_error_event_when_executed_and_a_4xx_when_posted(client, asked):
    wrong = {**asked(), "plugin_name": "flakey"}
    ((_, event),) = read_stream(client, "POST", "/api/v1/tasks/execute", json=wrong)
    assert (event["_type"], event["code"]) == ("error", "plugin_not_found")
    answer = client.post("/api/v1/tasks", json=wrong)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert "flaky" in answer.json()["message"]


@pytest.mark.parametrize("path", ["/api/v1/tasks", "/api/v1/tasks/execute"])
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("{", None),
        ("[]", None),
        ('{"tool_name": 3}', "tool_name"),
        ('{"tool_name": "text2image", "paramters": {}}', "paramters"),
        ('{"tool_name": "text2image", "timeout": -1}', "timeout"),
    ],
)
def test_a_malformed_request_is_a_problem_that_names_the_field(client, path, body, field):
    answer = client.post(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    told = answer.json()
    assert told["code"] == "validation" and told["status"] == 422
    assert field is None or told["field"] == field


def test_a_key_names_one_task_however_often_it_is_posted(client, asked):
    headers = {"Idempotency-Key": "mine-1"}
    first = client.post("/api/v1/tasks", json=asked(), headers=headers).json()
    again = client.post("/api/v1/tasks", json=asked(), headers=headers).json()
    assert first["task_id"] == again["task_id"]
    other = client.post("/api/v1/tasks", json=asked("a star"), headers=headers)
    assert other.status_code == 409 and other.json()["code"] == "conflict"
    wait_until(lambda: status_of(client, first["task_id"])["status"] == "success")
    assert asked.calls() == 1


@pytest.mark.parametrize("value", [2**70, "\ud800"])
def test_what_json_has_and_few_can_hold_is_no_error_of_the_servers(client, asked, value):
    body = json.dumps({**asked(), "metadata": {"note": value}})
    headers = {"Content-Type": "application/json", "Idempotency-Key": "mine-2"}
    for _ in range(2):
        assert client.post("/api/v1/tasks", content=body, headers=headers).status_code < 500
    body = json.dumps({**asked(), "parameters": {"prompt": "a dot", "steps": value}})
    assert client.post("/api/v1/tasks", content=body, headers=headers).status_code < 500


def test_a_cancelled_task_says_so_to_who_reads_and_who_asks(client, asked):
    task_id = client.post("/api/v1/tasks", json=asked(wait_s=30)).json()["task_id"]
    wait_until(lambda: status_of(client, task_id)["percent"] >= 30)
    answer = client.post(f"/api/v1/tasks/{task_id}/cancel")
    assert answer.json()["status"] == "cancelled"
    last = read_stream(client, "GET", f"/api/v1/tasks/{task_id}/events")[-1][1]
    assert (last["_type"], last["code"]) == ("error", "cancelled")
    assert client.post(f"/api/v1/tasks/{task_id}/cancel").json()["status"] == "cancelled"


def test_tasks_are_listed_newest_first_page_by_page_and_by_status(client, asked):
    ids = [client.post("/api/v1/tasks", json=asked(f"{n}")).json()["task_id"] for n in range(5)]
    wait_until(lambda: all(status_of(client, i)["status"] == "success" for i in ids))
    found, cursor = [], None
    while True:
        page = client.get(
            "/api/v1/tasks", params={"limit": 2, **({"cursor": cursor} if cursor else {})}
        )
        found += [task["task_id"] for task in page.json()["tasks"]]
        cursor = page.json()["next_cursor"]
        if cursor is None:
            break
    assert found == ids[::-1]
    running = client.get("/api/v1/tasks", params={"status": "running"}).json()
    assert running == {"tasks": [], "next_cursor": None}
    assert client.get("/api/v1/tasks", params={"cursor": "?"}).status_code == 422


def test_an_unknown_task_is_not_found(client):
    for method, path in (("GET", ""), ("GET", "/events"), ("POST", "/cancel")):
        answer = client.request(method, f"/api/v1/tasks/none{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_an_execute_whose_reader_stays_away_is_cancelled_and_one_that_comes_back_is_not(
    home, monkeypatch, asked
):
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    settings = Settings(serve_reader_grace_s=0.5)
    with serving(settings) as served, served.client() as client:
        begun = []
        for _ in range(2):
            with client.stream("POST", "/api/v1/tasks/execute", json=asked(wait_s=2)) as answer:
                next(events(answer.iter_lines()))
            begun.append(client.get("/api/v1/tasks").json()["tasks"][0]["task_id"])
        told = read_stream(client, "GET", f"/api/v1/tasks/{begun[1]}/events")
        assert told[-1][1]["_type"] == "result"
        assert status_of(client, begun[0])["status"] == "cancelled"
        assert "nobody" in status_of(client, begun[0])["message"]


def test_a_silent_stream_carries_heartbeats(home, monkeypatch, asked):
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    settings = Settings(serve_heartbeat_s=0.1)
    with serving(settings) as served, served.client() as client:
        body = asked(wait_s=1, steps=1)
        with client.stream("POST", "/api/v1/tasks/execute", json=body) as answer:
            assert ("", {}) in list(events(answer.iter_lines()))


def test_a_full_queue_is_told_with_when_to_come_back(home, monkeypatch, asked):
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    with serving(Settings(serve_max_queue=1)) as served, served.client() as client:
        task_id = client.post("/api/v1/tasks", json=asked(wait_s=30)).json()["task_id"]
        answer = client.post("/api/v1/tasks", json=asked("other"))
        assert answer.status_code == 429 and int(answer.headers["Retry-After"]) >= 1
        client.post(f"/api/v1/tasks/{task_id}/cancel")
        assert client.post("/api/v1/tasks", json=asked("other")).status_code == 202


def test_the_next_start_goes_on_with_what_was_left(home, monkeypatch, asked):
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    settings = Settings(serve_stop_grace_s=0)
    with serving(settings) as served, served.client() as client:
        ids = [
            client.post("/api/v1/tasks", json=asked(f"{n}", wait_s=1)).json()["task_id"]
            for n in (1, 2)
        ]
        with client.stream("GET", f"/api/v1/tasks/{ids[0]}/events") as answer:
            seen = [next(events(answer.iter_lines()))]
    with serving(settings) as served, served.client() as client:
        for task_id in ids:
            told = read_stream(
                client,
                "GET",
                f"/api/v1/tasks/{task_id}/events",
                headers={"Last-Event-ID": seen[0][0]} if task_id == ids[0] else {},
            )
            assert told[-1][1]["_type"] == "result"
            assert seen[0] not in told or task_id != ids[0]
            assert status_of(client, task_id)["status"] == "success"
            assert status_of(client, task_id)["attempts"] == 2
