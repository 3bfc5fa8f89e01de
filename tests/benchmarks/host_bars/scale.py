"""Cost that grows with the work alone: calls in flight, plugins that are registered."""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from host_bars.baseline import clean_environment
from host_bars.studio import Studio, add_plugin, studio
from host_bars.table import Row, Times

from filmeto_core.plugin_host.discovery import load_plugin
from filmeto_core.plugin_host.environment import Environments

REGISTERED = 1000
IN_FLIGHT, PLUGINS = (1, 10, 100), (1, 4, 16)
LISTS = """
import json, time
from filmeto_core import FilmetoApi
started = time.perf_counter(), time.process_time()
api = FilmetoApi()
listed = len(api.list_plugins())
taken = time.perf_counter() - started[0], time.process_time() - started[1]
started = time.perf_counter()
api.list_plugins()
again = time.perf_counter() - started
pids = [pid for state in api.service.plugins.states().values() for pid in state["pids"]]
print(json.dumps({"listed": listed, "taken": taken, "again": again, "started": len(pids)}))
"""


def linear_cost(rounds: int) -> list[Row]:
    """What a call costs with 1, 10, 100 in flight over 1, 4, 16 plugins, each of one process."""
    costs: dict[tuple[int, int], Times] = {(f, p): Times() for p in PLUGINS for f in IN_FLIGHT}
    with studio(plugins=max(PLUGINS)) as it:
        asyncio.run(_at_once(it, max(PLUGINS), max(PLUGINS) * 2, max(PLUGINS) * 2))
        for number in range(max(3, rounds // 4)):
            order = list(costs)
            for flight, plugins in order[number % len(order) :] + order[: number % len(order)]:
                seconds = asyncio.run(_at_once(it, plugins, flight, max(40, flight)))
                costs[flight, plugins].seconds.append(seconds)
    one, most = costs[1, 1], costs[max(IN_FLIGHT), max(PLUGINS)]
    rows = [
        Row(
            f"a call's cost, {max(IN_FLIGHT)} in flight over {max(PLUGINS)} plugins / 1 over 1",
            most.over(one),
            1.5,
            how=most.against(one),
        )
    ]
    for plugins in PLUGINS:
        told = ", ".join(
            f"{flight} in flight {costs[flight, plugins].quick * 1e3:.2f} ms"
            for flight in IN_FLIGHT
        )
        ratio = costs[max(IN_FLIGHT), plugins].over(one)
        rows.append(
            Row(f"  over {plugins} plugins: {max(IN_FLIGHT)} in flight / 1 over 1", ratio, how=told)
        )
    return rows


async def _at_once(it: Studio, plugins: int, flight: int, calls: int) -> float:
    """Seconds a call, of so many with so many of them in flight."""
    numbers = iter(range(calls))

    async def caller() -> None:
        for number in numbers:
            await it.manager.execute(f"plugin{number % plugins}", it.call(f"t{number}"))

    started = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(flight)))
    return (time.perf_counter() - started) / calls


def registered(rounds: int) -> list[Row]:
    """What 1,000 registered plugins take to be found and listed, by a fresh process."""
    told = []
    with studio() as it:
        for i in range(REGISTERED):
            add_plugin(it.home / "many", f"registered{i}", "pass\n")
        environment = {**clean_environment(), "FILMETO_PLUGINS": str(it.home / "many" / "plugins")}
        environment |= {"FILMETO_HOME": str(it.home), "PYTHONPATH": str(Path(__file__).parents[3])}
        for _ in range(max(3, rounds // 8)):
            out = subprocess.run(
                [sys.executable, "-c", LISTS],
                env=environment,
                cwd=it.home,
                stdout=subprocess.PIPE,
                check=True,
            )
            told.append(json.loads(out.stdout))
    if any(one["listed"] < REGISTERED for one in told):
        raise RuntimeError(f"{told[0]['listed']} plugins were listed")
    # The quickest: seconds are held against the bar, and others' work on the machine is no cost.
    wall, cpu = (min(one["taken"][i] for one in told) for i in (0, 1))
    again = statistics.median(one["again"] for one in told)
    how = f"quickest of {len(told)}, {cpu:.3g} s of CPU; listed again {again * 1e3:.3g} ms"
    return [
        Row(f"{REGISTERED} registered plugins, found and listed", wall, 0.5, "s", how=how),
        Row(f"{REGISTERED} registered plugins, started", max(o["started"] for o in told), 0, ""),
    ]


def environment_cost(rounds: int) -> list[Row]:
    """A plugin's environment whose packages are cached, against `python -m venv` and pip."""
    packages = "[pyyaml, jinja2, requests]"
    with studio() as it:
        plugin = add_plugin(it.home / "needs", "needs", "pass\n")
        manifest = plugin.folder / "plugin.yaml"
        manifest.write_text(manifest.read_text() + f"requirements: {{packages: {packages}}}\n")
        plugin, _ = load_plugin(plugin.folder)
        Environments(it.home / "first").build(plugin, lambda text: None)  # fills the cache
        ours, theirs = Times(), Times()
        venv = it.home / "venv"
        names = packages.strip("[]").split(", ")
        for number in range(max(2, rounds // 20)):
            started = time.perf_counter()
            Environments(it.home / f"built{number}").build(plugin, lambda text: None)
            ours.seconds.append(time.perf_counter() - started)
            started = time.perf_counter()
            folder = f"{venv}{number}"
            quiet = {"check": True, "stdout": subprocess.DEVNULL, "env": dict(os.environ)}
            subprocess.run([sys.executable, "-m", "venv", folder], **quiet)
            pip = [f"{folder}/bin/python", "-m", "pip", "install", "--quiet", *names]
            subprocess.run([*pip, "--disable-pip-version-check"], **quiet)
            theirs.seconds.append(time.perf_counter() - started)
    how = f"{', '.join(names)}; {theirs.median:.3g} s / {ours.median:.3g} s"
    return [
        Row("a plugin's environment, packages cached", min(ours.seconds), 1, "s", how="quickest"),
        Row("python -m venv and pip / the same", theirs.over(ours), 10, least=True, how=how),
    ]
