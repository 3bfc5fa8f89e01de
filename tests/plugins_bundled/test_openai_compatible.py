"""The plugin for servers that speak OpenAI's protocol: what it sends, what it makes of each answer.

Nothing is paid for twice: the server keeps an entry for each thing that it made.
"""

import asyncio
import threading

import pytest
from openai_server import KEY, OpenAIServer
from PIL import Image
from provider_studio import ProviderStudio

from filmeto_core.errors import PluginCrashed, PluginRefused, StoreError, SubmissionUnknown
from filmeto_core.media import probe


@pytest.fixture
def server(home, monkeypatch, tmp_path):
    with OpenAIServer() as server:
        monkeypatch.setenv("FILMETO_PLUGINS", str(tmp_path / "plugins"))
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield server


@pytest.fixture
def studio(server, tmp_path):
    studio = ProviderStudio("openai_compatible", tmp_path / "plugins")
    yield studio
    studio.close()


@pytest.fixture
def priced(monkeypatch):
    monkeypatch.setenv("FILMETO_OPENAI_PRICING", "{text2image: 0.04, text2video: {second: 0.10}}")


@pytest.fixture
def free(monkeypatch):
    monkeypatch.setenv("FILMETO_OPENAI_PRICING", "0")


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "picture.png"
    Image.new("RGB", (320, 180), (40, 90, 120)).save(path)
    return path


def pixels(studio, record):
    with Image.open(studio.path(record)) as made:
        return made.size, made.getpixel((5, 5))


def test_a_picture_is_made_at_the_model_s_size_and_given_at_the_asked_one(studio, server, priced):
    record = studio.make("text2image", prompt="a cliff", negative_prompt="people", seed=3)
    (order,) = server.orders
    assert pixels(studio, record) == ((1280, 720), tuple(order["colour"]))
    assert order["fields"] == {
        "model": "gpt-image-1",
        "prompt": "a cliff\nDo not show: people.",
        "n": 1,
        "size": "1536x1024",
    }
    about = record.outputs[0].metadata
    assert about["made_px"] == "1536x1024" and "cropped" in about["fitted"]
    assert about["told"] == {
        "seed": "left out: the server takes none",
        "negative_prompt": "told in words",
    }
    (job,) = studio.jobs()
    assert (job.state, str(job.cost)) == ("done", "0.04 USD")


def test_a_server_of_the_user_s_own_gets_the_fields_that_it_takes(studio, server, monkeypatch):
    server.strict = False
    monkeypatch.delenv("OPENAI_API_KEY")
    monkeypatch.setenv("FILMETO_OPENAI_TAKES", "seed,negative_prompt")
    monkeypatch.setenv("FILMETO_OPENAI_IMAGE_MODEL", "flux")
    record = studio.make(
        "text2image",
        prompt="a cliff",
        negative_prompt="people",
        seed=3,
        width=300,
        height=170,
        extra={"steps": 4},
    )
    fields = server.orders[0]["fields"]
    assert fields["size"] == "304x176"
    assert (fields["seed"], fields["negative_prompt"], fields["steps"]) == (3, "people", 4)
    assert fields["response_format"] == "b64_json"
    assert pixels(studio, record)[0] == (300, 170)
    assert "Authorization" not in server.requests[0].headers


def test_a_picture_is_edited_at_its_own_size(studio, server, picture):
    record = studio.make("image2image", picture, prompt="as an etching", strength=0.3)
    fields, ((name, _, _),) = server.orders[0]["fields"], server.orders[0]["files"]
    assert name == "image"
    assert "only subtly" in fields["prompt"]
    assert pixels(studio, record)[0] == (320, 180)


def test_a_strength_of_nothing_asks_nothing(studio, server, picture):
    record = studio.make("image2image", picture, prompt="as an etching", strength=0.0)
    assert server.requests == []
    assert pixels(studio, record)[0] == (320, 180)
    assert str(studio.jobs()[0].cost) == "0.00 USD"


@pytest.mark.parametrize("padding", ["", "?signature=" + "a" * 600])
def test_a_picture_at_an_address_is_fetched_without_the_key_and_after_a_cut(
    studio, server, padding
):
    server.answers, server.padding = "url", padding
    server.fail("/files/1.png", "cut", "broken", headers={"Retry-After": "0.05"})
    record = studio.make("text2image", prompt="a cliff", model="dall-e-3")
    assert pixels(studio, record)[1] == tuple(server.orders[0]["colour"])
    fetched = server.came("/files/1.png")
    assert len(fetched) == 3 and len(server.orders) == 1
    assert not [request for request in fetched if "Authorization" in request.headers]


