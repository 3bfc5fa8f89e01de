"""The kokoro plugin as it runs: its own environment, its own process, the real model."""

import wave

import numpy as np
import pytest

LINE = "彼は毎朝、200段の階段を登った。"


@pytest.fixture
def kokoro(start_plugin):
    return start_plugin("kokoro")


def speak(plugin, text, **parameters):
    """(metadata, sound in -1..1) of a call that must succeed."""
    result, _ = plugin.call("text2speak", {"text": text, **parameters})
    assert result["status"] == "success", result
    with wave.open(result["output_files"][0]) as file:
        sound = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2") / 32768
        assert file.getframerate() == 24000
    return result["output_resources"][0]["metadata"], sound


def test_words_are_timed_in_order_and_figures_are_read(kokoro):
    about, sound = speak(kokoro, LINE)
    edges = [t for word in about["words"] for t in (word["start_s"], word["end_s"])]
    assert edges == sorted(edges) and edges[-1] <= about["duration_s"]
    assert about["duration_s"] == pytest.approx(len(sound) / 24000, abs=0.01)
    assert not any(word["word"].isdigit() for word in about["words"])
    assert all(LINE[w["char_start"] : w["char_end"]] == w["text"] for w in about["words"])
    assert np.sqrt(np.mean(sound**2)) > 0.02


def test_the_same_text_gives_the_same_sound_and_another_voice_another(kokoro):
    first, again = (speak(kokoro, "灯台。")[1] for _ in range(2))
    other = speak(kokoro, "灯台。", voice="male")[1]
    assert np.array_equal(first, again)
    assert len(other) != len(first) or not np.array_equal(first, other)


def test_a_voice_or_language_that_there_is_not_is_named(kokoro):
    for asked, said in (({"voice": "kumi"}, "kumo"), ({"language": "fr"}, "fr")):
        result, _ = kokoro.call("text2speak", {"text": "灯台。", **asked})
        assert result["status"] == "error" and said in result["error_message"]


def test_a_japanese_word_is_said_as_kana_spell_it(kokoro):
    about, sound = speak(kokoro, "灯台へ行く。", pronunciations={"灯台": "あかり"})
    spelled = speak(kokoro, "あかりへ行く。")[1]
    assert np.array_equal(sound, spelled)
    assert about["words"][0]["text"] == "灯台"
