"""What an answer means, whatever it holds."""

import functools

import pytest

from filmeto_core.errors import PluginExecutionError, PluginProtocolError
from filmeto_core.plugin_host.answers import MESSAGE_CHARS, read_answer

DEEP = functools.reduce(lambda inner, _: {"a": inner}, range(1500), 1)
ODD = [DEEP, [DEEP], 10**10_000, float("nan"), "x" * 100_000, "\ud800", None, True, {}]


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_an_odd_answer_is_an_error_that_can_be_shown(odd):
    answers = [
        {"result": odd},
        {"result": {"status": odd}},
        {"error": odd},
        {"error": {"code": odd, "message": odd}},
        {"result": {"status": "error", "error_message": odd, "metadata": odd}},
        {"result": {"status": "error", "metadata": {"error": odd}}},
        {"result": {"status": "error", "metadata": {"error": {"code": odd, "details": odd}}}},
    ]
    for answer in answers:
        error = read_answer(answer)
        assert isinstance(error, PluginExecutionError)
        assert len(str(error)) < MESSAGE_CHARS + 200


def test_a_result_says_what_was_expected_and_what_came():
    error = read_answer({"result": {"status": "done"}})
    assert isinstance(error, PluginProtocolError)
    assert 'expected a result with `status` "success" or "error", got' in str(error)
    assert "'done'" in str(error)


@pytest.mark.parametrize(
    ("told", "waits_s"),
    [(7, 7), (0.5, 0.5), (10**400, 3600), (True, None), (-1, None), ("7", None)],
)
def test_the_time_that_a_plugin_asks_to_wait_is_an_error_s_own(told, waits_s):
    about = {"code": "overloaded", "retryable": True, "details": {"retry_after_s": told}}
    error = read_answer({"result": {"status": "error", "metadata": {"error": about}}})
    assert error.details.get("retry_after_s") == waits_s
