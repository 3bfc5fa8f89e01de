"""Keys: made, shown once, kept hashed, known to a running server, revoked under open streams."""

import json
import os
import socket
import stat
import threading
import time

import pytest
from serving import PLUGINS, events, serving
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from filmeto_core.errors import ValidationError
from filmeto_core.settings import Settings
from filmeto_core.web.keys import KeyFile, hashed

LOCKED = {"require_keys": True}


@pytest.fixture
def keys(home, monkeypatch):
    """The keys of the test's own server."""
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    return KeyFile(Settings().serve_dir)


def bearer(secret):
    return {"Authorization": f"Bearer {secret}"}


def status_under(client, secret, path="/api/v1/tools"):
    return client.get(path, headers=bearer(secret)).status_code


def wait_for(is_so, timeout_s=20.0):
    end = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)


def test_a_key_is_kept_as_its_hash_alone_in_a_file_of_its_user(keys):
    key, secret = keys.add("ada", "acme", ("read",))
    text = keys.path.read_text()
    assert secret.startswith("fk_") and len(secret) == 46
    assert secret not in text and hashed(secret) in text
    assert stat.S_IMODE(keys.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(keys.path.parent.stat().st_mode) == 0o700
    assert keys.read() == (key,)
    assert [p.name for p in keys.path.parent.iterdir() if p.name.startswith(".")] == []


def test_keys_that_are_added_at_once_are_all_kept(keys):
    adding = [
        threading.Thread(target=keys.add, args=(f"k{n}", "acme", ("read",))) for n in range(8)
    ]
    for thread in adding:
        thread.start()
    for thread in adding:
        thread.join(5)
    assert sorted(key.name for key in keys.read()) == [f"k{n}" for n in range(8)]


@pytest.mark.parametrize(
    ("name", "tenant", "scopes", "quota", "field"),
    [
        ("", "acme", ("read",), {}, "name"),
        ("ada", "../x", ("read",), {}, "tenant"),
        ("ada", "Acme", ("read",), {}, "tenant"),
        ("ada", "acme", (), {}, "scopes"),
        ("ada", "acme", ("write",), {}, "scopes"),
        ("ada", "acme", ("read",), {"budget": "much"}, "budget"),
        ("ada", "acme", ("read",), {"requests_per_minute": 0}, "requests_per_minute"),
    ],
)
def test_a_key_that_makes_no_sense_is_refused(keys, name, tenant, scopes, quota, field):
    with pytest.raises(ValidationError) as caught:
        keys.add(name, tenant, scopes, **quota)
    assert caught.value.details["field"] == field and keys.read() == ()


def test_a_tenants_budgets_are_in_one_currency(keys):
    keys.add("ada", "acme", ("read",), budget="5 EUR")
    with pytest.raises(ValidationError, match="EUR already"):
        keys.add("bob", "acme", ("read",), budget="5 USD")
    keys.add("eve", "other", ("read",), budget="5 USD")


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"layout": 1}', '{"layout": 2, "keys": []}', '{"layout":1,"keys":[{}]}'],
)
def test_a_damaged_file_keeps_the_server_from_starting_and_says_what_to_do(keys, filmeto, text):
    keys.path.parent.mkdir()
    keys.path.write_text(text)
    keys.path.chmod(0o600)
    done = filmeto("serve", "--port", "0")
    assert done.returncode == 2
    assert str(keys.path) in done.stderr and "filmeto keys add" in done.stderr


def test_a_file_that_others_may_write_is_refused(keys):
    keys.add("ada", "acme", ("read",))
    keys.path.chmod(0o622)
    with pytest.raises(ValidationError, match="others may write it"):
        keys.read()


def test_a_running_server_sees_added_and_revoked_keys_soon(keys):
    with serving(**LOCKED) as served, served.client() as client:
        key, secret = keys.add("ada", "acme", ("read",))
        wait_for(lambda: status_under(client, secret) == 200, timeout_s=10.0)
        keys.revoke(key.id)
        wait_for(lambda: status_under(client, secret) == 401, timeout_s=10.0)
        assert keys.revoke(key.id).revoked_at is not None


