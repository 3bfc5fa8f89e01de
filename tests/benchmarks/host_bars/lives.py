"""A plugin's life: its start, what it costs while idle, its end, its host's end, a cancel."""

import asyncio
import gc
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from host_bars.baseline import clean_environment
from host_bars.studio import Studio, studio
from host_bars.table import Row, Times

from filmeto_core import process
from filmeto_core.plugin_host import launcher, sandbox
from filmeto_core.plugin_host.grants import NO_GRANT
from filmeto_core.plugin_host.spawn import plugin_environment

IDLE_PLUGINS = 24
WATCHED_S = 2.0  # by then the host has looked at what they take, by a thread that it keeps
GONE_WITHIN_S = 5.0
BENCHMARKS = Path(__file__).parents[1]


def spawn_to_ready(rounds: int) -> list[Row]:
    """From the spawn to the first line: a plugin with the SDK, sandboxed and not, and bare Python."""
    with studio() as it:
        line = it.home / "line.py"
        line.write_text("print('ready', flush=True)\n")
        plugin = it.manager.registry.get("plugin0")
        environment = plugin_environment(plugin, "benchmark")
        main = plugin.folder / "main.py"
        ready, fenced, bare = Times(), Times(), Times()
        writable = sandbox.bounds_of(plugin, NO_GRANT, it.out, it.settings).writable
        for number in range(rounds + 3):
            theirs, ours = os.pipe()
            launched = [it.python, launcher.__file__, str(theirs), str(main)]
            turns = [(ready, launched, ()), (bare, [it.python, str(line)], ())]
            if process.fence_version():
                rules = process.fence(writable)
                turns.append((fenced, [*launched, f"fence={rules}"], (rules,)))
            for times, argv, passed in _in_turn(turns, number):
                times.seconds.append(_first_line_s(argv, environment, (theirs, *passed)))
            for end in (theirs, ours, *turns[-1][2]):
                os.close(end)
        for times in (ready, fenced, bare):
            del times.seconds[:3]  # these compiled the byte code
    name = "spawn to ready / bare python's first line"
    rows = [Row(name, ready.over(bare), 1.5, how=ready.against(bare))]
    if fenced.seconds:
        row = Row(f"{name}, sandboxed", fenced.over(bare), 1.5, how=fenced.against(bare))
        rows.append(row)
    return rows


def _in_turn(turns: list, number: int) -> list:
    """Each comes first, in the middle and last equally often."""
    first = number % len(turns)
    return turns[first:] + turns[:first]


def _first_line_s(argv: list[Any], environment: dict[str, str], passed: tuple[int, ...]) -> float:
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    started = time.perf_counter()
    child = subprocess.Popen(
        argv, env=environment, pass_fds=passed, start_new_session=True, **pipes
    )
    child.stdout.readline()
    taken = time.perf_counter() - started
    child.kill()
    child.communicate()
    return taken


def idle_cost(rounds: int) -> list[Row]:
    """What one more idle plugin adds to a host's resident memory and threads."""
    told = _in_a_process("idle")
    name = "an idle plugin's cost to the host"
    return [
        Row(f"{name}, memory", told["kib"], 64, "KiB", how=f"{IDLE_PLUGINS} plugins, RSS"),
        Row(f"{name}, threads", told["threads"], 0, "", how="beyond the host's one"),
    ]


async def idle() -> dict[str, float]:
    """Run by `idle_cost` in a process of its own, where memory tells something."""
    few = 4  # these warm the host's own memory up
    with studio(plugins=IDLE_PLUGINS + few) as it:
        first = [it.manager.execute(f"plugin{i}", it.call(count=0)) for i in range(few)]
        await asyncio.gather(*first)
        await asyncio.sleep(WATCHED_S)
        gc.collect()
        before_kib, threads = _resident_kib(), threading.active_count()
        for i in range(few, few + IDLE_PLUGINS):
            await it.manager.execute(f"plugin{i}", it.call(count=0))
        gc.collect()
        grown_kib = _resident_kib() - before_kib
        return {"kib": grown_kib / IDLE_PLUGINS, "threads": threading.active_count() - threads}


