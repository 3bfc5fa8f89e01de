"""Sends what waits in the outbox, a few at a time, in threads of its own."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable

from filmeto_core.errors import FilmetoError
from filmeto_core.resources.shared_circuit import Circuit
from filmeto_core.resources.shared_outbox import Entry, Outbox
from filmeto_core.resources.shared_place import PlaceError

logger = logging.getLogger(__name__)

ELSEWHERE_S = 0.2  # until it is looked again whether another process has sent it
SENDERS = 3  # more would only share the same line; each holds one part of a file in memory


class Sender:
    """Entries go in by `add`; `send` is called for each until it does not raise PlaceError.

    Args:
        outbox: Where they lie.
        send: Sends one; called by several threads.
        warn: Told that the place is away, and why.
        circuit: How long it is then left alone.
    """

    def __init__(
        self,
        outbox: Outbox,
        send: Callable[[Entry], None],
        warn: Callable[[str], None],
        circuit: Circuit,
    ) -> None:
        self.circuit = circuit
        self._outbox, self._send, self._warn = outbox, send, warn
        self._changed = threading.Condition()
        self._waiting: deque[Entry] = deque()
        self._known: set[str] = set()
        self._busy = 0
        self._senders = 0  # threads
        self._begun = False
        self._closed = False

    def start(self) -> None:
        """Take up what earlier processes left; once, and in a thread, since it may be much."""
        with self._changed:
            if self._begun:
                return
            self._begun = True
            if self._outbox.folder.is_dir() and self._spawn(self._take_up):
                self._busy += 1

    def _take_up(self) -> None:
        for entry in self._outbox.entries():
            self.add(entry)
        with self._changed:
            self._busy -= 1
            self._changed.notify_all()

    def add(self, entry: Entry) -> None:
        """Send it when its turn comes."""
        with self._changed:
            if entry.path.name in self._known:
                return
            self._closed = False
            self._known.add(entry.path.name)
            self._waiting.append(entry)
            if self._senders < min(SENDERS, len(self._waiting)) and self._spawn(self._work):
                self._senders += 1
            self._changed.notify_all()

    def _spawn(self, target: Callable[[], None]) -> bool:
        thread = threading.Thread(target=target, name="filmeto-share", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the interpreter ends; the next start sends what waits
            return False
        return True

    def flush(self, timeout_s: float) -> int:
        """Wait until all is sent, or the place does not answer; how many then wait."""
        end = time.monotonic() + timeout_s
        self.circuit.retry_now()
        with self._changed:
            self._changed.notify_all()
            while self._waiting or self._busy:
                if self.circuit.remaining_s() and not self._busy:
                    break  # it failed just now
                left = end - time.monotonic()
                if left <= 0 or not (self._senders or self._busy):
                    break
                self._changed.wait(min(left, self.circuit.remaining_s() or left))
            return len(self._waiting) + self._busy

    def close(self) -> None:
        """Begin nothing more; what is being sent is let go of, and sent by the next start."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _work(self) -> None:
        while (entry := self._next()) is not None:
            began = time.monotonic()
            again = elsewhere = False
            try:
                with entry.held() as mine:
                    if mine:
                        self._send(entry)
                        entry.done()
                    else:
                        again = elsewhere = entry.path.exists()
            except PlaceError as error:
                again = True
                self.circuit.failed(began)
                self._warn(error.why)
            except FilmetoError as error:  # no waiting helps; what is told there may
                self._warn(str(error).rstrip("."))
            except Exception:  # the edge of this thread, which has to go on
                logger.exception("A result was not sent to the shared store.")
            else:
                if mine:
                    self.circuit.worked()
            with self._changed:
                self._busy -= 1
                if again:
                    self._waiting.append(entry)
                else:
                    self._known.discard(entry.path.name)
                self._changed.notify_all()
                if elsewhere and not self._closed:
                    self._changed.wait(ELSEWHERE_S)

    def _next(self) -> Entry | None:
        with self._changed:
            while not self._closed:
                if self._waiting and self.circuit.allows():
                    self._busy += 1
                    return self._waiting.popleft()
                self._changed.wait(self.circuit.remaining_s() or None if self._waiting else None)
            self._senders -= 1
            return None
