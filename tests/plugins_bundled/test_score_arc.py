"""The score plugin follows a film's arc, in notes and in sound, and gives its stems."""

import hashlib
import itertools
import sys
import wave
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[2] / "plugins" / "score"))

from score_arc import read_arc, read_feeling
from score_arrange import compose
from score_cast import ROLES
from score_feelings import FEELINGS, SIGNS
from score_figures import figure_bar
from score_instruments import INSTRUMENTS
from score_moods import MOODS
from score_perform import perform

PLUGIN = Path(__file__).parents[2] / "plugins" / "score"
FILM = [(0, "calm"), (8, "storm"), (16, "hope")]


def rows(turns):
    return [{"start_s": start, "mood": mood} for start, mood in turns]


def composed(prompt="hopeful piano", duration_s=24, turns=FILM, seed=1, cues=()):
    return compose(prompt, duration_s, seed, cues, rows(turns))


def onsets_a_second(piece, start_s, end_s):
    strokes = [s for part in piece.parts for s in perform(part, piece.form, 1)]
    return sum(start_s + 0.05 < s.start_s < end_s - 0.05 for s in strokes) / (end_s - start_s)


def modes_by_mood(piece):
    return {scene.name: scene.brief.minor for scene in piece.form.scenes}


@pytest.mark.parametrize(
    ("words", "feeling"),
    [
        ("tense", "tense"),
        ("the storm breaks over the lighthouse", "storm"),
        ("hope", "hopeful"),
        ("they run, chased", "chase"),
        ("calm at last", "calm"),
        ("wonder", "wonder"),
        ("not sad but hopeful", "hopeful"),
        ("紧张", "tense"),
        ("暴风雨之夜", "storm"),
        ("他很孤独", "lonely"),
        ("不再悲伤，充满希望", "hopeful"),
        ("追逐", "chase"),
        ("neutral", "home"),
    ],
)
def test_words_of_an_arc_become_feelings(words, feeling):
    assert read_feeling(words)[:2] == (feeling, "known")


@pytest.mark.parametrize(
    ("words", "feeling"),
    [
        ("stormlike", "storm"),
        ("sadnes", "sad"),
        ("hopefull", "hopeful"),
        ("愁绪", "sad"),
        ("凄雷", "storm"),
    ],  # fmt: skip
)
def test_a_word_that_is_not_known_is_read_from_the_nearest(words, feeling):
    assert read_feeling(words)[:2] == (feeling, "nearest")


@pytest.mark.parametrize("words", ["", "zorb", "careless", "鑫"])
def test_words_without_a_feeling_are_told_as_unknown(words):
    assert read_feeling(words) == ("", "unknown", "")


def test_every_feeling_names_only_what_exists_and_sounds_in_time():
    assert set(FEELINGS) >= set(MOODS) - {"neutral"} and set(SIGNS.values()) <= set(FEELINGS)
    for feeling in FEELINGS.values():
        assert feeling.mood in MOODS and set(feeling.cast) <= set(ROLES)
        assert set(feeling.cast.values()) | set(feeling.drums) <= set(INSTRUMENTS)
        for name in feeling.figures:
            assert figure_bar(name, 0.0, 4.0, 2, (48, 52, 55, 60), 0.6, 4.0)


def test_without_an_arc_every_note_is_what_it_was_before_there_were_arcs():
    said = []
    for prompt, duration_s, cues in (("hopeful piano", 40, (9.5,)), ("忧伤的二胡", 25, ())):
        piece = compose(prompt, duration_s, 3, cues)
        said += [(part.role, part.instrument.name, part.notes) for part in piece.parts]
    notes = [(*n[:2], [(round(m.start, 6), round(m.length, 6), m.pitch) for m in n[2]]) for n in said]  # fmt: skip
    digest = hashlib.sha256(repr(notes).encode()).hexdigest()
    assert digest.startswith("76587ad8c602af5c")


def test_a_new_parameter_does_not_move_the_seed_of_calls_without_it():
    declared = yaml.safe_load((PLUGIN / "plugin.yaml").read_text(encoding="utf-8"))["tools"][0]
    for parameter in declared["parameters"]:
        assert parameter["name"] not in ("arc", "stems") or "default" not in parameter


def test_unknown_moods_leave_the_music_as_it_is_and_are_told():
    plain, unknown = compose("hopeful piano", 24, 1), composed(turns=[(0, "zorb"), (9, "")])
    assert unknown.parts == plain.parts
    assert [told["mood"] for told in unknown.arc] == [None, None]
    assert all("stays" in told["left_out"] for told in unknown.arc)


def test_the_music_turns_on_a_bar_line_at_the_asked_second():
    piece = composed(turns=[(0, "calm"), (7.37, "chase"), (15.81, "sad")])
    bars = [piece.form.time_at(start) for start, _, _ in piece.form.bars]
    for turn_s in (7.37, 15.81):
        assert min(abs(bar - turn_s) for bar in bars) < 1e-6
    for part in piece.parts:
        if part.role == "lead":  # its phrase has ended: no tone of it is held over the turn
            for note in part.notes:
                start, end = piece.form.time_at(note.start), piece.form.time_at(note.end)
                assert not any(start < turn - 0.2 and end > turn + 0.01 for turn in (7.37, 15.81))


