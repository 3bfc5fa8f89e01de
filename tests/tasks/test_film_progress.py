"""How far a film is: weighed by the plan, never falling, with a time left only where it is known."""

import pytest

from filmeto_core.plan.models import Plan, PlannedCall
from filmeto_core.plan.totals import totals_of
from filmeto_core.tasks.film_progress import PACE_S, FilmProgress
from filmeto_core.tasks.runtime import CallEvent


def planned(shot, tool, seconds, action="compute"):
    return PlannedCall(
        shot=shot, tool=tool, plugin="quick", action=action, why="first time", seconds=seconds
    )


def plan(*calls):
    assembly = planned(None, "assemble", 10.0)
    return Plan(
        title="Quick",
        film="/film",
        profile="quick",
        size="64x64",
        fps="8",
        duration_s=2,
        duration_known=True,
        calls=calls,
        assembly=assembly,
        totals=totals_of(calls, assembly, 2),
    )


def event(shot, tool, kind, **told):
    call_id = f"{shot} {tool}"
    return CallEvent(call_id=call_id, shot=shot, tool=tool, plugin="quick", kind=kind, **told)


@pytest.fixture
def clock(monkeypatch):
    """The time, which a test sets: `clock[0]`."""
    now = [0.0]
    monkeypatch.setattr("filmeto_core.tasks.film_progress.time.monotonic", lambda: now[0])
    return now


STILLS = (planned("dawn", "text2image", 30.0), planned("night", "text2image", 60.0))


def test_the_whole_is_weighed_by_what_calls_should_take(clock):
    progress = FilmProgress(["dawn", "night"], plan(*STILLS))
    assert progress.percent == 0
    progress.note(event("dawn", "text2image", "progress", percent=50))
    assert progress.percent == 15
    progress.note(event("dawn", "text2image", "done", seconds=30))
    progress.note(event("night", "text2image", "progress", percent=50))
    assert progress.percent == 60
    assert (progress.done, progress.cached) == (1, 0)


def test_percentages_never_fall_when_a_call_begins_again(clock):
    progress = FilmProgress(["dawn", "night"], plan(*STILLS))
    progress.note(event("night", "text2image", "progress", percent=50))
    before = progress.percent
    progress.note(event("night", "text2image", "failed", message="busy"))
    assert progress.shot("night").state == "failed"
    progress.note(event("night", "text2image", "started"))
    assert progress.percent == before and progress.shot("night").state == "running"


def test_the_time_left_goes_by_the_plan_then_by_the_pace(clock):
    progress = FilmProgress(["dawn", "night"], plan(*STILLS))
    assert progress.time_left_s() == 90 / 2 + 10
    progress.note(event("dawn", "text2image", "progress", percent=0))
    clock[0] = 60.0  # twice as long as the plan said
    progress.note(event("dawn", "text2image", "done", seconds=60))
    pace = (60 + PACE_S) / (15 + PACE_S)
    assert progress.time_left_s() == pytest.approx((60 + 10) * pace, abs=0.1)


def test_nobody_says_how_long_a_call_takes_that_nobody_knows(clock):
    unknown = [planned(shot, "text2image", None) for shot in ("dawn", "night")]
    progress = FilmProgress(["dawn", "night"], plan(*unknown))
    assert progress.time_left_s() is None and progress.percent == 0
    progress.note(event("dawn", "text2image", "progress", percent=0))
    clock[0] = 2.0  # two at once: as long as half of the 4 s that it takes
    progress.note(event("dawn", "text2image", "done", seconds=4))
    assert progress.time_left_s() == 4 + 10, "its like was made by now"
    assert FilmProgress([], None).time_left_s() is None


def test_an_environment_that_is_built_is_told_and_leaves_the_time_open(clock):
    progress = FilmProgress(["dawn", "night"], plan(*STILLS))
    built = {"call_id": "quick", "shot": None, "tool": "text2image", "plugin": "quick"}
    building = CallEvent(**built, kind="progress", stage="environment", message="installing numpy")
    progress.note(building)
    assert progress.message == "quick: installing numpy" and progress.time_left_s() is None
    progress.note(CallEvent(**built, kind="done", stage="environment"))
    assert progress.message == "0 of 2 shots done" and progress.time_left_s() == 55
    assert progress.done == 0


def test_a_shot_is_as_far_as_its_calls_and_says_what_is_at_work(clock):
    calls = (planned("dawn", "text2image", 10.0), planned("dawn", "image2video", 30.0))
    progress = FilmProgress(["dawn", "own"], plan(*calls))
    assert progress.shot("own").state == "done", "a shot of one's own files needs no call"
    assert progress.shot("dawn").state == "waiting"
    progress.note(event("dawn", "text2image", "started"))
    assert (progress.shot("dawn").state, progress.shot("dawn").stage) == ("running", "text2image")
    progress.note(event("dawn", "text2image", "done", seconds=10))
    assert (progress.shot("dawn").state, progress.shot("dawn").percent) == ("running", 25)
    progress.note(event("dawn", "image2video", "done", seconds=30, cached=True))
    assert progress.shot("dawn").state == "done" and progress.cached == 1


def test_an_error_that_came_before_its_call_names_its_shot_all_the_same(clock):
    progress = FilmProgress(["dawn", "night"], plan(*STILLS))
    error = {"code": "resource", "message": "night.png is no picture.", "details": {}}
    progress.fail({"night": error, "score": error})
    night = progress.shot("night")
    assert night.state == "failed" and night.error.message == "night.png is no picture."
    assert night.error.hint and progress.shot("dawn").state == "waiting"


def test_a_film_that_waits_for_a_person_says_so_and_is_no_farther_for_it(clock):
    progress = FilmProgress(["dawn", "night"], plan(*STILLS))
    progress.note(event(None, "review", "waiting", message="The stills are ready\nApprove them"))
    assert progress.message == "The stills are ready" and progress.percent == 0
    progress.note(event(None, "review", "answered", message="approved"))
    assert progress.message == "0 of 2 shots done" and progress.percent == 0
