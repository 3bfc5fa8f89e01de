"""What is being answered under each key, so that a revoked key's streams end with it."""

import asyncio
from dataclasses import dataclass


@dataclass(eq=False)
class OpenRequest:
    """A request that is being answered.

    Args:
        work: The task that answers it.
        streams: Its answer has begun; what has not is over in a moment, and is left to finish.
        ended: Its key was revoked.
    """

    work: "asyncio.Task"
    streams: bool = False
    ended: bool = False


class OpenRequests:
    """The open requests of all keys. Only the server's event loop touches it."""

    def __init__(self) -> None:
        self._by_key: dict[str, set[OpenRequest]] = {}

    def add(self, key_id: str) -> OpenRequest:
        """The request that the running task answers."""
        made = OpenRequest(asyncio.current_task())
        self._by_key.setdefault(key_id, set()).add(made)
        return made

    def remove(self, key_id: str, request: OpenRequest) -> None:
        """It was answered."""
        mine = self._by_key[key_id]
        mine.discard(request)
        if not mine:
            del self._by_key[key_id]

    def end(self, key_id: str) -> None:
        """End the streams of a key."""
        for request in self._by_key.get(key_id, ()):
            request.ended = True
            if request.streams:
                request.work.cancel()
