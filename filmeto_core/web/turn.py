"""A film's turn among those that are made at once; let go of while it waits for a person."""

import asyncio


class Turn:
    """One turn of several; used with `async with`, by one event loop.

    Args:
        turns: As many as films are made at once.
    """

    def __init__(self, turns: asyncio.Semaphore) -> None:
        self._turns, self._held = turns, False
        self._back: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Turn":
        await self._take()
        return self

    async def __aexit__(self, *_error: object) -> None:
        if self._back is not None:
            self._back.cancel()
            await asyncio.wait([self._back])
        self.let_go()

    def let_go(self) -> None:
        """Another film may be made meanwhile."""
        if self._held:
            self._held = False
            self._turns.release()

    def take_back(self) -> None:
        """It is made on at once, and counts as soon as a turn is free."""
        if not self._held and (self._back is None or self._back.done()):
            self._back = asyncio.create_task(self._take())

    async def _take(self) -> None:
        await self._turns.acquire()
        self._held = True
