"""Temporary folders: private, gone with their process, cleared when their host was killed."""

import os
import subprocess
import sys

import pytest

from filmeto_core import process
from filmeto_core.plugin_host import temporary
from filmeto_core.plugin_host.temporary import MARKER, clear_dead_temporary, make_temporary

GONE = 4194304  # above the highest number that Linux gives a process


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Where temporary files go in this test."""
    monkeypatch.setattr(temporary.tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_folder_is_its_owners_alone_and_short(place):
    folder = make_temporary("a" * 32)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert len(folder.name) < 55


def test_it_is_removed_with_all_that_is_in_it_also_what_was_closed(place):
    folder = make_temporary("b" * 32)
    (folder / "closed" / "deep").mkdir(parents=True)
    (folder / "closed" / "deep" / "file").touch()
    (folder / "link").symlink_to("/")
    os.chmod(folder / "closed", 0)
    temporary.remove_temporary(folder)
    assert not folder.exists()


def test_what_dead_hosts_left_is_ended_and_removed_and_nothing_else(place):
    marker = "c" * 32
    left, own = place / f"filmeto-{GONE}-{marker}", make_temporary("d" * 32)
    others = [place / "filmeto-notes", place / f"filmeto-{GONE}", place / f"other-{GONE}-{marker}"]
    for folder in (left, *others):
        folder.mkdir()
    (left / "half").touch()
    link = place / f"filmeto-{GONE}-link"
    link.symlink_to(others[0])
    code = "import time; print('up', flush=True); time.sleep(600)"
    with subprocess.Popen(
        [sys.executable, "-c", code], env={MARKER: marker}, stdout=subprocess.PIPE
    ) as stray:
        stray.stdout.readline()
        clear_dead_temporary()
        assert process.wait_exited(stray, 5)
    assert not left.exists()
    assert own.exists() and link.is_symlink() and all(folder.exists() for folder in others)
