"""The recipes of examples/recipes, run as they stand, and the page that tells of them."""

import asyncio
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image
from prefect.client.orchestration import get_client

from filmeto_core.media import probe
from filmeto_core.tasks.runtime import close_service

ROOT = Path(__file__).resolve().parents[1]
RECIPES = ROOT / "examples" / "recipes"
PAGE = (ROOT / "docs" / "composing-pipelines.md").read_text(encoding="utf-8")
SERVED_S = 60
BOARD = """
size: 64x64
fps: 12
shots: [{id: one, prompt: a boat, duration_s: 1}]
"""


@pytest.fixture
def recipe(home, prefect_api, capsys):
    """Runs a recipe as `python examples/recipes/NAME.py` does; its lines, and its functions."""

    def run(name: str) -> tuple[list[str], dict]:
        names = runpy.run_path(str(RECIPES / f"{name}.py"), run_name="__main__")
        return capsys.readouterr().out.splitlines(), names

    yield run
    close_service()


def kinds(lines: list[str]) -> list[str]:
    """Of the files that the lines name."""
    return [probe(Path(line.strip())).kind for line in lines if line.strip().startswith("/")]


def test_a_chain_makes_a_clip_of_a_picture(recipe):
    lines, _ = recipe("chain")
    clip = probe(Path(lines[-1]))
    assert clip.kind == "video" and clip.duration_s == pytest.approx(2, abs=0.1)
    assert (clip.width_px, clip.height_px) == (320, 180)


def test_a_fan_out_makes_a_picture_of_each_prompt_in_their_order(recipe):
    lines, names = recipe("fan_out")
    assert kinds(lines) == ["image"] * 3 and len(set(lines)) == 3
    turned = names["pictures"](names["PROMPTS"][::-1])
    assert [picture.path for picture in turned] == lines[::-1]


def test_the_best_of_several_takes_is_the_sharpest(recipe, tmp_path):
    lines, names = recipe("best_of")
    scores = [float(score) for score in lines[0].split()]
    assert len(scores) == 4 and len(set(scores)) > 1
    best = sharpness(names, Path(lines[1]))
    assert best == pytest.approx(max(scores), abs=0.01)
    plain = tmp_path / "plain.png"
    Image.new("RGB", (320, 180), "grey").save(plain)
    assert sharpness(names, plain) < best / 2


def sharpness(names: dict, path: Path) -> float:
    return asyncio.run(names["sharpness"].fn(SimpleNamespace(path=path)))


def test_each_scene_is_a_run_of_its_own(recipe):
    lines, _ = recipe("scenes")
    assert [line for line in lines if not line.startswith(" ")] == ["the harbour", "the lighthouse"]
    assert kinds(lines) == ["video"] * 4
    assert {"scene: the harbour", "scene: the lighthouse"} <= run_names()


def run_names() -> set[str]:
    with get_client(sync_client=True) as client:
        return {run.name for run in client.read_flow_runs()}


def test_a_task_of_ones_own_widens_the_picture_before_it_moves(recipe):
    lines, _ = recipe("own_tasks")
    clip = probe(Path(lines[-1]))
    assert (clip.width_px, clip.height_px) == (320, 134)
    (wide,) = Path("wide").iterdir()
    assert probe(wide).height_px == 134


def test_a_project_that_was_there_gets_pictures_in_a_sync_flow(recipe):
    lines, _ = recipe("existing_project")
    assert lines[-1] == "front_page.png"
    page = probe(Path("front_page.png"))
    assert (page.width_px, page.height_px) == (320, 360)


def test_the_options_of_a_task_say_what_is_computed(recipe):
    lines, _ = recipe("options")
    made = dict(re.split(r"  +", line) for line in lines if "  " in line)
    first, anew = made["at first"], made["refreshed"]
    assert made["again"] == made["not over a week old"] == first
    assert len({first, anew, made["not from the cache"]}) == 3
    assert made["after that"] == anew


@pytest.fixture
def served(filmeto, prefect_api):
    """The deployments of the working folder, registered by `filmeto deploy`, and a worker for them."""
    done = filmeto("deploy")
    assert done.returncode == 0 and "film/animatic" in done.stdout.splitlines(), done.stderr
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": path, "PREFECT_WORKER_QUERY_SECONDS": "1"}
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", "filmeto"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([*command, "--type", "process"], env=env, **quiet) as worker:
        yield
        worker.terminate()
        try:
            worker.wait(SERVED_S)
        except subprocess.TimeoutExpired:
            worker.kill()
    with get_client(sync_client=True) as client:
        for name in done.stdout.splitlines():
            client.delete_deployment(client.read_deployment_by_name(name).id)


def test_a_script_starts_a_run_of_a_deployment_and_waits_for_its_end(
    served, recipe, monkeypatch, capsys
):
    Path("tiny.yaml").write_text(BOARD, encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["start_run.py", "tiny.yaml", "made"])
    with pytest.raises(SystemExit) as ended:
        recipe("start_run")
    assert not ended.value.code and ": Completed, " in capsys.readouterr().out
    assert probe(Path("made/film.mp4")).kind == "video"


def test_the_page_has_a_section_for_each_recipe_with_its_own_code():
    for file in sorted(RECIPES.glob("*.py")):
        told = f"`examples/recipes/{file.name}`"
        assert told in PAGE, f"docs/composing-pipelines.md does not tell of {told}"
        section = PAGE.split(told, 1)[1].split("\n##", 1)[0]
        block, *_ = re.findall(r"^```python\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
        assert block.strip() in file.read_text(encoding="utf-8"), file.name
