"""Waiting for work in another thread: it gives its result, or is given up."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from filmeto_plugin.waiting import result_of


@pytest.fixture
def thread():
    with ThreadPoolExecutor(1) as made:
        yield made


def test_the_result_and_the_error_are_the_works_own(thread):
    def late():
        raise TimeoutError("of the work")

    assert result_of(thread.submit(lambda: 5), lambda: None, lambda: None) == 5
    with pytest.raises(TimeoutError, match="of the work"):
        result_of(thread.submit(late), lambda: None, lambda: None)


def test_work_is_told_to_stop_and_has_ended_when_the_call_goes_on(thread):
    told, ended = threading.Event(), threading.Event()

    def long():
        assert told.wait(20)
        ended.set()

    def check():
        raise KeyError("cancelled")

    with pytest.raises(KeyError, match="cancelled"):
        result_of(thread.submit(long), check, told.set)
    assert ended.is_set()
