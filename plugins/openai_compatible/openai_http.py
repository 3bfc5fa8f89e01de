"""Requests to the server: which may be made twice, and what is known when an answer is lost."""

import json
import logging
import queue
import threading
import time

import httpx
import openai_settings as settings
from filmeto_plugin import Cancelled, PluginError, SubmissionUnknown
from openai_errors import IN_DOUBT, plainly, retry_after_s, told_error
from openai_price import Price

CONNECT_S = 15.0
LOOK_UP_S = 60.0  # the longest silence of what is no order
LOOK_S = 0.1  # how soon a cancel is seen while an answer is waited for
TRIES = 5  # of what is harmless to ask again
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 20.0
LARGEST_BYTES = 1024**3  # of an answer: a long clip
# The request was not sent whole, so that no server has worked on it.
_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.WriteError,
    httpx.WriteTimeout,
    httpx.ProxyError,
)
logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs addresses, which may be signed


class Server:
    """The user's server, for one call; its connections are closed with it.

    Args:
        call: Whose requests these are.
    """

    def __init__(self, call):
        limits = httpx.Timeout(settings.timeout_s(), connect=CONNECT_S)
        self._look_up = httpx.Timeout(min(LOOK_UP_S, settings.timeout_s()), connect=CONNECT_S)
        self.call, self.price = call, Price(call.tool)
        self._base, self._client = settings.base_url(), httpx.Client(timeout=limits)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._client.close()

    def order(self, path, doing, **request):
        """The answer, read whole, to a POST that may cost, made once.

        Args:
            path: Such as "/images/generations".
            doing: What is waited for, in words.
            request: httpx's `json`, or `data` and `files`.

        Raises:
            PluginError: It was refused, or never sent.
            SubmissionUnknown: It was sent, the server is not free, and no answer came.
        """
        self.call.check_cancelled()
        try:
            answer = self._attended(lambda: self._read("POST", self._base + path, **request), doing)
        except _NOT_SENT as error:
            raise unreachable(error) from error
        except _Cut as error:
            raise self._lost(error) from error
        except httpx.RequestError as error:
            raise self._in_doubt(f"no answer came ({type(error).__name__})") from error
        if answer.status in IN_DOUBT and not self.price.is_free:
            raise self._in_doubt(f"a gateway answered {answer.status}")
        if not 200 <= answer.status < 300:
            raise told_error(answer.status, answer.headers, answer.body)
        return answer

    def ask(self, path):
        """(the JSON of a GET, its headers); a busy or lost server is asked again a few times."""
        answer = self._again(lambda: self._read("GET", self._base + path))
        try:
            return read_json(answer.body), answer.headers
        except ValueError as error:
            told = f"the server's answer to GET {path} cannot be read: {error}"
            raise PluginError(told, retryable=True, code="bad_answer") from error

    def download(self, url, to):
        """Fetch a file: a path of the server's own, or an address that it answered.

        A cut download is begun anew; the key goes to the server's own address only.
        """
        own = url.startswith("/") or url.startswith(f"{self._base}/")
        url = self._base + url if url.startswith("/") else url
        self._again(lambda: self._stream(url, to, own))

    def pause(self, seconds):
        """Sleep, and see a cancel."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.call.check_cancelled()
            time.sleep(min(LOOK_S, left))
        self.call.check_cancelled()

    def paid_and_lost(self, why):
        """The error for an answer that was paid for and cannot be used."""
        if self.price.is_free:
            return PluginError(why, retryable=True, code="bad_answer")
        cost = self.price.of(self.call.parameters)
        words = f"{why}. The provider has charged for it in all likelihood; making the call again is a second one"
        return PluginError(words, code="bad_answer", details={"cost": cost} if cost else {})

    def _lost(self, error):
        return self.paid_and_lost(f"the answer broke off ({type(error.__cause__).__name__})")

    def _in_doubt(self, why):
        if self.price.is_free:
            return PluginError(f"{why}; try again", retryable=True, code="unavailable")
        return SubmissionUnknown(f"the request was sent, and {why}: it may have been carried out")

    def _read(self, method, url, **request):
        if method == "GET":
            request["timeout"] = self._look_up
        with self._client.stream(method, url, headers=settings.headers(), **request) as answer:
            try:
                return Answer(answer.status_code, answer.headers, _whole(answer))
            except httpx.RequestError as error:
                if 200 <= answer.status_code < 300:
                    raise _Cut(str(error)) from error
                return Answer(answer.status_code, answer.headers, b"")

    def _stream(self, url, to, own):
        headers = settings.headers() if own else {}
        request = {"headers": headers, "timeout": self._look_up, "follow_redirects": True}
        with self._client.stream("GET", url, **request) as answer:
            if answer.status_code != 200:
                return Answer(answer.status_code, answer.headers, _whole(answer))
            with open(to, "wb") as file:
                for piece in answer.iter_bytes():
                    self.call.check_cancelled()
                    file.write(piece)
                    if file.tell() > LARGEST_BYTES:
                        raise PluginError("the file is beyond 1 GiB", code="bad_answer")
            return Answer(200, answer.headers, b"")

    def _again(self, work):
        for attempt in range(TRIES):
            self.call.check_cancelled()
            pause = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2**attempt)
            try:
                answer = work()
                if 200 <= answer.status < 300:
                    return answer
                error = told_error(answer.status, answer.headers, answer.body)
                asked = retry_after_s(answer.headers)
                pause = pause if asked is None else min(LONGEST_PAUSE_S, asked)
            except (httpx.RequestError, _Cut) as lost:
                error = unreachable(lost)
            if not error.retryable or attempt == TRIES - 1:
                raise error
            self.pause(pause)

    def _attended(self, work, doing):
        """What `work` returns, done in another thread, while a cancel is looked for here."""
        results = queue.Queue()

        def run():
            try:
                results.put((work(), None))
            except BaseException as error:  # raised again below, in the call's own thread
                results.put((None, error))

        threading.Thread(target=run, daemon=True).start()
        begun_s, told_s = time.monotonic(), 0
        while True:
            try:
                result, error = results.get(timeout=LOOK_S)
            except queue.Empty:
                waited_s = int(time.monotonic() - begun_s)
                if self.call.cancelled:
                    self._client.close()
                    raise Cancelled(self.call.task_id) from None
                if waited_s > told_s:
                    told_s = waited_s
                    self.call.progress(
                        10 + 70 * waited_s / (waited_s + 30), f"{doing}, {waited_s} s"
                    )
                continue
            if error is not None:
                raise error
            return result


class Answer:
    """An answer read whole: `status`, `headers`, `body` (bytes)."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body


class _Cut(Exception):
    """A success whose body broke off."""


def _whole(answer):
    body = bytearray()
    for piece in answer.iter_bytes():
        body += piece
        if len(body) > LARGEST_BYTES // 4:
            raise PluginError("the server's answer is beyond 256 MiB", code="bad_answer")
    return bytes(body)


def read_json(body):
    """The object in an answer's body.

    Raises:
        ValueError: It is none.
    """
    told = json.loads(body)
    if not isinstance(told, dict):
        raise ValueError(f"expected an object, got {type(told).__name__}")
    return told


def unreachable(error):
    """The error for a server that cannot be reached, or goes silent."""
    why = plainly(str(error)) or "no more is known"
    told = f"the server at OPENAI_BASE_URL was not reached: {type(error).__name__}, {why}"
    return PluginError(told, retryable=True, code="unreachable")
