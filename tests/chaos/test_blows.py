"""Who is hit when: by the seed alone, all in turn, and the server seldom."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from filmeto_core.chaos.blows import PHASES, SERVER_EVERY, VICTIMS, blows_of, victim_of

ALL = {"submit", "accepted", "download", "commit", "assembly"}


def test_two_hundred_films_hit_all_victims_in_turn_and_the_server_in_ten():
    hit = Counter(victim_of(number, VICTIMS) for number in range(1, 201))
    assert hit["server"] == 200 // SERVER_EVERY == 10
    others = [hit[name] for name in ("flow", "plugin", "provider")]
    assert sum(others) == 190 and max(others) - min(others) <= 1


def test_two_hundred_films_are_hit_in_every_phase_that_their_victims_have():
    blows = [blow for n in range(1, 201) for blow in blows_of(1, n, VICTIMS, ALL)]
    seen = {(blow.victim, blow.phase) for blow in blows if blow.victim != "server"}
    for victim in ("flow", "plugin", "provider"):
        assert {phase for who, phase in seen if who == victim} == {"any", *PHASES[victim]}


def test_some_films_are_hit_more_than_once():
    often = Counter(len(blows_of(1, n, VICTIMS, ALL)) for n in range(1, 201))
    assert set(often) == {1, 2, 3}


@given(st.integers(), st.integers(1, 10_000), st.sets(st.sampled_from(VICTIMS), min_size=1))
def test_the_same_seed_gives_the_same_blows_to_those_alone_that_may_be_hit(seed, number, victims):
    blows = blows_of(seed, number, victims, ALL)
    assert blows == blows_of(seed, number, sorted(victims), ALL)
    assert {blow.victim for blow in blows} <= victims
    assert all(0 <= blow.fraction < 1 for blow in blows)
    assert all(blow.victim != "server" for blow in blows[1:]) or victims == {"server"}


@given(st.integers(1, 1000))
def test_a_film_without_jobs_is_hit_at_a_time_or_in_its_assembly(number):
    blows = blows_of(1, number, VICTIMS, {"assembly"})
    assert {blow.phase for blow in blows} <= {"any", "assembly"}


def test_a_film_that_ended_too_soon_is_hit_earlier_the_next_time():
    for number in range(1, 50):
        assert all(blow.fraction < 0.5 for blow in blows_of(1, number, VICTIMS, ALL, turn=1))
