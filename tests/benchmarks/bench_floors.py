"""The seed design's figures: a task made and checked, the demo plugin ready, memory of both.

    python tests/benchmarks/bench_floors.py

Prints each figure against its bar; exit code 1 if one is missed. `filmeto --help` is measured
against `python -c pass` in the same run.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

ROUNDS = 9
IDLE = "from filmeto_core import FilmetoApi; FilmetoApi().list_plugins()"


def main() -> int:
    with tempfile.TemporaryDirectory() as home:
        os.environ["FILMETO_HOME"] = home
        ready_s, process_mb = asyncio.run(demo())
        rows = [
            ("task made and checked", task_ms(), 1.0, "ms"),
            ("demo plugin ready", ready_s, 1.0, "s"),
            ("demo plugin's process", process_mb, 100.0, "MB"),
            ("FilmetoApi idle in a process", idle_mb(), 60.0, "MB"),
            ("filmeto --help / python -c pass", help_ratio(), 20.0, "x"),
        ]
    for what, got, bar, unit in rows:
        verdict = "ok" if got <= bar else "MISSED"
        print(f"{what:34} {got:8.2f} {unit:3} (bar {bar:g})  {verdict}")
    return int(any(got > bar for _, got, bar, _ in rows))


def task_ms() -> float:
    """Milliseconds to make a task and have FilmetoApi check it, plugin and parameters included."""
    from filmeto_core import FilmetoApi, FilmetoTask

    api = FilmetoApi()

    def once() -> float:
        started = time.perf_counter()
        task = FilmetoTask(
            tool_name="text2image", plugin_name="text2image_demo", parameters={"prompt": "a boat"}
        )
        assert api.validate_task(task) == (True, None)
        return (time.perf_counter() - started) * 1000

    return statistics.median(once() for _ in range(200))


async def demo() -> tuple[float, float]:
    """Seconds from the demo plugin's first call to its start, and its process's MB afterwards."""
    from filmeto_core import FilmetoApi, FilmetoTask, TaskResult

    async with FilmetoApi() as api:
        await api.service.plugins.prepare("text2image_demo", lambda _line: None)
        task = FilmetoTask(
            tool_name="text2image",
            plugin_name="text2image_demo",
            parameters={"prompt": "a boat", "steps": 20},
        )
        started = time.perf_counter()
        ready = None
        async for update in api.execute_task_stream(task):
            if ready is None and getattr(update, "type", "") == "progress":
                ready = time.perf_counter() - started
            if isinstance(update, TaskResult):
                assert update.status == "success", update
        pids = [pid for s in api.service.plugins.states().values() for pid in s["pids"]]
        return ready, max(resident_mb(pid) for pid in pids)


def resident_mb(pid: int | str) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = [row for row in status.splitlines() if row.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


def idle_mb() -> float:
    script = f"{IDLE}; print(open('/proc/self/status').read())"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True
    )
    (line,) = [row for row in done.stdout.splitlines() if row.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


def help_ratio() -> float:
    """Median of interleaved runs, with byte code cached as on a user's machine."""
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    commands = ([sys.executable, "-c", "pass"], [sys.executable, "-m", "filmeto_core", "--help"])
    times: list[list[float]] = [[], []]
    for _ in range(ROUNDS + 1):
        for command, taken in zip(commands, times, strict=True):
            started = time.perf_counter()
            subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)
            taken.append(time.perf_counter() - started)
    bare, helped = (statistics.median(taken[1:]) for taken in times)
    return helped / bare


if __name__ == "__main__":
    sys.exit(main())