def _resident_kib() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def kill_to_exception(rounds: int) -> list[Row]:
    """From `kill -9` of a working plugin to its caller's exception."""
    seconds: list[float] = []

    async def once(it: Studio) -> None:
        task, told = await _working(it)
        started = time.perf_counter()
        os.kill(told["pid"], signal.SIGKILL)
        await asyncio.wait([task])
        seconds.append(time.perf_counter() - started)
        if task.exception() is None:
            raise RuntimeError("a killed plugin's call went well")

    for _ in range(max(1, rounds // 4)):  # few a host: what keeps dying is kept from starting
        with studio() as it:
            for _ in range(4):
                asyncio.run(once(it))
    how, name = f"{len(seconds)} kills", "kill -9 to the caller's exception"
    return [
        Row(f"{name}, median", statistics.median(seconds) * 1e3, 10, "ms", how=how),
        Row(f"{name}, worst", max(seconds) * 1e3, 250, "ms", how=how),
    ]


def cancel_to_gone(rounds: int) -> list[Row]:
    """From a cancel to the end of a plugin that ignores SIGTERM, and of its child; no grace."""
    seconds: list[float] = []

    async def once(it: Studio) -> None:
        task, told = await _working(it)
        started = time.perf_counter()
        task.cancel()
        await asyncio.to_thread(_until_gone, [told["pid"], told["child"]])
        seconds.append(time.perf_counter() - started)
        await asyncio.wait([task])

    with studio() as it:
        for _ in range(max(3, rounds // 2)):
            asyncio.run(once(it))
    return [
        Row(
            "cancel to all processes gone, no grace",
            statistics.median(seconds) * 1e3,
            100,
            "ms",
            how=f"{len(seconds)} cancels, worst {max(seconds) * 1e3:.3g} ms, SIGTERM ignored",
        )
    ]


def host_killed(rounds: int) -> list[Row]:
    """From SIGKILL of the host to the end of its plugin and of that one's child."""
    seconds = []
    for _ in range(max(3, rounds // 4)):
        with tempfile.TemporaryDirectory(prefix="filmeto-bars-") as left:  # by one that is killed
            host = _process("killed", TMPDIR=left)
            told = json.loads(host.stdout.readline())
            started = time.perf_counter()
            host.kill()
            _until_gone([told["pid"], told["child"]])
            seconds.append(time.perf_counter() - started)
            host.communicate()
    how = f"{len(seconds)} hosts, median {statistics.median(seconds) * 1e3:.3g} ms"
    name = "host SIGKILLed to plugin and child gone, worst"
    return [Row(name, max(seconds) * 1e3, 500, "ms", how=how)]


async def killed() -> None:
    """Run by `host_killed` as the host that is killed."""
    with studio() as it:
        task, told = await _working(it)
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        await task


async def _working(it: Studio) -> tuple[asyncio.Task, dict[str, int]]:
    """A call that runs until its end is made, and the processes that it has."""
    heard: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    task = asyncio.ensure_future(
        it.manager.execute(
            "odd",
            it.call(how="wait"),
            lambda told: told.percent and heard.set_result(told.data["child"]),
        )
    )
    await asyncio.wait([task, heard], return_when=asyncio.FIRST_COMPLETED)
    (pid,) = it.manager.states()["odd"]["pids"]
    return task, {"pid": pid, "child": heard.result()}


def _until_gone(pids: Iterable[int]) -> None:
    end, left = time.monotonic() + GONE_WITHIN_S, list(pids)
    while left := [pid for pid in left if _alive(pid)]:
        if time.monotonic() > end:
            raise RuntimeError(f"processes {left} are still there")
        time.sleep(0.0005)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _in_a_process(name: str) -> dict[str, Any]:
    out, _ = _process(name).communicate()
    return json.loads(out)


def _process(name: str, **variables: str) -> subprocess.Popen:
    script = (
        f"import asyncio, json, sys; sys.path[:0] = {[str(BENCHMARKS), str(BENCHMARKS.parents[1])]}\n"
        f"from host_bars import lives\n"
        f"print(json.dumps(asyncio.run(lives.{name}())))"
    )
    return subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        env={**clean_environment(), **variables},
    )
