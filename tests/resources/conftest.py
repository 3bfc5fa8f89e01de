"""A real HTTP server on loopback that behaves as badly as it is told to; a store with calls in it.

Puts this folder's material, and that of the film's tests, on the path.
"""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from PIL import Image

from filmeto_core.resources.calls import CallIndex, CallRecord, call_key
from filmeto_core.resources.store import Store
from filmeto_core.types import ResourceOutput

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "film")]

Route = Callable[[BaseHTTPRequestHandler], None]


def answer(body: bytes, status: int = 200, **headers: str) -> Route:
    """A plain answer; headers with _ for -."""

    def route(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return route


def serve_ranges(body: bytes, *, cut_after: list[int | None], **headers: str) -> Route:
    """Answers with ranges; each answer is cut after so many bytes, while `cut_after` lasts."""

    def route(handler: BaseHTTPRequestHandler) -> None:
        start = 0
        asked, condition = handler.headers.get("Range"), handler.headers.get("If-Range")
        known = [v for k, v in headers.items() if k in ("ETag", "Last_Modified")]
        if asked and condition in known:
            start = int(asked.removeprefix("bytes=").rstrip("-"))
        handler.send_response(206 if start else 200)
        if start:
            handler.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body) - start))
        handler.end_headers()
        most = cut_after.pop(0) if cut_after else None
        handler.wfile.write(body[start:] if most is None else body[start : start + most])
        if most is not None:
            handler.wfile.flush()
            handler.close_connection = True

    return route


def in_turn(*routes: Route) -> Route:
    """The first request gets the first answer, and so on; the last one stays."""
    waiting = list(routes)

    def route(handler: BaseHTTPRequestHandler) -> None:
        (waiting.pop(0) if len(waiting) > 1 else waiting[0])(handler)

    return route


class BadServer:
    """Serves `routes` (a path to what answers it), and keeps each request's path and headers."""

    def __init__(self) -> None:
        self.routes: dict[str, Route] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.stopping = threading.Event()
        bad = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                bad.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
                bad.routes.get(self.path.partition("?")[0], answer(b"", status=404))(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def headers(self, name: str) -> list[str | None]:
        """One header of each request so far."""
        return [headers.get(name) for _, headers in self.requests]

    answer = staticmethod(answer)
    serve_ranges = staticmethod(serve_ranges)
    in_turn = staticmethod(in_turn)

    def stop(self) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


@pytest.fixture
def server() -> Iterator[BadServer]:
    running = BadServer()
    yield running
    running.stop()


class Made:
    """A store with finished calls in it, each of whose files is as old as it is told to be."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index = self.opened()

    def opened(self) -> CallIndex:
        """As another process has it: nothing is remembered."""
        return CallIndex(self.folder / "cache", Store(self.folder / "store"))

    def output(self, shade: int, others: tuple[ResourceOutput, ...] = ()) -> ResourceOutput:
        """A picture of this shade in the store."""
        path = self.folder / f"{shade}.png"
        Image.new("RGB", (16, 16), (shade % 256, shade // 256, 0)).save(path)
        stored = self.index.store.put_file(path)
        return ResourceOutput(
            type="image",
            path=str(stored.path),
            mime_type=stored.mime_type,
            size=stored.size,
            metadata={"digest": stored.digest},
            others=others,
        )

    def call(self, shade: int, *, days: float = 0.0, others: tuple[int, ...] = ()) -> CallRecord:
        """A call that made a picture of this shade, last used so many days ago."""
        more = tuple(self.output(other) for other in others)
        record = CallRecord(
            key=call_key(tool="text2image", plugin="p", fingerprint="f", parameters={"n": shade}),
            tool="text2image",
            plugin="p",
            plugin_version="1.0",
            outputs=(self.output(shade, more),),
        )
        self.index.put(record)
        self.age(record, days)
        return record

    def age(self, record: CallRecord, days: float) -> None:
        """As if the call and its files had last been used so many days ago."""
        then = time.time() - days * 86400
        os.utime(self.record_path(record), (then, then))
        for output in (*record.outputs, *record.outputs[0].others):
            self.age_file(Path(output.path), days)

    @staticmethod
    def age_file(path: Path, days: float) -> None:
        """As if the file had last been used so many days ago; its content is no younger."""
        then = time.time_ns() - int(days * 86400e9)
        os.utime(path, ns=(then, path.stat().st_mtime_ns))

    def record_path(self, record: CallRecord) -> Path:
        """Where a record lies."""
        return self.index.folder / "records" / record.key[:2] / f"{record.key}.json"

    def files(self) -> set[str]:
        """The digests of all files that are there."""
        return {f"sha256:{path.stem}" for path in (self.folder / "store/objects").glob("*/*")}

    def records(self) -> set[str]:
        """The keys of all records that are there."""
        return {path.stem for path in (self.folder / "cache/records").glob("*/*")}


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    material = Made(tmp_path)
    yield material
    material.index.catalogue.close()
