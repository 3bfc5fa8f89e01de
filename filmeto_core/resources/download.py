"""A URL's file into the store: streamed, limited while it streams, resumed after a cut.

A file that is there already is taken again only if the server says that it has not changed; by its
URL alone it never is. What a server calls its content counts for nothing: the bytes do.
"""

import asyncio
import builtins
import hashlib
import random
import ssl
import time
from collections.abc import Callable
from typing import Any

import httpx

from filmeto_core.errors import (
    FilmetoError,
    ResourceFetchError,
    ResourceProcessingError,
    TimeoutError,
)
from filmeto_core.media_decode import abandon_decoding
from filmeto_core.resources.addresses import CheckedTransport
from filmeto_core.resources.durable import read_json, store_errors, write_json
from filmeto_core.resources.http_answer import Part, is_of, part_of, retry_after_s, validator_of
from filmeto_core.resources.incoming import Incoming, Partial
from filmeto_core.resources.proxies import Proxies
from filmeto_core.resources.store import Store, Stored
from filmeto_core.settings import MIB, Settings, proxy_environment
from filmeto_core.signature import HEAD_BYTES
from filmeto_core.uninterrupted import uninterrupted

MAX_HOPS = 5
_FAILURES = 4  # in a row without a byte; what comes after is the caller's retry
_ATTEMPTS = 30  # in all, however far each got
_FIRST_WAIT_S = 0.1
_LONGEST_RETRY_AFTER_S = 10.0  # a server that asks for more gets the caller's retry
_CHECKPOINT_BYTES = 8 * MIB  # at most so much is fetched twice after a crash
_HEAD_PATIENCE = 2  # times `url_timeout_s`, from asking to the end of an answer's head
_SLOWEST_BYTES_S = 256  # less than this for `url_timeout_s` on end counts as silence


