"""Asking Prefect's server again while it is away: for what a call of another machine cannot do without."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import httpx
from prefect.client.orchestration import PrefectClient, get_client

from filmeto_core.errors import ServerUnreachableError

T = TypeVar("T")

SERVER_S = 300.0  # how long it may be away, or too busy to answer
AGAIN_S = 2.0


async def insisted(ask: Callable[[PrefectClient], Awaitable[T]]) -> T:
    """What the server answers; one that is away for a while is asked again.

    Args:
        ask: Asks it, by the client that it is given.

    Raises:
        ServerUnreachableError: It was away for too long, or refuses.
    """
    end = time.monotonic() + SERVER_S
    while True:
        try:
            async with get_client() as client:
                return await ask(client)
        except (httpx.HTTPError, OSError) as error:
            refused = isinstance(error, httpx.HTTPStatusError) and error.response.status_code < 500
            if refused or time.monotonic() > end:
                raise ServerUnreachableError(
                    f"Prefect's server does not do what it is asked: {error}",
                    hint="Look at it, then run the same command again: what is done is kept.",
                    retryable=not refused,
                ) from error
        await asyncio.sleep(AGAIN_S)
