"""Events over WebSockets: what streams tell, in frames; cancel; refusals; how they close."""

import json

import pytest
from serving import PLUGINS, WAIT_S, read_stream, serving
from test_tasks import wait_until
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from filmeto_core.settings import Settings
from filmeto_core.web.access import Caller


@pytest.fixture
def opened(served):
    """Opens the socket of a task: opened(task_id, after="1-3")."""
    made = []

    def open_socket(task_id, after=None, url=served.url):
        query = f"?after={after}" if after is not None else ""
        address = f"{url.replace('http', 'ws')}/api/v1/tasks/{task_id}/socket{query}"
        made.append(connect(address, proxy=None))
        return made[-1]

    yield open_socket
    for socket in made:
        socket.close()


def frames(socket):
    """All frames until it is closed, and the code it is closed with."""
    found = []
    try:
        while True:
            found.append(json.loads(socket.recv(timeout=WAIT_S)))
    except ConnectionClosed as closed:
        return found, closed.rcvd.code


def posted(client, body):
    return client.post("/api/v1/tasks", json=body).json()["task_id"]


def said(socket, message):
    """The first frame after a message that is no event."""
    socket.send(message)
    while True:
        frame = json.loads(socket.recv(timeout=WAIT_S))
        if "event" not in frame:
            return frame


def test_a_socket_tells_the_events_of_the_stream_and_closes_after_the_last(client, asked, opened):
    task_id = posted(client, asked(steps=4))
    found, code = frames(opened(task_id))
    stream = read_stream(client, "GET", f"/api/v1/tasks/{task_id}/events")
    assert [(frame["id"], frame["event"]) for frame in found] == stream
    assert (found[-1]["event"]["_type"], code) == ("result", 1000)


def test_a_socket_goes_on_after_the_event_that_is_named(client, asked, opened):
    task_id = posted(client, asked(steps=4))
    whole, _ = frames(opened(task_id))
    for i, frame in enumerate(whole):
        assert frames(opened(task_id, frame["id"])) == (whole[i + 1 :], 1000)


def test_a_watcher_cancels_and_is_told_so_before_the_socket_closes(client, asked, opened):
    task_id = posted(client, asked(wait_s=30))
    socket = opened(task_id)
    socket.send('{"type": "cancel"}')
    found, code = frames(socket)
    assert {"ack": "cancel", "status": "cancelled"} in found and code == 1000
    (last,) = [frame["event"] for frame in found if "event" in frame][-1:]
    assert (last["_type"], last["code"]) == ("error", "cancelled")


@pytest.mark.parametrize(
    "message",
    ["{", "[]", "3", '{"type": "run"}', '{"kind": "cancel"}', '{"type": []}', b"\xff", ""],
)
def test_a_message_that_means_nothing_is_an_error_and_the_socket_stays(
    client, asked, opened, message
):
    task_id = posted(client, asked(wait_s=30))
    socket = opened(task_id)
    told = said(socket, message)
    assert told["error"]["code"] == "validation" and told["error"]["field"] == "type"
    assert said(socket, '{"type": "cancel"}') == {"ack": "cancel", "status": "cancelled"}


@pytest.mark.parametrize(("task", "after", "status"), [("none", None, 404), (None, "x", 422)])
def test_a_socket_that_cannot_be_opened_is_refused_with_a_problem(
    client, asked, opened, task, after, status
):
    with pytest.raises(InvalidStatus) as refused:
        opened(task or posted(client, asked()), after)
    answer = refused.value.response
    assert (answer.status_code, json.loads(answer.body)["status"]) == (status, status)
    assert answer.headers["content-type"] == "application/problem+json"


def test_no_more_sockets_are_open_than_streams_may_be(home, monkeypatch, asked, opened):
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    with serving(Settings(serve_max_streams=1)) as served, served.client() as client:
        task_id = posted(client, asked(wait_s=30))
        first = opened(task_id, url=served.url)
        first.recv(timeout=WAIT_S)
        with pytest.raises(InvalidStatus) as refused:
            opened(task_id, url=served.url)
        assert refused.value.response.status_code == 429
        first.send('{"type": "cancel"}')
        assert frames(first)[1] == 1000


def test_a_watcher_that_may_only_read_cannot_cancel(served, client, asked, opened, monkeypatch):
    task_id = posted(client, asked(wait_s=30))
    reader = Caller(scopes=frozenset({"read"}))
    with monkeypatch.context() as patched:
        patched.setattr("filmeto_core.web.routes_socket.caller_of", lambda _socket: reader)
        socket = opened(task_id)
        assert said(socket, '{"type": "cancel"}')["error"]["status"] == 403
    assert client.get(f"/api/v1/tasks/{task_id}").json()["status"] != "cancelled"
    client.post(f"/api/v1/tasks/{task_id}/cancel")


def test_a_server_that_ends_says_so_and_its_next_start_goes_on(home, monkeypatch, asked, opened):
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    settings = Settings(serve_stop_grace_s=0)
    with serving(settings) as served, served.client() as client:
        task_id = posted(client, asked(wait_s=2))
        socket = opened(task_id, url=served.url)
        seen = json.loads(socket.recv(timeout=WAIT_S))
    rest, code = frames(socket)
    assert code == 1012
    last_id = (rest or [seen])[-1]["id"]
    with serving(settings) as served:
        found, code = frames(opened(task_id, last_id, url=served.url))
    assert (found[-1]["event"]["_type"], code) == ("result", 1000)


def test_a_watcher_that_does_not_read_holds_up_nobody_and_lets_go_when_it_leaves(
    served, client, asked, opened
):
    task_id = posted(client, asked(steps=3000))
    silent = opened(task_id)
    found, code = frames(opened(task_id))
    assert (found[-1]["event"]["_type"], code) == ("result", 1000)
    silent.close()
    wait_until(lambda: "filmeto_event_streams 0.0" in client.get("/metrics").text)


async def told(desk, film_id):
    desk.events.add(f"film:{film_id}", {"_type": "storyboard", "version": "abc"})


def test_a_films_socket_tells_its_events_and_of_a_cancel_that_found_nothing(served, client):
    film_id = client.post("/api/v1/films", json={"storyboard": "title: Dawn"}).json()["id"]
    address = f"{served.url.replace('http', 'ws')}/api/v1/films/{film_id}/socket"
    with connect(address, proxy=None) as socket:
        served.on_loop(told(served.desk, film_id))
        while json.loads(socket.recv(timeout=WAIT_S)).get("event", {}).get("version") != "abc":
            pass
        assert said(socket, '{"type": "cancel"}')["error"]["code"] == "conflict"


def test_another_tenants_film_is_none_to_a_watcher(served, client, monkeypatch):
    film_id = client.post("/api/v1/films", json={"storyboard": "title: Dawn"}).json()["id"]
    theirs = Caller(tenant="theirs")
    monkeypatch.setattr("filmeto_core.web.routes_socket.caller_of", lambda _socket: theirs)
    with pytest.raises(InvalidStatus) as refused:
        connect(f"{served.url.replace('http', 'ws')}/api/v1/films/{film_id}/socket", proxy=None)
    assert refused.value.response.status_code == 404
