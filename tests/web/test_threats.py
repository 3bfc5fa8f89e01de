"""What attackers try, tried for real; docs/threat-model.md names what defends against each."""

import ast
import http.client
import json
import logging
import re
import socket
import threading
import time
from pathlib import Path

import pytest
from films import BOARD, FILMS
from serving import PLUGINS, read_stream, serving

from filmeto_core.settings import Settings
from filmeto_core.web.access import Caller
from filmeto_core.web.keys import KeyFile

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "docs" / "threat-model.md"
OPEN = {"/", "/api/v1/health", "/api/v1/session", "/openapi.json"}
NAMES = {"task_id": "none", "film_id": "none-00000000", "digest": "sha256:" + "0" * 64}


@pytest.fixture
def keys(home, monkeypatch):
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    return KeyFile(Settings().serve_dir)


@pytest.fixture
def locked(keys):
    """A server that asks for keys; `locked.keys[name]` are headers of ada@acme, bob@other, eve (reads)."""
    made = {
        "ada": keys.add("ada", "acme", ("admin",)),
        "bob": keys.add("bob", "other", ("admin",)),
        "eve": keys.add("eve", "acme", ("read",)),
    }
    with serving(require_keys=True) as served:
        served.keys = {
            name: {"Authorization": f"Bearer {secret}"} for name, (_, secret) in made.items()
        }
        served.secrets = [secret for _, secret in made.values()]
        yield served


def operations(client) -> list[tuple[str, str]]:
    """(method, path) of every operation that the server documents, ids filled in."""
    paths = client.get("/openapi.json").json()["paths"]
    return [
        (method.upper(), re.sub(r"\{(\w+)(:path)?\}", lambda m: NAMES.get(m[1], "x"), path))
        for path, methods in paths.items()
        for method in methods
        if method in ("get", "put", "post", "patch", "delete", "head", "options")
    ]


def raw_get(served, path, headers=None):
    """The answer to a path that no client tidied."""
    host, _, port = served.url.removeprefix("http://").rpartition(":")
    line = http.client.HTTPConnection(host, int(port), timeout=10)
    try:
        line.putrequest("GET", path, skip_accept_encoding=True)
        for name, value in (headers or {}).items():
            line.putheader(name, value)
        line.endheaders()
        answer = line.getresponse()
        return answer.status, answer.read()
    finally:
        line.close()


# --- who may -----------------------------------------------------------------------------------


def test_nobody_reaches_any_operation_without_a_key(locked):
    with locked.client() as client:
        asked_for = operations(client)
        assert len(asked_for) > 30
        for method, path in asked_for:
            status = client.request(method, path, json={}).status_code
            assert (status == 401) == (path not in OPEN and not path.startswith("/docs")), path


def test_a_key_that_may_only_read_changes_nothing_by_any_operation(locked):
    headers = {**locked.keys["eve"], "Tus-Resumable": "1.0.0"}
    with locked.client(headers=headers) as client:
        for method, path in operations(client):
            if method in ("GET", "HEAD", "OPTIONS") or path in OPEN:
                continue
            answer = client.request(method, path, json={})
            assert answer.status_code in (403, 404), f"{method} {path}: {answer.text}"
        assert client.get(FILMS).json()["films"] == []


def test_another_tenants_ids_are_as_if_they_were_not_there(locked, asked):
    ada, bob = locked.keys["ada"], locked.keys["bob"]
    with locked.client() as client:
        told = read_stream(client, "POST", "/api/v1/tasks/execute", json=asked(), headers=ada)[-1][
            1
        ]
        film = client.post(FILMS, json={"storyboard": BOARD}, headers=ada).json()["id"]
        digest = told["output_resources"][0]["metadata"]["digest"]
        named = {"task_id": told["task_id"], "film_id": film, "digest": digest}
        for name, theirs in named.items():
            for method, path in operations(client):
                if NAMES[name] not in path:
                    continue
                answers = [
                    client.request(method, path.replace(NAMES[name], value), json={}, headers=bob)
                    for value in (theirs, NAMES[name])
                ]
                statuses = [answer.status_code for answer in answers]
                assert statuses[0] == statuses[1] and statuses[0] in (404, 415, 422), (
                    path,
                    statuses,
                )
                texts = [answer.text.replace(theirs, NAMES[name]) for answer in answers]
                assert texts[0] == texts[1], path
        assert client.get("/api/v1/tasks", headers=bob).json()["tasks"] == []
        assert client.get(FILMS, headers=bob).json()["films"] == []
        assert client.get(f"{FILMS}/{film}", headers=ada).status_code == 200
        assert client.get(f"/api/v1/resources/{digest}", headers=ada).status_code == 200


# --- paths -------------------------------------------------------------------------------------

UP = ["..", "%2e%2e", "%2E%2e", "..%2f..", "%2e%2e%2f%2e%2e", "..%5c..", "%252e%252e", "....//.."]


