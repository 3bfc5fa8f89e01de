"""`filmeto up`, `status`, `down`: what they start, what goes on, what is left."""

import json
import os
import signal
import socket
import time
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client

from filmeto_core.process import find_marked
from filmeto_core.settings import Settings
from filmeto_core.studio.desk import Desk, Wanted

WAIT_S = 180
SHOTS = [{"id": f"s{n}", "prompt": f"a boat, number {n}", "duration_s": 4} for n in range(8)]
BOARD = {"title": "Boats", "size": "320x180", "shots": SHOTS}


def until(true) -> None:
    end = time.monotonic() + WAIT_S
    while not true():
        assert time.monotonic() < end
        time.sleep(0.2)


def start(client, name, **parameters) -> str:
    deployment = client.read_deployment_by_name(name)
    return client.create_flow_run_from_deployment(deployment.id, parameters=parameters).id


def state(client, run_id):
    return client.read_flow_run(run_id).state


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def test_a_film_that_down_stops_goes_on_at_the_next_up(place):
    port = free_port()
    done = place.filmeto("up", "--port", port)
    assert done.returncode == 0, done.stderr
    assert f"http://127.0.0.1:{port}/ui/" in done.stdout and "film/studio" in done.stdout
    first = place.pids()
    assert place.status()["up"] and first["worker"] and first["host"]
    (place.project / "boats.yaml").write_text(json.dumps(BOARD), encoding="utf-8")
    with get_client(sync_client=True) as client:
        gone = start(client, "film/animatic", storyboard="gone.yaml")
        film = start(client, "film/animatic", storyboard="boats.yaml", out="made")
        until(lambda: list(place.project.glob("made/shots/*/still.*")))
        until(lambda: state(client, gone).is_final())
        assert str(place.project / "gone.yaml") in state(client, gone).message
        done = place.filmeto("down")
        assert done.returncode == 0 and "nothing of it is left" in done.stdout, done.stderr
        assert state(client, film).name == "AwaitingRetry"
        assert find_marked("FILMETO_HOME", str(place.home)) == {}
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0
        assert not (place.project / "made" / "film.mp4").exists()

        again = place.filmeto("up", "--port", port)
        assert again.returncode == 0, again.stderr
        deployed = place.run("prefect", "--no-prompt", "deploy", "--all")
        assert deployed.returncode == 0, deployed.stdout + deployed.stderr
        teaser = start(client, "teaser/teaser", takes=1)
        for run in (film, teaser):
            until(lambda run=run: state(client, run).is_final())
            assert state(client, run).is_completed(), state(client, run).message
    report = json.loads((place.project / "made" / "film.json").read_text(encoding="utf-8"))
    assert any(asset["cached"] for asset in report["assets"])
    assert (place.project / "out" / "teaser" / "take-1.mp4").exists()

    second = place.pids()
    os.kill(second["worker"], signal.SIGKILL)
    until(lambda: place.pids()["worker"] is None)
    assert place.filmeto("status").returncode == 1
    assert place.filmeto("up").returncode == 0
    third = place.pids()
    assert third["host"] == second["host"] and third["worker"] not in (None, second["worker"])
    assert place.filmeto("down").returncode == 0
    assert find_marked("FILMETO_HOME", str(place.home)) == {}


def test_a_worker_starts_though_another_users_has_the_place_of_its_files(place, tmp_path):
    (tmp_path / "runner_storage").write_text(
        ""
    )  # root may write to anybody's folder, not into this
    done = place.filmeto("up", "--port", free_port(), TMPDIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert (place.home / "up" / "tmp" / "runner_storage").is_dir()


def test_a_taken_port_is_told_with_the_program_that_has_it(place):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        done = place.filmeto("up", "--port", port)
    assert done.returncode == 2
    assert f"port {port} on 127.0.0.1 is taken: process {os.getpid()} has it" in done.stderr
    assert "another --port" in done.stderr


@pytest.mark.parametrize(
    ("changed", "said"),
    [({"project": Path("/elsewhere")}, "up for /elsewhere"), ({"queues": ("gpu",)}, "queues gpu")],
)
def test_a_studio_that_is_up_for_something_else_is_not_changed(place, monkeypatch, changed, said):
    monkeypatch.setenv("FILMETO_HOME", str(place.home))
    desk = Desk(Settings())
    wanted = Wanted(project=place.project, queues=("default",), port=8000)
    desk.want(wanted.model_copy(update=changed))
    desk.worker.start(["sleep", "60"], {"PATH": os.environ["PATH"]}, desk.log("worker"))
    done = place.filmeto("up", "--queue", "default")
    assert done.returncode == 2 and said in done.stderr and "filmeto down" in done.stderr


def test_down_with_nothing_up_says_so_and_status_says_what_is_down(place):
    done = place.filmeto("down")
    assert (done.returncode, done.stdout) == (0, "nothing was up\n")
    told = place.status()
    states = {part["name"]: part["state"] for part in told["parts"]}
    assert (states["server"], states["host"], states["worker"]) == ("up", "down", "down")
    assert not told["up"]
