"""What each tenant's calls cost a day: what was paid, and what those in hand will cost.

A call is held against the day's budget at its price from when it is taken on; at its end by what the
journal knows of its jobs, whatever became of the call: a job that is out is paid for.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from filmeto_core.errors import BudgetError
from filmeto_core.journal.posted import Posted
from filmeto_core.money import Money
from filmeto_core.web.access import Caller

_READ = "SELECT micros FROM spent WHERE tenant = ? AND day = ? AND currency = ?"
_ADD = (
    "INSERT INTO spent (tenant, day, currency, micros) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (tenant, day, currency) DO UPDATE SET micros = micros + excluded.micros"
)


def today() -> str:
    """The day as budgets count it, in UTC."""
    return datetime.now(UTC).date().isoformat()


@dataclass(frozen=True)
class _Held:
    tenant: str
    price: Money


class Spending:
    """The money of one server's tenants. Only its event loop touches it.

    Args:
        posted: Where it is kept what was paid.
        day: Tells what day it is.
    """

    def __init__(self, posted: Posted, day: Callable[[], str] = today) -> None:
        self._posted, self._day = posted, day
        self._held: dict[str, _Held] = {}
        self._paid: dict[tuple[str, str, str], int] = {}  # tenant, day, currency: micros

    async def hold(self, caller: Caller, task_id: str, price: Money | None) -> None:
        """Hold the price of a call that costs money against the day's budget.

        Args:
            price: None where nobody can say.

        Raises:
            BudgetError: The day's budget would be crossed, or cannot be held.
        """
        if caller.quota.budget is not None:
            await self._check(caller.tenant, Money.read(caller.quota.budget), price)
        if price is not None:
            self._held[task_id] = _Held(caller.tenant, price)

    async def _check(self, tenant: str, budget: Money, price: Money | None) -> None:
        if price is None or price.currency != budget.currency:
            told = f"costs in {price.currency}" if price else "does not say what a call costs"
            raise BudgetError(
                f"this call's plugin {told}, and {tenant}'s budget is {budget} a day: it cannot be "
                "held.",
                hint="Give `pricing` in its plugin.yaml, in the budget's currency.",
                budget=str(budget),
            )
        paid = await self._paid_today(tenant, budget.currency)
        held = self._held_by(tenant, budget.currency)
        if paid + held + price.micros <= budget.micros:
            return
        spent, in_hand = (Money.of_micros(m, budget.currency) for m in (paid, held))
        raise BudgetError(
            f"this call costs {price}, and of {tenant}'s budget of {budget} a day {spent} is spent"
            + (f" and {in_hand} in hand." if held else "."),
            hint="The day begins anew at midnight UTC; what is done is kept.",
            budget=str(budget),
            price=str(price),
            spent=str(spent),
            in_hand=str(in_hand),
        )

    async def left(self, caller: Caller) -> Money | None:
        """What is left of the day's budget; None where there is none."""
        if caller.quota.budget is None:
            return None
        budget = Money.read(caller.quota.budget)
        paid = await self._paid_today(caller.tenant, budget.currency)
        held = self._held_by(caller.tenant, budget.currency)
        return Money.of_micros(max(0, budget.micros - paid - held), budget.currency)

    def holds(self, task_id: str) -> bool:
        """Whether a call is held against somebody's budget."""
        return task_id in self._held

    def let_go(self, task_id: str) -> None:
        """A call is not in hand any more."""
        self._held.pop(task_id, None)

    async def pay(self, tenant: str, costs: Iterable[Money]) -> None:
        """Note what was paid."""
        for cost in costs:
            if cost.micros:
                place = (tenant, self._day(), cost.currency)
                await self._paid_today(tenant, cost.currency)
                self._paid[place] = self._paid.get(place, 0) + cost.micros
                await self._posted.written(
                    lambda c, place=place, cost=cost: c.execute(_ADD, (*place, cost.micros))
                )

    def _held_by(self, tenant: str, currency: str) -> int:
        mine = [held.price for held in self._held.values() if held.tenant == tenant]
        return sum(price.micros for price in mine if price.currency == currency)

    async def _paid_today(self, tenant: str, currency: str) -> int:
        place = (tenant, self._day(), currency)
        if place not in self._paid:
            rows = await asyncio.to_thread(self._posted.rows, _READ, place)
            for old in [key for key in self._paid if key[1] != place[1]]:
                del self._paid[old]
            self._paid.setdefault(place, rows[0]["micros"] if rows else 0)
        return self._paid[place]
