"""The shared store: what one machine computed, another takes from there instead of computing it.

    calls/ab/KEY.json      one finished call each, as in a machine's own index
    objects/ab/HEX.png     the files, named by their content, as in a machine's own store
    jobs/ab/KEY.0.json     jobs that are out at providers that take no key (`shared_jobs`)
    layout.json            which layout this is

The machine's own store stays the one that is worked with, and is its cache. Nothing is trusted for
its name: what is fetched is hashed while it is written, and decoded before it is used. A call never
fails because the shared store does, and never waits for it twice in a row.
"""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filmeto_core.errors import StoreError
from filmeto_core.resources.calls import CallIndex, CallRecord, all_outputs
from filmeto_core.resources.shared_circuit import FIRST_PAUSE_S, Circuit
from filmeto_core.resources.shared_fetch import Stopped, Unusable, Watch, bring, fetch_record
from filmeto_core.resources.shared_outbox import Entry, Outbox
from filmeto_core.resources.shared_place import Place, PlaceError, open_place
from filmeto_core.resources.shared_record import (
    MAX_RECORD_BYTES,
    object_name,
    record_name,
    with_paths,
    written,
)
from filmeto_core.resources.shared_sender import Sender
from filmeto_core.resources.store import Store

logger = logging.getLogger(__name__)

LAYOUT = 1
_LAYOUT_NAME = "layout.json"
_WARNED_S = 3600.0  # of the same thing a server that runs for weeks warns once an hour
_QUIET_S = 2.0  # a wait of this length needs no explanation


