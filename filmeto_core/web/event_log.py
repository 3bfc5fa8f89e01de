"""What happens to tasks and films, numbered, kept, and read by any number of watchers.

Each subject (`task:ID`, `film:ID`) is a list of events of which the latest lie in memory. A watcher has a place in that list and nothing else: however slow it is, it holds up neither the
others nor the work, and what has left the memory it is given from the disk.

An event's id is EPOCH-NUMBER. The epoch is counted up at each start of the server, so that a watcher
who saw an event which a kill kept from the disk still gets all that comes after, and nothing twice.
"""

import asyncio
import json
import logging
import re
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import contextmanager
from itertools import islice
from typing import Any, NamedTuple

import orjson

from filmeto_core.errors import ValidationError
from filmeto_core.journal.posted import Posted
from filmeto_core.journal.posted_models import EventId

logger = logging.getLogger(__name__)

IN_MEMORY = 1000  # events of a subject
IN_MEMORY_BYTES = 1024 * 1024  # and what they may take
SUBJECTS_IN_MEMORY = 500  # more, and those that are over (or a film's) and unread are forgotten
LOOKED_AT = 20  # of them each time, so that a new one costs the same however many there are
LAST_TYPES = ("result", "error")  # after one of these nothing follows of a task
BATCH = 200  # events that a watcher gets at once
START: EventId = (0, 0)


class Event(NamedTuple):
    """One event: its id, its JSON, and both as Server-Sent Events have them."""

    id: EventId
    data: bytes
    sse: bytes


def made_event(event_id: EventId, data: bytes) -> Event:
    """The event of this id and JSON (on one line)."""
    return Event(event_id, data, b"id: %d-%d\ndata: %b\n\n" % (*event_id, data))


def read_event_id(text: str | None, field: str = "Last-Event-ID") -> EventId | None:
    """A Last-Event-ID as it was sent; None where there is none.

    Args:
        text: What was sent.
        field: What the caller knows it as.

    Raises:
        ValidationError: It is none of ours.
    """
    if text is None or not text.strip():
        return None
    match = re.fullmatch(r"\s*(\d{1,15})-(\d{1,15})\s*", text, re.ASCII)
    if match is None:
        raise ValidationError(
            f"{field}: expected EPOCH-NUMBER as the stream's ids are, got {text!r:.60}.",
            hint="Send the id of the last event that you have, or none to have them all.",
            field=field,
            value=text[:60],
        )
    return int(match[1]), int(match[2])


