"""Files over HTTP: byte for byte what the store has, to their owner alone."""

import base64
import io
import os
import random
from pathlib import Path

import pytest
from PIL import Image
from serving import read_stream


def made(client, asked, prompt="a dot", **parameters):
    """The first output of a task that ran."""
    told = read_stream(client, "POST", "/api/v1/tasks/execute", json=asked(prompt, **parameters))
    return told[-1][1]["output_resources"][0]


def picture_bytes(width=160, height=125) -> bytes:
    """A picture that does not shrink; another one at each call."""
    target = io.BytesIO()
    Image.frombytes("RGB", (width, height), os.urandom(width * height * 3)).save(target, "bmp")
    return target.getvalue()


def with_picture(asked, **resource):
    return {**asked(), "resources": [resource]}


def in_base64(data: bytes) -> dict:
    return {"type": "base64", "data": base64.b64encode(data).decode()}


def brought(client, asked, data: bytes) -> dict:
    """The caller's own input of these bytes, as its list tells it."""
    read_stream(
        client, "POST", "/api/v1/tasks/execute", json=with_picture(asked, **in_base64(data))
    )
    listed = client.get("/api/v1/resources").json()["resources"]
    return next(r for r in listed if r["origin"] == "upload" and r["size_bytes"] == len(data))


def test_a_result_is_served_under_the_address_that_it_names(client, asked):
    output = made(client, asked)
    data = Path(output["path"]).read_bytes()
    answer = client.get(output["url"])
    assert (answer.status_code, answer.content) == (200, data)
    headers = answer.headers
    assert headers["content-type"] == "image/png" and headers["x-content-type-options"] == "nosniff"
    assert headers["etag"] == f'"{output["metadata"]["digest"]}"'
    assert "private" in headers["cache-control"] and "immutable" in headers["cache-control"]
    assert "content-disposition" not in headers
    assert client.get(output["url"], headers={"If-None-Match": headers["etag"]}).status_code == 304
    head = client.head(output["url"])
    assert head.content == b"" and int(head.headers["content-length"]) == len(data)
    named = client.get(output["url"], params={"download": "夕.png"}).headers["content-disposition"]
    assert named.startswith("attachment") and "%E5%A4%95.png" in named


def test_ranges_are_byte_for_byte_those_that_were_asked_for(client, asked):
    data = picture_bytes()
    url, size = brought(client, asked, data)["url"], len(data)
    for first, last in [
        (0, 0),
        (0, size - 1),
        (1, 1000),
        (size - 1, size - 1),
        (size - 5, 2 * size),
    ]:
        answer = client.get(url, headers={"Range": f"bytes={first}-{last}"})
        assert answer.status_code == 206 and answer.content == data[first : last + 1]
        end = min(last, size - 1)
        assert answer.headers["content-range"] == f"bytes {first}-{end}/{size}"
    assert client.get(url, headers={"Range": "bytes=100-"}).content == data[100:]
    assert client.get(url, headers={"Range": "bytes=-100"}).content == data[-100:]
    assert client.get(url, headers={"Range": "bytes=0-1,5-6"}).content == data
    beyond = client.get(url, headers={"Range": f"bytes={size}-"})
    assert beyond.status_code == 416 and beyond.headers["content-range"] == f"bytes */{size}"
    stale = {"Range": "bytes=0-9", "If-Range": '"sha256:0"'}
    assert client.get(url, headers=stale).status_code == 200
    fresh = {"Range": "bytes=0-9", "If-Range": client.head(url).headers["etag"]}
    assert client.get(url, headers=fresh).content == data[:10]


def test_a_file_put_together_from_random_ranges_is_the_file(client, asked):
    data = picture_bytes()
    url = brought(client, asked, data)["url"]
    chosen, got = random.Random(4), b""
    while len(got) < len(data):
        span = f"bytes={len(got)}-{len(got) + chosen.randrange(1, 9000)}"
        got += client.get(url, headers={"Range": span}).content
    assert got == data


