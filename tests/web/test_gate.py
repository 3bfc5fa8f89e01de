"""The gate: under which name a request comes, from which page, how large, how slowly, how deep."""

import json
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from serving import PLUGINS, serving

from filmeto_core.errors import ForbiddenError, ValidationError
from filmeto_core.settings import Settings
from filmeto_core.web.access import Caller
from filmeto_core.web.answer_headers import POLICY
from filmeto_core.web.bodies import check_depth
from filmeto_core.web.hosts import Hosts
from filmeto_core.web.options import ServeOptions

ROOT = Path(__file__).resolve().parents[2]
PAGE = "https://films.example"


@pytest.fixture
def plugins(home, monkeypatch):
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))


def port_of(served):
    return int(served.url.rpartition(":")[2])


def spoken(served, text, timeout_s=20.0):
    """What the server answers to these bytes, until it closes or has nothing more to say."""
    with socket.create_connection(("127.0.0.1", port_of(served)), timeout=timeout_s) as line:
        line.sendall(text)
        got = b""
        while piece := line.recv(65536):
            got += piece
        return got


# --- names and origins ------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:9", "[::1]", "[::1]:80", "LOCALHOST:1"])
def test_local_names_are_served_at_any_port(client, host):
    assert client.get("/api/v1/tools", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.nip.io",
        "localhost.evil.example",
        "localhost@evil.example",
        "0",
        "",
    ]
    + ["[::ffff:127.0.0.1]", "127.0.0.2", "localhost.", "[", "127.0.0.1 "[:9] + "x", "2130706433"],
)
def test_a_foreign_host_is_refused(client, host):
    answer = client.get("/api/v1/tools", headers={"Host": host})
    assert (answer.status_code, answer.json()["field"]) == (403, "Host")
    assert client.get("/", headers={"Host": host}).status_code == 403


def test_a_request_without_a_host_is_refused(served):
    assert b" 403 " in spoken(served, b"GET / HTTP/1.0\r\n\r\n")
    assert b" 400 " in spoken(served, b"GET / HTTP/1.1\r\n\r\n")
    twice = b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n"
    assert b" 400 " in spoken(served, twice)


def test_a_name_that_was_allowed_is_served(plugins):
    with serving(allow_hosts=("Films.Example",)) as served, served.client() as client:
        for host in ("films.example", "FILMS.example:443"):
            assert client.get("/api/v1/tools", headers={"Host": host}).status_code == 200
        assert client.get("/api/v1/tools", headers={"Host": "x.films.example"}).status_code == 403


