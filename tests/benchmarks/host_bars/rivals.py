"""Other ways to the same call: the MCP SDK, HTTP with SSE, execnet, a process for each call."""

import asyncio
import contextlib
import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from host_bars.baseline import RAW, clean_environment
from host_bars.studio import Studio, studio
from host_bars.table import TURN, Row, Times

from filmeto_core.plugin_host.pythons import uv_binary
from filmeto_core.settings import installer_environment

FOLDER = Path(__file__).with_name("rival_clients")


def mcp(rounds: int) -> list[Row]:
    """The official MCP Python SDK over stdio, a server and a client of its own making."""
    with _environment("mcp>=2,<3") as python:
        return [_against("warm call: MCP Python SDK over stdio / ours", python, "mcp", rounds, 10)]


def sse(rounds: int) -> list[Row]:
    """HTTP and server-sent events on loopback."""
    missing = [name for name in ("fastapi", "uvicorn", "httpx") if not _has(name)]
    context = _environment(*missing) if missing else contextlib.nullcontext(Path(sys.executable))
    with context as python:
        return [_against("warm call: HTTP + SSE on loopback / ours", python, "sse", rounds, 4)]


def execnet(rounds: int) -> list[Row]:
    """execnet, for comparison."""
    with _environment("execnet") as python:
        return [_against("warm call: execnet / ours", python, "execnet", rounds, None)]


def process_each(rounds: int) -> list[Row]:
    """A fresh process for each call, for comparison."""
    ours, theirs = Times(), Times()

    async def go(it: Studio) -> None:
        await it.manager.execute("plugin0", it.call())
        for _ in range(max(3, rounds // 4)):
            ours.seconds.append(await _ours_s(it))
            started = time.perf_counter()
            request = {"id": 1, "method": "execute_task", "params": it.params()}
            subprocess.run(
                [it.python, "-c", RAW],
                input=json.dumps(request).encode() + b"\n",
                stdout=subprocess.PIPE,
                env=clean_environment(),
                check=True,
            )
            theirs.seconds.append(time.perf_counter() - started)

    with studio() as it:
        asyncio.run(go(it))
    how = theirs.against(ours)
    return [Row("warm call: a process for each call / ours", theirs.over(ours), how=how)]


def _has(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def _against(what: str, python: Path, name: str, rounds: int, bar: float | None) -> Row:
    ours, theirs = Times(), Times()
    client = subprocess.Popen(
        [python, FOLDER / f"{name}_client.py"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=clean_environment(),
        text=True,
    )

    def their_s() -> float:
        client.stdin.write(f"{TURN}\n")
        client.stdin.flush()
        return float(client.stdout.readline() or "nan")

    async def go(it: Studio) -> None:
        for round_ in range(max(4, rounds // 2) + 1):
            for mine in (True, False) if round_ % 2 else (False, True):
                if mine:
                    ours.seconds.append(await _ours_s(it))
                else:
                    theirs.seconds.append(their_s())

    try:
        with studio() as it:
            asyncio.run(go(it))
    finally:
        client.communicate()
    for times in (ours, theirs):
        del times.seconds[0]  # the first turn starts things
    return Row(what, theirs.over(ours), bar, least=True, how=theirs.against(ours))


async def _ours_s(it: Studio) -> float:
    started = time.perf_counter()
    for _ in range(TURN):
        told: list[object] = []
        await it.manager.execute("plugin0", it.call(), told.append)
    return (time.perf_counter() - started) / TURN


@contextlib.contextmanager
def _environment(*packages: str) -> Iterator[Path]:
    """A Python with these packages, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="filmeto-bars-") as name:
        python = Path(name) / "bin" / "python"
        uv = [uv_binary(), "--quiet"]
        quiet = {"env": installer_environment(), "check": True}
        subprocess.run([*uv, "venv", "--clear", "--python", sys.executable, name], **quiet)
        install = ["pip", "install", "--compile-bytecode", "--python", str(python)]
        subprocess.run([*uv, *install, *packages], **quiet)
        yield python
