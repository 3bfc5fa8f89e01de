"""Plugins to be checked: fresh ones from `plugins new`, copies of tests/plugins, and what is left."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from filmeto_core.plugin_check.check import check_plugin
from filmeto_core.plugin_new.scaffold import new_plugin
from filmeto_core.settings import Settings

PLUGINS = Path(__file__).parents[1] / "plugins"
SMALL = {"width": 32, "height": 32}


@pytest.fixture
def brush(tmp_path):
    """A new text2image plugin's folder."""
    folder = tmp_path / "brush"
    new_plugin("brush", ["text2image"], folder)
    return folder


@pytest.fixture
def copied(tmp_path):
    """`copied(name)`: the folder of a copy of one of tests/plugins."""

    def copy(name):
        ignored = shutil.ignore_patterns("__pycache__", "outputs")
        return Path(shutil.copytree(PLUGINS / name, tmp_path / name, ignore=ignored))

    return copy


@pytest.fixture
def checked(home, tmp_path):
    """`checked(folder)`: the report; nothing of the plugin runs afterwards."""

    def check(folder, parameters=SMALL, **options):
        report = check_plugin(
            folder, settings=Settings(home=home), parameters=parameters, **options
        )
        assert working_in(folder) == []
        return report

    return check


def working_in(folder):
    """The processes whose working folder is this one."""
    if sys.platform != "linux":
        return []
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{name}/cwd") == str(folder):
                found.append(int(name))
        except OSError:
            continue
    return found


@pytest.fixture
def edit():
    """`edit(path, old, new)`: changes a file by one replacement."""

    def change(path, old, new):
        text = path.read_text()
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path.name}"
        path.write_text(text.replace(old, new))

    return change
