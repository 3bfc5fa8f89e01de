"""Uploads over HTTP: resumed after any cut, checked when they are whole, never half there."""

import base64
import io
import os
import re
import socket
import threading
import time

import pytest
from PIL import Image
from serving import serving
from serving_apart import server_process

from filmeto_core import process
from filmeto_core.resources.incoming import digest_of
from filmeto_core.settings import Settings
from filmeto_core.web import uploads
from filmeto_core.web.access import Quota
from filmeto_core.web.own_resources import RESOURCES_URL

TUS = {"Tus-Resumable": "1.0.0"}
ADD = {**TUS, "Content-Type": "application/offset+octet-stream"}


def picture_bytes(width=300, height=250) -> bytes:
    """A picture that does not shrink (225 kB); another one at each call."""
    target = io.BytesIO()
    Image.frombytes("RGB", (width, height), os.urandom(width * height * 3)).save(target, "bmp")
    return target.getvalue()


def digest(data: bytes, folder) -> str:
    (folder / "data").write_bytes(data)
    return digest_of(folder / "data")


def begin(client, size, name="storm.bmp", headers=None) -> str:
    told = {"Upload-Length": str(size), "Upload-Metadata": f"filename {encode(name)}"}
    answer = client.post("/api/v1/uploads", headers={**TUS, **told, **(headers or {})})
    assert answer.status_code == 201, answer.text
    assert answer.headers["tus-resumable"] == "1.0.0" and "upload-expires" in answer.headers
    return answer.headers["location"]


def encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def add(client, url, offset, data, **headers):
    return client.patch(url, content=data, headers={**ADD, "Upload-Offset": str(offset), **headers})


def offset_of(client, url) -> int:
    answer = client.head(url, headers=TUS)
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    return int(answer.headers["upload-offset"])


def wait_until(is_so, timeout_s=20.0):
    end = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.01)


def left_behind(home) -> list[str]:
    """What uploads and the store keep of what is no whole file."""
    folders = (home / "uploads", home / "store/incoming")
    return [str(p) for f in folders if f.is_dir() for p in f.glob("*") if p.suffix != ".json"]


def cut_off(url, path, head, data: bytes) -> socket.socket:
    """A connection on which a part of a body was sent; closing it is a cut."""
    host, port = re.fullmatch(r"http://(.+):(\d+)", url).groups()
    connection = socket.create_connection((host, int(port)), timeout=20)
    lines = [f"PATCH {path} HTTP/1.1", f"Host: {host}:{port}"]
    lines += [f"{name}: {value}" for name, value in {**ADD, **head}.items()]
    connection.sendall("\r\n".join([*lines, "", ""]).encode() + data)
    return connection


def test_what_is_spoken_is_told(served, client):
    answer = client.options("/api/v1/uploads")
    assert answer.status_code == 204 and answer.headers["tus-version"] == "1.0.0"
    extensions = answer.headers["tus-extension"].split(",")
    assert {"creation", "termination", "expiration"} <= set(extensions)
    most = served.desk.service.settings.max_video_bytes
    assert int(answer.headers["tus-max-size"]) == most


def test_an_upload_in_parts_becomes_a_resource_of_its_callers(client, home, tmp_path):
    data = picture_bytes()
    url, at = begin(client, len(data)), 0
    while at < len(data):
        answer = add(client, url, at, data[at : at + 70_000])
        assert answer.status_code == 204, answer.text
        at = int(answer.headers["upload-offset"])
    assert answer.headers["filmeto-resource"] == RESOURCES_URL + digest(data, tmp_path)
    assert client.get(answer.headers["filmeto-resource"]).content == data
    told = client.get(url).json()
    assert (told["state"], told["offset"], told["name"]) == ("done", len(data), "storm.bmp")
    assert told["resource"]["mime_type"] == "image/bmp"
    assert told["resource"]["origin"] == "upload"
    again = client.head(url, headers=TUS)
    assert int(again.headers["upload-offset"]) == len(data)
    assert again.headers["filmeto-resource"] == answer.headers["filmeto-resource"]
    assert left_behind(home) == [str(home / "uploads/incoming")]


