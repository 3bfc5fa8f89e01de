"""Clients in a process of their own: each posts a task, reads its events to the end, posts the next.

    python load_client.py      reads turns from stdin, a JSON object a line, and answers each with one

They speak HTTP/1.1 over bare sockets and read no JSON but the first answer's, so that a request costs
them far less than it costs the server; how much of the turn they worked is told (`cpu_s`).
"""

import asyncio
import itertools
import json
import sys
import time

END = b"0\r\n\r\n"  # the last chunk of an answer
numbers = itertools.count()


class Client(asyncio.Protocol):
    """One connection.

    Args:
        turn: What all of them share.
    """

    def __init__(self, turn: "Turn") -> None:
        self._turn, self._answer = turn, []

    def connection_made(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._turn.connections.append(transport)
        self._ask()

    def _ask(self) -> None:
        self._answer.clear()
        self._asked = time.perf_counter()
        self._transport.write(self._turn.request())

    def data_received(self, data: bytes) -> None:
        self._answer.append(data)
        tail = data if len(data) >= len(END) else b"".join(self._answer)
        if not tail.endswith(END):
            return
        self._turn.answered(self._answer, time.perf_counter() - self._asked)
        if time.perf_counter() < self._turn.ends:
            self._ask()
        else:
            self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        self._turn.left(error)


class Turn:
    """Some seconds of one server's time.

    Args:
        asked: port, clients, seconds, body (with %d where each request differs).
    """

    def __init__(self, asked: dict) -> None:
        self._body, self._port = asked["body"], asked["port"]
        self._clients, self._seconds_s = asked["clients"], asked["seconds"]
        self.connections: list[asyncio.Transport] = []
        self._seconds: list[float] = []
        self._sample = b""
        self._failed = self._gone = 0
        self._over = asyncio.Event()

    def request(self) -> bytes:
        body = self._body.replace("%d", str(next(numbers))).encode()
        head = (
            f"POST /api/v1/tasks/execute HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def answered(self, pieces: list[bytes], seconds: float) -> None:
        self._seconds.append(seconds)
        if not self._sample:
            self._sample = b"".join(pieces)
        if not pieces[0].startswith(b"HTTP/1.1 200") or b'"_type":"error"' in pieces[-1]:
            self._failed += 1

    def left(self, error: Exception | None) -> None:
        self._failed += error is not None
        self._gone += 1
        if self._gone == self._clients:
            self._over.set()

    async def run(self) -> dict:
        loop = asyncio.get_running_loop()
        began, worked = time.perf_counter(), time.process_time()
        self.ends = began + self._seconds_s
        for _ in range(self._clients):
            await loop.create_connection(lambda: Client(self), "127.0.0.1", self._port)
        await self._over.wait()
        took = time.perf_counter() - began
        self._seconds.sort()
        return {
            "requests": len(self._seconds),
            "failed": self._failed,
            "seconds": took,
            "cpu_s": time.process_time() - worked,
            "median_s": self._seconds[len(self._seconds) // 2],
            "p99_s": self._seconds[len(self._seconds) * 99 // 100],
            "sample": self._sample.decode(),
        }


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(json.dumps(asyncio.run(Turn(json.loads(line)).run())) + "\n")
        sys.stdout.flush()