class Subject:
    """One list of events. Only the server's event loop touches it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.tail: deque[Event] = deque()
        self._tail_bytes = 0
        self.dropped_to: EventId = START  # the last event that is on the disk alone
        self.last: EventId = START
        self.recalled: dict[str, Any] = {}  # what the last event told that is on the disk alone
        self.over = False
        self.readers = 0
        self.written: Future[Any] | None = None  # of its last event
        self._changed: asyncio.Event = asyncio.Event()
        self._awaited = False

    def add(self, event: Event) -> None:
        """Append, and wake who waits."""
        self.tail.append(event)
        self._tail_bytes += len(event.sse)
        while len(self.tail) > IN_MEMORY or self._tail_bytes > IN_MEMORY_BYTES:
            dropped = self.tail.popleft()
            self._tail_bytes -= len(dropped.sse)
            self.dropped_to = dropped.id
        self.last = event.id
        self.wake()

    def wake(self) -> None:
        """Have every watcher look."""
        if self._awaited:
            self._awaited = False
            self._changed.set()
            self._changed = asyncio.Event()

    def after(self, place: EventId) -> list[Event]:
        """Up to BATCH events of those in memory."""
        found: list[Event] = []
        for event in reversed(self.tail):
            if event.id <= place:
                break
            found.append(event)
        found.reverse()
        return found[:BATCH]

    async def changes(self, timeout_s: float) -> bool:
        """Wait for something new; whether there is."""
        self._awaited = True
        try:
            async with asyncio.timeout(timeout_s):
                await self._changed.wait()
        except TimeoutError:
            return False
        return True


class EventLog:
    """The events of one server.

    Args:
        posted: Where they are kept.
        epoch: Of this start.
    """

    def __init__(self, posted: Posted, epoch: int) -> None:
        self._posted, self.epoch = posted, epoch
        self._subjects: OrderedDict[str, Subject] = OrderedDict()
        self.readers = 0
        self.closed = False
        self.on_readers: Callable[[str, int], None] = lambda _subject, _readers: None

    def subject(self, name: str, *, new: bool = False) -> Subject:
        """The subject of that name; what is not in memory is on the disk.

        Args:
            new: It cannot be there yet; the disk is not asked.
        """
        found = self._subjects.get(name)
        if found is None:
            found = self._subjects[name] = Subject(name)
            if not new:
                self._recall(found)
            self._forget_some()
        else:
            self._subjects.move_to_end(name)
        return found

    def _recall(self, subject: Subject) -> None:
        """Where it stood when it left the memory, or when the last server ended."""
        last = self._posted.last_event(subject.name)
        if last is not None:
            subject.last = subject.dropped_to = last[0]
            subject.recalled = orjson.loads(last[1])
            told = subject.recalled.get("_type")
            subject.over = subject.name.startswith("task:") and told in LAST_TYPES

    def add(self, name: str, data: dict[str, Any], *, last: bool = False) -> Event:
        """Append an event; it is on its way to the disk and to who watches.

        Args:
            name: The subject's.
            data: Its JSON-able fields, with `_type`.
            last: No event follows it: its readers are done.
        """
        event = self.following(name, data)
        self.tell(name, event, self._posted.add_event(name, event.id, event.data), last=last)
        return event

    def following(self, name: str, data: dict[str, Any]) -> Event:
        """The event that comes next, for who writes it to the disk himself and then has it told."""
        subject = self.subject(name)
        number = subject.last[1] + 1 if subject.last[0] == self.epoch else 1
        return made_event((self.epoch, number), encoded(data))

    def tell(
        self, name: str, event: Event, written: "Future[Any] | None" = None, *, last: bool = False
    ) -> None:
        """Have who watches get an event of `following`.

        Args:
            written: Done once it is on the disk; None: it is.
            last: As for `add`.
        """
        subject = self.subject(name)
        subject.written, subject.over = written, last
        subject.add(event)

    def is_over(self, name: str) -> bool:
        """Whether the subject's last event was added."""
        return self.subject(name).over

    async def read(
        self, name: str, after: EventId | None, heartbeat_s: float
    ) -> AsyncIterator[list[Event]]:
        """The events after that place, in batches, as they come; an empty batch as a heartbeat.

        It ends after the last event, or when the server closes.
        """
        place = after or START
        subject = self.subject(name)
        with self._reading(subject):
            while not self.closed:
                if place < subject.dropped_to:
                    found, place = await self._from_disk(subject, place)
                else:
                    found = subject.after(place)
                    place = found[-1].id if found else place
                if found:
                    yield found
                elif subject.over and place >= subject.last:
                    return
                elif place >= subject.dropped_to and not await subject.changes(heartbeat_s):
                    yield []

    async def _from_disk(self, subject: Subject, place: EventId) -> tuple[list[Event], EventId]:
        """What has left the memory, and how far that reaches."""
        to = subject.dropped_to
        await self._posted.written(lambda _connection: None)  # all that was left before
        rows = await asyncio.to_thread(self._posted.events, subject.name, place, BATCH)
        found = [made_event(event_id, data) for event_id, data in rows if event_id <= to]
        return found, (found[-1].id if len(found) == BATCH else max(place, to))

    @contextmanager
    def _reading(self, subject: Subject):
        subject.readers += 1
        self.readers += 1
        self.on_readers(subject.name, subject.readers)
        try:
            yield
        finally:
            subject.readers -= 1
            self.readers -= 1
            self.on_readers(subject.name, subject.readers)

    def close(self) -> None:
        """Let every watcher go; they come back to the next start."""
        self.closed = True
        for subject in self._subjects.values():
            subject.wake()

    def _forget_some(self) -> None:
        excess = len(self._subjects) - SUBJECTS_IN_MEMORY
        for name in list(islice(self._subjects, max(0, excess) and excess + LOOKED_AT)):
            if len(self._subjects) <= SUBJECTS_IN_MEMORY:
                return
            subject = self._subjects[name]
            kept = subject.written is None or subject.written.done()
            # A film's events go on for as long as there is the film; the next one asks the disk.
            over = subject.over or name.startswith("film:")
            if subject.readers == 0 and over and kept:
                del self._subjects[name]
            else:
                self._subjects.move_to_end(name)  # in use: the next look is at others


def encoded(data: dict[str, Any]) -> bytes:
    """One line of JSON; U+2028 and the like are no line ends to a reader of event streams."""
    try:
        return orjson.dumps(data, default=str, option=orjson.OPT_UTC_Z)
    except TypeError:  # integers past 64 bits: JSON has them
        return json.dumps(data, default=str).encode()
