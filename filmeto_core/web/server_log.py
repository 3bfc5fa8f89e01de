"""The server's log: one line a record on stderr, as JSON for programs or as text for people.

Lines are written by a thread of their own, so that a terminal that was stopped, or a pipe that
nobody reads, holds up no request; when it falls too far behind, lines are dropped and counted.
"""

import contextlib
import logging
import logging.handlers
import queue
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal, TextIO

import orjson

from filmeto_core.web.log_context import known

LogKind = Literal["text", "json"]

WAITING_LINES = 10_000  # that were not written yet; beyond them lines are dropped
CLOSE_S = 2.0  # what writing the rest may take
HIDDEN = "[hidden]"
ACCESS = "filmeto.access"
_FIELDS = ("method", "route", "path", "status", "ms", "dropped")
_CONTROL = {n: f"\\x{n:02x}" for n in (*range(32), *range(127, 160)) if n not in (9, 10)}

# What must not be read in a log: keys, tokens, sessions, signatures, passwords in addresses.
_SECRETS = (
    re.compile(r"(?i)(\b(?:bearer|basic)\s+)[\w.~+/=-]{6,}"),
    re.compile(
        r"(?i)((?<![a-z])(?:[\w-]*(?:api[_-]?key|secret|token|password|passwd|signature|credential)"
        r"|authorization|cookie|x-csrf-token|filmeto_session)[\"']?\s*[:=]\s*[\"']?)"
        r"(?!\s|bearer\b|basic\b)[^\s\"'&,;}\])]+"
    ),
    re.compile(r"([?&](?:key|sig|auth|code)=)[^&\s\"']+"),
    re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^/\s:@]*:[^/\s@]+(?=@)"),
    re.compile(r"()\b(?:sk|pk|fk|filmeto)[-_][A-Za-z0-9_-]{16,}"),
)


def without_secrets(text: str) -> str:
    """The text with every key, token and password that can be told as one hidden."""
    for pattern in _SECRETS:
        text = pattern.sub(rf"\1{HIDDEN}", text)
    return text


class JsonLines(logging.Formatter):
    """A record as one line of JSON: time, level, logger, message, and what is known of the request."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "time": _when(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": without_secrets(record.getMessage()),
            **_facts(record),
        }
        if record.exc_info:
            told["exception"] = without_secrets(self.formatException(record.exc_info))
        return orjson.dumps(told, default=str).decode()


class TextLines(logging.Formatter):
    """A record as a line for people; nothing in it moves a terminal's cursor."""

    def format(self, record: logging.LogRecord) -> str:
        facts = _facts(record)
        ids = " ".join(f"{name}={facts[name]}" for name in facts if name not in _FIELDS)
        when = time.strftime("%H:%M:%S", time.localtime(record.created))
        line = f"{when} {record.levelname:<7} {record.name}: {record.getMessage()}"
        line = f"{line}  [{ids}]" if ids else line
        if record.exc_info:
            line = f"{line}\n{self.formatException(record.exc_info)}"
        return without_secrets(line).translate(_CONTROL)


class _Noted(logging.handlers.QueueHandler):
    """Leaves records to the writing thread, with what is known where they were made."""

    def __init__(self, waiting: "queue.Queue[Any]") -> None:
        super().__init__(waiting)
        self.dropped = 0

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        record.filmeto_facts = known()
        return record

    def enqueue(self, record: logging.LogRecord) -> None:
        if self.dropped and not self.queue.full():
            record.dropped, self.dropped = self.dropped, 0
        try:
            self.queue.put_nowait(record)
        except queue.Full:
            self.dropped += 1


class _Writing(logging.handlers.QueueListener):
    """The writing thread; one that a stopped reader holds up is left behind at the end."""

    def stop(self) -> None:
        thread, self._thread = self._thread, None
        with contextlib.suppress(queue.Full):
            self.queue.put(self._sentinel, timeout=CLOSE_S)
            thread.join(CLOSE_S)


@contextmanager
def logging_to(kind: LogKind, stream: TextIO | None = None) -> Iterator[None]:
    """While this lasts all that is logged goes to the stream, line by line.

    Args:
        kind: "text" or "json".
        stream: By default stderr.
    """
    writing = logging.StreamHandler(stream or sys.stderr)
    writing.setFormatter(JsonLines() if kind == "json" else TextLines())
    noted = _Noted(queue.Queue(WAITING_LINES))
    listener = _Writing(noted.queue, writing)
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(noted)
    root.setLevel(logging.INFO)
    quiet = [(logging.getLogger(name), logging.getLogger(name).level) for name in _CHATTY]
    for logger, _ in quiet:
        logger.setLevel(logging.WARNING)
    listener.start()
    try:
        yield
    finally:
        root.removeHandler(noted)
        root.setLevel(level)
        for logger, before in quiet:
            logger.setLevel(before)
        listener.stop()


# Others' loggers that tell of each step, where this log tells of each request once.
_CHATTY = ("httpx", "httpcore", "uvicorn.error", "uvicorn.access", "websockets")


def log_kind(asked: str | None) -> LogKind:
    """What was asked for; else text on a terminal, and JSON where a program reads."""
    if asked in ("text", "json"):
        return asked
    return "text" if sys.stderr.isatty() else "json"


def _facts(record: logging.LogRecord) -> dict[str, Any]:
    facts = dict(getattr(record, "filmeto_facts", None) or known())
    for name in _FIELDS:
        if hasattr(record, name):
            facts[name] = getattr(record, name)
    return facts


def _when(seconds: float) -> str:
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{whole}.{int(seconds % 1 * 1000):03d}Z"
