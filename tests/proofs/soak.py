"""Many calls to four plugins, one in a hundred of them a fault; what the host holds does not grow.

    python tests/proofs/soak.py [--calls 20000] [--seed 1] [--through-service]

Two plugins are made with the SDK, two break the wire's rules by hand, and every kind of fault comes
up: deaths, hangs, floods, junk, protocol errors, closed pipes, children, cancellations. After a
warm-up of a tenth of the calls, and at the end, this process is looked at: its memory (it may grow
by 5 %), its descriptors and threads (not at all), its processes and temporary files. Exits 1 if
anything grew, or if a call ended otherwise than it should.
"""

import argparse
import asyncio
import ctypes
import gc
import os
import random
import shutil
import statistics
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from chaos import own_temporary_folder  # noqa: E402
from stage import copy_plugin, service_of, temporary_home  # noqa: E402
from traces import Traces, eventually, resident_bytes  # noqa: E402

from filmeto_core.errors import (  # noqa: E402
    FilmetoError,
    PluginCrashed,
    PluginExecutionError,
    PluginProtocolError,
    PluginUnavailable,
    TimeoutError,
)
from filmeto_core.plugin_host.calls import PluginCall  # noqa: E402
from filmeto_core.service import FilmetoService, Reuse  # noqa: E402
from filmeto_core.types import FilmetoTask  # noqa: E402

_LIBC = ctypes.CDLL(None)
M_MMAP_THRESHOLD = -3  # malloc.h

CALLERS = 4
FAULTS = 0.01
GROWTH = 1.05  # the bar for memory
SAMPLES = 5  # of the memory at each look; the median counts
UNAVAILABLE_PAUSE_S = 0.2
TIMEOUT_S = 0.2  # of calls that are to hang

# How a call is asked to go wrong, and how it ends then; None: it works all the same.
WITH_SDK = {
    "raise": PluginExecutionError,
    "fail": PluginExecutionError,
    "kill": PluginCrashed,
    "exit": PluginCrashed,
    "flood": None,
    "hang": TimeoutError,
    "cancel": asyncio.CancelledError,
    "children": None,
    "prints": None,
}
BY_HAND = {
    "junk": None,
    "percents": None,
    "late": None,
    "null": PluginProtocolError,
    "no status": PluginProtocolError,
    "rpc error": PluginExecutionError,
    "long": None,
    "no newline": None,
    "dies after": None,
    "dies within a line": PluginCrashed,
    "nan result": None,
    "chatters": None,
    "flood stderr": None,
    "flood stdout": None,
    "asks on and on": None,
    "a child holds the pipes": PluginCrashed,
    "closes stdout": PluginProtocolError,
    "closes stdin": PluginProtocolError,
    "beats then hangs": TimeoutError,
    "hang: waits": TimeoutError,
    "hang: stops": TimeoutError,
    "hang: ignores all": TimeoutError,
    "hang: stubborn": TimeoutError,
    "too long": PluginProtocolError,
}


@dataclass
class Report:
    """What came of it."""

    calls: int = 0
    faults: Counter = field(default_factory=Counter)
    seconds: float = 0.0
    warm_bytes: float = 0.0
    end_bytes: float = 0.0
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        growth = 100 * (self.end_bytes / self.warm_bytes - 1)
        return (
            f"{self.calls:,} calls, {sum(self.faults.values())} faults of {len(self.faults)} kinds "
            f"in {self.seconds:.0f} s; memory {self.warm_bytes / 1e6:.1f} MB after the warm-up, "
            f"{self.end_bytes / 1e6:.1f} MB at the end ({growth:+.1f} %)"
        )


