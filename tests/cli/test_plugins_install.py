"""`plugins install`, `store gc`, and what listings and `doctor` tell of what is missing."""

import json
import os
import time

import pytest


@pytest.fixture
def plugins(tmp_path):
    """A folder of plugins: one that can be built, one that cannot, one that lacks much."""
    place = tmp_path / "mine"
    for name, more in {
        "plain": "",
        "broken": "requirements: {packages: ['gone @ file:///nowhere/gone-1-py3-none-any.whl']}\n",
        "needy": "requirements: {programs: [no-such-renderer], environment: [STUDIO_KEY]}\n"
        "resources: {gpu: true}\n",
    }.items():
        (place / name).mkdir(parents=True)
        text = f"name: {name}\ntool_type: text2image\n{more}"
        (place / name / "plugin.yaml").write_text(text)
        (place / name / "main.py").write_text("raise SystemExit('never started')")
    return {"FILMETO_PLUGINS": str(place), "CUDA_VISIBLE_DEVICES": ""}


@pytest.fixture
def own_environments(home):
    """An empty folder of environments, for this test alone."""
    (home / "environments").unlink()
    return home / "environments"


def test_install_builds_those_that_are_named(filmeto, plugins, own_environments):
    done = filmeto("plugins", "install", "plain", **plugins)
    assert (done.returncode, done.stdout) == (0, "plain: ready\n"), done.stderr
    assert len([p for p in own_environments.iterdir() if p.is_dir()]) == 1


def test_one_that_cannot_be_built_fails_the_command_and_stops_no_other(filmeto, plugins, home):
    done = filmeto("plugins", "install", "broken", "plain", **plugins)
    assert done.returncode == 1
    assert "plain: ready" in done.stdout
    assert "broken" in done.stderr and "gone" in done.stderr
    told = json.loads(filmeto("plugins", "install", "broken", "plain", "--json", **plugins).stdout)
    assert [row["state"] for row in told] == ["failed", "ready"]
    assert told[0]["error"]["code"] == "plugin_environment"


def test_install_takes_the_profiles_plugins_unless_told_otherwise(filmeto, plugins, tmp_path):
    (tmp_path / "work" / "filmeto.yaml").write_text("profiles: {mine: {text2image: plain}}\n")
    told = json.loads(
        filmeto("plugins", "install", "--profile", "mine", "--json", **plugins).stdout
    )
    assert told == [{"name": "plain", "state": "ready"}]


def test_an_unknown_plugin_or_profile_is_wrong_usage(filmeto, plugins):
    assert filmeto("plugins", "install", "plan", **plugins).returncode == 2
    assert filmeto("plugins", "install", "--profile", "nope", **plugins).returncode == 2


def test_what_is_missing_is_shown_and_listed(filmeto, plugins):
    shown = filmeto("plugins", "show", "needy", **plugins)
    assert "no-such-renderer is not on PATH" in shown.stdout and "STUDIO_KEY" in shown.stdout
    told = json.loads(filmeto("plugins", "show", "needy", "--json", **plugins).stdout)
    assert [need["kind"] for need in told["missing"]] == ["program", "variable", "gpu"]
    rows = json.loads(filmeto("plugins", "list", "--json", **plugins).stdout)["plugins"]
    missing = {row["name"]: [need["kind"] for need in row["missing"]] for row in rows}
    assert missing["needy"] and not missing["plain"] and not missing["sketch"]


def test_doctor_tells_what_a_plugin_lacks_and_what_to_do(filmeto, plugins, prefect_api):
    done = filmeto("doctor", "--json", **plugins)
    (row,) = [row for row in json.loads(done.stdout) if row["what"] == "plugin needy"]
    assert row["state"] == "note" and "a GPU" in row["found"]
    assert "Set STUDIO_KEY" in row["advice"]
    assert done.returncode == 0
    with open("filmeto.yaml", "w") as file:
        file.write("profiles: {animatic: {text2image: needy}}\n")
    done = filmeto("doctor", "--json", **plugins)
    (row,) = [row for row in json.loads(done.stdout) if row["what"] == "plugin needy"]
    assert (row["state"], done.returncode) == ("missing", 1)


def test_gc_tells_and_then_removes_what_nobody_needs(filmeto, plugins, own_environments):
    filmeto("plugins", "install", "plain", **plugins)
    (environment,) = [p for p in own_environments.iterdir() if p.is_dir()]
    old = environment.with_name("0" * 24 + "-" + "0" * 8)
    environment.rename(old)  # as if another project's plugin had asked for it
    assert "removed: 0, " in filmeto("store", "gc", **plugins).stdout
    then = time.time() - 40 * 86400
    os.utime(old, (then, then))
    told = json.loads(filmeto("store", "gc", "--dry-run", "--json", **plugins).stdout)
    assert told["dry_run"] and told["environments"][0]["path"] == str(old)
    assert "would be removed: 1" in filmeto("store", "gc", "--dry-run", **plugins).stdout
    assert old.exists()
    assert "removed: 0" in filmeto("store", "gc", "--older-than", "50", **plugins).stdout
    assert "last used 40 days ago" in filmeto("store", "gc", **plugins).stdout
    assert not old.exists()


def test_days_that_are_none_are_wrong_usage(filmeto):
    done = filmeto("store", "gc", "--older-than", "soon")
    assert done.returncode == 2 and "a number of days" in done.stderr
