"""The espeak plugin as it runs: its own environment, its own process, the real library."""

import wave

import numpy as np
import pytest

CHINESE = "1947年，他每天爬200级台阶。后来灯灭了。"


@pytest.fixture
def espeak(start_plugin):
    return start_plugin("espeak")


def speak(plugin, text, **parameters):
    """(metadata, sound in -1..1, notifications) of a call that must succeed."""
    result, notifications = plugin.call("text2speak", {"text": text, **parameters})
    assert result["status"] == "success", result
    with wave.open(result["output_files"][0]) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        sound = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2") / 32768
    return result["output_resources"][0]["metadata"], sound, notifications


def refusal(plugin, **parameters):
    result, _ = plugin.call("text2speak", parameters)
    assert result["status"] == "error"
    error = result["metadata"]["error"]
    assert error["retryable"] is False
    return error["details"].get("field"), result["error_message"]


def test_chinese_characters_are_timed_and_figures_keep_their_place(espeak):
    about, _, _ = speak(espeak, CHINESE)
    words = about["words"]
    assert [w["text"] for w in words] == [CHINESE[w["char_start"] : w["char_end"]] for w in words]
    assert [w["text"] for w in words][:6] == ["1947", "年", "他", "每", "天", "爬"]
    assert "".join(w["text"] for w in words) == CHINESE.replace("，", "").replace("。", "")
    edges = [t for w in words for t in (w["start_s"], w["end_s"])]
    assert edges == sorted(edges)
    assert edges[-1] <= about["duration_s"]
    assert about["language"] == "cmn"
    assert about["spoken"].startswith("一九四七年")


def test_english_words_are_timed_also_where_espeak_joins_them(espeak):
    text = "The end of the road is one of the best."
    about, _, _ = speak(espeak, text, language="en")
    assert [w["text"] for w in about["words"]] == text.rstrip(".").split()


@pytest.mark.parametrize(
    ("text", "asked", "language"),
    [
        ("佢每日行二百級樓梯。", "", "yue"),
        ("他每天行走。", "zh-HK", "yue"),
        ("他每天行走。", "zh", "cmn"),
        ("Jeden Morgen stieg er die Stufen.", "de-AT", "de"),
        ("Chaque matin il montait les marches.", "", "fr"),
        ("Cada mañana subía los escalones.", "es", "es"),
        ("あさ、とうにのぼった。", "ja", "ja"),
        ("كل صباح كان يصعد", "", "ar"),
        ("हर सुबह वह चढ़ता था", "", "hi"),
        ("Каждое утро он поднимался.", "", "ru"),
        ("Good evening.", "en-GB", "en-gb"),
    ],
)
def test_languages_are_spoken_as_asked_or_as_told_from_the_text(espeak, text, asked, language):
    about, sound, _ = speak(espeak, text, language=asked)
    assert about["language"] == language
    assert about["words"]
    assert np.abs(sound).max() > 0.2


def test_every_language_that_is_offered_makes_sound(espeak):
    for language in (
        "af bg bn ca cs cy da el eo et eu fa fi ga gu he hr hu hy id is it ka kk kn ko la "
        "lt lv mk ml mr ms my nb ne nl pa pl pt pt-BR ro si sk sl sq sr sv sw ta te th tr uk ur vi".split()
    ):
        about, sound, _ = speak(espeak, "1 2 3", language=language)
        assert len(sound) > 0.4 * 22050, language
        assert np.abs(sound).max() > 0.1, language


def test_the_track_is_level_unclipped_and_silent_at_its_edges(espeak):
    for text in (
        CHINESE,
        "Every morning he climbed the two hundred steps. Then the lamp went dark.",
    ):
        _, sound, _ = speak(espeak, text)
        blocks = np.sqrt(np.mean(sound[: len(sound) // 1102 * 1102].reshape(-1, 1102) ** 2, axis=1))
        loud = blocks[blocks > blocks.max() / 30]
        assert 20 * np.log10(np.sqrt(np.mean(loud**2))) == pytest.approx(-20, abs=2)
        assert np.abs(sound).max() < 10 ** (-1 / 20)
        assert not sound[: int(0.045 * 22050)].any()
        assert not sound[-int(0.115 * 22050) :].any()


def test_same_parameters_give_the_same_bytes_whatever_came_before(espeak, call_plugin):
    first = speak(espeak, CHINESE)[1]
    speak(espeak, "Something else.", voice="f3", speed=2.0)
    assert np.array_equal(first, speak(espeak, CHINESE)[1])
    result, _ = call_plugin("espeak", "text2speak", {"text": CHINESE})
    with wave.open(result["output_files"][0]) as file:
        fresh = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2") / 32768
    assert np.array_equal(first, fresh)


def test_voices_and_speeds_differ(espeak):
    plain, female = speak(espeak, "Hello there.")[1], speak(espeak, "Hello there.", voice="female")
    assert female[0]["voice"] == "gmw/en-US+f3"
    assert not np.array_equal(plain, female[1])
    slow, fast = (speak(espeak, CHINESE, speed=s)[0]["duration_s"] for s in (0.5, 2.0))
    assert slow / fast > 2.5


def test_five_thousand_characters_are_spoken_with_progress(espeak):
    text = ("He climbed the steps, looking at the sea. " * 120)[:5000]
    about, _, notifications = speak(espeak, text)
    percents = [n["params"]["percent"] for n in notifications if n["method"] == "progress"]
    assert len(percents) == 120
    assert percents == sorted(percents)
    assert len(about["words"]) > 900


def test_cancelling_stops_between_sentences(espeak):
    request = espeak.start_call("text2speak", {"text": "The sea was calm that night. " * 600})
    first = espeak.receive(30)
    espeak.send("cancel", {"task_id": first["params"]["task_id"]})
    result, _ = espeak.finish_call(request)
    assert result["metadata"]["error"]["code"] == "cancelled"
    assert speak(espeak, "Calm.")[0]["duration_s"] > 0.3


@pytest.mark.parametrize("text", ["", "   \n", "... ？！", "😀"])
def test_a_text_with_nothing_to_say_is_refused(espeak, text):
    assert refusal(espeak, text=text)[0] == "text"


def test_unknown_languages_and_voices_are_refused_with_what_there_is(espeak):
    field, message = refusal(espeak, text="Hello", language="germn")
    assert field == "language"
    assert "'germn'" in message
    assert "de" in message
    field, message = refusal(espeak, text="Hello", voice="anie")
    assert field == "voice"
    assert "annie" in message.lower()


@pytest.mark.parametrize("said", ["chong2 qing4", "虫庆"])
def test_a_chinese_word_is_said_as_pinyin_or_other_characters_spell_it(espeak, said):
    text, plain = "我住在重庆。", speak(espeak, "我住在重庆。")[1]
    about, sound, _ = speak(espeak, text, pronunciations={"重庆": said})
    spelled = speak(espeak, f"我住在{said}。", language="zh")[1]
    assert len(sound) == len(spelled) and np.allclose(sound, spelled, atol=0.01)
    assert len(sound) != len(plain)
    assert [word["text"] for word in about["words"]][:3] == ["我", "住", "在"]
