"""What can be read of a server's parts when somebody looks at its metrics; nothing here walks a folder."""

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from filmeto_core.money import MICROS
from filmeto_core.web.desk import Desk
from filmeto_core.web.routes_system import version


def live_readings(desk: Desk) -> list[Metric]:
    """Of what is in memory; called on the server's loop."""
    settings, states = desk.service.settings, desk.service.plugins.states()
    by_state = {name: 0 for name in ("stopped", "starting", "idle", "busy", "unavailable")}
    for told in states.values():
        by_state[told["state"]] = by_state.get(told["state"], 0) + 1
    return [
        _gauge("filmeto_build_info", "Which filmeto this is", {(version(),): 1}, "version"),
        _gauge("filmeto_start_time_seconds", "Since 1970", {(): desk.started_at}),
        _gauge("filmeto_tasks_in_hand", "Unfinished tasks", _keyed(desk.tasks.counts), "status"),
        _gauge("filmeto_films_in_hand", "Runs of films", _keyed(desk.film_runs.counts), "status"),
        _gauge(
            "filmeto_task_queue_limit", "Unfinished tasks taken on", {(): settings.serve_max_queue}
        ),
        _gauge("filmeto_event_streams", "Streams and sockets open", {(): desk.events.readers}),
        _gauge("filmeto_event_streams_limit", "Open at most", {(): settings.serve_max_streams}),
        _gauge("filmeto_plugins", "Plugins by state", _keyed(by_state), "state"),
        *_of_plugins(states),
    ]


def _of_plugins(states: dict[str, dict]) -> Iterator[Metric]:
    for name, help_text, told in (
        ("filmeto_plugin_memory_bytes", "Its processes'", lambda state: state["memory_bytes"]),
        ("filmeto_plugin_processes", "That it has up", lambda state: len(state["pids"])),
        ("filmeto_plugin_waiting_calls", "That wait for it", lambda state: state["waiting"]),
    ):
        values = {(plugin,): told(state) for plugin, state in states.items()}
        yield _gauge(name, help_text, values, "plugin")


def disk_readings(desk: Desk) -> list[Metric]:
    """Of what is on the disk; reads tables, so in a thread."""
    service = desk.service
    catalogue, journal = service.calls.catalogue.path, service.journal.path
    stored = _rows(catalogue, "SELECT COUNT(*), COALESCE(SUM(size), 0) FROM objects")
    jobs = _rows(
        journal,
        "SELECT state, COUNT(*) FROM jobs WHERE state IN ('begun', 'submitted', 'unknown')"
        " GROUP BY state",
    )
    spent = _rows(
        journal,
        "SELECT currency, SUM(COALESCE(cost_micros, price_micros, 0)) FROM jobs"
        " WHERE currency IS NOT NULL AND (state = 'done' OR cost_micros IS NOT NULL)"
        " GROUP BY currency",
    )
    sent = desk.posted.rows("SELECT state, COUNT(*) FROM deliveries GROUP BY state")
    open_jobs = {"begun": 0, "submitted": 0, "unknown": 0} | {state: n for state, n in jobs}
    money = CounterMetricFamily(
        "filmeto_spent",
        "What providers were paid, by all runs in this journal",
        labels=["currency"],
    )
    for currency, micros in spent:
        money.add_metric([currency], micros / MICROS)
    deliveries = {(state,): n for state, n in sent}
    return [
        _gauge("filmeto_store_files", "As last catalogued", {(): stored[0][0] if stored else 0}),
        _gauge("filmeto_store_bytes", "As last catalogued", {(): stored[0][1] if stored else 0}),
        _gauge("filmeto_disk_free_bytes", "Where the data lies", _free(service.settings.home)),
        _gauge("filmeto_jobs_open", "At providers, by the journal", _keyed(open_jobs), "state"),
        money,
        _gauge("filmeto_webhook_deliveries", "As they stand", deliveries, "state"),
    ]


def exposed(desk: Desk, readings: list[Metric]) -> bytes:
    """All of a server's metrics as Prometheus' text."""

    class _All:
        def collect(self) -> Iterator[Metric]:
            yield from desk.metrics.registry.collect()
            yield from readings

    return generate_latest(_All())


def _gauge(
    name: str, help_text: str, values: dict[tuple[str, ...], float], *labels: str
) -> GaugeMetricFamily:
    made = GaugeMetricFamily(name, help_text, labels=labels)
    for key, value in values.items():
        made.add_metric(key, value)
    return made


def _keyed(values: dict[str, int]) -> dict[tuple[str, ...], float]:
    return {(name,): value for name, value in values.items()}


def _free(home: Path) -> dict[tuple[str, ...], float]:
    with contextlib.suppress(OSError):
        return {(): shutil.disk_usage(home.expanduser()).free}
    return {}


def _rows(path: Path, sql: str) -> list[tuple]:
    """Rows of a file that another may be writing; none where it is not there, or not whole."""
    if not path.exists():
        return []
    try:
        uri = f"{path.as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=1.0)) as connection:
            return connection.execute(sql).fetchall()
    except sqlite3.Error:
        return []
