"""The first backend of a profile is killed (kill -9) in the middle of a film, while jobs are out."""

import asyncio
import json
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from filmeto_core.cli.flow_run import load_flow
from filmeto_core.errors import FilmFailedError
from filmeto_core.media import probe
from filmeto_core.tasks.runtime import close_service, service
from tests.comfyui_process import ComfyProcess
from tests.proofs.paid_ledger import entries

TESTS = Path(__file__).resolve().parents[1]
NAMES = ("boat", "lamp", "rope", "gull", "reef", "bell")
PROVIDER = TESTS / "proofs" / "paid_provider.py"
WAIT_S = 120.0  # on a busy machine; an environment may have to be built


def board(profile):
    shots = [{"id": n, "prompt": f"a {n}", "duration_s": 1, "motion": "static"} for n in NAMES]
    return {"title": "Cut off", "size": "64x64", "fps": 8, "profile": profile, "shots": shots}


def until(told):
    """What `told` says once it says anything."""
    end = time.monotonic() + WAIT_S
    while not (said := told()):
        assert time.monotonic() < end, "it did not come to that"
        threading.Event().wait(0.005)
    return said


def finished():
    """The film's calls that ended well."""
    service().journal.flush()
    return service().journal.film_calls(str(Path("out").absolute()))


def made_by(plugin):
    """The stills of the film that this plugin made, as film.json tells them."""
    report = json.loads(Path("out/film.json").read_text())
    stills = {a["shot"]: a for a in report["assets"] if a["tool"] == "text2image"}
    return {shot: asset for shot, asset in stills.items() if asset["plugin"] == plugin}


@pytest.fixture
def film(home, tmp_path, monkeypatch, prefect_api):
    """`film(profile, meanwhile)` makes the film, while `meanwhile` is done in a thread."""
    for name in ("paid", "quick"):
        shutil.copytree(TESTS / "plugins" / name, tmp_path / "plugins" / name)
    manifest = tmp_path / "plugins" / "paid" / "plugin.yaml"
    text = manifest.read_text().replace(
        "max_retries: 4, concurrency: 4", "max_retries: 1, concurrency: 2"
    )
    manifest.write_text(text)
    monkeypatch.setenv("FILMETO_PLUGINS", str(tmp_path / "plugins"))
    Path("filmeto.yaml").write_text(
        "profiles:\n"
        "  own: {text2image: [comfyui, quick], image2video: quick}\n"
        "  bought: {text2image: [paid, quick], image2video: quick}\n"
    )

    def run(profile, meanwhile=lambda: None):
        thread = threading.Thread(target=meanwhile)
        thread.start()
        try:
            return asyncio.run(load_flow("film.py", "film")(board(profile), out=Path("out")))
        finally:
            thread.join(WAIT_S)

    yield run
    close_service()


def test_own_server_killed_mid_film_the_film_is_completed_by_the_next_plugin(
    film, tmp_path, monkeypatch
):
    with ComfyProcess(tmp_path / "comfyui") as comfy:
        monkeypatch.setenv("COMFYUI_URL", comfy.url)

        def kill():
            until(lambda: comfy.seen()["ended"])
            comfy.faults(hold=True)
            until(finished)
            until(lambda: comfy.queue()[0])
            comfy.kill()

        files = film("own", kill)
    own, stood_in = made_by("comfyui"), made_by("quick")
    assert own and stood_in and len(own) + len(stood_in) == len(NAMES)
    assert all(asset["stands_in"] is None for asset in own.values())
    for told in (asset["stands_in"] for asset in stood_in.values()):
        assert told["for"] == "comfyui" and comfy.url in told["why"]
    (note,) = [note for note in files.notes if "since comfyui failed" in note]
    assert all(f"{name} · text2image" in note for name in stood_in)
    assert probe(Path(files.film)).duration_s == pytest.approx(len(NAMES), abs=0.2)


class PaidProcess:
    """The provider that wants money, as a process: to be killed, and started again on its ledger."""

    def __init__(self, state):
        self.state, self.port, self.process = state, 0, None

    def start(self):
        argv = ["--port", str(self.port), "--state", str(self.state), "--slow-s", "2"]
        self.process = subprocess.Popen(
            [sys.executable, str(PROVIDER), *argv], stdout=subprocess.PIPE, text=True
        )
        url = self.process.stdout.readline().strip()
        self.port = int(url.rpartition(":")[2])
        return f"{url}/account"

    def kill(self):
        self.process.kill()
        self.process.wait(5)
        self.process.stdout.close()

    def made(self):
        """Its own count: what it was asked to make, which is what it wants money for."""
        return sorted(made.parameters["prompt"].removeprefix("a ") for made in entries(self.state))


@pytest.fixture
def provider(tmp_path, monkeypatch):
    process = PaidProcess(tmp_path / "provider")
    monkeypatch.setenv("PAID_PROVIDER_URL", process.start())
    yield process
    if process.process.poll() is None:
        process.kill()


def jobs(state):
    return {job.shot: job for job in service().journal.jobs() if job.state == state}


def test_a_provider_killed_with_jobs_out_is_stood_in_for_and_paid_for_nothing_twice(film, provider):
    def kill():
        until(lambda: jobs("done") and jobs("submitted"))
        provider.kill()

    with pytest.raises(FilmFailedError) as caught:
        film("bought", kill)
    out, paid = jobs("submitted"), jobs("done")
    assert out and sorted([*out, *paid]) == provider.made()
    assert set(caught.value.details["shots"]) == set(out)  # the others are made
    for name, job in out.items():
        hint = caught.value.details["shots"][name]["hint"]
        assert f"Job {job.job_id} is out at paid: the same command collects it" in hint
        assert f"`filmeto runs retry {job.idempotency_key}` gives it up, and quick makes it" in hint

    given_up, *collected = sorted(out)
    close_service()  # the next command is another process
    service().journal.decide(out[given_up].idempotency_key, "dropped")  # filmeto runs retry
    if collected:  # the film cannot do without the provider yet
        with pytest.raises(FilmFailedError) as caught:
            film("bought")
        assert set(caught.value.details["shots"]) == set(collected)
        provider.start()
        close_service()
    files = film("bought")
    bought, stood_in = made_by("paid"), made_by("quick")
    assert sorted([*bought, *stood_in]) == sorted(NAMES) and Path(files.film).exists()
    assert set(bought) == {*paid, *collected}
    assert all(asset["stands_in"]["for"] == "paid" for asset in stood_in.values())
    assert provider.made() == sorted([*bought, given_up])  # each once; who gave up has paid
