"""Parameters of a call: strict types, limits, choices, defaults."""

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from filmeto_core.errors import ValidationError
from filmeto_core.plugin_host.manifest_model import ToolSpec
from filmeto_core.plugin_host.parameters import check_parameters

TOOL = ToolSpec.model_validate(
    {
        "name": "text2image",
        "parameters": [
            {"name": "prompt", "required": True, "max": 100},
            {"name": "width", "type": "integer", "default": 512, "min": 64, "max": 4096},
            {"name": "strength", "type": "float", "min": 0, "max": 1},
            {"name": "wide", "type": "bool", "default": False},
            {"name": "mood", "choices": ["calm", "storm"], "default": "calm"},
            {"name": "tags", "type": "list", "max": 3},
            {"name": "extra", "type": "object"},
        ],
    }
)
DEFAULTS = {"width": 512, "wide": False, "mood": "calm"}


def test_defaults_are_filled_in_and_what_has_none_stays_away():
    assert check_parameters(TOOL, {"prompt": "sea"}) == {"prompt": "sea", **DEFAULTS}


@pytest.mark.parametrize(
    ("name", "given_value", "value"),
    [
        ("width", 640.0, 640),
        ("strength", 1, 1.0),
        ("wide", True, True),
        ("width", None, 512),
        ("tags", ["a"], ["a"]),
        ("extra", {"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}),
    ],
)
def test_what_fits_is_taken(name, given_value, value):
    checked = check_parameters(TOOL, {"prompt": "sea", name: given_value})
    assert checked[name] == value
    assert type(checked[name]) is type(value)


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("prompt", "  ", "a text"),
        ("prompt", 5, "a text"),
        ("prompt", None, "a text"),
        ("prompt", "x" * 101, "at most 100 characters"),
        ("prompt", "\ud800", "a text"),
        ("width", True, "an integer from 64 to 4096"),
        ("width", "640", "an integer"),
        ("width", 640.5, "an integer"),
        ("width", 63, "from 64"),
        ("width", 10**400, "from 64"),
        ("strength", math.nan, "a number from 0 to 1"),
        ("strength", math.inf, "a number"),
        ("strength", 10**400, "a number"),
        ("strength", 1.01, "from 0 to 1"),
        ("wide", 1, "true or false"),
        ("mood", "strom", 'Did you mean "storm"'),
        ("tags", "a", "a list"),
        ("tags", [1, 2, 3, 4], "at most 3 items"),
        ("tags", [math.nan], "a list"),
        ("extra", {1: 2}, "a mapping"),
        ("extra", {"a": object()}, "a mapping"),
    ],
)
def test_what_does_not_fit_is_told_with_the_field_the_value_and_what_is_allowed(
    name, value, allowed
):
    with pytest.raises(ValidationError) as wrong:
        check_parameters(TOOL, {"prompt": "sea", name: value})
    assert str(wrong.value).startswith(f"{name}: expected ")
    assert allowed in str(wrong.value)
    assert wrong.value.details["field"] == name


def test_an_unknown_parameter_is_refused_with_a_suggestion():
    with pytest.raises(ValidationError, match="no parameter 'widht'. Did you mean \"width\""):
        check_parameters(TOOL, {"prompt": "sea", "widht": 5})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=4,
)
names = st.sampled_from([p.name for p in TOOL.parameters] + ["unknown", ""])


def test_a_number_of_ten_thousand_digits_is_refused_in_words():
    with pytest.raises(ValidationError, match="width: expected an integer"):
        check_parameters(TOOL, {"prompt": "a", "width": 10**10_000})


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(names, json_values, max_size=4))
def test_any_value_is_taken_or_refused_and_never_breaks_the_check(parameters):
    try:
        checked = check_parameters(TOOL, parameters)
    except ValidationError:
        return
    assert checked["prompt"].strip()
    assert 64 <= checked["width"] <= 4096
    assert check_parameters(TOOL, checked) == checked


SET = ToolSpec.model_validate(
    {
        "name": "text2image",
        "parameters": [
            {"name": "model", "default": "small", "environment": "MY_MODEL"},
            {"name": "steps", "type": "integer", "max": 50, "environment": "MY_STEPS"},
        ],
    }
)


def test_a_variable_that_is_set_goes_before_the_default_and_after_what_is_given(monkeypatch):
    assert check_parameters(SET, {}) == {"model": "small"}
    monkeypatch.setenv("MY_MODEL", " large ")
    monkeypatch.setenv("MY_STEPS", "20")
    assert check_parameters(SET, {"model": ""}) == {"model": "large", "steps": 20}
    assert check_parameters(SET, {"model": "tiny", "steps": 2}) == {"model": "tiny", "steps": 2}


@pytest.mark.parametrize("value", ["many", "60", "[", "2.5"])
def test_a_variable_whose_value_does_not_fit_is_refused_as_one_that_is_given(monkeypatch, value):
    monkeypatch.setenv("MY_STEPS", value)
    with pytest.raises(ValidationError, match="steps: expected an integer"):
        check_parameters(SET, {})
