"""Server-Sent Events, read from bytes as they come, wherever these are cut.

Source: WHATWG HTML Living Standard, 9.2.5 "Parsing an event stream" and 9.2.6 "Interpreting an event
stream".
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class StreamEvent:
    """One event.

    Args:
        data: Its lines, joined by line feeds.
        id: The last id that the stream named so far; "" for none.
        kind: The name of its kind; "message" unless the stream says.
    """

    data: str
    id: str = ""
    kind: str = "message"


class EventReader:
    """Reads one stream; `feed` it what came, and it gives the events that are whole.

    Args:
        last_id: The id of the last event of the stream that this one goes on from.
    """

    def __init__(self, last_id: str = "") -> None:
        self.last_id = last_id  # of the last event that was given
        self._id, self._kind = last_id, ""
        self._data: list[str] = []
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._rest = ""
        self._begun = self._after_return = False

    def feed(self, chunk: bytes) -> Iterator[StreamEvent]:
        """The events that end in this piece of the stream."""
        for line in self._lines(self._decoder.decode(chunk)):
            if line:
                self._field(line)
            elif (event := self._dispatched()) is not None:
                yield event

    def _lines(self, text: str) -> Iterator[str]:
        """The lines that end in this text, at LF, CR, or CR LF; a CR at its end ends one at once."""
        if text and not self._begun:
            self._begun, text = True, text.removeprefix("\ufeff")
        if text and self._after_return:
            self._after_return, text = False, text.removeprefix("\n")
        if not text:
            return
        self._after_return = text.endswith("\r")
        *lines, rest = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        if lines:
            lines[0], self._rest = self._rest + lines[0], rest
            yield from lines
        else:
            self._rest += rest

    def _field(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._kind = value
        elif name == "id" and "\0" not in value:
            self._id = value

    def _dispatched(self) -> StreamEvent | None:
        data, kind = self._data, self._kind or "message"
        self._data, self._kind = [], ""
        self.last_id = self._id
        return StreamEvent("\n".join(data), self._id, kind) if data else None
