"""The command line with FILMETO_API_URL: warm plugins from one process to the next, clear errors."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from serving import events, read_stream

ROOT = Path(__file__).resolve().parents[2]
START_S = 60.0  # what a command may take to start on a machine that is busy


@pytest.fixture
def at_server(served, filmeto):
    """Runs the command line against the running server."""

    def run(*argv, **env):
        return filmeto(*argv, FILMETO_API_URL=served.url, **env)

    return run


def pids(served) -> list[int]:
    return served.desk.service.plugins.states()["flaky"]["pids"]


def flaky(counted, prompt, *more):
    counter = counted().parameters["counter"]
    given = ("--param", f"counter={counter}", "--param", f"prompt={prompt}")
    return ("run", "text2image", "--plugin", "flaky", *given, *more)


@pytest.mark.parametrize("way", [("--direct",), ()])
def test_two_commands_one_after_the_other_load_a_plugin_once(
    way, request, served, at_server, counted
):
    if not way:
        request.getfixturevalue("prefect_api")
    first = at_server(*flaky(counted, "a boat", *way))
    assert first.returncode == 0, first.stderr
    warm = pids(served)
    second = at_server(*flaky(counted, "a lamp", *way))
    assert second.returncode == 0, second.stderr
    assert len(warm) == 1 and pids(served) == warm and counted.calls() == 2


def test_a_second_run_of_the_same_call_is_from_the_cache(prefect_api, served, at_server, counted):
    assert at_server(*flaky(counted, "a boat")).returncode == 0
    again = at_server(*flaky(counted, "a boat"))
    assert again.returncode == 0 and counted.calls() == 1


def test_a_failed_call_says_what_the_plugin_said_and_exits_with_1(served, at_server, counted):
    given = ("--param", "fail_times=99", "--param", "retryable=false", "--direct")
    done = at_server(*flaky(counted, "a boat", *given))
    assert done.returncode == 1 and "busy, come back later" in done.stderr


def test_listings_are_the_servers(served, at_server, filmeto):
    there = json.loads(at_server("plugins", "list", "--json", FILMETO_PLUGINS="").stdout)
    here = json.loads(filmeto("plugins", "list", "--json", FILMETO_PLUGINS="").stdout)
    names = {plugin["name"] for plugin in there["plugins"]}
    assert "flaky" in names and "flaky" not in {plugin["name"] for plugin in here["plugins"]}
    tools = json.loads(at_server("tools", "--json", FILMETO_PLUGINS="").stdout)
    assert "flaky" in {t["name"]: t["plugins"] for t in tools}["text2image"]


def test_a_server_that_does_not_answer_is_told_with_its_address_and_exit_code_1(filmeto, counted):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        done = filmeto(*flaky(counted, "a boat"), FILMETO_API_URL=url)
    assert done.returncode == 1
    assert url in done.stderr and "filmeto serve" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "url", ["127.0.0.1:8000", "ftp://host", "http://", "http://u:secret@host", "unix://run/it"]
)
def test_an_address_that_is_none_is_wrong_usage(filmeto, counted, url):
    done = filmeto("tools", FILMETO_API_URL=url)
    assert done.returncode == 2
    assert "FILMETO_API_URL" in done.stderr and "http://HOST:PORT" in done.stderr
    assert "secret" not in done.stderr


def test_what_answers_but_is_no_filmeto_server_is_wrong_usage(filmeto, served):
    done = filmeto("tools", FILMETO_API_URL=f"{served.url}/elsewhere")
    assert done.returncode == 2


@pytest.mark.parametrize("way", [("--direct",), ()])
def test_ctrl_c_here_cancels_the_call_there(way, request, served, counted, tmp_path):
    if not way:
        request.getfixturevalue("prefect_api")
    slow = ("--param", "wait_s=60", "--param", "steps=600")
    argv = flaky(counted, "a boat", *slow, *way)
    env = {**os.environ, "PYTHONPATH": str(ROOT), "FILMETO_API_URL": served.url}
    argv = [sys.executable, "-m", "filmeto_core", *argv]
    with subprocess.Popen(argv, env=env, stderr=subprocess.DEVNULL) as running:
        try:
            task_id = task_at_work(served)
            running.send_signal(signal.SIGINT)
            assert running.wait(START_S) == 130
        finally:
            running.kill()
    assert ended(served, task_id) == ("cancelled", "cancelled by its caller")
    assert served.desk.service.plugins.states()["flaky"]["state"] == "idle"


def task_at_work(served) -> str:
    """The task that a command posts once it has started: its plugin works on it."""
    until = time.monotonic() + START_S
    with served.client() as client:
        while not (tasks := client.get("/api/v1/tasks").json()["tasks"]):
            assert time.monotonic() < until, "the command posted nothing"
            time.sleep(0.05)
        with client.stream("GET", f"/api/v1/tasks/{tasks[0]['task_id']}/events") as answer:
            next(event for _, event in events(answer.iter_lines()) if event.get("percent", 0) > 30)
    return tasks[0]["task_id"]


def ended(served, task_id) -> tuple[str, str]:
    """How a task ended and why, once its events are over."""
    with served.client() as client:
        read_stream(client, "GET", f"/api/v1/tasks/{task_id}/events")
        told = client.get(f"/api/v1/tasks/{task_id}").json()
    return told["status"], told["message"]