class SharedStore:
    """One shared store, seen from one machine; for any number of threads.

    Args:
        place: Where it lies.
        store: The machine's own.
        calls: The machine's own.
        outbox: Folder for what waits to be sent.
        pause_s: How long the place is left alone when it did not answer; longer each time.
    """

    def __init__(
        self,
        place: Place,
        store: Store,
        calls: CallIndex,
        outbox: Path,
        *,
        pause_s: float = FIRST_PAUSE_S,
    ) -> None:
        self.place = place
        self.store, self.calls = store, calls
        self.outbox = Outbox(outbox, place.shown)
        self._sender = Sender(self.outbox, self._send, self._warn_of_sending, Circuit(pause_s))
        self._reading = Circuit(pause_s)
        self._lock = threading.Lock()
        self._layout_seen = False
        self._given_up = False  # a flush ended before all was sent, and nothing came since
        self._warned: dict[str, float] = {}  # of what, and when (monotonic)
        # Of the keys whose shared record is of no use: the damaged files that it names.
        self._suspect: dict[str, tuple[str, ...]] = {}

    def start(self) -> None:
        """Begin to send what earlier runs left; returns at once, and does it once."""
        self._sender.start()

    def fetch(self, key: str, watch: Watch = lambda _got, _all: True) -> bool:
        """Bring a call's record and files into the machine's own store, if they are there.

        It blocks, for as long as the files take. The caller holds the call's lock.

        Args:
            watch: Called between the pieces of a file with the bytes that came and those of the
                whole; False ends it.

        Returns:
            Whether the call's record can be had from the machine's own index now. False where
            there is none, where it or a file is not right, and while the place is away.

        Raises:
            StoreError: The machine's own store cannot be written, or the shared one has a layout
                that this version does not know.
        """
        found = False
        try:
            with self._asking() as may:
                found = may and self._fetch(key, watch)
        except Unusable as error:
            logger.warning(
                "The shared store %s: %s. The call is computed instead.",
                self.place.shown,
                error.why,
            )
            self._suspect[key] = (error.digest,) if error.digest else ()
        return found

    @contextmanager
    def _asking(self) -> Iterator[bool]:
        """Whether the place may be asked now; that it does not answer ends the block, no more."""
        if not self._reading.allows():
            yield False
            return
        began = time.monotonic()
        try:
            yield True
        except PlaceError as error:
            self._reading.failed(began)
            self._warn_once(
                "reading",
                "The shared store %s cannot be read: %s. Going on with this machine's own; it is "
                "asked again from time to time.",
                self.place.shown,
                error.why,
            )
        except Unusable:
            self._reading.worked()
            raise
        else:
            self._reading.worked()

    def _fetch(self, key: str, watch: Watch) -> bool:
        record = fetch_record(self.place, key) if self.check() else None
        if record is None:
            return False
        try:
            paths = {
                output.digest: bring(output, self.place, self.store, watch)
                for output in all_outputs(record.outputs)
            }
        except Stopped:
            return False
        self.calls.put(with_paths(record, paths))
        return True

    def suspect_of(self, key: str) -> tuple[str, ...]:
        """The damaged files that the shared record of a key named when it was last fetched."""
        return self._suspect.get(key, ())

    def peek(self, key: str) -> CallRecord | None:
        """The record of a call there; its files are not looked at, and its paths lead nowhere.

        None, too, while the place is away. It blocks as `fetch` does.
        """
        with self._asking() as may:
            try:
                return fetch_record(self.place, key) if may and self.check() else None
            except Unusable:
                return None
        return None

    def offer(self, record: CallRecord, *, replace: bool = False) -> None:
        """Have a record of the machine's own index sent, with its files; returns at once.

        That it is to be sent is on disk then, and outlasts this process.

        Args:
            replace: Take the place of another record of this key; else the first one stays.
        """
        suspect = self._suspect.pop(record.key, None)
        replace = replace or suspect is not None
        try:
            entry = self.outbox.add(record.key, replace=replace, suspect=suspect or ())
        except StoreError as error:  # the result is there all the same
            self._warn_once("noting", "A result will not be sent to the shared store: %s", error)
            return
        self._given_up = False
        self._sender.start()
        self._sender.add(entry)

    def flush(self, timeout_s: float) -> int:
        """Wait, not for longer than that, until all is sent; how many results wait still."""
        left = self._sender.flush(min(_QUIET_S, timeout_s))
        if left and timeout_s > _QUIET_S and not self._sender.circuit.is_open:
            logger.warning(
                "Sending what waits (%d) to the shared store %s ...", left, self.place.shown
            )
            left = self._sender.flush(timeout_s - _QUIET_S)
        self._given_up = left > 0
        if left:
            logger.warning(
                "%d result%s wait%s to be sent to the shared store %s; the next run sends them, or "
                "`filmeto store sync`.",
                left,
                "" if left == 1 else "s",
                "s" if left == 1 else "",
                self.place.shown,
            )
        return left

    def close(self, timeout_s: float = 0.0) -> None:
        """Flush, and end the threads and connections; what comes after opens them again."""
        if not self._given_up:
            self.flush(timeout_s)
        self._sender.close()
        self.place.close()

    def _send(self, entry: Entry) -> None:
        record = self.calls.get(entry.key)
        if record is None:
            logger.info("Call %s is gone from this machine and is not sent.", entry.key)
            return
        try:
            self.send(record, replace=entry.replace, suspect=entry.suspect)
        except Unusable as error:
            logger.warning("Call %s is not sent to the shared store: %s.", entry.key, error.why)

    def send(
        self, record: CallRecord, *, replace: bool = False, suspect: tuple[str, ...] = ()
    ) -> int:
        """Send a record and its files now: the files first, so that a record never names what is
        not there. What is there already is not sent again.

        Args:
            suspect: Digests of files that are read back if they seem to be there.

        Returns:
            Bytes that were sent.

        Raises:
            PlaceError: It is not, or not whole, there.
            Unusable: A file of it is gone or damaged here.
            StoreError: The layout there is not known.
        """
        self.check(make=True)
        data = written(record)
        if len(data) > MAX_RECORD_BYTES:
            raise Unusable(f"its record has {len(data):,} bytes, over {MAX_RECORD_BYTES:,}")
        sent = 0
        for output in all_outputs(record.outputs):
            path = self.store.path_of(output.digest or "")
            if path is None or not self.store.verify(output.digest):
                raise Unusable(f"{output.digest} is gone or damaged on this machine")
            name = object_name(output)
            thorough = output.digest in suspect
            if not self.place.holds(name, path, output.digest, thorough=thorough):
                self.place.upload(name, path, output.digest)
                sent += path.stat().st_size
        self.place.write(record_name(record.key), data, replace=replace)
        return sent

    def check(self, *, make: bool = False) -> bool:
        """Whether anything was ever written there, in a layout that this version knows.

        Args:
            make: Give a new store its marker.

        Raises:
            PlaceError: It cannot be asked.
            StoreError: It has another layout.
        """
        if self._layout_seen:
            return True
        try:
            data = json.loads(self.place.read(_LAYOUT_NAME, 0, MAX_RECORD_BYTES))
            layout = data["layout"]
        except FileNotFoundError:
            if not make:
                return False
            marker = json.dumps({"layout": LAYOUT, "kind": "filmeto shared store"})
            self.place.write(_LAYOUT_NAME, marker.encode(), replace=False)
            layout = LAYOUT
        except (ValueError, TypeError, KeyError):
            layout = None
        if layout != LAYOUT:
            raise StoreError(
                f"The shared store {self.place.shown} has layout {layout!r:.20}; this filmeto knows "
                f"layout {LAYOUT}.",
                hint="Update filmeto on this machine, or set FILMETO_STORE_URL to another address.",
            )
        self._layout_seen = True
        return True

    def _warn_of_sending(self, why: str) -> None:
        self._warn_once(
            "sending",
            "Nothing can be sent to the shared store %s: %s. Results wait on this machine's disk "
            "and are sent when it answers.",
            self.place.shown,
            why,
        )

    def _warn_once(self, about: str, message: str, *values: object) -> None:
        now = time.monotonic()
        with self._lock:
            again = now - self._warned.get(about, -_WARNED_S) >= _WARNED_S
            if again:
                self._warned[about] = now
        logger.log(logging.WARNING if again else logging.DEBUG, message, *values)


def open_shared(
    url: str,
    store: Store,
    calls: CallIndex,
    outbox: Path,
    place: Callable[[str], Place] = open_place,
) -> SharedStore | None:
    """The shared store of an address; None where the address is empty.

    Raises:
        ValidationError: The address is none, or a package for it is missing.
    """
    return SharedStore(place(url.strip()), store, calls, outbox) if url.strip() else None
