"""What Prefect's pages show of a film: the plan, the shots, the contact sheet, the film, a failure."""

import asyncio
import json
import os
import shutil
from pathlib import Path

import httpx
import pytest
from filming import wait_until
from serving import serving

from filmeto_core.cli.flow_run import load_flow
from filmeto_core.errors import FilmFailedError
from filmeto_core.tasks import artifacts
from filmeto_core.tasks.film_story import film_key
from filmeto_core.tasks.runtime import close_service, service

PLUGINS = Path(__file__).resolve().parents[1] / "plugins"
PROFILES = """
profiles:
  quick: {text2image: quick, image2video: quick, text2speak: quick, text2music: quick}
"""


def board(title, **dawn):
    shots = [{"id": shot, "prompt": f"a {shot}", "duration_s": 1} for shot in ("dawn", "dusk")]
    return {
        "title": title,
        "size": "64x64",
        "fps": 8,
        "profile": "quick",
        "music": "calm",
        "shots": [{**shots[0], **dawn}, shots[1]],
    }


@pytest.fixture
def make(home, monkeypatch, prefect_api):
    (Path.cwd() / "filmeto.yaml").write_text(PROFILES)
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))

    def made(storyboard, **asked):
        asyncio.run(load_flow("film.py", "film")(storyboard, out=Path("out"), **asked))

    yield made
    close_service()


def ask(path, **body):
    answer = httpx.post(f"{os.environ['PREFECT_API_URL']}/{path}", json=body, trust_env=False)
    return answer.raise_for_status().json()


def told(name, tasks=()):
    """The artifacts of the run of that name, by the last word of their keys; and its tasks.

    Those named are waited for: Prefect's server writes task runs in its own time.
    """
    wanted = {"flow_runs": {"name": {"any_": [name]}}}
    # The latest: other modules make films of the same title on this server.
    (run,) = ask("flow_runs/filter", **wanted, sort="EXPECTED_START_TIME_DESC", limit=1)
    wanted = {"flow_runs": {"id": {"any_": [run["id"]]}}}
    found = ask("artifacts/filter", artifacts={"flow_run_id": {"any_": [run["id"]]}})
    by_name = {}

    def written():
        by_name.update({task["name"]: task for task in ask("task_runs/filter", **wanted)})
        return set(tasks) <= set(by_name)

    wait_until(written)
    return {
        one["key"].removeprefix(film_key(name[6:-3])): one for one in found if one["key"]
    }, by_name


def test_a_films_run_tells_its_story_in_four_artifacts_and_names_paths_without_a_server(make):
    make(board("Lamps of two"))
    names = {"dawn · text2image", "dawn · image2video", "film · text2music", "film · assemble"}
    found, tasks = told("film: Lamps of two #1", names)
    assert set(found) == {"-plan", "-progress", "-shots", "-film"}
    assert all(one["description"] for one in found.values())

    assert "5 calls: 5 computed" in found["-plan"]["data"]
    assert "| dawn | text2image | quick | compute |" in found["-plan"]["data"]
    assert found["-progress"]["data"] == 100
    rows = json.loads(found["-shots"]["data"])
    assert [(row["shot"], row["state"], row["cached"]) for row in rows] == [
        ("dawn", "done", "0 of 2"),
        ("dusk", "done", "0 of 2"),
        ("film", "done", "0 of 2"),
    ]
    assert rows[0]["cost"] == "none" and list(rows[0]) == [
        "shot",
        "state",
        "cached",
        "seconds",
        "cost",
        "why",
    ]

    film = found["-film"]["data"]
    assert f"`{Path('out/film.mp4').absolute()}`" in film and "data:image/jpeg;base64," in film
    assert "`shots/dawn/still.png`" in film and "| calls | 5: 0 reused, 5 made |" in film
    assert "http" not in film and "only what changed is made anew." in film

    still = tasks["dawn · text2image"]
    for later in ("dawn · image2video", "film · assemble"):  # the UI draws what came of what
        came_of = [one["id"] for inputs in tasks[later]["task_inputs"].values() for one in inputs]
        assert (still if "image2video" in later else tasks["dawn · image2video"])["id"] in came_of
    (one,) = ask("artifacts/filter", artifacts={"task_run_id": {"any_": [still["id"]]}})
    assert one["key"] == "dawn-text2image" and one["flow_run_id"] is None
    assert one["description"].startswith("dawn · text2image by quick, ")