def test_a_turn_near_a_cue_falls_on_it_and_sections_begin_at_the_other_cues():
    piece = composed(duration_s=30, turns=[(0, "calm"), (14.6, "tense")], cues=[7.5, 15, 22])
    starts = [piece.form.time_at(section.start) for section in piece.form.sections]
    assert starts == pytest.approx([0, 7.5, 15, 22], abs=1e-6)
    assert piece.arc[1]["turns_at_s"] == 15


def test_a_storm_is_denser_lower_and_darker_in_mode_than_the_calm_and_the_hope_around_it():
    piece = composed()
    calm, storm, hope = (onsets_a_second(piece, a, b) for a, b in ((0, 8), (8, 16), (16, 21)))
    assert storm > 2 * calm and storm > 1.3 * hope and hope > calm
    assert modes_by_mood(piece) == {"calm": False, "storm": True, "hopeful": False}
    levels = [piece.form.level_at(s.start + s.beats / 2) for s in piece.form.sections]
    assert levels[1] > levels[2] > levels[0]


def test_the_tempo_leans_towards_each_feeling_within_one_piece():
    piece = composed(duration_s=30, turns=[(0, "lonely"), (10, "chase"), (20, "calm")])
    tempos = [
        60 * s.beats / (piece.form.time_at(s.end) - piece.form.time_at(s.start))
        for s in piece.form.sections
    ]
    assert tempos[1] > 1.25 * tempos[0] and tempos[1] > 1.25 * tempos[2]
    steady = composed("90 bpm piano", 30, [(0, "lonely"), (10, "chase"), (20, "calm")])
    assert 60 / 1.06 < 60 * steady.form.bpm / 90 < 60 * 1.06


def test_the_tune_climbs_for_wonder_and_sinks_for_sorrow():
    heights = {}
    for mood in ("wonder", "sad"):
        piece = composed("strings", 20, [(0, "neutral"), (10, mood)])
        lead = [n.pitch for p in piece.parts if p.role == "lead" for n in p.notes if piece.form.time_at(n.start) >= 10]  # fmt: skip
        heights[mood] = sum(lead) / len(lead)
    assert heights["wonder"] > heights["sad"] + 5


def test_it_stays_one_piece_the_theme_returns_and_the_first_and_last_key_are_home():
    piece = composed("piano", 30, [(0, "calm"), (10, "wonder"), (20, "hope")])
    themes = [section.theme for section in piece.form.sections]
    assert themes[0] == themes[-1] == "A" and len(set(themes)) > 1
    assert piece.form.sections[0].shift == piece.form.sections[-1].shift == 0
    assert piece.form.sections[1].shift in (3, -4)
    assert "piano" in piece.instruments
    before = [span for span in piece.spans if span.section == 0][-1]
    ahead = (piece.brief.tonic + piece.form.sections[1].shift) % 12
    assert before.chord.root == (ahead + 7) % 12  # its dominant leads into the other key


@pytest.mark.parametrize("prompt", ["solo piano, calm", "epic, no drums", "忧伤的二胡与古筝"])
def test_what_the_prompt_asks_for_holds_along_the_arc(prompt):
    names = set(composed(prompt, 24, [(0, "sad"), (8, "epic"), (16, "storm")]).instruments)
    if "solo" in prompt:
        assert names == {"piano"}
    if "no drums" in prompt:
        assert not names & {"drums", "taiko", "timpani"}
    if "二胡" in prompt:
        assert {"erhu", "guzheng"} <= names and "brass" not in names


def test_what_the_arc_asks_for_and_cannot_be_heard_is_told():
    turns = [(0, "calm"), (6, "tense"), (6.5, "storm"), (12, "stormy"), (40, "sad")]
    told = composed(duration_s=20, turns=turns).arc
    assert [("left_out" in row, row.get("turns_at_s")) for row in told] == [
        (False, 0), (True, None), (False, 6.5), (True, None), (True, None),
    ]  # fmt: skip
    assert "too short" in told[1]["left_out"] and "already" in told[3]["left_out"]
    assert "after the music's end" in told[4]["left_out"]


@pytest.mark.parametrize("duration_s", [1.0, 2.5, 4, 9, 24])
def test_every_length_ends_with_a_cadence_whose_last_chord_rings_to_the_end(duration_s):
    for mood in ("hope", "sad", "storm"):
        piece = composed("piano", duration_s, [(0, "calm"), (duration_s / 2, mood)])
        last, final = piece.spans[-1], piece.final
        assert final.chord.root == final.chord.bass == piece.brief.tonic
        assert last.chord.root != final.chord.root
        at_s = piece.form.time_at(piece.form.end_beat)
        assert 0.2 * min(duration_s, 6) < duration_s - at_s <= 5
        strokes = [s for part in piece.parts for s in perform(part, piece.form, 1)]
        assert max(s.end_s for s in strokes) == duration_s
        assert sum(s.start_s > at_s - 0.25 for s in strokes) >= 3


