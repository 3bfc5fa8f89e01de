"""What the score plugin reads in a prompt, in English and in Chinese."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "plugins" / "score"))

from score_genres import GENRES
from score_harmony import MINOR_PHRASES, PHRASES
from score_instruments import INSTRUMENT_WORDS, INSTRUMENTS
from score_moods import MOODS
from score_words import find_bpm, find_key, find_terms, read_prompt


@pytest.mark.parametrize(
    ("prompt", "mood", "wanted", "bpm"),
    [
        ("slow, hopeful piano", "hopeful", ("piano",), 64),
        ("fast, playful xylophone and clarinets", "playful", ("xylophone", "clarinet"), 134),
        ("adagio for a lonely cello", "lonely", ("cello",), 60),
        ("缓慢而充满希望的钢琴", "hopeful", ("piano",), 64),
        ("紧张的快板，大提琴与小提琴", "tense", ("cello", "violin"), 126),
        ("欢快的二胡、古筝、琵琶和笛子，120拍", "joyful", ("erhu", "guzheng", "pipa", "dizi"), 120),
    ],
)
def test_words_become_mood_instruments_and_tempo(prompt, mood, wanted, bpm):
    brief = read_prompt(prompt)
    assert (brief.moods[0], brief.wanted, brief.bpm) == (mood, wanted, bpm)


@pytest.mark.parametrize(
    ("prompt", "key"),
    [
        ("sad piano in D minor", "D minor"),
        ("in f sharp major", "F# major"),
        ("Eb-major fanfare", "Eb major"),
        ("something in G dorian", "G dorian"),
        ("C大调的钢琴", "C major"),
        ("降E小调", "Eb minor"),
        ("升F小调 忧伤", "F# minor"),
        ("key of Bb, happy", "Bb major"),
    ],
)
def test_a_named_key_is_kept(prompt, key):
    assert read_prompt(prompt, seed=3).key == key


def test_a_minor_key_is_not_a_minor():
    assert find_key("in a minor key") == (None, "minor")
    assert find_key("in A minor") == (9, "minor")


@pytest.mark.parametrize(
    ("prompt", "banned", "wanted"),
    [
        ("epic, no drums", {"drums", "taiko", "timpani"}, []),
        ("march without drums or trumpets", {"drums", "taiko", "timpani", "trumpet"}, []),
        ("piano, not strings", {"strings"}, ["piano"]),
        ("史诗，不要鼓和小号", {"drums", "taiko", "timpani", "trumpet"}, []),
        ("没有钢琴的弦乐", {"piano"}, ["strings"]),
    ],
)
def test_unwanted_instruments_are_banned(prompt, banned, wanted):
    found = find_terms(prompt)
    assert (found.banned, found.instruments) == (banned, wanted)


def test_an_unwanted_mood_is_not_taken_for_a_wish():
    assert find_terms("tense, not sad").moods == ["tense"]


def test_a_longer_term_wins_over_the_shorter_ones_inside_it():
    assert find_terms("小提琴").instruments == ["violin"]
    assert find_terms("electric piano").instruments == ["electric piano"]
    assert find_terms("轻快").tempos == []


def test_words_inside_other_words_are_not_heard():
    found = find_terms("breakfast at the harpoon, unhappily, keyless")
    assert not (found.moods or found.tempos or found.instruments)


def test_unknown_words_change_nothing():
    plain, noisy = "slow, hopeful piano", "slow, zorb hopeful flimflam piano 鑫"
    assert read_prompt(plain, 5) == read_prompt(noisy, 5)


def test_a_tempo_in_figures_is_taken_and_kept_playable():
    assert find_bpm("at 90 bpm") == find_bpm("每分钟90拍") == find_bpm("tempo: 90") == 90
    assert find_bpm("999 bpm") == 220
    assert find_bpm("in 1990, slow") is None


def test_genre_brings_metre_and_scale():
    assert read_prompt("a waltz").metre == "3/4"
    assert read_prompt("摇篮曲").metre == "6/8"
    assert read_prompt("古风").pentatonic
    assert read_prompt("jazz in 3/4").metre == "3/4"


def test_every_table_names_only_what_exists():
    assert set(INSTRUMENT_WORDS) == set(INSTRUMENTS)
    for genre in GENRES.values():
        names = {name for names in genre.ensemble.values() for name in names}
        assert names <= set(INSTRUMENTS)
    palettes = {m.palette for m in MOODS.values()} | {g.palette for g in GENRES.values()} - {""}
    assert palettes <= set(PHRASES) | set(MINOR_PHRASES)
