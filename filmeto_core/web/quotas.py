"""What each tenant takes of its own: requests a minute, room on the disk, money a day."""

import asyncio
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

from filmeto_core.call import CheckedCall
from filmeto_core.errors import StoreError, TooLargeError
from filmeto_core.journal.journal import Journal
from filmeto_core.journal.owned import Owned
from filmeto_core.journal.posted import Posted
from filmeto_core.journal.posted_models import PostedTask
from filmeto_core.money import Money
from filmeto_core.plugin_host.pricing import price_of
from filmeto_core.web.access import Caller
from filmeto_core.web.problems import too_many
from filmeto_core.web.spending import Spending

logger = logging.getLogger(__name__)

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
        journal: Where it is noted what calls cost.
        films_dir: A folder for each tenant's films.
        clock: Seconds, monotonic.
    """

    def __init__(
        self,
        posted: Posted,
        journal: Journal,
        films_dir: Path,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._owned, self._journal, self._films_dir = Owned(posted), journal, films_dir
        self._clock = clock
        self._buckets: dict[str, Bucket] = {}
        self.spending = Spending(posted)

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

    # --- room ---------------------------------------------------------------------------------

    def taken_bytes(self, tenant: str) -> int:
        """What a tenant's files in the store and its films come to."""
        return self._owned.owned_bytes(tenant) + _folder_bytes(self._films_dir / tenant)

    async def check_room(self, caller: Caller, more_bytes: int = 1) -> None:
        """Make sure that a tenant may take more room.

        Raises:
            TooLargeError: All of its room is taken.
        """
        most = caller.quota.storage_bytes
        if most is None:
            return
        taken = await asyncio.to_thread(self.taken_bytes, caller.tenant)
        if taken + more_bytes > most:
            raise TooLargeError(
                f"{caller.tenant}'s files and films come to {taken:,} of {most:,} bytes"
                + (f", and {more_bytes:,} more are asked for." if more_bytes > 1 else "."),
                hint="Delete films or files that are not needed any more.",
                value=taken,
                allowed=most,
            )

    # --- money, and tasks ---------------------------------------------------------------------

    async def budget_left(self, caller: Caller) -> Money | None:
        """What is left of the tenant's budget for today; None where it has none."""
        return await self.spending.left(caller)

    async def admit(self, caller: Caller, task_id: str, checked: CheckedCall) -> None:
        """Take a task on, as far as its tenant's room and money allow.

        Raises:
            TooLargeError, BudgetError: They do not.
        """
        await self.check_room(caller)
        if checked.plugin.manifest.is_remote:
            await self.spending.hold(caller, task_id, _price(checked))

    async def admit_again(self, task: PostedTask, checked: CheckedCall) -> None:
        """Take a task on that an earlier start had admitted."""
        if checked.plugin.manifest.is_remote:
            await self.spending.hold(Caller(tenant=task.tenant), task.id, _price(checked))

    async def settle(self, task: PostedTask) -> None:
        """A task has ended: what its jobs cost is its tenant's to pay."""
        if not self.spending.holds(task.id):
            return
        call_id = (task.request.get("call") or {}).get("id") or task.id
        since = task.accepted_at.timestamp()
        try:
            costs = await asyncio.to_thread(self._costs, call_id, since)
            self.spending.let_go(task.id)
            await self.spending.pay(task.tenant, costs)
        except StoreError as error:
            logger.warning("what %s's task %s cost was not noted: %s", task.tenant, task.id, error)

    def _costs(self, call_id: str, since: float) -> tuple[Money, ...]:
        self._journal.flush()
        return self._journal.call_costs(call_id, since)


def _price(checked: CheckedCall) -> Money | None:
    return price_of(checked.plugin.manifest, str(checked.tool), checked.parameters)


def _folder_bytes(folder: Path) -> int:
    """What lies in a folder; links are not followed."""
    total, waiting = 0, [str(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as found:
                for entry in found:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        total += entry.stat(follow_symlinks=False).st_size
        except OSError:  # not there, or removed meanwhile
            continue
    return total
