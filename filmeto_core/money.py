"""An amount of money in one currency, counted exactly."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import Field, field_validator

from filmeto_core.errors import shown
from filmeto_core.types import Model

DEFAULT_CURRENCY = "USD"
MICROS = 1_000_000  # of a unit: what is counted; the cheapest calls cost thousandths of a cent
_MOST = Decimal(10) ** 9  # more is a mistake, and would not fit where it is counted
_CURRENCY = re.compile(r"[A-Z]{3}")


class Money(Model):
    """So much of a currency; amounts of one currency can be added and compared."""

    amount: Decimal = Field(description="In units of the currency, to a millionth")
    currency: str = Field(DEFAULT_CURRENCY, description="ISO 4217, such as USD")

    @field_validator("amount", mode="before")
    @classmethod
    def _exact(cls, value: Any) -> Any:
        """A float is meant as it is written: 0.1 is a tenth."""
        return str(value) if isinstance(value, float) else value

    @field_validator("amount")
    @classmethod
    def _sensible(cls, value: Decimal) -> Decimal:
        if not value.is_finite() or not 0 <= value <= _MOST:
            raise ValueError(f"expected an amount from 0 to {_MOST:,f}")
        return value.quantize(Decimal(1) / MICROS)

    @field_validator("currency")
    @classmethod
    def _known(cls, value: str) -> str:
        if not _CURRENCY.fullmatch(value.strip().upper()):
            raise ValueError("expected a currency of three letters, such as USD")
        return value.strip().upper()

    @property
    def micros(self) -> int:
        """Millionths of the currency's unit."""
        return int(self.amount * MICROS)

    @classmethod
    def of_micros(cls, micros: int, currency: str) -> "Money":
        """As `micros` told it."""
        return cls(amount=Decimal(micros) / MICROS, currency=currency)

    @classmethod
    def read(cls, value: Any, currency: str | None = None) -> "Money":
        """What people and plugins write: 5, 5.00, "5.00 EUR", {"amount": 5, "currency": "EUR"}.

        Args:
            currency: Where the value names none; by default USD.

        Raises:
            ValueError: It is none of these; says so in a sentence.
        """
        if isinstance(value, Money):
            return value
        if isinstance(value, dict):
            value, currency = value.get("amount"), value.get("currency") or currency
        if isinstance(value, str):
            number, _, named = value.strip().partition(" ")
            value, currency = number, named or currency
        if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
            raise ValueError(f"expected an amount of money such as 5.00, got {shown(value)}")
        try:
            exact = Decimal(str(value))
        except InvalidOperation:
            raise ValueError(
                f"expected an amount of money such as 5.00, got {shown(value)}"
            ) from None
        try:
            return cls(amount=exact, currency=currency or DEFAULT_CURRENCY)
        except ValueError:
            raise ValueError(
                f"expected an amount of money such as 5.00 or 5.00 EUR, got {shown(value)} "
                f"{shown(currency) if currency else ''}".rstrip()
            ) from None

    def __str__(self) -> str:
        """As people read it: "5.00 USD", "0.0004 USD"."""
        plain = f"{self.amount.normalize():f}"
        whole, _, part = plain.partition(".")
        return f"{whole}.{part.ljust(2, '0')} {self.currency}"
