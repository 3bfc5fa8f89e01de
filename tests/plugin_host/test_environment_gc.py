"""Which environments go: those that no plugin needs, long unused and held by nobody."""

import os
import time

import pytest

from filmeto_core.plugin_host.discovery import load_plugin
from filmeto_core.plugin_host.environment import Environments, locked
from filmeto_core.plugin_host.environment_gc import collect


@pytest.fixture
def folder(tmp_path):
    """Where the environments lie."""
    return tmp_path / "environments"


@pytest.fixture
def built(tmp_path, folder):
    """Builds a bare environment for a plugin whose requirements are a comment of its own."""

    def build(name):
        plugin = tmp_path / "plugins" / name
        plugin.mkdir(parents=True)
        (plugin / "plugin.yaml").write_text(f"name: {name}\ntool_type: text2image\n")
        (plugin / "main.py").write_text("")
        loaded = load_plugin(plugin)[0]
        environments = Environments(folder)
        python = environments.build(loaded, lambda text: None)
        return loaded, python.parent.parent, environments

    return build


def age(path, days):
    """Make it unused for so long."""
    then = time.time() - days * 86400
    os.utime(path, (then, then))


def test_what_no_plugin_needs_goes_once_it_is_old(folder, built):
    _, environment, environments = built("brush")
    environments.close()
    assert collect(folder, [], older_than_days=30) == []
    age(environment, 31)
    (told,) = collect(folder, [], older_than_days=30, dry_run=True)
    assert told.path == environment and told.size_bytes > 0 and told.unused_s > 30 * 86400
    assert environment.exists()
    assert collect(folder, [], older_than_days=30)[0].why == "no plugin needs it"
    assert list(folder.iterdir()) == []


def test_what_a_present_plugin_needs_stays_however_old(folder, built):
    plugin, environment, environments = built("brush")
    environments.close()
    age(environment, 1000)
    assert collect(folder, [plugin], older_than_days=0) == []
    assert environment.exists()


def test_what_a_process_uses_stays_until_it_lets_go(folder, built):
    _, environment, environments = built("brush")
    age(environment, 1000)
    assert collect(folder, [], older_than_days=0) == []
    environments.close()
    assert len(collect(folder, [], older_than_days=0)) == 1
    assert not environment.exists()


def test_using_an_environment_tells_that_it_was_used(folder, built):
    plugin, environment, environments = built("brush")
    environments.close()
    age(environment, 1000)
    Environments(folder).python_of(plugin)  # a look is no use
    assert time.time() - environment.stat().st_mtime > 86400
    environments.build(plugin, lambda text: None)
    environments.close()
    assert collect(folder, [], older_than_days=1) == []


def test_a_removed_one_is_built_again_by_who_held_its_path(folder, built):
    plugin, environment, environments = built("brush")
    environments.close()
    age(environment, 1000)
    collect(folder, [], older_than_days=30)
    assert environments.build(plugin, lambda text: None).exists()
    environments.close()


def test_leftovers_of_killed_builds_go_and_running_builds_stay(folder, built):
    plugin, environment, environments = built("brush")
    environments.close()
    left = folder / f"{environment.name}.dead.tmp"
    left.mkdir()
    with locked(environment.with_suffix(".lock")):  # as a build does
        assert collect(folder, [plugin], older_than_days=30) == []
    assert left.exists()
    (told,) = collect(folder, [plugin], older_than_days=30)
    assert told.path == left and "build that was ended" in told.why
    assert not left.exists() and environment.exists()


def test_what_a_killed_collection_left_goes_at_the_next(folder, built):
    plugin, environment, environments = built("brush")
    environments.close()
    environment.rename(folder / f"{environment.name}-1.gone")
    assert len(collect(folder, [plugin], older_than_days=30)) == 1
    assert [p.suffix for p in folder.iterdir()] in ([], [".lock"])


def test_an_environment_whose_python_is_gone_goes_though_it_is_needed(folder, built):
    plugin, environment, environments = built("brush")
    environments.close()
    (environment / "bin" / "python").unlink()
    assert collect(folder, [plugin], older_than_days=30)[0].why == "its Python is gone"


def test_what_is_not_ours_is_left_alone(folder, built):
    plugin, _, environments = built("brush")
    environments.close()
    (folder / "notes.txt").write_text("mine")
    collect(folder, [plugin], older_than_days=0)
    assert (folder / "notes.txt").exists()


def test_without_a_folder_there_is_nothing_to_remove(tmp_path):
    assert collect(tmp_path / "nowhere", [], older_than_days=0) == []
