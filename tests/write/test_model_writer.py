"""A language model writes a storyboard, behind a real server on loopback with the faults of real ones."""

import email.utils
import json
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from filmeto_core.errors import (
    ServerUnreachableError,
    TimeoutError,
    TooManyRequestsError,
    UnauthorizedError,
    ValidationError,
    WritingError,
)
from filmeto_core.film.storyboard import read_storyboard
from filmeto_core.settings import Settings, film_environment
from filmeto_core.write import chat
from filmeto_core.write.answer import find_json, read_answer
from filmeto_core.write.chat import retry_after_s
from filmeto_core.write.request import read_request
from filmeto_core.write.writer import write_storyboard
from tests.tls import tls_before
from tests.write.fake_model import Reply, completion, failure, serving_model

LOGLINE = "A keeper finds a letter."
KEY = "sk-very-secret-0123"


def story(shots: int = 2, **changes) -> dict:
    rows = [
        {"id": f"s{n}", "prompt": f"a boat, picture {n}", "narration": f"Line {n}.",
         "motion": "static" if n % 2 else "push-in", "transition": "cut", "duration_s": 0}
        for n in range(shots)
    ]  # fmt: skip
    return {"title": "T", "style": "ink", "music": "slow piano", "shots": rows, **changes}


def told(board: dict) -> Reply:
    return completion(json.dumps(board))


@pytest.fixture(autouse=True)
def _quick(monkeypatch, tmp_path):
    monkeypatch.setattr(chat, "PAUSE_S", 0.0)
    monkeypatch.chdir(tmp_path)


def written(fake, lines=None, shots=2, **settings):
    """The storyboard that comes of it, loaded; `lines` collects what is told."""
    wanted = {"writer_url": fake.url, "writer_model": "m", "writer_key": KEY, **settings}
    heard = lines if lines is not None else []
    request = read_request(LOGLINE, shots)
    text = write_storyboard(request, Settings(**wanted), seed=5, tell=heard.append)
    assert KEY not in text and not any(KEY in line for line in heard)
    return text, read_storyboard(text.encode(), base=Path.cwd())


def raised(kind, *replies, **settings):
    with serving_model(*replies) as fake, pytest.raises(kind) as caught:
        written(fake, **settings)
    assert KEY not in str(caught.value) and KEY not in repr(caught.value.to_dict())
    return caught.value, fake


def test_a_model_is_asked_with_a_schema_and_its_answer_becomes_a_storyboard():
    with serving_model(told(story())) as fake:
        text, board = written(fake)
    assert [shot.prompt for shot in board.shots] == ["a boat, picture 0", "a boat, picture 1"]
    assert (board.title, board.style, board.music.prompt) == ("T", "ink", "slow piano")
    assert text.startswith("# Written by the language model m")
    (asked,) = fake.asked
    assert asked["path"] == "/v1/chat/completions" and asked["model"] == "m" and asked["seed"] == 5
    assert asked["response_format"]["json_schema"]["schema"]["properties"]["shots"]
    assert LOGLINE in asked["messages"][-1]["content"] and fake.keys == [f"Bearer {KEY}"]


def test_a_server_that_takes_no_schema_is_asked_without_and_not_tried_with_it_again():
    refusing = failure(400, "unknown field response_format")
    with serving_model(refusing, refusing, completion("hm"), told(story())) as fake:
        written(fake)
    kinds = [asked.get("response_format", {}).get("type") for asked in fake.asked]
    assert kinds == ["json_schema", "json_object", None, None]


@pytest.mark.parametrize(
    "wrap",
    [
        "Here it is:\n```json\n{}\n```\nEnjoy {{your}} film!",
        '<think>maybe {{"shots": [1, 2, 3]}}?</think>{}',
        '{{"storyboard": {}}}',
        "Sure! {}",
    ],
)
def test_talk_around_the_json_does_not_matter(wrap):
    answer = wrap.replace("{}", "@").format().replace("@", json.dumps(story()))
    with serving_model(completion(answer)) as fake:
        _, board = written(fake)
    assert len(board.shots) == 2 and len(fake.asked) == 1


