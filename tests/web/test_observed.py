"""Every request watched from outside: its id, its count, its line in the log, and what fails."""

import logging
import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from serving import read_stream
from test_tasks import wait_until

from filmeto_core.web.metrics import Metrics


@pytest.fixture
def counted(client):
    """The value of a sample: counted("filmeto_tasks_total", tool="text2image")."""

    def value(name, **labels):
        families = text_string_to_metric_families(client.get("/metrics").text)
        found = [
            sample.value
            for family in families
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        ]
        return sum(found) if found else None

    return value


def test_a_request_id_is_answered_taken_over_if_it_is_sane_and_made_if_not(client):
    sane = client.get("/api/v1/health", headers={"X-Request-ID": "job-7.a:1"})
    assert sane.headers["x-request-id"] == "job-7.a:1"
    for insane in ("a b", "x" * 65, '"}', "-"):
        answer = client.get("/api/v1/nothing", headers={"X-Request-ID": insane})
        made = answer.headers["x-request-id"]
        assert made != insane and len(made) == 32


def test_requests_are_counted_by_their_routes_template_and_no_id_is_a_label(client, counted):
    for n in range(3):
        client.get(f"/api/v1/tasks/none-{n}")
        client.get(f"/somewhere/{n}")
    labels = {"method": "GET", "route": "/api/v1/tasks/{task_id}", "status": "404"}
    assert counted("filmeto_http_requests_total", **labels) == 3
    assert counted("filmeto_http_requests_total", route="none", status="404") == 3
    told = client.get("/metrics").text
    assert "none-1" not in told and "somewhere" not in told
    client.request("BREW", "/api/v1/health")
    assert counted("filmeto_http_requests_total", method="other", status="405") == 1
    assert counted("filmeto_http_request_duration_seconds_count", route="/metrics") >= 1


def test_tasks_plugins_streams_and_disks_are_told(client, counted, asked):
    task_id = client.post("/api/v1/tasks", json=asked(wait_s=30)).json()["task_id"]
    wait_until(lambda: counted("filmeto_tasks_in_hand", status="running") == 1)
    wait_until(lambda: counted("filmeto_plugins", state="busy") == 1)
    wait_until(lambda: counted("filmeto_plugin_memory_bytes", plugin="flaky") > 0)
    client.post(f"/api/v1/tasks/{task_id}/cancel")
    read_stream(client, "POST", "/api/v1/tasks/execute", json=asked())
    assert counted("filmeto_tasks_total", tool="text2image", status="cancelled") == 1
    assert counted("filmeto_tasks_total", tool="text2image", status="success") == 1
    assert counted("filmeto_task_duration_seconds_count", tool="text2image") == 2
    assert counted("filmeto_tasks_in_hand") == 0 and counted("filmeto_event_streams") == 0
    assert counted("filmeto_jobs_open", state="unknown") == 0
    assert counted("filmeto_disk_free_bytes") > 0 and counted("filmeto_store_bytes") >= 0
    wait_until(lambda: counted("filmeto_event_loop_lag_seconds_count") > 0)


def test_every_metric_is_documented_and_no_other_is(client):
    documented = (Path(__file__).resolve().parents[2] / "docs" / "operating.md").read_text()
    table = "".join(line for line in documented.splitlines() if line.startswith("| `filmeto_"))
    told = re.findall(r"^# TYPE (filmeto_\w+) ", client.get("/metrics").text, re.MULTILINE)
    told = {name for name in told if not name.endswith("_created")}
    assert told == set(re.findall(r"`(filmeto_\w+)`", table))


def test_two_servers_of_one_process_count_for_themselves():
    first, second = Metrics(), Metrics()
    first.answered("GET", "/", 200, 0.1)
    labels = {"method": "GET", "route": "/", "status": "200"}
    assert first.registry.get_sample_value("filmeto_http_requests_total", labels) == 1
    assert second.registry.get_sample_value("filmeto_http_requests_total", labels) is None


def test_what_nobody_caught_is_a_problem_that_names_the_request_and_a_traceback_in_the_log(
    served, client, caplog, monkeypatch
):
    def broken(_caller, *_args):
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(served.desk.tasks, "find", broken)
    answer = client.get("/api/v1/tasks/one", headers={"X-Request-ID": "mine"})
    assert answer.status_code == 500 and answer.json()["code"] == "internal"
    assert "mine" in answer.json()["hint"] and "secret" not in answer.text
    (record,) = [r for r in caplog.records if r.exc_info]
    assert "the secret of the house" in str(record.exc_info[1])


def test_a_line_tells_method_route_status_and_time_and_no_query(client, caplog):
    with caplog.at_level(logging.INFO, logger="filmeto.access"):
        client.get("/api/v1/tasks?cursor=hushhush", headers={"Cookie": "theirs=hushhush"})
        wait_until(lambda: any(r.name == "filmeto.access" for r in caplog.records))
    (record,) = [r for r in caplog.records if r.name == "filmeto.access"]
    assert (record.method, record.route, record.status) == ("GET", "/api/v1/tasks", 422)
    assert record.ms > 0 and "hushhush" not in str(vars(record))
