"""The paid plugin and its provider: a job is submitted once, noted, polled, downloaded, resumed."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from decimal import Decimal
from pathlib import Path

import pytest
from paid_ledger import count, entries
from paid_provider import Switches, provider_at

from filmeto_core import plugin_sdk
from filmeto_core.media import probe

ROOT = Path(__file__).resolve().parents[2]
SDK = Path(plugin_sdk.__file__).parent
WAIT_S = 5
PICTURE = {"prompt": "a lighthouse", "negative_prompt": "", "width": 160, "height": 90, "seed": 3}
QUICK = {"slow_s": 0.02}


class Host:
    """The plugin's process, and the host's side of its wire."""

    def __init__(self, folder, url, keyless=False):
        self.folder, self.noted, self.calls = folder, [], 0
        environment = {"PYTHONPATH": str(SDK), "PATH": os.environ["PATH"], "PAID_PROVIDER_URL": url}
        if keyless:
            environment["PAID_PROVIDER_KEYLESS"] = "1"
        self.process = subprocess.Popen(
            [sys.executable, "main.py"],
            env=environment,
            cwd=ROOT / "tests" / "plugins" / "paid",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.guard = threading.Timer(WAIT_S, self.process.kill)
        self.guard.start()

    def say(self, message):
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
        self.process.stdin.flush()

    def call(self, tool="text2image", parameters=PICTURE, inputs=(), key="key-1", **more):
        """One call's result; `submitted` is answered, and the job noted."""
        self.calls += 1
        params = {
            "task_id": f"t{self.calls}",
            "tool_name": tool,
            "parameters": parameters,
            "output_dir": str(self.folder / f"out{self.calls}"),
            "idempotency_key": key,
            "metadata": {"processed_resources": [str(path) for path in inputs]},
            **more,
        }
        self.say({"id": self.calls, "method": "execute_task", "params": params})
        for line in self.process.stdout:
            message = json.loads(line)
            if message.get("method") == "submitted":
                self.noted.append(message["params"])
                self.say({"id": message["id"], "result": {"committed": True}})
            elif "result" in message:
                return message["result"]
        raise AssertionError("the plugin ended")

    def close(self):
        self.guard.cancel()
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


@pytest.fixture
def studio(tmp_path):
    """A provider by switches, and a plugin that knows it: studio(keyless=True, ...)."""
    with contextlib.ExitStack() as stack:

        def open_one(account="film", **switches):
            state = tmp_path / "provider"
            server = stack.enter_context(provider_at(state, Switches(**{**QUICK, **switches})))
            host = Host(tmp_path, f"{server.url}/{account}", switches.get("keyless", False))
            stack.callback(host.close)
            host.count = lambda: count(entries(state), account)
            host.url, host.server = f"{server.url}/{account}/v1", server
            return host

        yield open_one


def error_of(result):
    assert result["status"] == "error"
    return result["metadata"]["error"]


def test_each_tool_makes_a_file_that_is_what_it_claims(studio):
    host = studio()
    still = host.call()
    (image,) = still["output_files"]
    clip = {"motion": "static", "duration_s": 0.75, "fps": "8", "width": 160, "height": 90}
    (video,) = host.call("image2video", {**clip, "prompt": ""}, [image], "key-2")["output_files"]
    speech = {"text": "He climbed.", "language": "en", "voice": "", "speed": 1.0}
    (voice,) = host.call("text2speak", speech, key="key-3")["output_files"]
    music = {"prompt": "slow piano", "duration_s": 1.5, "seed": 1}
    (score,) = host.call("text2music", music, key="key-4")["output_files"]
    assert probe(Path(image)).width_px == 160
    film = probe(Path(video))
    assert (film.kind, film.width_px, film.frame_rate) == ("video", 160, 8)
    assert film.duration_s == pytest.approx(0.75, abs=0.01)
    assert probe(Path(voice)).kind == "audio"
    assert probe(Path(score)).duration_s == pytest.approx(1.5, abs=0.01)
    assert still["metadata"]["cost"] == {"amount": "0.04", "currency": "USD"}
    assert host.count().jobs == 4 and host.count().cost == Decimal("0.206")


def test_a_job_is_told_with_its_cost_before_it_is_polled(studio):
    host = studio()
    host.call()
    (told,) = host.noted
    assert told["cost"] == {"amount": "0.04", "currency": "USD"}
    with urllib.request.urlopen(f"{host.url}/jobs/{told['job_id']}") as answer:
        assert json.load(answer)["status"] == "done"


def test_a_job_that_was_submitted_before_is_collected_and_none_is_submitted(studio):
    host = studio()
    first = host.call()
    again = host.call(resume_job=host.noted[0]["job_id"])
    assert len(host.noted) == 1 and host.count().jobs == 1
    first, again = (Path(made["output_files"][0]).read_bytes() for made in (first, again))
    assert first == again


