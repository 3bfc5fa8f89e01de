"""The served deployment, as `prefect deployment run` uses it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun

from filmeto_core.media import probe

ROOT = Path(__file__).resolve().parents[1]
FILM_S = 240
BOARD = {"size": "64x64", "fps": 12, "shots": [{"id": "one", "prompt": "a boat", "duration_s": 1}]}


@pytest.fixture
def served(home, prefect_api):
    """deployments/serve.py, running, in the working folder of the test."""
    with subprocess.Popen(
        [sys.executable, str(ROOT / "deployments" / "serve.py")],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PREFECT_RUNNER_POLL_FREQUENCY": "1"},
    ) as process:
        for line in process.stdout:
            if "film/animatic" in line:
                break
        yield process
        process.terminate()
        try:
            process.communicate(timeout=20)
        except (
            subprocess.TimeoutExpired
        ):  # Prefect's runner may miss a signal; nothing waits for ever
            process.kill()


def test_a_run_of_the_served_deployment_makes_the_film(served):
    Path("tiny.yaml").write_text(json.dumps(BOARD), encoding="utf-8")
    asked = ["--param", "storyboard=tiny.yaml", "--param", "out=made", "--watch"]
    done = subprocess.run(
        [sys.executable, "-m", "prefect", "deployment", "run", "film/animatic", *asked],
        capture_output=True,
        text=True,
        timeout=FILM_S,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert probe(Path("made/film.mp4")).duration_s == pytest.approx(1, abs=0.1)
    with get_client(sync_client=True) as client:
        runs: list[FlowRun] = client.read_flow_runs()
    assert "tiny" in {run.name for run in runs}
