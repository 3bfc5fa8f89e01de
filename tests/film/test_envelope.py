from array import array

import pytest

from filmeto_core.film.envelope import (
    ATTACK_S,
    DUCK_DB,
    RATE_HZ,
    Envelope,
    decibels,
    ducking,
    fade_out,
    flat,
    merged,
    write_envelope,
)

LOW = decibels(DUCK_DB)


def test_music_is_down_before_the_voice_starts_and_up_in_a_long_gap():
    envelope = ducking([(2.0, 4.0), (8.0, 9.0)])
    assert envelope.at(2.0 - ATTACK_S) == 1.0
    assert envelope.at(2.0) == envelope.at(3.0) == envelope.at(4.0) == pytest.approx(LOW)
    assert envelope.at(6.0) == 1.0
    assert envelope.at(8.5) == pytest.approx(LOW)
    assert envelope.at(11.0) == 1.0


def test_music_stays_down_in_a_short_gap():
    envelope = ducking([(2.0, 4.0), (5.0, 6.0)])
    assert all(envelope.at(2 + i / 100) == pytest.approx(LOW) for i in range(400))


def test_gain_never_jumps():
    envelope = ducking([(0.1, 1.0), (4.0, 5.0)])
    values = [v for n in range(7) for v in envelope.second(n)]
    assert max(abs(a - b) for a, b in zip(values, values[1:], strict=False)) < 0.006


def test_music_under_nobody_is_left_alone():
    assert ducking([]).second(0) == array("f", [1.0]) * RATE_HZ


def test_overlapping_and_close_spans_become_one():
    assert merged([(5, 6), (1, 3), (2, 4), (4.5, 4.8)], 1.0) == [(1, 6)]


def test_curves_are_multiplied_in_the_file(tmp_path):
    out = tmp_path / "gains.f32"
    write_envelope([flat(-6.0), fade_out(1.0, 2.0)], 2.0, out)
    values = array("f", out.read_bytes())
    assert len(values) == 3 * RATE_HZ
    assert values[0] == pytest.approx(decibels(-6))
    assert values[1500] == pytest.approx(decibels(-6) / 2, rel=1e-3)
    assert values[2000] == values[-1] == 0.0


def test_before_the_first_point_the_first_gain_holds():
    assert Envelope(((1.0, 0.5), (2.0, 1.0))).at(0.0) == 0.5
