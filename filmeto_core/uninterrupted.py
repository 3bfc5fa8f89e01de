"""Work in a thread that a cancellation waits for: no file closes, and no row is half done, under it."""

import asyncio
from collections.abc import Callable
from typing import Any


async def uninterrupted(
    function: Callable[..., Any], *arguments: Any, hurry: Callable[[], None] = lambda: None
) -> Any:
    """Run it in a thread to its end; a cancellation is raised only then, and goes before its error.

    Args:
        hurry: Called when the caller is cancelled, so that the work may end sooner.
    """
    work = asyncio.ensure_future(asyncio.to_thread(function, *arguments))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        hurry()
        await asyncio.wait([work])
        if not work.cancelled():
            work.exception()  # seen: the cancellation is what is told
        raise
