"""Runs of films over HTTP: started, followed, cancelled, failed, gone on with."""

import os
import shutil
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from filming import (
    PROFILES,
    at_gate,
    board,
    descendants,
    ended,
    following,
    gone,
    until,
    wait_until,
    watch_until,
    write_film,
)
from serving import PLUGINS, serving

from filmeto_core.settings import Settings


@pytest.fixture
def studio(home, monkeypatch, prefect_api):
    """The quick plugins, a profile that names them, and Prefect."""
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    Path("filmeto.yaml").write_text(PROFILES)


@pytest.fixture
def served(studio):
    """A server with the quick plugins, and Prefect beside it."""
    with serving() as made:
        yield made


@pytest.fixture
def gate(tmp_path):
    """The file for which the second shot waits."""
    return tmp_path / "gate"


@pytest.fixture
def film(home, client, gate):
    """Writes a film, whose second shot waits at the gate, and starts it; its id."""

    def start(told=None, **request) -> str:
        film_id = write_film(home, told or board(gate))
        answer = client.post(f"/api/v1/films/{film_id}/runs", json=request)
        assert answer.status_code == 202, answer.text
        return film_id

    return start


def process_of(served, film_id) -> int:
    """The film's process."""
    return served.desk.film_runs._live[film_id]._child.pid


def test_a_film_is_made_and_told_of_to_its_last_event(film, client, home, served):
    film_id = film(board())
    told = watch_until(client, film_id, lambda event: event["_type"] in ("result", "error"))
    runs = [event for _, event in told if event["_type"] == "run"]
    assert [run["state"] for run in runs[:2]] == ["queued", "running"]
    percents = [run["percent"] for run in runs]
    assert percents == sorted(percents) and percents[-1] == 100
    last = runs[-1]
    assert (last["state"], last["calls"], last["cached"]) == ("done", 4, 0)
    assert "/runs/flow-run/" in last["prefect_url"]
    assert {e["id"]: e["state"] for _, e in told if e["_type"] == "shot"} == {
        "dawn": "done",
        "night": "done",
    }
    logged = [(e["shot"], e["tool"]) for _, e in told if e["_type"] == "log"]
    assert ("dawn", "text2image") in logged and ("night", "image2video") in logged
    folder = home / "films" / "local" / film_id
    assert (folder / "out" / "film.mp4").stat().st_size > 0
    assert not (folder / "wanted.json").exists()
    (run,) = client.get(f"/api/v1/films/{film_id}/runs").json()
    assert {"_type": "run", **run} == last
    result = told[-1][1]
    assert result["state"] == "done" and result["film"]["mime_type"] == "video/mp4"
    assert client.get(result["film"]["url"]).content[4:8] == b"ftyp"
    night = [event for _, event in told if event["_type"] == "shot"][-1]
    assert {"still", "clip"} <= night["parts"].keys()
    assert client.get(night["parts"]["clip"]["url"]).headers["content-type"] == "video/x-msvideo"
    assert served.desk.service.plugins.states()["quick"]["pids"], "the server's plugins made it"
    assert served.desk.passes == {}
    assert str(home) not in str(told), "paths of this machine are told to nobody"


def test_a_watcher_that_was_cut_off_goes_on_where_it_was(film, client, gate):
    film_id = film()
    with following(client, film_id) as told:
        before = until(told, at_gate)
    gate.touch()
    after = watch_until(client, film_id, ended, before[-1][0])
    whole = watch_until(client, film_id, ended)
    assert [i for i, _ in before + after] == [i for i, _ in whole]
    assert before + after == whole and after[-1][1]["state"] == "done"
    with following(client, f"{film_id}", whole[-2][0]) as told:
        assert next(told)[0] == whole[-1][0]


