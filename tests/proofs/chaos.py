"""Plugins are killed at random moments, while ten callers use four of them through the service.

    python tests/proofs/chaos.py [--kills 300] [--seed 1] [--gap-ms 150]

The plugins note what they say before they say it. Afterwards every call has ended exactly once, and
what the callers saw, what the plugins noted and what the store holds agree: nothing is lost,
nothing is there twice, nothing half. Reports how soon callers learned of a death; exits 1 if
anything is wrong, or if that took longer than the bars (median 10 ms, worst 250 ms).
"""

import argparse
import asyncio
import gc
import hashlib
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from stage import copy_plugin, journals, service_of, temporary_home  # noqa: E402
from traces import Traces, eventually  # noqa: E402

from filmeto_core.errors import FilmetoError, PluginCrashed, PluginUnavailable  # noqa: E402
from filmeto_core.plugin_host.host import PluginManager  # noqa: E402
from filmeto_core.service import FilmetoService, Reuse  # noqa: E402
from filmeto_core.types import FilmetoTask  # noqa: E402

CALLERS, PLUGINS = 10, 4
MEDIAN_MS, WORST_MS = 10, 250  # the bars
SPARED_AFTER, SPARED = 3, 0.95  # deaths in a row, and how often a plugin is spared after them
UNAVAILABLE_PAUSE_S = 0.5  # a caller told that a plugin is resting looks elsewhere for a while
ENDS = (PluginCrashed.__name__, "PluginStartError", PluginUnavailable.__name__)


@dataclass
class Report:
    """What came of it."""

    kills: int = 0
    ends: Counter = field(default_factory=Counter)
    learned_ms: list[float] = field(default_factory=list)
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)

    @property
    def calls(self) -> int:
        """How many calls there were."""
        return sum(self.ends.values())

    def __str__(self) -> str:
        learned = sorted(self.learned_ms) or [0.0]
        ends = ", ".join(f"{name} {count}" for name, count in sorted(self.ends.items()))
        return (
            f"{self.kills} kills, {self.calls} calls in {self.seconds:.0f} s ({ends}); "
            f"callers learned of {len(self.learned_ms)} deaths: median "
            f"{statistics.median(learned):.1f} ms, worst {learned[-1]:.0f} ms"
        )


class Watched(PluginManager):
    """A plugin host that notes which process each call ran in, and when it failed."""

    def __init__(self, *args) -> None:
        super().__init__(*args)
        self.ran_in: dict[str, int] = {}
        self.failed_at: dict[str, float] = {}

    async def execute(self, plugin_name, request, on_progress=lambda told: None):
        """As the host's own."""

        def hear(told):
            if "pid" in told.data:
                self.ran_in[request.task_id] = told.data["pid"]
            on_progress(told)

        try:
            return await super().execute(plugin_name, request, hear)
        except PluginCrashed:
            self.failed_at[request.task_id] = time.monotonic()
            raise


