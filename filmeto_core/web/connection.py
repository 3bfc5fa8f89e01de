"""One connection of the server: uvicorn's, with an end to what a slow or idle client may hold.

uvicorn waits for a request's head for ever, and reads what follows a refusal for ever. Both end here.
It is h11's parser in any case, whatever else is installed: the limits are tested on that one.
"""

import asyncio
import contextlib
import os
import resource
import socket
import struct
import sys
from http import HTTPStatus

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from filmeto_core.errors import RequestError
from filmeto_core.web.answer_headers import SECURITY
from filmeto_core.web.event_log import encoded
from filmeto_core.web.gate import OVER_SOCKET
from filmeto_core.web.problems import MEDIA_TYPE, problem_of

HEAD_S = 10.0  # from a connection's start, or a head's first byte, to its last
LINGER_S = 2.0  # for the rest of a body that was refused: whoever sends it should read why
OTHER_FILES = (
    512  # that the server has open besides connections: databases, pipes of plugins, media
)
LEAST_CONNECTIONS = 32
HEAD_BYTES = 16 * 1024  # a request's line and headers
_PEER = struct.Struct("3i")  # Linux: process, user and group of who is at a socket's other end


def connections(most: int) -> type[H11Protocol]:
    """The class of a server's connections.

    Args:
        most: Open at once; a further one is closed as soon as it is made.
    """
    return type("Connection", (Connection,), {"most": most})


def open_at_once(wanted: int) -> int:
    """How many connections may be open: as many as wanted, or as the process may have files.

    What it may have is raised for that; some files are left to all else.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + OTHER_FILES
    if 0 <= soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        with contextlib.suppress(OSError, ValueError):  # the system's own bound may be lower
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return wanted if soft < 0 else min(wanted, max(LEAST_CONNECTIONS, soft - OTHER_FILES))


class Connection(H11Protocol):
    """A connection whose client has to get on."""

    most = sys.maxsize
    _timer: asyncio.TimerHandle | None = None
    _refused = False  # it speaks no HTTP: what else comes is thrown away

    def connection_made(self, transport) -> None:
        super().connection_made(transport)
        over = transport.get_extra_info("socket")
        is_unix = over is not None and over.family == socket.AF_UNIX
        if len(self.connections) > self.most or (is_unix and not _is_own(over)):
            transport.abort()
            return
        if is_unix:
            self.app_state = {**self.app_state, OVER_SOCKET: True}
        self._wait(HEAD_S)

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        super().data_received(data)
        if self._refused:
            return
        if self.conn.their_state is not h11.IDLE:
            if self._timer is not None and not self._lingers:
                self._wait(None)
        elif self._timer is None and self.conn.trailing_data[0]:
            self._wait(HEAD_S)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self._wait(None)
        super().handle_websocket_upgrade(event)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._lingers and not self.transport.is_closing():
            self._wait(LINGER_S)

    def send_400_response(self, msg: str) -> None:
        """Not HTTP, or a head that is too long: a problem as all others, and the end."""
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):  # amid an answer
            self.transport.abort()
            return
        status = getattr(sys.exc_info()[1], "error_status_hint", 400)
        error = RequestError(msg, hint=f"Send HTTP/1.1, a head of up to {HEAD_BYTES} bytes.")
        told = {**problem_of(error), "status": status, "title": HTTPStatus(status).phrase}
        body = encoded(told)
        headers = [
            *SECURITY,
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        for event in (
            h11.Response(status_code=status, headers=headers, reason=told["title"].encode()),
            h11.Data(data=body),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event))
        self._refused = True
        if (
            self.transport.can_write_eof()
        ):  # closed at once, what is unread would cut the answer off
            self.transport.write_eof()
            self._wait(LINGER_S)
        else:
            self.transport.close()

    @property
    def _lingers(self) -> bool:
        """Whether it was answered before its body was whole."""
        return self.conn.our_state is h11.DONE and self.conn.their_state is h11.SEND_BODY

    def _wait(self, seconds: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if seconds is None else self.loop.call_later(seconds, self._give_up)

    def _give_up(self) -> None:
        self._timer = None
        if not self.transport.is_closing():
            self.transport.abort()


def _is_own(peer: socket.socket) -> bool:
    """Whether this user (or root) is at the other end; the socket's mode says so too."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    told = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    return _PEER.unpack(told)[1] in (0, os.getuid())
