"""An answer on its way out of the gate: headers that all carry, and an end where its key is revoked."""

from starlette.types import Message, Scope, Send

from filmeto_core.web.answer_headers import Headers, with_security
from filmeto_core.web.open_requests import OpenRequest

REFUSED_CLOSE = 1008  # RFC 6455: it breaks the rules of who may call


class GuardedAnswer:
    """One request's answer.

    Args:
        send: ASGI's.
        more: Headers that it has to carry.
        request: Where it is known as open, if it came with a key.
    """

    def __init__(self, send: Send, more: Headers, request: OpenRequest | None) -> None:
        self._send, self._more, self._request = send, more, request
        self.began = False
        self._counted = False  # its length was told
        self._closed = False  # a WebSocket

    async def send(self, message: Message) -> None:
        """ASGI's send."""
        kind = message["type"]
        if kind in ("http.response.start", "websocket.http.response.start"):
            headers = message.get("headers") or []
            self._counted = any(name == b"content-length" for name, _ in headers)
            message["headers"] = with_security(list(headers), self._more)
        self._closed = self._closed or kind == "websocket.close"
        first, self.began = not self.began, True
        await self._send(message)
        if first and self._request is not None:
            self._request.streams = True
            if self._request.ended:  # meanwhile
                self._request.work.cancel()

    async def end(self, scope: Scope) -> None:
        """Break off, in order where that can be told; else the connection is closed."""
        if scope["type"] == "websocket":
            if not self._closed:
                await self._send({"type": "websocket.close", "code": REFUSED_CLOSE})
        elif self.began and not self._counted:
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})
