"""A real HTTP server on loopback that can be told to fail, for servers written from vendors' protocols.

A subclass of `FaultServer` answers requests in `reply`. Before that, the next fault that was told for
the request's place is caused for real:

    busy       429, with the Retry-After that was told
    broken     500
    answer     the vendor's error with the `status`, `code` and `message` that were told
    gateway    504
    drop       the connection ends before the request is looked at
    forget     the request is carried out, and the connection ends without an answer
    cut        the answer's headers, half of its body, and the end
    garbage    200 with a body that is no JSON
    kill       the request is carried out; a callback is called; then no answer comes
    hold       `reached` is set, and the answer comes once `event` is set
"""

import json
import socket
import struct
import threading
from collections import defaultdict, deque
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WAIT_S = 5.0  # the longest that a handler waits for a test


class Request:
    """A request as it came: method, path (no query), query, headers, body and what is in it."""

    def __init__(self, handler):
        self.method, (self.path, _, self.query) = handler.command, handler.path.partition("?")
        self.headers = handler.headers
        self.body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))

    @property
    def json(self):
        return json.loads(self.body or b"{}")

    def form(self):
        """(fields, files) of a multipart form; files are (name, file name, bytes)."""
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        fields, files = {}, []
        for part in message_from_bytes(head + self.body).get_payload():
            name = part.get_param("name", header="content-disposition")
            data = part.get_payload(decode=True)
            if part.get_filename():
                files.append((name, part.get_filename(), data))
            else:
                fields[name] = data.decode()
        return fields, files


class Reply:
    """An answer: a status, a body (bytes, or JSON), headers."""

    def __init__(self, body, status=200, mime="application/json", headers=None):
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.status, self.mime, self.headers = status, mime, headers or {}


class FaultServer(ThreadingHTTPServer):
    """The server; use it in a `with` block. `url` is its address.

    Attributes:
        requests: All that came, in order.
        orders: One entry for each thing that was made and charged for.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.requests, self.orders = [], []
        self.lock = threading.Lock()
        self._faults = defaultdict(deque)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()
        self._thread.join(WAIT_S)

    def fail(self, place, *faults, **about):
        """Cause these faults, one a request, at a place (a name that `place` gives)."""
        self._faults[place].extend((fault, about) for fault in faults)

    def came(self, place):
        """The requests of a place."""
        return [request for request in self.requests if self.place(request) == place]

    def next_fault(self, place):
        """The fault that the next request of this place meets: (name or None, about)."""
        with self.lock:
            waiting = self._faults[place]
            return waiting.popleft() if waiting else (None, {})

    def place(self, request):
        """The name of what a request asks for."""
        raise NotImplementedError

    def reply(self, request):
        """Carry a request out; its Reply."""
        raise NotImplementedError

    def busy(self, request, headers):
        """The vendor's 429."""
        return Reply({"error": {"message": "slow down"}}, 429, headers=headers)

    def error(self, status, message, code):
        """An error as the vendor tells it."""
        raise NotImplementedError

    def handle_error(self, request, client_address):
        """A client that was killed is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """Nothing: the requests are kept."""

    def _serve(self):
        server, request = self.server, Request(self)
        place = server.place(request)
        server.requests.append(request)
        fault, about = server.next_fault(place)
        if fault == "drop":
            self._drop()
        elif fault == "busy":
            self._send(server.busy(request, about.get("headers", {})))
        elif fault == "answer":
            self._send(server.error(about["status"], about["message"], about["code"]))
        elif fault in ("broken", "gateway"):
            status = 500 if fault == "broken" else 504
            told = {"error": {"message": "it broke"}}
            self._send(Reply(told, status, headers=about.get("headers")))
        elif fault == "garbage":
            server.reply(request)
            self._send(Reply(b"<html>not what you asked for", mime="text/html"))
        elif fault == "forget":
            server.reply(request)
            self._drop()
        elif fault == "kill":
            server.reply(request)
            about["kill"]()
            self._drop()
        else:
            if fault == "hold":
                about["reached"].set()
                about["event"].wait(WAIT_S)
            self._send(server.reply(request), cut=fault == "cut")

    do_GET = do_POST = do_PUT = do_DELETE = _serve

    def _send(self, reply, cut=False):
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.mime)
        self.send_header("Content-Length", str(len(reply.body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body[: len(reply.body) // 2] if cut else reply.body)
        if cut:
            self._drop()

    def _drop(self):
        """End the connection as a lost one ends: a reset."""
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)
