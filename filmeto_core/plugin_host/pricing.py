"""What a plugin's manifest says that its calls cost.

    pricing: 0.04                                        a call, in USD
    pricing: {currency: EUR, call: 0.01, second: 0.05}   what is named is added up
    pricing: {text2image: {call: 0.04}, image2video: {second: 0.10}}
    pricing: {environment: MY_PRICES}                    the user's own, such as MY_PRICES="0.04"

`second` counts the call's duration_s, `megapixel` its width x height, `character` its text.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import yaml

from filmeto_core.money import DEFAULT_CURRENCY, Money
from filmeto_core.plugin_host.manifest_model import Manifest
from filmeto_core.settings import inherited_environment
from filmeto_core.types import ToolType

UNITS = ("call", "second", "megapixel", "character")
# Names that are about in other people's manifests.
_ALIASES = {f"per_{unit}{tail}": unit for unit in UNITS for tail in ("", "_usd")}


def price_of(manifest: Manifest, tool: str, parameters: Mapping[str, Any]) -> Money | None:
    """What a call of these parameters will cost, as far as the manifest says.

    Returns:
        The price; None where the manifest names none that can be read, or one by a unit that the
        parameters do not tell.
    """
    told = _of_tool(manifest.pricing, tool)
    if told is None:
        return None
    rates, currency = told
    total = Decimal(0)
    for unit, rate in rates.items():
        amount = _amount(unit, parameters)
        if amount is None:
            return None
        total += rate * amount
    try:
        return Money(amount=total, currency=currency)
    except ValueError:
        return None


def currency_of(manifest: Manifest, tool: str) -> str | None:
    """The currency of the tool's price; None where the manifest names no price that can be read."""
    told = _of_tool(manifest.pricing, tool)
    return told[1] if told else None


def told_pricing(pricing: Any) -> Any:
    """A manifest's `pricing`, or what stands in the variable that it names: None where it is unset."""
    name = _variable(pricing)
    if name is None:
        return pricing
    try:
        return yaml.safe_load(inherited_environment((name,)).get(name, ""))
    except yaml.YAMLError:
        return None


def readable(pricing: Any, tools: tuple[str, ...]) -> str | None:
    """What is wrong with a manifest's `pricing`, None where it can be read for every tool."""
    if pricing is None or _variable(pricing) is not None:
        return None
    if all(_of_tool(pricing, tool) is not None for tool in tools):
        return None
    return (
        "expected the price of a call, such as 0.04, or {currency: USD, call: 0.04}, with rates by "
        f"{', '.join(UNITS)}, or one of these for each tool; its price counts as unknown"
    )


def _variable(pricing: Any) -> str | None:
    """The name of the variable that has the prices, if the manifest names one."""
    if not isinstance(pricing, Mapping) or list(pricing) != ["environment"]:
        return None
    name = pricing["environment"]
    return name if isinstance(name, str) and name else None


def _of_tool(pricing: Any, tool: str) -> tuple[dict[str, Decimal], str] | None:
    pricing = told_pricing(pricing)
    if isinstance(pricing, Mapping):
        if tool in pricing:
            own = pricing[tool]
            if isinstance(own, Mapping):
                return _rates({"currency": pricing.get("currency"), **own})
            return _rates({"currency": pricing.get("currency"), "call": own})
        if any(name in list(ToolType) for name in pricing):
            return None
        return _rates(pricing)
    return _rates({"call": pricing})


def _rates(told: Mapping[Any, Any]) -> tuple[dict[str, Decimal], str] | None:
    currency, rates = told.get("currency") or DEFAULT_CURRENCY, {}
    for name, value in told.items():
        if name == "currency":
            continue
        unit = _ALIASES.get(str(name), str(name))
        rate = _number(value)
        if unit not in UNITS or rate is None:
            return None
        rates[unit] = rate
    try:
        Money(amount=0, currency=currency)
    except ValueError:
        return None
    return (rates, currency) if rates else None


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and number >= 0 else None


def _amount(unit: str, parameters: Mapping[str, Any]) -> Decimal | None:
    if unit == "call":
        return Decimal(1)
    if unit == "character":
        text = parameters.get("text", parameters.get("prompt"))
        return Decimal(len(text)) if isinstance(text, str) else None
    if unit == "second":
        return _number(parameters.get("duration_s"))
    width, height = (_number(parameters.get(name)) for name in ("width", "height"))
    return None if width is None or height is None else width * height / 1_000_000
