"""Whole pieces of the score plugin, as notes: harmony, tune, ending, cast, determinism."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "plugins" / "score"))

from score_arrange import compose
from score_midi import Track, midi_bytes
from score_perform import perform

PIECES = [
    ("slow, hopeful piano", 61.37),
    ("tense suspense", 30),
    ("忧伤的二胡与古筝", 45),
    ("jazz", 40),
    ("a joyful waltz in A minor", 33),
    ("lullaby", 24),
    ("epic orchestral", 70),
    ("electronic, dark", 30),
    ("wonder, celesta", 7.3),
    ("march", 3),
    ("angry phrygian brass", 1),
]


@pytest.fixture(params=PIECES, ids=lambda piece: piece[0])
def piece(request):
    return compose(*request.param, seed=11)


def test_the_last_chord_is_the_tonic_and_bass_and_lead_agree(piece):
    tonic = piece.brief.tonic
    assert piece.final.chord.root == piece.final.chord.bass == tonic
    for part in piece.parts:
        last = max(part.notes, key=lambda note: note.start)
        if part.role in ("bass", "lead") and last.start >= piece.form.end_beat:
            assert last.pitch % 12 == tonic
    ending = [n.pitch for part in piece.parts for n in part.notes if n.start == piece.form.end_beat]
    assert ending and {p % 12 for p in ending} <= set(piece.final.chord.tones)


def test_the_harmony_moves(piece):
    numerals = [span.chord.numeral for span in piece.spans]
    for one, two in zip(piece.spans, piece.spans[1:], strict=False):
        assert one.chord != two.chord or one.section != two.section
    if piece.form.duration_s > 20:
        assert len(set(numerals)) >= 4


def test_melodies_sing_chord_tones_on_the_strong_beats_and_stay_in_the_scale(piece):
    for part in piece.parts:
        if part.role != "lead":
            continue
        for note in part.notes:
            span = next((s for s in piece.spans if s.start <= note.start < s.end), piece.final)
            struck_on_bar = any(abs(note.start - start) < 1e-6 for start, _, _ in piece.form.bars)
            if struck_on_bar:
                assert note.pitch % 12 in span.chord.tones
            if note.length > 0.2:
                assert note.pitch % 12 in span.scale + span.chord.tones


def test_every_note_lies_in_its_instrument_and_in_the_piece(piece):
    for part in piece.parts:
        for stroke in perform(part, piece.form, seed=1):
            assert part.instrument.low <= stroke.pitch <= part.instrument.high
            assert 0 < stroke.start_s < stroke.end_s <= piece.form.duration_s
            assert 1 <= stroke.velocity <= 127


def test_a_lead_never_leaps_more_than_a_tenth_within_a_phrase(piece):
    for part in piece.parts:
        if part.role == "lead":
            for one, two in zip(part.notes, part.notes[1:], strict=False):
                if two.start - one.end < 0.6:
                    assert abs(two.pitch - one.pitch) <= 16


def test_several_parts_play(piece):
    assert len({part.role for part in piece.parts}) >= 3


def test_the_same_seed_gives_the_same_piece_and_another_seed_another_one():
    one, same, other = (compose("hopeful piano", 40, seed) for seed in (1, 1, 2))
    assert one == same
    assert [p.notes for p in one.parts] != [p.notes for p in other.parts]


@pytest.mark.parametrize("prompt", ["epic, no drums", "电子 不要鼓", "jazz without drums or piano"])
def test_what_is_not_wanted_does_not_play(prompt):
    names = compose(prompt, 60, 1).instruments
    assert not {"drums", "taiko", "timpani"} & set(names)
    assert "piano" not in names or "without" not in prompt


def test_drums_play_where_they_are_wanted():
    assert "drums" in compose("march", 30, 1).instruments
    assert "taiko" in compose("calm piano with taiko", 60, 1).instruments


def test_named_instruments_carry_the_tune():
    piece = compose("sad erhu and guzheng", 40, 1)
    leads = {part.instrument.name for part in piece.parts if part.role == "lead"}
    assert "erhu" in leads
    assert "guzheng" in piece.instruments


def test_a_solo_stays_alone():
    assert set(compose("solo piano, calm", 60, 1).instruments) == {"piano"}
    assert set(compose("钢琴独奏", 60, 1).instruments) == {"piano"}


def test_the_theme_returns():
    piece = compose("hopeful piano", 60, 4)
    first = next(s for s in piece.form.sections if s.name == "A")
    again = piece.form.sections[-1]
    lead = next(p for p in piece.parts if p.role == "lead" and p.instrument.name == "piano").notes

    def opening(section):
        bar = [n for n in lead if section.start <= n.start < section.start + 4]
        return [(n.start - section.start, n.pitch) for n in bar]

    assert again.theme == "A" and opening(first) and opening(first) == opening(again)


def test_long_pieces_do_not_repeat_themselves_bar_for_bar():
    piece = compose("calm piano", 600, 3)
    lead = [n for p in piece.parts if p.role == "lead" for n in p.notes]
    bars = {}
    for start, beats, _ in piece.form.bars:
        tune = tuple((n.start - start, n.pitch) for n in lead if start <= n.start < start + beats)
        bars[tune] = bars.get(tune, 0) + 1
    assert len(bars) > 30


@pytest.mark.parametrize("prompt", ["waltz", "march", "jazz", "calm piano", "古风"])
def test_the_music_begins_at_once(prompt):
    piece = compose(prompt, 60, 2)
    assert min(note.start for part in piece.parts for note in part.notes) == 0


def test_midi_ends_where_it_is_told():
    data = midi_bytes([Track(((0.0, 0.5, 60, 80),), program=0)], 2.0)
    assert data.startswith(b"MThd") and data.endswith(b"\xff\x2f\x00")
    assert bytes((0x90, 60, 80)) in data
    drums = midi_bytes([Track(((0.0, 0.5, 36, 80),), program=-1)], 2.0)
    assert bytes((0x99, 36, 80)) in drums