def test_a_voice_has_its_true_length_and_respelled_words(studio, server):
    record = studio.make(
        "text2speak",
        text="<speak>Nguyen waits. <break time='1s'/> He reads in Berlin.</speak>",
        pronunciations={"Nguyen": "win", "Berlin": "/bɛrˈlɪn/"},
        instructions="tired",
    )
    fields = server.orders[0]["fields"]
    assert fields["input"] == "win waits., He reads in Berlin."
    assert (fields["voice"], fields["instructions"]) == ("alloy", "tired")
    about = record.outputs[0].metadata
    length_s = len(fields["input"]) * 0.05
    assert about["duration_s"] == pytest.approx(length_s, abs=0.001)
    assert probe(studio.path(record)).duration_s == pytest.approx(length_s, abs=0.01)
    assert "Berlin" in about["told"]["pronunciations"]


def test_a_clip_is_a_job_whose_progress_is_told_and_whose_made_seconds_are_paid(
    studio, server, picture, priced, monkeypatch
):
    prices = "{text2image: 0.04, image2video: {second: 0.10}}"
    monkeypatch.setenv("FILMETO_OPENAI_PRICING", prices)
    record = studio.make("image2video", picture, prompt="waves", motion="pan-left", duration_s=5.0)
    fields = server.orders[0]["fields"]
    assert (fields["seconds"], fields["size"]) == ("8", "1280x720")
    assert "pans slowly to the left" in fields["prompt"]
    assert [words for words in studio.told if "in_progress, 33 %" in words]
    assert str(record.cost) == "0.80 USD"
    assert probe(studio.path(record)).width_px == 1280


def test_a_clip_that_is_too_long_is_refused_before_anything_is_asked(studio, server):
    error, code = studio.fails("text2video", prompt="waves", duration_s=20.0)
    assert code == "beyond_limits" and not error.retryable
    assert error.details["plugin_details"]["limit"] == {"duration_s": 12}
    assert server.requests == []


ENDS = [
    (401, "invalid_api_key", "unauthorized", False),
    (402, "payment_required", "no_funds", False),
    (429, "insufficient_quota", "no_funds", False),
    (400, "billing_hard_limit_reached", "no_funds", False),
    (400, "content_policy_violation", "refused", False),
    (429, "rate_limit_exceeded", "overloaded", True),
    (503, "", "unavailable", True),
    (404, "model_not_found", "not_found", False),
    (413, "", "beyond_limits", False),
]


def test_answers_that_are_no_success_are_told_apart_and_never_show_the_key(studio, server, priced):
    words = f"no: your key {KEY} is fine"
    for status, provider_code, code, retryable in ENDS:
        about = {"status": status, "code": provider_code, "message": words}
        server.fail("/images/generations", "answer", **about)
        error, told = studio.fails("text2image", prompt=f"a cliff {status} {provider_code}")
        assert (told, error.retryable) == (code, retryable), provider_code
        assert isinstance(error, PluginRefused) == (code == "refused")
        assert KEY not in str(error.to_dict()) and "(the key)" in str(error)
    assert {(job.state, str(job.cost)) for job in studio.jobs()} == {("failed", "0.00 USD")}
    assert server.orders == []


def test_a_busy_server_is_asked_again_after_the_time_that_it_told(studio, server):
    server.fail("/images/generations", "busy", headers={"Retry-After": "7"})
    error, code = studio.fails("text2image", prompt="a cliff")
    assert error.retryable and error.details["retry_after_s"] == 7
    studio.make("text2image", prompt="a cliff")
    assert len(server.orders) == 1


