"""A manifest's pricing gives a call its price, or says that it cannot be read."""

import pytest

from filmeto_core.plugin_host.manifest_model import Manifest
from filmeto_core.plugin_host.pricing import price_of, readable, told_pricing

PICTURE = {"prompt": "a cliff", "width": 1000, "height": 2000}


def manifest(pricing, tool="text2image"):
    return Manifest(name="paid", tools=[{"name": tool}], pricing=pricing)


@pytest.mark.parametrize(
    ("pricing", "told"),
    [
        (0.04, "0.04 USD"),
        ("0.04", "0.04 USD"),
        ({"call": 0.01, "currency": "EUR"}, "0.01 EUR"),
        ({"per_call": 0.01}, "0.01 USD"),
        ({"call": 0.01, "megapixel": 0.002}, "0.014 USD"),
        ({"character": 0.001}, "0.007 USD"),
        ({"text2image": 0.05, "image2video": {"second": 1}}, "0.05 USD"),
        ({"currency": "GBP", "text2image": {"call": 0.05}}, "0.05 GBP"),
    ],
)
def test_a_call_has_the_price_that_its_rates_add_up_to(pricing, told):
    assert str(price_of(manifest(pricing), "text2image", PICTURE)) == told
    assert readable(pricing, ("text2image",)) is None


@pytest.mark.parametrize(
    "pricing",
    [
        None,
        "cheap",
        [],
        {"call": -1},
        {"per_token": 1},
        {"image2video": 1},
        {"currency": "X"},
        True,
    ],
)
def test_no_readable_price_is_an_unknown_one(pricing):
    assert price_of(manifest(pricing), "text2image", PICTURE) is None
    if pricing is not None:
        assert "expected the price of a call" in readable(pricing, ("text2image",))


def test_a_price_by_the_second_needs_to_know_the_seconds():
    told = manifest({"second": 0.1}, "image2video")
    assert price_of(told, "image2video", {}) is None
    assert str(price_of(told, "image2video", {"duration_s": 2.5})) == "0.25 USD"


@pytest.mark.parametrize(
    ("fields", "remote", "key"),
    [
        ({}, False, False),
        ({"pricing": 1}, True, False),
        ({"remote": True}, True, False),
        ({"remote": {"idempotency_key": True}, "pricing": 1}, True, True),
        ({"remote": {"idempotency_key": "yes"}}, True, False),
        ({"remote": "another manifest's word"}, False, False),
    ],
)
def test_a_plugin_that_costs_or_says_so_has_its_jobs_elsewhere(fields, remote, key):
    told = Manifest(name="paid", tools=[{"name": "text2image"}], **fields)
    assert (told.is_remote, told.takes_idempotency_key) == (remote, key)


def test_the_user_s_own_prices_stand_in_the_variable_that_the_manifest_names(monkeypatch):
    paid = manifest({"environment": "MY_PRICES"})
    assert readable(paid.pricing, ("text2image",)) is None
    assert price_of(paid, "text2image", PICTURE) is None, "it is unset"
    for value, told in (
        ("0.04", "0.04 USD"),
        ("{currency: EUR, text2image: {megapixel: 0.02}}", "0.04 EUR"),
        ("0", "0.00 USD"),
        ("{text2image: [", "None"),
        ("cheap", "None"),
    ):
        monkeypatch.setenv("MY_PRICES", value)
        assert str(price_of(paid, "text2image", PICTURE)) == told
    assert paid.is_remote


def test_prices_that_stand_in_the_manifest_are_told_as_they_are():
    assert told_pricing({"call": 0.04}) == {"call": 0.04}
