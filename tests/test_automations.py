"""The recipes of docs/automations.md, run against a real Prefect server and a receiver on loopback."""

import asyncio
import importlib.util
import json
import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest
from prefect.client.orchestration import get_client

from filmeto_core.cli.flow_run import load_flow
from filmeto_core.errors import StoryboardError
from filmeto_core.tasks.runtime import close_service

ROOT = Path(__file__).resolve().parents[1]
RECIPES = ROOT / "examples" / "automations"
WAIT_S = 30.0  # a trigger is looked at once a second or so; a busy machine takes longer
BOARD = "title: The lamp\nshots:\n  - {id: dawn, prompt: a lamp, duration_s: 1}\n"


def until(found):
    """What `found` gives once it gives something."""
    end = time.monotonic() + WAIT_S
    while not (what := found()):
        assert time.monotonic() < end, "nothing came"
        time.sleep(0.2)
    return what


@pytest.fixture
def receiver():
    """What an address on loopback is sent: `receiver.got`, `receiver.url`."""

    class Receiver(BaseHTTPRequestHandler):
        got: list[bytes] = []

        def do_POST(self):
            self.got.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    Receiver.url = f"http://127.0.0.1:{server.server_port}/films"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Receiver
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def film(home, prefect_api):
    """The flow; automations that are made meanwhile are removed, since they would go on reacting."""
    yield load_flow("film.py", "film")
    close_service()
    with get_client(sync_client=True) as client:
        for automation in client.request("POST", "/automations/filter", json={}).json():
            client.request("DELETE", f"/automations/{automation['id']}")


def test_a_film_that_fails_is_told_to_an_address_with_its_reason(film, receiver):
    for _ in range(2):  # the second time, the automation that is there is changed
        subprocess.run(
            [sys.executable, RECIPES / "notify_on_failure.py", receiver.url],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            check=True,
            timeout=60,
        )
    with pytest.raises(StoryboardError):
        asyncio.run(film({"title": 'A "bad" one', "shots": [{"id": "a", "promt": "x"}]}))

    def of_this_film():  # a busy server may send of an earlier test's film as well
        return [told for told in map(json.loads, receiver.got) if '"bad"' in told["film"]]

    (told,) = until(of_this_film)
    assert told["film"] == 'film: A "bad" one #1' and told["state"] == "Failed"
    assert told["reason"].startswith("The storyboard: shots[0]: has no picture: give it a prompt")
    assert told["url"].startswith("http://127.0.0.1:") and "/runs/flow-run/" in told["url"]
    assert len(of_this_film()) == 1


def test_a_storyboard_that_lands_whole_starts_its_film_and_each_version_once(film, tmp_path):
    asyncio.run(film.ato_deployment(name="lands")).apply()
    spec = importlib.util.spec_from_file_location("film_on_arrival", RECIPES / "film_on_arrival.py")
    recipe = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(recipe)
    recipe.react("film/lands")
    recipe.react("film/lands")

    drop = tmp_path / "drop"
    drop.mkdir()
    story = drop / "lamp.yaml"
    folder = recipe.Folder(drop, "film/lands")
    story.write_text(BOARD[:30])
    assert folder.look(0) == folder.look(1) == []
    story.write_text(BOARD)  # it was still being written
    assert folder.look(2.5) == folder.look(3) == []
    (drop / "bad.yaml").write_text("title: bad\n")
    assert folder.look(5) == [story]
    assert folder.look(9) == [] and recipe.Folder(drop, "film/lands").look(20) == []

    def runs():
        wanted = {"deployments": {"name": {"any_": ["lands"]}}}
        url = f"{os.environ['PREFECT_API_URL']}/flow_runs/filter"
        return httpx.post(url, json=wanted, trust_env=False).json()

    (run,) = until(runs)
    assert run["parameters"]["storyboard"] == str(story)
    assert run["parameters"]["out"] == str(drop / "films" / "lamp")
    assert run["state_type"] == "SCHEDULED"