def test_a_server_that_is_not_there_took_nothing(studio, server, monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    error, code = studio.fails("text2image", prompt="a cliff")
    assert code == "unreachable" and error.retryable
    assert studio.states() == ["failed"]


@pytest.mark.parametrize("fault", ["forget", "gateway"])
def test_an_order_whose_answer_is_lost_is_left_to_the_user(studio, server, priced, fault):
    server.fail("/images/generations", fault)
    error, _ = studio.fails("text2image", prompt="a cliff")
    assert isinstance(error, SubmissionUnknown) and not error.retryable
    studio.fails("text2image", prompt="a cliff")
    assert len(server.came("/images/generations")) == 1
    assert studio.states() == ["unknown"]


@pytest.mark.parametrize("fault", ["forget", "gateway", "cut", "garbage"])
def test_on_a_free_server_it_is_sent_again(studio, server, free, fault):
    server.fail("/images/generations", fault)
    error, _ = studio.fails("text2image", prompt="a cliff")
    assert error.retryable
    studio.make("text2image", prompt="a cliff")
    assert studio.states()[-1] == "done"


@pytest.mark.parametrize("fault", ["cut", "garbage"])
def test_an_answer_that_was_paid_for_and_is_no_picture_counts_as_paid(
    studio, server, priced, fault
):
    server.fail("/images/generations", fault)
    error, code = studio.fails("text2image", prompt="a cliff")
    assert code == "bad_answer" and not error.retryable
    (job,) = studio.jobs()
    assert (job.state, str(job.cost)) == ("failed", "0.04 USD")
    assert len(server.orders) == 1


def test_a_plugin_killed_while_it_waits_leaves_an_order_that_nobody_repeats(studio, server, priced):
    server.fail("/images/generations", "kill", kill=studio.kill)
    error, _ = studio.fails("text2image", prompt="a cliff")
    assert isinstance(error, SubmissionUnknown) and isinstance(error.__cause__, PluginCrashed)
    studio.fails("text2image", prompt="a cliff")
    assert len(server.orders) == 1


def test_on_a_free_server_a_killed_plugin_is_no_question_to_the_user(studio, server, free):
    server.fail("/images/generations", "kill", kill=studio.kill)
    error, _ = studio.fails("text2image", prompt="a cliff")
    assert isinstance(error, PluginCrashed) and error.retryable
    studio.make("text2image", prompt="a cliff")
    assert studio.states() == ["done"]


def test_a_picture_that_was_answered_is_kept_where_storing_it_fails(
    studio, server, priced, monkeypatch
):
    """The store's disk is full when the picture has come; the next try pays nothing."""
    put = studio.service.store.put_file

    def full(*given, **named):
        monkeypatch.setattr(studio.service.store, "put_file", put)
        raise StoreError("There is no room left.", hint="Make room there.")

    monkeypatch.setattr(studio.service.store, "put_file", full)
    error, _ = studio.fails("text2image", prompt="a cliff")
    assert isinstance(error, StoreError)
    assert studio.states() == ["submitted"]
    record = studio.make("text2image", prompt="a cliff")
    assert record.outputs[0].metadata["resumed"]
    assert pixels(studio, record)[1] == tuple(server.orders[0]["colour"])
    assert len(server.orders) == 1 and studio.states() == ["done"]


def test_a_voice_of_the_wrong_kind_is_no_success(studio, server):
    error, code = studio.fails("text2speak", text="hello", response_format="flac")
    assert code == "job_failed" and "ID3" in str(error)
    assert studio.states() == ["failed"]


@pytest.mark.parametrize("place", ["/videos", "poll", "content"])
def test_a_plugin_killed_around_a_job_pays_once(studio, server, place):
    server.fail(place, "kill", kill=studio.kill)
    error, _ = studio.fails("text2video", prompt="waves")
    if place == "/videos":
        assert isinstance(error, SubmissionUnknown)
        job = studio.jobs()[0].idempotency_key
        studio.service.journal.decide(job, "submitted", server.orders[0]["job"])
    else:
        assert isinstance(error, PluginCrashed)
        assert studio.states() == ["submitted"]
    assert probe(studio.path(studio.make("text2video", prompt="waves"))).width_px == 1280
    assert len(server.orders) == 1 and studio.states() == ["done"]


def test_polls_and_downloads_that_fail_are_made_again(studio, server):
    server.fail("poll", "broken", "busy", "drop", headers={"Retry-After": "0.05"})
    server.fail("content", "cut", "broken", headers={"Retry-After": "0.05"})
    studio.make("text2video", prompt="waves")
    assert len(server.orders) == 1 and len(server.came("content")) == 3


@pytest.mark.parametrize(
    ("prompt", "code", "permanent"),
    [("it fails", "job_failed", False), ("violent", "refused", True)],
)
def test_a_job_that_does_not_come_to_its_end_is_closed(studio, server, prompt, code, permanent):
    server.steps = 0
    error, told = studio.fails("text2video", prompt=prompt)
    assert told == code and isinstance(error, PluginRefused) == permanent
    assert studio.states() == ["failed"] and str(studio.jobs()[0].cost) == "0.00 USD"


def test_a_job_that_the_provider_lost_is_closed_and_counts_as_paid(studio, server, priced):
    server.fail("content", "kill", kill=studio.kill)
    studio.fails("text2video", prompt="waves")
    server.jobs.clear()
    _, code = studio.fails("text2video", prompt="waves")
    assert code == "job_lost"
    assert [(job.state, str(job.cost)) for job in studio.jobs()] == [("failed", "0.40 USD")]
    assert len(server.orders) == 1


def test_a_cancel_is_seen_while_an_answer_is_waited_for(studio, server, free):
    reached, event = threading.Event(), threading.Event()
    server.fail("/images/generations", "hold", reached=reached, event=event)

    async def go():
        work = asyncio.create_task(studio.call("text2image", prompt="a cliff"))
        await asyncio.to_thread(reached.wait, 5)
        (pid,) = studio.service.plugins.states()[studio.name]["pids"]
        work.cancel()
        await asyncio.wait([work])
        return work.cancelled(), pid

    try:
        cancelled, pid = asyncio.run(go())
    finally:
        event.set()
    assert cancelled
    assert studio.service.plugins.states()[studio.name]["pids"] == [pid], "it was not killed"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OPENAI_BASE_URL", "localhost:8080"),
        ("FILMETO_OPENAI_TAKES", "sed"),
        ("FILMETO_OPENAI_PRICING", "{text2image: {tokens: 1}}"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_before_anything_is_asked(
    studio, server, monkeypatch, name, value
):
    monkeypatch.setenv(name, value)
    error, code = studio.fails("text2image", prompt="a cliff")
    assert code == "bad_setting" and name in str(error)
    assert server.requests == []
