"""Chords, their voices, and the progressions that the score plugin moves through."""

import itertools
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "plugins" / "score"))

from score_genres import GENRES
from score_harmony import MINOR_PHRASES, PHRASES, chord_of, phrases_of, scale_at, voice_lead
from score_moods import MOODS
from score_words import read_prompt

ALL_PHRASES = [
    phrase
    for table in (PHRASES, MINOR_PHRASES)
    for firsts, seconds in table.values()
    for phrase in firsts + seconds
]


def test_numerals_name_chords():
    assert chord_of("V7", 0).tones == (7, 11, 2, 5)
    assert chord_of("ii6", 0).bass == 5
    assert chord_of("V7/vi", 0).tones == (4, 8, 11, 2)
    assert chord_of("bVImaj7", 9).tones == (5, 9, 0, 4)
    assert chord_of("iiø7", 0).tones == (2, 5, 8, 0)


@pytest.mark.parametrize("phrase", ALL_PHRASES)
def test_every_phrase_has_four_chords_that_can_be_voiced_without_parallels(phrase):
    chords = [chord_of(numeral, 0) for numeral in phrase.split()]
    assert len(chords) == 4
    voicings = voice_lead(chords, 48, 69)
    for chord, voicing in zip(chords, voicings, strict=True):
        assert {p % 12 for p in voicing} <= set(chord.tones)
        assert chord.tones[1] in {p % 12 for p in voicing}
    steps = [
        abs(b - a) for x, y in itertools.pairwise(voicings) for a, b in zip(x, y, strict=False)
    ]
    assert sum(steps) / len(steps) < 3.5


def test_palettes_serve_both_kinds_of_key():
    for palette in {m.palette for m in MOODS.values()} | {g.palette for g in GENRES.values()} - {
        ""
    }:
        assert phrases_of(palette, minor=True) and phrases_of(palette, minor=False)


def test_the_scale_bends_to_the_dominant_in_minor():
    brief = read_prompt("sad, in A minor")
    over_v = scale_at(brief, 9, chord_of("V", 9))
    assert 8 in over_v and 7 not in over_v  # G sharp, and no G beside it
