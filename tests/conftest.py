"""What the tests share: a data folder for each test, and one Prefect server for those that need it.

Environments of plugins are built once a session: each test's data folder points to the same ones.
"""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


# Prefect reads these when it is imported, which some test module does before any fixture runs.
_PORT = _free_port()
os.environ["PREFECT_API_URL"] = f"http://127.0.0.1:{_PORT}/api"
os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
os.environ["DO_NOT_TRACK"] = "1"
os.environ["PREFECT_LOGGING_TO_API_ENABLED"] = "false"


@pytest.fixture(scope="session")
def session_folder(tmp_path_factory) -> Path:
    """What lives as long as the session: environments, the Prefect server's data."""
    return tmp_path_factory.mktemp("session")


@pytest.fixture(scope="session")
def environments(session_folder) -> Path:
    """The plugins' environments, built once a session."""
    folder = session_folder / "environments"
    folder.mkdir()
    return folder


@pytest.fixture
def home(tmp_path, environments, monkeypatch) -> Path:
    """An empty FILMETO_HOME of this test's own, and a working folder without a filmeto.yaml.

    The one above it lets the plugin that counts its calls leave the count with the test.
    """
    grants = "grants:\n  flaky: {write: .}\n"
    (tmp_path / "filmeto.yaml").write_text(grants)
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "environments").symlink_to(environments, target_is_directory=True)
    monkeypatch.setenv("FILMETO_HOME", str(folder))
    monkeypatch.delenv("FILMETO_PLUGINS", raising=False)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return folder


@pytest.fixture(scope="session")
def prefect_api(session_folder) -> str:
    """The URL of a Prefect server of this session's own, ended with it."""
    from filmeto_core.prefect_server import ensure_server

    os.environ["PREFECT_HOME"] = str(session_folder / "prefect")
    url = ensure_server()
    yield url
    stop = [sys.executable, "-m", "prefect", "server", "stop"]
    subprocess.run(stop, check=True, capture_output=True, timeout=60)


@pytest.fixture
def filmeto(home):
    """Runs the command line in a process of its own: filmeto("film", "story.yaml")."""

    def run(*argv: str, timeout_s: float = 300, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "filmeto_core", *map(str, argv)],
            capture_output=True,
            text=True,
            timeout=timeout_s,
            env={**os.environ, "PYTHONPATH": str(ROOT), **env},
        )

    return run
