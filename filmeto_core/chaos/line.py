"""The line from a film's plugins to the world: an HTTP proxy on loopback that sees jobs pass.

Plugins are pointed to it by HTTP_PROXY and HTTPS_PROXY. It tells of each moment that matters, and
waits until the listener is done with it, so that a kill falls exactly there:

    submit     a job is about to go out: the provider has not seen it
    accepted   the provider's answer to it is here, and its client does not have it yet
    download   half of a file went through
    collected  all of it did

What goes through an encrypted tunnel cannot be told apart; it can be cut all the same.
"""

import contextlib
import socket
import socketserver
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

PIECE_BYTES = 64 * 1024
HEAD_BYTES = 256 * 1024  # the longest head of a request or an answer
CONNECT_S = 10.0
MOMENTS = ("submit", "accepted", "download", "collected")
_SENDING = ("POST", "PUT", "PATCH")


@dataclass(frozen=True)
class Moment:
    """Something passes.

    Args:
        name: One of MOMENTS.
        number: The how manieth of its name, from 1.
        client_port: The port that the plugin speaks from, which tells its process.
    """

    name: str
    number: int
    client_port: int


class Line(socketserver.ThreadingTCPServer):
    """The proxy, listening from its making on; use it as a context.

    Args:
        beyond: The user's own proxy, to go on through; None: straight to the provider.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, beyond: str | None = None) -> None:
        self.beyond = urlsplit(beyond) if beyond else None
        self.counts: Counter[str] = Counter()
        self.connections = 0
        self.listener: Callable[[Moment], None] = lambda moment: None
        self._mutex = threading.Lock()
        self._open: set[socket.socket] = set()
        self._down_until = 0.0
        super().__init__(("127.0.0.1", 0), _Passing)

    @property
    def url(self) -> str:
        """What HTTP_PROXY is set to; it keeps the name and password of the proxy beyond."""
        user = f"{self.beyond.netloc.rpartition('@')[0]}@" if self.beyond else ""
        return f"http://{user if user != '@' else ''}127.0.0.1:{self.server_address[1]}"

    def cut(self, outage_s: float) -> None:
        """Break every connection now, and take none for so long."""
        with self._mutex:
            self._down_until = time.monotonic() + outage_s
            broken, self._open = self._open, set()
        for one in broken:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def hold(self, one: socket.socket) -> None:
        """Keep a connection, so that it can be cut.

        Raises:
            OSError: The line is down.
        """
        with self._mutex:
            if time.monotonic() < self._down_until:
                raise ConnectionAbortedError("the line is down")
            self._open.add(one)

    def holds(self, one: socket.socket) -> bool:
        """Whether it was not cut meanwhile."""
        with self._mutex:
            return one in self._open

    def let_go(self, one: socket.socket) -> None:
        """It is over."""
        with self._mutex:
            self._open.discard(one)
        one.close()

    def tell(self, name: str, client_port: int) -> None:
        """Have the listener know; comes back when it is done."""
        with self._mutex:
            self.counts[name] += 1
            moment = Moment(name, self.counts[name], client_port)
        self.listener(moment)

    def handle_error(self, request, client_address) -> None:
        """A connection that breaks is what this is for."""

    def __enter__(self) -> "Line":
        serve = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)
        serve.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.listener = lambda moment: None
        self.shutdown()
        self.cut(CONNECT_S)
        self.server_close()


class _Passing(socketserver.BaseRequestHandler):
    """One connection of a client's, with one request."""

    server: Line

    def handle(self) -> None:
        client: socket.socket = self.request
        client.settimeout(None)
        self.server.connections += 1
        with contextlib.suppress(OSError, ValueError):
            self.server.hold(client)
            try:
                self._serve(client)
            finally:
                self.server.let_go(client)

    def _serve(self, client: socket.socket) -> None:
        head, rest = _read_head(client)
        first, _, fields = head.partition(b"\r\n")
        method, target, version = first.decode("latin-1").split(" ", 2)
        if method == "CONNECT":
            return self._tunnel(client, head, rest, target)
        port = client.getpeername()[1]
        if method in _SENDING:
            self.server.tell("submit", port)
            self._still_there(client)
        url = urlsplit(target)
        beyond = self.server.beyond
        place = (beyond.hostname, beyond.port or 80) if beyond else (url.hostname, url.port or 80)
        asked = target if beyond else f"{url.path or '/'}{'?' + url.query if url.query else ''}"
        kept = [f for f in fields.split(b"\r\n") if not f.lower().startswith(_HOPS)]
        start = f"{method} {asked} {version}".encode("latin-1")
        with self._upstream(place) as provider:
            provider.sendall(b"\r\n".join([start, *kept, b"Connection: close", b"", b""]) + rest)
            _pass_body(client, provider, _length(fields) - len(rest))
            self._answer(client, provider, method, port)

    def _answer(self, client, provider, method: str, port: int) -> None:
        head, rest = _read_head(provider)
        if method in _SENDING:
            self.server.tell("accepted", port)
            self._still_there(client)
        client.sendall(head + b"\r\n\r\n")
        length = _length(head)
        if method == "GET" and _is_file(head) and length > 0:
            half = max(1, length // 2)
            rest += _read(provider, half - len(rest))
            client.sendall(rest[:half])
            self.server.tell("download", port)
            self._still_there(client)
            client.sendall(rest[half:])
            _pass_body(provider, client, length - len(rest))
            self.server.tell("collected", port)
        else:
            client.sendall(rest)
            _pass_all(provider, client)

    def _tunnel(self, client: socket.socket, head: bytes, rest: bytes, target: str) -> None:
        beyond = self.server.beyond
        host, _, number = target.rpartition(":")
        place = (beyond.hostname, beyond.port or 80) if beyond else (host.strip("[]"), int(number))
        with self._upstream(place) as provider:
            if beyond:
                provider.sendall(head + b"\r\n\r\n" + rest)
            else:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                provider.sendall(rest)
            back = threading.Thread(target=_pass_all, args=(provider, client), daemon=True)
            back.start()
            _pass_all(client, provider)
            back.join()

    @contextlib.contextmanager
    def _upstream(self, place: tuple[str | None, int]):
        provider = socket.create_connection(place, timeout=CONNECT_S)
        provider.settimeout(None)
        self.server.hold(provider)
        try:
            yield provider
        finally:
            self.server.let_go(provider)

    def _still_there(self, client: socket.socket) -> None:
        if not self.server.holds(client):
            raise ConnectionAbortedError("it was cut")


_HOPS = (b"connection:", b"proxy-connection:", b"keep-alive:")


def _read_head(source: socket.socket) -> tuple[bytes, bytes]:
    """The head, without the empty line behind it, and what came after."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = source.recv(PIECE_BYTES)
        if not piece or len(data) > HEAD_BYTES:
            raise ConnectionError("no head")
        data += piece
    head, _, rest = data.partition(b"\r\n\r\n")
    return head, rest


def _fields(head: bytes) -> dict[str, str]:
    lines = [line.partition(b":") for line in head.lower().split(b"\r\n")]
    return {n.decode("latin-1").strip(): v.decode("latin-1").strip() for n, _, v in lines}


def _length(head: bytes) -> int:
    """Of the body; 0 where there is none, or none is told."""
    told = _fields(head).get("content-length", "0")
    return int(told) if told.isdigit() else 0


def _is_file(head: bytes) -> bool:
    """Whether an answer is a file, rather than word of a job."""
    status = head.split(b" ", 2)[1]
    kind = _fields(head).get("content-type", "")
    return status in (b"200", b"206") and "json" not in kind and not kind.startswith("text/")


def _read(source: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = source.recv(min(PIECE_BYTES, size - len(data)))
        if not piece:
            raise ConnectionError("cut short")
        data += piece
    return data


def _pass_body(source: socket.socket, target: socket.socket, size: int) -> None:
    while size > 0:
        piece = source.recv(min(PIECE_BYTES, size))
        if not piece:
            raise ConnectionError("cut short")
        target.sendall(piece)
        size -= len(piece)


def _pass_all(source: socket.socket, target: socket.socket) -> None:
    """Until the source has no more; then the target is told so."""
    with contextlib.suppress(OSError):
        while piece := source.recv(PIECE_BYTES):
            target.sendall(piece)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
