"""The line between plugins and a provider: it sees jobs pass, and breaks where it is told to."""

import http.client
import json
import socket
import threading
import time
import urllib.error
import urllib.request

import pytest
from paid_ledger import count, entries
from paid_provider import Switches, provider_at

from filmeto_core.chaos.line import Line

WAIT_S = 20.0
PICTURE = {"prompt": "a lamp", "negative_prompt": "", "width": 64, "height": 64, "seed": 1}
BREAKS = (OSError, http.client.HTTPException)


class Client:
    """A plugin's view of a provider beyond a line."""

    def __init__(self, line, url):
        handler = urllib.request.ProxyHandler({"http": line.url, "https": line.url})
        self.line, self.url, self._open = (
            line,
            f"{url}/film/v1",
            urllib.request.build_opener(handler),
        )

    def submit(self, key="one"):
        wanted = {"tool": "text2image", "parameters": PICTURE, "inputs": []}
        request = urllib.request.Request(f"{self.url}/jobs", json.dumps(wanted).encode())
        request.add_header("Idempotency-Key", key)
        with self._open.open(request, timeout=WAIT_S) as answer:
            return json.load(answer)["id"]

    def download(self, job):
        with self._open.open(f"{self.url}/jobs/{job}/file", timeout=WAIT_S) as answer:
            return answer.read()


@pytest.fixture
def provider(tmp_path):
    with provider_at(tmp_path, Switches(slow_s=0)) as server:
        server.jobs = lambda: count(entries(tmp_path), "film").jobs
        yield server


@pytest.fixture
def line():
    with Line() as made:
        yield made


@pytest.fixture
def client(line, provider):
    return Client(line, provider.url)


def until(is_so):
    end = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_jobs_and_files_pass_unharmed_and_each_moment_is_told_once(client, line):
    moments = []
    line.listener = moments.append
    data = client.download(client.submit())
    until(lambda: len(moments) == 4)  # the last is told once it has passed, and the client goes on
    client.submit("two")
    assert data.startswith(b"\x89PNG") and data.endswith(b"IEND\xaeB`\x82")
    until(lambda: len(moments) == 6)
    told = [(moment.name, moment.number) for moment in moments]
    assert told[:2] == [("submit", 1), ("accepted", 1)]
    assert told[2:] == [("download", 1), ("collected", 1), ("submit", 2), ("accepted", 2)]
    assert line.counts == {"submit": 2, "accepted": 2, "download": 1, "collected": 1}


@pytest.mark.parametrize(("name", "jobs"), [("submit", 0), ("accepted", 1)])
def test_a_cut_at_a_moment_falls_before_or_after_the_provider_took_the_job(
    client, line, provider, name, jobs
):
    line.listener = lambda moment: line.cut(0) if moment.name == name else None
    with pytest.raises(BREAKS):
        client.submit()
    assert provider.jobs() == jobs


def test_a_cut_in_a_file_leaves_half_of_it(client, line):
    job = client.submit()
    line.listener = lambda moment: line.cut(0) if moment.name == "download" else None
    with pytest.raises(http.client.IncompleteRead) as cut:
        client.download(job)
    assert 0 < len(cut.value.partial)


def test_a_line_that_is_down_takes_nobody_until_it_is_up_again(client, line, provider):
    line.cut(0.2)
    with pytest.raises(BREAKS):
        client.submit()
    assert provider.jobs() == 0
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        try:
            assert client.submit()
            return
        except BREAKS:
            continue
    raise AssertionError("it stays down")


def test_a_refusal_passes_as_it_is(client):
    with pytest.raises(urllib.error.HTTPError) as refused:
        client.download("job-nowhere")
    with refused.value:
        assert refused.value.code == 404 and b"job-nowhere" in refused.value.read()


def test_a_tunnel_carries_both_ways_and_can_be_cut(line):
    with socket.create_server(("127.0.0.1", 0)) as far:

        def echo():
            peer, _ = far.accept()
            with peer:
                while data := peer.recv(100):
                    peer.sendall(data.upper())

        threading.Thread(target=echo, daemon=True).start()
        with socket.create_connection(line.server_address, timeout=WAIT_S) as near:
            near.sendall(f"CONNECT 127.0.0.1:{far.getsockname()[1]} HTTP/1.1\r\n\r\n".encode())
            assert near.recv(100).startswith(b"HTTP/1.1 200")
            near.sendall(b"keeper")
            assert near.recv(100) == b"KEEPER"
            line.cut(0)
            assert near.recv(100) == b""


def test_the_users_own_proxy_is_gone_through(provider, line):
    with Line(line.url.replace("http://", "http://me:secret@")) as near:
        assert near.url.startswith("http://me:secret@127.0.0.1:")
        client = Client(near, provider.url)
        assert client.download(client.submit()).startswith(b"\x89PNG")
    assert line.counts["submit"] == 1
