"""Warm calls: in the host's loop, from another thread, many at once; and notifications a second."""

import asyncio
from functools import partial

from host_bars.baseline import Raw, RawInLoop
from host_bars.studio import Studio, studio
from host_bars.table import TURN, Row, taking_turns

from filmeto_core.plugin_host.wire import Notification

MANY = 2000  # notifications of one call, to see the stream alone


def warm_calls(rounds: int) -> list[Row]:
    """A call with 500 B of params and 20 notifications, against the bare pipe."""
    with studio() as it:
        raw, looped = Raw(it.python), RawInLoop(it.python)
        try:
            inside = partial(_inside, it, raw, looped, 2 * rounds)
            here, pipe, pipe_in_loop = asyncio.run(it.inside(inside))
            there, pipe_there = asyncio.run(_outside(it, raw, 2 * rounds))
            many, pipe_many = asyncio.run(_many(it, raw, max(3, rounds // 2)))
        finally:
            raw.close()
            looped.close()
    return [
        Row("warm call in the loop / raw pipe", here.over(pipe), 1.3, how=here.against(pipe)),
        Row(
            "  the same / raw pipe read in an event loop",
            here.over(pipe_in_loop),
            how=here.against(pipe_in_loop),
        ),
        Row(
            "warm call from another thread / raw pipe",
            there.over(pipe_there),
            1.6,
            how=there.against(pipe_there),
        ),
        Row(
            "notifications a second / raw pipe's",
            pipe_many.over(many),
            0.8,
            least=True,
            how=f"{MANY / many.quick:,.0f} / {MANY / pipe_many.quick:,.0f} a second",
        ),
    ]


async def _inside(it: Studio, raw: Raw, looped: RawInLoop, rounds: int):
    params = it.params()

    async def piped() -> None:
        raw.call(params)

    return await taking_turns(
        [partial(_execute, it), piped, partial(looped.call, params)], rounds, TURN
    )


async def _outside(it: Studio, raw: Raw, rounds: int):
    params = it.params()

    async def piped() -> None:
        raw.call(params)

    return await taking_turns([partial(_execute, it), piped], rounds, TURN)


async def _many(it: Studio, raw: Raw, rounds: int):
    params = it.params(MANY)

    async def piped() -> None:
        raw.call(params)

    return await taking_turns([partial(_execute, it, MANY), piped], rounds, 1)


async def _execute(it: Studio, count: int = 20) -> None:
    told: list[Notification] = []
    await it.manager.execute("plugin0", it.call(count=count), told.append)
    progress = sum(one.type == "progress" for one in told)
    if progress != count:
        raise RuntimeError(f"{progress} notifications came of {count}")
