"""Files from servers that cut, stall, redirect, lie and change their mind."""

import asyncio
import io
import socket
import threading
import time
from pathlib import Path

import odd_streams as streams
import pytest
from PIL import Image

from filmeto_core.errors import ResourceFetchError, ResourceProcessingError, TimeoutError
from filmeto_core.media_decode import Abandoned
from filmeto_core.resources import addresses, download
from filmeto_core.resources.inputs import prepare
from filmeto_core.resources.store import Store
from filmeto_core.settings import Settings
from filmeto_core.types import ResourceInput


def png(side: int = 200, shade: int = 0) -> bytes:
    buffer = io.BytesIO()
    Image.linear_gradient("L").rotate(shade).resize((side, side)).save(buffer, "BMP")
    return buffer.getvalue()


PICTURE = png()


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch):
    monkeypatch.setattr(download, "_FIRST_WAIT_S", 0.001)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


def fetch(url: str, store: Store, *, kinds=None, on_progress=None, mime_type=None, **settings):
    resource = ResourceInput(type="remote_url", data=url, mime_type=mime_type)
    chosen = Settings(home=store.folder.parent, **{"allow_private_urls": True, **settings})
    return asyncio.run(
        prepare(resource, store=store, settings=chosen, kinds=kinds, on_progress=on_progress)
    )


def files_under(folder: Path) -> list[Path]:
    return [p for p in folder.rglob("*") if p.is_file() and p.name not in ("lock", "layout")]


def test_a_picture_is_fetched_with_progress_to_its_end(server, store):
    server.routes["/a"] = server.answer(PICTURE)
    seen = []
    prepared = fetch(server.url("/a"), store, on_progress=lambda *step: seen.append(step))
    assert prepared.path.read_bytes() == PICTURE
    assert prepared.path.suffix == ".bmp"
    assert seen[-1] == (len(PICTURE), len(PICTURE))
    assert seen == sorted(seen)


def test_a_cut_download_goes_on_where_it_was_cut(server, store):
    server.routes["/a"] = server.serve_ranges(PICTURE, cut_after=[20_000, 9_000], ETag='"v1"')
    assert fetch(server.url("/a"), store).path.read_bytes() == PICTURE
    assert server.headers("range") == [None, "bytes=20000-", "bytes=29000-"]
    assert server.headers("if-range") == [None, '"v1"', '"v1"']


def test_a_cut_download_goes_on_in_a_later_run(server, store):
    cuts = [20_000, 0, 0, 0]
    server.routes["/a"] = server.serve_ranges(PICTURE, cut_after=cuts, ETag='"v1"')
    with pytest.raises(ResourceFetchError) as failed:
        fetch(server.url("/a"), store)
    assert failed.value.retryable
    later = Store(store.folder)
    assert fetch(server.url("/a"), later).path.read_bytes() == PICTURE
    assert server.headers("range")[-1] == "bytes=20000-"
    assert files_under(store.folder / "partial") == []


def test_a_file_that_changed_between_two_parts_is_fetched_anew(server, store):
    new = png(shade=30)
    server.routes["/a"] = server.in_turn(
        server.serve_ranges(PICTURE, cut_after=[20_000], ETag='"v1"'),
        server.serve_ranges(new, cut_after=[], ETag='"v2"'),
    )
    assert fetch(server.url("/a"), store).path.read_bytes() == new


def test_without_a_validator_a_cut_download_begins_again(server, store):
    server.routes["/a"] = server.serve_ranges(PICTURE, cut_after=[20_000])
    assert fetch(server.url("/a"), store).path.read_bytes() == PICTURE
    assert server.headers("range") == [None, None]


def test_a_server_that_always_cuts_is_given_up(server, store):
    server.routes["/a"] = server.serve_ranges(PICTURE, cut_after=[5_000] * 99)
    with pytest.raises(ResourceFetchError, match="could not be fetched") as failed:
        fetch(server.url("/a"), store)
    assert failed.value.retryable
    assert len(server.requests) == 4


def test_a_server_that_sends_another_part_than_asked_is_asked_for_all(server, store):
    wrong = server.answer(PICTURE[:100], 206, Content_Range=f"bytes 0-99/{len(PICTURE)}")
    server.routes["/a"] = server.in_turn(
        server.serve_ranges(PICTURE, cut_after=[20_000], ETag='"v1"'), wrong, server.answer(PICTURE)
    )
    assert fetch(server.url("/a"), store).path.read_bytes() == PICTURE


