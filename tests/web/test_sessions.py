"""Sessions of browsers: a key once, then a cookie that other pages cannot use."""

import time

import pytest
from serving import PLUGINS, serving

from filmeto_core.errors import TooManyRequestsError
from filmeto_core.settings import Settings
from filmeto_core.web import sessions
from filmeto_core.web.keys import KeyFile
from filmeto_core.web.sessions import Sessions

PATH = "/api/v1/session"


@pytest.fixture
def keys(home, monkeypatch):
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    return KeyFile(Settings().serve_dir)


@pytest.fixture
def locked(keys):
    """A server that asks for keys; `locked.secret` is one, `locked.key` its description."""
    key, secret = keys.add("ada", "acme", ("run",))
    with serving(require_keys=True) as served:
        served.key, served.secret = key, secret
        yield served


@pytest.fixture
def browser(locked):
    """A client that keeps cookies, and sends what a page of the server's own would."""
    with locked.client(headers={"Origin": locked.url, "Sec-Fetch-Site": "same-origin"}) as made:
        yield made


def test_a_session_begins_with_a_key_and_its_cookie_is_out_of_reach_of_scripts(locked, browser):
    told = browser.get(PATH).json()
    assert told == {"tenant": None, "scopes": [], "keys_needed": True, "csrf": None}
    answer = browser.post(PATH, json={"key": locked.secret})
    assert answer.status_code == 200
    told = answer.json()
    assert (told["tenant"], told["scopes"], told["keys_needed"]) == ("acme", ["run"], False)
    cookie = answer.headers["set-cookie"].lower()
    for part in ("httponly", "samesite=strict", "path=/", "max-age=43200"):
        assert part in cookie
    assert "secure" not in cookie and locked.secret not in answer.text + cookie
    assert browser.get(PATH).json()["csrf"] == told["csrf"]
    assert browser.get("/api/v1/tools").status_code == 200


def test_behind_tls_the_cookie_is_for_tls_alone(keys):
    _, secret = keys.add("ada", "acme", ("run",))
    with serving(require_keys=True, allow_hosts=("films.example",)) as served:
        headers = {"Host": "films.example", "Origin": "https://films.example"}
        with served.client(headers=headers) as client:
            answer = client.post(PATH, json={"key": secret})
            assert "secure" in answer.headers["set-cookie"].lower()


def test_what_changes_something_needs_the_pages_own_token(locked, browser, asked):
    csrf = browser.post(PATH, json={"key": locked.secret}).json()["csrf"]
    for headers in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": csrf[:-1]}, {"X-CSRF-Token": "é"}):
        encoded = {name: value.encode("latin-1") for name, value in headers.items()}
        answer = browser.post("/api/v1/tasks", json=asked(), headers=encoded)
        assert (answer.status_code, answer.json()["field"]) == (403, "X-CSRF-Token")
    headers = {"X-CSRF-Token": csrf}
    assert browser.post("/api/v1/tasks", json=asked(), headers=headers).status_code == 202


def test_a_cookie_alone_is_of_no_use_to_a_foreign_page(locked, browser, asked):
    csrf = browser.post(PATH, json={"key": locked.secret}).json()["csrf"]
    foreign = {"Origin": "https://evil.example", "X-CSRF-Token": csrf}
    assert browser.post("/api/v1/tasks", json=asked(), headers=foreign).status_code == 403
    cross = {"Origin": "", "Sec-Fetch-Site": "cross-site"}
    assert browser.get("/api/v1/tools", headers=cross).status_code == 403


def test_a_session_ends_when_it_is_ended_and_when_its_key_is_revoked(locked, browser, keys):
    csrf = browser.post(PATH, json={"key": locked.secret}).json()["csrf"]
    kept = dict(browser.cookies)
    assert browser.delete(PATH).status_code == 403
    assert browser.delete(PATH, headers={"X-CSRF-Token": csrf}).status_code == 204
    with locked.client(cookies=kept) as again:
        assert again.get("/api/v1/tools").status_code == 401
    browser.post(PATH, json={"key": locked.secret})
    assert browser.get("/api/v1/tools").status_code == 200
    keys.revoke(locked.key.id)
    end = time.monotonic() + 1.5
    while browser.get("/api/v1/tools").status_code != 401:
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_wrong_key_begins_no_session_and_guessing_is_slowed(locked, browser):
    for _ in range(sessions.MOST_LOGINS):
        answer = browser.post(PATH, json={"key": "fk_wrong"})
        assert answer.status_code == 401 and "set-cookie" not in answer.headers
        assert "fk_wrong" not in answer.text
    answer = browser.post(PATH, json={"key": locked.secret})
    assert answer.status_code == 429 and 1 <= int(answer.headers["retry-after"]) <= 60
    assert browser.post(PATH, json={"key": 1}).status_code in (422, 429)


def test_another_servers_cookie_is_no_reason_to_refuse(keys):
    with serving() as served, served.client(cookies={sessions.COOKIE: "of another"}) as client:
        assert client.get("/api/v1/tools").status_code == 200
        told = client.get(PATH).json()
        assert (told["tenant"], told["keys_needed"], told["csrf"]) == ("local", False, None)


def test_sessions_are_forgotten_in_time_and_past_their_number(monkeypatch):
    made = Sessions()
    monkeypatch.setattr(sessions, "MOST_SESSIONS", 2)
    first, second, third = (made.begin("k") for _ in range(3))
    assert made.find(first.token) is None and made.find(third.token) == third
    now = time.monotonic()
    monkeypatch.setattr(sessions.time, "monotonic", lambda: now + sessions.LIFE_S + 1)
    assert made.find(second.token) is None


def test_attempts_of_one_address_do_not_count_against_another():
    made = Sessions()
    for _ in range(sessions.MOST_LOGINS):
        made.note_login("192.0.2.1")
    with pytest.raises(TooManyRequestsError):
        made.note_login("192.0.2.1")
    made.note_login("192.0.2.2")
