"""The plugin's end of the wire: JSON-RPC lines, whole and in order whichever thread sends them.

The wire is moved to descriptors of its own before the plugin's code works, so that a stray print()
or input() never touches it.
"""

import os
import sys
import time

NOWHERE = 1  # the exit code of a plugin whose host is gone


class Wire:
    """Copies of fds 0 and 1 for the protocol; fd 0 becomes /dev/null, fd 1 becomes stderr."""

    def __init__(self):
        sys.stdout.flush()
        self._in, self._out = os.dup(0), os.dup(1)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
        os.dup2(2, 1)
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(line_buffering=True)
        self._lock = None

    def ready(self, tools, version):
        """Say `ready` as the first thing, before json is imported: that takes half a start-up."""
        names = ",".join(f'"{name}"' for name in tools)
        info = f'{{"protocol_version":{version},"tools":[{names}],"pid":{os.getpid()}}}'
        line = f'{{"jsonrpc":"2.0","method":"ready","params":{info}}}\n'
        os.write(self._out, line.encode())
        import json
        import threading

        self._json, self._lock = json, threading.Lock()
        # Made once: json.dumps would make one for every message.
        self._encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode

    def lines(self):
        """The messages that come in, until the host closes its end."""
        with os.fdopen(self._in, "rb") as reader:
            for line in reader:
                try:
                    message = self._json.loads(line)
                except (ValueError, RecursionError):
                    continue
                if isinstance(message, dict):
                    yield message

    def send(self, message):
        """Write a message; what is no JSON in it is told as text, NaN and infinity as null."""
        message["jsonrpc"] = "2.0"
        try:
            line = self._encode(message)
        except (TypeError, ValueError, RecursionError):
            line = self._encode(plain(message))
        data = memoryview(line.encode("ascii") + b"\n")
        with self._lock:
            try:
                while data:
                    data = data[os.write(self._out, data) :]
            except BrokenPipeError:
                os._exit(NOWHERE)

    def notify(self, method, params):
        """Send what needs no answer."""
        self.send({"method": method, "params": params})

    def answer(self, number, result):
        """Send the answer to a request."""
        self.send({"id": number, "result": result})


def plain(value, depth=0):
    """The value as JSON can tell it."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if value - value == 0 else None  # inf - inf and NaN - NaN are NaN
    if depth > 50:  # deeper is a circle
        return "..."
    if isinstance(value, dict):
        return {str(key): plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item, depth + 1) for item in value]
    item = getattr(value, "item", None)  # a number of numpy's
    if callable(item) and not getattr(value, "shape", None):
        return plain(item(), depth + 1)
    return str(value)


def now():
    """The time as ISO 8601, UTC; datetime would be one more import."""
    t = time.time()
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(t)) + f".{int(t % 1 * 1e6):06d}+00:00"
