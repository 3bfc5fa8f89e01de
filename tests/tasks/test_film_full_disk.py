"""The disk fills in the middle of a film: it says so and what to do, and goes on once there is room."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from filmeto_core import process

ROOT = Path(__file__).resolve().parents[2]
BOARD = {
    "title": "Small",
    "size": "160x90",
    "fps": 12,
    "shots": [
        {"id": name, "prompt": f"the sea, {name}", "duration_s": 0.5, "motion": "static"}
        for name in ("one", "two", "three")
    ],
}


@pytest.fixture(scope="module")
def disk(tmp_path_factory):
    """A disk of 6 MiB."""
    folder = tmp_path_factory.mktemp("disk")
    mounted = process.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)])
    if mounted.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {mounted.stderr.strip()}")
    yield folder
    process.run(["umount", "-l", str(folder)])


@pytest.fixture(scope="module")
def film(tmp_path_factory, environments, prefect_api, disk):
    """`filmeto film` whose data lie on that disk."""
    home, work = disk / "home", tmp_path_factory.mktemp("work")
    (work / "small.yaml").write_text(yaml.safe_dump(BOARD))

    def run(out: str = "out", **env: str) -> subprocess.CompletedProcess[str]:
        home.mkdir(exist_ok=True)
        if not (home / "environments").exists():
            (home / "environments").symlink_to(environments, target_is_directory=True)
        return subprocess.run(
            [sys.executable, "-m", "filmeto_core", "film", "small.yaml", "--out", out],
            capture_output=True,
            text=True,
            cwd=work,
            timeout=200,
            env={**os.environ, "FILMETO_HOME": str(home), "PYTHONPATH": str(ROOT), **env},
        )

    run.home, run.work = home, work
    return run


def fill(disk: Path, leave_kib: int) -> None:
    ballast = os.open(disk / "ballast", os.O_RDWR | os.O_CREAT)
    try:
        while True:
            os.write(ballast, b"\0" * 4096)
    except OSError:
        os.truncate(ballast, max(0, os.fstat(ballast).st_size - leave_kib * 1024))
    finally:
        os.close(ballast)


def records(home: Path) -> dict[str, str]:
    """The id of each computation that is kept, by its key."""
    found = [json.loads(path.read_text())["record"] for path in home.glob("cache/records/*/*")]
    return {record["key"]: record["id"] for record in found}


def check_whole(home: Path) -> None:
    """Nothing is half there."""
    for path in (home / "store/objects").glob("*/*"):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.stem
    for folder in ("store/incoming", "cache/incoming", "work/calls"):
        left = [p for p in (home / folder).rglob("*") if p.is_file()]
        assert left == [], folder


def test_a_disk_that_fills_is_told_with_what_to_do_and_the_next_run_goes_on(film, disk):
    film.home.mkdir()
    kept: dict[str, str] = {}
    for leave_kib in (280, 120):  # once while stills are drawn, once while they begin to move
        fill(disk, leave_kib)
        done = film()
        assert done.returncode == 1, done.stderr
        assert "There is no room left for" in done.stderr
        assert "make room there" in done.stderr.lower() and "FILMETO_HOME" in done.stderr
        assert "run the same command again" in done.stderr
        assert "Traceback" not in done.stderr and "bug" not in done.stderr
        assert not (film.work / "out/film.mp4").exists()
        check_whole(film.home)
        assert kept.items() <= records(film.home).items(), "what was done is not done again"
        kept = records(film.home)
        (disk / "ballast").unlink()
    assert kept, "some of it was done when the disk was full"
    done = film()
    assert done.returncode == 0, done.stderr
    assert kept.items() <= records(film.home).items()
    assets = json.loads((film.work / "out/film.json").read_text())["assets"]
    assert len(assets) == 6 and sum(asset["cached"] for asset in assets) == len(kept)
    check_whole(film.home)


def test_a_full_disk_under_the_films_folder_is_told_too_and_what_was_made_is_kept(film, disk):
    process.run(["rm", "-rf", str(disk / "ballast")])
    (disk / "films").mkdir()
    elsewhere = film.work / "home"
    elsewhere.mkdir()
    (elsewhere / "environments").symlink_to(film.home / "environments")
    fill(disk, 0)
    done = film(str(disk / "films"), FILMETO_HOME=str(elsewhere))
    assert done.returncode == 1
    assert f"There is no room left for {disk / 'films'}" in done.stderr
    assert "--out" in done.stderr and "bug" not in done.stderr
    (disk / "ballast").unlink()
    kept = records(elsewhere)
    done = film(str(disk / "films"), FILMETO_HOME=str(elsewhere))
    assert done.returncode == 0, done.stderr
    assert kept and kept.items() <= records(elsewhere).items()
