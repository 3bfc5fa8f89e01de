"""Two hundred watch one stream of events, some of them badly, while the machine works.

    python tests/proofs/watchers.py [--watchers 200] [--seconds 20] [--rate 20]
        [--letters 100] [--film] [--seed 1]

A real `filmeto serve`; the events are those of a task whose plugin reports at a steady rate, with a
niced busy process for each core beside it, or (--film) those of a film that is rendered. Most watch
steadily; of each ten one reads a byte a second, one stops reading, and one leaves at random and comes
back by Last-Event-ID; of a task another ten watch by WebSocket. Each has to get each event once and in
order, the server's memory stays bounded, and for those who read, half of the events are there within
250 ms of their making and 99 of 100 within a second. When an event was made is told by the journal,
where the server wrote it. Exits 1 if anything did not hold.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import websockets  # noqa: E402
from served import Server, served  # noqa: E402
from stage import PLUGINS, copy_plugin, prefect_server, temporary_home  # noqa: E402

MEDIAN_BAR_S, P99_BAR_S = 0.25, 1.0
GROWTH_BAR_BYTES = 64 * 1024 * 1024
FILM_BYTES = 64 * 1024 * 1024  # what a film takes of itself, to be planned and read
SLOW_BUFFER_BYTES = 4096  # what the kernel holds for a watcher who does not read
SOCKETS = 10  # who watch a task by WebSocket
LEAVES_EACH = 15  # events that who comes and goes has read before it leaves, on average
END_S = 30.0  # after the last event was made
BUSY = "while True: pass"
FILM = """\
title: The lamp
size: 320x180
fps: 12
profile: animatic
voice: {language: en}
music: {prompt: slow strings}
shots:
"""


@dataclass
class Report:
    """What came of it."""

    watchers: int = 0
    events: int = 0
    delays: list[float] = field(default_factory=list)
    first_bytes: int = 0
    most_bytes: int = 0
    last_bytes: int = 0
    comings: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def growth_bytes(self) -> int:
        return self.most_bytes - self.first_bytes

    def quantile(self, share: float) -> float:
        """Seconds within which this share of the events arrived."""
        ordered = sorted(self.delays)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    def __str__(self) -> str:
        first, most, last = (
            f"{n / 1e6:.1f} MB" for n in (self.first_bytes, self.most_bytes, self.last_bytes)
        )
        return (
            f"{self.watchers} watchers, {self.events} events, {self.comings} comings back; delay: "
            f"median {self.quantile(0.5) * 1e3:.0f} ms, 99 of 100 {self.quantile(0.99) * 1e3:.0f} ms, "
            f"worst {self.quantile(1) * 1e3:.0f} ms; server's memory {first}, at most {most}, "
            f"at the end {last}"
        )


class Watcher:
    """One who watches over HTTP.

    Args:
        server: Whose events.
        path: The stream's.
        how: "steady", "byte", "stalled" or "hopping".
        chance: Of when a hopping one leaves.
        last: Tells whether an event is the last one.
    """

    def __init__(self, server: Server, path: str, how: str, chance: random.Random, last) -> None:
        self._server, self._path, self.how, self._chance, self._last = (
            server,
            path,
            how,
            chance,
            last,
        )
        self.seen: list[tuple[tuple[int, int], float]] = []
        self.comings, self.over = 0, False
        self._id = (0, 0)

    async def run(self) -> None:
        """Watch, until the last event or a cancellation."""
        while not self.over:
            leave = self._chance.randint(1, 2 * LEAVES_EACH) if self.how == "hopping" else None
            await self._follow(leave)

    async def _follow(self, leave_after: int | None) -> None:
        reader, writer = await self._connect()
        try:
            again = f"Last-Event-ID: {self._id[0]}-{self._id[1]}\r\n" if self.seen else ""
            request = f"GET {self._path} HTTP/1.1\r\nHost: localhost\r\n{again}\r\n"
            writer.write(request.encode())
            self.comings += bool(again)
            if self.how == "stalled":
                await reader.readline()
                writer.transport.pause_reading()
                await asyncio.Event().wait()
            count = len(self.seen)
            while not self.over and (leave_after is None or len(self.seen) - count < leave_after):
                line = await (self._slow_line(reader) if self.how == "byte" else reader.readline())
                if not line:
                    return
                self._read(line)
        finally:
            writer.transport.abort()

    async def _connect(self):
        host, _, port = self._server.url.removeprefix("http://").partition(":")
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        if self.how in ("byte", "stalled"):
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SLOW_BUFFER_BYTES)
        made.setblocking(False)
        await asyncio.get_running_loop().sock_connect(made, (host, int(port)))
        limit = 512 if self.how in ("byte", "stalled") else 2**20
        return await asyncio.open_connection(sock=made, limit=limit)

    async def _slow_line(self, reader) -> bytes:
        line = b""
        while not line.endswith(b"\n"):
            await asyncio.sleep(1)
            piece = await reader.read(1)
            if not piece:
                return b""
            line += piece
        return line

    def _read(self, line: bytes) -> None:
        if line.startswith(b"id: "):
            epoch, _, number = line[4:].decode().strip().partition("-")
            self._id = int(epoch), int(number)
        elif line.startswith(b"data: "):
            self.seen.append((self._id, time.time()))
            self.over = self._last(json.loads(line[6:]))


class SocketWatcher(Watcher):
    """One who watches a task by WebSocket."""

    async def run(self) -> None:
        url = self._server.url.replace("http://", "ws://") + self._path
        async with websockets.connect(url, proxy=None) as connection:
            async for frame in connection:
                told = json.loads(frame)
                epoch, _, number = told["id"].partition("-")
                self.seen.append(((int(epoch), int(number)), time.time()))
                self.over = self._last(told["event"])


async def watchers(
    count: int,
    seconds: float,
    rate: float,
    seed: int,
    stage: Path,
    *,
    letters: int = 100,
    film: bool = False,
) -> Report:
    """All of it, in a folder of its own."""
    report, chance = Report(watchers=count), random.Random(seed)
    (stage / "home" / "plugins").mkdir(parents=True)
    copy_plugin("chatty", stage / "home" / "plugins")
    (stage / "home" / "filmeto.yaml").write_text("plugins: ./plugins\n")
    variables = {} if film else {"FILMETO_PLUGINS": str(PLUGINS / "chatty")}
    async with served(stage / "home", variables) as server:
        with contextlib.nullcontext() if film else busy():
            begun = await (
                _film(server, int(seconds)) if film else _task(server, seconds, rate, letters)
            )
            made = await _watch(server, *begun[1:], count, chance, report)
        await server.terminate()  # so that all events are written
        _judge(server.folder / "data", begun[0], made, report)
        if left := server.left():
            report.problems.append(f"processes are left: {left}")
    return report


@contextlib.contextmanager
def busy() -> Iterator[None]:
    """A niced process for each core that does nothing but work."""
    made = [
        subprocess.Popen(["nice", "-n", "19", sys.executable, "-c", BUSY])
        for _ in range(os.cpu_count() or 1)
    ]
    try:
        yield
    finally:
        for one in made:
            one.kill()
            one.wait()


async def _task(server: Server, seconds: float, rate: float, letters: int):
    parameters = {"updates": int(seconds * rate), "rate": rate, "letters": letters}
    parameters["prompt"] = "watched"
    asked = {"tool_name": "text2image", "plugin_name": "chatty", "parameters": parameters}
    async with server.client() as client:
        answer = await client.post("/api/v1/tasks", json=asked)
        answer.raise_for_status()
        task = answer.json()["task_id"]
    last = lambda event: event["_type"] in ("result", "error")  # noqa: E731
    return f"task:{task}", f"/api/v1/tasks/{task}/events", f"/api/v1/tasks/{task}/socket", last


async def _film(server: Server, shots: int):
    lines = [
        f"  - {{id: s{n}, prompt: picture {n}, duration_s: 1.5, narration: Line {n}.}}\n"
        for n in range(shots)
    ]
    async with server.client() as client:
        answer = await client.post("/api/v1/films", json={"storyboard": FILM + "".join(lines)})
        answer.raise_for_status()
        film = answer.json()["id"]
        answer = await client.post(f"/api/v1/films/{film}/runs", json={})
        answer.raise_for_status()
    last = lambda event: event["_type"] in ("result", "error")  # noqa: E731
    return f"film:{film}", f"/api/v1/films/{film}/events", None, last


async def _watch(server, path, socket_path, last, count, chance, report) -> list[Watcher]:
    hows = ["byte", "stalled", "hopping", *["steady"] * 7]
    made: list[Watcher] = []
    for number in range(count):
        seed = random.Random(chance.random())
        if socket_path and number < SOCKETS:
            made.append(SocketWatcher(server, socket_path, "socket", seed, last))
        else:
            made.append(Watcher(server, path, hows[number % len(hows)], seed, last))
    report.first_bytes = _memory(server.pid)
    tasks = {watcher: asyncio.create_task(watcher.run()) for watcher in made}
    looking = asyncio.create_task(_look_at_memory(server.pid, report))
    readers = [w for w in made if w.how not in ("byte", "stalled")]
    try:
        for reading in asyncio.as_completed([tasks[w] for w in readers], timeout=600):
            await reading
            asyncio.get_running_loop().call_later(END_S, _give_up, [tasks[w] for w in readers])
    except (asyncio.CancelledError, TimeoutError):
        report.problems.append("some did not get the last event")
    finally:
        report.last_bytes = _memory(server.pid)
        for task in (*tasks.values(), looking):
            task.cancel()
        await asyncio.gather(*tasks.values(), looking, return_exceptions=True)
    return made


def _give_up(tasks: list[asyncio.Task]) -> None:
    for task in tasks:
        task.cancel()


def _judge(data: Path, subject: str, made: list[Watcher], report: Report) -> None:
    """Each against what the server wrote down."""
    path = next(data.rglob("posted.db"))
    with contextlib.closing(sqlite3.connect(path)) as connection:
        sql = "SELECT epoch, number, at FROM events WHERE subject = ? ORDER BY epoch, number"
        at = {(row[0], row[1]): row[2] for row in connection.execute(sql, (subject,))}
    every = list(at)
    report.events = len(every)
    for number, watcher in enumerate(made):
        ids = [event_id for event_id, _ in watcher.seen]
        slow = watcher.how in ("byte", "stalled")
        if ids != (every[: len(ids)] if slow else every):
            missing, twice = set(every) - set(ids), len(ids) - len(set(ids))
            report.problems.append(
                f"watcher {number} ({watcher.how}): {len(ids)} of {len(every)} events, "
                f"{len(missing)} missing, {twice} twice"
            )
        report.comings += watcher.comings
        if watcher.how in ("steady", "socket"):
            joined = watcher.seen[0][1] if watcher.seen else 0.0
            report.delays += [
                came - at[event_id]
                for event_id, came in watcher.seen
                if event_id in at and at[event_id] > joined  # not those from before it came
            ]


async def _look_at_memory(pid: int, report: Report) -> None:
    while True:
        report.most_bytes = max(report.most_bytes, _memory(pid))
        await asyncio.sleep(0.2)


def _memory(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--watchers", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=20, help="of the task; shots of the film")
    parser.add_argument("--rate", type=float, default=20, help="reports a second")
    parser.add_argument("--letters", type=int, default=100, help="of each report")
    parser.add_argument("--film", action="store_true", help="a film that is rendered")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with temporary_home() as home:
        count, seconds, rate, seed = asked.watchers, asked.seconds, asked.rate, asked.seed
        with prefect_server(home) if asked.film else contextlib.nullcontext():
            about = {"letters": asked.letters, "film": asked.film}
            report = asyncio.run(watchers(count, seconds, rate, seed, home, **about))
    print(report)
    if report.quantile(0.5) > MEDIAN_BAR_S or report.quantile(0.99) > P99_BAR_S:
        report.problems.append("events arrive too late")
    if report.growth_bytes > GROWTH_BAR_BYTES + (FILM_BYTES if asked.film else 0):
        report.problems.append(f"the server's memory grew by {report.growth_bytes / 1e6:.0f} MB")
    for problem in report.problems:
        print(f"FAILED: {problem}")
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
