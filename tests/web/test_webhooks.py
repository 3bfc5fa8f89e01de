"""Webhooks: signed, tried again until they came, over restarts and kills, and telling no secret."""

import base64
import hashlib
import hmac
import json
import os
import stat
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from filming import LONG_S, PROFILES, board, write_film
from serving import PLUGINS, read_stream, serving
from serving_apart import server_process

from filmeto_core.journal.posted import Posted
from filmeto_core.settings import Settings
from filmeto_core.types import utc_now
from filmeto_core.web import webhooks
from filmeto_core.web.task_models import TaskRequest
from filmeto_core.web.webhook_models import Webhook
from filmeto_core.web.webhook_signing import tenant_key

OWN_SECRET = "whsec_" + base64.b64encode(b"a secret of twenty-four!").decode()
QUICK = (0.05, 0.05, 0.05)


class Receiver:
    """A caller's own server; it answers with `status` and keeps what came."""

    def __init__(self) -> None:
        self.status, self.headers = 204, {}
        self.came: list[tuple[dict[str, str], bytes]] = []
        self.answers = threading.Event()
        self.answers.set()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.came.append((headers, body))
                receiver.answers.wait(20)
                try:
                    self.send_response(receiver.status)
                    for name, value in receiver.headers.items():
                        self.send_header(name, value)
                    self.end_headers()
                except OSError:
                    pass  # its sender was killed

            def log_message(self, *_told) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook?token=of-the-url"

    def close(self) -> None:
        self.answers.set()
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def private(home, monkeypatch) -> Settings:
    """Settings that let loopback be called."""
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    return Settings(allow_private_urls=True)


@pytest.fixture
def served(private):
    with serving(private) as made:
        made.desk.webhooks.pauses_s = QUICK
        yield made


def wait_until(is_so, timeout_s=20.0):
    end = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)


def post(client, asked, receiver, headers=None, secret=None, **parameters) -> str:
    """The id of a task whose end is told to the receiver."""
    hook = {"url": receiver.url, **({"secret": secret} if secret else {})}
    body = asked(metadata={"webhook": hook}, **parameters)
    answer = client.post("/api/v1/tasks", json=body, headers=headers or {})
    assert answer.status_code == 202, answer.text
    return answer.json()["task_id"]


def deliveries(client, task_id) -> list[dict]:
    return client.get(f"/api/v1/tasks/{task_id}/deliveries").json()["deliveries"]


def wait_for(client, task_id, state) -> dict:
    wait_until(lambda: deliveries(client, task_id)[0]["state"] == state)
    return deliveries(client, task_id)[0]


