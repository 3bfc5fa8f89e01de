"""What the Prefect layer costs a call, over a bare Prefect task that sleeps as long.

    python tests/benchmarks/bench_tasks.py

One interleaved run: rounds of calls of a plugin that sleeps, and of bare tasks that sleep, in turn;
the median of the differences counts. Exit code 1 if it is over the bar.
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
    os.environ["FILMETO_HOME"] = home.name
    os.environ["FILMETO_PLUGINS"] = str(ROOT / "tests" / "plugins")
    from filmeto_core.prefect_server import ensure_server

    ensure_server(print)
    os.environ["PREFECT_LOGGING_LEVEL"] = "ERROR"
    bare, tool, cached = asyncio.run(measure(Path(home.name) / "calls"))
    extra_ms = statistics.median(t - b for t, b in zip(tool, bare, strict=True)) * 1000
    ratio = statistics.median(c / (b - SLEEP_S) for c, b in zip(cached, bare, strict=True))
    print(f"bare Prefect task that sleeps {SLEEP_S} s: {statistics.median(bare) * 1000:.1f} ms")
    print(f"tool task whose plugin sleeps as long:  {statistics.median(tool) * 1000:.1f} ms")
    print(f"the Prefect layer and the host cost     {extra_ms:.1f} ms a call (bar {BAR_MS:.0f})")
    print(f"a cached call costs                     {ratio:.2f} x a bare task (bar {CACHED_BAR})")
    from filmeto_core.tasks.runtime import close_service

    close_service()
    home.cleanup()
    return int(extra_ms > BAR_MS or ratio > CACHED_BAR)


async def measure(counter: Path) -> tuple[list[float], list[float], list[float]]:
    from prefect import flow, task

    from filmeto_core.tasks import text2image

    @task
    async def sleeper(prompt: str) -> str:
        await asyncio.sleep(SLEEP_S)
        return prompt

    def call(prompt: str):
        return text2image(prompt, plugin="flaky", counter=str(counter), wait_s=SLEEP_S)

    @flow
    async def rounds() -> tuple[list[float], list[float], list[float]]:
        await call("warm up")
        await sleeper("warm up")
        bare, tool, cached = [], [], []
        for n in range(ROUNDS):
            prompts = [f"{n} {i}" for i in range(CALLS)]
            bare.append(await timed(sleeper, prompts))
            tool.append(await timed(call, prompts))
            cached.append(await timed(call, prompts))
        return bare, tool, cached

    return await rounds()


async def timed(call, prompts: list[str]) -> float:
    """Seconds a call, one after the other."""
    started = time.perf_counter()
    for prompt in prompts:
        await call(prompt)
    return (time.perf_counter() - started) / len(prompts)


if __name__ == "__main__":
    sys.exit(main())
