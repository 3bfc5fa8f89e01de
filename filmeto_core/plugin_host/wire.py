"""The wire: newline-delimited JSON-RPC 2.0, read as tolerantly as other people's plugins need.

Bytes in, messages out and back; who is spoken to, and what a message leads to, is `worker`'s.
"""

import json
import math
from dataclasses import dataclass, field
from typing import Any

import orjson

from filmeto_core.errors import shown
from filmeto_core.types import ProgressType

METHOD_NOT_FOUND, INVALID_PARAMS, INTERNAL_ERROR = -32601, -32602, -32603
_TYPES = {str(kind) for kind in ProgressType}
_NUMBERS = (int, float)
_BOM = b"\xef\xbb\xbf"
MAX_DEPTH = 100  # levels of a message; what writes JSON or checks it gives up at about 250


class LineTooLong(Exception):
    """A line grew past the cap before it ended."""


class LineSplitter:
    """Cuts a stream of bytes into lines; holds at most `cap_bytes` of an unfinished one."""

    def __init__(self, cap_bytes: int) -> None:
        self._cap = cap_bytes
        self._parts: list[bytes] = []
        self._held = 0

    @property
    def holding(self) -> bool:
        """Whether a line has begun."""
        return bool(self._parts)

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that `data` completes.

        Raises:
            LineTooLong: A line is longer than the cap; what was held of it is let go.
        """
        lines = data.split(b"\n")
        if len(lines) == 1:
            self._hold(data)
            return []
        if self._parts:
            self._parts.append(lines[0])
            lines[0] = b"".join(self._parts)
            self._parts, self._held = [], 0
        rest = lines.pop()
        if rest:
            self._hold(rest)
        return lines

    def rest(self) -> bytes:
        """What came after the last line's end; a result may stand there."""
        left = b"".join(self._parts)
        self._parts, self._held = [], 0
        return left

    def _hold(self, data: bytes) -> None:
        self._held += len(data)
        if self._held > self._cap:
            self._parts, self._held = [], 0
            raise LineTooLong(self._cap)
        self._parts.append(data)


def parse(line: bytes) -> dict[str, Any] | None:
    """The message on a line, or None: text, a scalar, a batch, broken JSON, JSON too deep.

    Whatever is in it can be written as JSON again, but for NaN and infinity: half characters are
    replaced, and what lies deeper than MAX_DEPTH is cut.
    """
    if line[:1] != b"{":  # the usual line is spared all this
        line = line.strip()
        if line.startswith(_BOM):
            line = line[len(_BOM) :].lstrip()
        if not line.startswith(b"{"):
            return None
    try:
        message = orjson.loads(line)
    except ValueError:
        # orjson refuses NaN and lone surrogates; a result must not be lost for that.
        try:
            message = _tidied(json.loads(line.decode("utf-8", "replace")))
        except (ValueError, RecursionError):
            return None
    else:
        if line.count(b"[") + line.count(b"{") > MAX_DEPTH:
            message = _tidied(message)
    return message if isinstance(message, dict) else None


def parse_after_text(line: bytes) -> tuple[bytes, dict[str, Any] | None]:
    """The text that a line begins with, and the message that follows it, if one does.

    A bar that is drawn again and again ends with a carriage return or with nothing: the next
    message then stands on its line.
    """
    at = line.find(b'{"jsonrpc"')
    message = parse(line[at:]) if at > 0 else None
    return (line, None) if message is None else (line[:at], message)


def _tidied(message: Any) -> Any:
    """The message with its texts and its depth mended; the names of files stay as they are."""
    tidy = _tidy(message, 0)
    result = message.get("result") if isinstance(message, dict) else None
    if not isinstance(result, dict):
        return tidy
    # A file's name need not be UTF-8: Python tells its odd bytes as half characters.
    files, resources = result.get("output_files"), result.get("output_resources")
    if isinstance(files, list):
        tidy["result"]["output_files"] = [f if isinstance(f, str) else None for f in files]
    for i, resource in enumerate(resources if isinstance(resources, list) else ()):
        if isinstance(resource, dict) and isinstance(resource.get("path"), str):
            tidy["result"]["output_resources"][i]["path"] = resource["path"]
    return tidy


def _tidy(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if not isinstance(value, (list, dict)):
        return value
    if depth >= MAX_DEPTH:
        return "..."
    if isinstance(value, list):
        return [_tidy(item, depth + 1) for item in value]
    return {_tidy(key, depth): _tidy(item, depth + 1) for key, item in value.items()}


def encode(message: dict[str, Any]) -> bytes:
    """The message as one line."""
    message = {"jsonrpc": "2.0", **message}
    try:
        return orjson.dumps(message, option=orjson.OPT_APPEND_NEWLINE)
    except (TypeError, ValueError):  # integers past 64 bits, lone surrogates, keys that are no text
        return json.dumps(message, default=str).encode() + b"\n"


def request(number: int, method: str, params: dict[str, Any]) -> bytes:
    """A request as one line."""
    return encode({"id": number, "method": method, "params": params})


def notification(method: str, params: dict[str, Any]) -> bytes:
    """A notification as one line."""
    return encode({"method": method, "params": params})


def refusal(number: Any, code: int, message: str) -> bytes:
    """An error answer to a plugin's request as one line.

    Args:
        number: The request's id; one that is neither text nor number (JSON-RPC 2.0) goes back as
            null.
    """
    number = number if isinstance(number, (str, int, float)) else None
    return encode({"id": number, "error": {"code": code, "message": message}})


@dataclass(slots=True)  # not frozen: that would cost as much as the reading of its line
class Notification:
    """What a running call tells: `percent` is a number from 0 to 100 that never falls."""

    type: str
    percent: float
    message: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    timestamp: str | None = None


def read_notification(params: dict[str, Any], kind: str | None, percent: float) -> Notification:
    """The notification in a plugin's `params`, whatever they hold.

    Args:
        params: As they came.
        kind: The type where the method tells it ("heartbeat"), else None.
        percent: The call's last good percentage.
    """
    if kind is None:
        told = params.get("type")
        kind = told if isinstance(told, str) and told in _TYPES else "progress"
    message, data = params.get("message"), params.get("data")
    when = params.get("timestamp")
    return Notification(
        kind,
        clamp_percent(params.get("percent"), percent),
        message if isinstance(message, str) else "" if message is None else shown(message),
        data if isinstance(data, dict) else {},
        when if isinstance(when, str) else None,
    )


def clamp_percent(value: Any, last: float) -> float:
    """`value` held within 0 and 100 and not below `last`; `last` where it is no number."""
    if type(value) in _NUMBERS and last <= value <= 100.0:
        return float(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return last
    if isinstance(value, float) and not math.isfinite(value):
        return last
    return float(max(last, min(100, max(0, value))))