class Soak:
    """One run.

    Args:
        service: Whose plugin host is used; or the whole of it, for pictures of the SDK's plugins.
        home: Where calls write.
    """

    def __init__(self, service: FilmetoService, whole: bool, home: Path, seed: int) -> None:
        self.service, self.whole, self.home = service, whole, home
        self.report = Report()
        self._random = random.Random(seed)
        self._numbers = 0
        names = [plugin.name for plugin in service.registry.plugins]
        self._sdk = [name for name in names if name.startswith("journal")]
        self._raw = [name for name in names if name.startswith("raw")]

    async def run(self, calls: int) -> None:
        """So many calls, by callers at the same time."""
        left = iter(range(calls))

        async def caller() -> None:
            for _ in left:
                await self._one()

        await asyncio.gather(*(caller() for _ in range(CALLERS)))

    async def faults(self) -> None:
        """Every kind of fault once, so that what is made once is made."""
        for names, kinds in ((self._sdk, WITH_SDK), (self._raw, BY_HAND)):
            for turn, how in enumerate(kinds):
                await self._call(names[turn % len(names)], how, kinds[how])
                await self._call(names[turn % len(names)], "", None)

    async def rested(self) -> Traces:
        """How it stands with one idle process of each plugin, once nothing changes any more."""
        last = None
        for _ in range(40):
            for name in (*self._sdk, *self._raw):
                await self._call(name, "", None)
            await asyncio.sleep(0.1)
            gc.collect()
            look = self.look()
            if last is not None and look.beyond(last) == last.beyond(look) == {}:
                break
            last = look
        return look

    def look(self) -> Traces:
        """What is there, but for idle processes that the host knows, and their own children.

        Temporary folders count, and not their names, which change with each process.
        """
        look = Traces.look(self.home, [self.home / "tmp"])
        known = {pid for told in self.service.plugins.states().values() for pid in told["pids"]}
        files = frozenset(str(n) for n in range(len(look.files)))
        strays = frozenset(pid for pid in look.processes if not _descends(pid, known))
        return replace(look, files=files, processes=strays)

    async def _one(self) -> None:
        names, kinds = self._random.choice([(self._sdk, WITH_SDK), (self._raw, BY_HAND)])
        name, how = self._random.choice(names), ""
        if self._random.random() < FAULTS:
            how = self._random.choice(list(kinds))
            self.report.faults[how] += 1
        await self._call(name, how, kinds.get(how))

    async def _call(self, name: str, how: str, wanted: type[BaseException] | None) -> None:
        self._numbers += 1
        self.report.calls += 1
        end = await self._end_of(self._begin(f"soak-{self._numbers}", name, how), how)
        if isinstance(end, PluginUnavailable):
            await asyncio.sleep(UNAVAILABLE_PAUSE_S)
        elif type(end) is not (wanted or type(None)):
            self.report.problems.append(f"{name} asked for {how!r} ended with {end!r}")

    async def _end_of(self, work: Callable[[], Awaitable[object]], how: str):
        call = asyncio.ensure_future(work())
        if how == "cancel":
            await asyncio.wait([call], timeout=0.03)
            call.cancel()
        try:
            await call
        except (FilmetoError, asyncio.CancelledError) as error:
            return error
        return None

    def _begin(self, task_id: str, name: str, how: str) -> Callable[[], Awaitable[object]]:
        hangs = how == "hang" or how.startswith("hang: ")
        timeout_s = TIMEOUT_S if hangs else 30.0
        parameters = {"prompt": task_id, "how": how.removeprefix("hang: ")}
        parameters["how"] = {"cancel": "wait"}.get(how, parameters["how"])
        if name in self._sdk:
            parameters["steps"], parameters["pause_s"] = 3, 0.0
        else:
            parameters["count"] = 0
        if self.whole and name in self._sdk:
            return lambda: self._through_service(task_id, name, parameters, timeout_s)
        return lambda: self._through_host(task_id, name, parameters, timeout_s)

    async def _through_host(self, task_id, name, parameters, timeout_s) -> None:
        folder = self.service.plugins.output_parent(name) / task_id
        folder.mkdir(parents=True)
        try:
            call = PluginCall(task_id, "text2image", parameters, folder, timeout_s=timeout_s)
            await self.service.plugins.execute(name, call)
        finally:
            shutil.rmtree(folder)

    async def _through_service(self, task_id, name, parameters, timeout_s) -> None:
        task = FilmetoTask(
            task_id=task_id,
            tool_name="text2image",
            plugin_name=name,
            parameters=parameters,
            timeout=timeout_s,
        )
        await self.service.call(self.service.check(task), lambda _: None, Reuse.NEVER)


