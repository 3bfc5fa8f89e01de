"""A server that is killed, and a line that is cut: the caller gets each update once, and its result."""

import asyncio
import random
import socket
import threading

import pytest

from filmeto_core.errors import ServerUnreachableError
from filmeto_core.remote.remote_service import RemoteService
from filmeto_core.remote.remote_tasks import RemoteTask
from filmeto_core.remote.transport import Connection
from filmeto_core.service import Reuse
from filmeto_core.settings import Settings

WAIT_S = 20.0


class Line:
    """A line to a server that breaks: each connection is cut after so many bytes of its answer.

    Args:
        url: The server's.
        lengths: In bytes, one for each connection; those after the last are left whole.
    """

    def __init__(self, url: str, lengths: list[int]) -> None:
        host, _, port = url.removeprefix("http://").rpartition(":")
        self._to, self._lengths = (host, int(port)), list(lengths)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.cuts = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                here, _ = self._listening.accept()
            except OSError:
                return
            there = socket.create_connection(self._to)
            left = self._lengths.pop(0) if self._lengths else None
            for a, b, most in ((here, there, None), (there, here, left)):
                threading.Thread(target=self._pump, args=(a, b, most), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, most: int | None) -> None:
        try:
            while data := source.recv(65536 if most is None else min(most, 65536)):
                target.sendall(data)
                if most is not None and (most := most - len(data)) <= 0:
                    self.cuts += 1
                    break
        except OSError:
            pass
        for one in (source, target):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            one.close()


def request(counted, **parameters) -> dict:
    task = counted(**parameters)
    return {"tool_name": "text2image", "plugin_name": "flaky", "parameters": task.parameters}


async def read(connection: Connection, asked: dict) -> list[dict]:
    return [event async for event in RemoteTask(connection, asked).events()]


@pytest.mark.parametrize("seed", range(6))
def test_a_line_that_is_cut_at_any_byte_loses_and_repeats_no_update(served, counted, seed):
    chance = random.Random(seed)
    line = Line(served.url, [chance.randrange(1, 900) for _ in range(25)])
    connection = Connection(line.url)
    connection.answered = True  # the very first answer may be cut before its head
    told = asyncio.run(read(connection, request(counted, steps=40, wait_s=0.2)))
    line.close()
    kept = served.desk.posted.events(f"task:{told[0]['task_id']}", (0, 0), 1000)
    steps = [event["message"] for event in told if event.get("message", "").startswith("step")]
    assert steps == [f"step {n}" for n in range(1, 41)]
    assert len(told) == len(kept) and told[-1]["_type"] == "result"
    assert line.cuts >= 10 and counted.calls() == 1


def test_a_killed_server_gives_the_caller_its_result_after_its_restart(server_process, counted):
    here, began = RemoteService(Settings(api_url=server_process.url)), threading.Event()
    task = counted(wait_s=1.5, steps=15)

    async def killed_and_started():
        checked = here.check(task)
        told = []
        work = asyncio.create_task(
            here.call(checked, lambda u: (told.append(u), began.set()), Reuse.ALWAYS)
        )
        await asyncio.to_thread(began.wait, WAIT_S)
        await asyncio.to_thread(server_process.kill)
        await asyncio.to_thread(server_process.start)
        return await work, told

    done, told = asyncio.run(killed_and_started())
    assert not done.cached and done.record.outputs[0].size > 0
    percents = [update.percent for update in told]
    assert percents == sorted(percents)
    here.close_sync()


def test_a_server_that_stays_away_is_told_after_the_patience_for_it(served, counted):
    connection = Connection(served.url)
    assert connection.get("/health").status_code == 200
    served.stop()

    async def posted():
        async for _ in RemoteTask(connection, request(counted), patience_s=0.3).events():
            pass

    with pytest.raises(ServerUnreachableError, match=served.url):
        asyncio.run(posted())
    connection.close()


def test_a_server_that_never_answered_is_told_at_once(counted):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        connection = Connection(f"http://127.0.0.1:{free.getsockname()[1]}")
        with pytest.raises(ServerUnreachableError):
            asyncio.run(read(connection, request(counted)))


def test_the_unix_socket_serves_calls_as_the_address_does(server_process, counted):
    here = RemoteService(Settings(api_url=f"unix://{server_process.socket}"))
    assert here.shares_home
    checked = here.check(counted())
    done = asyncio.run(here.call(checked, lambda _told: None, Reuse.ALWAYS))
    assert not done.cached and counted.calls() == 1
    here.close_sync()
