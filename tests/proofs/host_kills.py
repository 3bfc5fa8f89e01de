"""The host itself is killed at random moments, while its plugins and their children work.

    python tests/proofs/host_kills.py [--kills 30] [--seed 1]

A child process runs a service over three plugins, each of which has a child in its group and one in
a session of its own. Some rounds begin without environments, so that the host dies while it builds
them. After each kill every process that it started is gone within 500 ms, and the next start is
clean: no work folder, no half file, no lock, no half environment, and the same call works. Reports
how long the last process lived; exits 1 if anything is wrong.
"""

import argparse
import asyncio
import os
import random
import select
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from chaos import left_half_made, own_temporary_folder  # noqa: E402
from stage import copy_plugin, service_of, temporary_home  # noqa: E402
from traces import processes_of  # noqa: E402

from filmeto_core.service import Reuse  # noqa: E402
from filmeto_core.types import FilmetoTask  # noqa: E402

PLUGINS, CALLERS = 3, 4
GONE_MS = 500  # the bar
EVERY_FRESH = 5  # one round of so many begins without environments
CALL_S = 20.0  # the longest that the next start's call may take
START_S = 60.0
CHILDREN = "children"


@dataclass
class Report:
    """What came of it."""

    gone_ms: list[float] = field(default_factory=list)
    processes: list[int] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        gone = sorted(self.gone_ms)
        return (
            f"{len(gone)} kills of a host with {min(self.processes)} to {max(self.processes)} "
            f"processes; the last one was gone after {gone[len(gone) // 2]:.0f} ms (median), "
            f"{gone[-1]:.0f} ms (worst); every next start was clean"
            if not self.problems
            else f"{len(gone)} kills"
        )


def task(plugin: str, prompt: str, how: str = "") -> FilmetoTask:
    """A call of the journaling plugin."""
    return FilmetoTask(
        tool_name="text2image",
        plugin_name=plugin,
        parameters={"prompt": prompt, "how": how, "pause_s": 0.01},
    )


async def work(home: Path, plugins: Path) -> None:
    """What the child process does until it is killed."""
    service = service_of(home / "data", plugins, CALLERS)
    names = sorted(folder.name for folder in plugins.iterdir())
    print("started", flush=True)

    async def call(plugin: str, prompt: str, how: str = "", reuse: Reuse = Reuse.NEVER) -> None:
        checked = service.check(task(plugin, prompt, how))
        await service.call(checked, lambda _: None, reuse)

    await asyncio.gather(*(call(name, "children of " + name, CHILDREN) for name in names))
    print("working", flush=True)

    async def caller(number: int) -> None:
        turn = 0
        while True:
            turn += 1
            await call(names[number % len(names)], f"{number}-{turn}-{os.getpid()}")
            await call(names[0], "the same call", "", Reuse.REFRESH)

    await asyncio.gather(*(caller(number) for number in range(CALLERS)))


class Rounds:
    """Kills, and looks at what is left."""

    def __init__(self, home: Path, seed: int) -> None:
        self.home, self.report = home, Report()
        self.plugins = home / "plugins"
        self.plugins.mkdir()
        self.names = copy_plugin("journal", self.plugins, PLUGINS)
        self._random = random.Random(seed)

    def kill_once(self, number: int) -> None:
        """One round."""
        fresh = number % EVERY_FRESH == EVERY_FRESH - 1
        if fresh:
            shutil.rmtree(self.home / "data" / "environments", ignore_errors=True)
        argv = [sys.executable, __file__, "--work", str(self.home), str(self.plugins)]
        with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as host:
            try:
                self._wait_for(host, "started" if fresh else "working")
                time.sleep(self._random.uniform(0, 0.4))
                self.report.processes.append(len(self._left()))
                started = time.monotonic()
            finally:
                host.kill()
        self._wait_until_gone(started, number)
        self._next_start(number)

    def _wait_for(self, host: subprocess.Popen[str], word: str) -> None:
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            if select.select([host.stdout], [], [], 1)[0]:
                line = host.stdout.readline()
                if line.strip() == word:
                    return
                if not line:
                    break
        raise RuntimeError(f"the host did not say {word!r}")

    def _left(self) -> list[int]:
        return processes_of(self.home)

    def _wait_until_gone(self, started: float, number: int) -> None:
        while self._left():
            if time.monotonic() - started > 10:
                self.report.problems.append(f"round {number}: {len(self._left())} processes stayed")
                for pid in self._left():
                    os.kill(pid, 9)
                break
            time.sleep(0.002)
        took_ms = 1000 * (time.monotonic() - started)
        self.report.gone_ms.append(took_ms)
        if took_ms > GONE_MS:
            self.report.problems.append(f"round {number}: the last process lived {took_ms:.0f} ms")

    def _next_start(self, number: int) -> None:
        service = service_of(self.home / "data", self.plugins, CALLERS)

        async def go() -> None:
            try:
                async with asyncio.timeout(CALL_S):
                    for name in self.names:
                        checked = service.check(task(name, "the same call"))
                        await service.call(checked, lambda _: None, Reuse.REFRESH)
            finally:
                await service.close()

        try:
            asyncio.run(go())
        except Exception as error:  # the edge of a round: whatever it is, it is told
            self.report.problems.append(f"round {number}: the next start's call: {error!r}")
        left = left_half_made(service) + list((self.home / "tmp").iterdir())
        left += list((service.settings.cache_dir / "locks").glob("*"))
        if left:
            self.report.problems.append(f"round {number}: left behind: {left[:5]}")


def host_kills(kills: int, seed: int, home: Path) -> Report:
    """A whole run in a fresh folder, whose path is also this process's HOME."""
    rounds = Rounds(home, seed)
    for number in range(kills):
        rounds.kill_once(number)
    return rounds.report


def main() -> int:
    """The command line."""
    if sys.argv[1:2] == ["--work"]:
        asyncio.run(work(*map(Path, sys.argv[2:])))
        return 0
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with temporary_home() as home:
        own_temporary_folder(home)
        report = host_kills(asked.kills, asked.seed, home)
    print(report)
    for problem in report.problems:
        print(f"FAILED: {problem}")
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
