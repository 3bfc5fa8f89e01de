"""How eSpeak's texts are prepared: the language told, figures reshaped, sentences parted."""

import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "plugins" / "espeak"))

import espeak_voices
import spoken_text
from espeak_engine import InstalledVoice
from told_language import told_language


def said(text, language):
    return " | ".join(s.text.strip() for s in spoken_text.spoken_sentences(text, language))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Every morning he climbed the two hundred steps.", "en"),
        ("他每天早上爬两百级台阶。", "cmn"),
        ("佢每日行二百級樓梯，冇人知。", "yue"),
        ("iPhone 15 发布了", "cmn"),
        ("He said 你好 to the keeper of the tower.", "en"),
        ("朝、彼は塔を登った。", "ja"),
        ("모든 아침", "ko"),
        ("Jeden Morgen stieg er die Stufen und sah auf das Meer.", "de"),
        ("Chaque matin il montait les deux cents marches.", "fr"),
        ("Cada mañana subía los doscientos escalones.", "es"),
        ("Ogni mattina saliva i gradini della torre.", "it"),
        ("Каждое утро он поднимался", "ru"),
        ("Кожного ранку він піднімався", "uk"),
        ("كل صباح كان يصعد", "ar"),
        ("हर सुबह वह", "hi"),
        ("1947", "en"),
    ],
)
def test_the_language_is_told_from_the_text(text, language):
    assert told_language(text) == language


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("1947年", "一九四七年"),
        ("2024年5月1日", "二零二四年五月一日"),
        ("2024-05-01", "二零二四年五月一日"),
        ("1914–1918年", "一九一四年到一九一八年"),
        ("50%", "百分之五十"),
        ("20°C", "二十摄氏度"),
        ("-5°C", "零下五摄氏度"),
        ("6:30", "六点三十分"),
        ("12:05", "十二点零五分"),
        ("2个", "两个"),
        ("2月", "二月"),
        ("¥20", "二十元"),
        ("$3.5", "三点五美元"),
        ("5km", "五公里"),
        ("1/2", "二分之一"),
        ("3.14", "三点一四"),
        ("1,947人", "一千九百四十七人"),
        ("10500", "一万零五百"),
        ("20000000", "两千万"),
        ("110", "一百一十"),
        ("13800138000", "幺三八零零幺三八零零零"),
    ],
)
def test_chinese_figures_are_read_as_people_read_them(written, spoken):
    assert said(written, "cmn") == spoken


def test_cantonese_figures_are_written_in_its_own_characters():
    assert said("6:30，20°C", "yue") == "六點三十分，二十攝氏度"


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [
        ("en-us", "On 3 March 1952, he", "On the 3rd of March 19 52, he"),
        ("en-us", "in 1905 and 2005", "in 19 oh 5 and 2005"),
        ("en-us", "March 3, 1952", "March 3rd, 19 52"),
        ("en-us", "2024-05-01", "May 1st, 20 24"),
        ("en-us", "1914–1918", "19 14 to 19 18"),
        ("en-us", "$3.50 or £20", "3 dollars 50 or 20 pounds"),
        ("en-us", "5 km at -5 °C", "5 kilometers at minus 5 degrees Celsius"),
        (
            "en-us",
            "Dr. Hale of St. James St. He left.",
            "doctor Hale of saint James street. | He left.",
        ),
        ("en-us", "At 6:30 p.m., he", "At 6 30 P M, he"),
        ("en-us", "Henry VIII at 6:05 a.m.", "Henry the 8th at 6 oh 5 eigh M."),
        ("de", "Am 3. März 1952 um 18:45 Uhr", "Am dritten März 19hundert52 um 18 Uhr 45"),
        ("de", "z. B. 3,50 €", "zum Beispiel 3 Euro 50"),
        ("fr", "5 km à 18h45", "5 kilomètres à 18 heures 45"),
        ("es", "-5 °C", "menos 5 grados Celsius"),
        ("ru", "5 km", "5 km"),
    ],
)
def test_western_figures_are_reshaped_for_espeak(language, written, spoken):
    assert said(written, language) == spoken