@pytest.mark.parametrize("up", UP)
def test_no_path_climbs_out_of_what_is_served(locked, up):
    ada = locked.keys["ada"]
    with locked.client(headers=ada) as client:
        film = client.post(FILMS, json={"storyboard": BOARD}).json()["id"]
    inside = "secret of the house"
    for folder in (Settings().serve_dir, Settings().films_dir, Settings().films_dir / "other"):
        folder.mkdir(exist_ok=True)
        (folder / "told.json").write_text(inside)
    for base in (f"{FILMS}/{film}/files", f"{FILMS}/{film}", FILMS, "/api/v1/resources", "/ui"):
        for steps in range(1, 6):
            for end in ("told.json", "serve/keys.json", "other/told.json", "etc/passwd"):
                path = f"{base}/{'/'.join([up] * steps)}/{end}"
                status, body = raw_get(locked, path, ada)
                if base == "/ui" and status == 200:  # the page, whatever is asked for
                    status = 404 if b"<html" in body else 200
                assert status in (400, 401, 404, 405, 422), path
                assert inside.encode() not in body and b"root:" not in body


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "//etc/passwd", "%2fetc%2fpasswd", "/dev/zero", "/proc/self/environ", "%00"]
    + ["film.mp4%00.png", "out/%0d%0aX:%20y", "x" * 3000],
)
def test_no_absolute_or_odd_path_is_served_of_a_film(locked, path):
    with locked.client(headers=locked.keys["ada"]) as client:
        film = client.post(FILMS, json={"storyboard": BOARD}).json()["id"]
    status, body = raw_get(locked, f"{FILMS}/{film}/files/{path}", locked.keys["ada"])
    assert status in (400, 404, 422) and b"root:" not in body


def test_a_link_or_a_device_in_a_films_folder_is_not_served(locked, tmp_path):
    with locked.client(headers=locked.keys["ada"]) as client:
        film = client.post(FILMS, json={"storyboard": BOARD}).json()["id"]
        folder = Settings().films_dir / "acme" / film
        (tmp_path / "secret").write_text("secret of the house")
        for name, target in (("a.png", tmp_path / "secret"), ("b.png", "/dev/zero")):
            (folder / "refs").mkdir(exist_ok=True)
            (folder / "refs" / name).symlink_to(target)
            (folder / "out").mkdir(exist_ok=True)
            (folder / "out" / name).symlink_to(target)
            for place in ("refs", "out"):
                answer = client.get(f"{FILMS}/{film}/files/{place}/{name}")
                assert answer.status_code == 404, answer.text
        packed = client.get(f"{FILMS}/{film}/archive.zip")
        assert b"secret of the house" not in packed.content


def test_a_storyboard_names_no_file_of_the_server(locked):
    with locked.client(headers=locked.keys["ada"]) as client:
        for path in ("/etc/passwd", "../../../serve/keys.json", "/dev/zero", "/proc/self/environ"):
            text = BOARD.replace("prompt: a boat", f"image: {path}")
            told = client.post(FILMS, json={"storyboard": text}).json()
            assert told["problems"], path
            assert client.post(f"{FILMS}/{told['id']}/runs", json={}).status_code in (409, 422)


# --- addresses ---------------------------------------------------------------------------------


@pytest.fixture
def inner():
    """A service on loopback that must not be reached; `inner.port`, and `inner.came`."""
    listener = socket.create_server(("127.0.0.1", 0))
    inner = type("Inner", (), {"port": listener.getsockname()[1], "came": []})()

    def take():
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            inner.came.append(line.recv(1000))
            line.close()

    thread = threading.Thread(target=take, daemon=True)
    thread.start()
    yield inner
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "LOCALHOST.", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0"]
    + ["[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]"]
    + ["169.254.169.254", "[fe80::1]", "10.0.0.1", "user@127.0.0.1"],
)
def test_a_tasks_url_reaches_no_address_of_the_servers_own_network(locked, asked, inner, host):
    # Another port than the server's own, whose addresses mean the caller's own files.
    body = asked(host)
    url = f"http://{host}:{inner.port}/a.png"
    body["resources"] = [{"type": "remote_url", "data": url}]
    with locked.client(headers=locked.keys["ada"]) as client:
        told = read_stream(client, "POST", "/api/v1/tasks/execute", json=body)[-1][1]
    code = told.get("code") or told["metadata"]["error"]["code"]
    assert code in ("resource", "resource_fetch") and inner.came == [] and asked.calls() == 0


@pytest.mark.parametrize("url", ["file:///etc/passwd", "gopher://127.0.0.1/", "ftp://localhost/x"])
def test_a_tasks_url_is_of_the_web(locked, asked, url):
    body = {**asked(), "resources": [{"type": "remote_url", "data": url}]}
    with locked.client(headers=locked.keys["ada"]) as client:
        answer = client.post("/api/v1/tasks", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "resource")


# --- bodies ------------------------------------------------------------------------------------


def test_a_storyboard_that_is_deep_or_grows_is_refused_quickly(locked):
    grows = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(22)
    )
    with locked.client(headers=locked.keys["ada"]) as client:
        film = client.post(FILMS, json={"storyboard": BOARD}).json()["id"]
        began = time.monotonic()
        for text in ("[" * 50_000, "- " * 50_000, grows):
            answer = client.put(f"{FILMS}/{film}/storyboard", content=text)
            assert answer.status_code in (200, 413, 422)
            if answer.status_code == 200:
                assert answer.json()["problems"]
        assert time.monotonic() - began < 20


