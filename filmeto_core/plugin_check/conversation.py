"""A plugin's process spoken to by hand: every line that it sends kept as it came, all waits bounded.

The host tolerates and tidies what plugins send; here nothing is tidied, because a check and a shell
are to show what really goes over the wire. Starting and ending are the host's own.
"""

import os
import select
import selectors
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from filmeto_core import process
from filmeto_core.plugin_host import wire
from filmeto_core.plugin_host.grants import NO_GRANT, Grant
from filmeto_core.plugin_host.plugin import Plugin
from filmeto_core.plugin_host.sandbox import Bounds
from filmeto_core.plugin_host.spawn import MARKER, spawn
from filmeto_core.settings import Settings

READ_BYTES = 64 * 1024
POLL_S = 0.02  # how soon an exit is seen
WRITE_S = 5.0  # a plugin that does not read its stdin for so long gets no more
TERM_GRACE_S = 0.3  # from SIGTERM to SIGKILL
LEFT_GRACE_S = 1.0  # for a helper process to see that its plugin has gone, and to follow
MESSAGE_START = b'{"jsonrpc"'


@dataclass(frozen=True)
class Heard:
    """A line that the plugin sent.

    Args:
        at_s: When, by the monotonic clock.
        source: The wire (stdout) or stderr.
        text: As it came, without its end.
        message: What it says, if it is a message.
        broken: It holds a message that does not stand alone on it, or a part of one.
    """

    at_s: float
    source: Literal["wire", "stderr"]
    text: str
    message: dict[str, Any] | None = None
    broken: bool = False

    @property
    def method(self) -> str | None:
        """Of a request or a notification."""
        method = (self.message or {}).get("method")
        return method if isinstance(method, str) else None

    @property
    def asks(self) -> Any:
        """The id of a request of the plugin's own; None where it makes none."""
        return (self.message or {}).get("id") if self.method is not None else None

    @property
    def params(self) -> dict[str, Any]:
        """Of a request or a notification."""
        params = (self.message or {}).get("params")
        return params if isinstance(params, dict) else {}

    def answers(self, number: int) -> bool:
        """Whether it is the answer to that request."""
        message = self.message or {}
        told = "result" in message or "error" in message
        return told and self.method is None and message.get("id") == number


@dataclass(frozen=True)
class Ending:
    """How a process ended, and what of its own it left running: process numbers and commands."""

    code: int
    by_itself: bool
    took_s: float
    left: dict[int, str]


