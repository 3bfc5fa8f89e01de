"""What the Prefect layer costs a call, over a bare Prefect task that sleeps as long.

    python tests/benchmarks/bench_tasks.py

One interleaved run. In turn, ten calls each: the service alone (its plugin sleeps), bare Prefect tasks
that sleep, tool tasks, and the same tool tasks again, from the cache. The layer's cost is what a tool
task takes beyond the service's call and a bare task's own overhead; the median over the rounds counts.
Exit code 1 if a bar is missed.
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

BAR_MS = 10.0
CACHED_BAR = 2.0  # times a bare task
SLEEP_S = 0.1
ROUNDS = 8
CALLS = 10


def main() -> int:
    home = tempfile.TemporaryDirectory()
    os.environ["FILMETO_HOME"] = str(Path(home.name) / "home")
    os.chdir(home.name)
    Path("filmeto.yaml").write_text("grants:\n  flaky: {write: .}\n")  # it counts its calls there
    os.environ["FILMETO_PLUGINS"] = str(ROOT / "tests" / "plugins")
    from filmeto_core.prefect_server import ensure_server

    ensure_server(print)
    os.environ["PREFECT_LOGGING_LEVEL"] = "ERROR"
    rounds = asyncio.run(measure(Path("calls").absolute()))
    cost_ms = statistics.median(tool - alone - (bare - SLEEP_S) for alone, bare, tool, _ in rounds)
    ratio = statistics.median(cached / (bare - SLEEP_S) for _, bare, _, cached in rounds)
    for what, column in (("service alone", 0), ("bare Prefect task", 1), ("tool task", 2)):
        took = statistics.median(row[column] for row in rounds)
        print(f"{what:32} {took * 1000:8.1f} ms, of which {SLEEP_S * 1000:.0f} asleep")
    print(f"{'the Prefect layer costs a call':32} {cost_ms * 1000:8.1f} ms (bar {BAR_MS:g})")
    print(f"{'a cached call / a bare task':32} {ratio:8.2f} x  (bar {CACHED_BAR:g})")
    from filmeto_core.tasks.runtime import close_service

    close_service()
    home.cleanup()
    return int(cost_ms * 1000 > BAR_MS or ratio > CACHED_BAR)


async def measure(counter: Path) -> list[tuple[float, float, float, float]]:
    """Seconds a call, for each round: service alone, bare task, tool task, cached tool task."""
    from prefect import flow, task

    from filmeto_core.service import Reuse
    from filmeto_core.tasks import text2image
    from filmeto_core.tasks.runtime import service
    from filmeto_core.tool_arguments import as_task

    asked = {"plugin": "flaky", "counter": str(counter), "wait_s": SLEEP_S}

    @task
    async def bare(prompt: str) -> str:
        await asyncio.sleep(SLEEP_S)
        return prompt

    async def alone(prompt: str) -> None:
        here, asks = service(), as_task("text2image", {"prompt": f"alone {prompt}", **asked})
        await here.call(here.check(asks), lambda _update: None, Reuse.ALWAYS)

    async def tool(prompt: str) -> None:
        await text2image(prompt, **asked)

    @flow
    async def rounds() -> list[tuple[float, float, float, float]]:
        for call in (alone, bare, tool):
            await call("warm up")
        return [
            tuple([await timed(call, n) for call in (alone, bare, tool, tool)])
            for n in range(ROUNDS)
        ]

    return await rounds()


async def timed(call, number: int) -> float:
    """Seconds a call, one after the other."""
    started = time.perf_counter()
    for i in range(CALLS):
        await call(f"{number} {i}")
    return (time.perf_counter() - started) / CALLS


if __name__ == "__main__":
    sys.exit(main())
