"""What a review takes for an answer, and what it says of one that it cannot follow."""

from pathlib import Path

import pytest

from filmeto_core.errors import FilmetoError, NotFoundError, ValidationError
from filmeto_core.review.answers import edits_of, read_answer, told_answer, told_of
from filmeto_core.review.form import form_answer, form_schema, form_text, plain
from filmeto_core.review.models import Asking, ReviewedShot
from filmeto_core.types import utc_now

ASKING = Asking(
    title="Two lamps",
    out="/films/lamps",
    sheet="/films/lamps/review.png",
    since=utc_now(),
    shots=(
        ReviewedShot(id="dawn", prompt="a lighthouse", take=2, new=True),
        ReviewedShot(id="storm", prompt="a storm", new=True, changed=True),
        ReviewedShot(id="own", prompt=None, made=False),
    ),
)


def test_prompts_that_stay_are_no_change():
    sent = {"decision": "approve", "prompts": {"dawn": "a lighthouse", "storm": " a  storm "}}
    answer = read_answer(sent, ASKING)
    assert answer.decision == "approve" and answer.prompts == {}


def test_a_change_is_told_in_absolute_terms():
    sent = {"decision": "change", "prompts": {"storm": "waves"}, "other_takes": ["dawn"]}
    answer = read_answer(sent, ASKING)
    edits = {edit.shot: edit for edit in edits_of(answer, ASKING, {"dawn": 5})}
    assert (edits["dawn"].take, edits["dawn"].take_before, edits["dawn"].prompt) == (5, 2, None)
    assert (edits["storm"].prompt, edits["storm"].prompt_before) == ("waves", "a storm")
    assert told_of(edits.values()) == "dawn (take 5), storm (new prompt)"
    assert told_answer(answer) == "asked for storm by its new prompt, another take of dawn"


@pytest.mark.parametrize(
    ("sent", "kind", "said"),
    [
        ({"decision": "change", "other_takes": ["drawn"]}, NotFoundError, 'Did you mean "dawn"'),
        ({"decision": "change", "prompts": {"x": "y"}}, NotFoundError, "The shots are dawn, storm"),
        ({"decision": "change", "prompts": {"dawn": "  "}}, ValidationError, "prompt is empty"),
        ({"decision": "change", "prompts": {"dawn": "x" * 99_999}}, ValidationError, '"dawn"'),
        ({"decision": "change", "prompts": {"own": "x"}}, ValidationError, "not made of a prompt"),
        ({"decision": "change", "other_takes": ["own"]}, ValidationError, "no other take"),
        ({"decision": "change"}, ValidationError, "Nothing was changed"),
        ({"decision": "approve", "other_takes": ["dawn"]}, ValidationError, "at once"),
        ({"decision": "maybe"}, ValidationError, 'expected "approve" or "change"'),
        ({"prompts": "all"}, ValidationError, "expected"),
        ({}, ValidationError, "expected"),
    ],
)
def test_an_answer_that_cannot_be_followed_says_why(sent, kind, said):
    with pytest.raises(kind, match=said) as caught:
        read_answer(sent, ASKING)
    assert isinstance(caught.value, FilmetoError) and caught.value.handling.exit_code == 2


def test_the_form_has_each_prompt_as_it_is_and_the_shots_that_can_get_another_take():
    fields = form_schema(ASKING)["properties"]
    assert {k: v["default"] for k, v in fields["prompts"]["properties"].items()} == {
        "dawn": "a lighthouse",
        "storm": "a storm",
    }
    assert fields["prompts"]["properties"]["storm"]["description"] == "changed"
    assert fields["other_takes"]["items"]["enum"] == ["dawn", "storm"]
    assert form_schema(ASKING)["required"] == [
        "decision"
    ]  # a run resumed without a word is not approved


def test_the_form_of_a_film_of_own_pictures_asks_for_the_decision_alone():
    alone = ASKING.model_copy(update={"shots": ASKING.shots[2:]})
    assert set(form_schema(alone)["properties"]) == {"decision"}


def test_what_a_form_sends_back_unchanged_is_no_change_and_an_emptied_field_is_one():
    sent = {"decision": "change", "prompts": {"dawn": "a lighthouse", "storm": None}}
    assert form_answer(sent, ASKING)["prompts"] == {"storm": ""}
    with pytest.raises(ValidationError, match='"storm": the prompt is empty'):
        read_answer(form_answer(sent, ASKING), ASKING)


def test_a_title_is_no_markup():
    told = form_text(ASKING.model_copy(update={"title": "<b>*x*</b>\n# y"}), "data:,")
    assert told.startswith("**\\<b\\>\\*x\\*\\</b\\> \\# y**")
    assert plain("a_b") == "a\\_b" and str(Path(ASKING.sheet)) in told
