"""The error tree is complete: each class has its row, its code and its place in the drawing."""

import copy
import json
import pickle
import re

import pytest

from filmeto_core import errors
from filmeto_core.errors import (
    HANDLING,
    FilmetoError,
    PluginCrashed,
    ResourceFetchError,
    ResourceProcessingError,
    StoryboardError,
    TimeoutError,
    ValidationError,
    did_you_mean,
    error_classes,
)

CLASSES = list(error_classes())


def test_every_class_has_a_row_of_the_table_and_no_row_lacks_its_class():
    assert set(HANDLING) == set(CLASSES)


def test_codes_are_one_a_class_and_so_are_those_of_json_rpc():
    assert len({handling.code for handling in HANDLING.values()}) == len(HANDLING)
    ours = [h.rpc_code for h in HANDLING.values() if -32099 <= h.rpc_code <= -32000]
    assert len(set(ours)) == len(ours)


@pytest.mark.parametrize("kind", CLASSES)
def test_a_row_says_what_each_border_understands(kind):
    handling = HANDLING[kind]
    assert re.fullmatch("[a-z_]+", handling.code)
    assert 400 <= handling.http_status < 600
    assert handling.exit_code in (1, 2)
    assert handling.exit_code == 1 or handling.http_status < 500, "bad input is the caller's"
    assert not (handling.retryable and handling.exit_code == 2), "bad input stays bad"
    reserved, ours = range(-32603, -32599), range(-32099, -31999)
    assert handling.rpc_code in reserved or handling.rpc_code in ours


def test_the_drawing_shows_the_tree_as_it_is():
    drawn, path = {}, []
    for line in errors.__doc__.splitlines():
        if name := re.match(r"([│├└─ ]*)(\w+Error|Plugin\w+|SubmissionUnknown)\b", line):
            depth = len(name[1]) // 4
            path[depth:] = [name[2]]
            drawn[name[2]] = path[depth - 1] if depth else None
    real = {kind.__name__: kind.__base__.__name__ for kind in CLASSES}
    assert drawn == {**real, "FilmetoError": None}


@pytest.mark.parametrize("kind", CLASSES)
def test_an_error_survives_json_and_pickling(kind):
    error = kind("It broke.", hint="Mend it.", retryable=True, tool="text2image", exit_code=-9)
    for again in (
        FilmetoError.from_dict(json.loads(json.dumps(error.to_dict()))),
        pickle.loads(pickle.dumps(error)),
        copy.copy(error),
    ):
        assert type(again) is kind
        assert again.to_dict() == error.to_dict()
        assert str(again) == str(error)


def test_an_unknown_code_from_a_newer_release_is_the_root():
    error = FilmetoError.from_dict({"code": "of_tomorrow", "message": "New.", "hint": "Update."})
    assert type(error) is FilmetoError
    assert str(error) == "New. Update."


def test_the_text_says_where_what_and_what_to_do():
    error = PluginCrashed("It ended with signal 9.", hint="Run it again.", plugin="sketch")
    error.with_details(shot="storm", tool="text2image", plugin="other", stderr=None)
    assert str(error) == "storm · text2image · sketch: It ended with signal 9. Run it again."
    assert "stderr" not in error.details


def test_one_error_may_know_better_than_the_table_whether_to_try_again():
    assert ResourceFetchError("gone").retryable
    assert not ResourceFetchError("gone", retryable=False).retryable
    assert ResourceFetchError("gone").handling.retryable


def test_the_classes_that_programs_catch_stand_where_they_expect():
    assert issubclass(StoryboardError, ValidationError)
    assert issubclass(ResourceFetchError, ResourceProcessingError)
    assert not issubclass(TimeoutError, OSError), "not Python's own"


@pytest.mark.parametrize(
    ("wrong", "said"), [("promt", ' Did you mean "prompt"?'), ("zzz", ""), ("", "")]
)
def test_a_misspelt_word_is_told_with_the_right_one(wrong, said):
    assert did_you_mean(wrong, ["prompt", "width"]) == said
