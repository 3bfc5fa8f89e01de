"""A subject's events over a WebSocket, and what its watcher has to say.

Each text frame is one JSON object. To the watcher: {"id": "1-7", "event": {...}} an event,
{"ack": "cancel", ...} what it asked for was done, {"error": {...}} it was not, and why (a problem's
fields). From the watcher: {"type": "cancel"}.

It closes with 1000 after the last event, with 1012 when the server ends: come back with ?after=ID.
As with streams, a watcher has a place in the subject's events and nothing else: frames are sent as
fast as they are taken, and none is queued here.

Source: RFC 6455, The WebSocket Protocol; 7.4.1 and IANA's registry for the close codes.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from filmeto_core.errors import FilmetoError, ValidationError, shown
from filmeto_core.web.event_log import Event, encoded
from filmeto_core.web.problems import problem_of

ENDED, NOT_TEXT, RESTARTS = 1000, 1003, 1012
NOTHING_MORE = "no event follows"
COME_BACK = "the server ends; come back with ?after="

# Does what the watcher asked for, and returns what is told of it besides {"ack": ...}.
Command = Callable[[], Awaitable[Mapping[str, Any]]]


class EventSocket:
    """One watcher's socket, which was accepted; `await run()` once.

    Args:
        socket: The watcher's.
        batches: The events, as `EventLog.read` gives them.
        commands: What a message's `type` may be, and who does it.
        is_closing: Whether the events ended because the server does.
    """

    def __init__(
        self,
        socket: WebSocket,
        batches: AsyncIterator[list[Event]],
        commands: Mapping[str, Command],
        is_closing: Callable[[], bool],
    ) -> None:
        self._socket, self._batches, self._commands = socket, batches, commands
        self._is_closing = is_closing
        self._answering = asyncio.Lock()

    async def run(self) -> None:
        """Send the events, do what is asked; returns when either side has closed."""
        sending = asyncio.ensure_future(self._send_events())
        hearing = asyncio.ensure_future(self._hear())
        try:
            await asyncio.wait((sending, hearing), return_when=asyncio.FIRST_COMPLETED)
            if sending.done() and sending.exception() is None:
                async with self._answering:  # what was asked is answered before it closes
                    await self._close()
        finally:
            for part in (sending, hearing):
                part.cancel()
            await asyncio.wait((sending, hearing))
        for part in (sending, hearing):
            if not part.cancelled() and not isinstance(part.exception(), WebSocketDisconnect):
                part.result()

    async def _close(self) -> None:
        if self._socket.application_state is WebSocketState.CONNECTED:
            if self._is_closing():
                await self._socket.close(RESTARTS, COME_BACK)
            else:
                await self._socket.close(ENDED, NOTHING_MORE)

    async def _send_events(self) -> None:
        try:
            async for batch in self._batches:  # an empty one is a heartbeat; here pings are
                for event in batch:
                    await self._send(framed(event))
        finally:
            await self._batches.aclose()

    async def _hear(self) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            async with self._answering:
                await self._send(await self._answer(message.get("text")))

    async def _answer(self, text: str | None) -> str:
        try:
            name = _asked(text, tuple(self._commands))
            told = {"ack": name, **await self._commands[name]()}
        except FilmetoError as error:
            told = {"error": problem_of(error)}
        return encoded(told).decode()

    async def _send(self, text: str) -> None:
        await self._socket.send_text(text)


def framed(event: Event) -> str:
    """The event as a frame's text."""
    epoch, number = event.id
    return f'{{"id":"{epoch}-{number}","event":{event.data.decode()}}}'


def _asked(text: str | None, names: tuple[str, ...]) -> str:
    """The type of a message.

    Raises:
        ValidationError: It is none.
    """
    try:
        told = orjson.loads(text or "")
    except orjson.JSONDecodeError:
        told = None
    name = told.get("type") if isinstance(told, dict) else None
    if name in names:
        return name
    wanted = " or ".join(f'{{"type": "{known}"}}' for known in names)
    raise ValidationError(
        f"type: expected {wanted}, got {shown(text if text is not None else 'bytes')}.",
        hint="Send one JSON object in a text frame.",
        field="type",
        allowed=list(names),
    )
