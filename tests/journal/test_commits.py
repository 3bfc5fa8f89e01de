"""Writes that are waited for, and those that are left."""

import threading

import pytest

from filmeto_core.journal.commits import Commits
from filmeto_core.journal.posted import Posted
from filmeto_core.journal.posted_file import connect_posted


@pytest.fixture
def commits(tmp_path):
    """The writes to one file."""
    path = tmp_path / "posted.db"
    made = Commits(path, lambda: connect_posted(path))
    yield made
    made.close()


def test_a_writer_that_was_cancelled_while_it_waited_holds_up_none_after_it(commits):
    entered, go = threading.Event(), threading.Event()

    def slow(_connection):
        entered.set()
        assert go.wait(5)

    commits.add(slow)
    assert entered.wait(5)
    given_up = commits.add(lambda _connection: "nobody's")
    assert given_up.cancel()
    go.set()
    assert commits.add(lambda _connection: "kept").result(5) == "kept"


def test_what_is_left_is_written_before_what_is_added_after_it_and_by_itself(commits):
    order = []
    commits.leave(lambda _connection: order.append("left"))
    commits.add(lambda _connection: order.append("added")).result(5)
    assert order == ["left", "added"]
    assert commits.leave(lambda _connection: "alone").result(5) == "alone"


def test_events_of_a_moment_are_all_kept_in_order_and_one_that_is_there_stays_as_it_was(tmp_path):
    posted = Posted(tmp_path)
    told = [posted.add_event("task:a", (1, n), b"%d" % n) for n in range(1, 251)]
    told.append(posted.add_event("task:a", (1, 250), b"another"))
    for future in told:
        future.result(5)
    posted.close()
    assert posted.events("task:a") == [((1, n), b"%d" % n) for n in range(1, 251)]
