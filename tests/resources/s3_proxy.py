"""Stands between a machine and an S3 server, and does to requests what networks and clouds do."""

import http.client
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PIECE = 64 * 1024
_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


@dataclass
class Asked:
    """A request as rules see it."""

    method: str
    path: str

    @property
    def sends_a_file(self) -> bool:
        return self.method == "PUT" and "/objects/" in self.path

    @property
    def takes_a_file(self) -> bool:
        return self.method == "GET" and "/objects/" in self.path and "uploadId" not in self.path


class Fault:
    """What befalls the requests that `when` picks, `times` times."""

    def __init__(self, when: Callable[[Asked], bool], times: int, **what: object) -> None:
        self.when, self.times, self.what = when, times, what


class Proxy:
    """A server on loopback in front of another one.

    `faults` may be added at any time: cut_request_after=N bytes of the body, then the connection
    ends; cut_answer_after=N; status=503, code="SlowDown" in place of the server's answer;
    corrupt_request=True and corrupt_answer=True flip a bit of the body; hang=True never answers.
    """

    def __init__(self, port: int) -> None:
        self.faults: list[Fault] = []
        self.asked: list[Asked] = []
        self.heard = threading.Condition()
        self.ending = threading.Event()
        self.bytes_in = 0
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except (ConnectionError, http.client.HTTPException, TimeoutError):
                    self.close_connection = True

            def _any(self) -> None:
                proxy._serve(self, port)

            do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _any

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def fault(self, when: Callable[[Asked], bool], times: int = 1, **what: object) -> None:
        """From now on, this befalls the next `times` requests that `when` picks."""
        self.faults.append(Fault(when, times, **what))

    def count(self, when: Callable[[Asked], bool]) -> int:
        """How many requests so far `when` picks."""
        with self.heard:
            return sum(map(when, self.asked))

    def wait_for(self, when: Callable[[Asked], bool], times: int = 1) -> bool:
        """Until so many were asked for."""
        with self.heard:
            return self.heard.wait_for(lambda: sum(map(when, self.asked)) >= times, 5)

    def _fault_of(self, asked: Asked) -> dict[str, object]:
        with self.heard:
            for fault in self.faults:
                if fault.times and fault.when(asked):
                    fault.times -= 1
                    return fault.what
        return {}

    def _serve(self, handler: BaseHTTPRequestHandler, port: int) -> None:
        asked = Asked(handler.command, handler.path)
        what = self._fault_of(asked)
        size = int(handler.headers.get("Content-Length") or 0)
        cut = what.get("cut_request_after")
        body = handler.rfile.read(size if cut is None else min(size, cut))
        with self.heard:
            self.asked.append(asked)
            self.bytes_in += len(body)
            self.heard.notify_all()
        if cut is not None:
            handler.close_connection = True
            return
        if what.get("hang"):
            self.ending.wait(30)
            handler.close_connection = True
            return
        if "status" in what:
            self._refuse(handler, what)
            return
        if what.get("corrupt_request"):
            body = _flipped(body)
        self._pass_on(handler, port, body, what)

    def _pass_on(self, handler, port: int, body: bytes, what: dict[str, object]) -> None:
        behind = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            headers = {k: v for k, v in handler.headers.items() if k.lower() != "expect"}
            behind.request(handler.command, handler.path, body=body, headers=headers)
            answer = behind.getresponse()
            data = answer.read()
        finally:
            behind.close()
        handler.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _HOP:
                handler.send_header(name, value)
        length = answer.getheader("Content-Length") if handler.command == "HEAD" else len(data)
        handler.send_header("Content-Length", str(length or 0))
        handler.end_headers()
        if what.get("corrupt_answer"):
            data = _flipped(data)
        most = what.get("cut_answer_after")
        handler.wfile.write(data if most is None else data[:most])
        handler.wfile.flush()
        if most is not None:
            handler.close_connection = True

    def _refuse(self, handler: BaseHTTPRequestHandler, what: dict[str, object]) -> None:
        status = int(what["status"])
        text = (
            f"<Error><Code>{what.get('code', 'InternalError')}</Code><Message>no</Message></Error>"
        )
        data = b"" if handler.command == "HEAD" else text.encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/xml")
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def stop(self) -> None:
        self.ending.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


def _flipped(data: bytes) -> bytes:
    if not data:
        return data
    changed = bytearray(data)
    changed[len(changed) // 2] ^= 1
    return bytes(changed)
