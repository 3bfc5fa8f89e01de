"""What answers say of themselves is read strictly."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from filmeto_core.resources.http_answer import Part, is_of, part_of, retry_after_s, validator_of


def answer(status: int = 200, **headers: str) -> httpx.Response:
    named = [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()]
    return httpx.Response(status, headers=named)


@pytest.mark.parametrize(
    ("told", "part"),
    [
        ("bytes 5-9/20", Part(5, 5, 20)),
        ("bytes 5-9/*", Part(5, 5, None)),
        ("bytes 0-0/1", Part(0, 1, 1)),
    ],
)
def test_a_part_is_told_by_its_range(told, part):
    assert part_of(answer(206, Content_Range=told)) == part


@pytest.mark.parametrize(
    "told",
    [
        "",
        "bytes",
        "bytes */20",
        "bytes 5-/20",
        "bytes 9-5/20",
        "bytes 5-20/20",
        "bytes 5-9",
        "chars 5-9/20",
        "bytes ٥-٩/20",
        "bytes 5-9/" + "9" * 40,
    ],
)
def test_a_range_that_makes_no_sense_is_none(told):
    assert part_of(answer(206, Content_Range=told)) is None


def test_a_range_and_a_length_that_differ_are_none():
    assert part_of(answer(206, Content_Range="bytes 5-9/20", Content_Length="6")) is None
    assert part_of(answer(206, Content_Range="bytes 5-9/20", Content_Length="5")) == Part(5, 5, 20)


@pytest.mark.parametrize(("length", "size"), [("12", 12), ("", None), ("many", None), ("-1", None)])
def test_a_whole_file_is_as_long_as_it_says(length, size):
    assert part_of(answer(200, Content_Length=length)) == Part(0, size, size)


def test_a_weak_tag_is_no_ground_to_go_on():
    assert validator_of(answer(ETag='W/"1"')) == ""
    assert validator_of(answer(ETag='W/"1"', Last_Modified="Mon")) == "Mon"
    assert validator_of(answer(ETag='"1"', Last_Modified="Mon")) == '"1"'


def test_a_part_of_another_version_is_known_by_its_tag():
    assert is_of(answer(206, ETag='"1"'), '"1"')
    assert not is_of(answer(206, ETag='"2"'), '"1"')
    assert is_of(answer(206), '"1"')
    assert not is_of(answer(206, Last_Modified="Tue"), "Mon")


def test_retry_after_is_seconds_or_a_date():
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=40), usegmt=True)
    past = format_datetime(datetime.now(UTC) - timedelta(seconds=40), usegmt=True)
    assert retry_after_s(answer(429, Retry_After="7")) == 7
    assert retry_after_s(answer(429, Retry_After=soon)) == pytest.approx(40, abs=2)
    assert retry_after_s(answer(429, Retry_After=past)) == 0


@pytest.mark.parametrize("told", ["", "soon", "-5", "1e9", "Fri, 99 Xyz 2015", "٥"])
def test_a_retry_after_that_makes_no_sense_is_none(told):
    assert retry_after_s(httpx.Response(429, headers=[(b"Retry-After", told.encode())])) is None
