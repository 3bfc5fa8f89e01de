"""Servers that say one thing and do another, and URLs that mean something else than they seem to."""

import asyncio
import gzip
import io
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from PIL import Image

from filmeto_core.errors import ResourceFetchError, ResourceProcessingError, TimeoutError
from filmeto_core.resources import download
from filmeto_core.resources.inputs import check, prepare
from filmeto_core.resources.store import Store
from filmeto_core.settings import Settings
from filmeto_core.types import ResourceInput


def bitmap(turn: int = 0) -> bytes:
    buffer = io.BytesIO()
    Image.linear_gradient("L").rotate(turn).resize((200, 200)).save(buffer, "BMP")
    return buffer.getvalue()


OLD, NEW = bitmap(), bitmap(30)
TAG = {"ETag": '"v1"'}


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch):
    monkeypatch.setattr(download, "_FIRST_WAIT_S", 0.001)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


def fetch(url: str, store: Store, **settings):
    chosen = Settings(home=store.folder.parent, **{"allow_private_urls": True, **settings})
    resource = ResourceInput(type="remote_url", data=url)
    return asyncio.run(prepare(resource, store=store, settings=chosen))


def part(body: bytes, told: str, **headers: str):
    """A 206 that brings these bytes and calls them so."""

    def route(handler):
        handler.send_response(206)
        for name, value in {
            "Content-Range": told,
            "Content-Length": str(len(body)),
            **headers,
        }.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return route


def unsized(pieces, *, chunked: bool, whole: bool = True):
    """An answer that does not say how long it is."""

    def route(handler):
        handler.send_response(200)
        handler.send_header(*(("Transfer-Encoding", "chunked") if chunked else ("X-Old", "1")))
        handler.send_header("Connection", "close")
        handler.end_headers()
        try:
            for piece in pieces:
                framed = f"{len(piece):x}\r\n".encode() + piece + b"\r\n" if chunked else piece
                handler.wfile.write(framed)
            if chunked and whole:
                handler.wfile.write(b"0\r\n\r\n")
        except OSError:
            pass  # the other side had enough
        handler.close_connection = True

    return route


def after_a_cut(server, *then):
    """The file is cut after 20,000 bytes; the next requests get `then`."""
    return server.in_turn(server.serve_ranges(OLD, cut_after=[20_000], **TAG), *then)


def test_a_server_that_ignores_ranges_sends_all_again(server, store):
    server.routes["/a"] = after_a_cut(server, server.answer(OLD, **TAG))
    assert fetch(server.url("/a"), store).path.read_bytes() == OLD
    assert server.headers("range") == [None, "bytes=20000-"]


def test_a_part_of_another_version_is_not_put_behind_the_first(server, store):
    wrong = part(NEW[20_000:], f"bytes 20000-{len(NEW) - 1}/{len(NEW)}", ETag='"v2"')
    server.routes["/a"] = after_a_cut(server, wrong, server.answer(NEW, ETag='"v2"'))
    assert fetch(server.url("/a"), store).path.read_bytes() == NEW


@pytest.mark.parametrize(
    "told",
    [
        "bytes 19999-{last}/{size}",
        "bytes 20000-{last}",
        "bytes 20000-30000/{size}",
        "bytes {last}-20000/{size}",
        "bytes */{size}",
        "nonsense",
        "",
    ],
)
def test_a_part_that_is_called_something_else_is_not_used(server, store, told):
    told = told.format(last=len(OLD) - 1, size=len(OLD))
    server.routes["/a"] = after_a_cut(server, part(OLD[20_000:], told, **TAG), server.answer(OLD))
    assert fetch(server.url("/a"), store).path.read_bytes() == OLD


