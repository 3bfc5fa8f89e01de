"""The body of a request: read within its limits of size and time, and JSON not too deep.

Bodies are read here, whole, before the application sees them; uploads alone are streamed to it, which
have limits of their own. JSON is looked at before it is parsed: a parser, and whatever walks what it
made, goes as deep as the sender likes, and makes a thousand objects of a few thousand bytes.
"""

import asyncio
import re
import time

from starlette.exceptions import HTTPException
from starlette.types import Receive

from filmeto_core.errors import TooLargeError, ValidationError
from filmeto_core.web.problems import too_many

STREAMED = re.compile(r"/api/v1/(uploads(/.*)?|resources|films/[^/]+/refs)/?")  # paths of uploads
ROOM_BYTES = (
    1024 * 1024 * 1024
)  # for bodies in hand; a server that has less to spare has few callers
ROOM_RETRY_S = 2.0
SMALL_BYTES = 64 * 1024  # not counted: connections are, and each brings one
MOST_DEPTH = 100  # lists and objects within each other
MOST_CONTAINERS = 100_000  # lists and objects in all
LEAST_BYTES_PER_S = (
    1024  # on average, past the silence that is allowed: a slow telephone sends more
)

_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


class BodyRoom:
    """The memory for bodies in hand, of all requests together.

    Args:
        most_bytes: What they may come to.
    """

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes, self.taken_bytes = most_bytes, 0

    def share(self) -> "RoomShare":
        """One request's; nothing yet."""
        return RoomShare(self)


class RoomShare:
    """What one request has of the room, until it is answered."""

    __slots__ = ("_bytes", "_room")

    def __init__(self, room: BodyRoom) -> None:
        self._room, self._bytes = room, 0

    def take(self, size_bytes: int) -> None:
        """Take room for a body.

        Raises:
            TooManyRequestsError: There is none left.
        """
        if size_bytes < SMALL_BYTES:
            return
        room = self._room
        if room.taken_bytes and room.taken_bytes + size_bytes > room.most_bytes:
            raise too_many("as many large bodies are in hand as there is memory for.", ROOM_RETRY_S)
        room.taken_bytes += size_bytes
        self._bytes = size_bytes

    def give_back(self) -> None:
        """The request is answered."""
        self._room.taken_bytes -= self._bytes
        self._bytes = 0


class GoneError(Exception):
    """The client went before its body was whole."""


class Body:
    """A request's body on its way in.

    Args:
        receive: ASGI's.
        length_bytes: As Content-Length says; None where it is sent in chunks.
        most_bytes: The largest that is read whole.
        silence_s: The longest that nothing may come.
    """

    def __init__(
        self, receive: Receive, length_bytes: int | None, most_bytes: int, silence_s: float
    ) -> None:
        self._receive, self._length, self._most = receive, length_bytes, most_bytes
        self._silence_s, self._waited_s, self._got = silence_s, 0.0, 0
        self._ended = False

    @property
    def may_bytes(self) -> int:
        """What it may come to.

        Raises:
            TooLargeError: It says itself that it is over the limit.
        """
        if self._length is not None and self._length > self._most:
            raise self._too_large(self._length)
        return self._most if self._length is None else self._length

    async def read(self) -> bytes:
        """All of it.

        Raises:
            TooLargeError: It is over the limit; no more than that was read.
            HTTPException: 408, it comes too slowly.
            GoneError: The client went.
        """
        pieces: list[bytes] = []
        while not self._ended:
            message = await self.stream()
            if message["type"] == "http.disconnect":
                raise GoneError
            pieces.append(message.get("body", b""))
            if self._got > self._most:
                raise self._too_large(self._got)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def stream(self):
        """ASGI's receive, which does not wait for ever; for what the application reads itself.

        Raises:
            HTTPException: 408, it comes too slowly.
        """
        if self._ended:
            return await self._receive()
        began = time.monotonic()
        allowed_s = self._silence_s + self._got / LEAST_BYTES_PER_S - self._waited_s
        try:
            async with asyncio.timeout(min(self._silence_s, allowed_s)):
                message = await self._receive()
        except TimeoutError:
            self._ended = True
            raise self._too_slow() from None
        self._waited_s += time.monotonic() - began
        self._got += len(message.get("body", b""))
        self._ended = not message.get("more_body", False)
        return message

    def _too_large(self, got_bytes: int) -> TooLargeError:
        return TooLargeError(
            f"the body has {got_bytes} bytes or more; {self._most} are taken.",
            hint="Send files by /api/v1/uploads, or as a URL.",
            field="body",
            value=got_bytes,
            allowed=self._most,
        )

    def _too_slow(self) -> HTTPException:
        detail = (
            f"the body came too slowly: {self._got} bytes, then nothing or next to nothing for "
            f"{self._silence_s:g} s"
        )
        return HTTPException(408, detail, headers={"Connection": "close"})


def check_depth(body: bytes) -> None:
    """Refuse JSON that is too deep, or in too many parts, at the price of a few passes in C.

    Raises:
        ValidationError: It is.
    """
    if body.count(b"[") + body.count(b"{") <= MOST_DEPTH:
        return
    brackets = _STRING.sub(b"", body).translate(None, _NO_BRACKETS)
    containers = brackets.count(b"[") + brackets.count(b"{")
    if containers > MOST_CONTAINERS:
        raise _refused(f"{containers} lists and objects", MOST_CONTAINERS)
    depth = 0
    for bracket in brackets:
        depth += 1 if bracket in b"[{" else -1
        if depth > MOST_DEPTH:
            raise _refused(f"lists and objects {depth} deep or deeper", MOST_DEPTH)


def _refused(what: str, most: int) -> ValidationError:
    return ValidationError(
        f"body: the JSON has {what}; up to {most} are taken.",
        hint="Send large data as a file.",
        field="body",
        allowed=most,
    )