def test_one_key_is_one_job_and_the_same_request_gives_the_same_bytes(studio):
    host = studio()
    files = [Path(host.call(key=key)["output_files"][0]) for key in ("a", "a", "b")]
    assert len({path.read_bytes() for path in files}) == 1
    assert host.count().jobs == 2 and list(host.count().twice.values()) == [2]


def test_a_provider_without_keys_makes_a_job_of_every_post(studio):
    host = studio(keyless=True)
    host.call(key="a")
    host.call(key="a")
    assert host.count().jobs == 2


def test_a_connection_lost_after_acceptance_is_tried_again_under_its_key(studio):
    host = studio(lose_after=1.0)
    error = error_of(host.call())
    assert error["retryable"] and error["code"] == "lost"
    host.server.switches = Switches(**QUICK)
    assert host.call()["status"] == "success"
    assert host.count().jobs == 1


def test_without_a_key_a_connection_lost_while_submitting_is_unknown(studio):
    host = studio(keyless=True, lose_after=1.0)
    error = error_of(host.call())
    assert (error["code"], error["retryable"]) == ("submission_unknown", False)
    assert host.count().jobs == 1


def test_without_a_key_a_provider_that_is_not_there_is_no_unknown_job(studio):
    host = studio(keyless=True)
    host.server.server_close()
    assert error_of(host.call())["retryable"]


def test_a_refused_prompt_is_refused_for_good(studio):
    host = studio()
    error = error_of(host.call(parameters={**PICTURE, "prompt": "forbidden fruit"}))
    assert error["permanent"] and error["code"] == "prompt_refused"
    assert host.count().jobs == 0


@pytest.mark.parametrize(("word", "code"), [("fails", "job_failed"), ("vanishes", "job_lost")])
def test_a_job_that_comes_to_nothing_says_why(studio, word, code):
    host = studio()
    error = error_of(host.call(parameters={**PICTURE, "prompt": f"it {word}"}))
    assert error["code"] == code and not error["retryable"]


def test_a_lost_job_is_told_when_it_is_resumed_too(studio):
    assert error_of(studio().call(resume_job="job-unheard-of"))["code"] == "job_lost"


def test_a_busy_broken_provider_that_cuts_downloads_is_outlasted(studio):
    host = studio(busy=0.2, broken=0.1, lose_file=0.2)
    made = [host.call(parameters={**PICTURE, "seed": n}, key=str(n)) for n in range(6)]
    assert [one["status"] for one in made] == ["success"] * 6
    assert all(probe(Path(one["output_files"][0])).kind == "image" for one in made)
    assert host.count().jobs == 6


def test_the_undisturbed_films_account_is_spared_all_trouble(studio):
    host = studio("reference", busy=1.0, broken=1.0, lose_before=1.0, lose_after=1.0, lose_file=1.0)
    assert host.call()["status"] == "success"


def test_an_always_busy_provider_is_left_for_a_later_try(studio):
    assert error_of(studio(busy=1.0).call())["retryable"]


def test_a_provider_killed_and_started_again_knows_every_job(tmp_path):
    command = [sys.executable, str(ROOT / "tests/proofs/paid_provider.py"), "--slow-s", "0"]

    def start():
        process = subprocess.Popen(
            [*command, "--state", str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        guard = threading.Timer(WAIT_S, process.kill)
        guard.start()
        return process, guard, process.stdout.readline().strip()

    def post(url):
        wanted = {"tool": "text2image", "parameters": PICTURE, "inputs": []}
        request = urllib.request.Request(f"{url}/film/v1/jobs", json.dumps(wanted).encode())
        request.add_header("Idempotency-Key", "one")
        with urllib.request.urlopen(request, timeout=WAIT_S) as answer:
            return json.load(answer)["id"]

    def end(process, guard):
        guard.cancel()
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()

    process, guard, url = start()
    job = post(url)
    end(process, guard)
    with open(tmp_path / "ledger.jsonl", "ab") as ledger:
        ledger.write(b'{"account": "film", "jo')  # it was killed in the middle of the next one
    process, guard, url = start()
    try:
        assert post(url) == job
        with urllib.request.urlopen(f"{url}/film/v1/jobs/{job}/file", timeout=WAIT_S) as answer:
            assert answer.read().startswith(b"\x89PNG")
    finally:
        end(process, guard)
    assert len(entries(tmp_path)) == 1


def test_what_is_no_request_is_refused(studio):
    host = studio()
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{host.url}/jobs", b"{}", timeout=WAIT_S)
    with refused.value:
        assert refused.value.code == 400