def test_a_part_that_is_no_longer_there_is_fetched_anew(server, store):
    server.routes["/a"] = server.in_turn(
        server.serve_ranges(PICTURE, cut_after=[20_000], ETag='"v1"'),
        server.answer(b"", 416),
        server.answer(PICTURE),
    )
    assert fetch(server.url("/a"), store).path.read_bytes() == PICTURE


@pytest.mark.parametrize(
    ("headers", "asked"),
    [
        ({"ETag": 'W/"v1"'}, "if-none-match"),
        ({"Last_Modified": "Wed, 21 Oct 2015 07:28:00 GMT"}, "if-modified-since"),
    ],
)
def test_an_unchanged_file_is_not_sent_again(server, store, headers, asked):
    server.routes["/a"] = server.in_turn(server.answer(PICTURE, **headers), server.answer(b"", 304))
    first = fetch(server.url("/a"), store)
    assert fetch(server.url("/a"), Store(store.folder)) == first
    assert server.headers(asked)[-1] == next(iter(headers.values()))


def test_a_changed_file_is_fetched_and_a_url_alone_is_never_trusted(server, store):
    new = png(shade=30)
    server.routes["/a"] = server.in_turn(
        server.answer(PICTURE), server.answer(new), server.answer(PICTURE, ETag='"3"')
    )
    digests = [fetch(server.url("/a"), store).digest for _ in range(3)]
    assert digests[0] == digests[2] != digests[1]


def test_a_file_lost_from_the_store_is_asked_for_whole(server, store):
    server.routes["/a"] = server.answer(PICTURE, ETag='"v1"')
    fetch(server.url("/a"), store).path.unlink()
    assert fetch(server.url("/a"), store).path.read_bytes() == PICTURE
    assert server.headers("if-none-match") == [None, None]


@pytest.mark.parametrize(
    ("status", "retryable", "requests"),
    [(404, False, 1), (403, False, 1), (410, False, 1), (400, False, 1), (500, True, 4)],
)
def test_a_refusal_says_the_status_and_whether_to_try_again(
    server, store, status, retryable, requests
):
    server.routes["/a"] = server.answer(b"", status)
    with pytest.raises(
        ResourceFetchError, match=f"resources.0.: http.*answered {status}"
    ) as failed:
        fetch(server.url("/a"), store)
    assert failed.value.retryable is retryable
    assert failed.value.details["field"] == "resources[0]"
    assert len(server.requests) == requests


def test_a_busy_server_is_asked_again_when_it_says(server, store):
    server.routes["/a"] = server.in_turn(
        server.answer(b"", 429, Retry_After="0"), server.answer(PICTURE)
    )
    assert fetch(server.url("/a"), store).path.read_bytes() == PICTURE


def test_a_server_that_is_busy_for_long_is_left_to_the_caller(server, store):
    server.routes["/a"] = server.answer(b"", 503, Retry_After="3600")
    with pytest.raises(ResourceFetchError) as failed:
        fetch(server.url("/a"), store)
    assert (failed.value.retryable, failed.value.details["retry_after_s"]) == (True, 3600)
    assert len(server.requests) == 1


def test_redirects_are_followed_but_not_for_ever(server, store):
    server.routes["/a"] = server.answer(b"", 302, Location="/b?x=1")
    server.routes["/b"] = server.answer(PICTURE)
    assert fetch(server.url("/a"), store).path.read_bytes() == PICTURE
    server.routes["/loop"] = server.answer(b"", 301, Location="/loop")
    with pytest.raises(ResourceFetchError, match="redirects more than 5 times"):
        fetch(server.url("/loop"), store)


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://h/a"])
def test_a_redirect_to_what_is_no_web_address_is_refused(server, store, target):
    server.routes["/a"] = server.answer(b"", 302, Location=target)
    with pytest.raises(ResourceFetchError, match="redirects to") as failed:
        fetch(server.url("/a"), store)
    assert not failed.value.retryable


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.0.0.1", "[::1]", "0.0.0.0"]
)
def test_a_private_address_is_refused_however_it_is_written(server, store, host):
    with pytest.raises(ResourceFetchError, match="not public.*FILMETO_ALLOW_PRIVATE") as failed:
        fetch(server.url("/a", host), store, allow_private_urls=False)
    assert not failed.value.retryable
    assert server.requests == []


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
def test_no_address_of_a_special_range_is_public(address):
    assert not addresses.is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111", "64:ff9b::5db8:d822"])