def test_what_is_wrong_goes_back_to_the_model_in_the_storyboards_own_words():
    bad = story()
    bad["shots"][1] = {"narration": "Nothing to see.", "motion": "zoom"}
    lines: list[str] = []
    with serving_model(told(bad), told(story())) as fake:
        _, board = written(fake, lines)
    again = fake.asked[1]["messages"]
    assert again[-2]["role"] == "assistant" and "zoom" in again[-2]["content"]
    assert "shots[1].motion" in again[-1]["content"] and "push-in" in again[-1]["content"]
    assert any("shots[1]" in line for line in lines) and len(board.shots) == 2


def test_after_three_answers_that_are_none_it_says_what_was_wrong():
    error, fake = raised(WritingError, completion("I would rather write a poem."))
    assert len(fake.asked) == 3 and "no whole JSON object" in str(error)
    assert "--template" in str(error) and error.handling.exit_code == 1


def test_a_film_of_another_number_of_shots_is_sent_back_and_in_the_end_used_with_a_note():
    lines: list[str] = []
    with serving_model(told(story(3))) as fake:
        _, board = written(fake, lines)
    assert len(fake.asked) == 3 and len(board.shots) == 3
    assert "expected exactly 2 shots, got 3" in fake.asked[1]["messages"][-1]["content"]
    assert any("got 3; it is used" in line for line in lines)


def test_a_cut_off_answer_is_asked_for_again_and_shorter():
    cut = completion(json.dumps(story())[:80], "length")
    with serving_model(cut, told(story())) as fake:
        written(fake)
    assert "cut off" in fake.asked[1]["messages"][-1]["content"]


@pytest.mark.parametrize(
    "reply",
    [
        completion("", refusal="I cannot help with that."),
        completion("", "content_filter"),
        failure(400, "flagged", "content_policy_violation"),
    ],
)
def test_a_refusal_is_told_and_not_asked_for_again(reply):
    error, fake = raised(WritingError, reply)
    assert "refuses" in str(error) and error.details["refused"] and len(fake.asked) == 1


def test_a_wrong_key_is_told_and_never_shown():
    error, fake = raised(UnauthorizedError, failure(401, f"Incorrect API key provided: {KEY}"))
    assert "FILMETO_WRITER_KEY" in str(error) and "***" in str(error) and len(fake.asked) == 1
    assert KEY not in repr(Settings(writer_key=KEY))
    assert KEY not in film_environment(Settings(writer_key=KEY)).values()


def test_an_overloaded_server_is_asked_again_when_it_says():
    lines: list[str] = []
    soon = failure(429, "slow down", Retry_After="0")
    with serving_model(soon, failure(503), told(story())) as fake:
        written(fake, lines)
    assert len(fake.asked) == 3
    assert any("429; asking again in 0 s" in line for line in lines)


def test_a_server_that_asks_for_an_hour_is_given_up_at_once_and_the_time_is_told():
    error, fake = raised(TooManyRequestsError, failure(429, "later", Retry_After="3600"))
    assert error.details["retry_after_s"] == 3600 and "3600 s" in str(error)
    assert len(fake.asked) == 1


def test_retry_after_is_read_as_seconds_and_as_a_date():
    assert retry_after_s("7") == 7
    date = email.utils.formatdate(time.time() + 30, usegmt=True)
    assert 25 < retry_after_s(date) <= 30
    assert retry_after_s("") is None and retry_after_s("soon") is None


def test_a_broken_server_is_asked_three_times():
    error, fake = raised(ServerUnreachableError, failure(502, "bad gateway"))
    assert len(fake.asked) == 3 and "502: bad gateway" in str(error)


def test_an_answer_that_breaks_off_is_asked_for_again():
    broken = Reply(body=b'{"choices": [', cut=True)
    with serving_model(broken, told(story())) as fake:
        written(fake)
    assert len(fake.asked) == 2


def test_a_server_that_does_not_answer_in_time_is_told_with_the_setting():
    error, _ = raised(TimeoutError, Reply(hang=True), task_timeout_s=0.2)
    assert "0.2 s" in str(error) and "FILMETO_TASK_TIMEOUT_S" in str(error)


def test_nobody_there_is_told_with_the_way_out():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
        settings = Settings(writer_url=url, writer_model="m")
        with pytest.raises(ServerUnreachableError, match="add --template"):
            write_storyboard(read_request(LOGLINE, 2), settings)


