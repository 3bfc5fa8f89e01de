"""How a film stands, by its storyboard, its last run and its report."""

import pytest

from filmeto_core.film.storyboard import load_storyboard
from filmeto_core.web.film_models import RunDetail
from filmeto_core.web.film_reading import Reading
from filmeto_core.web.film_state import film_state

BOARD = {
    "title": "Two",
    "size": "128x72",
    "shots": [{"id": "a", "prompt": "x"}, {"id": "b", "prompt": "y"}],
}


def report(size="128x72", shots=("a", "b")):
    return {"size": size, "shots": [{"id": shot} for shot in shots]}


@pytest.mark.parametrize(
    ("told", "draft", "changed", "state"),
    [
        (None, False, False, "ready"),
        (report(), False, False, "done"),
        (report(), False, True, "edited"),
        (report(shots=("a",)), False, False, "edited"),
        (report(size="64x36"), True, False, "half"),
        (report(size="64x36"), True, True, "edited"),
        (report(size="64x36"), False, False, "edited"),
    ],
)
def test_a_made_film_is_done_half_or_edited(told, draft, changed, state):
    reading = Reading("", load_storyboard(BOARD), {}, ())
    run = RunDetail(state="done", options={"draft": True} if draft else {})
    assert film_state(reading, run if told else None, told, changed) == state


@pytest.mark.parametrize("state", ["queued", "running", "failed", "cancelled", "interrupted"])
def test_a_run_that_is_in_hand_or_did_not_end_well_says_how_the_film_stands(state):
    reading = Reading("", load_storyboard(BOARD), {}, ())
    assert film_state(reading, RunDetail(state=state), report(), False) == state
