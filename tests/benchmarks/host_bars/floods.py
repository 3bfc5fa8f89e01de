"""A plugin that writes 1 GiB where nobody asked for it, and another plugin's calls meanwhile."""

import asyncio
import statistics
import threading
import time
from pathlib import Path

from host_bars.studio import Studio, studio
from host_bars.table import Row

NORMAL_CALLS = 60
MEMORY_BAR_MIB = 64


def floods(rounds: int) -> list[Row]:
    """1 GiB on stderr, and as text on stdout."""
    rows = []
    for where in ("stderr", "stdout"):
        with studio() as it:
            seconds, slowdown, grown_mib = asyncio.run(_flood(it, where))
        name = f"1 GiB on {where}"
        rows += [
            Row(name, seconds, 5, "s"),
            Row(f"{name}, the host's memory grows by", grown_mib, MEMORY_BAR_MIB, "MiB"),
            Row(f"{name}, another plugin's call / normal", slowdown, 4, how="medians"),
        ]
    return rows


async def _flood(it: Studio, where: str) -> tuple[float, float, float]:
    await it.manager.execute("plugin0", it.call())
    await it.manager.execute("odd", it.call())
    normal = [await _call_s(it) for _ in range(NORMAL_CALLS)]
    with _Peak() as peak:
        started = time.perf_counter()
        task = asyncio.ensure_future(it.manager.execute("odd", it.call(how=where)))
        meanwhile = []
        while not task.done():
            meanwhile.append(await _call_s(it))
        await task
        seconds = time.perf_counter() - started
    normal += [await _call_s(it) for _ in range(NORMAL_CALLS)]
    slowdown = statistics.median(meanwhile) / statistics.median(normal)
    return seconds, slowdown, peak.grown_mib


async def _call_s(it: Studio) -> float:
    started = time.perf_counter()
    await it.manager.execute("plugin0", it.call())
    return time.perf_counter() - started


class _Peak:
    """The most that this process's resident memory grows by, looked at every 20 ms."""

    def __enter__(self) -> "_Peak":
        self._over = threading.Event()
        self._start = self._most = _resident_mib()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.02):
            self._most = max(self._most, _resident_mib())

    @property
    def grown_mib(self) -> float:
        return self._most - self._start


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1024**2
