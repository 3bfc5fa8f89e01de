"""The piper plugin as it runs: its own environment, its own process, the real voice."""

import wave
from pathlib import Path

import numpy as np
import pytest

LINE = (
    "On 3 March 1952, at 6:30 p.m., Dr. Hale counted 14 ships. Then the lamp of the BBC went dark."
)


@pytest.fixture
def piper(start_plugin):
    return start_plugin("piper")


def speak(plugin, text, **parameters):
    """(metadata, sound in -1..1, notifications) of a call that must succeed."""
    result, notifications = plugin.call("text2speak", {"text": text, **parameters})
    assert result["status"] == "success", result
    about = result["output_resources"][0]["metadata"]
    with wave.open(result["output_files"][0]) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        assert file.getframerate() == about["sample_rate_hz"] == 22050
        sound = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2") / 32768
    return about, sound, notifications


def refusal(plugin, **parameters):
    result, _ = plugin.call("text2speak", parameters)
    assert result["status"] == "error"
    error = result["metadata"]["error"]
    assert error["retryable"] is False
    return error["details"].get("field"), result["error_message"]


def test_words_are_timed_in_order_against_the_text_as_written(piper):
    about, sound, _ = speak(piper, LINE)
    words = about["words"]
    assert [w["text"] for w in words] == [LINE[w["char_start"] : w["char_end"]] for w in words]
    assert [w["text"] for w in words][:7] == ["On", "3", "March", "1952", "at", "6:30 p.m.", "Dr."]
    edges = [t for w in words for t in (w["start_s"], w["end_s"])]
    assert edges == sorted(edges)
    assert 0 < edges[0] < 0.2
    assert edges[-1] <= about["duration_s"] == pytest.approx(len(sound) / 22050, abs=1e-3)
    assert about["spoken"].startswith("On the third of March nineteen fifty-two, at six thirty P M")
    assert (about["language"], about["voice"]) == ("en", "en_US-joe-medium")


def test_timed_words_are_loud_and_the_pause_between_sentences_is_silent(piper):
    about, sound, _ = speak(piper, LINE)
    at = {w["text"]: w for w in about["words"]}
    pause = sound[int((at["ships"]["end_s"] + 0.1) * 22050) : int(at["Then"]["start_s"] * 22050)]
    assert len(pause) > 0.2 * 22050
    assert np.abs(pause).max() < 0.01
    for word in ("counted", "1952", "dark"):
        heard = sound[int(at[word]["start_s"] * 22050) : int(at[word]["end_s"] * 22050)]
        assert np.sqrt(np.mean(heard**2)) > 0.03


def test_the_track_is_level_unclipped_and_silent_at_its_edges(piper):
    _, sound, _ = speak(piper, LINE)
    blocks = np.sqrt(np.mean(sound[: len(sound) // 1102 * 1102].reshape(-1, 1102) ** 2, axis=1))
    loud = blocks[blocks > blocks.max() / 30]
    assert 20 * np.log10(np.sqrt(np.mean(loud**2))) == pytest.approx(-20, abs=1.5)
    assert np.abs(sound).max() < 10 ** (-1 / 20)
    assert not sound[: int(0.045 * 22050)].any()
    assert not sound[-int(0.115 * 22050) :].any()
    assert np.flatnonzero(np.abs(sound) > 0.02)[0] < 0.15 * 22050


def test_same_parameters_give_the_same_bytes_and_another_seed_another_reading(piper):
    line = "Until the night the lamp went dark."
    first = speak(piper, line)[1]
    speak(piper, "Something else in between.")
    assert np.array_equal(first, speak(piper, line)[1])
    other = speak(piper, line, seed=8)[1]
    assert not (len(first) == len(other) and np.array_equal(first, other))


def test_a_fresh_process_gives_the_same_bytes(piper, call_plugin):
    line = "The sea was calm."
    result, _ = call_plugin("piper", "text2speak", {"text": line})
    with wave.open(result["output_files"][0]) as file:
        fresh = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2") / 32768
    assert np.array_equal(fresh, speak(piper, line)[1])


def test_speed_changes_the_length_and_keeps_the_words(piper):
    slow, fast = (speak(piper, LINE, speed=s)[0] for s in (0.5, 2.0))
    assert slow["duration_s"] / fast["duration_s"] == pytest.approx(4, rel=0.15)
    assert [w["text"] for w in slow["words"]] == [w["text"] for w in fast["words"]]


def test_joined_words_are_each_timed(piper):
    text = "The end of the road is one of the best of all of them."
    about, _, _ = speak(piper, text)
    assert [w["text"] for w in about["words"]] == text.rstrip(".").split()
    assert all(w["end_s"] > w["start_s"] for w in about["words"])


def test_progress_rises_with_each_sentence(piper):
    _, _, notifications = speak(piper, "One. Two. Three. Four.")
    percents = [n["params"]["percent"] for n in notifications if n["method"] == "progress"]
    assert len(percents) == 5
    assert percents == sorted(percents)


def test_emoji_and_odd_signs_are_skipped(piper):
    about, _, _ = speak(piper, "Hello 👩‍🚀\u200b \ufffd friend ¬¦ \ud800.")
    assert [w["text"] for w in about["words"]] == ["Hello", "friend"]


@pytest.mark.parametrize("text", ["", "   \n", "... ?!", "😀"])
def test_a_text_with_nothing_to_say_is_refused(piper, text):
    assert refusal(piper, text=text)[0] == "text"


def test_what_it_cannot_speak_is_refused_with_the_way_out(piper):
    field, message = refusal(piper, text="He said 你好.")
    assert field == "text"
    assert "你好" in message
    assert "espeak" in message
    field, message = refusal(piper, text="Guten Tag", language="de")
    assert field == "language"
    assert "'de'" in message
    assert "espeak" in message
    field, message = refusal(piper, text="Hello", voice="amy")
    assert field == "voice"
    assert "'amy'" in message
    assert "en_US-joe-medium" in message


@pytest.mark.parametrize("voice", ["joe", "en_US-joe-medium", "en-us-joe-medium"])
def test_a_voice_is_found_by_any_of_its_names(piper, voice):
    about, _, _ = speak(piper, "Yes.", voice=voice, language="en-GB")
    assert about["voice"] == "en_US-joe-medium"


def test_cancelling_stops_between_sentences(piper):
    request = piper.start_call("text2speak", {"text": "The sea was calm that night. " * 170})
    first = piper.receive(30)
    while first["params"].get("percent", 0) <= 5:
        first = piper.receive(30)
    piper.send("cancel", {"task_id": first["params"]["task_id"]})
    result, _ = piper.finish_call(request)
    assert result["metadata"]["error"]["code"] == "cancelled"
    assert speak(piper, "Calm.")[0]["duration_s"] > 0.3
    assert Path(piper.folder / "outputs").exists() is False
