"""Leaves alone for a while what did not answer, so that not every call waits for it."""

import threading
import time

FIRST_PAUSE_S = 1.0  # doubled at each further failure
LONGEST_PAUSE_S = 60.0  # how late it is seen at most that the place is back


class Circuit:
    """Closed while all is well. A failure opens it for a while; then one asker may try."""

    def __init__(self, first_s: float = FIRST_PAUSE_S, longest_s: float = LONGEST_PAUSE_S) -> None:
        self._first_s, self._longest_s = first_s, longest_s
        self._lock = threading.Lock()
        self._pause_s = 0.0
        self._failed_at = 0.0
        self._until = 0.0  # by the monotonic clock: the other one may be set

    @property
    def is_open(self) -> bool:
        """Whether the last attempt failed."""
        return self._pause_s > 0

    def allows(self) -> bool:
        """Whether the caller may try; of those who ask after a pause, one."""
        with self._lock:
            if not self._pause_s:
                return True
            if time.monotonic() < self._until:
                return False
            self._until = time.monotonic() + self._pause_s  # the others wait for this one's end
            return True

    def remaining_s(self) -> float:
        """How long until somebody may try."""
        with self._lock:
            return max(0.0, self._until - time.monotonic()) if self._pause_s else 0.0

    def worked(self) -> None:
        """It answered."""
        with self._lock:
            self._pause_s = 0.0

    def failed(self, since: float) -> None:
        """It did not.

        Args:
            since: When the attempt began (monotonic); of several at once, one failure counts.
        """
        with self._lock:
            if since < self._failed_at:
                return
            self._failed_at = time.monotonic()
            self._pause_s = min(self._longest_s, self._pause_s * 2 or self._first_s)
            self._until = self._failed_at + self._pause_s

    def retry_now(self) -> None:
        """The next asker may try at once."""
        with self._lock:
            self._until = 0.0
