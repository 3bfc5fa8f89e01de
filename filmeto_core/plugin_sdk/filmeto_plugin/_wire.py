"""The plugin's end of the wire: JSON-RPC lines, whole and in order whichever thread sends them.

The wire is moved to descriptors of its own before the plugin's code works, so that a stray print()
or input() never touches it.
"""

import os
import sys
import time

NOWHERE = 1  # the exit code of a plugin whose host is gone
READ_BYTES = 16 * 1024  # a request is far smaller; a great one comes in several reads


class Wire:
    """Copies of fds 0 and 1 for the protocol; fd 0 becomes /dev/null, fd 1 becomes stderr."""

    def __init__(self):
        sys.stdout.flush()
        self.descriptor, self._out = os.dup(0), os.dup(1)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
        os.dup2(2, 1)
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(line_buffering=True)
        self._begun = []  # pieces of a line that has not ended
        self._lock = None

    def ready(self, tools, version):
        """Say `ready` as the first thing, before json is imported: that takes half a start-up."""
        names = ",".join(f'"{name}"' for name in tools)
        info = f'{{"protocol_version":{version},"tools":[{names}],"pid":{os.getpid()}}}'
        line = f'{{"jsonrpc":"2.0","method":"ready","params":{info}}}\n'
        os.write(self._out, line.encode())
        import _thread  # threading would be a tenth of a start-up more
        import json

        self._decode, self._lock = json.loads, _thread.allocate_lock()
        # Made once: json.dumps would make one for every message. A circle ends in RecursionError.
        options = {"separators": (",", ":"), "allow_nan": False, "check_circular": False}
        self._encode = json.JSONEncoder(**options).encode
        self._text = json.encoder.encode_basestring_ascii

    def read(self):
        """The messages that the next read completes, or None at the host's end; one reader only."""
        data = os.read(self.descriptor, READ_BYTES)
        if not data:
            return None
        lines = data.split(b"\n")
        self._begun.append(lines[0])
        if len(lines) == 1:
            return []
        lines[0], self._begun = b"".join(self._begun), [lines.pop()]
        return [message for message in map(self._message, lines) if message is not None]

    def _message(self, line):
        try:
            message = self._decode(line)
        except (ValueError, RecursionError):
            return None
        return message if isinstance(message, dict) else None

    def send(self, message):
        """Write a message; what is no JSON in it is told as text, NaN and infinity as null."""
        message["jsonrpc"] = "2.0"
        self._write(self._plainly(message) + "\n")

    def teller(self, task_id):
        """A function that sends `progress` of one task: (percent, message, data).

        Most of what a plugin says is this, so that what stays the same is encoded once.
        """
        params = f'{{"task_id":{self._plainly(task_id)},"type":"progress","percent":'
        head = f'{{"jsonrpc":"2.0","method":"progress","params":{params}'

        def tell(percent, message, data):
            plain_text = type(message) is str
            message = self._text(message) if plain_text else self._plainly(message)
            percent = repr(percent) if type(percent) is int else self._plainly(percent)
            data = self._plainly(data) if data else "{}"
            rest = f',"message":{message},"timestamp":"{now()}","data":{data}}}}}\n'
            self._write(f"{head}{percent}{rest}")

        return tell

    def notify(self, method, params):
        """Send what needs no answer."""
        self.send({"method": method, "params": params})

    def answer(self, number, result):
        """Send the answer to a request."""
        self.send({"id": number, "result": result})

    def _plainly(self, value):
        try:
            return self._encode(value)
        except (TypeError, ValueError, RecursionError):
            return self._encode(plain(value))

    def _write(self, line):
        data = line.encode("ascii")
        with self._lock:
            try:
                written = os.write(self._out, data)
                while written < len(data):
                    written += os.write(self._out, memoryview(data)[written:])
            except BrokenPipeError:
                os._exit(NOWHERE)


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


_second = (-1, "")  # the last one and its text: what is told within it shares them


def now():
    """The time as ISO 8601, UTC; datetime would be one more import."""
    global _second
    t = time.time()
    second, text = _second
    if second != int(t):
        second = int(t)
        text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        _second = second, text
    return f"{text}.{int((t - second) * 1e6):06d}+00:00"
