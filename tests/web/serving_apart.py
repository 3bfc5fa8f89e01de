"""`filmeto serve` in a process of its own, for what only a kill shows."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from serving import CLIENT, PLUGINS

ROOT = Path(__file__).resolve().parents[2]
START_S = 30.0


class ServerProcess:
    """A server over the environment's FILMETO_HOME, that may be killed and started again.

    Args:
        folder: A short path, for its Unix socket.
        env: Further variables.
    """

    def __init__(self, folder: str, env: dict[str, str]) -> None:
        self._folder, self._env = folder, env
        self._process: subprocess.Popen[str] | None = None
        self.url = ""

    def start(self) -> None:
        """Start it; returns once it serves."""
        log = Path(self._folder) / "stderr"
        argv = [sys.executable, "-m", "filmeto_core", "serve", "--port", "0"]
        with log.open("w") as stderr:
            self._process = subprocess.Popen(
                [*argv, "--socket", f"{self._folder}/s"],
                stderr=stderr,
                env={
                    **os.environ,
                    "PYTHONPATH": str(ROOT),
                    "FILMETO_PLUGINS": str(PLUGINS),
                    **self._env,
                },
            )
        end = time.monotonic() + START_S
        while "serving at " not in (told := log.read_text()):
            assert self._process.poll() is None and time.monotonic() < end, told
            time.sleep(0.02)
        self.url = told.split("serving at ")[1].split()[0]

    def kill(self) -> None:
        """SIGKILL; returns once it is gone."""
        self._process.kill()
        self._process.wait(5)

    def stop(self) -> None:
        """SIGTERM, as who ends a service does."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(20)
            finally:
                self._process.kill()

    def client(self) -> httpx.Client:
        """A client of it, as it is now."""
        return httpx.Client(base_url=self.url, **CLIENT)


@contextmanager
def server_process(**env: str) -> Iterator[ServerProcess]:
    """A server that runs already, and ends with the block."""
    with tempfile.TemporaryDirectory() as folder:
        made = ServerProcess(folder, env)
        made.start()
        try:
            yield made
        finally:
            made.stop()
