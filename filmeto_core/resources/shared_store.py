"""The shared store: what one machine computed, another takes from there instead of computing it.

    calls/ab/KEY.json      one finished call each, as in a machine's own index
    objects/ab/HEX.png     the files, named by their content, as in a machine's own store
    layout.json            which layout this is

The machine's own store stays the one that is worked with, and is its cache. Nothing is trusted for
its name: what is fetched is hashed while it is written, and decoded before it is used. A call never
fails because the shared store does, and never waits for it twice in a row.
"""

import json
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from filmeto_core.errors import ResourceProcessingError, StoreError
from filmeto_core.resources.calls import CallIndex, CallRecord, all_outputs
from filmeto_core.resources.incoming import Partial
from filmeto_core.resources.shared_circuit import FIRST_PAUSE_S, Circuit
from filmeto_core.resources.shared_outbox import Entry, Outbox
from filmeto_core.resources.shared_place import READ_BYTES, Place, PlaceError, open_place
from filmeto_core.resources.shared_record import (
    MAX_RECORD_BYTES,
    object_name,
    read_record,
    record_name,
    with_paths,
    written,
)
from filmeto_core.resources.shared_sender import Sender
from filmeto_core.resources.store import Store
from filmeto_core.types import ResourceOutput

logger = logging.getLogger(__name__)

LAYOUT = 1
_LAYOUT_NAME = "layout.json"
_CHECKPOINT_BYTES = 64 * 1024 * 1024  # a download that is cut loses no more than this


class Unusable(Exception):
    """A record or file, here or there, is not what it should be."""

    def __init__(self, why: str, digest: str | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.digest = digest


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
        self._warned: set[str] = set()
        # Of the keys whose shared record is of no use: the damaged files that it names.
        self._suspect: dict[str, tuple[str, ...]] = {}

    def start(self) -> None:
        """Begin to send what earlier runs left; returns at once, and does it once."""
        self._sender.start()

    def fetch(self, key: str) -> bool:
        """Bring a call's record and files into the machine's own store, if they are there.

        It blocks, for as long as the files take. The caller holds the call's lock.

        Returns:
            Whether the call's record can be had from the machine's own index now. False where
            there is none, where it or a file is not right, and while the place is away.

        Raises:
            StoreError: The machine's own store cannot be written, or the shared one has a layout
                that this version does not know.
        """
        if not self._reading.allows():
            return False
        began = time.monotonic()
        try:
            found = self._fetch(key)
        except PlaceError as error:
            self._reading.failed(began)
            self._warn_once(
                "reading",
                "The shared store %s cannot be read: %s. Going on with this machine's own; it is "
                "asked again from time to time.",
                self.place.shown,
                error.why,
            )
            return False
        except Unusable as error:
            logger.warning(
                "The shared store %s: %s. The call is computed instead.",
                self.place.shown,
                error.why,
            )
            self._suspect[key] = (error.digest,) if error.digest else ()
            found = False
        self._reading.worked()
        return found

    def _fetch(self, key: str) -> bool:
        if not self.check():
            return False
        try:
            data = self.place.read(record_name(key), 0, MAX_RECORD_BYTES)
        except FileNotFoundError:
            return False
        record = read_record(data, key)
        if record is None:
            raise Unusable(f"the record {record_name(key)} is damaged, or of a newer filmeto")
        paths = {output.digest: self._bring(output) for output in all_outputs(record.outputs)}
        self.calls.put(with_paths(record, paths))
        return True

    def _bring(self, output: ResourceOutput) -> Path:
        """The path in the machine's own store of a file that a shared record names."""
        if self.store.verify(output.digest):
            return self.store.path_of(output.digest)
        hexadecimal = output.digest.removeprefix("sha256:")
        with self.store.writer(hexadecimal) as incoming:
            for _ in range(2):  # once more: it may have been damaged on its way alone
                self._download(output, incoming)
                if incoming.digest == output.digest:
                    break
                incoming.restart()
            else:
                raise Unusable(f"{object_name(output)} is damaged there", output.digest)
            try:
                return self.store.commit(incoming, name=object_name(output), settle=False).path
            except StoreError:
                raise
            except ResourceProcessingError as error:
                incoming.restart()
                raise Unusable(f"{error.message.rstrip('.')}", output.digest) from error

    def _download(self, output: ResourceOutput, incoming) -> None:
        state = {"shared": output.digest}
        resumes = isinstance(incoming, Partial)
        if resumes and incoming.size and (incoming.state != state or incoming.size > output.size):
            incoming.restart()
        kept = incoming.size
        try:
            while incoming.size < output.size:
                end = min(output.size, incoming.size + READ_BYTES)
                data = self.place.read(object_name(output), incoming.size, end)
                if not data:
                    break  # shorter than its record says: the digest will tell
                incoming.write(data)
                if resumes and incoming.size - kept >= _CHECKPOINT_BYTES:
                    incoming.checkpoint(state)
                    kept = incoming.size
        except FileNotFoundError:
            raise Unusable(f"{object_name(output)} is missing there", output.digest) from None
        except PlaceError:
            if resumes and incoming.size > kept:
                incoming.checkpoint(state)
            raise

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
        left = self._sender.flush(timeout_s)
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
        with self._lock:
            first = about not in self._warned
            self._warned.add(about)
        logger.log(logging.WARNING if first else logging.DEBUG, message, *values)


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