@pytest.mark.parametrize(
    ("names", "origins"),
    [
        (["a:80"], []),
        (["*"], []),
        ([""], []),
        (["https://a"], []),
        ([], ["*"]),
        ([], ["a.example"]),
        ([], ["https://a/b"]),
        ([], ["ftp://a"]),
        ([], ["null"]),
    ],
)
def test_a_name_or_origin_that_is_none_is_refused_at_the_start(names, origins):
    with pytest.raises(ValidationError):
        Hosts(ServeOptions(allow_hosts=tuple(names), allow_origins=tuple(origins)))


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:3000"},
        {"Origin": "http://127.0.0.1"},
        {"Origin": "file://"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_what_a_foreign_page_posts_is_refused_and_does_nothing(client, asked, headers):
    answer = client.post("/api/v1/tasks", json=asked(), headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (403, "Origin")
    assert "access-control-allow-origin" not in answer.headers
    assert client.get("/api/v1/tasks").json()["tasks"] == []


def test_a_form_of_a_foreign_page_is_refused(client):
    headers = {"Origin": "https://evil.example", "Content-Type": "text/plain"}
    assert client.post("/api/v1/tasks", content="{}", headers=headers).status_code == 403


def test_a_foreign_page_cannot_open_a_stream_by_a_plain_read(client):
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert client.get("/api/v1/tasks/none/events", headers=headers).status_code == 403


def test_a_foreign_page_opens_no_websocket(served):
    head = (
        b"GET /api/v1/tasks/none/socket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
        b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    )
    for origin, status in ((b"https://evil.example", b" 403 "), (b"http://localhost", b" 404 ")):
        got = spoken(served, head + b"Origin: " + origin + b"\r\n\r\n")
        assert status in got.split(b"\r\n")[0] and b"application/problem+json" in got
        assert b"nosniff" in got


def test_the_servers_own_page_and_programs_may_post(served, client, asked):
    own = {"Origin": served.url, "Sec-Fetch-Site": "same-origin"}
    assert client.post("/api/v1/tasks", json=asked("a"), headers=own).status_code == 202
    assert client.post("/api/v1/tasks", json=asked("b")).status_code == 202
    assert client.get("/api/v1/tools", headers={"Sec-Fetch-Site": "none"}).status_code == 200


def test_behind_a_proxy_with_tls_the_page_is_the_servers_own():
    hosts = Hosts(ServeOptions(allow_hosts=("films.example",)))
    hosts.check_origin(PAGE, "same-origin", "films.example")
    hosts.check_origin(PAGE, None, "films.example:443")
    with pytest.raises(ForbiddenError):
        hosts.check_origin("https://films.example:444", None, "films.example")


def test_cors_is_off_and_for_allowed_origins_alone(client, plugins):
    asks = {"Origin": PAGE, "Access-Control-Request-Method": "POST"}
    assert client.options("/api/v1/tasks", headers=asks).status_code == 403
    with serving(allow_origins=(PAGE,)) as served, served.client() as allowed:
        answer = allowed.options("/api/v1/tasks", headers=asks)
        assert answer.status_code == 204
        assert answer.headers["access-control-allow-origin"] == PAGE
        assert "POST" in answer.headers["access-control-allow-methods"]
        assert "access-control-allow-credentials" not in answer.headers
        got = allowed.get("/api/v1/tools", headers={"Origin": PAGE, "Sec-Fetch-Site": "cross-site"})
        assert got.status_code == 200 and got.headers["access-control-allow-origin"] == PAGE
        assert got.headers["vary"] == "Origin"
        wrong = allowed.get("/api/v1/tasks/none", headers={"Origin": PAGE})
        assert wrong.status_code == 404 and wrong.headers["access-control-allow-origin"] == PAGE
        other = {**asks, "Origin": "https://evil.example"}
        assert allowed.options("/api/v1/tasks", headers=other).status_code == 403


# --- headers ----------------------------------------------------------------------------------


def test_all_answers_carry_the_security_headers(served, client):
    answers = [
        client.get("/"),
        client.get("/api/v1/tools"),
        client.get("/api/v1/nothing"),
        client.get("/api/v1/tools", headers={"Host": "evil.example"}),
        client.get("/api/v1/tools", headers={"Authorization": "Bearer fk_x"}),
        client.post("/api/v1/tasks", content="{"),
    ]
    for answer in answers:
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "strict-transport-security" not in answer.headers
        assert "server" not in answer.headers
    assert "unsafe" not in POLICY
    assert b"nosniff" in spoken(served, b"what is this\r\n\r\n")


def test_an_error_that_nobody_expected_is_a_problem_without_its_inner_text(served, client):
    async def broken(*_args, **_options):
        raise RuntimeError("inner text")

    served.desk.tasks.find = broken
    answer = client.get("/api/v1/tasks/any")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "inner text" not in answer.text and answer.headers["x-content-type-options"] == "nosniff"


# --- bodies -----------------------------------------------------------------------------------


def test_a_body_over_the_limit_is_refused_by_its_length_and_while_it_streams(plugins, asked):
    with serving(Settings(serve_max_body_bytes=4096)) as served, served.client() as client:
        large = json.dumps({**asked(), "metadata": {"note": "x" * 5000}}).encode()
        told = client.post("/api/v1/tasks", content=large)
        chunks = client.post("/api/v1/tasks", content=iter([large[:2000], large[2000:]]))
        for answer in (told, chunks):
            assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        assert client.post("/api/v1/tasks", json=asked()).status_code == 202


def test_a_body_far_over_the_limit_is_not_read_and_its_sender_still_reads_why(plugins):
    with serving(Settings(serve_max_body_bytes=4096)) as served, served.client() as client:
        answer = client.post("/api/v1/tasks", content=b"x" * 3_000_000)
        assert answer.status_code == 413
        assert client.get("/api/v1/health").status_code == 200


HEAD = b"POST /api/v1/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n"


def test_a_body_that_stops_coming_is_given_up(plugins):
    with serving(Settings(serve_body_timeout_s=0.3)) as served:
        got = spoken(served, HEAD + b"{")
        assert b" 408 " in got.split(b"\r\n")[0] and b"application/problem+json" in got
        assert b"connection: close" in got.lower()


def test_a_body_that_drips_is_given_up_too(plugins):
    with serving(Settings(serve_body_timeout_s=0.4)) as served:
        with socket.create_connection(("127.0.0.1", port_of(served)), timeout=0.05) as line:
            line.sendall(HEAD)
            end, got = time.monotonic() + 15, b""
            while not got and time.monotonic() < end:
                try:
                    line.sendall(b"x")
                    got = line.recv(65536)
                except TimeoutError:
                    continue
            assert b" 408 " in got


def test_a_head_that_does_not_end_is_given_up(plugins, monkeypatch):
    monkeypatch.setattr("filmeto_core.web.connection.HEAD_S", 0.3)
    with serving() as served:
        for begun in (b"", b"GET / HTTP/1.1\r\nHost: local"):
            began = time.monotonic()
            try:
                assert spoken(served, begun) == b""
            except ConnectionResetError:
                pass
            assert time.monotonic() - began < 8  # and not 10 s, as without the patch
        twice = b"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\nGET /api"
        try:
            assert b" 200 " in spoken(served, twice, timeout_s=8)
        except ConnectionResetError:
            pass


def test_what_follows_a_refusal_is_read_for_a_while_only(plugins, monkeypatch):
    monkeypatch.setattr("filmeto_core.web.connection.LINGER_S", 0.3)
    with serving(require_keys=True) as served:
        with socket.create_connection(("127.0.0.1", port_of(served)), timeout=20) as line:
            line.sendall(HEAD)
            got = b""
            try:
                while piece := line.recv(65536):
                    got += piece
            except ConnectionResetError:
                pass
            assert b" 401 " in got


def test_a_head_that_is_too_long_is_refused(served, client):
    filler = b"".join(b"X-%d: %s\r\n" % (n, b"y" * 1000) for n in range(400))
    got = spoken(served, b"GET / HTTP/1.1\r\nHost: localhost\r\n" + filler)
    assert b" 431 " in got.split(b"\r\n")[0]
    many = {f"X-{n}": "1" for n in range(150)}
    assert client.get("/api/v1/tools", headers=many).status_code == 400


def test_more_connections_than_may_be_are_closed(plugins, monkeypatch):
    monkeypatch.setattr("filmeto_core.web.server.SHORT_CONNECTIONS", 2)
    with serving(Settings(serve_max_streams=1)) as served:
        held = [socket.create_connection(("127.0.0.1", port_of(served)), timeout=20) for _ in "123"]
        try:
            assert spoken(served, b"") == b""
        except ConnectionResetError:
            pass
        for line in held:
            line.close()
        with served.client() as client:
            end = time.monotonic() + 15
            while True:
                try:
                    assert client.get("/api/v1/health").status_code == 200
                    break
                except httpx.TransportError:  # until the closed ones are noticed
                    assert time.monotonic() < end


def test_connections_are_bounded_by_the_files_that_the_process_may_have():
    code = (
        "import resource; from filmeto_core.web.connection import open_at_once as n;"
        "limits = [resource.getrlimit(resource.RLIMIT_NOFILE)];"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (600, 1500)); print(n(300), n(2000));"
        "print(resource.getrlimit(resource.RLIMIT_NOFILE)[0]);"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (400, 400)); print(n(2000))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.split() == ["300", "988", "1500", "32"], done.stderr


def test_large_bodies_in_hand_are_bounded_together(plugins, monkeypatch, asked):
    monkeypatch.setattr("filmeto_core.web.gate.ROOM_BYTES", 300_000)
    settings = Settings(serve_max_body_bytes=200_000)
    with serving(settings) as served, served.client() as client:
        large = json.dumps({**asked("large"), "metadata": {"note": "x" * 190_000}}).encode()
        line = socket.create_connection(("127.0.0.1", port_of(served)), timeout=20)
        head = HEAD.replace(b"1000", str(len(large)).encode())
        line.sendall(head + large[:100_000])
        end = time.monotonic() + 15
        while (answer := client.post("/api/v1/tasks", content=large)).status_code == 202:
            assert time.monotonic() < end  # until the first is being read
        assert answer.status_code == 429 and answer.headers["retry-after"]
        assert client.post("/api/v1/tasks", json=asked("small")).status_code == 202
        line.close()
        while client.post("/api/v1/tasks", content=large).status_code == 429:
            assert time.monotonic() < end


def deep(depth):
    return b'{"tool_name": "text2image", "parameters": {"prompt": ' + (
        b"[" * depth + b"]" * depth + b"}}"
    )


@pytest.mark.parametrize("depth", [101, 5_000, 2_000_000])
def test_deep_json_is_refused_quickly(client, depth):
    began = time.monotonic()
    for path in ("/api/v1/tasks", "/api/v1/tasks/execute"):
        answer = client.post(
            path, content=deep(depth), headers={"Content-Type": "application/json"}
        )
        assert (answer.status_code, answer.json()["field"]) == (422, "body")
        assert "deep" in answer.json()["message"] or "lists" in answer.json()["message"]
    assert time.monotonic() - began < 10


def test_json_of_very_many_parts_is_refused_and_brackets_in_texts_are_none():
    with pytest.raises(ValidationError):
        check_depth(b"[" + b"[]," * 200_000 + b"[]]")
    check_depth(json.dumps(["[{" * 100_000, 'a"[[' * 300, "\\"]).encode())
    check_depth(json.dumps([[n] for n in range(50_000)]).encode())
    with pytest.raises(ValidationError):
        check_depth(b'["\\"", ' + b"[" * 200)
    with pytest.raises(ValidationError):
        check_depth(b'["a\\\\", ' + b"[" * 200)


def test_a_client_that_goes_amid_its_body_leaves_nothing(served, client):
    with socket.create_connection(("127.0.0.1", port_of(served)), timeout=20) as line:
        line.sendall(HEAD + b"{")
    assert client.get("/api/v1/health").status_code == 200
    assert client.get("/api/v1/tasks").json()["tasks"] == []


def test_the_unix_socket_serves_its_user_without_a_key_unless_keys_are_required(plugins, tmp_path):
    path = tmp_path / "s"
    for required, status in ((False, 200), (True, 401)):
        with serving(socket=path, require_keys=required):
            assert path.stat().st_mode & 0o077 == 0
            transport = httpx.HTTPTransport(uds=str(path))
            with httpx.Client(transport=transport, base_url="http://filmeto") as client:
                assert client.get("/api/v1/tools").status_code == status


def test_a_pass_of_the_servers_own_processes_is_honoured(plugins):
    with serving(require_keys=True) as served, served.client() as client:
        served.desk.passes["a-pass"] = Caller(tenant="acme")
        headers = {"Authorization": "Bearer a-pass"}
        assert client.get("/api/v1/tools", headers=headers).status_code == 200
        del served.desk.passes["a-pass"]
        assert client.get("/api/v1/tools", headers=headers).status_code == 401


def test_what_is_open_to_nobody_in_particular_is_little(plugins):
    with serving(require_keys=True) as served, served.client() as client:
        for path in ("/", "/api/v1/health", "/api/v1/session"):
            assert client.get(path).status_code == 200
        for path in ("/api/v1/tools", "/api/v1/nothing", "/metrics", "/x", "/api/v1/health/"):
            assert client.get(path).status_code == 401
        absolute = b"GET http://localhost/api/v1/tools HTTP/1.1\r\nHost: localhost\r\n"
        assert b" 400 " in spoken(served, absolute + b"Connection: close\r\n\r\n")


# --- files that are looked at from other pages ------------------------------------------------

DIGEST = f"/api/v1/resources/sha256:{'0' * 64}"
FOLLOWED = {
    "Sec-Fetch-Site": "cross-site",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Dest": "document",
    "Sec-Fetch-User": "?1",
}
PICTURE = {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}


@pytest.mark.parametrize("headers", [FOLLOWED, PICTURE])
def test_a_link_to_a_file_may_be_followed_and_a_page_here_may_show_its_picture(client, headers):
    for path in (DIGEST, "/api/v1/films/boat-0a1b2c3d/files/film.mp4"):
        assert client.get(path, headers=headers).status_code == 404  # it was let in, and looked for
        assert client.delete(DIGEST, headers=headers).status_code == 403
        assert client.put(DIGEST, headers=headers).status_code == 403
    for path in ("/api/v1/tasks", "/api/v1/films/boat-0a1b2c3d", "/api/v1/resources"):
        assert client.get(path, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "changed",
    [
        {**FOLLOWED, "Sec-Fetch-User": ""},
        {**FOLLOWED, "Sec-Fetch-Dest": "iframe"},
        {**FOLLOWED, "Origin": "https://evil.example"},
        {**PICTURE, "Sec-Fetch-Site": "cross-site"},
        {**PICTURE, "Sec-Fetch-Mode": "cors"},
        {**PICTURE, "Sec-Fetch-Dest": "script"},
    ],
)
def test_no_other_page_gets_at_a_file_in_another_way(client, changed):
    assert client.get(DIGEST, headers=changed).status_code == 403
