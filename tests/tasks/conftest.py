"""What the tests of whole films share: a data folder and the command line on it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def studio(tmp_path_factory, environments, prefect_api):
    """A data folder and a working folder that the tests of this module share."""
    home = tmp_path_factory.mktemp("home")
    (home / "environments").symlink_to(environments, target_is_directory=True)
    work = tmp_path_factory.mktemp("work")

    def film(*argv: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "filmeto_core", "film", *map(str, argv)],
            capture_output=True,
            text=True,
            cwd=work,
            timeout=400,
            env={**os.environ, "FILMETO_HOME": str(home), "PYTHONPATH": str(ROOT), **env},
        )

    film.home, film.work = home, work
    return film
