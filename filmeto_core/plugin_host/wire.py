"""The wire: newline-delimited JSON-RPC 2.0, as other people's plugins speak it.

What cannot be read is told apart from what can, never raised: a plugin that prints text, odd JSON or
percentages that are none costs nothing.

Source: JSON-RPC 2.0 Specification; RFC 8259.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from filmeto_core.types import ProgressType


class LineTooLong(Exception):
    """A line passed the cap."""


class LineSplitter:
    """Bytes in, whole lines out; holds at most one unfinished line of `max_bytes`."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._parts: list[bytes] = []
        self._held = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The lines that `data` completes, without their newlines.

        Raises:
            LineTooLong: The unfinished line passed the cap.
        """
        *whole, rest = data.split(b"\n")
        for piece in whole:
            yield b"".join([*self._parts, piece]) if self._parts else piece
            self._parts, self._held = [], 0
        if rest:
            self._parts.append(rest)
            self._held += len(rest)
        if self._held > self._max_bytes:
            raise LineTooLong(self._held)

    def last(self) -> bytes:
        """What was sent without a newline before the end."""
        line, self._parts, self._held = b"".join(self._parts), [], 0
        return line


def parse(line: bytes) -> dict[str, Any] | None:
    """The JSON object on a line, or None: text, another JSON value, or nothing."""
    line = line.strip().removeprefix(b"\xef\xbb\xbf")
    if not line.startswith(b"{"):
        return None
    try:
        value = orjson.loads(line)
    except ValueError:
        value = _parse_leniently(line)
    return value if isinstance(value, dict) else None


def _parse_leniently(line: bytes) -> Any:
    """As the standard library reads it: NaN and lone surrogates too."""
    try:
        return json.loads(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None


def request(number: int, method: str, params: dict[str, Any]) -> bytes:
    """A request's line."""
    return _line({"jsonrpc": "2.0", "id": number, "method": method, "params": params})


def notification(method: str, params: dict[str, Any]) -> bytes:
    """A notification's line."""
    return _line({"jsonrpc": "2.0", "method": method, "params": params})


def _line(message: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(message) + b"\n"
    except TypeError:  # integers past 64 bits, lone surrogates
        return json.dumps(message).encode() + b"\n"


@dataclass(frozen=True)
class Notification:
    """What a plugin told of a running call, cleaned: percent is 0 to 100 and never falls."""

    type: ProgressType
    percent: float
    message: str = ""
    data: dict[str, Any] = field(default_factory=dict)


class PercentGate:
    """Makes percentages of what plugins send: clamped, monotone, the last good one kept."""

    def __init__(self) -> None:
        self.percent = 0.0

    def pass_on(self, value: Any) -> float:
        """The percentage to tell for what was sent."""
        number = _number(value)
        if number is not None:
            self.percent = max(self.percent, min(100.0, max(0.0, number)))
        return self.percent


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return None if math.isnan(number) else number


def text(value: Any, limit: int = 2000) -> str:
    """A plugin's text, whatever it sent, of bounded length."""
    return (value if isinstance(value, str) else "" if value is None else repr(value))[:limit]
