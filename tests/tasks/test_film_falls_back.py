"""A film whose first backend goes away: the next one makes the rest, and the film says so."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from filmeto_core.cli.flow_run import load_flow
from filmeto_core.plan.planner import plan_film
from filmeto_core.tasks.runtime import close_service, service
from tests.proofs.paid_ledger import entries
from tests.proofs.paid_provider import Switches, provider_at

PLUGINS = Path(__file__).resolve().parents[1] / "plugins"
PROFILES = """
profiles:
  bought:
    text2image: [paid, quick]
    image2video: quick
"""
BOARD = {
    "title": "Bought",
    "size": "64x64",
    "fps": 8,
    "profile": "bought",
    "shots": [
        {"id": name, "prompt": f"a {name}", "duration_s": 1, "motion": "static"}
        for name in ("boat", "lamp", "rope")
    ],
}


@pytest.fixture
def make(home, tmp_path, monkeypatch, prefect_api):
    for name in ("paid", "quick"):
        shutil.copytree(PLUGINS / name, tmp_path / "plugins" / name)
    manifest = tmp_path / "plugins" / "paid" / "plugin.yaml"
    manifest.write_text(manifest.read_text().replace("max_retries: 4", "max_retries: 0"))
    monkeypatch.setenv("FILMETO_PLUGINS", str(tmp_path / "plugins"))
    Path("filmeto.yaml").write_text(PROFILES)

    def run(**asked):
        files = asyncio.run(load_flow("film.py", "film")(BOARD, out=Path("out"), **asked))
        report = json.loads(Path("out/film.json").read_text())
        return files, {a["shot"]: a for a in report["assets"] if a["tool"] == "text2image"}

    yield run
    close_service()


def test_the_rest_is_made_by_the_next_plugin_and_nothing_is_paid_for_twice(
    make, tmp_path, monkeypatch
):
    with provider_at(tmp_path / "provider", Switches(slow_s=0.01)) as provider:
        monkeypatch.setenv("PAID_PROVIDER_URL", f"{provider.url}/account")
        make(shots=["boat"])
    close_service()  # its processes know the provider no more than the next run's do
    files, stills = make()
    assert [stills[name]["plugin"] for name in ("boat", "lamp", "rope")] == [
        "paid",
        "quick",
        "quick",
    ]
    assert stills["boat"]["stands_in"] is None
    told = stills["lamp"]["stands_in"]
    assert told["for"] == "paid" and "no connection" in told["why"]
    (note,) = [note for note in files.notes if "since paid failed" in note]
    assert note.startswith("quick made lamp · text2image, rope · text2image, since paid failed")
    assert [str(job.cost) for job in service().journal.jobs() if job.state == "done"] == [
        "0.04 USD"
    ]

    with provider_at(tmp_path / "provider") as provider:
        monkeypatch.setenv("PAID_PROVIDER_URL", f"{provider.url}/account")
        close_service()
        plan = plan_film(service(), BOARD, out="out")
        (row,) = [c for c in plan.calls if (c.shot, c.tool) == ("lamp", "text2image")]
        assert row.action == "reuse" and row.why.startswith("made by quick, since paid failed")
        _, again = make()
        assert {n: s["digest"] for n, s in again.items()} == {
            n: s["digest"] for n, s in stills.items()
        }
        _, again = make(refresh=["lamp"])
        assert again["lamp"]["plugin"] == "paid" and again["rope"]["plugin"] == "quick"
    assert len(entries(tmp_path / "provider")) == 2  # boat once, lamp once
