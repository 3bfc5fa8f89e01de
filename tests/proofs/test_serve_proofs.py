"""The proofs of the web API, each in part: what takes minutes is run whole by its own command."""

import asyncio
import sys

import pytest
import yaml
from chaos_films import STORYBOARD
from server_kills import server_kills
from watchers import GROWTH_BAR_BYTES, watchers

SEED = 20
linux_alone = pytest.mark.skipif(sys.platform != "linux", reason="what is left is read from /proc")


@linux_alone
def test_tasks_that_cost_money_end_once_and_truly_however_their_server_ends(tmp_path):
    report = asyncio.run(server_kills(3, SEED, tmp_path, only="tasks"))
    assert report.problems == []
    assert (report.kills, report.ends) == (2, 1) and report.jobs == report.tasks == 12


@linux_alone
def test_a_film_whose_server_is_killed_twice_is_made_and_paid_for_once(tmp_path, prefect_api):
    told = yaml.safe_load(STORYBOARD.read_text())
    short = tmp_path / "short.yaml"
    short.write_text(yaml.safe_dump({**told, "shots": told["shots"][:3]}))
    report = asyncio.run(server_kills(2, SEED, tmp_path, only="films", board=short))
    assert report.problems == []
    assert report.kills == 2 and report.jobs == report.films * 8  # 3 stills, 3 clips, voice, score


@linux_alone
def test_forty_watchers_get_each_event_once_and_in_order_whatever_the_slow_ones_do(tmp_path):
    report = asyncio.run(watchers(40, 3, 20, SEED, tmp_path, letters=10_000))
    assert report.problems == []
    assert report.events >= 60 and report.comings > 0
    assert report.growth_bytes < GROWTH_BAR_BYTES
