"""`filmeto store sync`, as a user types it."""

import json

import pytest

from tests.resources.machine import Machine, key_of, picture


@pytest.fixture
def share(tmp_path):
    folder = tmp_path / "share"
    folder.mkdir()
    return folder


def test_a_machine_moves_its_store_to_a_studio(filmeto, home, share, tmp_path):
    mine = Machine(home, share.as_uri())
    mine.computes("dawn", picture(tmp_path / "1.png", 1))
    mine.computes("dusk", picture(tmp_path / "2.png", 2))
    plan = filmeto("store", "sync", "--dry-run", FILMETO_STORE_URL=str(share))
    assert "would be sent: 2, " in plan.stdout, plan.stderr
    assert list(share.iterdir()) == []
    done = filmeto("store", "sync", FILMETO_STORE_URL=str(share))
    assert done.returncode == 0 and "\nsent: 2, " in done.stdout, done.stderr
    again = filmeto("store", "sync", "--json", FILMETO_STORE_URL=str(share))
    told = json.loads(again.stdout)
    assert (told["records"], told["there"], told["sent"]) == (2, 2, 0)
    assert Machine(tmp_path / "other", share.as_uri()).shared.fetch(key_of("dusk"))


def test_without_an_address_it_says_which_variable_to_set(filmeto):
    done = filmeto("store", "sync")
    assert done.returncode == 2
    assert "FILMETO_STORE_URL" in done.stderr and "s3://bucket/prefix" in done.stderr


def test_a_store_that_is_away_is_an_error_that_says_so(filmeto, home, share, tmp_path):
    Machine(home, share.as_uri()).computes("dawn", picture(tmp_path / "1.png"))
    share.rmdir()
    done = filmeto("store", "sync", FILMETO_STORE_URL=str(share))
    assert done.returncode == 1
    assert "mount it" in done.stderr and "Traceback" not in done.stderr
