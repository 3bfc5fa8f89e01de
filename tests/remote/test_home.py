"""One data folder is one to all who work in it, so that none waits for a lock of its own server's."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from filmeto_core.errors import StoreError
from filmeto_core.remote import remote_service
from filmeto_core.remote.home import folder_id, home_id, name_home
from filmeto_core.remote.remote_service import RemoteService
from filmeto_core.service import Reuse
from filmeto_core.settings import Settings

AT_ONCE = 8
WAIT_S = 20.0


def test_who_asks_at_once_for_the_first_time_is_told_the_same(tmp_path):
    def asked(settings, barrier):
        barrier.wait()
        name_home(settings)
        return home_id(settings), folder_id(settings)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for n in range(40):
            settings, barrier = Settings(home=tmp_path / str(n)), threading.Barrier(AT_ONCE)
            told = list(pool.map(asked, [settings] * AT_ONCE, [barrier] * AT_ONCE))
            assert set(told) == {(home_id(settings), folder_id(settings))}
            assert [p.name for p in settings.serve_dir.iterdir()] == ["home-id"]


def test_an_empty_name_is_none_and_is_mended(tmp_path):
    settings = Settings(home=tmp_path)
    settings.serve_dir.mkdir()
    (settings.serve_dir / "home-id").touch()  # cut off before it was written
    assert home_id(settings) is None and folder_id(settings) is None
    name_home(settings)
    assert home_id(settings)
    (settings.serve_dir / "home-id").write_bytes(b"\xff")
    with pytest.raises(StoreError, match="home-id cannot be written"):
        name_home(settings)


def test_a_folder_that_lies_elsewhere_is_another_home_and_the_same_folder(tmp_path):
    here, there = Settings(home=tmp_path / "here"), Settings(home=tmp_path / "there")
    name_home(here)
    (tmp_path / "here").rename(tmp_path / "there")
    moved = home_id(there), folder_id(there)
    (tmp_path / "there").rename(tmp_path / "here")
    assert moved[0] != home_id(here) and moved[1] == folder_id(here)


def test_a_server_that_has_the_folder_under_another_path_is_not_waited_for(
    served, counted, monkeypatch
):
    """As between two containers, one of which has mounted it elsewhere."""
    monkeypatch.setattr(remote_service, "home_id", lambda _settings: "another path")
    service = RemoteService(Settings(api_url=served.url))
    assert not service.shares_home

    async def both():
        checked = [service.check(counted(wait_s=0.3)) for _ in range(2)]
        calls = [service.call(one, lambda _told: None, Reuse.ALWAYS) for one in checked]
        return await asyncio.wait_for(asyncio.gather(*calls), WAIT_S)

    one, other = asyncio.run(both())
    service.close_sync()
    assert one.record.outputs[0].digest == other.record.outputs[0].digest
    assert counted.calls() == 1
