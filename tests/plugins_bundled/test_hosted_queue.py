"""The plugin for hosted queues: two providers as they are described, and what each end means.

Nothing is paid for twice: each server keeps an entry for each job that it took.
"""

import asyncio
import os
import re
import socket
import subprocess
import sys
import time

import pytest
import yaml
from PIL import Image
from provider_studio import PLUGINS, ProviderStudio
from queue_server import FAL_KEY, REPLICATE_KEY, FalServer, ReplicateServer

from filmeto_core.errors import PluginCrashed, PluginRefused, SubmissionUnknown
from filmeto_core.media import probe

ROOT = PLUGINS.parent
SERVERS = {"fal": (FalServer, "FAL_KEY", FAL_KEY)}
SERVERS["replicate"] = (ReplicateServer, "REPLICATE_API_TOKEN", REPLICATE_KEY)


@pytest.fixture
def described(home, monkeypatch, tmp_path):
    """`described(name, **changes)`: the bundled description, with the address of a server here."""
    (tmp_path / "providers").mkdir()
    monkeypatch.setenv("FILMETO_PLUGINS", str(tmp_path / "plugins"))
    monkeypatch.setenv("FILMETO_PROVIDERS", str(tmp_path / "providers"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")

    def write(name, url, **changes):
        file = PLUGINS / "hosted_queue" / "providers" / f"{name}.yaml"
        told = yaml.safe_load(file.read_text())
        told |= {"base_url": url, "poll": {"first_s": 0.02}} | changes
        (tmp_path / "providers" / f"{name}.yaml").write_text(yaml.safe_dump(told))
        return told

    return write


def serving(name, described, monkeypatch):
    kind, variable, key = SERVERS[name]
    server = kind()
    described(name, server.url)
    monkeypatch.setenv(variable, key)
    monkeypatch.setenv("HOSTED_QUEUE_PROVIDER", name)
    return server


@pytest.fixture(params=["fal", "replicate"])
def server(request, described, monkeypatch):
    with serving(request.param, described, monkeypatch) as server:
        yield server


@pytest.fixture
def fal(described, monkeypatch):
    with serving("fal", described, monkeypatch) as server:
        yield server


@pytest.fixture
def replicate(described, monkeypatch):
    with serving("replicate", described, monkeypatch) as server:
        yield server


@pytest.fixture
def studio(home, tmp_path):
    """Asked for after a server: its settings are read when the plugin starts."""
    studio = ProviderStudio("hosted_queue", tmp_path / "plugins")
    yield studio
    studio.close()


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "picture.png"
    Image.effect_noise((500, 500), 90).convert("RGB").save(path)
    return path


def test_a_job_waits_runs_and_is_collected_with_all_that_it_made(server, studio):
    record = studio.make("text2image", prompt="a cliff", negative_prompt="people", seed=3)
    (order,) = server.orders
    assert order["input"]["prompt"] == "a cliff Do not show: people."
    assert (order["input"]["seed"], len(record.outputs)) == (3, 2)
    assert probe(studio.path(record)).width_px == 96
    assert studio.states() == ["done"]
    assert studio.jobs()[0].job_id.split("|")[::2] == [
        record.outputs[0].metadata["provider"],
        "job-1",
    ]
    assert not [r for r in server.came("file") if "Authorization" in r.headers]


def test_fal_is_told_the_size_and_says_how_the_job_goes(fal, studio):
    record = studio.make("text2image", prompt="a cliff", width=1000, height=500)
    assert fal.orders[0]["input"]["image_size"] == {"width": 1008, "height": 512}
    assert str(record.cost) == "0.012902 USD"
    assert [words for words in studio.told if "is running: 50%|step 14/28" in words]
    assert fal.came("poll")[0].path == "/fal-ai/flux/requests/job-1/status"


def test_replicate_is_told_the_shape_and_gets_a_large_picture_uploaded(replicate, studio, picture):
    studio.make("text2image", prompt="a cliff", width=1280, height=720)
    assert replicate.orders[0]["input"]["aspect_ratio"] == "16:9"
    record = studio.make("image2video", picture, prompt="waves", motion="tilt-up", duration_s=6.0)
    given = replicate.orders[1]["input"]
    assert given["start_image"] == f"{replicate.url}/v1/files/f1"
    assert given["duration"] == 10 and "tilts up" in given["prompt"]
    assert str(record.cost) == "0.70 USD"
    assert probe(studio.path(record)).kind == "video"


def test_a_version_of_a_community_s_model_goes_to_the_address_of_versions(replicate, studio):
    version = "b" * 64
    studio.make("text2image", prompt="a cliff", model=f"someone/some:{version}", input={"steps": 4})
    (request,) = replicate.came("submit")
    assert request.path == "/v1/predictions" and request.json["version"] == version
    assert request.json["input"]["steps"] == 4


def test_voices_music_and_faces_are_jobs_as_well(fal, studio, picture, tmp_path):
    sound = tmp_path / "voice.wav"
    studio.make("text2music", prompt="calm", duration_s=12.5)
    record = studio.make("text2speak", text="Ships pass.", speed=1.2)
    sound.write_bytes(studio.path(record).read_bytes())
    studio.make("speak2video", sound, picture, prompt="an old man")
    music, voice, face = (order["input"] for order in fal.orders)
    assert (music["seconds_total"], voice["prompt"], voice["speed"]) == (13, "Ships pass.", 1.2)
    assert face["driven_audio_url"].startswith("data:audio/wav;base64,")
    assert face["source_image_url"].startswith("data:image/png;base64,")


def test_more_than_the_model_does_is_refused_before_anything_is_asked(fal, studio):
    error, code = studio.fails("text2video", prompt="waves", duration_s=11.0)
    assert code == "beyond_limits"
    assert error.details["plugin_details"]["limit"] == {"duration_s": 10.0}
    assert fal.requests == []


def test_every_end_of_a_job_is_told_apart(server, studio):
    for prompt, code, permanent in (
        ("forbidden", "refused", True),
        ("it fails", "job_failed", False),
        ("nofunds", "no_funds", False),
    ):
        error, told = studio.fails("text2image", prompt=prompt)
        assert (told, isinstance(error, PluginRefused)) == (code, permanent), prompt
    assert studio.states() == ["failed"] * 3


def test_answers_that_are_no_success_are_told_apart_and_never_show_the_key(
    server, studio, monkeypatch
):
    key = server.authorization.split()[1]
    for status, code, retryable in (
        (401, "unauthorized", False),
        (429, "overloaded", True),
        (500, "unavailable", True),
        (422, "bad_request", False),
        (404, "not_found", False),
    ):
        server.fail("submit", "answer", status=status, code="", message=f"your key {key} is fine")
        error, told = studio.fails("text2image", prompt=f"a cliff {status}")
        assert (told, error.retryable) == (code, retryable)
        assert key not in str(error.to_dict()) and "(the key)" in str(error)
    assert server.orders == [] and set(studio.states()) == {"failed"}


def test_a_key_that_is_not_set_is_named_with_the_file_that_wants_it(fal, studio, monkeypatch):
    monkeypatch.delenv("FAL_KEY")
    error, code = studio.fails("text2image", prompt="a cliff")
    assert code == "unauthorized" and "FAL_KEY" in str(error) and "fal.yaml" in str(error)
    assert fal.requests == []


@pytest.mark.parametrize("fault", ["forget", "gateway", "garbage"])
def test_a_submission_whose_answer_is_lost_is_left_to_the_user(fal, studio, fault):
    fal.fail("submit", fault)
    error, _ = studio.fails("text2image", prompt="a cliff")
    assert isinstance(error, SubmissionUnknown)
    studio.fails("text2image", prompt="a cliff")
    assert len(fal.came("submit")) == 1 and studio.states() == ["unknown"]


@pytest.mark.parametrize("place", ["submit", "poll", "result", "file"])
def test_a_plugin_killed_at_any_moment_pays_once(fal, studio, place):
    fal.fail(place, "kill", kill=studio.kill)
    error, _ = studio.fails("text2image", prompt="a cliff")
    if place == "submit":
        assert isinstance(error, SubmissionUnknown)
        job = studio.jobs()[0].idempotency_key
        studio.service.journal.decide(job, "submitted", "job-1")  # as the provider's page shows it
    else:
        assert isinstance(error, PluginCrashed) and studio.states() == ["submitted"]
    studio.make("text2image", prompt="a cliff")
    assert len(fal.orders) == 1 and studio.states() == ["done"]


def test_another_default_provider_is_another_call_and_the_same_one_is_not(
    fal, studio, described, monkeypatch
):
    studio.make("text2image", prompt="a cliff")
    with ReplicateServer() as other:
        described("replicate", other.url)
        monkeypatch.setenv("REPLICATE_API_TOKEN", REPLICATE_KEY)
        studio.kill()  # variables are seen by a process as they were at its start
        monkeypatch.setenv("HOSTED_QUEUE_PROVIDER", "replicate")
        record = studio.make("text2image", prompt="a cliff")
        assert record.outputs[0].metadata["provider"] == "replicate"
        monkeypatch.setenv("HOSTED_QUEUE_PROVIDER", "fal")
        studio.make("text2image", prompt="a cliff")
        assert (len(other.orders), len(fal.orders)) == (1, 1)


def test_a_key_makes_a_lost_submission_one_job(replicate, studio, described):
    told = described("replicate", replicate.url)
    for submit in told["submit"]:
        submit["idempotency_header"] = "Idempotency-Key"
    described("replicate", replicate.url, submit=told["submit"])
    replicate.fail("submit", "drop", "gateway")
    studio.make("text2image", prompt="a cliff")
    keys = {request.headers["Idempotency-Key"] for request in replicate.came("submit")}
    assert len(replicate.came("submit")) == 3 and len(keys) == 1


def test_polls_and_downloads_that_break_are_gone_on_with(server, studio):
    soon = {"Retry-After": "0.05"}
    server.fail("poll", "broken", "drop", "busy", "garbage", headers=soon)
    server.fail("file", "cut", "broken", headers=soon)
    record = studio.make("text2video", prompt="waves", duration_s=5.0)
    begins = [request.headers.get("Range") for request in server.came("file")]
    size = studio.path(record).stat().st_size
    assert begins == [None, f"bytes={size // 2}-", f"bytes={size // 2}-"]
    assert len(server.orders) == 1 and probe(studio.path(record)).kind == "video"


def test_a_file_of_another_size_than_was_told_is_not_taken(fal, studio):
    fal.told_size = 17
    error, code = studio.fails("text2image", prompt="a cliff")
    assert code == "bad_answer" and "17 bytes" in str(error)
    fal.told_size = None
    studio.make("text2image", prompt="a cliff")
    assert len(fal.orders) == 1


def test_a_provider_says_how_long_to_wait_between_looks(fal, studio, described):
    described("fal", fal.url, poll={"first_s": 60, "longest_s": 60})
    fal.wait_headers = {"Retry-After": "0.02"}
    studio.make("text2image", prompt="a cliff")


def test_a_job_that_the_provider_lost_is_closed_at_its_price(server, studio):
    server.fail("file", "kill", kill=studio.kill)
    studio.fails("text2image", prompt="a cliff", width=1024, height=1024)
    server.jobs.clear()
    _, code = studio.fails("text2image", prompt="a cliff", width=1024, height=1024)
    (job,) = studio.jobs()
    assert (code, job.state) == ("job_lost", "failed") and job.cost.amount > 0
    assert len(server.orders) == 1


def test_the_work_that_was_done_is_what_is_charged(replicate, studio, described):
    told = described("replicate", replicate.url)
    told["tools"]["text2image"][0]["second_of_work"] = 0.001
    described("replicate", replicate.url, tools=told["tools"])
    assert str(studio.make("text2image", prompt="a cliff").cost) == "0.0025 USD"


def cancelled_while_it_waits(studio, server):
    """Begin a call, and cancel it once its job is out."""

    async def go():
        work = asyncio.create_task(studio.call("text2image", prompt="a cliff"))
        while not server.came("poll"):
            await asyncio.sleep(0.01)
        work.cancel()
        await asyncio.wait([work])

    asyncio.run(asyncio.wait_for(go(), 20))


def test_a_cancel_reaches_the_provider_and_the_next_call_is_a_new_job(server, studio):
    server.hold = 0
    cancelled_while_it_waits(studio, server)
    (cancel,) = server.came("cancel")
    assert cancel.method == ("PUT" if isinstance(server, FalServer) else "POST")
    assert studio.states() == ["submitted"]
    server.hold = None
    error, code = studio.fails("text2image", prompt="a cliff")
    assert code == "job_failed" and error.retryable
    studio.make("text2image", prompt="a cliff")
    assert studio.states() == ["failed", "done"]


def test_a_filmeto_that_is_killed_cancels_nothing(fal, tmp_path, studio):
    fal.hold = 0
    code = (
        "import sys; from pathlib import Path; from provider_studio import ProviderStudio;"
        "ProviderStudio('hosted_queue', Path(sys.argv[1])).make('text2image', prompt='a cliff')"
    )
    path = os.pathsep.join((str(ROOT), str(ROOT / "tests")))
    command = [sys.executable, "-c", code, str(tmp_path / "plugins")]
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": path}) as host:
        end = time.monotonic() + 60  # it starts from nothing, its plugin as well
        while not fal.came("poll"):
            assert host.poll() is None and time.monotonic() < end
            time.sleep(0.02)
        host.kill()
    fal.hold = None
    record = studio.make("text2image", prompt="a cliff")
    assert record.outputs[0].metadata["job"] == "job-1"
    assert fal.came("cancel") == [] and len(fal.orders) == 1


def test_a_webhook_ends_the_pause_and_a_forged_one_does_nothing(
    fal, studio, described, monkeypatch
):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("HOSTED_QUEUE_WEBHOOK_URL", f"http://127.0.0.1:{port}/hook")
    monkeypatch.setenv("HOSTED_QUEUE_WEBHOOK_PORT", str(port))
    described("fal", fal.url, poll={"first_s": 60, "longest_s": 60})
    fal.hold = 0

    async def go():
        work = asyncio.create_task(studio.call("text2image", prompt="a cliff"))
        while not fal.came("poll"):
            await asyncio.sleep(0.01)
        webhook = fal.jobs["job-1"]["webhook"]
        fal.jobs["job-1"]["webhook"] = webhook[:-4] + "AAAA"
        with pytest.raises(OSError, match="404"):
            await asyncio.to_thread(fal.finish, "job-1")
        assert len(fal.came("poll")) == 1
        fal.jobs["job-1"]["webhook"] = webhook
        assert await asyncio.to_thread(fal.finish, "job-1") == 204
        return await asyncio.wait_for(work, 10)

    record = asyncio.run(go()).record
    assert "/hook/" in fal.jobs["job-1"]["webhook"] and record.outputs
    assert [r for r in fal.came("submit") if "fal_webhook=" in r.query]


WRONG = [
    ({"base_url": "api.example.com"}, "base_url"),
    ({"submit": [{"url": "{base_url}/{modle}", "body": "{input}", "id": "id"}]}, "submit[0].url"),
    ({"status": {"url": "{base_url}", "state": "s", "states": {}}}, "status.states.done"),
    ({"pol": {"first_s": 1}}, "pol"),
    (
        {"tools": {"text2image": [{"model": "m", "input": {"p": "{promt}"}}]}},
        "tools.text2image[0].input",
    ),
    (
        {"tools": {"text2image": [{"model": "m", "input": {}, "price": {"token": 1}}]}},
        "tools.text2image[0].price",
    ),
]


def test_a_description_that_is_wrong_is_told_with_its_file_and_key(fal, studio, described):
    for changes, key in WRONG:
        described("fal", fal.url, **changes)
        error, code = studio.fails("text2image", prompt="a cliff")
        assert code == "bad_provider" and f"fal.yaml: {key}: " in str(error)
    assert fal.requests == []


def test_the_readme_s_provider_can_be_used(fal, studio, tmp_path, monkeypatch):
    readme = (PLUGINS / "hosted_queue" / "README.md").read_text()
    (example,) = re.findall(r"```yaml\n(name: .*?)```", readme, re.DOTALL)
    (tmp_path / "providers" / "example.yaml").write_text(example)
    error, code = studio.fails("text2image", prompt="a cliff", provider="example")
    assert code == "unauthorized" and "environment: [EXAMPLE_KEY]" in str(error)