def test_a_cancelled_film_leaves_no_process_and_goes_on_from_what_is_done(
    film, client, served, gate, prefect_api
):
    film_id = film()
    run = [e for _, e in watch_until(client, film_id, at_gate) if e["_type"] == "run"][-1]
    processes = descendants(process_of(served, film_id))
    started = time.monotonic()
    answer = client.post(f"/api/v1/films/{film_id}/cancel")
    assert answer.json()["state"] == "cancelled" and time.monotonic() - started < 20
    wait_until(lambda: gone(processes))
    wait_until(lambda: served.desk.service.plugins.states()["quick"]["state"] != "busy")
    assert watch_until(client, film_id, ended)[-1][1]["state"] == "cancelled"
    flow_run = run["prefect_url"].rpartition("/")[2]
    state = httpx.get(f"{prefect_api}/flow_runs/{flow_run}", trust_env=False).json()["state"]
    assert state["type"] == "CANCELLED"
    assert client.post(f"/api/v1/films/{film_id}/cancel").json()["state"] == "cancelled"
    seen = watch_until(client, film_id, ended)[-1][0]
    gate.touch()
    assert client.post(f"/api/v1/films/{film_id}/runs").status_code == 202
    last = watch_until(client, film_id, ended, seen)[-1][1]
    assert (last["state"], last["calls"]) == ("done", 4) and last["cached"] >= 1
    states = [run["state"] for run in client.get(f"/api/v1/films/{film_id}/runs").json()]
    assert states == ["done", "cancelled"]


def test_a_film_whose_process_is_killed_fails_with_what_to_do_and_can_be_run_again(
    film, client, served, gate
):
    film_id = film()
    watch_until(client, film_id, at_gate)
    processes = descendants(process_of(served, film_id))
    os.kill(process_of(served, film_id), signal.SIGKILL)
    told = watch_until(client, film_id, lambda event: event["_type"] == "error")
    error = told[-1][1]
    assert "ended by signal 9" in error["message"] and error["details"]["retryable"]
    assert "Run the film again" in error["details"]["hint"]
    assert told[-2][1]["state"] == "failed" and told[-2][1]["error"]["hint"]
    wait_until(lambda: gone(processes))
    gate.touch()
    assert client.post(f"/api/v1/films/{film_id}/runs").status_code == 202
    assert watch_until(client, film_id, ended, told[-1][0])[-1][1]["state"] == "done"


def test_of_two_starts_at_once_one_is_refused(home, client, gate):
    film_id = write_film(home, board(gate))
    with ThreadPoolExecutor(2) as pool:
        path = f"/api/v1/films/{film_id}/runs"
        answers = list(pool.map(lambda _: client.post(path), range(2)))
    assert sorted(answer.status_code for answer in answers) == [202, 409]
    refused = next(answer for answer in answers if answer.status_code == 409).json()
    assert refused["code"] == "conflict" and "cancel" in refused["hint"]
    assert client.post(f"/api/v1/films/{film_id}/cancel").json()["state"] == "cancelled"


def test_films_over_the_limit_wait_their_turn_and_can_be_cancelled_there(home, studio, gate):
    with serving(Settings(serve_films=1)) as served, served.client() as client:
        first, second = (write_film(home, board(gate)) for _ in range(2))
        for film_id in (first, second):
            assert client.post(f"/api/v1/films/{film_id}/runs").json()["state"] == "queued"
        watch_until(client, first, at_gate)
        assert client.get(f"/api/v1/films/{second}/runs").json()[0]["state"] == "queued"
        assert client.post(f"/api/v1/films/{second}/cancel").json()["state"] == "cancelled"
        assert not (home / "films" / "local" / second / "wanted.json").exists()
        assert client.post(f"/api/v1/films/{first}/cancel").json()["state"] == "cancelled"


def test_a_shot_that_fails_is_named_with_why_and_what_to_do(film, client):
    film_id = film(board(prompt="something unspeakable"))
    told = watch_until(client, film_id, lambda event: event["_type"] == "error")
    error = told[-1][1]
    assert error["code"] == "film_failed" and "1 of 2 shots failed" in error["message"]
    why = error["details"]["shots"]["night"]
    assert "nobody may draw this" in why["message"] and why["details"]["plugin"] == "quick"
    shots = {e["id"]: e for _, e in told if e["_type"] == "shot"}
    assert shots["dawn"]["state"] == "done" and shots["night"]["state"] == "failed"
    assert shots["night"]["error"]["message"] and shots["night"]["error"]["tool"] == "text2image"
    assert shots["night"]["error"]["hint"]