def test_sentences_end_where_people_pause():
    assert said("M. Dupont vint. Puis rien.", "fr") == "M. Dupont vint. | Puis rien."
    assert said("“真的吗？”他问。走了。", "cmn") == "“真的吗？” | 他问。 | 走了。"
    assert said("It ended… and began.", "en-us") == "It ended… | and began."
    pauses = [s.pause_s for s in spoken_text.spoken_sentences("One.\n\nTwo.", "en-us")]
    assert pauses[0] > pauses[1]


def test_a_long_sentence_is_spoken_in_breaths():
    assert all(len(s.text) <= 320 for s in spoken_text.spoken_sentences("and so, on " * 300, "en"))
    assert all(
        len(s.text) <= 90 for s in spoken_text.spoken_sentences("天地玄黄宇宙洪荒" * 99, "cmn")
    )


def test_every_spoken_word_points_at_what_was_written():
    text = "In 1952 he paid $3.50 — twice."
    words = [
        text[t.written[0] : t.written[1]]
        for s in spoken_text.spoken_sentences(text, "en-us")
        for t in s.tokens
    ]
    assert list(dict.fromkeys(words)) == ["In", "1952", "he", "paid", "$3.50", "twice"]


@pytest.mark.parametrize("text", ["", "  \n ", "...", "？！", "😀 👩‍🚀", "—", "\u200b", "\ud800"])
def test_nothing_to_say_gives_no_sentence(text):
    assert spoken_text.spoken_sentences(text, "en-us") == []


VOICES = [
    InstalledVoice("English (America)", "gmw/en-US", {"en-us": 2, "en": 3}),
    InstalledVoice("English (Scotland)", "gmw/en-GB-scotland", {"en-gb-scotland": 5, "en": 4}),
    InstalledVoice("Chinese (Mandarin)", "sit/cmn", {"cmn": 5, "zh": 5}),
    InstalledVoice("Chinese (Cantonese)", "sit/yue", {"yue": 5, "zh": 8}),
    InstalledVoice("German", "gmw/de", {"de": 5}),
]


@pytest.mark.parametrize(
    ("tag", "language"),
    [("zh", "cmn"), ("zh-Hans-CN", "cmn"), ("zh-TW", "cmn"), ("zh-HK", "yue"), ("yue", "yue")]
    + [("en", "en-us"), ("EN_us", "en-us"), ("de-AT", "de")],
)
def test_language_tags_find_the_nearest_that_espeak_has(tag, language):
    assert espeak_voices.pick_language(tag, VOICES)[0] == language


def test_an_unknown_language_or_voice_is_refused_with_what_there_is():
    with pytest.raises(espeak_voices.RefusedError, match="germn.*de") as caught:
        espeak_voices.pick_language("germn", VOICES)
    assert caught.value.details["field"] == "language"
    assert "de" in caught.value.details["allowed"]
    with pytest.raises(espeak_voices.RefusedError, match="scotlnd.*en-gb-scotland"):
        espeak_voices.pick_voice("en-gb-scotlnd", "en-us", "gmw/en-US", VOICES, ["f3"])


def test_voices_are_found_by_variant_by_kind_and_by_name():
    def pick(name):
        return espeak_voices.pick_voice(name, "en-us", "gmw/en-US", VOICES, ["f3", "Annie"])

    assert pick("") == "gmw/en-US"
    assert pick("female") == pick("f3") == "gmw/en-US+f3"
    assert pick("annie") == "gmw/en-US+Annie"
    assert pick("en-gb-scotland+f3") == "gmw/en-GB-scotland+f3"


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=60) | st.text(alphabet="0123456789.,:/-–$%°年月日个两ap m", max_size=30),
    st.sampled_from(["cmn", "yue", "en-us", "de", "fr", "ru"]),
)
def test_any_text_is_prepared_without_failing_and_in_its_own_range(text, language):
    for sentence in spoken_text.spoken_sentences(text, language):
        for token in sentence.tokens:
            assert 0 <= token.written[0] < token.written[1] <= len(text)
            assert sentence.text[token.at[0] : token.at[1]].strip()