def test_the_first_bytes_may_come_with_the_creation(client):
    data = picture_bytes()
    told = {"Upload-Length": str(len(data))}
    answer = client.post("/api/v1/uploads", content=data[:1000], headers={**ADD, **told})
    assert answer.status_code == 201 and answer.headers["upload-offset"] == "1000"
    answer = add(client, answer.headers["location"], 1000, data[1000:])
    assert client.get(answer.headers["filmeto-resource"]).content == data


def test_a_client_without_patch_names_its_method_in_a_header(client):
    data = picture_bytes()
    url = begin(client, len(data))
    headers = {**ADD, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    answer = client.post(url, content=data, headers=headers)
    assert answer.status_code == 204 and "filmeto-resource" in answer.headers


def test_what_came_before_a_cut_stays_and_the_rest_goes_behind_it(served, client):
    data = picture_bytes()
    url = begin(client, len(data))
    head = {"Upload-Offset": "0", "Content-Length": str(len(data))}
    with cut_off(served.url, url, head, data[:100_000]):
        part = served.desk.service.settings.uploads_dir / f"{url.rpartition('/')[2]}.part"
        wait_until(part.exists)
    wait_until(lambda: client.get(url).json()["offset"] > 0)
    at = offset_of(client, url)
    assert 0 < at <= 100_000
    answer = add(client, url, at, data[at:])
    assert client.get(answer.headers["filmeto-resource"]).content == data


def test_who_comes_back_is_not_kept_waiting_by_its_own_dead_connection(served, client):
    data = picture_bytes()
    url = begin(client, len(data))
    head = {"Upload-Offset": "0", "Content-Length": str(len(data))}
    with cut_off(served.url, url, head, data[:100_000]) as dead:
        wait_until(lambda: served.desk.uploads._bodies)
        at = offset_of(client, url)  # it is open still, and silent
        answer = add(client, url, at, data[at:])
        assert answer.status_code == 204
        assert b" 409 " in dead.recv(100)
    assert client.get(answer.headers["filmeto-resource"]).content == data


def test_a_silent_sender_is_let_go_and_what_it_sent_stays(home):
    data = picture_bytes()
    with serving(Settings(serve_body_timeout_s=0.2)) as served, served.client() as client:
        url = begin(client, len(data))
        head = {"Upload-Offset": "0", "Content-Length": str(len(data))}
        with cut_off(served.url, url, head, data[:50_000]) as silent:
            assert b" 408 " in silent.recv(100)
        at = offset_of(client, url)
        assert at == 50_000
        assert add(client, url, at, data[at:]).status_code == 204


def test_an_upload_goes_on_after_a_server_was_killed_in_the_middle_of_it(home, tmp_path):
    data = picture_bytes(800, 900)  # two pieces are on the disk, the third is on its way
    with server_process() as server:
        with server.client() as client:
            url = begin(client, len(data))
            head = {"Upload-Offset": "0", "Content-Length": str(len(data))}
            with cut_off(server.url, url, head, data[:1_900_000]):
                wait_until(lambda: client.get(url).json()["offset"] > 0)
                server.kill()
        server.start()
        with server.client() as client:
            at = offset_of(client, url)
            assert 0 < at <= 1_900_000
            answer = add(client, url, at, data[at:])
            assert answer.headers["filmeto-resource"].endswith(digest(data, tmp_path))
            assert client.get(answer.headers["filmeto-resource"]).content == data
    assert list((home / "uploads").glob("*.part")) == []


def test_a_whole_upload_whose_server_died_before_it_was_brought_in_is_brought_in(home, tmp_path):
    data = picture_bytes()
    with serving() as served, served.client() as client:
        url = begin(client, len(data))
        add(client, url, 0, data[:-1])
    with next((home / "uploads").glob("*.part")).open("ab") as part:
        part.write(data[-1:])  # and then the kill came
    with serving() as served, served.client() as client:
        assert offset_of(client, url) == len(data)
        assert client.get(url).json()["resource"]["digest"] == digest(data, tmp_path)


def test_two_senders_at_once_leave_one_whole_file(served, client):
    data = picture_bytes(900, 900)
    url = begin(client, len(data))
    codes = []

    def send() -> None:
        with served.client() as own:
            at = 0
            while at < len(data):
                answer = add(own, url, at, data[at : at + 300_000])
                codes.append(answer.status_code)
                assert answer.status_code in (204, 409), answer.text
                at = offset_of(own, url)

    senders = [threading.Thread(target=send) for _ in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(20)
    assert not any(sender.is_alive() for sender in senders)
    assert 204 in codes
    assert client.get(client.get(url).json()["resource"]["url"]).content == data


def test_another_offset_than_the_uploads_is_a_conflict_that_tells_it(client):
    data = picture_bytes()
    url = begin(client, len(data))
    add(client, url, 0, data[:1000])
    answer = add(client, url, 999, data[999:])
    assert answer.status_code == 409 and "expected 1000, got 999" in answer.json()["message"]
    assert answer.headers["tus-resumable"] == "1.0.0"
    assert offset_of(client, url) == 1000


@pytest.mark.parametrize("chunked", [False, True])
def test_more_than_was_announced_is_refused_and_none_of_it_kept(client, chunked):
    data = picture_bytes()
    url = begin(client, 5000)
    add(client, url, 0, data[:4500])
    more = iter([data[4500:5000], data[5000:9000]]) if chunked else data[4500:9000]
    answer = add(client, url, 4500, more)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert offset_of(client, url) == 4500


@pytest.mark.parametrize(
    ("headers", "status", "field"),
    [
        ({}, 422, "Upload-Length"),
        ({"Upload-Length": "0"}, 422, "Upload-Length"),
        ({"Upload-Length": "-1"}, 422, "Upload-Length"),
        ({"Upload-Length": "9" * 12}, 413, None),
        ({"Upload-Length": "9" * 40}, 422, "Upload-Length"),
        ({"Upload-Length": "9", "Upload-Metadata": "filename %%"}, 422, "Upload-Metadata"),
        ({"Upload-Length": "9", "Tus-Resumable": "0.2.2"}, 412, "Tus-Resumable"),
        ({"Upload-Length": "9", "Tus-Resumable": ""}, 412, "Tus-Resumable"),
    ],
)
def test_an_upload_that_cannot_be_is_refused_at_its_beginning(client, headers, status, field):
    answer = client.post("/api/v1/uploads", headers={**TUS, **headers})
    assert answer.status_code == status and answer.headers["tus-resumable"] == "1.0.0"
    assert answer.json().get("field") == field
    if status == 412:
        assert answer.headers["tus-version"] == "1.0.0"


def test_bytes_of_another_type_are_refused(client):
    url = begin(client, 5000)
    headers = {"Content-Type": "application/octet-stream"}
    assert add(client, url, 0, b"x", **headers).status_code == 415


@pytest.mark.parametrize("size", [200_000, 900])
def test_rubbish_is_refused_by_its_first_bytes_and_removed(client, home, size):
    url = begin(client, size, name="notes.txt")
    answer = add(client, url, 0, (b"no picture at all. " * 20_000)[:size])
    assert answer.status_code == 422, answer.text
    told = answer.json()
    assert (
        told["code"] == "resource" and "notes.txt is no picture, clip or sound" in told["message"]
    )
    assert str(home) not in answer.text
    assert not list((home / "uploads").glob("*.part"))
    told = client.get(url).json()
    assert told["state"] == "refused" and "notes.txt" in told["error"]["message"]
    gone = client.head(url, headers=TUS)
    assert gone.status_code == 410
    assert client.delete(url, headers=TUS).status_code == 204
    assert client.get(url).status_code == 404


def test_a_file_that_is_damaged_behind_its_head_is_refused_when_it_is_whole(client, home):
    target = io.BytesIO()
    Image.frombytes("RGB", (200, 200), os.urandom(120_000)).save(target, "png")
    data = bytearray(target.getvalue())
    data[60_000:60_100] = b"\0" * 100
    url = begin(client, len(data), name="../../etc/storm.png")
    answer = add(client, url, 0, bytes(data))
    assert answer.status_code == 422
    assert "storm.png" in answer.json()["message"] and "etc" not in answer.json()["message"]
    assert str(home) not in answer.text
    assert client.get("/api/v1/resources").json()["resources"] == []
    assert not list((home / "uploads").glob("*.part"))


def test_a_file_larger_than_its_kind_may_be_is_refused_by_its_first_bytes(home):
    data = picture_bytes()
    with serving(Settings(max_image_bytes=100_000)) as served, served.client() as client:
        url = begin(client, len(data))
        answer = add(client, url, 0, data[:5000])
        assert answer.status_code == 422 and "100,000" in answer.json()["message"]
        for body in (data, iter([data[:9000], data[9000:]])):
            answer = client.post("/api/v1/resources", content=body)
            assert answer.status_code in (413, 422), answer.text
        assert client.get("/api/v1/resources").json()["resources"] == []
    assert left_behind(home) == [str(home / "uploads/incoming")]


def test_another_tenants_upload_is_as_if_it_were_not_there(client, as_tenant):
    data = picture_bytes()
    url = begin(client, len(data))
    other = as_tenant("other")
    assert client.get(url, headers=other).status_code == 404
    for method in ("HEAD", "DELETE"):
        assert client.request(method, url, headers={**TUS, **other}).status_code == 404
    assert add(client, url, 0, data, **other).status_code == 404
    assert offset_of(client, url) == 0


def test_a_key_that_may_only_read_brings_nothing(client, as_tenant):
    reader = as_tenant("local", scopes=frozenset({"read"}))
    told = {"Upload-Length": "9"}
    assert client.post("/api/v1/uploads", headers={**TUS, **told, **reader}).status_code == 403
    assert client.post("/api/v1/resources", content=b"x", headers=reader).status_code == 403


def test_a_tenants_files_come_to_no_more_than_its_quota(client, as_tenant):
    data = picture_bytes(100, 100)
    mine = as_tenant("small", quota=Quota(storage_bytes=2 * len(data) + 10))
    first = client.post("/api/v1/resources", content=data, headers=mine)
    assert first.status_code == 201
    url = begin(client, len(data), headers=mine)  # what is announced counts at once
    told = {"Upload-Length": "11"}
    answer = client.post("/api/v1/uploads", headers={**TUS, **told, **mine})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert "DELETE" in answer.json()["hint"]
    other = picture_bytes(100, 100)
    chunks = iter([other])  # of no announced length: told when it is whole
    assert client.post("/api/v1/resources", content=chunks, headers=mine).status_code == 201
    answer = add(client, url, 0, picture_bytes(100, 100), **mine)
    assert answer.status_code == 413
    assert client.get("/api/v1/resources", headers=mine).json()["owned_bytes"] == 2 * len(data)
    assert client.post("/api/v1/resources", content=data, headers=mine).status_code == 413
    client.delete(first.json()["url"], headers=mine)
    assert client.post("/api/v1/resources", content=data, headers=mine).status_code == 201


def test_a_tenant_has_only_so_many_uploads_unfinished(client, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_OPEN", 2)
    urls = [begin(client, 5000) for _ in range(2)]
    answer = client.post("/api/v1/uploads", headers={**TUS, "Upload-Length": "9"})
    assert answer.status_code == 429 and "retry-after" in answer.headers
    client.delete(urls[0], headers=TUS)
    begin(client, 5000)


def test_an_upload_that_nobody_goes_on_with_is_given_up(served, client, home):
    data = picture_bytes()
    url, other = begin(client, len(data)), begin(client, len(data))
    add(client, url, 0, data[:1000])
    in_a_day = time.time() + uploads.KEPT_S + 60
    served.on_loop(served.desk.uploads.forget(time.time()))
    assert offset_of(client, url) == 1000
    served.on_loop(served.desk.uploads.forget(in_a_day))
    for gone in (url, other):
        assert client.head(gone, headers=TUS).status_code == 404
    assert [p.name for p in (home / "uploads").iterdir()] == ["incoming"]


def test_bytes_of_which_nothing_is_known_are_cleared_at_the_next_start(home):
    folder = home / "uploads"
    folder.mkdir()
    (folder / f"{'0' * 32}.part").write_bytes(b"x")
    with serving() as served, served.client() as client:
        begin(client, 5000)
    assert not list(folder.glob("*.part"))


# --- in one request -------------------------------------------------------------------------------


def test_a_file_brought_in_one_request_is_the_callers(client, home, tmp_path):
    data = picture_bytes()
    answer = client.post("/api/v1/resources", content=data, params={"name": "storm.bmp"})
    assert answer.status_code == 201
    told = answer.json()
    assert told["digest"] == digest(data, tmp_path) and told["mime_type"] == "image/bmp"
    assert answer.headers["location"] == told["url"] and told["origin"] == "upload"
    assert client.get(told["url"]).content == data
    again = client.post("/api/v1/resources", content=data)
    assert again.status_code == 201 and again.json() == told
    assert left_behind(home) == []


def test_a_file_may_be_larger_than_other_bodies(home):
    data = picture_bytes()
    with serving(Settings(serve_max_body_bytes=1000)) as served, served.client() as client:
        assert client.post("/api/v1/tasks", content=data).status_code == 413
        assert client.post("/api/v1/resources", content=data).status_code == 201
        assert add(client, begin(client, len(data)), 0, data).status_code == 204


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"", {}),
        (b"no picture", {}),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 9000, {}),
        (None, {"Content-Type": "video/mp4"}),
    ],
)
def test_a_file_of_no_use_brought_in_one_request_leaves_nothing(client, home, body, headers):
    body = picture_bytes() if body is None else body
    answer = client.post("/api/v1/resources", content=body, headers=headers, params={"name": "a.b"})
    assert answer.status_code == 422 and answer.json()["code"] == "resource"
    assert answer.json()["message"].startswith("a.b ") and str(home) not in answer.text
    assert left_behind(home) == []