def _descends(pid: int, known: set[int]) -> bool:
    """Whether a process is one of these, or below one of them."""
    while pid > 1 and pid not in known:
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except OSError:  # it ended
            return True
        pid = int(stat.rpartition(")")[2].split()[1])
    return pid > 1


def _hold_allocator_still() -> None:
    """Have large blocks given back when they are freed, from the first to the last.

    glibc raises the size from which it does so after the first large one, a line of 20 MB here; what
    it keeps then goes up and down by tens of megabytes, whatever the program holds.

    Source: mallopt(3), M_MMAP_THRESHOLD.
    """
    if hasattr(_LIBC, "malloc_trim"):
        _LIBC.mallopt(M_MMAP_THRESHOLD, 128 * 1024)


def soak(calls: int, seed: int, home: Path, whole: bool = False) -> Report:
    """A whole run in a fresh folder, whose path is also this process's HOME."""
    _hold_allocator_still()
    plugins = home / "plugins"
    plugins.mkdir()
    for name in copy_plugin("journal", plugins, 2):
        one_at_a_time(plugins / name / "plugin.yaml")
    copy_plugin("raw", plugins, 2)
    service = service_of(home / "data", plugins, CALLERS)
    run = Soak(service, whole, home, seed)
    before = Traces.look(home, [home / "tmp"])

    async def go() -> None:
        try:
            await run.faults()
            await run.run(calls // 10)
            warm = await run.rested()
            run.report.warm_bytes = _memory()
            started = time.monotonic()
            await run.run(calls - calls // 10)
            run.report.seconds = time.monotonic() - started
            end = await run.rested()
            run.report.end_bytes = _memory()
            _judge(run.report, warm, end)
        finally:
            await service.close()

    asyncio.run(go())
    left = eventually(lambda: Traces.look(home, [home / "tmp"]).beyond(before))
    if left:
        run.report.problems.append(f"left behind: {left}")
    return run.report


def one_at_a_time(manifest: Path) -> None:
    """So that an idle plugin is one process, however many calls came together."""
    manifest.write_text(manifest.read_text().replace("concurrency: 3", "concurrency: 1"))


def _memory() -> float:
    """What is in use; the allocator is asked to give back what it only keeps.

    Source: malloc_trim(3).
    """
    samples = []
    for _ in range(SAMPLES):
        gc.collect()
        if hasattr(_LIBC, "malloc_trim"):
            _LIBC.malloc_trim(0)
        samples.append(resident_bytes())
    return statistics.median(samples)


def _judge(report: Report, warm: Traces, end: Traces) -> None:
    if more := end.beyond(warm):
        report.problems.append(f"grew: {more}")
    if end.pooled > max(warm.pooled, _most_pooled()):
        report.problems.append(f"pooled threads: {warm.pooled}, then {end.pooled}")
    if report.end_bytes > GROWTH * report.warm_bytes:
        report.problems.append("memory grew by more than 5 %")


def _most_pooled() -> int:
    """What the two loops' pools may hold, whatever is asked of them."""
    return 2 * min(32, (os.cpu_count() or 1) + 4)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--through-service", action="store_true", help="store what is made, too")
    asked = parser.parse_args()
    with temporary_home() as home:
        own_temporary_folder(home)
        report = soak(asked.calls, asked.seed, home, asked.through_service)
    print(report)
    for problem in report.problems[:20]:
        print(f"FAILED: {problem}")
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