def test_a_second_run_tells_what_it_reused_and_a_server_opens_the_film(make):
    make(board("Twice"))
    close_service()  # as a process of its own would begin
    with serving(socket=service().settings.serve_dir / "filmeto.sock") as served:
        make(board("Twice"))
        found, _ = told("film: Twice #2")
        assert "5 calls: 5 reused" in found["-plan"]["data"]
        rows = json.loads(found["-shots"]["data"])
        assert [(row["cached"], row["seconds"]) for row in rows] == [("2 of 2", 0)] * 3
        film = found["-film"]["data"]
        watch = film.partition("[Watch the film](")[2].partition(")")[0]
        clip, still = (film.partition(f"[{n}](")[2].partition(")")[0] for n in ("clip", "still"))
        with served.client() as browser:
            for url, kind in [
                (watch, "video/mp4"),
                (clip, "video/x-msvideo"),
                (still, "image/png"),
                (found["-contact-sheet"]["data"], "image/png"),
            ]:
                answer = browser.get(url)
                assert (answer.status_code, answer.headers["content-type"]) == (200, kind)


def test_a_failure_tells_why_and_what_is_kept(make):
    with pytest.raises(FilmFailedError):
        make(board("Broken", plugin={"text2image": "crash"}))
    found, _ = told("film: Broken #1")
    film = found["-film"]["data"].splitlines()
    assert film[0] == "# Broken: not made"
    assert film[2].startswith("**dawn · text2image · crash: its process ended")
    assert "Done and kept: dusk." in film
    dawn, dusk, rest = json.loads(found["-shots"]["data"])
    assert (dawn["state"], dusk["state"], rest["state"]) == ("failed", "done", "not made")
    assert dawn["why"].startswith("its process ended with exit code 5")


def test_what_each_shot_costs_is_in_its_row(make, monkeypatch, tmp_path):
    for name in ("jobber", "quick"):
        shutil.copytree(PLUGINS / name, tmp_path / "plugins" / name)
    monkeypatch.setenv("FILMETO_PLUGINS", str(tmp_path / "plugins"))
    make(board("Bought", plugin={"text2image": "jobber"}))
    found, _ = told("film: Bought #1")
    dawn, dusk, _ = json.loads(found["-shots"]["data"])
    assert dawn["cost"] == "0.50 USD" and dusk["cost"] == "none"
    assert "0.40 USD" in found["-plan"]["data"]  # as its manifest says; it is paid as it is charged
    assert "| cost of all its runs | 0.50 USD |" in found["-film"]["data"]


def test_a_film_is_made_while_nothing_can_be_shown_of_it(make, monkeypatch):
    def broken(*_args):
        raise RuntimeError("no")

    for name in ("plan_text", "summary_text", "plan_board", "shot_row"):
        monkeypatch.setattr(f"filmeto_core.tasks.film_story.{name}", broken)
    make(board("Dumb"))
    assert Path("out/film.mp4").exists()


def test_keys_are_of_letters_digits_and_dashes_and_differ_where_titles_do():
    assert film_key("The lighthouse keeper!") == "the-lighthouse-keeper"
    assert film_key("茶馆") != film_key("茶楼") and film_key("茶馆").isascii()
    assert len(film_key("a" * 300)) <= 70 and film_key("Ö") != film_key("Ä")


def test_a_table_is_written_no_oftener_than_it_says_and_at_once_when_hurried():
    writer = artifacts.ArtifactWriter()
    slow = artifacts.Artifact("shots", "table", None, None, pause_s=60, due=float("inf"))
    fast = artifacts.Artifact("progress", "progress", None, None)
    writer._changed = {1: slow, 2: fast}
    assert writer._take(0.0) == [fast] and writer._changed == {1: slow}
    writer._hurry.set()
    assert writer._take(0.0) == [slow] and writer._changed == {}
