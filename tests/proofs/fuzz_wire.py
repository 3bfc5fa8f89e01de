"""Lines of every kind of nonsense on the wire: none breaks the reading, good ones between still count.

    python tests/proofs/fuzz_wire.py [--lines 1000000] [--seed 1]

A real plugin process writes what is made here into its stdout: lines mutated from real traffic and
random ones, in pieces of random sizes, and between them progress messages with a number. All of these
arrive, in order; the host logs no exception; its memory stays bounded. Exits 1 if not.
"""

import argparse
import asyncio
import copy
import json
import logging
import random
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from chaos import own_temporary_folder  # noqa: E402
from stage import copy_plugin, registry_of, temporary_home  # noqa: E402
from traces import Peak  # noqa: E402

from filmeto_core.plugin_host import wire  # noqa: E402
from filmeto_core.plugin_host.calls import PluginCall  # noqa: E402
from filmeto_core.plugin_host.host import PluginManager  # noqa: E402
from filmeto_core.settings import Settings  # noqa: E402

BATCH = 20_000  # lines a call
SENTINEL_EVERY = 50
MEMORY_BYTES = 128 * 1024 * 1024  # a batch is some 5 MB, and its notifications are kept by the test
LONGEST_BYTES = 200_000
CALL_S = 120.0

# As seen between the host and plugins, ours and others'; TASK stands for the call's own id.
TRAFFIC = [
    {"jsonrpc": "2.0", "method": "ready", "params": {"name": "x", "version": "1", "tools": []}},
    {"jsonrpc": "2.0", "method": "ready", "params": {"protocol_version": 1, "pid": 42}},
    {"jsonrpc": "2.0", "method": "progress", "params": {"task_id": "TASK", "type": "progress",
     "percent": 5, "message": "step 1", "timestamp": "2026-01-01T00:00:00Z", "data": {"i": 1}}},
    {"jsonrpc": "2.0", "method": "progress", "params": {"task_id": None, "percent": 3.5}},
    {"jsonrpc": "2.0", "method": "heartbeat", "params": {"task_id": "TASK", "type": "heartbeat"}},
    {"jsonrpc": "2.0", "method": "log", "params": {"level": "info", "message": "loading"}},
    {"jsonrpc": "2.0", "id": 77, "method": "submitted", "params": {"job_id": "j", "cost": 0.5}},
    {"jsonrpc": "2.0", "id": 9000000001, "result": {"task_id": "TASK", "status": "success",
     "output_files": ["a.png"], "output_resources": [{"type": "image", "path": "a.png",
     "mime_type": "image/png", "size": 5, "metadata": {"seed": 7}}], "execution_time": 0.5}},
    {"jsonrpc": "2.0", "id": 9000000002, "result": {"task_id": "TASK", "status": "error",
     "error_message": "no", "metadata": {"error": {"code": "busy", "retryable": True}}}},
    {"jsonrpc": "2.0", "id": 9000000003, "error": {"code": -32050, "message": "no film"}},
    {"jsonrpc": "2.0", "id": "ping", "result": {"status": "pong"}},
    {"jsonrpc": "2.0", "id": 9000000004, "result": None},
]  # fmt: skip
ODD = [
    *(None, True, False, 0, -1, 1.5, 10**30, -(10**400), 1e308, float("nan"), float("inf")),
    *("", "TASK", "NaN", "\ud800", "\0", "é" * 50, "x" * 5000, [], {}, [[]], [1, "a", None]),
    *({"a": {"b": {"c": []}}}, "progress", "ready", "/etc/passwd", "../..", {"": ""}),
]
JUNK = [
    *(
        b"",
        b" ",
        b"\r",
        b"42",
        b"null",
        b"[]",
        b"{}",
        b'""',
        b"[{}]",
        b"\xef\xbb\xbf{}",
        b"\xff\xfe{",
    ),
    *(b"[" * 3000, b'{"a":' * 3000, b'{"a":' + b"[" * 900 + b"]" * 900 + b"}", b"9" * 5000),
    *(
        b'{"id":' + b"9" * 5000 + b"}",
        b'{"jsonrpc":"2.0","method":',
        b" 10%|#   | 1/9\r",
        b"\0{\0}",
    ),
    *(b"Traceback (most recent call last):", b"{'a': 1}", b'{"method": NaN}', b'{"a":1}{"b":2}'),
]


