"""A large body on its way in: read piece by piece, never whole, and never waited for without end."""

import asyncio
from typing import Literal

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from filmeto_core.errors import ConflictError, RequestError

PIECE_BYTES = 1024 * 1024  # handed on at once: a change of threads for each packet would be dear
DRAIN_BYTES = 4 * 1024 * 1024  # read and dropped before a refusal, so that its sender reads that
DRAIN_S = 2.0

# cut: its sender is gone; silent: nothing came for too long; left: another request goes on with it.
Ended = Literal["whole", "cut", "silent", "left"]


class RequestBody:
    """The body of one request.

    Args:
        request: Its body was not read yet.
        silence_s: How long its sender may send nothing.
    """

    def __init__(self, request: Request, silence_s: float) -> None:
        self._stream = request.stream()
        self._silence_s = silence_s
        self._limit: asyncio.Timeout | None = None
        self._leaving = False
        self.ended: Ended | None = None
        told = request.headers.get("content-length", "")
        self.size_bytes = int(told[:19]) if told.isascii() and told.isdigit() else None

    async def next(self) -> bytes:
        """The next piece; empty at the body's end, however it came: `ended` tells."""
        pieces, size = [], 0
        while size < PIECE_BYTES and self.ended is None:
            piece = await self._packet()
            pieces.append(piece)
            size += len(piece)
        return b"".join(pieces)

    def leave(self) -> None:
        """Read no more of it: what came so far is all."""
        self._leaving = True
        if self._limit is not None and not self._limit.expired():
            self._limit.reschedule(asyncio.get_running_loop().time())

    async def _packet(self) -> bytes:
        if self._leaving:
            self.ended = "left"
            return b""
        try:
            async with asyncio.timeout(self._silence_s) as self._limit:
                packet = await anext(self._stream, None)
        except (TimeoutError, HTTPException):  # of ours, or of the gate's
            self.ended = "left" if self._leaving else "silent"
        except ClientDisconnect:
            self.ended = "cut"
        else:
            if packet is not None:
                return packet
            self.ended = "whole"
        finally:
            self._limit = None
        return b""

    async def drain(self) -> None:
        """Drop what is still coming, up to a limit: who is cut off while sending reads no answer."""
        left = DRAIN_BYTES
        try:
            async with asyncio.timeout(DRAIN_S):
                while left > 0 and self.ended is None:
                    left -= len(await self._packet())
        except TimeoutError:
            self.ended = "silent"

    def check_whole(self, hint: str) -> None:
        """Make sure that it came to its end.

        Raises:
            RequestError, ConflictError, HTTPException: It did not.
        """
        if self.ended == "left":
            raise ConflictError("another request goes on with this.", hint=hint)
        if self.ended == "silent":
            what = f"nothing or next to nothing came for {self._silence_s:g} s"
            raise HTTPException(408, f"the body did not come to its end: {what}. {hint}".strip("."))
        if self.ended == "cut":
            raise RequestError("the body did not come to its end: it was cut off.", hint=hint)
