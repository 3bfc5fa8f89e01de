"""One flow run that makes calls, in a process of its own, as Prefect's process worker starts one a run.

    python worker.py tools|bare|runs NAME CALLS AT_ONCE FEW

Says "ready" once it is warm, begins at a line on stdin, says "few" after so many calls and "last" before the
last so many, and leaves on stdout, as a JSON list, when each call was done (seconds since 1970).
"""

import asyncio
import json
import os
import sys
import time

os.environ["PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL"] = "CRITICAL"  # as `filmeto film` does

from prefect import flow, task

from filmeto_core.tasks import text2image
from filmeto_core.tasks.runtime import close_service

WARM_UP = 5


@task
async def nothing(prompt: str) -> str:
    """A Prefect task that does nothing: what Prefect alone costs."""
    return prompt


@flow
async def empty(prompt: str) -> str:
    """A flow run that does nothing: what a call costs beyond itself that another machine makes."""
    return prompt


async def no_op_call(prompt: str) -> None:
    await text2image(prompt, plugin="noop", own=True)


async def many(call, name: str, calls: int, at_once: int, marks: dict[int, str]) -> list[float]:
    """When each of the calls was done; so many are under way at once."""
    numbers, done = iter(range(calls)), []

    async def in_turn() -> None:
        for number in numbers:
            await call(f"{name} {number}")
            done.append(time.time())
            if len(done) in marks:
                print(marks[len(done)], flush=True)

    await asyncio.gather(*(in_turn() for _ in range(at_once)))
    return done


@flow
async def capacity(kind: str, name: str, calls: int, at_once: int, few: int) -> list[float]:
    """The calls of one run."""
    call = {"tools": no_op_call, "bare": nothing, "runs": empty}[kind]
    await many(call, f"{name} warm", WARM_UP, at_once, {})
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    return await many(call, name, calls, at_once, {few: "few", calls - few: "last"})


if __name__ == "__main__":
    done = asyncio.run(capacity(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])))
    print(json.dumps(done), flush=True)
    close_service()
