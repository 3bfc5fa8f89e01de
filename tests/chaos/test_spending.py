"""What many films would cost is said before, and none is made that was not allowed."""

from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from filmeto_core.chaos.spending import Price, allow, price_of_film
from filmeto_core.errors import ValidationError
from filmeto_core.film_board import open_board
from filmeto_core.money import Money
from filmeto_core.tasks.runtime import service

PLUGINS = Path(__file__).parents[1] / "plugins"
PROJECT = """\
profiles:
  paid: {text2image: paid, image2video: paid, text2speak: paid, text2music: paid}
"""
BOARD = {
    "size": "160x90",
    "fps": 8,
    "profile": "paid",
    "music": "strings",
    "shots": [
        {"id": "one", "prompt": "a lamp", "duration_s": 2},
        {"id": "two", "prompt": "the sea", "duration_s": 3, "narration": "It was dark."},
    ],
}


@pytest.fixture
def price(home, monkeypatch, tmp_path):
    """What one film costs: price(profile)."""
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    (tmp_path / "filmeto.yaml").write_text(PROJECT)
    story = tmp_path / "story.yaml"
    story.write_text(yaml.safe_dump(BOARD))
    return lambda profile: price_of_film(open_board(service(), story, profile=profile))


def usd(amount):
    return Money(amount=Decimal(amount), currency="USD")


def test_the_calls_of_a_film_are_added_up_as_their_manifest_prices_them(price):
    told = price("paid")
    assert told.known == (usd("0.672"),)  # 2 x 0.04, 5 s x 0.10, 12 letters x 0.001, 0.08
    assert told.of(21) == "14.112 USD"


def test_a_film_that_costs_nothing_needs_no_leave(price):
    assert price("animatic").is_free
    allow(price("animatic"), 1000, None)


def test_what_costs_money_is_refused_with_its_sum_until_so_much_is_allowed(price):
    with pytest.raises(ValidationError, match=r"21 films .* would cost 14\.112 USD"):
        allow(price("paid"), 21, None)
    with pytest.raises(ValidationError, match=r"--spend 14\.00 USD"):
        allow(price("paid"), 21, usd("14"))
    with pytest.raises(ValidationError):
        allow(price("paid"), 21, Money(amount=Decimal(100), currency="EUR"))
    allow(price("paid"), 21, usd("14.12"))


def test_a_provider_that_names_no_price_needs_leave_too():
    unsaid = Price(unsaid=("cloud",))
    with pytest.raises(ValidationError, match="what cloud asks, which does not say"):
        allow(unsaid, 3, None)
    allow(unsaid, 3, usd("5"))
