"""What the tests of the client share: a real server on loopback, and the service that calls it."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from serving import PLUGINS, serving

from filmeto_core.remote.remote_service import RemoteService
from filmeto_core.settings import Settings
from filmeto_core.types import FilmetoTask

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def served(home, monkeypatch):
    """A running server over this test's data folder."""
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    with serving() as made:
        yield made


@pytest.fixture
def here(served):
    """The service of a process that works in the same data folder, and calls that server."""
    made = RemoteService(Settings(api_url=served.url))
    yield made
    made.close_sync()


@pytest.fixture
def counted(tmp_path):
    """Makes tasks for the counting plugin; `counted.calls()` tells how often it ran."""

    def task(prompt="a dot", metadata=None, **parameters):
        return FilmetoTask(
            tool_name="text2image",
            plugin_name="flaky",
            parameters={"prompt": prompt, "counter": str(tmp_path / "calls"), **parameters},
            metadata=metadata or {},
        )

    def calls() -> int:
        path = tmp_path / "calls"
        return len(path.read_text().split()) if path.exists() else 0

    task.calls = calls
    return task


class ServerProcess:
    """`filmeto serve` in a process of its own, at an address that stays the same.

    Args:
        socket: Of Unix, on which it listens as well.
    """

    def __init__(self, socket: Path) -> None:
        self.socket, self.url = socket, ""
        self._port, self._process = 0, None

    def start(self) -> None:
        argv = [sys.executable, "-m", "filmeto_core", "serve", "--port", str(self._port)]
        self._process = subprocess.Popen(
            [*argv, "--socket", str(self.socket)],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        for line in self._process.stderr:
            if "serving at" in line:
                self.url = line.split()[-1]
                self._port = int(self.url.rpartition(":")[2])
                return
        raise AssertionError("the server did not start")

    def kill(self) -> None:
        """As the kernel does it, when memory runs out."""
        self._process.kill()
        self._end()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._end()

    def _end(self) -> None:
        self._process.wait(40)
        self._process.stderr.close()


@pytest.fixture
def server_process(home, monkeypatch):
    """A server that a test may kill and start again."""
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    with tempfile.TemporaryDirectory(prefix="filmeto-") as folder:  # a socket's path is short
        made = ServerProcess(Path(folder) / "it.sock")
        made.start()
        yield made
        made.stop()