def is_signed(headers: dict[str, str], body: bytes, secret: str) -> bool:
    """As a receiver checks it, by the specification."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return headers["webhook-signature"] == f"v1,{expected}"


def test_a_tasks_end_is_told_signed_with_the_servers_secret(served, client, asked, receiver):
    task_id = post(client, asked, receiver)
    told = wait_for(client, task_id, "delivered")
    ((headers, body),) = receiver.came
    secret = client.get("/api/v1/webhooks/secret").json()["secret"]
    assert is_signed(headers, body, secret) and not is_signed(headers, body, OWN_SECRET)
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    assert headers["webhook-id"] == told["id"] and headers["content-type"] == "application/json"
    message = json.loads(body)
    assert message["type"] == "task.success"
    assert message["data"] == client.get(f"/api/v1/tasks/{task_id}").json()
    assert message["timestamp"] == message["data"]["ended_at"]
    assert (told["attempts"], told["error"], told["next_at"]) == (1, None, None)
    path = served.desk.service.settings.serve_dir / "webhook-secret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and secret not in path.read_text()


def test_a_caller_may_sign_with_its_own_secret_which_is_shown_nowhere(
    served, client, asked, receiver, home
):
    task_id = post(client, asked, receiver, secret=OWN_SECRET)
    events = read_stream(client, "GET", f"/api/v1/tasks/{task_id}/events")
    wait_for(client, task_id, "delivered")
    ((headers, body),) = receiver.came
    assert is_signed(headers, body, OWN_SECRET)
    shown = [body.decode(), json.dumps(events), client.get("/api/v1/tasks").text]
    shown += [client.get(f"/api/v1/tasks/{task_id}{path}").text for path in ("", "/deliveries")]
    shown.append(json.dumps(served.desk.posted.task(task_id).request))
    for text in shown:
        assert OWN_SECRET not in text
    for text in shown[:-1]:
        assert "of-the-url" not in text
    journal = home / "journal"
    assert stat.S_IMODE((journal / "posted.db").stat().st_mode) == 0o600
    rows = served.desk.posted.rows("SELECT secret FROM deliveries")
    assert [row[0] for row in rows] == [None], "it is forgotten once it has served"


def test_a_plugin_is_not_told_of_the_webhook(asked):
    hook = {"url": "https://example.com", "secret": OWN_SECRET}
    request = TaskRequest(**asked(metadata={"webhook": hook, "take": 2}))
    assert request.task("1").metadata == {"take": 2}
    assert request.kept()["metadata"] == {"webhook": {"url": hook["url"]}, "take": 2}
    other = TaskRequest(**asked(metadata={"webhook": {"url": hook["url"]}, "take": 2}))
    assert request.digest() != other.digest()


@pytest.mark.parametrize(
    ("parameters", "cancels", "kind"),
    [
        ({"fail_times": 9, "retryable": False}, False, "task.error"),
        ({"wait_s": 30}, True, "task.cancelled"),
    ],
)
def test_a_task_that_did_not_work_is_told_as_well(
    served, client, asked, receiver, parameters, cancels, kind
):
    task_id = post(client, asked, receiver, **parameters)
    if cancels:
        client.post(f"/api/v1/tasks/{task_id}/cancel")
    wait_for(client, task_id, "delivered")
    assert json.loads(receiver.came[0][1])["type"] == kind


def test_a_delivery_is_tried_again_until_it_is_taken_and_is_the_same_each_time(
    served, client, asked, receiver
):
    receiver.status = 500
    task_id = post(client, asked, receiver)
    wait_until(lambda: len(receiver.came) >= 2)
    receiver.status = 200
    told = wait_for(client, task_id, "delivered")
    assert told["attempts"] == len(receiver.came) <= len(QUICK) + 1
    assert len({(headers["webhook-id"], body) for headers, body in receiver.came}) == 1
    secret = client.get("/api/v1/webhooks/secret").json()["secret"]
    assert all(is_signed(headers, body, secret) for headers, body in receiver.came)


def test_a_redirect_is_not_followed_and_a_receiver_that_never_takes_it_is_given_up(
    served, client, asked, receiver
):
    receiver.status, receiver.headers = 307, {"Location": receiver.url}
    task_id = post(client, asked, receiver)
    told = wait_for(client, task_id, "failed")
    assert told["error"].startswith("answered 307") and told["next_at"] is None
    assert told["attempts"] == len(receiver.came) == len(QUICK) + 1


def test_a_receiver_that_asks_for_time_gets_it(served, client, asked, receiver):
    served.desk.webhooks.pauses_s = (0.01, 100.0)
    receiver.status, receiver.headers = 503, {"Retry-After": "50"}
    task_id = post(client, asked, receiver)
    wait_until(lambda: deliveries(client, task_id)[0]["attempts"] == 1)
    (row,) = served.desk.posted.rows("SELECT next_at FROM deliveries")
    assert 40 < row["next_at"] - time.time() <= 51


def test_a_receiver_that_does_not_answer_is_let_go(served, client, asked, receiver, monkeypatch):
    monkeypatch.setattr(webhooks, "TRY_S", 0.2)
    receiver.answers.clear()
    task_id = post(client, asked, receiver)
    wait_until(lambda: deliveries(client, task_id)[0]["attempts"] >= 1)
    assert "did not answer within" in deliveries(client, task_id)[0]["error"]
    receiver.answers.set()
    wait_for(client, task_id, "delivered")


def test_whose_receivers_hang_holds_up_nobody_else(served, client, asked, receiver, as_tenant):
    slow = Receiver()
    slow.answers.clear()

    def ids(receiver) -> set[str]:
        return {headers["webhook-id"] for headers, _ in receiver.came}

    try:
        for number in range(webhooks.MOST_A_TENANT + 2):
            post(client, asked, slow, headers=as_tenant("slow"), prompt=f"dot {number}")
        wait_until(lambda: len(ids(slow)) == webhooks.MOST_A_TENANT)
        task_id = post(client, asked, receiver)
        wait_for(client, task_id, "delivered")
        assert len(ids(slow)) == webhooks.MOST_A_TENANT
        slow.answers.set()
        wait_until(lambda: len(ids(slow)) == webhooks.MOST_A_TENANT + 2)
    finally:
        slow.close()


def test_an_address_that_is_not_public_is_not_called(home, monkeypatch, asked, receiver):
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    with serving() as served, served.client() as client:
        served.desk.webhooks.pauses_s = QUICK
        task_id = post(client, asked, receiver)
        told = wait_for(client, task_id, "failed")
        assert "not public" in told["error"] and receiver.came == []


@pytest.mark.parametrize(
    ("hook", "field"),
    [
        ("https://example.com", "metadata.webhook"),
        ({}, "metadata.webhook.url"),
        ({"url": "ftp://example.com"}, "metadata.webhook.url"),
        ({"url": "https://"}, "metadata.webhook.url"),
        ({"url": "https://example.com", "secrets": "x"}, "metadata.webhook.secrets"),
        ({"url": "https://example.com", "secret": "abc"}, "metadata.webhook.secret"),
        ({"url": "https://example.com", "secret": "whsec_YWJj"}, "metadata.webhook.secret"),
    ],
)
def test_a_webhook_that_cannot_be_is_refused_before_anything_starts(client, asked, hook, field):
    answer = client.post("/api/v1/tasks", json=asked(metadata={"webhook": hook}))
    assert answer.status_code == 422 and answer.json()["field"] == field
    assert asked.calls() == 0


def test_a_secret_that_is_refused_is_not_shown(client, asked):
    hook = {"url": "https://example.com", "secret": "my-own-password"}
    answer = client.post("/api/v1/tasks", json=asked(metadata={"webhook": hook}))
    assert "my-own-password" not in answer.text


def test_each_tenant_has_a_secret_of_its_own_that_lasts(served, client, as_tenant):
    secrets = [
        client.get("/api/v1/webhooks/secret", headers=as_tenant(name)).json()["secret"]
        for name in ("one", "two", "one")
    ]
    assert secrets[0] == secrets[2] != secrets[1]
    running = as_tenant("one", scopes=frozenset({"run"}))
    assert client.get("/api/v1/webhooks/secret", headers=running).status_code == 403


def test_a_secret_that_two_servers_make_at_once_is_one(tmp_path):
    keys, start = [], threading.Barrier(8)

    def make() -> None:
        start.wait()
        keys.append(tenant_key(tmp_path, "one"))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert len(keys) == 8 and len(set(keys)) == 1
    assert os.listdir(tmp_path) == ["webhook-secret"]


def test_a_task_without_a_webhook_has_no_deliveries_and_anothers_are_not_found(
    client, asked, as_tenant
):
    task_id = client.post("/api/v1/tasks", json=asked()).json()["task_id"]
    assert deliveries(client, task_id) == []
    answer = client.get(f"/api/v1/tasks/{task_id}/deliveries", headers=as_tenant("other"))
    assert answer.status_code == 404


@pytest.fixture
def filmed(private, prefect_api):
    """A server that makes films of the quick plugins."""
    Path("filmeto.yaml").write_text(PROFILES)
    with serving(private) as made:
        yield made


@pytest.fixture
def client_of_films(filmed):
    """A client of that server."""
    with filmed.client() as made:
        yield made


def run_film(client, film_id, receiver, **hook):
    body = {"webhook": {"url": receiver.url, **hook}}
    return client.post(f"/api/v1/films/{film_id}/runs", json=body)


def film_deliveries(client, film_id) -> list[dict]:
    return client.get(f"/api/v1/films/{film_id}/deliveries").json()["deliveries"]


def test_the_end_of_a_films_run_is_told_and_its_secret_is_not(
    filmed, client_of_films, home, receiver
):
    film_id = write_film(home, board())
    answer = run_film(client_of_films, film_id, receiver, secret=OWN_SECRET)
    assert answer.status_code == 202
    wait_until(lambda: receiver.came, LONG_S)
    ((headers, body),) = receiver.came
    message = json.loads(body)
    assert is_signed(headers, body, OWN_SECRET) and message["type"] == "film.done"
    assert message["data"]["film_id"] == film_id and message["data"]["run"]["state"] == "done"
    wait_until(lambda: film_deliveries(client_of_films, film_id)[0]["state"] == "delivered")
    for path in (home / "films").rglob("*"):
        if path.is_file():
            assert OWN_SECRET.encode() not in path.read_bytes(), path
    wrong = run_film(client_of_films, film_id, receiver, secret="short")
    assert wrong.status_code == 422 and wrong.json()["field"] == "webhook.secret"
    assert client_of_films.get(f"/api/v1/films/{film_id}/runs").json()[0]["state"] == "done"


def test_a_films_end_that_a_killed_server_did_not_tell_is_told_at_the_next_start(
    private, home, receiver
):
    film_id, hook = write_film(home, board()), Webhook(url=receiver.url, secret=OWN_SECRET)
    now = utc_now()
    run = {"state": "cancelled", "message": "cancelled", "ended_at": now.isoformat()}
    told = {"run": run, "shots": []}
    (home / "films/local" / film_id / "last_run.json").write_text(json.dumps(told))
    with serving(private) as served:
        served.on_loop(served.desk.webhooks.expect("local", f"film:{film_id}", hook))
    assert receiver.came == []
    with serving(private):
        wait_until(lambda: receiver.came)
    assert json.loads(receiver.came[0][1])["type"] == "film.cancelled"


def test_the_next_start_goes_on_with_what_was_not_taken(private, asked, receiver):
    receiver.status = 500
    with serving(private) as served, served.client() as client:
        served.desk.webhooks.pauses_s = (0.3,) * 20
        task_id = post(client, asked, receiver, secret=OWN_SECRET)
        wait_until(lambda: deliveries(client, task_id)[0]["attempts"] >= 1)
    receiver.status = 204
    with serving(private) as served, served.client() as client:
        told = wait_for(client, task_id, "delivered")
    assert told["attempts"] == len(receiver.came) >= 2
    assert len({(headers["webhook-id"], body) for headers, body in receiver.came}) == 1
    assert all(is_signed(headers, body, OWN_SECRET) for headers, body in receiver.came)


def test_a_server_killed_in_the_middle_of_a_try_tells_it_again(home, asked, receiver):
    receiver.answers.clear()
    with server_process(FILMETO_ALLOW_PRIVATE_URLS="true") as server:
        with server.client() as client:
            task_id = post(client, asked, receiver)
            wait_until(lambda: receiver.came)
        server.kill()
        receiver.answers.set()
        server.start()
        with server.client() as client:
            assert wait_for(client, task_id, "delivered")["attempts"] == 1
    (first, second) = receiver.came
    assert first[1] == second[1] and first[0]["webhook-id"] == second[0]["webhook-id"]
    assert asked.calls() == 1


def test_a_task_that_a_killed_server_left_is_told_of_when_it_ends(home, asked, receiver):
    with server_process(FILMETO_ALLOW_PRIVATE_URLS="true") as server:
        with server.client() as client:
            task_id = post(client, asked, receiver, wait_s=1, secret=OWN_SECRET)
        server.kill()
        assert receiver.came == []
        server.start()
        with server.client() as client:
            wait_for(client, task_id, "delivered")
    ((headers, body),) = receiver.came
    assert is_signed(headers, body, OWN_SECRET) and json.loads(body)["type"] == "task.success"


def test_a_webhook_is_forgotten_with_its_task(served, client, asked, receiver):
    task_id = post(client, asked, receiver)
    wait_for(client, task_id, "delivered")
    posted: Posted = served.desk.posted
    served.on_loop(posted.forget(time.time() + 60))
    assert posted.rows("SELECT id FROM deliveries") == []
