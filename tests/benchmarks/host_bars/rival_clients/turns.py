"""What every rival's client has: told a number on stdin, it makes so many calls and says how long."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable

NOTIFICATIONS = 20
PROMPT = "x" * 500


async def serve_turns(call: Callable[[], Awaitable[int]]) -> None:
    """Make calls by turns until stdin ends; each must hear of NOTIFICATIONS."""
    while line := await asyncio.to_thread(sys.stdin.readline):
        number = int(line)
        started = time.perf_counter()
        for _ in range(number):
            heard = await call()
            if heard != NOTIFICATIONS:
                raise RuntimeError(f"{heard} notifications came of {NOTIFICATIONS}")
        sys.stdout.write(f"{(time.perf_counter() - started) / number}\n")
        sys.stdout.flush()
