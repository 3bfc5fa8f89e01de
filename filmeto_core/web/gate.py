"""What every request passes first: who calls, and whether it may come in at all."""

from starlette.types import ASGIApp, Receive, Scope, Send

from filmeto_core.web.access import Caller
from filmeto_core.web.desk import Desk


class Gate:
    """ASGI middleware: finds out who calls.

    Args:
        app: What lies behind it.
        desk: The server's.
    """

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self._app, self._desk = app, desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            scope["filmeto_caller"] = Caller()
        await self._app(scope, receive, send)
