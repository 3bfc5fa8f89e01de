"""What Prefect shows of a failure: its reason and the fix first, and none of our traceback."""

import asyncio
import logging
from pathlib import Path

import pytest
from prefect import flow
from prefect.client.orchestration import get_client

from filmeto_core.cli.flow_run import load_flow
from filmeto_core.errors import (
    FilmetoError,
    FilmFailedError,
    PluginCrashed,
    PluginNotFoundError,
    StoryboardError,
)
from filmeto_core.tasks.failure_text import failure_text
from filmeto_core.tasks.failures import tells_failures
from filmeto_core.tasks.runtime import close_service

PLUGINS = Path(__file__).resolve().parents[1] / "plugins"
BOARD = {
    "title": "Two lamps",
    "size": "64x64",
    "fps": 8,
    "profile": "quick",
    "shots": [{"id": shot, "prompt": f"a {shot}", "duration_s": 1} for shot in ("dawn", "dusk")],
}
PROFILES = """
profiles:
  quick: {text2image: quick, image2video: quick, text2speak: quick, text2music: quick}
"""


def crashed(shot, plugin="sketch"):
    error = PluginCrashed("its process ended", hint="Mend it.", tool="text2image", plugin=plugin)
    return error.with_details(shot=shot).to_dict()


def test_shots_that_failed_alike_are_told_once_and_the_reason_comes_first():
    shots = {"dawn": crashed("dawn"), "dusk": crashed("dusk"), "sea": crashed("sea", "other")}
    error = FilmFailedError(
        "3 of 9 shots failed:\n  ...", hint="Run the same command again.", shots=shots
    )
    assert failure_text(error).splitlines() == [
        "dawn, dusk · text2image · sketch: its process ended. Mend it.",
        "sea · text2image · other: its process ended. Mend it.",
        "3 of 9 shots failed. Run the film again.",
    ]


def test_a_storyboards_first_problem_is_on_the_first_line():
    error = StoryboardError(
        "story.yaml has 2 problems:\n  line 3, fps: no number\n  line 9: no shot",
        problems=[{}, {}],
    )
    first, *rest = failure_text(error).splitlines()
    assert first == "story.yaml: line 3, fps: no number"
    assert rest == ["and:", "  line 9: no shot", "Mend the storyboard, and run the film again."]


@pytest.fixture
def films(home, monkeypatch, prefect_api):
    (Path.cwd() / "filmeto.yaml").write_text(PROFILES)
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    yield load_flow("film.py", "film")
    close_service()


async def last_run(name: str):
    async with get_client() as client:
        runs = await client.read_flow_runs(sort="START_TIME_DESC", limit=20)
        return next(run for run in runs if run.name.startswith(name))


def test_a_failed_shot_is_the_first_line_of_the_runs_state(films, caplog):
    dawn = {**BOARD["shots"][0], "plugin": {"text2image": "crash"}}
    board = {**BOARD, "title": "Broken lamps", "shots": [dawn, BOARD["shots"][1]]}
    with caplog.at_level(logging.ERROR), pytest.raises(FilmFailedError) as raised:
        asyncio.run(films(board, out=Path("broken")))
    assert set(raised.value.details["shots"]) == {"dawn"}
    run = asyncio.run(last_run("film: Broken lamps"))
    assert run.name == "film: Broken lamps #1" and run.state.name == "Failed"
    first, second = run.state.message.splitlines()
    assert first.startswith("dawn · text2image · crash: its process ended with exit code 5.")
    assert "choose another" in first and second.startswith("1 of 2 shots failed.")
    said = [r for r in caplog.records if r.name in ("prefect.task_runs", "prefect.flow_runs")]
    assert said and not any(r.exc_info or "Traceback" in r.getMessage() for r in said)


def test_a_plugin_that_is_not_there_is_named_with_its_fix(films):
    dawn = {**BOARD["shots"][0], "plugin": {"text2image": "quik"}}
    with pytest.raises(PluginNotFoundError):
        asyncio.run(films({**BOARD, "title": "No plugin", "shots": [dawn]}))
    message = asyncio.run(last_run("film: No plugin")).state.message
    assert message.startswith("dawn: there is no plugin 'quik'. Did you mean \"quick\"?")


def test_an_error_that_is_not_ours_is_left_to_prefect_and_so_are_retries(prefect_api):
    tried = []

    @tells_failures
    @flow(retries=1)
    async def twice():
        tried.append(1)
        raise FilmetoError("no luck", hint="Try again.")

    @tells_failures
    @flow
    async def foreign():
        raise KeyError("gone")

    state = asyncio.run(twice(return_state=True))
    assert (len(tried), state.name, state.message) == (2, "Failed", "no luck. Try again.")
    assert "KeyError" in asyncio.run(foreign(return_state=True)).message
