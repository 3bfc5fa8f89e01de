"""What is said of a film that its budget stopped: what is missing, and what the rest would cost."""

from collections.abc import Sequence
from typing import Any

from filmeto_core.errors import BudgetError, FilmetoError, some_of
from filmeto_core.money import Money
from filmeto_core.plan.models import Plan
from filmeto_core.plan.totals import added


def stopped_by(
    budget: Money,
    spent: Sequence[Money],
    plan: Plan,
    errors: Sequence[FilmetoError],
    **details: Any,
) -> BudgetError:
    """The error of a film for which nothing but its budget was too small.

    Args:
        spent: By all runs of the film, by currency.
        plan: What is still to be done.
        errors: Why calls were not made.
    """
    missing = [call for call in plan.calls if call.works]
    if not missing or any("price" not in error.details for error in errors):
        return BudgetError("\n".join(dict.fromkeys(map(str, errors))), **details)
    names = [f"{call.shot or 'the film'} · {call.tool}" for call in missing]
    rest = added(call.cost for call in missing if call.cost is not None)
    told = " + ".join(map(str, rest)) or f"0.00 {budget.currency}"
    about = "" if plan.totals.costs_known else "at least "
    paid = " + ".join(map(str, spent)) or f"0.00 {budget.currency}"
    needed = added(m for m in (*spent, *rest) if m.currency == budget.currency)
    enough = f" --budget {needed[0].amount:.2f} is enough." if needed and not about else ""
    return BudgetError(
        f"the budget of {budget} stopped the film: {paid} is spent, and the rest would cost "
        f"{about}{told}. Missing: {some_of(names)}.",
        hint=f"All that is done is kept. To go on, run the same command with a larger budget.{enough}",
        budget=str(budget),
        spent=paid,
        rest=told,
        missing=names,
        **details,
    )