class Conversation:
    """A running plugin; `end` it always.

    Args:
        plugin: Whose process.
        python: The interpreter of its environment.
        settings: The host's.
        grant: What it is allowed on top.
        on_heard: Gets each line, from the reading thread.
        on_sent: Gets each answer to a request of the plugin's, from there.
        on_end: Called from there when its pipes have ended before `end` was called.

    Raises:
        OSError: The process could not be started.
    """

    def __init__(
        self,
        plugin: Plugin,
        python: Path,
        settings: Settings,
        grant: Grant = NO_GRANT,
        on_heard: Callable[[Heard], None] = lambda heard: None,
        on_end: Callable[[], None] = lambda: None,
        on_sent: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.lines: list[Heard] = []
        self._on_heard, self._on_end, self._on_sent = on_heard, on_end, on_sent
        self._spawned = spawn(plugin, python, settings, grant)
        self._settings = settings
        self._child = self._spawned.process
        self._stdin = self._spawned.stdin
        self._numbers = 0
        self._writing = threading.Lock()
        self._news = threading.Condition()
        self._reading = True
        self._wake_read, self._wake_write = os.pipe()
        self._reader = threading.Thread(target=self._read, name="plugin-lines", daemon=True)
        self._reader.start()

    @property
    def bounds(self) -> Bounds:
        """What the process may write to, and take."""
        return self._spawned.bounds

    @property
    def pid(self) -> int:
        """Of the plugin's process."""
        return self._child.pid

    @property
    def ended(self) -> bool:
        """Whether its process has ended."""
        return process.has_exited(self._child)

    def next_number(self) -> int:
        """A number for a request."""
        self._numbers += 1
        return self._numbers

    def request(self, method: str, params: dict[str, Any]) -> int:
        """Send a request; returns its number."""
        number = self.next_number()
        self.write(wire.request(number, method, params))
        return number

    def notify(self, method: str, params: dict[str, Any]) -> None:
        """Send a notification."""
        self.write(wire.notification(method, params))

    def write(self, data: bytes) -> bool:
        """Send bytes as they are; False where the plugin does not take them."""
        with self._writing:
            return self._stdin >= 0 and self._write(data)

    def _write(self, data: bytes) -> bool:
        view, poller = memoryview(data), select.poll()
        poller.register(self._stdin, select.POLLOUT)
        end = time.monotonic() + WRITE_S
        while view:
            left_s = end - time.monotonic()
            if left_s <= 0 or not poller.poll(left_s * 1000):
                return False
            try:
                view = view[os.write(self._stdin, view) :]
            except BlockingIOError:
                continue
            except OSError:  # nobody reads it any more; `wait` tells of the end
                return False
        return True

    def wait(
        self, wanted: Callable[[Heard], bool], timeout_s: float, since: int = 0
    ) -> Heard | None:
        """The first line from number `since` on that is wanted; None at the end or past the time."""
        end, seen = time.monotonic() + timeout_s, since
        gone = False
        while True:
            with self._news:
                while seen < len(self.lines):
                    line = self.lines[seen]
                    seen += 1
                    if wanted(line):
                        return line
                left_s = end - time.monotonic()
                if gone or left_s <= 0:
                    return None
                self._news.wait(min(POLL_S, left_s))
            if self.ended:  # what it still had in its pipe is read before one gives up
                self._reader.join(0.2)
                gone = True

    def answer(self, number: int, timeout_s: float, since: int = 0) -> Heard | None:
        """The answer to a request."""
        return self.wait(lambda heard: heard.answers(number), timeout_s, since)

    def last_stderr(self) -> str:
        """Its last line on stderr."""
        said = [line.text for line in list(self.lines) if line.source == "stderr"]
        return next((text for text in reversed(said) if text.strip()), "")

    def stderr_text(self) -> str:
        """All that it said on stderr."""
        return "\n".join(line.text for line in list(self.lines) if line.source == "stderr")

    def exit_code(self, timeout_s: float = 0.0) -> int | None:
        """Its exit code, negative for a signal; None if it still runs after `timeout_s`."""
        if not process.wait_exited(self._child, timeout_s):
            return None
        process.kill_group(self._child)  # while its number is still its own
        return self._child.returncode

    def end(self, grace_s: float) -> Ending:
        """Close its stdin, wait, SIGTERM, SIGKILL; nothing of it runs afterwards."""
        started = time.monotonic()
        self._close_stdin()
        by_itself = process.wait_exited(self._child, grace_s)
        took_s = time.monotonic() - started
        left = self._left() if by_itself else {}
        if not by_itself:
            process.signal_group(self._child, signal.SIGTERM)
            process.wait_exited(self._child, TERM_GRACE_S)
        process.kill_group(self._child)
        self._spawned.clear_up()
        self._let_go()
        return Ending(self._child.returncode, by_itself, took_s, left)

    def _left(self) -> dict[int, str]:
        end = time.monotonic() + LEFT_GRACE_S
        while left := process.find_marked(MARKER, self._spawned.marker):
            if time.monotonic() > end:
                break
            time.sleep(POLL_S)
        return left

    def _close_stdin(self) -> None:
        with self._writing:
            if self._stdin >= 0:
                os.close(self._stdin)
                self._stdin = -1

    def _let_go(self) -> None:
        self._reading = False
        os.write(self._wake_write, b".")
        self._reader.join()
        ends = (self._spawned.stdout, self._spawned.stderr, self._wake_read, self._wake_write)
        for end in ends:
            os.close(end)
        self._spawned.close_lifeline()

    # --- on the reading thread ------------------------------------------------------------------

    def _read(self) -> None:
        cap = self._settings.max_line_bytes
        splitters = {
            self._spawned.stdout: ("wire", wire.LineSplitter(cap)),
            self._spawned.stderr: ("stderr", wire.LineSplitter(cap)),
        }
        with selectors.DefaultSelector() as selector:
            for end in (*splitters, self._wake_read):
                selector.register(end, selectors.EVENT_READ)
            while len(selector.get_map()) > 1:
                for key, _ in selector.select():
                    if key.fd in splitters and not self._take(key.fd, *splitters[key.fd]):
                        selector.unregister(key.fd)
                if not self._reading:
                    return
        self._on_end()

    def _take(self, fd: int, source: Any, splitter: wire.LineSplitter) -> bool:
        """Read once; False at the pipe's end."""
        try:
            data = os.read(fd, READ_BYTES)
        except BlockingIOError:
            return True
        except OSError:
            data = b""
        try:
            lines = splitter.feed(data) if data else [splitter.rest()]
        except wire.LineTooLong:
            size = f"a line of more than {self._settings.max_line_bytes / 1024**2:g} MiB"
            self._hear(Heard(time.monotonic(), source, size, broken=source == "wire"))
            return True
        for line in lines:
            if line.strip():
                self._hear(read_line(line, source))
        return bool(data)

    def _hear(self, heard: Heard) -> None:
        with self._news:
            self.lines.append(heard)
            self._news.notify_all()
        self._on_heard(heard)
        if heard.asks is not None:
            answer = answer_to(heard)
            self._on_sent(answer.decode().rstrip())
            self.write(answer)


def answer_to(heard: Heard) -> bytes:
    """What a host answers to a plugin's own request: it keeps jobs, and knows nothing else."""
    job_id = heard.params.get("job_id")
    if heard.method != "submitted":
        return wire.refusal(heard.asks, wire.METHOD_NOT_FOUND, f"no method {heard.method!r:.200}")
    if not isinstance(job_id, str) or not job_id:
        why = "submitted: job_id: expected the provider's id of the job"
        return wire.refusal(heard.asks, wire.INVALID_PARAMS, why)
    return wire.encode({"id": heard.asks, "result": {"committed": True}})


def read_line(line: bytes, source: Literal["wire", "stderr"]) -> Heard:
    """What a line says; a message that stands after text is found as well."""
    now, text = time.monotonic(), line.decode("utf-8", "replace").rstrip("\r\n")
    if source == "stderr":
        return Heard(now, source, text)
    message = wire.parse(line)
    if message is None:
        before, message = wire.parse_after_text(line)
        return Heard(now, source, text, message, message is not None or MESSAGE_START in before)
    if not {"method", "result", "error"} & message.keys():
        message = None  # JSON of its own, and no message
    return Heard(now, source, text, message)


def how_long(seconds: float) -> str:
    """A time for people."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
