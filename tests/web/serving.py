"""A real server on loopback for the tests: in a thread of this process, over a data folder of the test's."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import orjson

from filmeto_core.profiles import find_project
from filmeto_core.service import FilmetoService
from filmeto_core.settings import Settings
from filmeto_core.web.desk import Desk, open_desk
from filmeto_core.web.options import ServeOptions
from filmeto_core.web.server import Server
from filmeto_core.web.traces import Traces

PLUGINS = Path(__file__).resolve().parents[1] / "plugins"
WAIT_S = 20.0
CLIENT = {"trust_env": False, "timeout": 20.0}


class Serving:
    """A running server.

    Args:
        desk: Its parts, for what a test has to look at or to change.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._server: Server | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._failed: BaseException | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="serving", daemon=True)

    @property
    def url(self) -> str:
        """Its address."""
        return self.desk.address

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(20), "the server did not start"
        if self._failed:
            raise self._failed

    def stop(self) -> None:
        if self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._server.stop)
            self._thread.join(20)
            assert not self._thread.is_alive(), "the server did not end"
            if self._failed:
                raise self._failed

    def client(self, **options) -> httpx.Client:
        """A client of it."""
        return httpx.Client(base_url=self.url, **{**CLIENT, **options})

    def on_loop(self, work):
        """Await something on the server's own loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(WAIT_S)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            self._failed = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._server = Server(self.desk)
        running = asyncio.create_task(self._server.run())
        ready = asyncio.create_task(self._server.ready.wait())
        await asyncio.wait((running, ready), return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        self._ready.set()
        await running


@contextmanager
def serving(
    settings: Settings | None = None, traces: Traces | None = None, **options
) -> Iterator[Serving]:
    """A server while this lasts, for the settings of the environment unless they are given."""
    service = FilmetoService(settings or Settings(), find_project())
    made = Serving(open_desk(service, ServeOptions(**{"port": 0, **options})))
    made.desk.traces = traces or made.desk.traces
    made.start()
    try:
        yield made
    finally:
        made.stop()


def events(lines) -> Iterator[tuple[str, dict]]:
    """(id, JSON) of each event of a stream's lines; ("", {}) for a comment."""
    event_id = ""
    for line in lines:
        if line.startswith("id: "):
            event_id = line[4:]
        elif line.startswith("data: "):
            yield event_id, orjson.loads(line[6:])
        elif line.startswith(":"):
            yield "", {}


def read_stream(client: httpx.Client, method: str, path: str, **options) -> list[tuple[str, dict]]:
    """All events of a stream that ends."""
    with client.stream(method, path, **options) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        return [event for event in events(answer.iter_lines()) if event[0]]
