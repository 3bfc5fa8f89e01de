"""A Prefect server that asks its clients who they are, and that may not write where it is installed."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from filmeto_core import prefect_server
from filmeto_core.errors import UnauthorizedError
from filmeto_core.prefect_api import PrefectApi
from filmeto_core.tasks.waiting_runs import waiting_runs

ROOT = Path(__file__).resolve().parents[2]
LOGIN = "admin:a b"
STORY = "size: 64x64\nfps: 12\nshots: [{id: one, prompt: a boat, duration_s: 1}]\n"
# `filmeto film`'s way to a server, where Prefect's own folder is another user's.
START = """\
import os
from pathlib import Path
from filmeto_core import prefect_server

os.access = lambda path, mode: not Path(path).match("prefect/server")
prefect_server.ensure_server()
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The variables that lead to it, its login left out."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    said = {
        "PREFECT_HOME": str(tmp_path_factory.mktemp("locked")),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "FILMETO_HOME": str(tmp_path_factory.mktemp("home")),
    }
    asking = {"PREFECT_SERVER_API_AUTH_STRING": LOGIN, "PREFECT_API_AUTH_STRING": LOGIN}
    done = run(["-c", START], {**said, **asking})
    assert done.returncode == 0, done.stderr
    yield said
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PREFECT_HOME", said["PREFECT_HOME"])
        assert prefect_server.stop_servers()


@pytest.fixture
def stranger(server, monkeypatch):
    """This process is a client without a login."""
    for name, value in server.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PREFECT_API_AUTH_STRING", raising=False)
    return server


@pytest.fixture
def client(stranger, monkeypatch):
    """This process is a client that the server knows."""
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", LOGIN)
    return stranger


def run(argv, environment, folder=ROOT):
    said = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(
        [sys.executable, *argv], capture_output=True, text=True, timeout=300, env=said, cwd=folder
    )


@pytest.mark.parametrize("command", ["film story.yaml", "deploy", "status", "review"])
def test_a_command_without_a_login_says_what_to_set(server, tmp_path, command):
    (tmp_path / "story.yaml").write_text(STORY)
    done = run(["-m", "filmeto_core", *command.split()], server, tmp_path)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert server["PREFECT_API_URL"] in done.stderr
    assert "Set that variable to what the server has as PREFECT_SERVER_API_AUTH" in done.stderr


def test_doctor_says_so_too(server, tmp_path):
    done = run(["-m", "filmeto_core", "doctor"], server, tmp_path)
    (line,) = [line for line in done.stdout.splitlines() if "Prefect API" in line]
    assert line.startswith("missing") and "does not know this client" in line


def test_deployments_are_registered_with_one(server, tmp_path):
    done = run(
        ["-m", "filmeto_core", "deploy"], {**server, "PREFECT_API_AUTH_STRING": LOGIN}, tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert "film/animatic" in done.stdout


def test_questions_without_prefect_bring_the_login(client):
    with PrefectApi() as api:
        assert api.run("00000000-0000-0000-0000-000000000000") is None
    assert list(waiting_runs()) == []


def test_questions_without_one_are_refused_in_words(stranger):
    with pytest.raises(UnauthorizedError, match="does not know this client"), PrefectApi() as api:
        api.deployments("filmeto")
    with pytest.raises(UnauthorizedError, match="does not know this client"):
        list(waiting_runs())


def test_the_active_profile_may_have_it(stranger):
    profiles = Path(stranger["PREFECT_HOME"]) / "profiles.toml"
    profiles.write_text(f'active = "a"\n[profiles.a]\nPREFECT_API_AUTH_STRING = "{LOGIN}"\n')
    try:
        assert prefect_server.await_server(5) == stranger["PREFECT_API_URL"]
    finally:
        profiles.unlink()


def test_the_end_of_a_run_is_told_with_the_login(client, monkeypatch):
    url = client["PREFECT_API_URL"]
    with prefect_server.client_of(10) as asking:
        flow = asking.post(f"{url}/flows/", json={"name": "some"}).json()["id"]
        state = {"type": "RUNNING", "name": "Running"}
        made = asking.post(f"{url}/flow_runs/", json={"flow_id": flow, "state": state}).json()["id"]
        assert prefect_server.tell_state(made, "CRASHED", "It was killed.")
        assert asking.get(f"{url}/flow_runs/{made}").json()["state"]["message"] == "It was killed."
    monkeypatch.delenv("PREFECT_API_AUTH_STRING")
    assert not prefect_server.tell_state(made, "CRASHED", "It was killed.")


def test_its_ui_is_there_though_prefects_own_folder_is_another_users(server):
    assert (Path(server["PREFECT_HOME"]) / "ui" / "v2" / "index.html").exists()
    address = prefect_server.ui_url(server["PREFECT_API_URL"])
    page = httpx.get(address, headers={"Accept": "text/html"}, follow_redirects=True)
    assert page.status_code == 200 and "<title>Prefect" in page.text


def test_a_folder_that_the_user_chose_for_the_ui_is_left(monkeypatch):
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    for name in prefect_server.UI_FOLDER_NAMES:
        with monkeypatch.context() as patch:
            patch.setenv(name, "/srv/ui")
            assert prefect_server._ui_folder() == {}
