"""The WebSocket on which ComfyUI tells how a job goes. It may break at any time: it is an ear only.

Whatever it says is told by /history and /queue as well, so that nothing depends on it.
Source: docs.comfy.org, "Messages"; what a preview is (binary) is passed over.
"""

import base64
import json
import time
from urllib.parse import quote

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

OPEN_LIMIT_S = 5.0
MAX_MESSAGE_BYTES = 64 * 1024 * 1024  # a preview of a large frame
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 5.0


class Socket:
    """An ear at the server, opened again after it broke; use it in a `with` block.

    Args:
        settings: Where the server is.
        client_id: Whose events are heard.
    """

    def __init__(self, settings, client_id):
        self._settings = settings
        self._url = f"{settings.socket_url}/ws?clientId={quote(client_id)}"
        self._connection, self._again_s, self._pause_s = None, 0.0, FIRST_PAUSE_S
        self.broke = False  # since it was last looked at

    def __enter__(self):
        self._open()
        return self

    def __exit__(self, *_):
        self._close()

    @property
    def is_open(self):
        """Whether events come."""
        return self._connection is not None

    def events(self, wait_s):
        """What comes within `wait_s` seconds: a list of (kind, data), empty if nothing did."""
        if self._connection is None and time.monotonic() >= self._again_s:
            self._open()
        if self._connection is None:
            time.sleep(wait_s)
            return []
        heard, end = [], time.monotonic() + wait_s
        try:
            while not heard and (left := end - time.monotonic()) > 0:
                heard += _event(self._connection.recv(timeout=left))
            while len(heard) < 100:  # what has come meanwhile, but not for ever
                heard += _event(self._connection.recv(timeout=0))
        except TimeoutError:
            pass
        except (WebSocketException, OSError):
            self._close()
            self.broke = True
        return heard

    def _open(self):
        headers = {**_basic(self._settings.login), **self._settings.headers}
        try:
            self._connection = connect(
                self._url,
                additional_headers=headers,
                open_timeout=OPEN_LIMIT_S,
                close_timeout=0.2,
                max_size=MAX_MESSAGE_BYTES,
                compression=None,
                proxy=None if self._settings.is_loopback else True,
            )
            self._pause_s = FIRST_PAUSE_S
        except (WebSocketException, OSError, ValueError):
            self._again_s = time.monotonic() + self._pause_s
            self._pause_s = min(LONGEST_PAUSE_S, 2 * self._pause_s)

    def _close(self):
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _event(message):
    """[(kind, data)] of a text message that is one, else []."""
    if not isinstance(message, str):
        return []
    try:
        told = json.loads(message)
    except ValueError:
        return []
    data = told.get("data") if isinstance(told, dict) else None
    return [(told.get("type"), data)] if isinstance(data, dict) else []


def _basic(login):
    """The header that a user and a password stand for."""
    pair = base64.b64encode(":".join(login).encode()).decode() if login else ""
    return {"Authorization": f"Basic {pair}"} if login else {}