@pytest.mark.parametrize(
    ("reply", "kind", "said"),
    [
        (failure(429, "You exceeded your quota", "insufficient_quota"), WritingError, "no money or quota"),
        (failure(402, "pay"), WritingError, "no money or quota"),
        (failure(404, "model m not found"), ValidationError, "FILMETO_WRITER_MODEL"),
        (Reply(body=b"<html>It works!</html>"), WritingError, "no chat completion"),
        (Reply(body=b'{"choices": []}'), WritingError, "no chat completion"),
        (Reply(302, headers={"Location": "http://127.0.0.1:1/"}), WritingError, "no chat completion"),
    ],
)  # fmt: skip
def test_other_answers_are_told_for_what_they_are_after_one_question(reply, kind, said):
    error, fake = raised(kind, reply)
    assert said in str(error) and len(fake.asked) == 1


def test_an_answer_without_end_is_not_read_to_its_end(monkeypatch):
    monkeypatch.setattr(chat, "MAX_ANSWER_BYTES", 1000)
    error, _ = raised(WritingError, Reply(body=b"x" * 5000))
    assert "more than 1000 bytes" in str(error)


def test_a_model_can_name_no_file_no_plugin_and_no_profile():
    board = story(profile="studio", voice={"language": "en"}, **{"x-evil": 1})
    board["music"] = {"file": "/etc/passwd"}
    board["shots"][0] |= {"image": "/etc/passwd", "clip": "/etc/passwd", "sound": "a.wav",
                          "plugin": {"text2image": "evil"}, "voice_file": "/etc/passwd"}  # fmt: skip
    with serving_model(told(board)) as fake:
        text, loaded = written(fake)
    assert "passwd" not in text and "evil" not in text and loaded.profile == "animatic"


def test_small_slips_are_mended_without_asking_again():
    slip = {"id": "a b/c", "description": "a boat", "voiceover": "Go.", "camera": "Push In",
            "transition": {"kind": "Dissolve"}, "duration": 4}  # fmt: skip
    again = {"id": "a-b-c", "prompt": "x", "narration": "…", "motion": "static", "duration_s": 400}
    board, problems = read_answer(json.dumps({"shots": [slip, again]}), read_request(LOGLINE, 2))
    assert problems == []
    first, second = board["shots"]
    assert (first["id"], first["prompt"], first["motion"]) == ("a-b-c", "a boat", "push-in")
    assert first["transition"] == "fade-from-black" and "duration_s" not in first
    assert second["id"] != first["id"] and second["duration_s"] == 30 and "narration" not in second


def test_hostile_text_is_searched_for_json_in_no_time():
    for text in ('{"a":' * 100_000, "{" * 1_000_000, '{"a": [' * 50_000):
        assert find_json(text) is None
    assert find_json('{} {"a": {"b": 1}}') == {"a": {"b": 1}}


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:11434",
        "ftp://host/v1",
        "http://",
        "http://me:secret@host/v1",
        "http://h:99999/v1",
    ],
)
def test_an_address_that_is_none_is_refused_without_its_password(url):
    with pytest.raises(ValidationError, match="FILMETO_WRITER_URL") as caught:
        write_storyboard(read_request(LOGLINE, 2), Settings(writer_url=url, writer_model="m"))
    assert "secret" not in str(caught.value)


def test_half_a_configuration_is_refused():
    with pytest.raises(ValidationError, match="FILMETO_WRITER_MODEL is not"):
        write_storyboard(read_request(LOGLINE, 2), Settings(writer_url="http://127.0.0.1:1/v1"))


def test_a_certificate_that_the_machine_trusts_is_trusted(tmp_path, monkeypatch):
    with (
        serving_model(told(story())) as fake,
        tls_before(urlsplit(fake.url).port, tmp_path) as (address, certificate),
    ):
        away = {"writer_url": f"{address}/v1"}
        monkeypatch.delenv("SSL_CERT_FILE", raising=False)
        with pytest.raises(ServerUnreachableError, match="CERTIFICATE_VERIFY_FAILED"):
            written(fake, **away)
        monkeypatch.setenv("SSL_CERT_FILE", certificate)
        _text, board = written(fake, **away)
    assert len(board.shots) == 2
