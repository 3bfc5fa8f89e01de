"""The turns that calls take: at most so many at once over all plugins, and of each plugin.

Waiting calls go by priority, then in order. On the host's loop.
"""

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Protocol

from filmeto_core.plugin_host.discovery import Plugin

TELL_EVERY_S = 0.5  # a shorter wait interests nobody


class Plays(Protocol):
    """A plugin's pool, as far as turns know it."""

    plugin: Plugin
    running: int
    waiting: list[tuple[int, int, asyncio.Future]]


class Turns:
    """Who may run: at most so many calls over all plugins, and at most so many of each plugin.

    Waiting calls go by priority, then in order.

    Args:
        limit: Calls at once over all plugins.
    """

    def __init__(self, limit: int) -> None:
        self._free = max(1, limit)
        self._order = itertools.count()
        self._waiting: set[Plays] = set()

    @asynccontextmanager
    async def turn(
        self, pool: Plays, priority: int, waits: Callable[[int], None]
    ) -> AsyncIterator[None]:
        """Wait for a turn, and give it back.

        Args:
            pool: Whose turn.
            priority: Higher goes first.
            waits: Told how many calls go before it, now and then when that has changed.
        """
        if self._free > 0 and not self._waiting and _may_have_one_more(pool):
            self._take(pool)  # the usual case
        else:
            await self._wait(pool, priority, waits)
        try:
            yield
        finally:
            self._give_back(pool)

    async def _wait(self, pool: Plays, priority: int, waits: Callable[[int], None]) -> None:
        future = asyncio.get_running_loop().create_future()
        mine = next(self._order)
        heapq.heappush(pool.waiting, (-priority, mine, future))
        self._waiting.add(pool)
        self._next()
        loop, last = asyncio.get_running_loop(), -1

        def tell() -> None:
            nonlocal last, timer
            before = sum(
                1 for *turn, other in pool.waiting if turn < [-priority, mine] and not other.done()
            )
            if before != last:
                waits(before)
                last = before
            timer = loop.call_later(TELL_EVERY_S, tell)

        timer = loop.call_later(TELL_EVERY_S, tell)
        try:
            await future
        except asyncio.CancelledError:
            if not future.cancelled():  # it had just got its turn
                self._give_back(pool)
            raise
        finally:
            timer.cancel()

    def _take(self, pool: Plays) -> None:
        pool.running += 1
        self._free -= 1

    def _give_back(self, pool: Plays) -> None:
        pool.running -= 1
        self._free += 1
        self._next()

    def _next(self) -> None:
        while self._waiting and self._free > 0:
            for pool in list(self._waiting):
                while pool.waiting and pool.waiting[0][2].done():  # given up
                    heapq.heappop(pool.waiting)
                if not pool.waiting:
                    self._waiting.discard(pool)
            able = [pool for pool in self._waiting if _may_have_one_more(pool)]
            if not able:
                return
            pool = min(able, key=lambda p: p.waiting[0][:2])
            future = heapq.heappop(pool.waiting)[2]
            self._take(pool)
            future.set_result(None)


def _may_have_one_more(pool: Plays) -> bool:
    return pool.running < pool.plugin.manifest.execution.concurrency