def test_another_tenants_file_is_as_if_it_were_not_there(client, asked, as_tenant):
    output = made(client, asked)
    there = client.get(output["url"], headers=as_tenant("other"))
    none = client.get(f"/api/v1/resources/sha256:{'0' * 64}")
    assert there.status_code == none.status_code == 404
    assert {**there.json(), **none.json()} == none.json()
    for method in ("HEAD", "DELETE"):
        answer = client.request(method, output["url"], headers=as_tenant("other"))
        assert answer.status_code == 404
    assert client.get("/api/v1/resources", headers=as_tenant("other")).json() == {
        "resources": [],
        "owned_bytes": 0,
        "next_cursor": None,
    }
    read_stream(client, "POST", "/api/v1/tasks/execute", json=asked(), headers=as_tenant("other"))
    assert client.get(output["url"]).status_code == 200


@pytest.mark.parametrize(
    "digest", ["x", "sha256:..", "..%2f..%2fetc%2fpasswd", "sha256:" + "A" * 64]
)
def test_what_is_no_digest_is_not_found(client, digest):
    assert client.get(f"/api/v1/resources/{digest}").status_code == 404


@pytest.mark.parametrize("fault", ["gone", "damaged"])
def test_a_file_that_is_gone_or_damaged_is_told_with_what_to_do(client, asked, fault):
    output = made(client, asked)
    path = Path(output["path"])
    if fault == "damaged":
        path.chmod(0o644)
        path.write_bytes(path.read_bytes()[:-1] + b"x")
    else:
        path.unlink()
    answer = client.get(output["url"])
    assert (answer.status_code, answer.json()["code"]) == (410, "gone")
    assert "again" in answer.json()["hint"] and str(path) not in answer.text


def test_files_are_listed_newest_first_page_by_page_and_given_up_one_by_one(client, asked):
    for number in range(3):
        brought(client, asked, picture_bytes(10 + number))
    found, cursor = [], None
    while True:
        asked_for = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = client.get("/api/v1/resources", params=asked_for).json()
        found += page["resources"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert [r["at"] for r in found] == sorted((r["at"] for r in found), reverse=True)
    assert len({r["digest"] for r in found}) == len(found)
    assert page["owned_bytes"] == sum(r["size_bytes"] for r in found)
    assert {r["origin"] for r in found} == {"result", "upload"}
    assert client.delete(found[0]["url"]).status_code == 204
    assert client.get(found[0]["url"]).status_code == 404
    assert client.delete(found[0]["url"]).status_code == 404
    left = client.get("/api/v1/resources").json()["resources"]
    assert left == found[1:]


def test_a_result_found_in_the_cache_is_owned_too(client, asked, as_tenant):
    cached = {**asked(), "metadata": {"cache": True}}
    for name in ("one", "two"):
        told = read_stream(
            client, "POST", "/api/v1/tasks/execute", json=cached, headers=as_tenant(name)
        )
        (output,) = told[-1][1]["output_resources"]
        assert client.get(output["url"], headers=as_tenant(name)).status_code == 200
    assert asked.calls() == 1


def test_an_input_may_name_a_file_of_the_callers_by_its_address(served, client, asked, as_tenant):
    data = picture_bytes()
    url = brought(client, asked, data)["url"]
    for address in (
        url,
        f"{served.url}{url}",
        f"{served.url}{url}".replace("127.0.0.1", "localhost"),
    ):
        body = with_picture(asked, type="remote_url", data=address)
        told = read_stream(client, "POST", "/api/v1/tasks/execute", json=body)
        assert told[-1][1]["metadata"]["resources"] == [url.rpartition("/")[2]], told[-1]
        theirs = client.post("/api/v1/tasks", json=body, headers=as_tenant("other"))
        assert theirs.status_code == 422 and theirs.json()["field"] == "resources[0]"
    body = with_picture(asked, type="remote_url", data="/api/v1/resources/x")
    assert client.post("/api/v1/tasks", json=body).status_code == 422


def test_an_address_of_another_server_is_not_taken_for_this_ones(served, client, asked):
    url = brought(client, asked, picture_bytes())["url"]
    own = served.desk.tasks.own
    for address in (
        f"http://example.com{url}",
        f"http://127.0.0.1:1{url}",
        f"//127.0.0.1:1{url}",
        f"ftp:{url}",
        url.removeprefix("/"),
    ):
        assert own._digest_in(address) is None
