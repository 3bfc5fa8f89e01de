"""POST /tasks/execute on a plugin that does nothing, against a bare FastAPI endpoint.

    python tests/benchmarks/bench_serve.py [--rounds 5] [--seconds 1.5] [--home DIR] [--json]

One interleaved run: in each round, ours and the bare server in turn, with 1, 5, 20 and 50 clients.
The bare one sends the same events as ours did. Three kinds of calls: one that is computed again and
again, one whose picture is another each time (stored and synced), one that is found in the cache. The
ratio is that of the medians over the rounds. Each server is one process with uvicorn's same settings;
the clients have a process of their own. Exit code 1 if a bar is missed.
"""

import argparse
import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PARTS = Path(__file__).with_name("serve_bars")
CLIENTS = (1, 5, 20, 50)
BAR = 0.5  # of the bare server's requests a second
FLAT_BAR = 0.8  # of one client's, with the most clients
UPDATES = 20  # of a plugin's call, as in the other benchmarks
KINDS = {
    "computed": ({"prompt": "a dot"}, {}),
    "stored": ({"prompt": "dot %d", "own": True}, {}),
    "cached": ({"prompt": "a dot"}, {"cache": True}),
}


@dataclass
class Cell:
    """One kind of call with so many clients: answers a second, a figure a round."""

    kind: str
    updates: int
    clients: int
    events: int = 0
    ours: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    client_share: float = 0.0
    median_ms: float = 0.0
    p99_ms: float = 0.0

    @property
    def ratio(self) -> float:
        return statistics.median(self.ours) / statistics.median(self.bare)

    def __str__(self) -> str:
        ours, bare = statistics.median(self.ours), statistics.median(self.bare)
        return (
            f"{self.kind:9} {self.events:3} events {self.clients:3} clients "
            f"{ours:7.0f} /s  bare {bare:7.0f} /s  {self.ratio:5.2f} x  "
            f"{self.median_ms:6.1f} ms, 99 of 100 within {self.p99_ms:6.1f} ms, "
            f"clients worked {100 * self.client_share:2.0f} %"
        )


class Partner:
    """A process that answers each line with a line."""

    def __init__(self, *command: str | Path) -> None:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.process = subprocess.Popen([sys.executable, *command], text=True, **pipes)

    def read(self) -> str:
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args} ended")
        return line

    def ask(self, value: object) -> str:
        self.process.stdin.write(json.dumps(value) + "\n")
        self.process.stdin.flush()
        return self.read()

    def close(self) -> None:
        self.process.communicate(timeout=10)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5, help="of each turn")
    parser.add_argument("--home", type=Path, help="where FILMETO_HOME lies; a folder of its own")
    parser.add_argument("--only", action="append", choices=KINDS, help="may be repeated")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    cells = measure(asked.only or list(KINDS), asked.rounds, asked.seconds, asked.home)
    missed = [cell for cell in cells if cell.ratio < BAR]
    if asked.json:
        told = [{**vars(cell), "ratio": cell.ratio} for cell in cells]
        sys.stdout.write(json.dumps(told, indent=2) + "\n")
    for line in flatness(cells):
        sys.stdout.write(f"{line}\n")
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    met = len(cells) - len(missed)
    sys.stdout.write(f"{met} of {len(cells)} reach {BAR} x; {os.cpu_count()} cores, load {load}\n")
    return int(bool(missed))


def flatness(cells: list[Cell]) -> Iterator[str]:
    """How the most clients' answers a second are to one client's."""
    for key in dict.fromkeys((cell.kind, cell.updates) for cell in cells):
        of = {c.clients: statistics.median(c.ours) for c in cells if (c.kind, c.updates) == key}
        one, most = of[CLIENTS[0]], of[CLIENTS[-1]]
        yield f"{key[0]}, {key[1]} updates: {CLIENTS[-1]} clients / 1: {most / one:.2f} x"


def measure(kinds: list[str], rounds: int, seconds: float, home: Path | None) -> list[Cell]:
    cells = []
    with serving(home) as port, partner(PARTS / "bare_server.py") as bare:
        bare_port = int(bare.read())
        with partner(PARTS / "load_client.py") as client:
            for updates in (0, UPDATES):
                for kind in kinds:
                    for clients in CLIENTS:
                        cell = Cell(kind, updates, clients)
                        _measure(cell, client, bare, (port, bare_port), rounds, seconds)
                        cells.append(cell)
                        sys.stdout.write(f"{cell}\n")
                        sys.stdout.flush()
    return cells


def _measure(
    cell: Cell, client: Partner, bare: Partner, ports, rounds: int, seconds: float
) -> None:
    parameters, metadata = KINDS[cell.kind]
    request = {
        "tool_name": "text2image",
        "plugin_name": "noop",
        "parameters": {**parameters, "updates": cell.updates},
        "metadata": metadata,
    }
    turn = {"body": json.dumps(request), "clients": cell.clients, "seconds": seconds}

    def run(port: int, seconds: float) -> dict:
        told = json.loads(client.ask({**turn, "port": port, "seconds": seconds}))
        if told["failed"]:
            raise RuntimeError(f"{told['failed']} of {told['requests']} failed:\n{told['sample']}")
        return told

    events = [json.loads(e) for e in re.findall(r"(?m)^data: (.*)", run(ports[0], 0.3)["sample"])]
    cell.events = len(events)
    bare.ask(events)
    run(ports[1], 0.3)
    for number in range(rounds):
        for ours in (True, False) if number % 2 else (False, True):
            told = run(ports[0 if ours else 1], seconds)
            (cell.ours if ours else cell.bare).append(told["requests"] / told["seconds"])
            cell.client_share = max(cell.client_share, told["cpu_s"] / told["seconds"])
            if ours:
                cell.median_ms, cell.p99_ms = told["median_s"] * 1e3, told["p99_s"] * 1e3


@contextlib.contextmanager
def partner(*command: str | Path) -> Iterator[Partner]:
    made = Partner(*command)
    try:
        yield made
    finally:
        made.close()


@contextlib.contextmanager
def serving(folder: Path | None) -> Iterator[int]:
    """`filmeto serve` over a data folder of its own: its port."""
    with tempfile.TemporaryDirectory(prefix="filmeto-bars-", dir=folder) as name:
        home = Path(name)
        environment = {**os.environ, "FILMETO_HOME": str(home / "home")}
        environment["FILMETO_PLUGINS"] = str(ROOT / "tests" / "plugins")
        environment["PYTHONPATH"] = str(ROOT)
        command = [sys.executable, "-m", "filmeto_core", "serve", "--port", "0"]
        log = home / "log"
        with log.open("wb") as stderr:
            process = subprocess.Popen(command, cwd=home, env=environment, stderr=stderr)
        try:
            while (found := re.search(r"serving at \S+:(\d+)", log.read_text())) is None:
                if process.poll() is not None:
                    raise RuntimeError(f"the server did not start: {log.read_text()}")
                time.sleep(0.02)
            yield int(found[1])
        finally:
            process.terminate()
            process.wait(30)


if __name__ == "__main__":
    sys.exit(main())
