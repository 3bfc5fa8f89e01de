"""Downloads go through the proxy that the user set, and no further than without one."""

import asyncio
import io
import ipaddress
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from PIL import Image

from filmeto_core.errors import ResourceFetchError
from filmeto_core.resources import download
from filmeto_core.resources.inputs import prepare
from filmeto_core.resources.proxies import Proxies, figures, is_local_name
from filmeto_core.resources.store import Store
from filmeto_core.settings import Settings
from filmeto_core.types import ResourceInput

VARIABLES = [f"{name}_proxy" for name in ("http", "https", "all", "no")]


def png() -> bytes:
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((20, 10)).save(buffer, "PNG")
    return buffer.getvalue()


PICTURE = png()


class Proxy:
    """A real proxy on loopback that answers for every host itself, and notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.credentials: list[str | None] = []
        self.refusal: int | None = None
        mine = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                mine.note(self)
                if mine.refusal:
                    self.send_error(mine.refusal)
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(len(PICTURE)))
                self.end_headers()
                self.wfile.write(PICTURE)

            def do_CONNECT(self) -> None:
                mine.note(self)
                self.send_error(mine.refusal or 502)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def note(self, handler: BaseHTTPRequestHandler) -> None:
        self.asked.append(f"{handler.command} {handler.path}")
        self.credentials.append(handler.headers.get("Proxy-Authorization"))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch):
    monkeypatch.setattr(download, "_FIRST_WAIT_S", 0.001)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    running = Proxy()
    yield running
    running.stop()


@pytest.fixture
def names(monkeypatch) -> dict[str, str]:
    """What names resolve to on this machine; others to nothing."""
    known: dict[str, str] = {}

    async def getaddrinfo(_loop, host, port, **_):
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (known[host], port))]

    monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", getaddrinfo)
    return known


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


def fetch(url: str, store: Store, **settings):
    chosen = Settings(home=store.folder.parent, **{"allow_private_urls": False, **settings})
    resource = ResourceInput(type="remote_url", data=url)
    return asyncio.run(prepare(resource, store=store, settings=chosen))


def test_a_url_is_fetched_through_the_users_proxy_though_that_is_on_this_machine(
    proxy, store, names, monkeypatch
):
    monkeypatch.setenv("http_proxy", proxy.url)
    assert fetch("http://pictures.example/a.png", store).path.read_bytes() == PICTURE
    assert proxy.asked == ["GET http://pictures.example/a.png"]


def test_a_proxy_without_a_scheme_and_with_a_password_works_as_elsewhere(
    proxy, store, names, monkeypatch
):
    monkeypatch.setenv("HTTP_PROXY", f"me:secret@127.0.0.1:{proxy.port}")
    fetch("http://pictures.example/a.png", store)
    assert proxy.credentials == ["Basic bWU6c2VjcmV0"]


def test_an_https_url_is_tunnelled(proxy, store, names, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    with pytest.raises(ResourceFetchError, match=rf"The proxy {proxy.url} refuses .*502") as failed:
        fetch("https://pictures.example/a.png", store)
    assert failed.value.retryable
    assert proxy.asked == ["CONNECT pictures.example:443"]


@pytest.mark.parametrize("url", ["https://pictures.example/a", "http://pictures.example/a"])
def test_a_proxy_that_wants_a_password_is_told_without_showing_the_one_it_got(
    proxy, store, names, monkeypatch, url
):
    proxy.refusal = 407
    monkeypatch.setenv("ALL_PROXY", f"http://me:secret@127.0.0.1:{proxy.port}")
    with pytest.raises(ResourceFetchError, match="407.*password") as failed:
        fetch(url, store)
    assert not failed.value.retryable
    assert "secret" not in str(failed.value) + str(failed.value.to_dict())
    assert len(proxy.asked) == 1


def test_a_proxy_that_is_not_there_is_named(store, names, monkeypatch):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed.getsockname()[1]}")
        with pytest.raises(ResourceFetchError, match="the proxy http://127.0.0.1.* cannot be rea"):
            fetch("http://pictures.example/a.png", store)


@pytest.mark.parametrize("named", ["socks5://127.0.0.1:1080", "ftp://h", "http://", "http://[::1"])
def test_a_proxy_that_cannot_be_used_is_told_at_once(store, names, monkeypatch, named):
    monkeypatch.setenv("ALL_PROXY", named)
    with pytest.raises(ResourceFetchError, match=r"prox.*Set HTTPS_PROXY to one") as failed:
        fetch("http://pictures.example/a.png", store)
    assert not failed.value.retryable


@pytest.mark.parametrize(
    "host",
    [
        *(
            "10.0.0.1",
            "169.254.169.254",
            "[fd00::1]",
            "0xa9fea9fe",
            "2852039166",
            "0251.0xfe.43518",
        ),
        *("metadata.google.internal", "printer.local", "intranet", "nas.lan", "a.localhost"),
    ],
)
def test_a_private_address_is_not_fetched_through_a_proxy_either(
    proxy, store, names, monkeypatch, host
):
    monkeypatch.setenv("http_proxy", proxy.url)
    with pytest.raises(ResourceFetchError, match="not public.*FILMETO_ALLOW_PRIVATE_URLS"):
        fetch(f"http://{host}/a.png", store)
    assert proxy.asked == []


def test_a_name_that_means_a_private_address_here_is_not_fetched(proxy, store, names, monkeypatch):
    names["wiki.company.example"] = "10.1.2.3"
    monkeypatch.setenv("http_proxy", proxy.url)
    with pytest.raises(ResourceFetchError, match=r"wiki.company.example is at 10.1.2.3"):
        fetch("http://wiki.company.example/a.png", store)
    assert proxy.asked == []


def test_where_private_addresses_are_allowed_the_proxy_is_asked_for_them(
    proxy, store, names, monkeypatch
):
    monkeypatch.setenv("http_proxy", proxy.url)
    fetch("http://intranet/a.png", store, allow_private_urls=True)
    assert proxy.asked == ["GET http://intranet/a.png"]


def test_a_redirect_through_the_proxy_is_checked_too(proxy, store, names, monkeypatch):
    def redirecting(handler):
        proxy.note(handler)
        handler.send_response(302)
        handler.send_header("Location", "http://169.254.169.254/latest/meta-data")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    monkeypatch.setattr(proxy._server.RequestHandlerClass, "do_GET", redirecting)
    monkeypatch.setenv("http_proxy", proxy.url)
    with pytest.raises(ResourceFetchError, match="169.254.169.254, an address that is not public"):
        fetch("http://pictures.example/a.png", store)
    assert proxy.asked == ["GET http://pictures.example/a.png"]


@pytest.mark.parametrize("exempt", ["pictures.example", ".example", "*", "x, pictures.example:80"])
def test_an_exempt_host_is_asked_directly(proxy, store, names, monkeypatch, exempt):
    monkeypatch.setenv("http_proxy", proxy.url)
    monkeypatch.setenv("NO_PROXY", exempt)
    names["pictures.example"] = "10.0.0.7"
    with pytest.raises(ResourceFetchError, match="pictures.example is at 10.0.0.7"):
        fetch("http://pictures.example/a.png", store)
    assert proxy.asked == []


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "127.9.9.9"])
def test_this_machine_is_asked_directly(host):
    chosen = Proxies.read({"HTTP_PROXY": "http://p:1"})
    assert chosen.proxy_for(httpx.URL(f"http://{host}/")) is None


@pytest.mark.parametrize(
    ("exempt", "url", "direct"),
    [
        ("example.com", "http://example.com", True),
        ("example.com", "http://a.example.com", True),
        ("example.com", "http://notexample.com", False),
        ("*.example.com", "http://a.example.com", True),
        ("example.com:8080", "http://example.com:8080", True),
        ("example.com:8080", "http://example.com", False),
        ("192.168.0.0/16", "http://192.168.7.7", True),
        ("192.168.0.0/16", "http://10.0.0.1", False),
        ("[fd00::1]", "http://[fd00::1]", True),
        ("[fd00::1]:81", "http://[fd00::1]", False),
        ("fd00::/8", "http://[fd00::5]", True),
        ("10.1.1.1", "http://10.1.1.1:99", True),
        ("EXAMPLE.com", "http://Example.COM.", True),
        ("", "http://example.com", False),
        (" , ", "http://example.com", False),
        ("a b example.com", "http://example.com", True),
    ],
)
def test_exceptions_are_read_as_other_programs_read_them(exempt, url, direct):
    chosen = Proxies.read({"all_proxy": "http://p:1", "no_proxy": exempt})
    assert (chosen.proxy_for(httpx.URL(url)) is None) is direct


def test_small_letters_go_before_capitals_and_the_scheme_before_all():
    chosen = Proxies.read({"http_proxy": "a:1", "HTTP_PROXY": "b:1", "ALL_PROXY": "c:1"})
    assert str(chosen.proxy_for(httpx.URL("http://x.example"))) == "http://a:1"
    assert str(chosen.proxy_for(httpx.URL("https://x.example"))) == "http://c:1"


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("1.2.3.4", "1.2.3.4"),
        ("0x7f.1", "127.0.0.1"),
        ("017700000001", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("[::1]", "::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("example.com", None),
        ("1.2.3.4.example", None),
        ("face", None),
    ],
)
def test_figures_are_told_from_names(host, address):
    assert figures(host) == (address and ipaddress.ip_address(address))


def test_names_of_machines_nearby_are_known():
    assert is_local_name("router") and is_local_name("nas.local.") and is_local_name("x.INTERNAL")
    assert not is_local_name("example.com") and not is_local_name("local.example.com")
