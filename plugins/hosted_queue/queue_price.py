"""What a job costs, by its provider's file and, where it tells one, by the work that was done."""

from decimal import Decimal


def estimate(model, values):
    """(amount, currency) of a job before it is sent; (None, None) where nobody can say.

    Args:
        model: Its entry in the provider's file.
        values: What its templates' names stand for: the length that is made, not the asked one.
    """
    width, height = values.get("width"), values.get("height")
    amounts = {
        "call": 1,
        "second": values.get("duration_s"),
        "character": len(values.get("text") or values.get("prompt") or ""),
        "megapixel": width * height / 1_000_000 if width and height else None,
    }
    if not model.rates or any(amounts[unit] is None for unit in model.rates):
        return None, None
    total = sum(Decimal(str(rate)) * Decimal(str(amounts[u])) for u, rate in model.rates.items())
    return str(total), model.currency


def told(model, values):
    """As `estimate`, as an error's details tell it: {"amount", "currency"}, or None."""
    amount, currency = estimate(model, values)
    if amount is None:
        return None
    return {"amount": amount, "currency": currency} if currency else {"amount": amount}


def of_work(model, seconds):
    """The amount by the seconds that the provider worked; None where that is no price."""
    if model.second_of_work is None or not isinstance(seconds, (int, float)) or seconds < 0:
        return None
    return str(Decimal(str(model.second_of_work)) * Decimal(str(seconds)))
