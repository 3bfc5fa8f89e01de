"""Requests to a provider: which may be made twice, and what is known when an answer is lost."""

import json
import logging
import queue
import threading
import time

import httpx
from filmeto_plugin import Cancelled, PluginError, SubmissionUnknown
from queue_errors import IN_DOUBT, Words

TIMEOUT_S, CONNECT_S = 60.0, 15.0  # of silence, and to connect
LOOK_S = 0.05  # how soon a cancel is seen
TRIES = 6  # of what is harmless to ask again
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 20.0
LARGEST_JSON_BYTES = 64 * 1024**2  # results may hold a small file as text
# The request was not sent whole, so that no server has worked on it.
NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.WriteError,
    httpx.WriteTimeout,
    httpx.ProxyError,
)
logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs addresses, which may be signed


class Line:
    """The connection to a provider, for one call; it is closed with it.

    Args:
        call: Whose requests these are.
        provider: Whom they go to.
    """

    def __init__(self, call, provider):
        self.call, self.provider, self.words = call, provider, Words(provider)
        self._headers = provider.filled_headers()
        self._client = httpx.Client(timeout=httpx.Timeout(TIMEOUT_S, connect=CONNECT_S))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._client.close()

    def submit(self, url, body, key_header):
        """The JSON of the answer to a job that is sent, which costs.

        With an idempotency key a lost answer is asked for again, for a while; without, the request
        is made once.

        Raises:
            PluginError: It was refused, or never sent.
            SubmissionUnknown: It was sent, and no answer came.
        """
        key = self.call.idempotency_key if key_header else None
        doubt = None
        for attempt in range(TRIES if key else 1):
            if doubt is not None:
                self.pause(min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2**attempt))
            try:
                return self._submitted(url, body, {key_header: key} if key else {})
            except _Doubt as error:
                doubt = doubt or error
            except PluginError:
                if doubt is None:
                    raise
        told = f"the job was sent to {self.provider.name}, and {doubt}: it may be there"
        raise SubmissionUnknown(told) from doubt

    def ask(self, url):
        """(the JSON, the headers) of a GET; a busy or lost provider is asked again a few times."""

        def once():
            status, headers, body = self.send("GET", url)
            if not 200 <= status < 300:
                raise self.words.of_answer(status, headers, body)
            return _object(body), headers

        return self.again(once)

    def again(self, work):
        """What `work` returns, tried again on what may pass by itself."""
        for attempt in range(TRIES):
            self.call.check_cancelled()
            try:
                return work()
            except (httpx.RequestError, _NoJson) as lost:
                error = self.unreachable(lost)
            except PluginError as told:
                error = told
            if not error.retryable or attempt == TRIES - 1:
                raise error
            pause_s = error.details.get("retry_after_s", FIRST_PAUSE_S * 2**attempt)
            self.pause(min(LONGEST_PAUSE_S, pause_s))

    def send(self, method, url, timeout_s=None, **request):
        """(status, headers, body) of one request, read whole."""
        if timeout_s is not None:
            request["timeout"] = timeout_s
        headers = {**self.headers_for(url), **request.pop("headers", {})}
        with self._client.stream(method, url, headers=headers, **request) as answer:
            body = bytearray()
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > LARGEST_JSON_BYTES:
                    raise PluginError("the provider's answer is beyond 64 MiB", code="bad_answer")
            return answer.status_code, answer.headers, bytes(body)

    def stream(self, url, headers):
        """A streamed GET that follows redirects; to be entered by `with`."""
        headers = {**self.headers_for(url), **headers}
        return self._client.stream("GET", url, headers=headers, follow_redirects=True)

    def headers_for(self, url):
        """The provider's headers for its own address; none for any other, which gets no key."""
        own = self.provider.base_url
        return self._headers if url == own or url.startswith((f"{own}/", f"{own}?")) else {}

    def pause(self, seconds, is_over=lambda: False):
        """Sleep until it is over, and see a cancel."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and not is_over():
            self.call.check_cancelled()
            time.sleep(min(LOOK_S, left))
        self.call.check_cancelled()

    def unreachable(self, error):
        """The error for a provider that cannot be reached, or goes silent."""
        why = self.words.plain(str(error)) or "no more is known"
        told = f"{self.provider.name} was not reached: {type(error).__name__}, {why}"
        return PluginError(told, retryable=True, code="unreachable")

    def _submitted(self, url, body, more):
        self.call.check_cancelled()
        try:
            status, headers, answer = self._attended(
                lambda: self.send("POST", url, json=body, headers=more)
            )
        except NOT_SENT as error:
            raise self.unreachable(error) from error
        except httpx.RequestError as error:
            raise _Doubt(f"no answer came ({type(error).__name__})") from error
        if status in IN_DOUBT:
            raise _Doubt(f"a gateway answered {status}")
        if not 200 <= status < 300:
            raise self.words.of_answer(status, headers, answer)
        try:
            return _object(answer)
        except _NoJson as error:
            raise _Doubt(f"its answer is no JSON object ({answer[:40]!r})") from error

    def _attended(self, work):
        """What `work` returns, done in another thread, while a cancel is looked for here."""
        results = queue.Queue()

        def run():
            try:
                results.put((work(), None))
            except BaseException as error:  # raised again below, in the call's own thread
                results.put((None, error))

        threading.Thread(target=run, daemon=True).start()
        while True:
            try:
                result, error = results.get(timeout=LOOK_S)
            except queue.Empty:
                if self.call.cancelled:
                    self._client.close()
                    raise Cancelled(self.call.task_id) from None
                continue
            if error is not None:
                raise error
            return result


class _Doubt(Exception):
    """The job may have been taken."""


class _NoJson(Exception):
    """An answer that is no JSON object."""


def _object(body):
    try:
        told = json.loads(body)
    except ValueError as error:
        raise _NoJson(str(error)) from error
    if not isinstance(told, dict):
        raise _NoJson(f"expected an object, got {type(told).__name__}")
    return told
