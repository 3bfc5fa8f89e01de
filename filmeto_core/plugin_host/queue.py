"""Who is next: slots given out by priority, then in order of asking. One loop's own."""

import asyncio
import heapq
import itertools


class Slots:
    """So many at once; the rest wait, the highest priority first, then the first that asked."""

    def __init__(self, size: int) -> None:
        self._free = size
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    async def take(self, priority: int = 0) -> None:
        """Wait for a slot and take it; give it back with `give`."""
        if self._free and not self._waiting:
            self._free -= 1
            return
        slot: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (-priority, next(self._order), slot))
        try:
            await slot
        except asyncio.CancelledError:
            if slot.done() and not slot.cancelled():
                self.give()  # it was given at the moment of the cancellation
            raise

    def give(self) -> None:
        """Give a slot back; the next in line has it at once."""
        while self._waiting:
            slot = heapq.heappop(self._waiting)[2]
            if not slot.done():
                slot.set_result(None)
                return
        self._free += 1
