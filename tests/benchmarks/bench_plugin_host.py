"""What the plugin host costs, against the bare thing, in one interleaved run.

    python tests/benchmarks/bench_plugin_host.py [--rounds 15]

Exits 1 if a bar is missed. The figures are ratios of medians: machines differ, and are shared.
"""

import argparse
import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from filmeto_core.plugin_host import launcher
from filmeto_core.plugin_host.calls import PluginCall
from filmeto_core.plugin_host.discovery import Registry, load_plugin
from filmeto_core.plugin_host.environment import Environments
from filmeto_core.plugin_host.host import PluginManager
from filmeto_core.plugin_host.spawn import plugin_environment
from filmeto_core.settings import Settings

FOLDERS = Path(__file__).parents[1] / "plugins"
NOTIFICATIONS, PARAMS_BYTES, CALLS = 20, 500, 40

# What every plugin does at least: read a line, tell 20 times, answer; by blocking pipes alone.
RAW = """
import json, sys
for line in sys.stdin.buffer:
    request = json.loads(line)
    task = request["params"]["task_id"]
    for i in range(20):
        told = {"task_id": task, "type": "progress", "percent": i, "message": f"step {i}"}
        told.update(timestamp="2026-01-01T00:00:00+00:00", data={"i": i})
        sys.stdout.write(json.dumps({"jsonrpc": "2.0", "method": "progress", "params": told}) + "\\n")
        sys.stdout.flush()
    with open(request["params"]["output_dir"] + "/echo.txt", "w") as file:
        file.write("x")
    result = {"task_id": task, "status": "success", "output_files": ["echo.txt"]}
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}) + "\\n")
    sys.stdout.flush()
"""

FAST = """
from filmeto_plugin import run
def text2image(call):
    for i in range(20):
        call.progress(i, f"step {i}", {"i": i})
    path = call.output("echo.txt")
    with open(path, "w") as file:
        file.write("x")
    return path
run(text2image=text2image)
"""


class Raw:
    """The bare pipe."""

    def __init__(self, python: Path, out: Path) -> None:
        self.out = out
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.process = subprocess.Popen([python, "-c", RAW], **pipes)

    def call(self, params: dict) -> None:
        """One call, every message read as JSON."""
        request = {"jsonrpc": "2.0", "id": 1, "method": "execute_task", "params": params}
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.stdin.flush()
        while "result" not in json.loads(self.process.stdout.readline()):
            pass

    def close(self) -> None:
        """End it."""
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


async def warm_calls(manager: PluginManager, raw: Raw, out: Path, rounds: int) -> list[float]:
    """Seconds of a call: by the host, and by the bare pipe."""
    call = PluginCall("t", "text2image", {"prompt": "x" * PARAMS_BYTES}, out)
    told: list = []
    await manager.execute("fast", call, told.append)
    params = {**call.params("fast", 300), "output_dir": str(out)}
    raw.call(params)
    seconds: list[list[float]] = [[], []]
    for _ in range(rounds):
        started = time.perf_counter()
        for _ in range(CALLS):
            await manager.execute("fast", call, told.append)
        seconds[0].append((time.perf_counter() - started) / CALLS)
        started = time.perf_counter()
        for _ in range(CALLS):
            raw.call(params)
        seconds[1].append((time.perf_counter() - started) / CALLS)
    progress = sum(t.type == "progress" for t in told)
    assert progress == NOTIFICATIONS * (rounds * CALLS + 1)
    return [statistics.median(s) for s in seconds]


def spawn_to_ready(python: Path, plugin, folder: Path, rounds: int) -> list[float]:
    """Seconds from the spawn to the first line: an SDK plugin, and bare Python."""
    line = folder / "line.py"
    line.write_text("print('ready', flush=True)\n")
    environment = plugin_environment(plugin, "benchmark")
    seconds: list[list[float]] = [[], []]
    for _ in range(rounds + 3):
        for i in range(2):
            theirs, ours = os.pipe()
            script = [launcher.__file__, str(theirs), str(plugin.folder / "main.py")]
            argv = [python, *(script if i == 0 else [line])]
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
            started = time.perf_counter()
            child = subprocess.Popen(
                argv, env=environment, pass_fds=(theirs,), start_new_session=True, **pipes
            )
            child.stdout.readline()
            seconds[i].append(time.perf_counter() - started)
            child.kill()
            child.communicate()
            os.close(theirs)
            os.close(ours)
    return [statistics.median(s[3:]) for s in seconds]  # the first compile the bytecode


async def kill_to_exception(manager: PluginManager, out: Path, rounds: int) -> list[float]:
    """Seconds from `kill -9` of a working plugin to its caller's exception."""
    call = PluginCall("t", "text2image", {"prompt": "x", "how": "wait", "count": 0}, out)
    seconds = []
    for _ in range(rounds):
        heard = asyncio.Event()
        task = asyncio.create_task(
            manager.execute("echo", call, lambda told, heard=heard: heard.set())
        )
        await heard.wait()
        (pid,) = manager.states()["echo"]["pids"]
        started = time.perf_counter()
        os.kill(pid, signal.SIGKILL)
        await asyncio.wait([task])
        seconds.append(time.perf_counter() - started)
        assert task.exception() is not None
    return [statistics.median(seconds), max(seconds)]


def measure(rounds: int, home: Path) -> list[tuple[str, float, float, str]]:
    """Rows of what was measured, the figure, its bar, and how it came about."""
    fast = home / "fast"
    fast.mkdir()
    text = (FOLDERS / "echo" / "plugin.yaml").read_text().replace("name: echo", "name: fast")
    (fast / "plugin.yaml").write_text(text)
    (fast / "main.py").write_text(FAST)
    plugins = [load_plugin(folder)[0] for folder in (fast, FOLDERS / "echo")]
    settings = Settings(home=home)
    python = Environments(settings.environments_dir).build(plugins[0], lambda text: None)
    manager = PluginManager(Registry(plugins), settings)
    raw = Raw(python, home)

    async def go():
        calls = await warm_calls(manager, raw, manager.output_parent("fast"), rounds)
        return calls, await kill_to_exception(manager, manager.output_parent("echo"), rounds)

    try:
        (host_s, raw_s), (median_s, worst_s) = asyncio.run(go())
    finally:
        raw.close()
        manager.close_sync()
    ready_s, bare_s = spawn_to_ready(python, plugins[0], home, rounds)
    return [
        (
            "warm call, 20 notifications / raw pipe",
            host_s / raw_s,
            1.6,
            f"{host_s * 1e3:.2f} ms / {raw_s * 1e3:.2f} ms",
        ),
        (
            "spawn to ready / bare python's first line",
            ready_s / bare_s,
            1.5,
            f"{ready_s * 1e3:.1f} ms / {bare_s * 1e3:.1f} ms",
        ),
        ("kill -9 to exception, median ms", median_s * 1e3, 10, f"{rounds} kills"),
        ("kill -9 to exception, worst ms", worst_s * 1e3, 250, f"{rounds} kills"),
    ]


def main() -> int:
    """Measure, print the table, say whether every bar is met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as home:
        rows = measure(rounds, Path(home))
    for name, figure, bar, how in rows:
        verdict = "met" if figure <= bar else "MISSED"
        sys.stdout.write(f"{name:44} {figure:8.2f}  bar {bar:6g}  {verdict:6}  {how}\n")
    return 0 if all(figure <= bar for _, figure, bar, _ in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
