"""What a plugin's process says: bytes in, and out comes what they mean for its call.

Whatever comes, no line keeps the next one from being read. What follows from a message (the end of
a call, the end of the process) is `worker`'s.
"""

import logging
import time
from typing import Any, Protocol

from filmeto_core.errors import FilmetoError, PluginProtocolError
from filmeto_core.plugin_host import wire
from filmeto_core.plugin_host.answers import read_answer
from filmeto_core.plugin_host.pipes import Tail
from filmeto_core.plugin_host.running import Running

PING = "ping"  # the id of a ping; requests of calls have numbers


class Listener(Protocol):
    """Who acts on what was said."""

    running: Running | None

    def got_ready(self, params: dict[str, Any]) -> None:
        """It said that it is ready."""

    def answered(self, outcome: dict[str, Any] | FilmetoError) -> None:
        """Its call's answer came."""

    def got_pong(self) -> None:
        """It answered a ping, in whatever words."""

    def submitted(self, number: Any, params: dict[str, Any]) -> None:
        """It asks that the job which a provider took for its call be kept in mind."""

    def condemn(self, verdict: FilmetoError) -> None:
        """It cannot be listened to any more."""

    def refuse(self, refusal: bytes) -> bool:
        """Answer what it asked, unless it reads nothing; whether it was answered."""


class Dialogue:
    """Reads one process's lines.

    Args:
        listener: Who acts on them.
        log: Where its words go.
        tail: Keeps its last text.
        max_line_bytes: A longer line ends the process.
    """

    def __init__(
        self, listener: Listener, log: logging.Logger, tail: Tail, max_line_bytes: int
    ) -> None:
        self.dropped = 0  # messages that answered to nothing
        self._listener, self._log, self._tail = listener, log, tail
        self._splitter = wire.LineSplitter(max_line_bytes)
        self._cap = max_line_bytes
        self._broken = False

    def read(self, data: bytes) -> None:
        """A piece of its stdout."""
        if self._broken:
            return
        if b"{" not in data and not self._splitter.holding:
            self._tail.add(data)  # a flood of text costs no line's look
            return
        try:
            lines = self._splitter.feed(data)
        except wire.LineTooLong:
            self._broken = True  # what follows is the rest of that line, and no one's last words
            self._listener.condemn(
                PluginProtocolError(
                    f"it sent a line of more than {self._cap / 1024 / 1024:g} MiB.",
                    hint="Files go to the output folder; only their paths go over the wire.",
                )
            )
            return
        for line in lines:
            self._safely(line)

    def rest(self) -> None:
        """Its stdout has ended; a result may stand there without a line's end."""
        rest = self._splitter.rest()
        if rest:
            self._safely(rest)

    def _safely(self, line: bytes) -> None:
        try:
            self._line(self._tail.hidden.in_bytes(line))
        except Exception:  # the edge of a process: no line may end the reading of the next
            self.dropped += 1
            self._log.exception("a line could not be handled: %.200r", line)

    def _line(self, line: bytes) -> None:
        message = wire.parse(line)
        if message is None:
            text, message = wire.parse_after_text(line)
            if text.strip():
                self._tail.add(text + b"\n")
            if message is None:
                return
        method, params = message.get("method"), message.get("params")
        if not isinstance(params, dict):
            params = {}
        if method == "progress":
            self._notified(params, None)
        elif isinstance(method, str):
            self._told(method, params, message)
        elif "result" in message or "error" in message:
            self._answered(message)
        else:
            self._tail.add(line + b"\n")

    def _told(self, method: str, params: dict[str, Any], message: dict[str, Any]) -> None:
        if method == "heartbeat":
            self._notified(params, "heartbeat")
        elif method == "ready":
            self._listener.got_ready(params)
        elif method == "submitted" and message.get("id") is not None:
            self._listener.submitted(message["id"], params)
        elif method == "log":
            self._log.info("%s", str(params.get("message", ""))[:2000])
        elif message.get("id") is None or not self._listener.refuse(
            wire.refusal(message["id"], wire.METHOD_NOT_FOUND, f"no method {method!r:.200}")
        ):
            self.dropped += 1

    def _notified(self, params: dict[str, Any], kind: str | None) -> None:
        running, task_id = self._listener.running, params.get("task_id")
        if running is None or task_id not in (None, running.call.task_id):
            self.dropped += 1
            return
        running.heard = time.monotonic()
        told = wire.read_notification(params, kind, running.percent)
        running.beats = running.beats or told.type == "heartbeat"
        running.percent = told.percent
        if not running.future.done():
            running.deliver(told)

    def _answered(self, message: dict[str, Any]) -> None:
        running, number = self._listener.running, message.get("id")
        if number == PING:
            self._listener.got_pong()
        elif running is None or isinstance(number, bool) or number != running.number:
            self.dropped += 1
        else:
            self._listener.answered(read_answer(message))