class _Retry(Exception):
    """This attempt failed with `error`; another may do, after `wait_s` if the server said so."""

    def __init__(self, error: FilmetoError, wait_s: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.wait_s = wait_s


def shown(url: httpx.URL | str) -> str:
    """A URL for messages: without its user, password and query, any of which may be secret."""
    url = httpx.URL(url)
    if not url.host:  # data:, javascript:, mailto:, of which nothing but the scheme is safe to tell
        return f"{url.scheme}:..."
    plain = url.copy_with(username=None, password=None, query=None, fragment=None)
    return f"{plain}?..." if url.query else str(plain)


class Download:
    """One download; `await run()` once.

    Args:
        url: Well-formed, http or https.
        judge: Gets the first bytes (up to `HEAD_BYTES`); returns the largest size allowed, or
            raises what is wrong with them.
        on_progress: Called with the bytes that are there and those expected (None: unknown).
    """

    def __init__(
        self,
        url: str,
        *,
        store: Store,
        settings: Settings,
        judge: Callable[[bytes], int],
        most_bytes: int,
        on_progress: Callable[[int, int | None], None] | None = None,
    ) -> None:
        self._url = httpx.URL(url)
        self._store = store
        self._settings = settings
        self._judge = judge
        self._most_bytes = most_bytes
        self._on_progress = on_progress or (lambda _done, _total: None)
        self._name = hashlib.sha256(url.encode()).hexdigest()
        self._note = store.folder / "urls" / self._name[:2] / f"{self._name}.json"
        self._known: dict[str, Any] = {}
        self._validator = ""  # of what is partly there

    async def run(self) -> Stored:
        """Fetch it.

        Raises:
            ResourceFetchError: It could not be fetched; `retryable` says whether it may be later.
            ResourceProcessingError: What came is no picture, clip or sound, or too large.
            TimeoutError: The server fell silent.
        """
        with store_errors(self._store.folder):
            self._known = read_json(self._note) or {}
        transport = CheckedTransport(
            allow_private=self._settings.allow_private_urls,
            proxies=Proxies.read(proxy_environment()),
        )
        timeout = httpx.Timeout(self._settings.url_timeout_s)
        async with httpx.AsyncClient(transport=transport, timeout=timeout) as client:
            with self._store.writer(self._name) as incoming:
                if isinstance(incoming, Partial):
                    self._validator = incoming.state.get("validator", "")
                try:
                    return await self._persist(client, incoming)
                except ResourceProcessingError as error:
                    if not error.retryable and incoming.is_open:
                        incoming.restart()  # nothing that is worth going on with
                    raise
                finally:
                    self._checkpoint(incoming)

    async def _persist(self, client: httpx.AsyncClient, incoming: Incoming) -> Stored:
        failures = 0
        for attempt in range(_ATTEMPTS):
            before = incoming.size
            try:
                return await self._attempt(client, incoming)
            except _Retry as retry:
                if not self._validator:
                    incoming.restart()
                failures = 1 if incoming.size > before else failures + 1
                if failures >= _FAILURES or attempt + 1 == _ATTEMPTS:
                    raise retry.error from retry
                backoff_s = _FIRST_WAIT_S * 2**failures * random.uniform(0.5, 1)
                await asyncio.sleep(backoff_s if retry.wait_s is None else retry.wait_s)
        raise AssertionError("the last attempt returns or raises")

    async def _attempt(self, client: httpx.AsyncClient, incoming: Incoming) -> Stored:
        try:
            response = await self._follow(client, self._headers(incoming))
            try:
                if response.status_code == 304:
                    return await self._unchanged()
                part = self._accept(response, incoming)
                await self._receive(response, incoming, part)
            finally:
                await response.aclose()
        except httpx.TimeoutException as error:
            raise _Retry(self._silent()) from error
        except httpx.TransportError as error:
            raise self._broken(error) from error
        stored = await uninterrupted(self._commit, incoming, hurry=abandon_decoding)
        self._remember(response, stored)
        return stored

    def _commit(self, incoming: Incoming) -> Stored:
        return self._store.commit(incoming, name=shown(self._url))

    def _headers(self, incoming: Incoming) -> dict[str, str]:
        # Compressed, its size would be unknown, and a small answer could be a huge file.
        headers = {"Accept-Encoding": "identity", "User-Agent": "filmeto", "Accept": "*/*"}
        if incoming.size:
            return headers | {"Range": f"bytes={incoming.size}-", "If-Range": self._validator}
        if self._known and self._store.verify(self._known.get("digest", "")):
            if etag := self._known.get("etag"):
                headers["If-None-Match"] = etag
            elif modified := self._known.get("modified"):
                headers["If-Modified-Since"] = modified
        return headers

    async def _follow(self, client: httpx.AsyncClient, headers: dict[str, str]) -> httpx.Response:
        url = self._url
        for _ in range(MAX_HOPS + 1):
            request = client.build_request("GET", url, headers=headers)
            # The client's own limit is for each piece: a head that comes letter by letter meets it.
            try:
                async with asyncio.timeout(self._settings.url_timeout_s * _HEAD_PATIENCE):
                    response = await client.send(request, stream=True)
            except builtins.TimeoutError as error:
                raise _Retry(self._silent()) from error
            except httpx.InvalidURL as error:  # of a redirect, which the client reads before we do
                raise self._failed("redirects to no web address", retryable=False) from error
            if not response.has_redirect_location:
                return response
            await response.aclose()
            try:
                url = url.join(response.headers["location"])
            except httpx.InvalidURL as error:
                raise self._failed("redirects to no web address", retryable=False) from error
            if url.scheme not in ("http", "https") or not url.host:
                raise self._failed(f"redirects to {shown(url)}, not http(s)", retryable=False)
            if url.port is not None and not 0 < url.port < 65536:
                raise self._failed(f"redirects to port {url.port}, which is none", retryable=False)
        raise self._failed(f"redirects more than {MAX_HOPS} times", retryable=False)

    async def _unchanged(self) -> Stored:
        stored = await uninterrupted(
            self._store.get, self._known.get("digest", ""), hurry=abandon_decoding
        )
        if stored is None:
            self._known = {}
            raise _Retry(self._failed("says that nothing changed, but what it was is gone"), 0)
        return stored

    def _accept(self, response: httpx.Response, incoming: Incoming) -> Part:
        """What the answer brings, by its head; or raise what is wrong with it."""
        status = response.status_code
        part = part_of(response) if status in (200, 206) else None
        if status == 206 and incoming.size:
            fits = part is not None and part.start == incoming.size
            if not fits or not is_of(response, self._validator):
                incoming.restart()
                raise _Retry(self._failed("answers with another part than it was asked for"), 0)
        elif status == 200:
            incoming.restart()
        elif status == 416:
            incoming.restart()
            raise _Retry(self._failed("has less than it had before"), 0)
        else:
            raise self._refused(response)
        if response.headers.get("content-encoding", "identity") not in ("identity", ""):
            raise self._failed("answers compressed, though asked not to", retryable=False)
        if status == 200 or not self._validator:
            self._validator = validator_of(response)
        return part

    async def _receive(self, response: httpx.Response, incoming: Incoming, part: Part) -> None:
        total = part.total
        if total is None and part.size_bytes is not None:
            total = incoming.size + part.size_bytes
        limit = self._most_bytes
        judged = False
        window, since = incoming.size, time.monotonic()
        synced = incoming.size
        self._check_size(total or 0, limit)
        async for piece in response.aiter_raw():
            incoming.write(piece)
            if not judged and incoming.size >= HEAD_BYTES:
                limit, judged = self._judge(incoming.head(HEAD_BYTES)), True
                self._check_size(total or 0, limit)
            self._check_size(incoming.size, limit)
            self._on_progress(incoming.size, total)
            if incoming.size - synced >= _CHECKPOINT_BYTES:
                await uninterrupted(self._checkpoint, incoming)
                synced = incoming.size
            if time.monotonic() - since > self._settings.url_timeout_s:
                if incoming.size - window < _SLOWEST_BYTES_S * self._settings.url_timeout_s:
                    raise _Retry(self._silent())
                window, since = incoming.size, time.monotonic()
        if total is not None and incoming.size < total:
            raise _Retry(self._failed(f"sent {incoming.size:,} of {total:,} bytes"))
        self._judge(incoming.head(HEAD_BYTES))

    def _check_size(self, size: int, limit: int) -> None:
        if size > limit:
            raise self._failed(
                f"is larger than the {limit:,} bytes allowed",
                retryable=False,
                hint="Use a smaller file, or raise FILMETO_MAX_IMAGE_BYTES, _VIDEO_ or _AUDIO_.",
            )

    def _checkpoint(self, incoming: Incoming) -> None:
        if isinstance(incoming, Partial) and incoming.is_open and incoming.size and self._validator:
            incoming.checkpoint({"validator": self._validator})

    def _remember(self, response: httpx.Response, stored: Stored) -> None:
        etag, modified = (response.headers.get(n) for n in ("etag", "last-modified"))
        if etag or modified:
            note = {"etag": etag, "modified": modified, "digest": stored.digest}
            with store_errors(self._store.folder):
                write_json(self._note, note, incoming=self._store.folder / "incoming")

    def _refused(self, response: httpx.Response) -> Exception:
        status = response.status_code
        hints = {
            401: "It asks for credentials: use a URL that needs none.",
            403: "It does not allow this: use another URL.",
            404: "Check the URL.",
            407: "Put the proxy's user and password into HTTP_PROXY.",
            410: "It was taken away: use another URL.",
        }
        passing = status in (408, 425, 429) or status >= 500
        hint = hints.get(status, "Try again later." if passing else "Check the URL.")
        what = f"answered {status} {response.reason_phrase}".rstrip()
        error = self._failed(what, retryable=passing, hint=hint, status=status)
        if not passing:
            return error
        wait_s = retry_after_s(response)
        if wait_s is not None and wait_s > _LONGEST_RETRY_AFTER_S:
            return error.with_details(retry_after_s=wait_s)
        return _Retry(error, wait_s)

    def _broken(self, error: httpx.TransportError) -> Exception:
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, ssl.SSLCertVerificationError):
                what = f"has a certificate that is not trusted ({cause.verify_message})"
                hint = "Use another URL, or add its authority with SSL_CERT_FILE."
                return self._failed(what, retryable=False, hint=hint)
            cause = cause.__cause__ or cause.__context__
        why = str(error) or type(error).__name__
        if "location header" in why:
            return self._failed("redirects to no web address", retryable=False)
        return _Retry(self._failed(f"could not be fetched ({why})", hint="Try again later."))

    def _silent(self) -> TimeoutError:
        return TimeoutError(
            f"{shown(self._url)} sent next to nothing for {self._settings.url_timeout_s:g} s.",
            hint="Try again later, or raise FILMETO_URL_TIMEOUT_S.",
            url=shown(self._url),
        )

    def _failed(
        self, what: str, *, retryable: bool | None = None, hint: str = "", **details: Any
    ) -> ResourceFetchError:
        hint = hint or "Use another URL, or fetch the file and give its path."
        message = f"{shown(self._url)} {what}."
        details["url"] = shown(self._url)
        return ResourceFetchError(message, hint=hint, retryable=retryable, **details)
