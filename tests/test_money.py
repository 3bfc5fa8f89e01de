"""Money is counted exactly, and read as people and plugins write it."""

from decimal import Decimal

import pytest

from filmeto_core.money import Money


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (5, "5.00 USD"),
        (0.1, "0.10 USD"),
        ("5.00", "5.00 USD"),
        ("5 eur", "5.00 EUR"),
        ({"amount": "0.0004", "currency": "CNY"}, "0.0004 CNY"),
        ({"amount": 1200}, "1200.00 USD"),
        (Decimal("0.000001"), "0.000001 USD"),
        (0, "0.00 USD"),
    ],
)
def test_an_amount_is_read_as_it_is_written(written, told):
    assert str(Money.read(written)) == told


@pytest.mark.parametrize(
    "wrong", [None, True, "five", "-1", float("nan"), "1e400", [], {"price": 1}, "5 dollars", 1e12]
)
def test_what_is_no_amount_is_refused_in_a_sentence(wrong):
    with pytest.raises(ValueError, match=r"expected an amount of money such as 5\.00"):
        Money.read(wrong)


def test_ten_dimes_are_a_dollar():
    dime = Money.read(0.1)
    assert dime.micros * 10 == Money.read(1).micros
    assert Money.of_micros(dime.micros, "USD") == dime
