"""What one server counts as it goes: requests, tasks that ended, how late its event loop is.

Each server has a registry of its own. What can be asked of its parts when somebody looks is
`metric_readings`' to tell.
"""

import asyncio

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from filmeto_core.journal.posted_models import PostedTask
from filmeto_core.types import utc_now

LAG_EVERY_S = 0.5
_REQUEST_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_TASK_S = (0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)
_LAG_S = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "WEBSOCKET")


class Metrics:
    """The counts of one server; only its event loop touches them."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.in_progress = Gauge(
            "filmeto_http_requests_in_progress",
            "Requests that are being answered, event streams too",
            registry=self.registry,
        )
        self._requests = Counter(
            "filmeto_http_requests",
            "Requests that were answered",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "filmeto_http_request_duration_seconds",
            "Until the answer was sent; of event streams, until they began",
            ("method", "route"),
            buckets=_REQUEST_S,
            registry=self.registry,
        )
        self._tasks = Counter(
            "filmeto_tasks",
            "Tasks that ended since the server started",
            ("tool", "status"),
            registry=self.registry,
        )
        self._task_seconds = Histogram(
            "filmeto_task_duration_seconds",
            "Of tasks that ended, from being taken on, waiting included",
            ("tool",),
            buckets=_TASK_S,
            registry=self.registry,
        )
        self._lag = Histogram(
            "filmeto_event_loop_lag_seconds",
            "How late the event loop woke, measured twice a second",
            buckets=_LAG_S,
            registry=self.registry,
        )
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._waking: asyncio.TimerHandle | None = None

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered.

        Args:
            route: Its template, so that ids make no series of their own.
        """
        key = (method if method in _METHODS else "other", route, status)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = (
                self._requests.labels(key[0], route, str(status)),
                self._seconds.labels(key[0], route),
            )
        found[0].inc()
        found[1].observe(seconds)

    def ended(self, task: PostedTask, status: str) -> None:
        """A task ended."""
        self._tasks.labels(task.tool, status).inc()
        seconds = (utc_now() - task.accepted_at).total_seconds()
        self._task_seconds.labels(task.tool).observe(max(0.0, seconds))

    def watch_loop(self) -> None:
        """Measure from here on how late the running loop wakes."""
        loop = asyncio.get_running_loop()
        due = loop.time() + LAG_EVERY_S

        def woke() -> None:
            self._lag.observe(max(0.0, loop.time() - due))
            self.watch_loop()

        self._waking = loop.call_at(due, woke)

    def close(self) -> None:
        """Measure no more."""
        if self._waking is not None:
            self._waking.cancel()
