"""`filmeto serve` in a process of its own, which is killed and started again, and who watches it."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
from traces import eventually, processes_of

ROOT = Path(__file__).resolve().parents[2]
START_S = 30.0
SILENT_S = 120.0  # the longest that a watcher waits for one more event
GONE_S = 5.0  # what processes of a killed server have to be gone
CLIENT = {"trust_env": False, "timeout": 30.0}
LAST = ("result", "error")


class Server:
    """One server over one data folder; any number of times, one at a time.

    Args:
        folder: Its HOME (by which its processes are known), working folder, and data.
        environment: Further variables.
    """

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self._environment = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
        self._environment |= {"HOME": str(folder), "FILMETO_HOME": str(folder / "data")}
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""
        self.starts = 0
        self.up = asyncio.Event()

    @property
    def pid(self) -> int:
        """Of its process."""
        return self._process.pid

    async def start(self) -> None:
        """Start it; returns once it serves."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.starts += 1
        log = self.folder / f"server-{self.starts}.log"
        argv = [sys.executable, "-m", "filmeto_core", "serve", "--port", "0"]
        argv += ["--socket", str(self.folder / "s")]
        with log.open("wb") as stderr:
            self._process = subprocess.Popen(
                argv, cwd=self.folder, env=self._environment, stderr=stderr
            )
        end = time.monotonic() + START_S
        while "serving at " not in (told := log.read_text()):
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the server did not start: {told}")
            await asyncio.sleep(0.02)
        self.url = told.split("serving at ")[1].split()[0]
        self.up.set()

    def kill(self) -> None:
        """SIGKILL; it is gone when this returns."""
        self.up.clear()
        self._process.kill()
        self._process.wait(10)

    async def terminate(self) -> int:
        """SIGTERM, and wait for its end: the exit code."""
        self.up.clear()
        self._process.send_signal(signal.SIGTERM)
        return await asyncio.to_thread(self._process.wait, 60)

    def left(self) -> list[int]:
        """What of its processes is still there once they had time to go."""
        return eventually(lambda: processes_of(self.folder), GONE_S)

    def client(self) -> httpx.AsyncClient:
        """A client of it as it is now."""
        return httpx.AsyncClient(base_url=self.url, **CLIENT)

    async def get(self, path: str, **options) -> dict:
        """A document of its."""
        async with self.client() as client:
            answer = await client.get(path, **options)
            answer.raise_for_status()
            return answer.json()


@contextlib.asynccontextmanager
async def served(folder: Path, environment: dict[str, str]) -> AsyncIterator[Server]:
    """A server that runs already; it is ended with this."""
    server = Server(folder, environment)
    await server.start()
    try:
        yield server
    finally:
        if server._process.poll() is None:
            server.kill()


class Watcher:
    """Follows one stream of events over the server's deaths, by Last-Event-ID.

    Args:
        server: Whose.
        path: The stream's.
        is_last: Whether an event is the last that is waited for.
        saw: Called with each event, at once.
    """

    def __init__(
        self,
        server: Server,
        path: str,
        is_last: Callable[[dict], bool] = lambda event: event["_type"] in LAST,
        saw: Callable[[dict], None] = lambda event: None,
    ) -> None:
        self._server, self._path, self._is_last, self._saw = server, path, is_last, saw
        self.events: list[tuple[tuple[int, int], dict]] = []
        self.over = False

    async def run(self) -> None:
        """Watch to the last event."""
        async with asyncio.timeout(SILENT_S) as self._limit:
            while not self.over:
                await self._server.up.wait()
                with contextlib.suppress(httpx.TransportError):
                    await self._follow()
                await asyncio.sleep(0.02)

    async def _follow(self) -> None:
        headers = {}
        if self.events:
            headers["Last-Event-ID"] = "{}-{}".format(*self.events[-1][0])
        async with self._server.client() as client:
            async with client.stream("GET", self._path, headers=headers) as answer:
                answer.raise_for_status()
                async for line in answer.aiter_lines():
                    self._read(line)
                    if self.over:
                        return

    def _read(self, line: str) -> None:
        if line.startswith("id: "):
            epoch, _, number = line[4:].partition("-")
            self._id = int(epoch), int(number)
        elif line.startswith("data: "):
            event = json.loads(line[6:])
            self.events.append((self._id, event))
            self.over = self._is_last(event)
            self._limit.reschedule(asyncio.get_running_loop().time() + SILENT_S)
            self._saw(event)

    @property
    def last(self) -> dict | None:
        """The last event that it saw."""
        return self.events[-1][1] if self.events else None

    def problems(self) -> list[str]:
        """What is wrong with what it saw: an event twice, or out of order, or after the end."""
        found = []
        ids = [event_id for event_id, _ in self.events]
        if ids != sorted(set(ids)):
            found.append(f"{self._path}: ids out of order or twice: {ids}")
        ends = [event for _, event in self.events if self._is_last(event)]
        if len(ends) != int(self.over):
            found.append(f"{self._path}: {len(ends)} ends")
        return found


async def whole_stream(server: Server, path: str, last: tuple[int, int]) -> list[tuple[int, int]]:
    """The ids of a stream from its beginning to one of them."""
    ids: list[tuple[int, int]] = []
    async with asyncio.timeout(SILENT_S), server.client() as client:
        async with client.stream("GET", path) as answer:
            async for line in answer.aiter_lines():
                if line.startswith("id: "):
                    epoch, _, number = line[4:].partition("-")
                    ids.append((int(epoch), int(number)))
                elif line.startswith("data: ") and ids[-1] >= last:
                    break
    return ids
