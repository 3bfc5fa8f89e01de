"""`filmeto serve` killed in the middle of a film: the next start makes it, and nothing is left."""

import contextlib
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from filming import (
    LONG_S,
    PROFILES,
    at_gate,
    board,
    descendants,
    ended,
    gone,
    wait_until,
    watch_until,
    write_film,
)
from serving import CLIENT, PLUGINS

STOPPED_S = 15.0  # processes end within seconds; the machine may be busy
ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def server(tmp_path):
    """A server in a process of its own: the process, and a client of it."""
    command = [sys.executable, "-m", "filmeto_core", "serve", "--port", "0"]
    command += ["--socket", str(tmp_path / "filmeto.sock")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as started:
        try:
            lines = iter(started.stderr.readline, "")
            told = next((line for line in lines if "serving at" in line), "")
            url = told.rpartition("serving at ")[2].strip()
            with httpx.Client(base_url=url, **CLIENT) as client:
                yield started, client
        finally:
            started.kill()


@pytest.fixture
def studio(home, monkeypatch, prefect_api):
    """The quick plugins, a profile that names them, and Prefect."""
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    Path("filmeto.yaml").write_text(PROFILES)


def test_a_film_whose_server_is_killed_is_made_by_the_next_one(home, studio, tmp_path):
    gate = tmp_path / "gate"
    film_id = write_film(home, board(gate))
    with server(tmp_path) as (process, client):
        assert client.post(f"/api/v1/films/{film_id}/runs").status_code == 202
        seen = watch_until(client, film_id, at_gate)
        processes = descendants(process.pid)
        assert len(processes) > 2
        os.kill(process.pid, signal.SIGKILL)
        process.wait(LONG_S)
        wait_until(lambda: gone(processes))
    gate.touch()
    with server(tmp_path) as (process, client):
        told = watch_until(client, film_id, ended, seen[-1][0])
        last = told[-1][1]
        assert last["state"] == "done" and last["calls"] == 4 and last["cached"] >= 1
        assert told[0][0] > seen[-1][0] and not {i for i, _ in told} & {i for i, _ in seen}
        assert client.get(f"/api/v1/films/{film_id}").json()["state"] == "done"
        states = [run["state"] for run in client.get(f"/api/v1/films/{film_id}/runs").json()]
        assert states == ["done", "interrupted"]
        processes = descendants(process.pid)
        process.send_signal(signal.SIGTERM)
        assert process.wait(LONG_S) == 0
        wait_until(lambda: gone(processes))
    assert (home / "films" / "local" / film_id / "out" / "film.mp4").is_file()
    assert not (home / "films" / "local" / film_id / "wanted.json").exists()


def test_a_second_signal_leaves_a_film_to_the_next_start_at_once(home, studio, tmp_path):
    film_id = write_film(home, board(tmp_path / "gate"))
    with server(tmp_path) as (process, client):
        client.post(f"/api/v1/films/{film_id}/runs")
        watch_until(client, film_id, at_gate)
        processes = descendants(process.pid)
        process.send_signal(signal.SIGTERM)
        told = iter(process.stderr.readline, "")
        assert any("ending: what runs may finish" in line for line in told)
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOPPED_S) == 0, "30 s is the grace"
        wait_until(lambda: gone(processes))
    assert (home / "films" / "local" / film_id / "wanted.json").exists()


def command(pid: int) -> str:
    """A process's command line; "" once it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def encoders_of(server_pid: int) -> set[int]:
    """What encodes for a film's process."""
    films = {pid for pid in descendants(server_pid) if "web.film_process" in command(pid)}
    return {pid for film in films for pid in descendants(film) if "ffmpeg" in command(pid)}


def niceness(pids: set[int]) -> set[int]:
    """The nice values of those of the processes that have not ended meanwhile."""
    values = set()
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            values.add(os.getpriority(os.PRIO_PROCESS, pid))
    return values


def test_an_encoder_ends_with_its_server(home, studio, tmp_path):
    long = board(duration_s=120)
    film_id = write_film(home, {**long, "size": "1280x720", "fps": 24})
    with server(tmp_path) as (process, client):
        client.post(f"/api/v1/films/{film_id}/runs")
        seen: set[int] = set()
        wait_until(lambda: seen.update(niceness(encoders_of(process.pid))) or seen, 2 * LONG_S)
        processes = descendants(process.pid)
        os.kill(process.pid, signal.SIGKILL)
        process.wait(LONG_S)
        wait_until(lambda: gone(processes))
    assert seen == {min(19, os.getpriority(os.PRIO_PROCESS, 0) + 10)}
