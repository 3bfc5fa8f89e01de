"""A film's process as its server sees it: started, heard, stopped, and never left behind."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import orjson

from filmeto_core import process
from filmeto_core.plugin_host.pipes import Reader
from filmeto_core.plugin_host.spawn import Lifeline
from filmeto_core.web.film_order import FilmOrder

MODULE = "filmeto_core.web.film_process"
PACKAGE = Path(__file__).resolve().parents[2]  # where the child finds the same filmeto
STOP_S = 3.0  # it stops itself within 2 s; what has not, is killed
MOST_LOG_BYTES = 1024 * 1024  # of one run's stderr
LAST_LINES = 20


class FilmChild:
    """One film's process. Only the server's event loop touches it.

    Args:
        order: What it is asked for.
        environment: Its variables.
        log: A file for what it writes to stderr; the first MiB of a run is kept.
        heard: Gets each of its lines.
        portable: Do without what Linux alone has.
    """

    def __init__(
        self,
        order: FilmOrder,
        environment: Mapping[str, str],
        log: Path,
        heard: Callable[[dict[str, Any]], None],
        portable: bool = False,
    ) -> None:
        self._loop, self._heard = asyncio.get_running_loop(), heard
        self.ended: asyncio.Future[int] = self._loop.create_future()
        self._unfinished = b""
        self._last: deque[str] = deque(maxlen=LAST_LINES)
        self._log, self._logged = open(log, "wb", buffering=0), 0
        try:
            self._line = Lifeline.open()
            try:
                self._process = self._started(order, environment, portable)
            except BaseException:
                self._line.close()
                raise
        except BaseException:
            self._log.close()
            raise
        self._readers = [
            self._reader(self._process.stdout, self._told),
            self._reader(self._process.stderr, self._said),
        ]
        self._killing: asyncio.TimerHandle | None = None
        self._unwatch = process.watch_exit(self._loop, self._process, self._exited, portable)

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def stop(self) -> None:
        """Have it stop itself; kill it where it does not."""
        if not self.ended.done() and self._killing is None:
            process.signal_group(self._process, signal.SIGTERM)
            self._killing = self._loop.call_later(STOP_S, self.kill)

    def kill(self) -> None:
        """End it at once."""
        process.signal_group(self._process, signal.SIGKILL)

    def last_words(self) -> str:
        """The last lines that it wrote to stderr."""
        return "\n".join(self._last)

    def _started(
        self, order: FilmOrder, environment: Mapping[str, str], portable: bool
    ) -> subprocess.Popen[bytes]:
        outside = process.outside(portable)
        tie = f"host={os.getpid()}" if outside else "portable=1"
        with tempfile.TemporaryFile() as asked:  # a pipe might not take it all at once
            asked.write(order.model_dump_json().encode())
            asked.seek(0)
            started = process.start(
                [sys.executable, "-m", MODULE, str(self._line.theirs), tie],
                env={**environment, "PYTHONPATH": str(PACKAGE), "PYTHONUTF8": "1"},
                stdin=asked,
                pass_fds=(self._line.theirs,),
            )
        if outside:
            process.arm_lifeline(self._line.theirs, started)
        return started

    def _reader(self, pipe: IO[bytes], got: Callable[[bytes], None]) -> Reader:
        descriptor = os.dup(pipe.fileno())  # ours from here, so that Popen's file never closes it
        pipe.close()
        os.set_blocking(descriptor, False)
        return Reader(self._loop, descriptor, got, lambda: None)

    def _told(self, data: bytes) -> None:
        *lines, self._unfinished = (self._unfinished + data).split(b"\n")
        for line in lines:
            self._heard(orjson.loads(line))

    def _said(self, data: bytes) -> None:
        self._last.extend(data.decode("utf-8", "replace").splitlines())
        kept = data[: MOST_LOG_BYTES - self._logged]
        self._logged += self._log.write(kept) if kept else 0

    def _exited(self) -> None:
        for reader in self._readers:
            reader.drain()
            reader.close()
        self._unwatch()
        if self._killing is not None:
            self._killing.cancel()
        self._line.close()
        self._log.close()
        self.ended.set_result(self._process.wait())
