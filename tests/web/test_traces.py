"""Traces: a request's span, its task's below it, the plugin's call below that; nothing where off."""

import logging

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from serving import PLUGINS, read_stream, serving
from test_tasks import wait_until

from filmeto_core import steps
from filmeto_core.remote.transport import Connection
from filmeto_core.settings import telemetry_environment
from filmeto_core.web.traces import Traces, carried, configured_traces

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def spans(home, monkeypatch):
    """A server whose spans stay in memory: its client, and the first finished span of each name."""
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with serving(traces=Traces(provider)) as served, served.client() as client:
        yield client, lambda: {span.name: span for span in reversed(exporter.get_finished_spans())}


def test_a_request_its_task_and_the_plugins_call_are_spans_of_one_trace(spans, asked):
    client, finished = spans
    headers = {"traceparent": PARENT}
    told = read_stream(client, "POST", "/api/v1/tasks/execute", json=asked(), headers=headers)
    wait_until(lambda: "POST /api/v1/tasks/execute" in finished())
    request, task = finished()["POST /api/v1/tasks/execute"], finished()["task"]
    call = finished()["plugin call"]
    assert f"{request.parent.span_id:016x}" == PARENT.split("-")[2]
    assert task.parent.span_id == request.context.span_id
    assert call.parent.span_id == task.context.span_id
    traces = {f"{span.context.trace_id:032x}" for span in (request, task, call)}
    assert traces == {PARENT.split("-")[1]}
    assert request.attributes["http.response.status_code"] == 200
    for span in (task, call):
        assert span.attributes["filmeto.tool"] == "text2image"
        assert span.attributes["filmeto.plugin"] == "flaky"
        assert span.attributes["filmeto.task_id"] == told[-1][1]["task_id"]


def test_a_plugin_call_that_fails_is_a_span_with_its_error(spans, asked):
    client, finished = spans
    read_stream(client, "POST", "/api/v1/tasks/execute", json=asked(fail_times=1))
    call = finished()["plugin call"]
    assert not call.status.is_ok and call.events[0].name == "exception"


def test_a_program_that_is_part_of_a_trace_sends_it_with_its_calls(spans, monkeypatch):
    client, finished = spans
    monkeypatch.setenv("TRACEPARENT", PARENT)
    told = Connection(str(client.base_url)).get("/tools")
    assert told.status_code == 200
    wait_until(lambda: "GET /api/v1/tools" in finished())
    assert f"{finished()['GET /api/v1/tools'].parent.span_id:016x}" == PARENT.split("-")[2]


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"OTEL_SERVICE_NAME": "films"},
        {"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"},
        {"OTEL_SDK_DISABLED": "true", "OTEL_TRACES_EXPORTER": "console"},
    ],
)
def test_nothing_is_traced_where_nothing_asks_for_it(environment, caplog):
    assert configured_traces(environment) is None
    assert caplog.records == []


def test_the_environment_configures_traces_and_the_process_hands_them_on(monkeypatch, capsys):
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "console")
    traces = configured_traces(telemetry_environment())
    with traces.step("plugin call", {"tool": "text2image"}):
        told = carried()
    traces.close()
    written = capsys.readouterr().err
    assert '"name": "plugin call"' in written and '"filmeto.tool": "text2image"' in written
    assert told["TRACEPARENT"].split("-")[1] in written


def test_an_exporter_that_is_not_known_is_told_and_the_server_runs_without(caplog):
    with caplog.at_level(logging.WARNING):
        assert configured_traces({"OTEL_TRACES_EXPORTER": "pigeon"}) is None
    assert "pigeon" in caplog.text


def test_a_missing_sdk_is_told_with_what_brings_it(monkeypatch, caplog):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert configured_traces({"OTEL_TRACES_EXPORTER": "otlp"}) is None
    assert 'pip install "filmeto[otel]"' in caplog.text


def test_a_step_that_nobody_watches_is_nothing():
    with steps.step("plugin call", tool="text2image") as span:
        assert span is None
