"""Every request, watched from outside: its id, its line in the log, its count, its span.

What nobody caught inside ends here: a 500 that tells no more than that, and a traceback in the log.
"""

import logging
import re
import time
import uuid
from contextlib import nullcontext

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from filmeto_core.errors import FilmetoError
from filmeto_core.web.desk import Desk
from filmeto_core.web.log_context import of_request
from filmeto_core.web.problems import problem_response
from filmeto_core.web.server_log import ACCESS

logger = logging.getLogger(__name__)
access = logging.getLogger(ACCESS)

REQUEST_ID = b"x-request-id"
NO_ROUTE = "none"
_SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", re.ASCII)


class Observed:
    """ASGI middleware, the outermost.

    Args:
        app: What lies behind it.
        desk: The server's; its `metrics` and `traces` get what is seen.
    """

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self._app, self._desk = app, desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        answer = _Answer(send, _request_id(scope))
        traces = self._desk.traces
        spanned = traces.request(scope) if traces is not None else nullcontext()
        in_progress = self._desk.metrics.in_progress
        in_progress.inc()
        try:
            with of_request(scope, answer.request_id), spanned as span:
                await self._answer(scope, receive, answer)
                self._tell(scope, answer)
                if span is not None:
                    traces.answered(span, scope, route_of(scope), answer.status)
        finally:
            in_progress.dec()

    async def _answer(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        try:
            await self._app(scope, receive, answer.send)
        except Exception:  # the edge of a request
            logger.exception("%s %s", _method(scope), route_of(scope))
            if answer.status or scope["type"] != "http":
                raise  # it has begun: its connection is cut, so that it does not look whole
            error = FilmetoError(
                "the server failed.",
                hint=f"Its log tells why, under the request id {answer.request_id}.",
            )
            await problem_response(error)(scope, receive, answer.send)

    def _tell(self, scope: Scope, answer: "_Answer") -> None:
        method, route, status = _method(scope), route_of(scope), answer.status or 499
        now = time.perf_counter()
        counted_s = (answer.began if answer.is_stream else now) - answer.asked
        self._desk.metrics.answered(method, route, status, counted_s)
        if access.isEnabledFor(logging.INFO):
            ms = round((now - answer.asked) * 1000, 1)
            facts = {"method": method, "route": route, "status": status, "ms": ms}
            path = scope["path"][:200]
            access.info("%s %s %d %.1f ms", method, path, status, ms, extra={**facts, "path": path})


class _Answer:
    """What is sent, looked at as it passes: status, when it began, the request's id put in."""

    __slots__ = ("_send", "asked", "began", "is_stream", "request_id", "status")

    def __init__(self, send: Send, request_id: str) -> None:
        self._send, self.request_id = send, request_id
        self.asked = self.began = time.perf_counter()
        self.status, self.is_stream = 0, False

    async def send(self, message: Message) -> None:
        kind = message["type"]
        if kind in ("http.response.start", "websocket.http.response.start"):
            self.status, self.began = message["status"], time.perf_counter()
            headers = list(message.get("headers", ()))
            self.is_stream = any(
                name == b"content-type" and value.startswith(b"text/event-stream")
                for name, value in headers
            )
            headers.append((REQUEST_ID, self.request_id.encode()))
            message = {**message, "headers": headers}
        elif kind == "websocket.accept":
            self.status, self.is_stream, self.began = 101, True, time.perf_counter()
        elif kind == "websocket.close" and not self.status:
            self.status = 403  # what a close before it was accepted is to the caller
        await self._send(message)


def route_of(scope: Scope) -> str:
    """The template of the route that the request came to: /api/v1/tasks/{task_id}."""
    route = scope.get("route")
    return getattr(route, "path", None) or NO_ROUTE


def _method(scope: Scope) -> str:
    return scope["method"] if scope["type"] == "http" else "WEBSOCKET"


def _request_id(scope: Scope) -> str:
    """The caller's, if it is sane; else one of our own."""
    for name, value in scope["headers"]:
        if name == REQUEST_ID:
            text = value.decode("latin-1")
            if _SANE_ID.fullmatch(text):
                return text
    return uuid.uuid4().hex
