"""Server-Sent Events: an answer that goes on, one `data: ` line an event, comments as heartbeats.

Source: WHATWG HTML Living Standard, "Server-sent events".
"""

import asyncio
from collections.abc import AsyncIterator

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from filmeto_core.web.event_log import Event

MEDIA_TYPE = "text/event-stream"
HEARTBEAT = b": heartbeat\n\n"


class EventStream(Response):
    """Batches of events, as they come; it ends with them, or when its reader goes.

    The server's own back-pressure holds a slow reader: nothing is queued for it here.
    """

    media_type = MEDIA_TYPE

    def __init__(self, batches: AsyncIterator[list[Event]], status_code: int = 200) -> None:
        self._batches = batches
        self.status_code = status_code  # FastAPI reads its default for the OpenAPI document
        self.background = None
        self.init_headers({"Cache-Control": "no-store", "X-Accel-Buffering": "no"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        sending = asyncio.ensure_future(self._send(send))
        gone = asyncio.ensure_future(_disconnected(receive))
        try:
            await asyncio.wait((sending, gone), return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
        finally:
            for part in (sending, gone):
                part.cancel()
            await asyncio.wait((sending, gone))

    async def _send(self, send: Send) -> None:
        try:
            async for batch in self._batches:
                body = b"".join(event.sse for event in batch) or HEARTBEAT
                await send({"type": "http.response.body", "body": body, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            await self._batches.aclose()  # now: what counts readers must not wait for the collector


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
