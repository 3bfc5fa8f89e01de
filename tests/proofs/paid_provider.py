"""A provider that wants money for pictures, clips, voices and music: real HTTP on loopback.

    python tests/proofs/paid_provider.py --port 0 --state DIR [--keyless] [--busy 0.05] ...

It says its address on stdout. An account is the first part of the path, so that keys and counts of
one film never meet another's:

    POST /ACCOUNT/v1/jobs             tool, parameters, inputs (base64); Idempotency-Key: once a key
    GET  /ACCOUNT/v1/jobs/ID          status: running, done, failed; cost
    GET  /ACCOUNT/v1/jobs/ID/file     the file; takes Range
    GET  /ACCOUNT/v1/prices           what a call of each tool costs
    GET  /ACCOUNT/v1/count            jobs, requests that were made twice, cost

A prompt with "forbidden" is refused, with "fails" the job fails, with "vanishes" it is forgotten.
By the switches it is now and then busy (429), broken (500), or loses the connection: before it took
the job, after it took it and before it says so, or in the middle of a file. Accounts that begin with
"reference" are spared all that.
"""

import argparse
import base64
import contextlib
import hashlib
import json
import os
import random
import sys
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from paid_ledger import Ledger, Made, count, entries
from paid_media import MIME_TYPES, make, request_digest

PRICES = {
    "text2image": ("call", Decimal("0.04")),
    "image2video": ("second", Decimal("0.10")),
    "text2speak": ("character", Decimal("0.001")),
    "text2music": ("call", Decimal("0.08")),
}
LONGEST_WAIT_S = 0.1  # how long a client is told to wait before it asks again
CURRENCY = "USD"
SPARED = "reference"
CALM = {"busy": 0.0, "broken": 0.0, "lose_before": 0.0, "lose_after": 0.0, "lose_file": 0.0}


@dataclass(frozen=True)
class Switches:
    """How the provider behaves; the shares are of requests, from 0 to 1.

    Args:
        keyless: It takes no idempotency key: each POST is a job.
        slow_s: The longest that a job takes.
        busy, broken: Answers 429, 500.
        lose_before, lose_after, lose_file: The connection breaks before a job is taken, after it
            was taken and before the answer, in the middle of a file.
        seed: Of all these.
    """

    keyless: bool = False
    slow_s: float = 0.2
    busy: float = 0.0
    broken: float = 0.0
    lose_before: float = 0.0
    lose_after: float = 0.0
    lose_file: float = 0.0
    seed: int = 1


class Provider(ThreadingHTTPServer):
    """The server, over the ledger of one folder."""

    daemon_threads = True

    def __init__(
        self, port: int, state: Path, switches: Switches = Switches(), host: str = "127.0.0.1"
    ) -> None:
        self.state, self.switches, self.ledger = state, switches, Ledger(state)
        self._seen: Counter = Counter()
        self._files: dict[str, bytes] = {}
        self._lock = threading.Lock()
        super().__init__((host, port), _Handler)

    @property
    def url(self) -> str:
        """Its address, without an account."""
        host, port = self.server_address[:2]
        return f"http://{host}:{port}"

    def chance(self, *about: str) -> random.Random:
        """The chance of one request: another one each time that the same is asked."""
        with self._lock:
            self._seen[about] += 1
            return random.Random(f"{self.switches.seed} {about} {self._seen[about]}")

    def file_of(self, made: Made) -> bytes:
        """What was made; each kind of file is made once."""
        with self._lock:
            if made.request not in self._files:
                self._files[made.request] = make(made.tool, made.parameters, made.request)
            return self._files[made.request]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error of the server's."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


