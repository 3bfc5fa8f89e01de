"""What each tenant takes of its own: requests a minute, room on the disk, money a day."""

import time
from collections.abc import Callable
from pathlib import Path

from filmeto_core.journal.posted import Posted
from filmeto_core.web.access import Caller
from filmeto_core.web.problems import too_many

MINUTE_S = 60.0


class Bucket:
    """A token bucket: a minute's requests at once, then as they come back.

    Args:
        per_minute: Requests.
    """

    def __init__(self, per_minute: int, now: float) -> None:
        self.per_minute, self._left, self._at = per_minute, float(per_minute), now

    def take(self, now: float) -> float:
        """Take one request; in how many seconds there is one again, 0.0 where it was had."""
        rate = self.per_minute / MINUTE_S
        self._left = min(self.per_minute, self._left + (now - self._at) * rate)
        self._at = now
        if self._left >= 1:
            self._left -= 1
            return 0.0
        return (1 - self._left) / rate


class Quotas:
    """What the tenants of one server have taken. Only its event loop touches it.

    Args:
        posted: Where it is noted what they own and spent.
        films_dir: A folder for each tenant's films.
        clock: Seconds, monotonic.
    """

    def __init__(
        self, posted: Posted, films_dir: Path, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._posted, self._films_dir, self._clock = posted, films_dir, clock
        self._buckets: dict[str, Bucket] = {}

    def take_request(self, caller: Caller) -> None:
        """Count a request; the server's own processes are not counted.

        Raises:
            TooManyRequestsError: The tenant's rate is used up.
        """
        per_minute = caller.quota.requests_per_minute
        if per_minute is None or caller.is_own:
            return
        now = self._clock()
        bucket = self._buckets.get(caller.tenant)
        if bucket is None or bucket.per_minute != per_minute:
            bucket = self._buckets[caller.tenant] = Bucket(per_minute, now)
        wait_s = bucket.take(now)
        if wait_s:
            raise too_many(
                f"{per_minute} requests a minute are {caller.tenant}'s, and they are used up.",
                wait_s,
            )
