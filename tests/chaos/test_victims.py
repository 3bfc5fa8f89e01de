"""Processes of one film are found and ended, those of another are left alone."""

import os
import socket
import subprocess
import sys

import pytest

from filmeto_core.chaos import victims
from filmeto_core.chaos.scene import Server
from filmeto_core.plugin_host.temporary import MARKER

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="they are found in /proc")


@pytest.fixture
def sleeper():
    """Starts processes with variables, and ends them."""
    started = []

    def start(**environment):
        process = subprocess.Popen(
            [sys.executable, "-S", "-c", "print(flush=True); input()"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        started.append(process)
        process.stdout.readline()  # before its first line, /proc may not tell its variables yet
        return process

    yield start
    for process in started:
        process.kill()
        process.stdin.close()
        process.stdout.close()
        process.wait()


def test_processes_are_told_by_the_folder_in_their_environment(tmp_path, sleeper):
    film, other = tmp_path / "0001", tmp_path / "00011"
    plain = sleeper(FILMETO_HOME=f"{film}/home")
    plugin = sleeper(TMPDIR=f"{film}/tmp/x", **{MARKER: "1"})
    stranger = sleeper(FILMETO_HOME=f"{other}/home", **{MARKER: "2"})
    assert set(victims.processes_of(film)) == {plain.pid, plugin.pid}
    assert victims.plugins_of(film) == [plugin.pid]
    victims.end_all(film)
    assert plain.wait() == plugin.wait() == -9 and stranger.poll() is None
    assert victims.left_running(film, set()) == []


def test_the_process_that_speaks_from_a_port_is_found():
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname()) as client:
            port = client.getsockname()[1]
            assert victims.owner_of(port, [1, os.getpid()]) == os.getpid()
            assert victims.owner_of(port, []) is None


def test_a_server_is_the_one_of_that_folder_alone(tmp_path, sleeper):
    (tmp_path / "server.pid").write_text(str(sleeper(PREFECT_HOME="/elsewhere").pid))
    assert victims.server_of(tmp_path) is None
    mine = sleeper(PREFECT_HOME=str(tmp_path))
    (tmp_path / "server.pid").write_text(str(mine.pid))
    assert victims.server_of(tmp_path) == mine.pid
    (tmp_path / "server.pid").write_text("nonsense")
    assert victims.server_of(tmp_path) is None


def test_stopping_a_server_ends_all_that_has_its_data_and_no_other(tmp_path, sleeper):
    mine, other = sleeper(PREFECT_HOME=f"{tmp_path}/a"), sleeper(PREFECT_HOME=f"{tmp_path}/ab")
    server = Server(tmp_path / "a")
    server.stop()  # one that never started has nothing to end
    assert mine.poll() is None and server.port == Server(tmp_path / "a").port
    server.stop()
    assert mine.wait() == -9 and other.poll() is None
