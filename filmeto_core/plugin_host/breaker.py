"""When a plugin whose processes keep ending may be started again.

After a death the next start waits a little, twice as long after each further one; after five in a
row the circuit opens: calls fail at once, until a single one may try (the probe). One that works
closes it, another death opens it for twice as long.
"""

import math
import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from filmeto_core.errors import PluginUnavailable

DEATHS = 5  # in a row; a plugin that works now and then is worth another start
FIRST_PAUSE_S = 0.1  # before the start after the first death; a person does not notice it
LONGEST_PAUSE_S = 5.0
FIRST_OPEN_S = 10.0
LONGEST_OPEN_S = 300.0


class Breaker:
    """Counts one plugin's deaths; what a tool answers, an error too, is no death.

    Args:
        clock: Seconds that only grow.
        chance: A number from 0 to 1, so that hosts that lost a plugin together spread out.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._clock, self._chance = clock, chance
        self.deaths = 0
        self._open_s = FIRST_OPEN_S
        self._open_until = -math.inf
        self._start_after = -math.inf
        self._probing = False

    @property
    def is_open(self) -> bool:
        """Whether calls fail at once, or a single one is being tried."""
        return self.deaths >= DEATHS

    def passage(self) -> "Passage":
        """Let a call through, as a context.

        Raises:
            PluginUnavailable: The circuit is open.
        """
        return Passage(self)

    def check(self) -> bool:
        """As `passage`; True where the call is the probe, whose end must be told by `probed`."""
        if not self.is_open:
            return False
        left_s = self._open_until - self._clock()
        if left_s > 0 or self._probing:
            raise self._unavailable(max(left_s, 1.0))
        self._probing = True
        return True

    def probed(self) -> None:
        """The probe is over, however it went."""
        self._probing = False

    def pause_s(self) -> float:
        """Seconds until the next process may be started."""
        return max(0.0, self._start_after - self._clock())

    def died(self) -> None:
        """A process ended that nobody had asked to."""
        self.deaths += 1
        now, spread = self._clock(), 0.5 + self._chance() / 2
        pause_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(self.deaths - 1, 16))
        self._start_after = now + pause_s * spread
        if self.is_open and now >= self._open_until:
            self._open_until = now + self._open_s * spread
            self._open_s = min(LONGEST_OPEN_S, self._open_s * 2)

    def worked(self) -> None:
        """A process answered a call."""
        if self.deaths:
            self.deaths, self._open_s = 0, FIRST_OPEN_S
            self._open_until = self._start_after = -math.inf

    def _unavailable(self, left_s: float) -> PluginUnavailable:
        until = datetime.now().astimezone() + timedelta(seconds=left_s)
        return PluginUnavailable(
            f"its processes ended {self.deaths} times in a row; it is not tried again before "
            f"{until:%H:%M:%S} (in {math.ceil(left_s)} s).",
            hint="Its last errors say why; mend it, or choose another plugin.",
            retry_after_s=round(left_s, 3),
            until=until.isoformat(timespec="seconds"),
            deaths=self.deaths,
        )


class Passage:
    """One call's way through: checked when it enters, and again before it starts a process."""

    def __init__(self, breaker: Breaker) -> None:
        self._breaker, self._probe = breaker, False

    def check(self) -> None:
        """Raise PluginUnavailable if the circuit has opened since, and this is not its probe."""
        if not self._probe:
            self._probe = self._breaker.check()

    def __enter__(self) -> "Passage":
        self.check()
        return self

    def __exit__(self, *_error: object) -> None:
        if self._probe:
            self._breaker.probed()
