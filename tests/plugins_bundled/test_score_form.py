"""The form of a score: it fits its length, turns at cues, keeps an asked tempo and ends in time."""

import itertools
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[2] / "plugins" / "score"))

from score_form import plan_form
from score_words import read_prompt

PROMPTS = ("slow, hopeful piano", "a fast waltz", "lullaby", "epic 97 bpm", "march", "广板 氛围")


@settings(max_examples=60, deadline=None)
@given(
    prompt=st.sampled_from(PROMPTS),
    duration_s=st.floats(1, 1800, allow_nan=False),
    cues=st.lists(st.floats(-5, 2000, allow_nan=False), max_size=12),
)
def test_any_length_gets_sections_in_order_and_a_chord_that_rings_out(prompt, duration_s, cues):
    form = plan_form(read_prompt(prompt), duration_s, cues)
    assert form.sections[0].start == 0
    for one, two in itertools.pairwise(form.sections):
        assert one.end == two.start
    assert sum(beats for _, beats, _ in form.bars) == pytest.approx(form.end_beat)
    times = [time for _, time in form.clock]
    assert all(a < b for a, b in itertools.pairwise(times))
    ring_s = duration_s - form.time_at(form.end_beat)
    assert min(0.3, 0.2 * duration_s) < ring_s < max(0.6 * duration_s, 2)
    assert ring_s < 9.5


@pytest.mark.parametrize("duration_s", [20, 61.37, 180, 700])
def test_the_tempo_stays_near_the_wish(duration_s):
    brief = read_prompt("slow, hopeful piano")
    assert plan_form(brief, duration_s).bpm == pytest.approx(64, rel=0.08)


def test_a_tempo_in_figures_is_kept_exactly():
    form = plan_form(read_prompt("epic, 97 bpm"), 61.37)
    assert form.bpm == 97
    a = form.sections[1]
    assert form.time_at(a.start + 4) - form.time_at(a.start) == pytest.approx(4 * 60 / 97)


def test_sections_begin_at_the_cues():
    form = plan_form(read_prompt("calm strings"), 60, [14.2, 15.0, 33.7])
    starts = [form.time_at(section.start) for section in form.sections]
    assert any(abs(start - 14.2) < 1e-6 for start in starts)
    assert any(abs(start - 33.7) < 1e-6 for start in starts)
    assert not any(abs(start - 15.0) < 1e-3 for start in starts)  # too soon after the one before


def test_the_music_slows_down_into_its_end():
    form = plan_form(read_prompt("calm piano"), 60)
    usual = form.time_at(10) - form.time_at(9)
    last = form.time_at(form.end_beat) - form.time_at(form.end_beat - 1)
    assert last > 1.2 * usual


def test_the_strongest_moment_lies_in_the_later_third_and_the_end_is_quiet():
    form = plan_form(read_prompt("hopeful piano"), 60)
    levels = [form.level_at(form.end_beat * i / 100) for i in range(101)]
    assert 60 <= levels.index(max(levels)) <= 75
    assert levels[-1] < 0.7 * max(levels)


def test_a_long_piece_has_several_themes_and_returns_to_the_first():
    form = plan_form(read_prompt("calm piano"), 900)
    themes = [section.theme for section in form.sections]
    assert {"A", "B", "C", "D"} <= set(themes)
    assert themes[-1] == "A"
    assert any(section.shift for section in form.sections)
