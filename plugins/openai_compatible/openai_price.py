"""What a call costs by the user's own prices, in the form of a manifest's `pricing`.

filmeto counts plans and budgets by it. Here it tells whether a call is free, so that one whose
answer was lost may simply be sent again, and what an answer cost that was paid for and lost.
"""

from decimal import Decimal, InvalidOperation

import openai_settings as settings
import yaml

VARIABLE = "FILMETO_OPENAI_PRICING"
UNITS = ("call", "second", "megapixel", "character")
EXPECTED = "a price such as 0.04, or {text2image: 0.04, text2video: {second: 0.10}}"


class Price:
    """The price of calls of one tool; unknown where the user names none.

    Args:
        tool: The tool's name.
    """

    def __init__(self, tool):
        rates = self._rates(tool)
        self.currency = rates.pop("currency", None)
        try:
            self._by_unit = {unit: Decimal(str(rate)) for unit, rate in rates.items()}
        except InvalidOperation:
            raise settings.wrong(VARIABLE, EXPECTED, settings.given(VARIABLE)) from None
        for unit, rate in self._by_unit.items():
            if unit not in UNITS or not rate.is_finite() or rate < 0:
                raise settings.wrong(VARIABLE, EXPECTED, settings.given(VARIABLE))

    @property
    def is_free(self):
        """Whether a call sent twice costs nothing twice."""
        return bool(self._by_unit) and not any(self._by_unit.values())

    def of(self, parameters):
        """{"amount", "currency"} of a call, None where it is unknown."""
        amounts = {
            "call": 1,
            "second": parameters.get("duration_s"),
            "character": len(parameters.get("text") or parameters.get("prompt") or ""),
            "megapixel": Decimal(parameters.get("width") or 0)
            * Decimal(parameters.get("height") or 0)
            / 1_000_000,
        }
        if not self._by_unit or any(amounts.get(unit) is None for unit in self._by_unit):
            return None
        total = sum(rate * Decimal(str(amounts[unit])) for unit, rate in self._by_unit.items())
        told = {"amount": str(total)}
        return {**told, "currency": self.currency} if self.currency else told

    def _rates(self, tool):
        told = settings.given(VARIABLE)
        try:
            pricing = yaml.safe_load(told) if told else None
        except yaml.YAMLError:
            raise settings.wrong(VARIABLE, EXPECTED, told) from None
        if pricing is None:
            return {}
        if not isinstance(pricing, dict):
            return {"call": pricing}
        own = pricing.get(tool, {} if any("2" in str(name) for name in pricing) else pricing)
        rates = own if isinstance(own, dict) else {"call": own}
        return {"currency": pricing.get("currency"), **rates}
