"""What a plan's calls come to."""

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal

from filmeto_core.money import Money
from filmeto_core.plan.models import PlannedCall, Totals
from filmeto_core.plan.wording import seconds_text


def totals_of(calls: Sequence[PlannedCall], assembly: PlannedCall, at_once: int) -> Totals:
    """Added up; what is not known is left out, and told."""
    actions = Counter(call.action for call in calls)
    working = [call for call in (*calls, assembly) if call.works]
    perhaps = sum(call.action == "compute" and not call.certain for call in calls)
    return Totals(
        calls=len(calls),
        reused=actions["reuse"],
        resumed=actions["resume"],
        computed=actions["compute"] - perhaps,
        perhaps=perhaps,
        pinned=actions["pinned"],
        unknown=actions["unknown"],
        refused=actions["refused"],
        seconds=sum(call.seconds or 0.0 for call in working),
        seconds_known=all(call.seconds is not None for call in working),
        costs=added(call.cost for call in working if call.cost is not None),
        costs_known=all(call.priced for call in working),
        at_once=at_once,
    )


def added(amounts: Iterable[Money]) -> tuple[Money, ...]:
    """The sum of each currency."""
    sums: dict[str, Decimal] = {}
    for money in amounts:
        sums[money.currency] = sums.get(money.currency, Decimal(0)) + money.amount
    return tuple(Money(amount=sums[name], currency=name) for name in sorted(sums) if sums[name])


def in_one_line(totals: Totals) -> str:
    """ "12 calls: 9 reused, 3 computed, about 40 s of work, 0.12 USD"."""
    counts = {
        "reused": totals.reused,
        "pinned": totals.pinned,
        "resumed": totals.resumed,
        "computed": totals.computed,
        "computed perhaps": totals.perhaps,
        "refused": totals.refused,
        "unknown": totals.unknown,
    }
    done = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    parts = [done or "nothing to do", _seconds(totals), _costs(totals)]
    plural = "" if totals.calls == 1 else "s"
    return f"{totals.calls} call{plural}: {', '.join(part for part in parts if part)}"


def _seconds(totals: Totals) -> str:
    if not totals.seconds:
        return "" if totals.seconds_known else "nobody knows yet how long"
    about = "about" if totals.seconds_known else "at least"
    return f"{about} {seconds_text(totals.seconds)} of work"


def _costs(totals: Totals) -> str:
    told = " + ".join(map(str, totals.costs))
    if totals.costs_known:
        return told
    return f"at least {told}" if told else "at a cost that nobody tells"
