"""A service whose calls a server computes: cache, journal, progress, errors and cancelling as at home."""

import asyncio
import shutil
import threading
import time
from datetime import datetime
from pathlib import Path

import pytest
from serving import PLUGINS, serving

from filmeto_core.errors import PluginExecutionError, PluginNotFoundError, ValidationError
from filmeto_core.place import Place
from filmeto_core.plugin_host.needs import missing
from filmeto_core.remote import remote_service
from filmeto_core.remote.remote_service import RemoteService
from filmeto_core.remote.remote_tasks import RemoteTask
from filmeto_core.service import FilmetoService, Reuse
from filmeto_core.settings import Settings
from filmeto_core.types import FilmetoTask

WAIT_S = 20.0


def call(service, task, reuse=Reuse.ALWAYS, update=lambda _told: None, **options):
    return asyncio.run(service.call(service.check(task), update, reuse, **options))


def test_a_call_is_computed_by_the_servers_plugin_and_its_record_is_the_callers(
    served, here, counted
):
    told = []
    done = call(here, counted(steps=3), update=told.append, computation="mine-1")
    assert not done.cached and done.record.id == "mine-1"
    assert Path(done.record.outputs[0].path).is_file()
    assert [update.percent for update in told] == sorted(update.percent for update in told)
    assert {"step 1", "step 2", "step 3"} <= {update.message for update in told}
    assert served.desk.service.plugins.states()["flaky"]["state"] == "idle"
    assert here.plugins.states()["flaky"]["state"] == "stopped"


def test_the_key_is_the_one_that_a_local_call_has(here, counted):
    local, task = FilmetoService(), counted()
    assert here.key(here.check(task), []) == local.key(local.check(task), [])


def test_a_second_call_is_a_hit_without_asking_the_server(served, here, counted):
    first = call(here, counted())
    second = RemoteService(Settings(api_url=served.url))
    checked = second.check(counted())
    served.stop()
    again = asyncio.run(second.call(checked, lambda _told: None, Reuse.ALWAYS))
    second.close_sync()
    assert again.cached and again.record == first.record and counted.calls() == 1


def test_refresh_computes_anew_and_never_leaves_what_is_there(here, counted):
    first = call(here, counted())
    anew = call(here, counted(), Reuse.REFRESH)
    once = call(here, counted(), Reuse.NEVER)
    assert counted.calls() == 3 and not once.cached
    assert call(here, counted()).record.id == anew.record.id != first.record.id


def test_the_same_call_from_two_places_at_once_is_computed_once(here, counted):
    async def both():
        checked = [here.check(counted(wait_s=0.3)) for _ in range(2)]
        return await asyncio.gather(*(here.call(c, print, Reuse.ALWAYS) for c in checked))

    one, other = asyncio.run(both())
    assert one.record.id == other.record.id and counted.calls() == 1
    assert sorted([one.cached, other.cached]) == [False, True]


def test_the_call_is_noted_under_its_run_film_and_shot(here, counted):
    run_id = here.journal.begin_run("film", "story", options={})
    place = Place(run_id, "/films/story", "dawn")
    call(here, task := counted(), place=place)
    call(here, counted(), place=place)
    here.journal.end_run(run_id, "done")
    here.journal.flush()
    noted = here.journal.calls(run_id)
    assert [(c.shot, c.state, c.cached) for c in noted] == [
        ("dawn", "done", False),
        ("dawn", "done", True),
    ]
    assert noted[0].id == task.task_id


def test_an_error_keeps_its_class_its_details_and_whether_it_may_be_tried_again(here, counted):
    with pytest.raises(PluginExecutionError) as caught:
        call(here, counted(fail_times=9))
    assert caught.value.retryable and "busy" in caught.value.message
    assert caught.value.details["plugin"] == "flaky" and caught.value.details["tool"]
    with pytest.raises(PluginExecutionError) as caught:
        call(here, counted("once more", fail_times=99, retryable=False))
    assert not caught.value.retryable
    assert counted.calls() == 2  # who called tries again, not the server


def test_what_is_wrong_is_said_here_before_the_server_is_asked(served, here, counted):
    with pytest.raises(ValidationError, match="steps"):
        here.check(counted(steps="many"))
    with pytest.raises(PluginNotFoundError, match='Did you mean "flaky"'):
        here.check(
            FilmetoTask(tool_name="text2image", plugin_name="flakey", parameters={"prompt": "a"})
        )
    assert served.on_loop(_posted(served)) == []


async def _posted(served):
    return served.desk.posted.tasks("local", limit=10)


def test_an_input_reaches_the_server_from_the_store_they_share(here):
    still = call(
        here, FilmetoTask(tool_name="text2image", plugin_name="quick", parameters={"prompt": "a"})
    )
    task = FilmetoTask(
        tool_name="image2video",
        plugin_name="quick",
        parameters={"duration_s": 0.2},
        resources=[{"type": "local_path", "data": still.record.outputs[0].path}],
    )
    clip = call(here, task).record
    assert clip.resources == (still.record.outputs[0].digest,)
    assert clip.outputs[0].type == "video"


