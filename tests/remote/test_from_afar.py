"""A service on another machine than its server: inputs are sent, results and records are fetched."""

import asyncio
import shutil
import threading
from pathlib import Path

import pytest

from filmeto_core.errors import PluginExecutionError, PluginRefused, ResourceFetchError
from filmeto_core.place import Place
from filmeto_core.remote.remote_service import RemoteService
from filmeto_core.service import Reuse
from filmeto_core.settings import Settings
from filmeto_core.types import FilmetoTask


@pytest.fixture
def afar(served, tmp_path):
    """Its data folder is its own."""
    made = RemoteService(Settings(api_url=served.url, home=tmp_path / "far"))
    assert not made.shares_home
    yield made
    made.close_sync()


def call(service, task, reuse=Reuse.ALWAYS, **options):
    return asyncio.run(service.call(service.check(task), lambda _told: None, reuse, **options))


def quick(tool="text2image", resources=(), **parameters):
    return FilmetoTask(
        tool_name=tool, plugin_name="quick", parameters=parameters, resources=list(resources)
    )


def test_what_the_server_made_lies_in_the_callers_store_and_index(served, afar, counted):
    done = call(afar, counted(), computation="mine-1")
    (output,) = done.record.outputs
    assert Path(output.path).is_relative_to(afar.settings.store_dir)
    assert afar.store.verify(output.digest) and done.record.id == "mine-1"
    served.stop()
    again = call(afar, counted())
    assert again.cached and again.record == done.record and counted.calls() == 1


def test_what_the_server_has_already_is_fetched_and_not_computed(served, here, afar, counted):
    first = call(here, counted())
    done = call(afar, counted())
    assert done.cached and done.record.id == first.record.id and counted.calls() == 1


def test_an_input_of_this_machine_is_sent(served, afar, tmp_path):
    still = call(afar, quick(prompt="a boat")).record.outputs[0]
    changed = tmp_path / "mine.png"
    shutil.copyfile(still.path, changed)
    task = quick("image2video", [{"type": "local_path", "data": str(changed)}], duration_s=0.2)
    clip = call(afar, task).record
    assert clip.resources == (still.digest,)
    assert Path(clip.outputs[0].path).is_relative_to(afar.settings.store_dir)


def test_the_journal_here_knows_the_call_its_time_and_its_end(served, afar, counted):
    run_id = afar.journal.begin_run("film", "story", options={})
    place = Place(run_id, "/films/story", "dawn")
    call(afar, counted(), place=place)
    with pytest.raises(PluginExecutionError):
        call(afar, counted("a fault", fail_times=9), place=place)
    afar.journal.flush()
    noted = {c.state: c for c in afar.journal.calls(run_id)}
    assert set(noted) == {"done", "failed"} and noted["done"].seconds > 0
    assert "busy" in noted["failed"].error


def test_cancelling_here_is_noted_here_and_there(served, afar, counted):
    began = threading.Event()
    run_id = afar.journal.begin_run("tool", "text2image", options={})

    async def cancelled():
        checked = afar.check(counted(wait_s=60, steps=600))
        work = asyncio.create_task(
            afar.call(checked, lambda _told: began.set(), Reuse.ALWAYS, place=Place(run_id))
        )
        await asyncio.to_thread(began.wait, 5)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work

    asyncio.run(cancelled())
    afar.journal.flush()
    assert [c.state for c in afar.journal.calls(run_id)] == ["cancelled"]
    assert [t.status for t in served.desk.posted.tasks("local", limit=5)] == ["cancelled"]


def test_a_refusal_is_told_again_without_asking_the_plugin(served, afar):
    with pytest.raises(PluginRefused, match="nobody may draw this") as first:
        call(afar, quick(prompt="unspeakable"))
    with pytest.raises(PluginRefused, match="nobody may draw this") as again:
        call(afar, quick(prompt="unspeakable"))
    assert "refused before" not in str(first.value) and "refused before" in str(again.value)


def test_a_file_that_the_server_lost_on_the_way_is_an_error_that_may_be_tried_again(
    served, afar, monkeypatch
):
    real = afar.files._bring_all

    def lost(outputs, wanted):
        for output in outputs:
            served.desk.service.store.path_of(output.digest).unlink(missing_ok=True)
        return real(outputs, wanted)

    monkeypatch.setattr(afar.files, "_bring_all", lost)
    with pytest.raises(ResourceFetchError, match="could not be had") as caught:
        call(afar, quick(prompt="a reef"))
    assert caught.value.retryable
    monkeypatch.undo()
    assert call(afar, quick(prompt="a reef")).record.outputs


def test_a_large_result_is_fetched_in_pieces(served, afar, monkeypatch):
    monkeypatch.setattr("filmeto_core.resources.shared_fetch.READ_BYTES", 20_000)
    asked = []
    real = afar.connection.get

    def get(path, **options):
        asked.append(options.get("headers", {}).get("Range"))
        return real(path, **options)

    monkeypatch.setattr(afar.connection, "get", get)
    sound = call(afar, quick("text2music", prompt="calm", duration_s=6)).record.outputs[0]
    ranges = [r for r in asked if r]
    assert ranges[:2] == ["bytes=0-19999", "bytes=20000-39999"]
    assert Path(sound.path).stat().st_size == sound.size > 90_000
