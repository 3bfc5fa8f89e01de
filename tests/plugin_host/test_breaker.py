"""Back-off and the circuit, by a clock of the test's own."""

import pytest

from filmeto_core.errors import PluginUnavailable
from filmeto_core.plugin_host.breaker import (
    DEATHS,
    FIRST_OPEN_S,
    FIRST_PAUSE_S,
    LONGEST_OPEN_S,
    LONGEST_PAUSE_S,
    Breaker,
)


class Clock:
    """Stands still until it is moved."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def breaker(clock):
    return Breaker(clock, lambda: 1.0)


def dies(breaker, times):
    for _ in range(times):
        breaker.died()


def test_a_start_after_a_death_waits_twice_as_long_each_time(breaker, clock):
    assert breaker.pause_s() == 0
    pauses = []
    for _ in range(12):
        breaker.died()
        pauses.append(breaker.pause_s())
    assert pauses[:4] == pytest.approx([FIRST_PAUSE_S * 2**i for i in range(4)])
    assert pauses[-1] == pytest.approx(LONGEST_PAUSE_S)
    clock.now += LONGEST_PAUSE_S
    assert breaker.pause_s() == 0


def test_pauses_are_spread_from_half_to_whole(clock):
    early = Breaker(clock, lambda: 0.0)
    early.died()
    assert early.pause_s() == pytest.approx(FIRST_PAUSE_S / 2)


def test_five_deaths_in_a_row_open_the_circuit_and_it_says_until_when(breaker, clock):
    dies(breaker, DEATHS - 1)
    assert breaker.check() is False
    breaker.died()
    clock.now += 1
    with pytest.raises(PluginUnavailable, match=r"5 times in a row.*\(in 9 s\)") as failed:
        breaker.check()
    assert failed.value.details["retry_after_s"] == pytest.approx(FIRST_OPEN_S - 1)
    assert failed.value.retryable


def test_a_call_that_worked_in_between_starts_the_count_anew(breaker):
    dies(breaker, DEATHS - 1)
    breaker.worked()
    dies(breaker, DEATHS - 1)
    assert breaker.check() is False


def test_one_probe_at_a_time_goes_through_and_closes_it_when_it_works(breaker, clock):
    dies(breaker, DEATHS)
    clock.now += FIRST_OPEN_S
    assert breaker.check() is True
    with pytest.raises(PluginUnavailable):
        breaker.check()
    breaker.worked()
    breaker.probed()
    assert breaker.check() is False


def test_a_probe_that_dies_opens_it_for_twice_as_long_up_to_a_bound(breaker, clock):
    dies(breaker, DEATHS)
    for wanted in (20, 40, 80, 160, 300, LONGEST_OPEN_S):
        clock.now += LONGEST_OPEN_S
        assert breaker.check() is True
        breaker.died()
        breaker.probed()
        with pytest.raises(PluginUnavailable) as failed:
            breaker.check()
        assert failed.value.details["retry_after_s"] == pytest.approx(wanted)


def test_a_probe_that_was_given_up_leaves_the_next_one_its_turn(breaker, clock):
    dies(breaker, DEATHS)
    clock.now += FIRST_OPEN_S
    assert breaker.check() is True
    breaker.probed()
    assert breaker.check() is True


def test_deaths_of_what_still_ran_do_not_prolong_an_open_circuit(breaker, clock):
    dies(breaker, DEATHS)
    clock.now += 4
    dies(breaker, 3)
    clock.now += FIRST_OPEN_S - 4
    assert breaker.check() is True