def test_a_task_that_has_ended_is_not_cancelled(here, counted, monkeypatch):
    cancelled = []
    monkeypatch.setattr(RemoteTask, "_cancel", lambda task: cancelled.append(task))
    assert call(here, counted()).record.outputs and cancelled == []


def test_cancelling_the_caller_cancels_the_plugins_call(served, here, counted):
    began = threading.Event()

    async def cancelled():
        checked = here.check(counted(wait_s=60, steps=600))
        work = asyncio.create_task(here.call(checked, lambda _told: began.set(), Reuse.ALWAYS))
        await asyncio.to_thread(began.wait, WAIT_S)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work

    asyncio.run(cancelled())
    (task,) = served.on_loop(_posted(served))
    assert task.status == "cancelled" and began.is_set()
    assert served.desk.service.plugins.states()["flaky"]["state"] == "idle"


def test_an_edited_plugin_counts_from_the_next_look_at_the_server(home, tmp_path, monkeypatch):
    folder = tmp_path / "plugins" / "quick"
    shutil.copytree(PLUGINS / "quick", folder)
    monkeypatch.setenv("FILMETO_PLUGINS", str(folder.parent))
    monkeypatch.setattr("filmeto_core.remote.remote_registry.LOOK_S", 0.0)
    task = FilmetoTask(tool_name="text2image", plugin_name="quick", parameters={"prompt": "a boat"})
    with serving() as served:
        here = RemoteService(Settings(api_url=served.url))
        first = call(here, task)
        main = folder / "main.py"
        main.write_text(main.read_text().replace("hashed(call)[:3]", "hashed(call)[3:6]"))
        second = call(here, task)
        here.close_sync()
    assert not second.cached and second.record.key != first.record.key
    assert second.record.outputs[0].digest != first.record.outputs[0].digest


def test_what_a_plugin_lacks_is_what_the_servers_machine_lacks(served, here):
    named = {plugin.name: plugin for plugin in here.registry.plugins}
    local = {plugin.name: plugin for plugin in served.desk.service.registry.plugins}
    assert list(named) == list(local)
    for name, plugin in local.items():
        assert missing(named[name]) == missing(plugin)
        assert named[name].manifest == plugin.manifest
        assert named[name].fingerprint() == plugin.fingerprint()


def test_the_registry_keeps_what_it_knows_while_the_server_is_away(served, here, monkeypatch):
    monkeypatch.setattr("filmeto_core.remote.remote_registry.LOOK_S", 0.0)
    known = here.registry.get("quick")
    served.stop()
    assert here.registry.get("quick") is known


def test_progress_reaches_the_caller_within_a_second(here, counted):
    seen = []

    def server_time(event):
        seen.append(time.time() - datetime.fromisoformat(event["timestamp"]).timestamp())
        return original(event)

    original = remote_service._notification
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(remote_service, "_notification", server_time)
        call(here, counted(steps=20, wait_s=0.4))
    assert len(seen) >= 20 and sorted(seen)[len(seen) // 2] < 1.0


def test_a_server_that_is_full_is_asked_again_until_it_takes_the_call(home, monkeypatch, counted):
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    monkeypatch.setenv("FILMETO_SERVE_MAX_QUEUE", "1")
    monkeypatch.setattr("filmeto_core.web.task_board.FULL_RETRY_S", 1.0)
    with serving() as served:
        here = RemoteService(Settings(api_url=served.url))

        async def three():
            checked = [here.check(counted(f"picture {n}", wait_s=0.1)) for n in range(3)]
            return await asyncio.gather(*(here.call(c, print, Reuse.ALWAYS) for c in checked))

        made = asyncio.run(three())
        here.close_sync()
    assert len({done.record.id for done in made}) == 3 == counted.calls()


def test_a_process_has_so_many_calls_at_the_server_and_no_more(served, here, counted, monkeypatch):
    monkeypatch.setattr(remote_service, "MOST_OPEN", 2)
    told = []

    async def six():
        checked = [here.check(counted(f"picture {n}", wait_s=0.05)) for n in range(6)]
        await asyncio.gather(*(here.call(c, told.append, Reuse.ALWAYS) for c in checked))

    most = 0
    real = served.desk.tasks.accept

    async def accept(*args, **options):
        nonlocal most
        most = max(most, 1 + sum(served.desk.tasks.counts.values()))
        return await real(*args, **options)

    monkeypatch.setattr(served.desk.tasks, "accept", accept)
    asyncio.run(six())
    waited = [update for update in told if update.data.get("stage") == "queued"]
    assert counted.calls() == 6 and most <= 3 and len(waited) >= 4