def test_a_run_that_cannot_be_is_refused_before_it_starts(home, client):
    path = f"/api/v1/films/{write_film(home, board())}/runs"
    wrong = [({"budget": "much"}, "budget"), ({"shots": ["dusk"]}, "shots")]
    for request, field in [*wrong, ({"refresh": ["dusk"]}, "refresh")]:
        answer = client.post(path, json=request)
        assert answer.status_code == 422 and answer.json()["field"] == field, answer.text
    draft = write_film(home, board(motion="sideways"))
    answer = client.post(f"/api/v1/films/{draft}/runs").json()
    assert (answer["status"], answer["code"]) == (422, "storyboard")
    assert answer["problems"][0]["field"] == "shots[1].motion"
    assert not list(home.glob("films/*/*/wanted.json"))


def test_a_film_that_its_budget_stops_says_what_is_missing(home, studio, tmp_path, monkeypatch):
    for name in ("jobber", "quick"):
        shutil.copytree(PLUGINS / name, tmp_path / "plugins" / name)
    monkeypatch.setenv("FILMETO_PLUGINS", str(tmp_path / "plugins"))
    Path("filmeto.yaml").write_text(PROFILES.replace("text2image: quick", "text2image: jobber"))
    film_id = write_film(home, board())
    with serving() as served, served.client() as client:
        path = f"/api/v1/films/{film_id}/runs"
        refused = client.post(path, json={"budget": "5 EUR"})
        assert refused.status_code == 422 and "jobber costs in USD" in refused.json()["message"]
        assert client.post(path, json={"budget": "0.50 USD"}).status_code == 202
        told = watch_until(client, film_id, lambda event: event["_type"] == "error")
        assert told[-1][1]["code"] == "budget"
        assert any("text2image" in name for name in told[-1][1]["details"]["missing"])
        run = told[-2][1]
        assert run["spent"] == ["0.50 USD"] and run["budget"] == "0.50 USD"


def test_films_of_others_and_films_that_are_not_are_not_found(home, client):
    theirs = write_film(home, board(), tenant="theirs")
    for film_id in (theirs, "none-00000000", "..", ".incoming"):
        for method, path in (
            ("POST", "runs"),
            ("GET", "runs"),
            ("POST", "cancel"),
            ("GET", "events"),
        ):
            answer = client.request(method, f"/api/v1/films/{film_id}/{path}")
            assert answer.status_code == 404, (film_id, path)


def test_a_film_that_the_server_s_end_cut_short_goes_on_at_the_next_start(home, studio, gate):
    settings = Settings(serve_stop_grace_s=0)
    film_id = write_film(home, board(gate))
    wanted = home / "films" / "local" / film_id / "wanted.json"
    with serving(settings) as served, served.client() as client:
        client.post(f"/api/v1/films/{film_id}/runs")
        seen = watch_until(client, film_id, at_gate)
        processes = descendants(process_of(served, film_id))
    assert gone(processes) and wanted.exists()
    gate.touch()
    with serving(settings) as served, served.client() as client:
        told = watch_until(client, film_id, ended, seen[-1][0])
        states = [event["state"] for _, event in told if event["_type"] == "run"]
        assert states[0] == "running" or states[0] == "interrupted"
        assert "queued" in states and states[-1] == "done"
        assert told[-1][1]["cached"] >= 1
        assert not wanted.exists()


def test_plugins_of_a_server_stand_back_behind_it(client, served):
    task = {"tool_name": "text2image", "plugin_name": "quick", "parameters": {"prompt": "a"}}
    with client.stream("POST", "/api/v1/tasks/execute", json=task) as answer:
        answer.read()
    (pid,) = served.desk.service.plugins.states()["quick"]["pids"]
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getpriority(os.PRIO_PROCESS, pid) == min(19, own + 10)
