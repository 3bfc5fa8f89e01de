"""What the tests of the web API share: a server with the tests' own plugins, and a client of it."""

import pytest
from serving import PLUGINS, serving

from filmeto_core.web import access


@pytest.fixture
def served(home, monkeypatch):
    """A running server; `served.url`, `served.desk`."""
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    with serving() as made:
        yield made


@pytest.fixture
def client(served):
    """A client of that server."""
    with served.client() as made:
        yield made


@pytest.fixture
def asked(tmp_path):
    """The request of a task for the counting plugin; `asked.calls()` tells how often it ran."""

    def request(prompt="a dot", metadata=None, **parameters):
        return {
            "tool_name": "text2image",
            "plugin_name": "flaky",
            "parameters": {"prompt": prompt, "counter": str(tmp_path / "calls"), **parameters},
            "metadata": metadata or {},
        }

    def calls() -> int:
        path = tmp_path / "calls"
        return len(path.read_text().split()) if path.exists() else 0

    request.calls = calls
    return request


@pytest.fixture
def as_tenant(monkeypatch):
    """Headers that make a request the named tenant's, with these scopes and this quota."""
    found, callers = access.caller_of, {}

    def caller_of(request):
        return callers.get(request.headers.get("x-test-caller")) or found(request)

    def headers(tenant, **caller):
        name = f"{tenant}-{len(callers)}"
        callers[name] = access.Caller(tenant=tenant, **caller)
        return {"X-Test-Caller": name}

    monkeypatch.setattr(access, "caller_of", caller_of)
    return headers