def test_a_wrong_key_is_refused_though_none_is_needed(keys):
    with serving() as served, served.client() as client:
        assert client.get("/api/v1/tools").status_code == 200
        for headers in (bearer("fk_wrong"), {"X-API-Key": "fk_wrong"}, bearer("x")):
            answer = client.get("/api/v1/tools", headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
            assert answer.headers["www-authenticate"] == "Bearer"
            assert "fk_wrong" not in answer.text


def test_a_revoked_keys_open_stream_ends(keys, asked):
    key, secret = keys.add("ada", "acme", ("run",))
    headers = bearer(secret)
    with serving(**LOCKED) as served, served.client(headers=headers) as client:
        task_id = client.post("/api/v1/tasks", json=asked(wait_s=30)).json()["task_id"]
        with client.stream("GET", f"/api/v1/tasks/{task_id}/events") as answer:
            lines = answer.iter_lines()
            next(events(lines))
            keys.revoke(key.id)
            began = time.monotonic()
            assert all(event[1].get("_type") == "progress" for event in events(lines))
            assert time.monotonic() - began < 10  # the task has 30 s
        assert client.get(f"/api/v1/tasks/{task_id}").status_code == 401
        served.on_loop(served.desk.tasks.cancel(task_id))


def test_a_revoked_keys_upload_is_broken_off(keys):
    key, secret = keys.add("ada", "acme", ("run",))
    with serving(**LOCKED) as served:
        host, _, port = served.url.removeprefix("http://").rpartition(":")
        with socket.create_connection((host, int(port)), timeout=20) as line:
            line.sendall(
                b"POST /api/v1/resources HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999\r\n"
                b"Content-Type: image/png\r\nAuthorization: Bearer %b\r\n\r\n" % secret.encode()
            )
            line.sendall(b"\x89PNG\r\n\x1a\n" + bytes(5000))
            wait_for(lambda: served.on_loop(open_uploads(served)))
            keys.revoke(key.id)
            assert b" 401 " in line.recv(65536).split(b"\r\n")[0]


async def open_uploads(served):
    """Files that are on their way in."""
    incoming = served.desk.service.store.folder / "incoming"
    return incoming.is_dir() and any(incoming.iterdir())


def test_a_revoked_keys_open_socket_closes(keys, asked):
    key, secret = keys.add("ada", "acme", ("run",))
    headers = bearer(secret)
    with serving(**LOCKED) as served, served.client(headers=headers) as client:
        task_id = client.post("/api/v1/tasks", json=asked(wait_s=30)).json()["task_id"]
        url = f"{served.url.replace('http', 'ws')}/api/v1/tasks/{task_id}/socket"
        with connect(url, additional_headers=headers, proxy=None) as line:
            line.recv(5)
            keys.revoke(key.id)
            with pytest.raises(ConnectionClosed) as caught:
                while True:
                    line.recv(5)
            assert caught.value.rcvd.code == 1008
        served.on_loop(served.desk.tasks.cancel(task_id))


def test_scopes_bound_what_a_key_may_do(keys, asked):
    secrets = {scope: keys.add(scope, "acme", (scope,))[1] for scope in ("read", "run", "admin")}
    with serving(**LOCKED) as served, served.client() as client:
        assert [status_under(client, secrets[s]) for s in ("read", "run", "admin")] == [200] * 3
        posted = [
            client.post("/api/v1/tasks", json=asked(scope), headers=bearer(secrets[scope]))
            for scope in ("read", "run", "admin")
        ]
        assert [answer.status_code for answer in posted] == [403, 202, 202]
        assert '"run"' in posted[0].json()["message"]
        told = [status_under(client, secrets[s], "/metrics") for s in ("read", "run", "admin")]
        assert told == [403, 403, 200]


def test_an_address_that_others_reach_is_not_served_without_a_key(keys, filmeto):
    done = filmeto("serve", "--host", "0.0.0.0", "--port", "0")
    assert done.returncode == 2 and "filmeto keys add" in done.stderr
    key, _ = keys.add("ada", "acme", ("read",))
    keys.revoke(key.id)
    assert filmeto("serve", "--host", "0.0.0.0", "--port", "0").returncode == 2


def test_the_command_line_makes_lists_and_revokes_keys(home, filmeto):
    made = filmeto(
        *("keys", "add", "ada", "--tenant", "acme", "--scope", "read,run"),
        *("--rate", "60/min", "--storage", "1GB", "--budget", "5 EUR"),
    )
    assert made.returncode == 0, made.stderr
    secret = made.stdout.strip()
    assert secret.startswith("fk_") and "shown this once" in made.stderr
    told = json.loads(filmeto("keys", "ls", "--json").stdout)[0]
    assert "hash" not in told and told["tenant"] == "acme" and told["budget"] == "5.00 EUR"
    assert (told["requests_per_minute"], told["storage_bytes"]) == (60, 1_000_000_000)
    shown = filmeto("keys", "ls").stdout
    assert "ada" in shown and hashed(secret) not in shown
    assert "revoked" in filmeto("keys", "revoke", told["id"]).stdout
    assert json.loads(filmeto("keys", "ls", "--json").stdout)[0]["revoked_at"] is not None


@pytest.mark.parametrize(
    "argv",
    [
        ("add", "ada"),
        ("add", "ada", "--tenant", "A b"),
        ("add", "ada", "--tenant", "acme", "--scope", "all"),
        ("add", "ada", "--tenant", "acme", "--rate", "0/min"),
        ("add", "ada", "--tenant", "acme", "--budget", "-1"),
        ("revoke", "nothing"),
    ],
)
def test_wrong_input_exits_with_2_and_makes_no_key(keys, filmeto, argv):
    done = filmeto("keys", *argv)
    assert (
        done.returncode == 2
        and done.stderr.startswith("filmeto")
        and "Traceback" not in done.stderr
    )
    assert keys.read() == ()


def test_the_keys_known_before_stay_in_force_when_the_file_is_damaged_later(keys):
    _, secret = keys.add("ada", "acme", ("read",))
    with serving(**LOCKED) as served, served.client() as client:
        assert status_under(client, secret) == 200
        damaged = keys.path.with_name("damaged")
        damaged.write_text("{")
        os.replace(damaged, keys.path)
        with pytest.raises(ValidationError):
            served.desk.keys.look()
        assert status_under(client, secret) == 200
        keys.path.unlink()  # no file: no keys
        wait_for(lambda: status_under(client, secret) == 401, timeout_s=10.0)
