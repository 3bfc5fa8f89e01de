"""Speech markup as the plugins that speak read it: what it says, and what is wrong with it."""

import re
from pathlib import Path

import pytest
from filmeto_plugin import PluginError, ssml


def told(text, pronunciations=None):
    return [
        (s.text.strip(), s.voice, s.language, s.end, s.pause_s)
        for s in ssml.read_speech(text, pronunciations)
    ]


def refused(text, pronunciations=None) -> PluginError:
    with pytest.raises(PluginError) as caught:
        ssml.read_speech(text, pronunciations)
    assert caught.value.code == "bad_input"
    return caught.value


def test_plain_text_is_one_stretch_whatever_signs_are_in_it():
    assert told("5 < 6 & that is all.") == [("5 < 6 & that is all.", "", "", "sentence", None)]
    assert told("   ") == []


def test_voices_and_languages_part_the_text():
    text = (
        "<speak xml:lang='en'><voice name='joe'>Row!</voice>"
        "<voice name='ann' xml:lang='de'>Ja.</voice></speak>"
    )
    assert [(s[0], s[1], s[2]) for s in told(text)] == [("Row!", "joe", "en"), ("Ja.", "ann", "de")]


def test_breaks_are_silences_of_the_length_that_is_asked():
    text = "<speak>One.<break time='750ms'/>Two.<break time='2s'/>Three.</speak>"
    assert [(s[0], s[4]) for s in told(text)] == [("One.", 0.75), ("Two.", 2.0), ("Three.", None)]


def test_manners_hold_for_what_they_enclose():
    (stretch,) = ssml.read_speech("<speak>a<prosody rate='50%'>b</prosody>c</speak>")
    a, b, c = stretch.manners
    assert a == c == ssml.PLAIN and b != ssml.PLAIN


def test_a_sub_is_read_by_its_alias_and_a_phoneme_by_its_sounds():
    text = "<speak><sub alias='World Wide Web'>WWW</sub> <phoneme ph='ˈbɛr.lɪn'>Berlin</phoneme></speak>"
    (stretch,) = ssml.read_speech(text)
    assert stretch.text.startswith("World Wide Web ")
    (special,) = stretch.specials.values()
    assert (special.written, special.ipa) == ("Berlin", "ˈbɛr.lɪn")


def test_each_place_leads_back_to_the_text_as_it_was_given():
    text = "<speak>salt &amp; <s>oil</s></speak>"
    for stretch in ssml.read_speech(text):
        start = stretch.text.find("oil")
        if start >= 0:
            at = stretch.written(start, start + 3)
            assert text[slice(*at)] == "oil"
            return
    raise AssertionError("oil was not said")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<speak><blink>a</blink></speak>", "blink"),
        ("<speak><audio src='a.wav'/></speak>", "sound"),
        ("<speak><break tiem='1s'/></speak>", "tiem"),
        ("<speak><break time='soon'/></speak>", "soon"),
        ("<speak>a", "line 1"),
        ("<speak>\n  <s>a</speak>", "line 2"),
        ("<speak><say-as>5</say-as></speak>", "interpret-as"),
        ("<speak><phoneme ph='hei4'>hi</phoneme></speak>", "'4'"),
        ('<!DOCTYPE s [<!ENTITY a "b">]><speak>&a;</speak>', "DOCTYPE"),
    ],
)
def test_what_is_wrong_is_named(text, said):
    assert said in str(refused(text))


@pytest.mark.parametrize(
    ("pronunciations", "said"),
    [({"": "x"}, ""), ({"Gdynia": "/4/"}, "Gdynia"), ({"a": 3}, "a"), ([], "object")],
)
def test_a_wrong_pronunciation_is_named(pronunciations, said):
    assert said in str(refused("a", pronunciations or ["a"]))


def test_pronunciations_stand_for_whole_words_in_any_case():
    (stretch,) = ssml.read_speech("Skye, skye and skyline", {"Skye": "sky"})
    assert stretch.text == "sky, sky and skyline"


def test_a_word_with_capitals_inside_stands_for_itself_alone():
    (stretch,) = ssml.read_speech("NASA and nasa", {"NASA": "nassa"})
    assert stretch.text == "nassa and nasa"


def test_the_page_on_speech_names_every_element_and_its_attributes():
    page = (Path(__file__).resolve().parents[2] / "docs" / "speech.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[^|]*`) \| ([^|]*) \|", page, re.MULTILINE)
    told = {name: cell for names, cell in rows for name in re.findall(r"`([\w-]+)`", names)}
    assert set(told) == set(ssml.ELEMENTS)
    plain = {"xmlns", "xmlns:xsi", "xsi:schemaLocation"}
    for name, attributes in ssml.ELEMENTS.items():
        assert set(re.findall(r"`([\w:-]+)`", told[name])) == set(attributes) - plain
    for snippet in re.findall(r"```xml\n(.*?)```", page, re.DOTALL):
        assert [stretch.voice for stretch in ssml.read_speech(snippet) if stretch.text.strip()]
