"""`filmeto review` where nothing waits, or nobody answers, or wrong things are asked."""

import json

import pytest


def test_nothing_waits(filmeto, prefect_api):
    done = filmeto("review", "--json")
    assert done.returncode == 0 and isinstance(json.loads(done.stdout), list)
    done = filmeto("review", "0123", "--approve")
    assert done.returncode == 2 and 'no run "0123" waits for a review' in done.stderr


@pytest.mark.parametrize("given", ["storm", "=rain"])
def test_a_prompt_without_its_shot_is_refused(filmeto, given):
    done = filmeto("review", "--prompt", given)
    assert done.returncode == 2 and "names no shot" in done.stderr


def test_an_api_that_is_away_is_named(filmeto):
    done = filmeto("review", PREFECT_API_URL="http://127.0.0.1:9/api")
    assert done.returncode == 1 and "http://127.0.0.1:9/api does not answer" in done.stderr
