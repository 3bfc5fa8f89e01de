"""A server that speaks as OpenAI-compatible ones do, with whatever faults it is told to have.

Source: OpenAI API reference, "Create chat completion" and "Error codes".
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Reply:
    """One answer: `hang` keeps the client waiting, `cut` ends the body too early."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False
    cut: bool = False


def completion(text: str, finished: str = "stop", refusal: str | None = None) -> Reply:
    """What a model says."""
    message = {"role": "assistant", "content": text, "refusal": refusal}
    choice = {"index": 0, "message": message, "finish_reason": finished}
    told = {"id": "c1", "object": "chat.completion", "model": "m", "choices": [choice]}
    return Reply(body=json.dumps(told).encode())


def failure(status: int, message: str = "", code: str = "", **headers: str) -> Reply:
    """What the server says instead."""
    error = {"error": {"message": message, "type": "error", "code": code}}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, json.dumps(error).encode(), named)


@dataclass
class FakeModel:
    """The running server: its address, and what it was asked."""

    url: str
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)


@contextmanager
def serving_model(*replies: Reply) -> Iterator[FakeModel]:
    """A server on loopback that answers so, in this order, and the last one for ever."""
    waiting, released = list(replies), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            fake.asked.append({"path": self.path, **json.loads(content)})
            fake.keys.append(self.headers.get("Authorization", ""))
            reply = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            if reply.hang:
                released.wait(5)
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body) + 100 * reply.cut))
            self.end_headers()
            self.wfile.write(reply.body)
            self.close_connection = reply.cut

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake = FakeModel(f"http://127.0.0.1:{server.server_address[1]}/v1")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield fake
    finally:
        released.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
