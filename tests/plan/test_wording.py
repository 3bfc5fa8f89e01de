"""What changed, in words: short values whole, long texts where they differ."""

import pytest

from filmeto_core.plan.wording import LONGEST, change_text, differing, seconds_text


@pytest.mark.parametrize(
    ("field", "before", "after", "said"),
    [
        ("prompt", "a lighthouse", "a lighthouse at night",
         'prompt changed "a lighthouse" to "a lighthouse at night"'),
        ("text", "It was early.", "It was late.",
         'narration changed "It was early." to "It was late."'),
        ("motion", "push-in", "pan-left", "motion push-in to pan-left"),
        ("duration_s", 4.25, 5.0, "length 4.25 s to 5 s"),
        ("seed", None, 7, "seed none to 7"),
        ("negative_prompt", "people", None, "negative prompt people to none"),
        ("cues", [1.0, 2.0], [1.0, 3.0], "the shots' turns changed"),
        ("strength", 0.5, 0.75, "strength 0.5 to 0.75"),
    ],
)  # fmt: skip
def test_a_change_reads_as_people_say_it(field, before, after, said):
    assert change_text(field, before, after) == said


def test_of_a_long_text_the_part_that_differs_is_shown_in_its_place():
    before = "Every morning he climbed the two hundred steps to the lamp, whatever the weather was."
    after = before.replace("two hundred", "three hundred")
    assert differing(before, after) == ("… climbed the two hundred steps …",
                                        "… climbed the three hundred steps …")  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a " * 300, "b " * 300),
        ("same " * 40, "same " * 41),
        ("", "x" * 500),
        ("一" * 200, "二" * 200),
    ],
)
def test_however_long_the_texts_what_is_shown_stays_short(before, after):
    for shown in differing(before, after):
        assert len(shown) <= LONGEST + 8


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.04, "0.0 s"), (3.2, "3.2 s"), (40, "40 s"), (150, "2 min"), (7000, "1.9 h")],
)
def test_a_span_is_told_as_exactly_as_it_is_known(seconds, said):
    assert seconds_text(seconds) == said