@settings(max_examples=60, deadline=None)
@given(
    duration_s=st.floats(1, 300),
    turns=st.lists(
        st.tuples(st.floats(0, 320), st.sampled_from([*FEELINGS, "zorb", "neutral"])), max_size=9
    ),
    cues=st.lists(st.floats(0, 300), max_size=6),
    prompt=st.sampled_from(["calm piano", "a fast waltz", "lullaby", "epic 97 bpm", "古风"]),
)
def test_any_arc_becomes_bars_without_gaps_and_time_that_runs_forwards(
    duration_s, turns, cues, prompt
):
    form = compose(prompt, duration_s, 2, cues, rows(turns)).form
    for (start, beats, _), (following, _, _) in itertools.pairwise(form.bars):
        assert start + beats == pytest.approx(following)
    times = [time for _, time in form.clock]
    assert all(one < two for one, two in itertools.pairwise(times))
    assert times[-1] < duration_s
    assert all(0 < form.level_at(start) <= 1 for start, _, _ in form.bars)


@pytest.mark.parametrize(
    "arc",
    [["storm"], [{"mood": "storm"}], [{"start_s": "soon", "mood": "storm"}], [{"start_s": -1, "mood": "x"}],
     [{"start_s": 1, "mood": 3}], [{"start_s": float("nan"), "mood": "x"}]],
)  # fmt: skip
def test_a_row_that_is_none_is_refused_with_its_place_and_an_example(arc):
    with pytest.raises(ValueError, match=r"arc\[1\].*start_s.*got|arc\[1\].*its (start_s|mood) is"):
        read_arc([{"start_s": 0, "mood": "calm"}, *arc])


def sound_of(path):
    with wave.open(path) as file:
        frames = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    return frames.reshape(-1, 2).astype(np.float64) / 32768


def level_db(sound):
    return 20 * np.log10(np.sqrt(np.mean(sound**2)) + 1e-9)


def bright_share_db(sound):
    """How much of the sound lies above 2 kHz, in decibels."""
    mono = sound.mean(axis=1)
    power = np.abs(np.fft.rfft(mono * np.hanning(len(mono)))) ** 2
    high = np.fft.rfftfreq(len(mono), 1 / 48_000) > 2000
    return 10 * np.log10(power[high].sum() / power.sum())


@pytest.fixture(scope="module")
def film(start_plugin):
    asked = {"prompt": "piano and strings", "duration_s": 20.31, "seed": 4, "stems": True}
    turns = [(0, "sad"), (7, "chase"), (14, "wonder")]
    result, _ = start_plugin("score").call("text2music", {**asked, "arc": rows(turns)})
    assert result["status"] == "success", result
    return result


def test_the_sound_follows_the_arc_in_loudness_and_brightness(film):
    sound = sound_of(film["output_files"][0])
    sad, chase, wonder = (sound[a * 48_000 : b * 48_000] for a, b in ((0, 7), (7, 14), (14, 18)))
    assert level_db(chase) > level_db(sad) + 5 and level_db(chase) > level_db(wonder) + 1
    assert bright_share_db(wonder) > bright_share_db(sad) + 2
    assert bright_share_db(chase) > bright_share_db(sad) + 1


def test_the_stems_are_as_long_as_the_mix_and_sum_to_it(film):
    mix, *stems = (sound_of(path) for path in film["output_files"])
    assert len(mix) == round(20.31 * 48_000) and {len(stem) for stem in stems} == {len(mix)}
    assert level_db(sum(stems) - mix) < level_db(mix) - 60
    assert all(level_db(stem) > level_db(mix) - 40 for stem in stems)
    assert np.abs(mix).max() < 10 ** (-1 / 20)


def test_the_stems_and_the_arc_are_told(film):
    told = [resource["metadata"] for resource in film["output_resources"]]
    assert told[0]["stems"] == ["melody", "harmony", "bass", "percussion"]
    assert [row.get("stem") for row in told] == [None, *told[0]["stems"]]
    assert [Path(path).name for path in film["output_files"]] == [
        "score.wav", "melody.wav", "harmony.wav", "bass.wav", "percussion.wav",
    ]  # fmt: skip
    assert [row["turns_at_s"] for row in told[0]["arc"]] == [0, 7, 14]
    assert [s.get("mood") for s in told[0]["sections"]] == ["sad", "chase", "wonder", None]
    assert set(told[1]["instruments"]) | set(told[2]["instruments"]) >= {"piano", "strings"}


def test_a_bad_arc_is_refused_over_the_wire(start_plugin):
    asked = {"prompt": "calm", "duration_s": 2.0, "arc": [{"start_s": "x", "mood": "storm"}]}
    result, _ = start_plugin("score").call("text2music", asked)
    assert result["status"] == "error" and "arc[0]" in result["error_message"]
    assert result["metadata"]["error"]["code"] == "bad_arc"