# --- secrets -----------------------------------------------------------------------------------

SPILLER = """
import os, sys
from filmeto_plugin import PluginError, run

def text2image(call):
    secret = os.environ["SPILLER_API_KEY"]
    sys.stderr.write("my key is " + secret + "\\n")
    sys.stderr.flush()
    print("on stdout: " + secret, flush=True)
    call.progress(20, "working with " + secret)
    if call.parameters["how"] == "dies":
        os._exit(3)
    if call.parameters["how"] == "raises":
        raise ValueError("refused: " + secret)
    raise PluginError("the provider refused " + secret, key=secret)

run(text2image=text2image)
"""
SPILLER_MANIFEST = """
name: spiller
version: 1.0.0
description: Tells its key to everybody
tools:
  - name: text2image
    parameters:
      - {name: prompt, type: string, required: true}
      - {name: how, type: string, default: ""}
environment: [SPILLER_API_KEY]
execution: {max_retries: 0}
"""


@pytest.fixture
def spiller(keys, monkeypatch, tmp_path):
    """The secret of a plugin that tells it wherever it can."""
    folder = tmp_path / "mine" / "spiller"
    folder.mkdir(parents=True)
    (folder / "main.py").write_text(SPILLER)
    (folder / "plugin.yaml").write_text(SPILLER_MANIFEST)
    monkeypatch.setenv("FILMETO_PLUGINS", f"{PLUGINS}:{folder.parent}")
    monkeypatch.setenv("SPILLER_API_KEY", "sk-plugins-own-0123456789")
    return "sk-plugins-own-0123456789"


def test_no_secret_is_in_any_answer_event_log_or_file(spiller, keys, monkeypatch, caplog):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("FILMETO_API_KEY", "fk_clients-own-0123456789")
    key, secret = keys.add("ada", "acme", ("admin",))
    pass_token = "pass-of-a-films-process-0123456789"
    secrets = [spiller, "fk_clients-own-0123456789", secret, pass_token]
    said = []
    with serving(require_keys=True) as served:
        served.desk.passes[pass_token] = Caller(tenant="acme")
        headers = {"Authorization": f"Bearer {secret}"}
        with served.client(headers=headers) as client:
            for how in ("", "dies", "raises"):
                body = {"tool_name": "text2image", "plugin_name": "spiller"}
                body["parameters"] = {"prompt": "x", "how": how}
                told = read_stream(client, "POST", "/api/v1/tasks/execute", json=body)
                assert told[-1][1].get("status") == "error", told
                said.append(json.dumps(told))
            assert "[SPILLER_API_KEY]" in said[0] and "[SPILLER_API_KEY]" in said[1]
            session = client.post("/api/v1/session", json={"key": secret})
            said += [session.text, str(session.headers)]
            for method, path in [*operations(client), ("GET", "/docs"), ("GET", "/ui/")]:
                answer = client.request(method, path, json={})
                said += [answer.text, str(answer.headers)]
            said.append(client.get("/api/v1/tasks").text)
            for wrong in ({"key": secret + "x"}, {"key": [secret]}, {secret: 1}):
                said_of_it = client.post("/api/v1/session", json=wrong).text
                said.append(said_of_it.replace(secret, "") if secret in wrong else said_of_it)
        by_pass = {"X-API-Key": pass_token}
        with served.client(headers=by_pass) as own:
            said += [own.get("/api/v1/tasks/none").text, own.post("/api/v1/tasks", json={}).text]
    said += [record.getMessage() + str(record.exc_text) for record in caplog.records]
    for folder in (Settings().journal_dir, Settings().serve_dir, Settings().cache_dir):
        said += [
            path.read_bytes().decode("latin-1") for path in folder.rglob("*") if path.is_file()
        ]
    for text in said:
        for one in secrets:
            assert one not in text, text[max(0, text.find(one) - 300) : text.find(one) + 60]
    assert key.id in json.dumps([k.told() for k in keys.read()])


def test_pages_and_scripts_are_files_of_the_server_alone(client):
    answer = client.get("/ui/", follow_redirects=True)
    assert answer.status_code in (200, 404)
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>|\son\w+=|javascript:", answer.text)


# --- the document ------------------------------------------------------------------------------


def test_every_test_that_the_threat_model_names_is_there():
    named = set(re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", MODEL.read_text()))
    assert len(named) > 40
    for path, name in sorted(named):
        tree = ast.parse((ROOT / path).read_text())
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
        there = {node.name for node in ast.walk(tree) if isinstance(node, kinds)}
        assert name in there, f"{path} has no {name}"


def test_every_threat_of_the_model_has_a_defence_and_a_test():
    rows = [row for row in MODEL.read_text().splitlines() if re.match(r"\| T\d", row)]
    assert len(rows) > 20
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert len(cells) == 4 and all(cells), row
        assert "::test_" in cells[3] or "`test_" in cells[3], row
