"""The proofs, each in part: what takes minutes is run whole by its own command (see docs/proofs.md)."""

import sys
import tempfile

import pytest
import yaml
from chaos import chaos
from chaos_films import ROOT, STORYBOARD, chaos_films
from fuzz_manifest import fuzz as fuzz_manifests
from fuzz_media import fuzz as fuzz_media
from fuzz_wire import fuzz as fuzz_wire
from host_kills import host_kills
from soak import soak

SEED = 20
linux_alone = pytest.mark.skipif(sys.platform != "linux", reason="what is left is read from /proc")


@pytest.fixture
def stage(tmp_path, monkeypatch):
    """A folder that is HOME, so that its processes are known, and holds the temporary files."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


@linux_alone
def test_under_twenty_kills_every_call_ends_once_and_journals_and_store_agree(stage):
    report = chaos(20, SEED, 0.1, stage)
    assert report.problems == []
    assert report.kills == 20 and report.ends["success"] > 0


@linux_alone
def test_films_killed_at_their_moments_are_made_all_the_same_and_no_job_is_sent_twice(
    stage, monkeypatch
):
    monkeypatch.chdir(stage)
    monkeypatch.setenv("FILMETO_HOME", str(stage / "data"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    board = yaml.safe_load(STORYBOARD.read_text())
    short = stage / "short.yaml"
    short.write_text(yaml.safe_dump({**board, "shots": board["shots"][:4]}))
    proof = chaos_films(3, SEED, stage / "films", storyboard=short)
    assert proof.problems == []
    assert proof.report.held and proof.asked == 3 * 11  # 4 stills and clips, 2 voices, the score
    assert any(film.struck for film in proof.report.films)  # a film that was quick is not hit


@linux_alone
def test_a_host_killed_while_it_works_or_builds_leaves_nothing_and_starts_again(stage, monkeypatch):
    monkeypatch.setattr("host_kills.EVERY_FRESH", 2)
    report = host_kills(2, SEED, stage)
    assert report.problems == []
    assert min(report.processes) >= 1 and len(report.gone_ms) == 2


@linux_alone
def test_calls_with_every_kind_of_fault_among_them_end_as_they_should_and_leave_nothing(stage):
    report = soak(300, SEED, stage)
    # Of memory a few calls tell nothing; the whole proof does.
    assert [p for p in report.problems if "memory" not in p] == []


def test_good_lines_between_twenty_thousand_bad_ones_all_count(stage):
    report = fuzz_wire(20_000, SEED, stage)
    assert report.problems == []
    assert report.sentinels == 400


def test_a_thousand_manifests_of_nonsense_are_read(tmp_path):
    assert fuzz_manifests(1000, SEED, tmp_path).read == 1000


def test_two_hundred_damaged_pictures_clips_and_sounds_are_told_or_refused(tmp_path):
    assert fuzz_media(200, SEED, tmp_path).cases == 200