def price(tool: str, parameters: dict[str, Any]) -> Decimal:
    """What a job costs."""
    unit, rate = PRICES[tool]
    if unit == "second":
        return rate * Decimal(str(parameters["duration_s"]))
    return rate * len(parameters["text"]) if unit == "character" else rate


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Provider

    def log_message(self, *_: Any) -> None:
        """Nothing is said of single requests."""

    def do_POST(self) -> None:
        account, _, name = self._parts()
        if name != "jobs":
            return self._error(404, "no such path")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            wanted = json.loads(body)
            tool, parameters = wanted["tool"], wanted["parameters"]
            inputs = [hashlib.sha256(base64.b64decode(i)).hexdigest() for i in wanted["inputs"]]
            cost = price(tool, parameters)
        except (ValueError, KeyError, TypeError) as error:
            return self._error(400, f"what is this: {error!r}")
        self._submit(account, tool, parameters, inputs, cost)

    def _submit(self, account, tool, parameters, inputs, cost) -> None:
        switches, request = self._switches(), request_digest(tool, parameters, inputs)
        chance = self.server.chance(account, "submit", request)
        if "forbidden" in str(parameters.get("prompt", "")) + str(parameters.get("text", "")):
            return self._error(422, "we do not make such things")
        if self._troubled(chance):
            return None
        if chance.random() < switches.lose_before:
            return self._break()
        key = None if switches.keyless else self.headers.get("Idempotency-Key")
        slow_s = random.Random(f"{switches.seed} {request}").uniform(0.25, 1) * switches.slow_s
        told = {"tool": tool, "parameters": parameters, "price": str(cost)}
        made, _ = self.server.ledger.take(account, key, request, told, slow_s)
        if made.request != request:
            return self._error(409, "that key was used for something else")
        if chance.random() < switches.lose_after:
            return self._break()
        self._answer(self._told(made), 202)

    def do_GET(self) -> None:
        account, rest, name = self._parts()
        if name == "prices":
            prices = {tool: {unit: str(rate)} for tool, (unit, rate) in PRICES.items()}
            return self._answer({"currency": CURRENCY, **prices})
        if name == "count":
            told = asdict(count(entries(self.server.state), account))
            return self._answer({**told, "cost": str(told["cost"])})
        job = rest[1] if name == "jobs" and len(rest) > 1 else ""
        made = self.server.ledger.find(account, job)
        if made is None or "vanishes" in str(made.parameters.get("prompt", "")):
            return self._error(404, f"no job {job}")
        chance = self.server.chance(account, "ask", job)
        if self._troubled(chance):
            return None
        if rest[2:] == ["file"]:
            return self._file(made, chance)
        self._answer(self._told(made))

    def _file(self, made: Made, chance: random.Random) -> None:
        if time.time() < made.due_at:
            return self._error(409, "not yet")
        data, first = self.server.file_of(made), 0
        told = self.headers.get("Range", "")
        if told.startswith("bytes=") and told.endswith("-"):
            first = min(int(told[6:-1]), len(data) - 1)
        self.send_response(206 if first else 200)
        self.send_header("Content-Type", MIME_TYPES[made.tool])
        self.send_header("Content-Length", str(len(data) - first))
        if first:
            self.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
        self.end_headers()
        if chance.random() < self._switches().lose_file:
            self.wfile.write(data[first : first + (len(data) - first) // 2])
            return self._break()
        self.wfile.write(data[first:])

    def _told(self, made: Made) -> dict[str, Any]:
        told = {"id": made.job, "cost": made.price, "currency": CURRENCY}
        left = made.due_at - time.time()
        if left > 0:
            return {**told, "status": "running", "wait_s": min(LONGEST_WAIT_S, left)}
        if "fails" in str(made.parameters.get("prompt", "")):
            return {**told, "status": "failed", "error": "the model gave up"}
        return {**told, "status": "done", "wait_s": 0}

    def _troubled(self, chance: random.Random) -> bool:
        switches = self._switches()
        if chance.random() < switches.busy:
            self._error(429, "busy", {"Retry-After": "0.05"})
        elif chance.random() < switches.broken:
            self._error(500, "broken")
        else:
            return False
        return True

    def _switches(self) -> Switches:
        switches = self.server.switches
        return replace(switches, **CALM) if self._parts()[0].startswith(SPARED) else switches

    def _parts(self) -> tuple[str, list[str], str]:
        """The account, the path below v1, its first word."""
        account, _, *rest = [*self.path.strip("/").split("/"), "", ""]
        rest = [part for part in rest if part]
        return account, rest, rest[0] if rest else ""

    def _break(self) -> None:
        """No more on this connection."""
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.wfile.flush()
            self.connection.shutdown(2)

    def _error(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        self._answer({"error": message}, status, headers)

    def _answer(
        self, told: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None
    ) -> None:
        data = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


@contextlib.contextmanager
def provider_at(state: Path, switches: Switches = Switches(), port: int = 0):
    """A provider in this process, while this lasts."""
    server = Provider(port, state, switches)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        server.ledger.close()
        thread.join()


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--until-eof", action="store_true", help="end with stdin: with its parent")
    parser.add_argument("--keyless", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    for name in ("slow-s", "busy", "broken", "lose-before", "lose-after", "lose-file"):
        default = getattr(Switches, name.replace("-", "_"))
        parser.add_argument(f"--{name}", type=float, default=default)
    asked = vars(parser.parse_args())
    port, state, host = asked.pop("port"), asked.pop("state"), asked.pop("host")
    if asked.pop("until_eof"):
        threading.Thread(target=lambda: sys.stdin.read() or os._exit(0), daemon=True).start()
    server = Provider(port, state, Switches(**asked), host)
    print(server.url, flush=True)
    server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
