"""HTTP with the provider: what it refuses, what is lost on the way, and a second try for both."""

import http.client
import json
import os
import time
import urllib.error
import urllib.request

TRIES = 6
PAUSE_S = 0.05  # before the second try; doubled at each further one
LONGEST_PAUSE_S = 2.0
TIMEOUT_S = 10.0
PIECE_BYTES = 64 * 1024


class Refused(Exception):
    """An answer that is no success; `status` is HTTP's."""

    def __init__(self, status, message):
        super().__init__(f"{status}: {message}")
        self.status = status


class Lost(Exception):
    """No answer; `was_sent` unless the connection was never there."""

    def __init__(self, error):
        super().__init__(f"{type(error).__name__}: {error}")
        reason = getattr(error, "reason", error)
        self.was_sent = not isinstance(reason, ConnectionRefusedError)


def ask(method, path, body=None, headers=None):
    """The answer's JSON. A busy provider is asked again; a lost connection only about what is
    harmless to ask twice.

    Raises: Refused, Lost.
    """
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", **(headers or {})}
    for attempt in range(TRIES):
        last = attempt == TRIES - 1
        try:
            with _open(urllib.request.Request(_url(path), data, headers, method=method)) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            if last or (error.code != 429 and error.code < 500):
                raise _refused(error) from None
            _pause(attempt, error.headers.get("Retry-After"))
            error.close()
        except (OSError, http.client.HTTPException, ValueError) as error:
            if last or method != "GET":
                raise Lost(error) from error
            _pause(attempt)


def fetch(path, to, check):
    """Download into a file; a cut one is gone on with where it broke.

    Raises: Refused, Lost.
    """
    with open(to, "wb") as file:
        for attempt in range(TRIES):
            check()
            try:
                _append(path, file)
                return
            except urllib.error.HTTPError as error:
                if attempt == TRIES - 1 or (error.code != 429 and error.code < 500):
                    raise _refused(error) from None
                _pause(attempt, error.headers.get("Retry-After"))
                error.close()
            except (OSError, http.client.HTTPException) as error:
                if attempt == TRIES - 1:
                    raise Lost(error) from error
                _pause(attempt)


def _append(path, file):
    have = file.tell()
    headers = {"Range": f"bytes={have}-"} if have else {}
    with _open(urllib.request.Request(_url(path), headers=headers)) as answer:
        if have and answer.status != 206:  # it gives the whole
            file.seek(0)
            file.truncate()
        left = int(answer.headers["Content-Length"])
        while left:
            piece = answer.read(min(left, PIECE_BYTES))
            if not piece:
                raise http.client.IncompleteRead(b"", left)
            file.write(piece)
            left -= len(piece)


def _refused(error):
    with error:
        try:
            message = json.loads(error.read())["error"]
        except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
            message = error.reason
    return Refused(error.code, message)


def _open(request):
    return urllib.request.urlopen(request, timeout=TIMEOUT_S)


def _url(path):
    return os.environ["PAID_PROVIDER_URL"].rstrip("/") + "/v1" + path


def _pause(attempt, retry_after=None):
    pause = PAUSE_S * 2**attempt
    try:
        pause = float(retry_after)
    except (TypeError, ValueError):
        pass
    time.sleep(min(LONGEST_PAUSE_S, pause))
