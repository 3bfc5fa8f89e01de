"""The wire: lines out of pieces, messages out of lines, whatever comes."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filmeto_core.plugin_host import wire


@given(st.binary(max_size=300), st.lists(st.integers(1, 40), max_size=20))
def test_lines_are_the_same_however_the_bytes_are_cut(data, sizes):
    splitter, lines, at = wire.LineSplitter(10_000), [], 0
    for size in [*sizes, len(data)]:
        lines += splitter.feed(data[at : at + size])
        at += size
    lines.append(splitter.rest())
    assert lines == data.split(b"\n")


def test_a_line_over_the_cap_is_let_go_and_the_next_is_read():
    splitter = wire.LineSplitter(10)
    with pytest.raises(wire.LineTooLong):
        splitter.feed(b"x" * 11)
    assert not splitter.holding
    assert splitter.feed(b"ok\n") == [b"ok"]


@given(st.binary())
def test_any_line_is_a_message_or_none(line):
    message = wire.parse(line)
    assert message is None or isinstance(message, dict)


@pytest.mark.parametrize(
    "line",
    [b"", b"   ", b"42", b"null", b"[]", b'"a"', b"{", b"[" * 200_000, b'{"a":' * 200_000]
    + [b'{"a":' + b"9" * 5000 + b"}", b" 10%|##|"],
)
def test_what_is_no_message_is_none(line):
    assert wire.parse(line) is None or line.startswith(b'{"a":9')


def test_nan_surrogates_a_bom_and_bad_utf_8_do_not_lose_a_message():
    assert math.isnan(wire.parse(b'{"a": NaN}')["a"])
    assert wire.parse(b'{"a": "x\\ud800"}')["a"] == "x?"
    assert wire.parse(b'\xef\xbb\xbf {"a": 1}\r') == {"a": 1}
    assert wire.parse(b'{"a": "\xff"}') == {"a": "\ufffd"}


@pytest.mark.parametrize("value", [2**70, "\ud800", {1: 2}, [None, 1.5, "é"]])
def test_whatever_a_caller_gives_goes_out_as_one_line_of_json(value):
    line = wire.request(7, "execute_task", {"value": value})
    assert line.endswith(b"\n") and line.count(b"\n") == 1
    message = json.loads(line)
    assert (message["jsonrpc"], message["id"], message["method"]) == ("2.0", 7, "execute_task")


@given(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.floats(0, 100))
def test_a_percentage_is_finite_within_limits_and_never_falls(value, last):
    assert last <= wire.clamp_percent(value, last) <= 100


@given(
    st.dictionaries(
        st.sampled_from(["type", "percent", "message", "data", "timestamp"]),
        st.none() | st.integers() | st.text() | st.lists(st.integers()),
    )
)
def test_any_params_make_a_notification(params):
    told = wire.read_notification(params, None, 5.0)
    assert told.type in {"started", "progress", "heartbeat", "completed", "failed"}
    assert isinstance(told.message, str) and isinstance(told.data, dict)


def test_a_message_can_be_written_as_json_again_however_deep_or_odd_it_was():
    deep = b'{"id": 1, "result": {"a": ' + b"[" * 900 + b'"x"' + b"]" * 900 + b"}}"
    odd = b'{"result": {"\\udc80": "\\ud800", "n": NaN, "a": ' + b'{"k":' * 500 + b"1" + b"}" * 502
    for line in (deep, odd):
        message = wire.parse(line)
        text = json.dumps(message)
        assert text.encode() and text.count("[") + text.count("{") <= wire.MAX_DEPTH
        assert b"\\ud" not in wire.encode(message)


def test_the_name_of_a_file_that_is_no_utf_8_comes_through():
    line = b'{"result": {"output_files": ["a\\udcff"], "output_resources": [{"path": "b\\udcff"}]}}'
    result = wire.parse(line)["result"]
    assert result["output_files"] == ["a\udcff"]
    assert result["output_resources"] == [{"path": "b\udcff"}]


@pytest.mark.parametrize("number", [1, "a", None, [1], {"a": 2}])
def test_a_refusal_names_the_request_by_its_id_or_by_null(number):
    told = json.loads(wire.refusal(number, wire.METHOD_NOT_FOUND, "no"))
    assert told["id"] == (number if isinstance(number, (int, str)) else None)


def test_a_message_after_a_bar_without_a_line_end_is_found():
    line = b' 50%|###   |\r{"jsonrpc": "2.0", "method": "progress", "params": {"percent": 5}}'
    text, message = wire.parse_after_text(line)
    assert text == b" 50%|###   |\r" and message["params"] == {"percent": 5}
    for line in (b"plain", b'a {"jsonrpc', b'a {"id": 1}', b""):
        assert wire.parse_after_text(line) == (line, None)
