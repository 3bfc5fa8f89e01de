"""Requests to one filmeto server, over http, https or its Unix socket."""

import functools
import ssl
import threading
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from filmeto_core.remote.address import Address, read_address
from filmeto_core.remote.answers import error_of, unreachable
from filmeto_core.settings import proxy_environment, trace_headers

if TYPE_CHECKING:  # an HTTP client takes as long to load as much else: only who calls pays for it
    import httpx

API = "/api/v1"
CONNECT_S = 5.0
ANSWER_S = 30.0  # for an answer that is no stream
SILENCE_S = 45.0  # of a stream, whose server sends a comment every 15 s unless told otherwise


class Connection:
    """A server, and how it is asked; from any thread and any event loop.

    Args:
        url: Its address, see `read_address`.
        key: For a server that asks for one.
        field: What errors call the address.

    Raises:
        ValidationError: The address is none.
    """

    def __init__(self, url: str, key: str = "", field: str = "FILMETO_API_URL") -> None:
        self.address: Address = read_address(url, field)
        self._key = key
        self._lock = threading.Lock()
        self._client: httpx.Client | None = None
        self.answered = False  # whether it ever did

    def get(self, path: str, **options: Any) -> "httpx.Response":
        """As `ask`, with GET."""
        return self.ask("GET", path, **options)

    def ask(
        self, method: str, path: str, *, also: Collection[int] = (), **options: Any
    ) -> "httpx.Response":
        """One request, and its answer; blocks.

        Args:
            path: Below /api/v1.
            also: Statuses that are as good as those of success.

        Raises:
            ServerUnreachableError: Nothing answers.
            FilmetoError: What the server says is wrong.
        """
        import httpx

        try:
            with self._lock:
                if self._client is None:
                    self._client = httpx.Client(
                        transport=httpx.HTTPTransport(**self._route), **self._options
                    )
            answer = self._client.request(method, f"{API}{path}", **options)
        except httpx.TransportError as error:
            raise unreachable(self.address, error) from error
        self.answered = True
        if answer.status_code >= 400 and answer.status_code not in also:
            raise error_of(answer, self.address)
        return answer

    def client(self) -> "httpx.AsyncClient":
        """A client for the running event loop, to be closed by whoever asked for it."""
        import httpx

        return httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(**self._route), **self._options)

    def close(self) -> None:
        """Close what is open; a later request opens it again."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    @property
    def _options(self) -> dict[str, Any]:
        import httpx

        return {
            "base_url": self.address.url,
            "headers": self._headers,
            "timeout": httpx.Timeout(ANSWER_S, connect=CONNECT_S),
            "trust_env": False,
        }

    @property
    def _headers(self) -> Mapping[str, str]:
        key = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        return key | trace_headers()

    @functools.cached_property
    def _route(self) -> dict[str, Any]:
        """How the transport gets there: its socket, whom it trusts, which proxy stands between."""
        import httpx

        from filmeto_core.resources.proxies import Proxies

        if self.address.socket is not None:
            return {"verify": False, "uds": str(self.address.socket)}
        url = httpx.URL(self.address.url)
        verify = ssl.create_default_context() if url.scheme == "https" else False
        return {"verify": verify, "proxy": Proxies.read(proxy_environment()).proxy_for(url)}
