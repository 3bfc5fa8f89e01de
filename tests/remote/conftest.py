"""What the tests of the client share: a real server on loopback, and the service that calls it."""

import pytest
from serving import PLUGINS, serving

from filmeto_core.remote.remote_service import RemoteService
from filmeto_core.settings import Settings
from filmeto_core.types import FilmetoTask


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
