"""A project folder with a studio of its own: its FILMETO_HOME, and the session's Prefect server."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from filmeto_core.project_new.scaffold import new_project

ROOT = Path(__file__).resolve().parents[2]


class Place:
    """A project's folder, and the command line in it."""

    def __init__(self, folder: Path, environments: Path) -> None:
        self.project, self.home = folder / "project", folder / "home"
        new_project(self.project)
        self.home.mkdir()
        (self.home / "environments").symlink_to(environments, target_is_directory=True)
        # A PREFECT_HOME of its own, or `down` would end the session's server, which is filmeto's.
        own = {"FILMETO_HOME": str(self.home), "PREFECT_HOME": str(folder / "prefect")}
        self.env = {**os.environ, **own, "PYTHONPATH": str(ROOT)}

    def run(self, module: str, *argv: object, **more: str) -> subprocess.CompletedProcess[str]:
        """`python -m MODULE ARGV` in the project."""
        return subprocess.run(
            [sys.executable, "-m", module, *map(str, argv)],
            cwd=self.project,
            env={**self.env, **more},
            capture_output=True,
            text=True,
            timeout=300,
        )

    def filmeto(self, *argv: object, **more: str) -> subprocess.CompletedProcess[str]:
        """`filmeto ARGV` in the project."""
        return self.run("filmeto_core", *argv, **more)

    def status(self) -> dict:
        """What `filmeto status --json` tells."""
        return json.loads(self.filmeto("status", "--json").stdout)

    def pids(self) -> dict[str, int | None]:
        """The processes of the parts, by their names."""
        return {part["name"]: part["pid"] for part in self.status()["parts"]}


@pytest.fixture
def place(tmp_path, environments, prefect_api):
    there = Place(tmp_path, environments)
    yield there
    there.filmeto("down")