def test_a_server_that_sends_small_parts_is_asked_until_all_is_there(server, store):
    def pieces(handler):
        start = int(handler.headers["Range"].removeprefix("bytes=").rstrip("-"))
        end = min(start + 7_000, len(OLD)) - 1
        part(OLD[start : end + 1], f"bytes {start}-{end}/{len(OLD)}", **TAG)(handler)

    server.routes["/a"] = after_a_cut(server, pieces)
    assert fetch(server.url("/a"), store).path.read_bytes() == OLD
    assert len(server.requests) == 1 + -(-(len(OLD) - 20_000) // 7_000)


def test_less_than_the_length_told_is_asked_for_again(server, store):
    short = server.answer(OLD[:-500], Content_Length=str(len(OLD)), Connection="close")

    def closing(handler):
        short(handler)
        handler.close_connection = True

    server.routes["/a"] = server.in_turn(closing, server.answer(OLD))
    assert fetch(server.url("/a"), store).path.read_bytes() == OLD


def test_more_than_the_length_told_is_a_cut_off_file(server, store):
    server.routes["/a"] = server.answer(OLD, Content_Length=str(len(OLD) - 500))
    with pytest.raises(ResourceProcessingError, match="damaged or cut off"):
        fetch(server.url("/a"), store)


@pytest.mark.parametrize("length", ["many", "-5", "1e3", "9" * 30])
def test_a_length_that_makes_no_sense_is_an_error_and_no_traceback(server, store, length):
    server.routes["/a"] = server.answer(OLD, Content_Length=length, Connection="close")
    with pytest.raises(ResourceFetchError, match="resources.0.: http"):
        fetch(server.url("/a"), store)


@pytest.mark.parametrize("chunked", [True, False])
def test_an_answer_without_a_length_is_taken_to_its_end(server, store, chunked):
    server.routes["/a"] = unsized([OLD[:9000], OLD[9000:]], chunked=chunked)
    assert fetch(server.url("/a"), store).path.read_bytes() == OLD


def test_chunks_that_break_off_are_asked_for_again(server, store):
    cut = unsized([OLD[:9000]], chunked=True, whole=False)
    server.routes["/a"] = server.in_turn(cut, server.answer(OLD))
    assert fetch(server.url("/a"), store).path.read_bytes() == OLD


def test_an_old_servers_answer_that_breaks_off_is_found_by_decoding(server, store):
    server.routes["/a"] = unsized([OLD[:9000]], chunked=False)
    with pytest.raises(ResourceProcessingError, match="damaged or cut off"):
        fetch(server.url("/a"), store)


@pytest.mark.parametrize("chunked", [True, False])
def test_an_endless_answer_is_stopped_at_the_limit(server, store, chunked):
    def endless():
        yield OLD
        while not server.stopping.is_set():
            yield bytes(50_000)

    server.routes["/a"] = unsized(endless(), chunked=chunked)
    with pytest.raises(ResourceFetchError, match="larger than the 300,000 bytes allowed"):
        fetch(server.url("/a"), store, max_image_bytes=300_000)
    assert not [p for p in store.folder.glob("*/**/*") if p.is_file() and p.stat().st_size]


def test_a_head_that_comes_letter_by_letter_times_out(server, store, monkeypatch):
    monkeypatch.setattr(download, "_FAILURES", 1)

    def drip(handler):
        try:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not server.stopping.wait(0.02):
                handler.wfile.write(b"a")
                handler.wfile.flush()
        except OSError:
            pass

    server.routes["/a"] = drip
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        fetch(server.url("/a"), store, url_timeout_s=0.2)
    assert time.monotonic() - started < 10


def test_a_server_that_says_unchanged_of_what_is_not_there_is_given_up(server, store):
    server.routes["/a"] = server.answer(b"", 304)
    with pytest.raises(ResourceFetchError, match="nothing changed, but what it was is gone"):
        fetch(server.url("/a"), store)


def test_a_file_that_is_damaged_in_the_store_is_asked_for_whole(server, store):
    server.routes["/a"] = server.answer(OLD, **TAG)
    first = fetch(server.url("/a"), store).path
    first.chmod(0o644)
    first.write_bytes(NEW)
    assert fetch(server.url("/a"), Store(store.folder)).path.read_bytes() == OLD
    assert server.headers("if-none-match") == [None, None]


@pytest.mark.parametrize("told", ["seconds", "date"])
def test_a_busy_server_is_asked_again_when_it_says_so_by_either_way(server, store, told):
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=1), usegmt=True)
    busy = server.answer(b"", 429, Retry_After="0" if told == "seconds" else soon)
    server.routes["/a"] = server.in_turn(busy, server.answer(OLD))
    assert fetch(server.url("/a"), store).path.read_bytes() == OLD


def test_packed_answers_are_refused_though_the_server_insists(server, store):
    server.routes["/a"] = server.answer(gzip.compress(OLD), Content_Encoding="gzip")
    with pytest.raises(ResourceFetchError, match="compressed, though asked not to"):
        fetch(server.url("/a"), store)
    server.routes["/b"] = server.answer(gzip.compress(OLD))
    with pytest.raises(ResourceProcessingError, match="a gzip archive"):
        fetch(server.url("/b"), store)


