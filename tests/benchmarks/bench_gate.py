"""What every request passes, against an application behind it that does nothing.

    python tests/benchmarks/bench_gate.py

Tells what the gate (who calls, from where, how often) and the watch over each request (id, count,
log line) cost a request, in processor time and as a multiple of Starlette's own error middleware,
in one interleaved run. Exit code 1 where one costs more than its bar of 50 microseconds.
"""

import asyncio
import logging
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from starlette.middleware.errors import ServerErrorMiddleware  # noqa: E402

from filmeto_core.profiles import Project, find_project  # noqa: E402
from filmeto_core.service import FilmetoService  # noqa: E402
from filmeto_core.settings import Settings  # noqa: E402
from filmeto_core.web.desk import open_desk  # noqa: E402
from filmeto_core.web.gate import Gate  # noqa: E402
from filmeto_core.web.keys import KeyFile  # noqa: E402
from filmeto_core.web.observed import Observed  # noqa: E402
from filmeto_core.web.server_log import ACCESS  # noqa: E402

BAR_US = 50.0
ROUNDS = 15
CALLS = 1000
START = {"type": "http.response.start", "status": 200, "headers": [(b"a", b"b")]}
BODY = {"type": "http.response.body", "body": b""}

App = Callable[..., Awaitable[None]]


async def nothing(_scope, _receive, send) -> None:
    """An application that answers with nothing."""
    await send(dict(START))
    await send(BODY)


async def received() -> dict:
    """A request without a body."""
    return {"type": "http.request", "body": b""}


async def sent(_message) -> None:
    """A server that sends nothing on."""


async def cost_us(app: App, scope: dict) -> float:
    """Microseconds of the processor that a request takes."""
    began = time.process_time()
    for _ in range(CALLS):
        await app(dict(scope), received, sent)
    return (time.process_time() - began) / CALLS * 1e6


async def measure(home: Path, project: Project) -> dict[str, list[float]]:
    """By what was passed, a figure a round."""
    settings = Settings(home=home)
    limit = {"requests_per_minute": 10**9}
    _, secret = KeyFile(settings.serve_dir).add("bench", "acme", ("read",), **limit)
    desk = open_desk(FilmetoService(settings, project))
    plain = [(b"host", b"127.0.0.1:8000"), *((b"x-%d" % n, b"y") for n in range(8))]
    keyed = [*plain, (b"authorization", f"Bearer {secret}".encode())]
    scope = {"type": "http", "method": "GET", "path": "/api/v1/tools", "headers": plain}
    told = {**scope, "headers": keyed}
    ways: dict[str, tuple[App, dict]] = {
        "nothing": (nothing, scope),
        "starlette's errors": (ServerErrorMiddleware(nothing), scope),
        "gate": (Gate(nothing, desk), scope),
        "gate, key and rate": (Gate(nothing, desk), told),
        "watch": (Observed(nothing, desk), scope),
    }
    figures: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, (app, asked) in ways.items():
            figures[name].append(await cost_us(app, asked))
    await asyncio.to_thread(desk.posted.close)
    return figures


def main() -> int:
    """Print the figures; 1 where a bar is missed."""
    logging.getLogger(ACCESS).setLevel(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(measure(Path(folder), find_project()))
    bare = statistics.median(figures["nothing"])
    starlette = statistics.median(figures["starlette's errors"]) - bare
    missed = False
    for name, rounds in figures.items():
        spent = statistics.median(rounds) - (bare if name != "nothing" else 0.0)
        ours = name.startswith(("gate", "watch"))
        missed |= ours and spent > BAR_US
        ratio = f"{spent / starlette:5.1f} x starlette's  (bar {BAR_US:g} us)" if ours else ""
        print(f"{name:20} {spent:6.1f} us  {ratio}")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