class Generator:
    """Lines, the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._traffic = [json.dumps(message).encode() for message in TRAFFIC]

    def line(self) -> bytes:
        """One line without its end, which is no sentinel and answers no call of ours."""
        while True:
            line = self._line().replace(b"\n", b" ")[:LONGEST_BYTES]
            if b"sentinel" not in line and not _answers(line):
                return line

    def _line(self) -> bytes:
        way = self._random.random()
        if way < 0.35:
            return self._structure()
        if way < 0.7:
            return self._bytes(bytearray(self._random.choice(self._traffic)))
        if way < 0.8:
            return self._random.choice(self._traffic)
        if way < 0.9:
            return self._random.choice(JUNK)
        if way < 0.95:
            return self._random.choice(JUNK[:12]) + self._random.choice(self._traffic)
        return self._random.randbytes(self._random.randrange(1, 300))

    def _structure(self) -> bytes:
        """A message with a value, or a few, that do not belong there."""
        message = json.loads(self._random.choice(self._traffic))
        for _ in range(self._random.randint(1, 3)):
            inside = message
            while self._random.random() < 0.6:
                inner = [v for v in inside.values() if isinstance(v, dict) and v]
                if not inner:
                    break
                inside = self._random.choice(inner)
            inside[self._random.choice([*inside, "id", "method", "extra"])] = self._odd()
        return json.dumps(message, ensure_ascii=self._random.random() < 0.5).encode(
            "utf-8", "surrogatepass"
        )

    def _odd(self):
        value = copy.deepcopy(self._random.choice(ODD))
        for _ in range(self._random.choice((0, 0, 0, 1, 2, 400))):
            value = [value] if self._random.random() < 0.5 else {"k": value}
        return value

    def _bytes(self, line: bytearray) -> bytes:
        """Bytes changed, put in, taken out, or pieces doubled."""
        for _ in range(self._random.randint(1, 5)):
            at = self._random.randrange(len(line))
            way = self._random.randrange(5)
            if way == 0:
                line[at] = self._random.randrange(256)
            elif way == 1:
                line.insert(at, self._random.choice(b'{}[]",:\\0123456789eE+-.ntfu\r\t\0\xff'))
            elif way == 2 and len(line) > 1:
                del line[at]
            elif way == 3 and at > 0:
                del line[at:]
            else:
                line[at:at] = line[at : at + self._random.randrange(1, 40)]
        return bytes(line)

    def sizes(self, total: int) -> list[int]:
        """Pieces that add up to so many bytes: single ones, some, and more than a pipe holds."""
        made, left = [], total
        while left:
            most = self._random.choice((1, 10, 300, 5000, 5000, 65536, 65536, 300_000))
            made.append(min(left, self._random.randint(1, most)))
            left -= made[-1]
        return made


def _answers(line: bytes) -> bool:
    """Whether it could be the answer to a call of ours, whose number is small, in any reading."""
    message = wire.parse(line) or wire.parse_after_text(line)[1]
    number = message.get("id") if message else None
    if isinstance(number, bool) or not isinstance(number, (int, float)):
        return False
    return "method" not in message and 0 < number < 1_000_000 and number == int(number)


@dataclass
class Report:
    """What came of it."""

    lines: int = 0
    sentinels: int = 0
    told: int = 0
    growth_bytes: int = 0
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.lines:,} lines in {self.seconds:.0f} s: all {self.sentinels:,} sentinels came, "
            f"in order; {self.told:,} other notifications; memory grew by at most "
            f"{self.growth_bytes / 1e6:.0f} MB"
            if not self.problems
            else f"{self.lines:,} lines"
        )


class Broken(logging.Handler):
    """Notes every exception that is logged, and every line that went into the log whole."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.exceptions: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """One record."""
        record.getMessage()
        if record.exc_info:
            self.exceptions.append(f"{record.exc_info[1]!r:.200}: {record.getMessage():.200}")


def batch(generator: Generator, lines: int, task_id: str) -> tuple[bytes, int]:
    """What the plugin writes, and how many sentinels are in it."""
    made, sentinels = [], 0
    for number in range(lines):
        made.append(generator.line().replace(b"TASK", task_id.encode()))
        if number % SENTINEL_EVERY == SENTINEL_EVERY - 1:
            params = {"task_id": task_id, "percent": 1, "message": "sentinel"}
            params["data"] = {"n": sentinels}
            message = {"jsonrpc": "2.0", "method": "progress", "params": params}
            made.append(json.dumps(message).encode())
            sentinels += 1
    return b"\n".join(made) + b"\n", sentinels


class Run:
    """One run over one plugin host."""

    def __init__(self, manager: PluginManager, plugin: str, home: Path, seed: int) -> None:
        self._manager, self._plugin, self._home = manager, plugin, home
        self._generator = Generator(seed)
        self.report = Report()
        self._calls = 0

    async def lines(self, lines: int) -> None:
        """One call, in which the plugin writes so many."""
        self._calls += 1
        task_id = f"fuzz-{self._calls}"
        data, wanted = batch(self._generator, lines, task_id)
        sent, sizes = self._home / "sent", self._home / "sizes"
        sent.write_bytes(data)
        sizes.write_text(json.dumps(self._generator.sizes(len(data))))
        folder = self._manager.output_parent(self._plugin) / task_id
        folder.mkdir()
        parameters = {"prompt": str(sent), "how": "sends in pieces", "count": 0}
        call = PluginCall(task_id, "text2image", parameters, folder, timeout_s=CALL_S)
        seen: list[int] = []

        def hear(told: wire.Notification) -> None:
            if told.message == "sentinel":
                seen.append(told.data["n"])
            else:
                self.report.told += 1
            if not 0 <= told.percent <= 100:
                self.report.problems.append(f"{task_id}: {told.percent} per cent")

        await self._manager.execute(self._plugin, call, hear)
        self.report.lines += lines
        self.report.sentinels += len(seen)
        if seen != list(range(wanted)):
            self.report.problems.append(f"{task_id}: {len(seen)} sentinels of {wanted}")


def fuzz(lines: int, seed: int, home: Path) -> Report:
    """A whole run in a fresh folder, whose path is also this process's HOME."""
    plugins = home / "plugins"
    plugins.mkdir()
    (name,) = copy_plugin("raw", plugins)
    manager = PluginManager(registry_of(plugins), Settings(home=home / "data", stop_grace_s=0.5))
    run, broken = Run(manager, name, home, seed), Broken()
    logger = logging.getLogger(f"filmeto.plugin.{name}")
    logger.addHandler(broken)
    logger.setLevel(logging.INFO)
    logger.propagate = False

    async def go() -> None:
        try:
            started = time.monotonic()
            with Peak() as peak:
                for first in range(0, lines, BATCH):
                    await run.lines(min(BATCH, lines - first))
            run.report.seconds = time.monotonic() - started
            run.report.growth_bytes = peak.growth_bytes
        finally:
            await manager.close()

    try:
        asyncio.run(go())
    finally:
        logger.removeHandler(broken)
        logger.setLevel(logging.NOTSET)
        logger.propagate = True
    run.report.problems += broken.exceptions[:10]
    if run.report.growth_bytes > MEMORY_BYTES:
        run.report.problems.append(f"memory grew by {run.report.growth_bytes / 1e6:.0f} MB")
    return run.report


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with temporary_home() as home:
        own_temporary_folder(home)
        report = fuzz(asked.lines, asked.seed, home)
    print(report)
    for problem in report.problems[:20]:
        print(f"FAILED: {problem}")
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
