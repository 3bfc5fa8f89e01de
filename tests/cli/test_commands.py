"""The command line: listings, one call, what `doctor` says."""

import json
from pathlib import Path

import pytest

from filmeto_core.media import probe


def test_help_names_every_command(filmeto):
    done = filmeto("--help")
    assert done.returncode == 0
    for command in ("film", "run", "tools", "plugins", "doctor"):
        assert f"\n    {command} " in done.stdout


def test_tools_lists_all_seven_with_who_serves_them(filmeto):
    rows = json.loads(filmeto("tools", "--json").stdout)
    assert len(rows) == 7
    by_name = {row["name"]: row for row in rows}
    assert "sketch" in by_name["text2image"]["plugins"]
    assert all(row["plugins"] for row in rows)
    assert "text2video" in filmeto("tools").stdout


def test_plugins_list_tells_of_the_bundled_ones(filmeto):
    told = json.loads(filmeto("plugins", "list", "--json").stdout)
    names = {plugin["name"] for plugin in told["plugins"]}
    assert {"sketch", "camera", "piper", "espeak", "score", "text2image_demo"} <= names
    assert told["problems"] == []


def test_plugins_list_reports_a_bad_manifest_and_still_lists_the_others(filmeto, tmp_path):
    bad = tmp_path / "mine" / "broken"
    bad.mkdir(parents=True)
    (bad / "plugin.yaml").write_text("name: broken\nversion: [\n")
    done = filmeto("plugins", "list", FILMETO_PLUGINS=str(tmp_path / "mine"))
    assert done.returncode == 0
    assert "sketch" in done.stdout
    assert str(bad / "plugin.yaml") in done.stderr


def test_plugins_show_tells_the_parameters(filmeto):
    told = json.loads(filmeto("plugins", "show", "camera", "--json").stdout)
    (tool,) = told["tools"]
    motion = next(p for p in tool["parameters"] if p["name"] == "motion")
    assert "push-in" in motion["choices"]
    assert "motion" in filmeto("plugins", "show", "camera").stdout


def test_run_direct_leaves_a_readable_file(filmeto):
    done = filmeto(
        *("run", "text2image", "--plugin", "text2image_demo", "--direct"),
        *("--param", "prompt=A small boat", "--param", "width=64", "--param", "height=64"),
    )
    assert done.returncode == 0, done.stderr
    path = Path(done.stdout.strip())
    assert path == Path("out/text2image/a-small-boat.png")
    assert probe(path).width_px == 64


def test_run_as_a_task_reuses_and_goes_by_the_same_name(filmeto, prefect_api):
    command = ("run", "text2image", "--plugin", "text2image_demo", "--param", "prompt=灯塔")
    for said in ("done, ", "from the cache"):
        done = filmeto(*command)
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip() == "out/text2image/灯塔.png"
        assert said in done.stderr


def test_a_url_that_cannot_be_fetched_is_failed_work(filmeto):
    done = filmeto(
        *("run", "image2video", "--direct", "--input", "http://127.0.0.1:9/x.png"),
        FILMETO_ALLOW_PRIVATE_URLS="true",
    )
    assert done.returncode == 1
    assert "127.0.0.1:9" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [("tools",), ("plugins", "list"), ("doctor",)])
def test_listings_end_quietly_when_their_reader_goes(filmeto, command):
    assert "Traceback" not in filmeto(*command).stderr


def test_doctor_tells_what_is_there(filmeto, prefect_api):
    done = filmeto("doctor", "--json")
    found = {row["what"]: row["state"] for row in json.loads(done.stdout)}
    assert found["ffmpeg"] == found["uv"] == found["Prefect API"] == "ok"
    assert "plugin sketch" in found
    assert done.returncode == 0


def test_doctor_says_what_is_missing_and_what_to_do(filmeto):
    done = filmeto("doctor", FILMETO_HOME="/proc/nowhere")
    assert done.returncode == 1
    assert "FILMETO_HOME" in done.stdout
