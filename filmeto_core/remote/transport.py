"""Requests to one filmeto server, over http, https or its Unix socket."""

import functools
import ssl
import threading
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from filmeto_core.errors import (
    FilmetoError,
    ServerStoppingError,
    ServerUnreachableError,
    TooManyRequestsError,
)
from filmeto_core.remote.address import Address, read_address
from filmeto_core.remote.answers import error_of, unreachable
from filmeto_core.settings import proxy_environment, trace_headers

if TYPE_CHECKING:  # an HTTP client takes as long to load as much else: only who calls pays for it
    import httpx

API = "/api/v1"
CONNECT_S = 5.0
ANSWER_S = 30.0  # for an answer that is no stream
PATIENCE_S = 120.0  # how long a server that was there may be away: it is started again meanwhile
FIRST_PAUSE_S = 0.1  # between two attempts; doubled at each further one
LONGEST_PAUSE_S = 2.0
CANCEL_S = 5.0  # what telling that a task is cancelled may take
SILENCE_S = 45.0  # of a stream, whose server sends a comment every 15 s unless told otherwise

# Of a server that is away, about to end, or full: the same request may be fine a little later.
COME_AGAIN = (ServerUnreachableError, ServerStoppingError, TooManyRequestsError)

T = TypeVar("T")


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
        self.open_tasks: set[str] = set()  # paths at which those in hand are cancelled

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

    def insist(self, ask: Callable[[], T], wanted: Callable[[], bool] = lambda: True) -> T:
        """What `ask` gives, asked again while the server is away or full, as at its restart.

        Args:
            ask: Asks this server; may be called more than once.
            wanted: Whether anybody still waits for it.

        Raises:
            FilmetoError: As `ask`; of a server that does not come back, after PATIENCE_S.
        """
        until, pause_s = time.monotonic() + PATIENCE_S, FIRST_PAUSE_S
        while True:
            try:
                return ask()
            except COME_AGAIN as error:
                pause_s = max(pause_s, error.details.get("retry_after_s") or 0)
                if not self.answered or not wanted() or time.monotonic() + pause_s > until:
                    raise
            time.sleep(pause_s)
            pause_s = min(LONGEST_PAUSE_S, 2 * pause_s)

    def client(self) -> "httpx.AsyncClient":
        """A client for the running event loop, to be closed by whoever asked for it."""
        import httpx

        return httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(**self._route), **self._options)

    def close(self) -> None:
        """Cancel what is in hand, and close what is open; a later request opens it again."""
        telling = [threading.Thread(target=self._cancel, args=[p]) for p in list(self.open_tasks)]
        for thread in telling:
            thread.daemon = True  # the process may be about to end
            thread.start()
        for thread in telling:
            thread.join(CANCEL_S)
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _cancel(self, path: str) -> None:
        with suppress(FilmetoError):
            self.ask("POST", path.removeprefix(API), timeout=CANCEL_S)
        self.open_tasks.discard(path)

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
