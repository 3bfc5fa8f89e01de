"""A provider's call when a job is done: it ends a pause, and nothing that it says is believed.

A plugin cannot be reached from outside by itself: the user gives a port here, and the address under
which the provider reaches it. The address that a job is sent with ends in a secret of its own; who
calls it only has the job looked at sooner, by the same question as without. So neither a forged
call nor one that never comes does harm, and no provider's way to sign has to be trusted.

Of the processes of this plugin one listens, and leaves word for the others in a folder.
"""

import http.server
import os
import re
import secrets
import threading
import time
import urllib.parse

from filmeto_plugin import PluginError

URL_VARIABLE, PORT_VARIABLE = "HOSTED_QUEUE_WEBHOOK_URL", "HOSTED_QUEUE_WEBHOOK_PORT"
FOLDER = os.path.join("outputs", "webhooks")
SECRET = re.compile(r"[A-Za-z0-9_-]{32}")
HERE = "127.0.0.1"  # where a tunnel or a reverse proxy of the user's ends
READ_S = 5.0
KEPT_S = 24 * 3600  # of the files of processes that were killed
LARGEST_BYTES = 1024**2  # of a call's body, which is read and thrown away


class Webhook:
    """What one call hears; use it in a `with` block. Without the settings it does nothing.

    Args:
        line: The call's connection.
    """

    def __init__(self, line):
        self._line, self._url = line, os.environ.get(URL_VARIABLE, "").strip().rstrip("/")
        self._path, self.secret = None, secrets.token_urlsafe(24)

    def __enter__(self):
        if self._url and self._line.provider.webhook:
            _listen()
            os.makedirs(FOLDER, exist_ok=True)
            _forget_old()
            self._path = os.path.join(FOLDER, self.secret)
            open(self._path, "w").close()
        return self

    def __exit__(self, *_):
        if self._path:
            os.unlink(self._path)

    def asked_for(self, url, body):
        """(the URL, the body) of a job that is to call when it is done."""
        told = self._line.provider.webhook
        if not self._path:
            return url, body
        address = f"{self._url}/{self.secret}"
        if told["query"]:
            mark = "&" if "?" in url else "?"
            return f"{url}{mark}{told['query']}={urllib.parse.quote(address, safe='')}", body
        return url, {**body, told["field"]: address, **told["fields"]}

    def is_woken(self):
        """Whether the provider called since this was asked last."""
        if not self._path or not os.path.getsize(self._path):
            return False
        os.truncate(self._path, 0)
        return True


class _Caller(http.server.BaseHTTPRequestHandler):
    timeout = READ_S

    def do_POST(self):
        told = self.headers.get("Content-Length", "")
        size = int(told) if told.isdigit() else 0
        self.rfile.read(min(size, LARGEST_BYTES))
        secret = self.path.partition("?")[0].rpartition("/")[2]
        path = os.path.join(FOLDER, secret)
        if not SECRET.fullmatch(secret) or not os.path.exists(path):
            self.send_error(404)
            return
        with open(path, "r+") as file:
            file.write("!")
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        """Nothing: the path is a secret."""


def _forget_old():
    for entry in os.scandir(FOLDER):
        try:
            if time.time() - entry.stat().st_mtime > KEPT_S:
                os.unlink(entry.path)
        except OSError:  # another process was quicker
            continue


_listening = threading.Lock()
_server = None


def _listen():
    """Listen, unless this process does already, or another has the port."""
    global _server
    told = os.environ.get(PORT_VARIABLE, "").strip()
    host, _, port = told.rpartition(":")
    if not port.isdigit() or not 0 < int(port) < 65536:
        told = f"{PORT_VARIABLE}: expected a port such as 8765 or 0.0.0.0:8765, got {told!r}"
        raise PluginError(told, code="bad_setting")
    with _listening:
        if _server is not None:
            return
        try:
            _server = http.server.ThreadingHTTPServer((host or HERE, int(port)), _Caller)
        except OSError:  # another process of this plugin listens, and leaves word
            return
        _server.daemon_threads = True
        threading.Thread(target=_server.serve_forever, daemon=True).start()
