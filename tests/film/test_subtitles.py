"""Subtitles can be read: short lines broken at phrases, in time, never over a shot's end."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filmeto_core.film.cue_text import cut_into_cues
from filmeto_core.film.phrases import is_wide
from filmeto_core.film.speech_clock import SpeechClock
from filmeto_core.film.storyboard_models import Storyboard
from filmeto_core.film.subtitles import GAP_MS, Cue, make_cues, make_srt, srt_text
from filmeto_core.film.timeline import Timeline, lay_out


def film(*narrations: str, speeds: tuple[float, ...] = (), **shot) -> Timeline:
    """A film of these narrations; speeds in characters a second."""
    shots = [{"prompt": "x", "narration": text, **shot} for text in narrations]
    board = Storyboard.model_validate({"shots": shots})
    speeds = speeds or tuple(5 if is_wide(text) else 15 for text in narrations)
    lengths = zip(board.shots, speeds, strict=True)
    return lay_out(board, {shot.id: len(shot.narration) / speed for shot, speed in lengths})


def texts(narration: str, duration_s: float | None = None) -> list[str]:
    speed = 5 if is_wide(narration) else 15
    clock = SpeechClock(narration, duration_s or len(narration) / speed)
    return ["\n".join(cue.lines) for cue in cut_into_cues(narration, clock)]


def test_short_narration_is_one_line():
    assert texts("Until the night the lamp went dark.") == ["Until the night the lamp went dark."]


def test_sentences_become_cues_of_their_own():
    assert texts("Mr. Finch knew the sea. He never said why he feared it.") == [
        "Mr. Finch knew the sea.",
        "He never said why he feared it.",
    ]


def test_lines_break_at_commas_and_before_prepositions_and_conjunctions():
    assert texts("He had not expected a letter from the captain of the Northern Star.") == [
        "He had not expected a letter\nfrom the captain of the Northern Star.",
    ]
    assert texts("The sea never forgets a name, and it waits for you to say it first.") == [
        "The sea never forgets a name,\nand it waits for you to say it first.",
    ]


@pytest.mark.parametrize(
    "narration",
    [
        "Every morning before the fishermen woke he climbed the two hundred steps to the lamp.",
        "She carried the lantern down to the old pier and waited for the boat that was late.",
        "It was the kind of a storm that a man sees once in his life and never speaks about.",
    ],
)
def test_no_line_ends_with_an_article_or_a_preposition(narration):
    for line in "\n".join(texts(narration)).split("\n"):
        assert line.rstrip(".,").split()[-1].lower() not in {
            *("a", "an", "the", "of", "to", "in", "and", "that", "his", "two"),
        }


def test_chinese_breaks_at_its_punctuation_in_lines_of_sixteen():
    assert texts("每天清晨，老人都会划着小船穿过石桥，去镇上最老的茶馆喝一杯龙井。") == [
        "每天清晨，\n老人都会划着小船穿过石桥，",
        "去镇上最老的茶馆喝一杯龙井。",
    ]


def test_no_chinese_line_starts_with_a_closing_sign():
    narration = "他说：“明天一定会下雪的，你看天上的云已经那么低了。”她没有回答，只是笑了笑……"
    lines = "\n".join(texts(narration)).split("\n")
    assert all(line[0] not in "，。！？、；：”…" for line in lines)
    assert all(line[-1] not in "“" for line in lines)


def test_words_of_speech_keep_chinese_words_whole():
    narration = "他在那条路上慢慢走向远方的火车站台和人群之中去了"
    words = [
        {"text": narration[a:b], "char_start": a, "char_end": b, "start_s": a / 5, "end_s": b / 5}
        for a, b in [(0, 1), (1, 2), (2, 5), (5, 6), (6, 8), (8, 10), (10, 13), (13, 17), (17, 18)]
    ]
    lines = cut_into_cues(narration, SpeechClock(narration, 5, words))[0].lines
    assert len(lines) == 2
    assert lines[0][-1] not in "火车站"


def test_cues_follow_the_times_of_the_words():
    narration = "Go now. Run to the pier."
    words = [
        {"text": "Go", "start_s": 0.1, "end_s": 0.3, "char_start": 0, "char_end": 2},
        {"text": "now", "start_s": 0.3, "end_s": 0.7, "char_start": 3, "char_end": 6},
        {"text": "Run", "start_s": 3.0, "end_s": 3.3, "char_start": 8, "char_end": 11},
        {"text": "pier", "start_s": 3.6, "end_s": 4.0, "char_start": 19, "char_end": 23},
    ]
    timeline = film(narration, speeds=(len(narration) / 4,))
    first, second = make_cues(timeline, {"shot-1": words})
    assert first.start_ms == 600
    assert 1600 <= first.end_ms <= 1700
    assert second.start_ms == 3500


@pytest.mark.parametrize(
    "words",
    [
        [{"text": "x"}],
        [{"text": "x", "start_s": "soon", "end_s": 1, "char_start": 0, "char_end": 1}],
        [{"text": "x", "start_s": 2, "end_s": 1, "char_start": 0, "char_end": 1}],
        [{"text": "x", "start_s": 0, "end_s": 1, "char_start": 90, "char_end": 99}],
    ],
)
def test_words_that_make_no_sense_are_passed_over(words):
    timeline = film("Go now. Run to the pier.")
    assert make_cues(timeline, {"shot-1": words}) == make_cues(timeline)


def test_fast_speech_stays_longer_into_the_silence():
    timeline = film("He ran all the way to the end of the pier.", speeds=(40,), duration_s=4)
    (cue,) = make_cues(timeline)
    assert (cue.end_ms - cue.start_ms) / 1000 >= len(cue.text) / 20


def test_film_without_narration_has_no_subtitles():
    board = Storyboard.model_validate({"shots": [{"prompt": "x"}]})
    assert make_srt(lay_out(board, {})) == ""


def test_srt_has_numbers_times_lines_and_empty_lines_between():
    cues = [
        Cue(shot_id="a", start_ms=500, end_ms=2000, lines=("One", "two")),
        Cue(shot_id="b", start_ms=3_723_004, end_ms=3_725_000, lines=("a --> b",)),
    ]
    assert srt_text(cues) == (
        "1\n00:00:00,500 --> 00:00:02,000\nOne\ntwo\n\n2\n01:02:03,004 --> 01:02:05,000\na → b\n"
    )


def test_cue_ends_before_its_shot_and_the_next_begins_after_it():
    timeline = film(*["The lamp went dark and nobody knew."] * 3, transition="dissolve")
    cues = make_cues(timeline)
    assert [cue.shot_id for cue in cues] == ["shot-1", "shot-2", "shot-3"]
    for cue, clip in zip(cues, timeline.clips, strict=True):
        assert cue.start_ms >= timeline.seconds(clip.start_frame) * 1000
        assert cue.end_ms <= timeline.seconds(clip.end_frame) * 1000


_latin = st.text("abcdeéß iou   .,;!?-—'\"123 THE", min_size=1, max_size=400)
_chinese = st.text("天地人山水火的了在和一是，。！？、“”（）《》abc 12", min_size=1, max_size=200)
_narrations = (
    st.one_of(_latin, _chinese)
    .map(lambda t: " ".join(t.split()))
    .filter(lambda t: any(sign.isalnum() for sign in t))
)


@settings(max_examples=200, deadline=None)
@given(_narrations, st.floats(3, 60), st.sampled_from([1, 12, 23.976, 24, 60]))
def test_any_narration_keeps_the_rules(narration, speed, fps):
    board = Storyboard.model_validate(
        {"fps": fps, "shots": [{"prompt": "x", "narration": narration}, {"prompt": "y"}]}
    )
    text = board.shots[0].narration
    timeline = lay_out(board, {"shot-1": max(0.05, len(text) / speed)})
    cues = make_cues(timeline)
    width = 16 if is_wide(text) else 42
    assert all(0 < len(line) <= width for cue in cues for line in cue.lines)
    said = "".join(line for cue in cues for line in cue.lines)
    assert re.sub(r"\s", "", said) == re.sub(r"\s", "", text)
    shot_end = timeline.seconds(timeline.clips[0].end_frame) * 1000
    for cue, following in zip(cues, [*cues[1:], None], strict=True):
        assert cue.end_ms <= shot_end
        assert cue.start_ms < cue.end_ms
        if following:
            assert cue.end_ms < following.start_ms
    characters = [len(cue.text) for cue in cues]
    needed = sum(max(1000, 50 * count) + GAP_MS + 1 for count in characters)
    if needed <= shot_end:
        for cue, count in zip(cues, characters, strict=True):
            assert cue.end_ms - cue.start_ms >= max(1000, 50 * count)