def test_two_that_redirect_to_each_other_are_left(server, store):
    server.routes["/a"] = server.answer(b"", 302, Location="/b")
    server.routes["/b"] = server.answer(b"", 307, Location="/a")
    with pytest.raises(ResourceFetchError, match="redirects more than 5 times"):
        fetch(server.url("/a"), store)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("file:///etc/passwd", "redirects to file:.*, not http"),
        ("data:image/png;base64,AAAA", "redirects to no web address"),
        ("javascript:alert(1)", "redirects to no web address"),
        ("http://[::1", "redirects to no web address"),
        ("http://h:99999/", "redirects to port 99999, which is none"),
        ("http://h:0/", "redirects to port 0, which is none"),
        ("//[::1]:1/", "could not be fetched"),
    ],
)
def test_a_redirect_to_what_cannot_be_fetched_is_told(server, store, target, said):
    server.routes["/a"] = server.answer(b"", 302, Location=target)
    with pytest.raises(ResourceFetchError, match=said):
        fetch(server.url("/a"), store)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/a",
        "http://localhost:{port}/a",
        "http://localhost.:{port}/a",
        "http://[::1]:{port}/a",
        "http://[::ffff:127.0.0.1]:{port}/a",
        "http://[0:0:0:0:0:ffff:7f00:1]:{port}/a",
        "http://2130706433:{port}/a",
        "http://0x7f000001:{port}/a",
        "http://017700000001:{port}/a",
        "http://0177.0.0.1:{port}/a",
        "http://0x7f.1:{port}/a",
        "http://127.1:{port}/a",
        "http://0:{port}/a",
        "http://example.com@127.0.0.1:{port}/a",
        "http://example.com:80@127.0.0.1:{port}/a",
        "http://127.0.0.1:{port}#@example.com/a",
        "http://127.0.0.1:{port}?@example.com/a",
        "http://１２７.0.0.1:{port}/a",
        "http://127。0。0。1:{port}/a",
        "http://ⓛocalhost:{port}/a",
        "http://127.0.0.1%00.example.com:{port}/a",
        "http://127.0.0.1\\@example.com:{port}/a",
    ],
)
def test_this_machine_is_not_reached_however_it_is_written(server, store, url):
    with pytest.raises((ResourceFetchError, ResourceProcessingError)) as refused:
        fetch(url.format(port=server.port), store, allow_private_urls=False)
    assert not refused.value.retryable
    assert str(refused.value).startswith("resources[0]: ")
    assert server.requests == []


def test_a_redirect_to_this_machine_is_refused_too(server, store, monkeypatch):
    from filmeto_core.resources import addresses

    # The first hop stands for a public server; only the second is judged as it really is.
    real, judged = addresses.is_public, []

    def once_public(address):
        judged.append(address)
        return len(judged) == 1 or real(address)

    monkeypatch.setattr(addresses, "is_public", once_public)
    server.routes["/a"] = server.answer(b"", 302, Location=server.url("/secret"))
    server.routes["/secret"] = server.answer(OLD)
    with pytest.raises(ResourceFetchError, match="not public"):
        fetch(server.url("/a"), store, allow_private_urls=False)
    assert [path for path, _ in server.requests] == ["/a"]


@pytest.mark.parametrize("url", ["http://h:0/a", "http://h:65536/", "http://h:x/", "http://h:-1/"])
def test_a_port_that_is_none_is_refused_before_any_work(url):
    with pytest.raises(ResourceProcessingError, match=r"resources\[0\]: malformed URL"):
        check(ResourceInput(type="remote_url", data=url), settings=Settings())


def test_a_name_of_other_letters_is_asked_for_in_the_networks_form(server, store, monkeypatch):
    asked = []

    async def getaddrinfo(_loop, host, port, **_):
        asked.append(host)
        return [(2, 1, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", getaddrinfo)
    server.routes["/a"] = server.answer(OLD)
    assert fetch(f"http://bücher.example:{server.port}/a", store).path.read_bytes() == OLD
    assert asked == ["xn--bcher-kva.example"]
    assert server.headers("host") == [f"xn--bcher-kva.example:{server.port}"]