class Killer(threading.Thread):
    """Kills living plugins, one at a time, at random moments."""

    def __init__(self, manager: PluginManager, kills: int, gap_s: float, seed: int) -> None:
        super().__init__(name="killer", daemon=True)
        self.killed_at: dict[int, float] = {}
        self.in_a_row: Counter = Counter()  # of each plugin's processes, since a call went well
        self.over = threading.Event()
        self._manager, self._kills, self._gap_s = manager, kills, gap_s
        self._random = random.Random(seed)

    def run(self) -> None:
        """Until all kills are done."""
        while len(self.killed_at) < self._kills:
            time.sleep(self._random.expovariate(1 / self._gap_s))
            living = [
                (name, pid)
                for name, state in self._manager.states().items()
                for pid in state["pids"]
                if pid not in self.killed_at and _lives(pid)
            ]
            if living:
                self._kill(*self._random.choice(living))
        self.over.set()

    def _kill(self, name: str, pid: int) -> None:
        # A plugin whose processes all die is left alone by the host; that happens here too, but now
        # and then: the others are to work.
        if self.in_a_row[name] >= SPARED_AFTER and self._random.random() < SPARED:
            return
        self.in_a_row[name] += 1
        self.killed_at[pid] = time.monotonic()
        os.kill(pid, 9)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class Chaos:
    """One run."""

    def __init__(self, service: FilmetoService, names: list[str], seed: int) -> None:
        self.service, self.names, self.seed = service, names, seed
        self.report = Report()
        self.outputs: dict[str, str] = {}  # of the calls that went well: task id to digest
        self.ended: Counter = Counter()

    async def run(self, kills: int, gap_s: float) -> None:
        """Callers call until the killer is done."""
        started = time.monotonic()
        killer = Killer(self.service.plugins, kills, gap_s, self.seed)
        killer.start()
        await asyncio.gather(*(self._caller(n, killer) for n in range(CALLERS)))
        await asyncio.to_thread(killer.join)
        self.report.kills = len(killer.killed_at)
        self.report.seconds = time.monotonic() - started
        for task_id, failed_at in self.service.plugins.failed_at.items():
            killed_at = killer.killed_at.get(self.service.plugins.ran_in.get(task_id, -1))
            if killed_at is not None:
                self.report.learned_ms.append(1000 * (failed_at - killed_at))

    async def _caller(self, number: int, killer: Killer) -> None:
        chance = random.Random(self.seed * 1000 + number)
        turn = 0
        while not killer.over.is_set():
            turn += 1
            await self._call(f"call-{number}-{turn}", chance, killer)

    async def _call(self, task_id: str, chance: random.Random, killer: Killer) -> None:
        parameters = {"prompt": task_id, "steps": chance.randint(1, 6), "pause_s": 0.01}
        task = FilmetoTask(
            task_id=task_id,
            tool_name="text2image",
            plugin_name=chance.choice(self.names),
            parameters=parameters,
        )
        try:
            checked = self.service.check(task)
            done = await self.service.call(checked, lambda _: None, Reuse.NEVER)
        except FilmetoError as error:
            end = type(error).__name__
            if end not in ENDS or not str(error) or not error.details.get("plugin"):
                self.report.problems.append(f"{task_id} ended with {error!r}")
            if isinstance(error, PluginUnavailable):
                await asyncio.sleep(UNAVAILABLE_PAUSE_S)
        else:
            end = "success"
            killer.in_a_row[task.plugin_name] = 0
            (output,) = done.record.outputs
            self.outputs[task_id] = output.digest
        self.ended[task_id] += 1
        self.report.ends[end] += 1

    def judge(self, plugins: Path) -> None:
        """Compare what callers saw, what plugins noted, and what the store holds."""
        entries = journals(plugins)
        said = {entry["task_id"]: entry["digest"] for entry in entries}
        noted = Counter(entry["task_id"] for entry in entries)
        self._wrong("ended more than once", [t for t, n in self.ended.items() if n != 1])
        self._wrong("noted more than once", [t for t, n in noted.items() if n != 1])
        self._wrong("noted, but never called", noted.keys() - self.ended.keys())
        unsaid = [t for t, digest in self.outputs.items() if said.get(t) != digest]
        self._wrong("succeeded, but not as it was noted", unsaid)
        stored = self._stored()
        self._wrong("stored, but of no call that succeeded", stored - set(self.outputs.values()))
        self._wrong("succeeded, but not stored", set(self.outputs.values()) - stored)
        records = list((self.service.settings.cache_dir / "records").glob("*/*.json"))
        if len(records) != len(self.outputs):
            self.report.problems.append(f"{len(records)} records of {len(self.outputs)} successes")
        self._wrong("left half made", left_half_made(self.service))

    def _stored(self) -> set[str]:
        found = set()
        for path in (self.service.settings.store_dir / "objects").glob("*/*"):
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            if digest != path.stem:
                self.report.problems.append(f"{path.name} does not hold what its name says")
            found.add(f"sha256:{digest}")
        return found

    def _wrong(self, what: str, which) -> None:
        if which:
            self.report.problems.append(f"{what}: {sorted(map(str, which))[:5]}")


def left_half_made(service: FilmetoService) -> list[Path]:
    """What no call is at work on any more, and is still there."""
    settings = service.settings
    folders = [settings.store_dir / "incoming", settings.cache_dir / "incoming"]
    folders += settings.calls_dir.glob("*")  # one for each plugin, which stays
    left = [path for folder in folders if folder.is_dir() for path in folder.iterdir()]
    return left + list(settings.environments_dir.glob("*.tmp"))


def chaos(kills: int, seed: int, gap_s: float, home: Path) -> Report:
    """A whole run in a fresh folder, whose path is also this process's HOME."""
    plugins = home / "plugins"
    plugins.mkdir()
    names = copy_plugin("journal", plugins, PLUGINS)
    before = Traces.look(home, [home / "tmp"])
    service = service_of(home / "data", plugins, CALLERS)
    service.plugins = Watched(service.registry, service.settings)
    run = Chaos(service, names, seed)

    async def go() -> None:
        try:
            await run.run(kills, gap_s)
        finally:
            await service.close()

    asyncio.run(go())
    run.judge(plugins)
    gc.collect()
    left = eventually(lambda: Traces.look(home, [home / "tmp"]).beyond(before))
    if left:
        run.report.problems.append(f"left behind: {left}")
    return run.report


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--gap-ms", type=float, default=150, help="between two kills, on average")
    asked = parser.parse_args()
    with temporary_home() as home:
        own_temporary_folder(home)
        report = chaos(asked.kills, asked.seed, asked.gap_ms / 1000, home)
    print(report)
    learned = report.learned_ms
    if learned and (statistics.median(learned) > MEDIAN_MS or max(learned) > WORST_MS):
        report.problems.append(f"learned later than {MEDIAN_MS} ms (median), {WORST_MS} ms (worst)")
    for problem in report.problems:
        print(f"FAILED: {problem}")
    return 1 if report.problems else 0


def own_temporary_folder(home: Path) -> None:
    """HOME and TMPDIR of this process and its plugins, so that what they leave can be told."""
    (home / "tmp").mkdir()
    os.environ.update(HOME=str(home), TMPDIR=str(home / "tmp"))
    tempfile.tempdir = None  # it was asked for before


if __name__ == "__main__":
    sys.exit(main())
