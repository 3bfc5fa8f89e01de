"""One task at a server: posted, read to its end, resumed wherever it is cut, cancelled with its caller.

It is posted under an Idempotency-Key, so that a post whose answer was lost is no second task; and its
events are numbered, so that none is lost or read twice.
"""

import asyncio
import json
import logging
import random
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any

from filmeto_core.errors import FilmetoError, ServerUnreachableError, TooManyRequestsError
from filmeto_core.remote.answers import error_of, error_of_event, unreachable
from filmeto_core.remote.event_reader import EventReader
from filmeto_core.remote.transport import (
    ANSWER_S,
    API,
    CANCEL_S,
    COME_AGAIN,
    CONNECT_S,
    FIRST_PAUSE_S,
    LONGEST_PAUSE_S,
    PATIENCE_S,
    SILENCE_S,
    Connection,
)

if TYPE_CHECKING:
    import httpx

logger = logging.getLogger(__name__)

BUSY_S = 600.0  # how long a server may go on saying that it is full


class _Cut(Exception):
    """The stream ended before its task did; or the server says to come again."""

    def __init__(self, why: object, pause_s: float = 0.0) -> None:
        super().__init__(str(why))
        self.why, self.pause_s = why, pause_s


class RemoteTask:
    """A task that a server runs.

    Args:
        connection: To the server.
        request: As `POST /api/v1/tasks/execute` takes it.
        patience_s: How long the server may be away.
    """

    def __init__(
        self, connection: Connection, request: dict[str, Any], patience_s: float = PATIENCE_S
    ) -> None:
        self._connection, self._request, self._patience_s = connection, request, patience_s
        self._key = str(uuid.uuid4())
        self._events_path = ""  # once the server has said
        self._last_id = ""
        self._lost_at: float | None = None
        self._busy_since: float | None = None
        self._attempt = 0

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        """The task's events, each once and in order; the last of them is its result.

        Whoever stops reading before that cancels the task.

        Raises:
            FilmetoError: The task failed, or could not be taken on.
            ServerUnreachableError: The server does not answer, or not any more.
            asyncio.CancelledError: The caller gave up; the server was told.
        """
        import httpx

        ended = False
        try:
            async with self._connection.client() as client:
                while True:
                    try:
                        async with aclosing(self._read(client)) as events:
                            async for event in events:
                                ended = event.get("_type") == "result"
                                yield event
                                if ended:
                                    return
                    except (_Cut, httpx.TransportError) as error:
                        await self._pause(error)
        except (asyncio.CancelledError, GeneratorExit):
            if not ended:
                await self._cancel()
            raise
        finally:
            self._connection.open_tasks.discard(self._cancel_path)

    async def _read(self, client: "httpx.AsyncClient") -> AsyncIterator[dict[str, Any]]:
        """The events of one connection, from where the last one ended."""
        import httpx

        headers = {"Accept": "text/event-stream"}
        if self._last_id:
            headers["Last-Event-ID"] = self._last_id
        timeout = httpx.Timeout(ANSWER_S, connect=CONNECT_S, read=SILENCE_S)
        if self._events_path:
            request = client.build_request(
                "GET", self._events_path, headers=headers, timeout=timeout
            )
        else:
            headers["Idempotency-Key"] = self._key
            path = f"{API}/tasks/execute"
            request = client.build_request(
                "POST", path, json=self._request, headers=headers, timeout=timeout
            )
        answer = await client.send(request, stream=True)
        try:
            await self._accepted(answer)
            reader = EventReader(self._last_id)
            async for chunk in answer.aiter_bytes():
                self._lost_at, self._busy_since, self._attempt = None, None, 0
                for told in reader.feed(chunk):
                    self._last_id = told.id
                    event = json.loads(told.data)
                    if event.get("_type") == "error":
                        raise error_of_event(event)
                    yield event
        finally:
            await answer.aclose()
        raise _Cut("its stream ended before the task did")

    async def _accepted(self, answer: "httpx.Response") -> None:
        self._connection.answered = True
        if answer.status_code < 400:
            self._events_path = answer.headers.get("Content-Location", self._events_path)
            if self._events_path:
                self._connection.open_tasks.add(self._cancel_path)
            return
        await answer.aread()
        error = error_of(answer, self._connection.address)
        if isinstance(error, COME_AGAIN):
            raise _Cut(error, error.details.get("retry_after_s") or LONGEST_PAUSE_S)
        raise error

    async def _pause(self, error: Exception) -> None:
        """Wait before the next attempt.

        Raises:
            FilmetoError: There were enough.
        """
        now = time.monotonic()
        why = error.why if isinstance(error, _Cut) else error
        if isinstance(why, TooManyRequestsError):
            self._busy_since, self._lost_at = self._busy_since or now, None
            if now - self._busy_since > BUSY_S:
                raise why
        else:
            self._lost_at, self._busy_since = self._lost_at or now, None
            if not self._connection.answered or now - self._lost_at > self._patience_s:
                raise why if isinstance(why, FilmetoError) else self._unreachable(why) from error
        logger.debug("the task's events were cut (%s); going on", why)
        pause = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2**self._attempt) * random.uniform(0.5, 1)
        self._attempt += 1
        await asyncio.sleep(max(pause, getattr(error, "pause_s", 0.0)))

    def _unreachable(self, why: object) -> ServerUnreachableError:
        return unreachable(self._connection.address, why)

    @property
    def _cancel_path(self) -> str:
        return self._events_path.removesuffix("/events") + "/cancel"

    async def _cancel(self) -> None:
        """Tell the server; one that does not hear it ends the task for want of a reader."""
        if self._events_path:
            telling = asyncio.ensure_future(self._tell())
            await asyncio.wait([telling], timeout=CANCEL_S)

    async def _tell(self) -> None:
        import httpx

        with suppress(httpx.HTTPError):
            async with self._connection.client() as client:
                await client.post(self._cancel_path, timeout=CANCEL_S)