def test_a_body_that_is_cut_off_leaves_nothing(served, client, home):
    data = picture_bytes()
    host, port = re.fullmatch(r"http://(.+):(\d+)", served.url).groups()
    head = f"POST /api/v1/resources HTTP/1.1\r\nHost: x\r\nContent-Length: {len(data)}\r\n\r\n"
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head.replace("x", f"{host}:{port}", 1).encode() + data[:90_000])
        wait_until(lambda: left_behind(home))
    wait_until(lambda: not left_behind(home))
    assert client.get("/api/v1/resources").json()["resources"] == []


# --- a full disk ----------------------------------------------------------------------------------


@pytest.fixture
def small_disk(home):
    """2 MiB for uploads and the store, in which there is room for one picture, not for two."""
    for name in ("uploads", "store"):
        (home / name).symlink_to(home / "disk" / name)
    (home / "disk").mkdir()
    argv = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(home / "disk")]
    mounted = process.run(argv)
    if mounted.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {mounted.stderr.strip()}")
    for name in ("uploads", "store"):
        (home / "disk" / name).mkdir()
    yield home / "disk"
    process.run(["umount", "-l", str(home / "disk")])


def test_a_disk_that_fills_is_told_and_once_there_is_room_the_upload_goes_on(small_disk, client):
    data = picture_bytes(1000, 400)  # 1.2 MB: as an upload it fits, and not in the store beside it
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"\0" * 1_200_000)
    url = begin(client, len(data))
    answer = add(client, url, 0, data)
    assert (answer.status_code, answer.json()["code"]) == (507, "store")
    at = offset_of(client, url)
    assert 0 < at < len(data)
    ballast.unlink()
    answer = add(client, url, at, data[at:])
    assert answer.status_code == 507, "there is room for its bytes, not for both of its copies"
    assert not list((small_disk / "store/objects").glob("*/*"))
    assert client.get("/api/v1/resources").json()["resources"] == []
    assert client.head(url, headers=TUS).status_code == 507
    process.run(["mount", "-o", "remount,size=8m", str(small_disk)])
    assert offset_of(client, url) == len(data)
    assert client.get(client.get(url).json()["resource"]["url"]).content == data
    assert not list((small_disk / "uploads").glob("*.part"))


def test_a_file_in_one_request_that_finds_no_room_leaves_nothing(small_disk, client):
    answer = client.post("/api/v1/resources", content=picture_bytes(1000, 800))
    assert (answer.status_code, answer.json()["code"]) == (507, "store")
    assert "Make room" in answer.json()["hint"]
    assert not list((small_disk / "store/incoming").iterdir())
    assert not list((small_disk / "store/objects").glob("*/*"))