def test_the_open_internet_is_public(address):
    assert addresses.is_public(address)


def resolve_as(monkeypatch, answers: dict[str, list[str]]) -> list[str]:
    """Let names resolve as told; gives the list of names asked for."""
    asked = []

    async def getaddrinfo(_loop, host, port, **_):
        asked.append(host)
        turns = answers[host]
        address = turns.pop(0) if len(turns) > 1 else turns[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", getaddrinfo)
    return asked


def test_every_hop_is_checked_after_resolution(server, store, monkeypatch):
    public = ["127.0.0.1"]  # stands for a public address: is_public is told so below
    resolve_as(monkeypatch, {"good.example": public, "evil.example": ["169.254.169.254"]})
    monkeypatch.setattr(addresses, "is_public", lambda address: address == "127.0.0.1")
    server.routes["/a"] = server.answer(b"", 302, Location="http://evil.example/latest/meta-data")
    with pytest.raises(ResourceFetchError, match="evil.example is at 169.254.169.254"):
        fetch(server.url("/a", "good.example"), store, allow_private_urls=False)
    assert server.headers("host") == [f"good.example:{server.port}"]


def test_a_name_is_resolved_once_so_that_rebinding_gains_nothing(server, store, monkeypatch):
    asked = resolve_as(monkeypatch, {"rebind.example": ["127.0.0.1", "169.254.169.254"]})
    monkeypatch.setattr(addresses, "is_public", lambda address: address == "127.0.0.1")
    server.routes["/a"] = server.answer(PICTURE)
    fetch(server.url("/a", "rebind.example"), store, allow_private_urls=False)
    assert asked == ["rebind.example"]


def test_an_unknown_host_is_said_to_be_unknown(store, monkeypatch):
    async def getaddrinfo(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", getaddrinfo)
    with pytest.raises(ResourceFetchError, match="nowhere.example cannot be found") as failed:
        fetch("http://nowhere.example/a.png", store)
    assert not failed.value.retryable


def test_a_port_where_nobody_listens_may_answer_later(store):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/a"
        with pytest.raises(ResourceFetchError, match="could not be fetched") as failed:
            fetch(url, store)
    assert failed.value.retryable


def test_a_server_that_falls_silent_times_out(server, store, monkeypatch):
    monkeypatch.setattr(download, "_FAILURES", 1)

    def stall(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        handler.wfile.write(PICTURE[:5000])
        handler.wfile.flush()
        server.stopping.wait(5)

    server.routes["/a"] = stall
    with pytest.raises(TimeoutError, match="next to nothing for 0.1 s") as failed:
        fetch(server.url("/a"), store, url_timeout_s=0.1)
    assert failed.value.retryable


def test_a_server_that_only_trickles_times_out_too(server, store, monkeypatch):
    monkeypatch.setattr(download, "_FAILURES", 1)

    def trickle(handler):
        handler.send_response(200)
        handler.end_headers()
        for i in range(len(PICTURE)):
            handler.wfile.write(PICTURE[i : i + 1])
            if server.stopping.wait(0.02):
                return

    server.routes["/a"] = trickle
    start = time.monotonic()
    with pytest.raises(TimeoutError):
        fetch(server.url("/a"), store, url_timeout_s=0.3)
    assert time.monotonic() - start < 10
    server.stopping.set()


def test_a_page_instead_of_a_picture_is_refused_after_its_first_bytes(server, store):
    page = b"<!doctype html><title>Log in</title>" + b" " * 3_000_000
    server.routes["/a"] = server.answer(page, Content_Type="image/png")
    with pytest.raises(ResourceProcessingError, match="it holds a web page"):
        fetch(server.url("/a"), store)
    assert files_under(store.folder) == [] or all(
        p.stat().st_size == 0 for p in files_under(store.folder)
    )


def test_an_answer_without_content_is_refused(server, store):
    server.routes["/a"] = server.answer(b"")
    with pytest.raises(ResourceProcessingError, match="is empty"):
        fetch(server.url("/a"), store)


@pytest.mark.parametrize("told", [True, False])
def test_a_file_over_the_limit_is_stopped_told_or_not(server, store, told):
    def unsized(handler):
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for at in range(0, len(PICTURE), 4096):
            piece = PICTURE[at : at + 4096]
            handler.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        handler.wfile.write(b"0\r\n\r\n")

    server.routes["/a"] = server.answer(PICTURE) if told else unsized
    assert fetch(server.url("/a"), store).path.read_bytes() == PICTURE
    with pytest.raises(ResourceFetchError, match="larger than the 30,000 bytes allowed"):
        fetch(server.url("/a"), store, max_image_bytes=30_000)


def test_a_compressed_answer_is_refused(server, store):
    server.routes["/a"] = server.answer(PICTURE, Content_Encoding="gzip")
    with pytest.raises(ResourceFetchError, match="compressed"):
        fetch(server.url("/a"), store)
    assert server.headers("accept-encoding") == ["identity"]


def test_a_damaged_file_is_refused_and_not_gone_on_with(server, store):
    server.routes["/a"] = server.in_turn(
        server.answer(PICTURE[:-9000], ETag='"v1"'), server.answer(PICTURE)
    )
    with pytest.raises(ResourceProcessingError, match="127.0.0.1.*damaged"):
        fetch(server.url("/a"), store)
    assert fetch(server.url("/a"), store).path.read_bytes() == PICTURE
    assert server.headers("range") == [None, None]


def test_another_kind_than_wanted_is_refused(server, store):
    server.routes["/a"] = server.answer(PICTURE)
    with pytest.raises(ResourceProcessingError, match="expected a sound, but http.* is a picture"):
        fetch(server.url("/a"), store, kinds={"audio"})


def test_a_secret_in_a_url_is_not_told(server, store):
    url = f"http://user:hunter2@127.0.0.1:{server.port}/a?token=hunter2"
    with pytest.raises(ResourceFetchError) as failed:
        fetch(url, store)
    assert "hunter2" not in str(failed.value) + str(failed.value.to_dict())
    assert "/a?..." in str(failed.value)


def test_a_cancelled_download_leaves_no_lock_and_goes_on_later(server, store):
    started = asyncio.Event()

    def slow(handler):
        handler.send_response(200)
        handler.send_header("ETag", '"v1"')
        handler.send_header("Content-Length", str(len(PICTURE)))
        handler.end_headers()
        handler.wfile.write(PICTURE[:20_000])
        handler.wfile.flush()
        server.stopping.wait(5)

    async def scene():
        resource = ResourceInput(type="remote_url", data=server.url("/a"))
        settings = Settings(home=store.folder.parent, allow_private_urls=True)
        there = []

        def progress(done, _total):
            there.append(done)
            if done == 20_000:
                started.set()

        task = asyncio.create_task(
            prepare(resource, store=store, settings=settings, on_progress=progress)
        )
        await asyncio.wait_for(started.wait(), 20)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    server.routes["/a"] = server.in_turn(
        slow, server.serve_ranges(PICTURE, cut_after=[], ETag='"v1"')
    )
    asyncio.run(scene())
    assert fetch(server.url("/a"), store).path.read_bytes() == PICTURE
    assert server.headers("range") == [None, "bytes=20000-"]


def test_a_cancelled_download_does_not_wait_for_a_long_clip_to_be_decoded(server, store):
    """The decoding begins when all bytes are there; it is told to end, and is waited for."""
    source = "testsrc2=s=640x360:r=24:d=20"
    streams.ffmpeg("-f", "lavfi", "-i", source, *streams.H264, store.folder.parent / "a.mp4")
    clip = (store.folder.parent / "a.mp4").read_bytes()
    server.routes["/a"] = server.answer(clip)
    settings = Settings(home=store.folder.parent, allow_private_urls=True)
    resource = ResourceInput(type="remote_url", data=server.url("/a"))
    began = threading.Event()
    decoded = []

    class Watched(Store):
        def commit(self, incoming, **options):
            began.set()
            try:
                return super().commit(incoming, **options)
            except Abandoned:
                decoded.append("abandoned")
                raise

    async def scene():
        task = asyncio.create_task(
            prepare(resource, store=Watched(store.folder), settings=settings)
        )
        assert await asyncio.to_thread(began.wait, 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scene())
    assert decoded == ["abandoned"]
    assert not list((store.folder / "objects").rglob("*.mp4"))


def test_two_downloads_of_one_url_at_once_both_end_well(server, store):
    server.routes["/a"] = server.answer(PICTURE, ETag='"v1"')
    settings = Settings(home=store.folder.parent, allow_private_urls=True)
    resource = ResourceInput(type="remote_url", data=server.url("/a"))

    async def both():
        return await asyncio.gather(
            *(prepare(resource, store=store, settings=settings) for _ in range(5))
        )

    assert len({prepared.digest for prepared in asyncio.run(both())}) == 1
    assert files_under(store.folder / "incoming") == []
