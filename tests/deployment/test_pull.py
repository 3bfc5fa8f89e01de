"""The pull step: a run works in its project's folder, on whichever machine it runs."""

import os
import sys
from uuid import uuid4

import pytest

from filmeto_core.deployment.pull import open_project
from filmeto_core.errors import ValidationError
from filmeto_core.run_marks import marks


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setenv("FILMETO_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("FILMETO_PROJECT", raising=False)
    return tmp_path


def test_a_run_works_where_up_was_called(folder, monkeypatch):
    monkeypatch.setenv("FILMETO_PROJECT", str(folder))
    assert open_project() == {"directory": str(folder)}
    assert sys.path[0] == str(folder)


def test_otherwise_where_the_worker_was_started(folder, monkeypatch):
    monkeypatch.setenv("PWD", str(folder))  # a run's own folder is a temporary one
    assert open_project() == {"directory": str(folder)}


def test_a_project_that_is_not_on_this_machine_is_told_by_its_path(folder, monkeypatch):
    monkeypatch.setenv("FILMETO_PROJECT", str(folder / "elsewhere"))
    with pytest.raises(ValidationError, match=f"{folder}/elsewhere is not on this machine"):
        open_project()


def test_a_run_leaves_a_mark_of_its_process(folder, monkeypatch, prefect_api):
    run_id = str(uuid4())
    monkeypatch.setenv("PREFECT__FLOW_RUN_ID", run_id)
    open_project(str(folder))
    (mark,) = marks(folder / "home" / "runs" / "deployed")
    assert (mark.pid, mark.run_id, mark.lives) == (os.getpid(), run_id, True)
    mark.file.write_text("another process of that number")
    assert not mark.lives
