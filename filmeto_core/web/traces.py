"""OpenTelemetry traces of a server: request, task, plugin call; only where they are configured.

    POST /api/v1/tasks ─▶ task text2image ─▶ plugin call

The configuration is OpenTelemetry's own (OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_EXPORTER,
OTEL_SERVICE_NAME, ..); the exporters come with `pip install "filmeto[otel]"`.

Source: OpenTelemetry specification, "Environment variables"; semantic conventions for HTTP; W3C
Trace Context.
"""

import importlib.util
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, TracerProvider
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import Scope

from filmeto_core.web.log_context import known

logger = logging.getLogger(__name__)

_W3C = TraceContextTextMapPropagator()
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


class Traces:
    """The spans of one server.

    Args:
        provider: Makes and exports them; ended with the server if it can be.
    """

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer: Tracer = provider.get_tracer("filmeto")

    @contextmanager
    def request(self, scope: Scope) -> Iterator[Span]:
        """The span of a request, below the one that its `traceparent` names."""
        carried = {
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in scope["headers"]
            if name in (b"traceparent", b"tracestate")
        }
        with self._tracer.start_as_current_span(
            scope.get("method", "WEBSOCKET"), _W3C.extract(carried), SpanKind.SERVER
        ) as span:
            yield span

    def answered(self, span: Span, scope: Scope, route: str, status: int) -> None:
        """Name the request's span, now that its route is known."""
        method = scope.get("method", "WEBSOCKET")
        span.update_name(f"{method} {route}")
        span.set_attribute("http.request.method", method)
        span.set_attribute("http.route", route)
        span.set_attribute("http.response.status_code", status)
        for name, value in known().items():
            span.set_attribute(f"filmeto.{name}", value)
        if status >= 500:
            span.set_status(Status(StatusCode.ERROR))

    @contextmanager
    def step(self, name: str, facts: Mapping[str, str]) -> Iterator[Span]:
        """The span of a step of the work; for `steps.watch`."""
        told = {f"filmeto.{fact}": value for fact, value in facts.items()}
        with self._tracer.start_as_current_span(name, attributes=told) as span:
            yield span

    def close(self) -> None:
        """Send what was not sent yet; takes as long as the exporter's own limit at most."""
        shutdown = getattr(self._provider, "shutdown", None)
        if shutdown is not None:
            shutdown()


def carried() -> dict[str, str]:
    """The variables that let a child process go on with the trace: TRACEPARENT, TRACESTATE."""
    told: dict[str, str] = {}
    _W3C.inject(told)
    return {name.upper(): value for name, value in told.items()}


def configured_traces(environment: Mapping[str, str]) -> Traces | None:
    """Traces as OTEL_* variables configure them; None where they ask for none.

    Args:
        environment: The OTEL_* variables.
    """
    if not _are_wanted(environment):
        return None
    if importlib.util.find_spec("opentelemetry.sdk") is None:
        logger.warning(
            "OTEL_* variables ask for traces, and OpenTelemetry's SDK is not installed."
            ' No traces are sent; pip install "filmeto[otel]" brings it.'
        )
        return None
    from filmeto_core.web.trace_export import provider

    made = provider(environment)
    return None if made is None else Traces(made)


def _are_wanted(environment: Mapping[str, str]) -> bool:
    if environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    exporter = environment.get("OTEL_TRACES_EXPORTER", "").strip().lower()
    if exporter == "none":
        return False
    return bool(exporter) or any(environment.get(name) for name in _ENDPOINTS)
