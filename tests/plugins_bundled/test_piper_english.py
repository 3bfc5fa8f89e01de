"""How English is read aloud: the normaliser alone, without the voice."""

import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "plugins" / "piper"))

from english_numbers import cardinal, ordinal, roman, year
from spoken_english import foreign_letters, spoken_sentences


def said(text):
    return " | ".join(s.text for s in spoken_sentences(text))


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("14 ships", "fourteen ships"),
        ("1,234.50", "one thousand two hundred thirty-four point five zero"),
        ("-5", "minus five"),
        ("the 21st", "the twenty-first"),
        ("007", "zero zero seven"),
        ("In 1947.", "In nineteen forty-seven."),
        ("In 2005.", "In two thousand five."),
        ("In 1905", "In nineteen oh five"),
        ("In 1066", "In ten sixty-six"),
        ("1947 ships", "one thousand nine hundred forty-seven ships"),
        ("the 1920s, the '60s", "the nineteen twenties, the sixties"),
        ("mid-1920s", "mid nineteen twenties"),
        ("44 BC", "forty-four B C"),
        ("1914–1918", "nineteen fourteen to nineteen eighteen"),
        ("1914-18", "nineteen fourteen to eighteen"),
        ("10–20 men", "ten to twenty men"),
    ],
)
def test_numbers_and_years_are_read_as_people_read_them(written, spoken):
    assert said(written).rstrip(".") == spoken.rstrip(".")


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("3 March 1952", "the third of March nineteen fifty-two"),
        ("the 3rd of May", "the third of May"),
        ("March 3rd", "March third"),
        ("March 3, 1952", "March third nineteen fifty-two"),
        ("2024-05-01", "May first, twenty twenty-four"),
        ("3/4/2024", "March fourth, twenty twenty-four"),
        ("25/12/1999", "December twenty-fifth, nineteen ninety-nine"),
        ("Jan. 5", "January fifth"),
        ("you may 5", "you may five"),
        ("6:30 p.m.", "six thirty P M"),
        ("18:45", "eighteen forty-five"),
        ("6:05", "six oh five"),
        ("12:00", "twelve o'clock"),
        ("9 am", "nine eigh M"),
        ("16:9", "sixteen to nine"),
    ],
)
def test_dates_and_times_are_read_as_people_read_them(written, spoken):
    assert said(written).rstrip(".") == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("$3.50", "three dollars and fifty cents"),
        ("£20", "twenty pounds"),
        ("€1.2 million", "one point two million euros"),
        ("$1", "one dollar"),
        ("a $20 note", "a twenty dollar note"),
        ("5 %", "five percent"),
        ("5–10%", "five to ten percent"),
        ("5 km", "five kilometers"),
        ("1 km", "one kilometer"),
        ("a 5 km walk", "a five kilometer walk"),
        ("20 °C", "twenty degrees Celsius"),
        ("3.5 kg", "three point five kilograms"),
        ("1/2 and ¾", "one half and three quarters"),
        ("1½ or 2 1/2", "one and a half or two and a half"),
        ("24/7", "twenty-four seven"),
        ("555-1234", "five five five, one two three four"),
        ("1080p", "ten eighty P"),
        ("F-16", "F sixteen"),
        ("v2.0.1", "version two point zero point one"),
    ],
)
def test_money_units_and_figures_are_read_as_people_read_them(written, spoken):
    assert said(written).rstrip(".") == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Dr. Hale met Mrs. Hale.", "doctor Hale met missus Hale."),
        ("St. James St. is near St Ives.", "saint James street is near saint Ives."),
        ("He lives on Main St. He likes it.", "He lives on Main street. | He likes it."),
        ("etc., e.g. this, i.e. that", "et cetera, for example this, that is that."),
        ("No. 5", "number five."),
        ("No. I said no.", "No. | I said no."),
        ("Henry VIII", "Henry the eighth."),
        ("World War II, Chapter IV", "World War two, Chapter four."),
        ("the part I like", "the part I like."),
        ("BBC, USA, NASA, II", "B B C, U S eigh, Nasa, two."),
        ("the U.S. Navy", "the U S Navy."),
        ("He did NOT go.", "He did not go."),
        ("THE LAST LIGHT", "the last light."),
        ("J. R. R. Tolkien wrote.", "J R R Tolkien wrote."),
        ("R&D and salt & pepper", "R and D and salt and pepper."),
        ("me@example.com; then", "M E at example dot com; then."),
        ("At 6 p.m. He left.", "At six P M. | He left."),
        ("He waited… and waited.", "He waited, | and waited."),
        ("Then — nothing.", "Then, nothing."),
        ('"Who is there?" he asked.', "Who is there? | he asked."),
    ],
)
def test_abbreviations_and_marks_are_read_as_people_read_them(written, spoken):
    assert said(written) == spoken


def test_every_spoken_word_points_at_what_was_written():
    text = "On 3 March 1952, Dr. Hale — “tired” — counted 14 ships."
    words = [w for s in spoken_sentences(text) for w in s.words]
    assert {w.spoken: text[w.start : w.end] for w in words if w.spoken in ("doctor", "tired")} == {
        "doctor": "Dr.",
        "tired": "tired",
    }
    assert [text[w.start : w.end] for w in words if "fifty-two" in w.spoken] == ["1952"]
    assert [w.start for w in words] == sorted(w.start for w in words)


def test_a_long_sentence_is_spoken_in_breaths():
    sentences = spoken_sentences("and the sea, cold and grey, went on " * 60)
    assert all(len(s.text) < 450 for s in sentences)
    assert sum(len(s.words) for s in sentences) == 60 * 8


@pytest.mark.parametrize("text", ["", "  \n ", "...", "?!", "😀 👩‍🚀", "—", "\u200b"])
def test_nothing_to_say_gives_no_sentence(text):
    assert spoken_sentences(text) == []


def test_other_scripts_are_noticed_and_accents_are_not():
    assert foreign_letters("Café naïve Ångström π") == []
    assert foreign_letters("He said 你好 to her") == ["你好"]


def test_numbers_agree_with_their_own_order():
    assert cardinal(1_000_001) == "one million one"
    assert ordinal(12) == "twelfth"
    assert ordinal(100) == "one hundredth"
    assert year(2000) == "two thousand"
    assert [roman(r) for r in ("IV", "XIV", "MCMLII", "IIII", "")] == [4, 14, 1952, None, None]


@settings(max_examples=200, deadline=None)
@given(
    st.text(max_size=60) | st.text(alphabet="0123456789.,:/-–$%°'’ stndrhIVXpmAM()", max_size=30)
)
def test_any_text_is_read_without_failing_and_in_its_own_range(text):
    for sentence in spoken_sentences(text):
        assert sentence.text[-1] in ".,!?;:"
        for word in sentence.words:
            assert 0 <= word.start < word.end <= len(text)
            assert word.spoken.strip() == word.spoken != ""
