"""The film's parameters as a form: what it shows, and what starts no run."""

from pathlib import Path

import pytest
import yaml
from prefect.utilities.callables import parameter_schema
from prefect.utilities.schema_tools import ValidationError, validate

from filmeto_core.bundled import bundled
from filmeto_core.deployment.recipes import film

SHOT = {"prompt": "a boat"}


@pytest.fixture(scope="module")
def schema():
    return parameter_schema(film).model_dump(mode="json")


def accepts(schema, **parameters) -> bool:
    try:
        validate(parameters, schema, raise_on_error=True, allow_none_with_default=True)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("path", sorted(bundled("examples").glob("*.yaml")), ids=lambda p: p.stem)
def test_every_example_may_be_given_by_its_fields(schema, path):
    assert accepts(schema, storyboard=yaml.safe_load(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"storyboard": ""},
        {"storyboard": {"shots": []}},
        {"storyboard": {"shots": [{"promt": "a boat"}]}},
        {"storyboard": {"shots": [{**SHOT, "motion": "spin"}]}},
        {"storyboard": {"shots": [{**SHOT, "transition": "dissolv"}]}},
        {"storyboard": {"shots": [{**SHOT, "take": 0}]}},
        {"storyboard": {"titel": "x", "shots": [SHOT]}},
        {"storyboard": "story.yaml", "draft": "half"},
        {"storyboard": "story.yaml", "shots": "dawn"},
        {"storyboard": "story.yaml", "budget": "a lot"},
    ],
)
def test_a_wrong_value_starts_no_run(schema, parameters):
    assert not accepts(schema, **parameters)


def test_what_the_form_does_not_show_may_be_given_all_the_same(schema):
    board = {"x-note": "by Ann", "seed": 3, "look": "noir", "shots": [{**SHOT, "line": "Ahoy."}]}
    assert accepts(schema, storyboard=board, budget="5.00 EUR")


def test_what_is_left_empty_is_as_good_as_not_given():
    empty = {"out": "", "profile": "", "shots": [], "refresh": [], "budget": ""}
    validated = film.validate_parameters({"storyboard": "story.yaml", **empty})
    nothing = {"draft": False, "approve": False, **dict.fromkeys(empty)}
    assert validated == {"storyboard": Path("story.yaml"), **nothing}


def test_every_parameter_is_described_and_none_is_a_choice_of_null(schema):
    for name, field in schema["properties"].items():
        assert field["description"], name
        assert field.get("default", "") is not None, name
        assert "null" not in str(field), name


def test_shots_are_drawn_with_the_fields_that_most_have(schema):
    _file, fields = schema["properties"]["storyboard"]["anyOf"]
    shot = fields["properties"]["shots"]["items"]
    assert list(shot["properties"])[:3] == ["id", "prompt", "narration"]
    assert "push-in" in shot["properties"]["motion"]["enum"]
    assert "^pinned$" in shot["patternProperties"]
