"""Where spans are sent: by OTLP over HTTP, or to stderr; imported only where the SDK is installed."""

import logging
import sys
from collections.abc import Mapping

from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter

from filmeto_core.web.routes_system import version

logger = logging.getLogger(__name__)


def provider(environment: Mapping[str, str]) -> TracerProvider | None:
    """A provider that sends as OTEL_TRACES_EXPORTER says; None if it names what is not there."""
    exporter = _exporter(environment.get("OTEL_TRACES_EXPORTER", "").strip().lower() or "otlp")
    if exporter is None:
        return None
    named = {SERVICE_VERSION: version()}
    if "service.name" not in environment.get("OTEL_RESOURCE_ATTRIBUTES", ""):
        named[SERVICE_NAME] = environment.get("OTEL_SERVICE_NAME") or "filmeto"
    made = TracerProvider(resource=Resource.create(named))
    made.add_span_processor(BatchSpanProcessor(exporter))
    return made


def _exporter(name: str) -> SpanExporter | None:
    if name == "console":
        return ConsoleSpanExporter(out=sys.stderr)
    if name != "otlp":
        logger.warning("OTEL_TRACES_EXPORTER: expected otlp, console or none, got %r.", name)
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ImportError:
        logger.warning(
            "OTEL_* variables ask for traces by OTLP, and its exporter is not installed."
            ' No traces are sent; pip install "filmeto[otel]" brings it.'
        )
        return None
    return OTLPSpanExporter()
