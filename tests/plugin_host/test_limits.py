"""What takes more than it may is ended, with its limit told; all plugins together keep to theirs."""

import asyncio
import os
import time

import pytest

from filmeto_core.errors import PluginCrashed, PluginExecutionError, PluginOutOfMemory
from filmeto_core.plugin_host.host import PluginManager
from filmeto_core.settings import Settings

MIB = 1024 * 1024
WAIT_S = 20  # of a test that hangs; none waits


@pytest.fixture
def bounded(studio):
    """A function: the studio with a manager of other settings."""
    first = studio.manager

    def bound(**settings):
        settings = {"home": first._settings.home, "concurrency": 8, "stop_grace_s": 0.5, **settings}
        studio.manager = PluginManager(first.registry, Settings(**settings))
        return studio

    yield bound
    studio.manager.close_sync()
    studio.manager = first


@pytest.mark.parametrize("how", ["grows", "children"])
def test_a_tree_that_takes_more_memory_than_it_may_is_ended_and_told_so(
    studio, how, processes_left
):
    async def go():
        async with asyncio.timeout(WAIT_S):
            with pytest.raises(PluginOutOfMemory) as failed:
                await studio.run("glutton", how)
            left = processes_left()
            assert (await studio.run("glutton")).outputs
        return failed.value, left

    error, left = asyncio.run(go())
    assert left == []
    assert error.details["limit_bytes"] == 200 * MIB
    assert error.details["used_bytes"] > 100 * MIB
    assert "It may take 0.195 GiB" in str(error) and "resources.memory" in str(error)
    assert not error.retryable


def test_a_tree_of_too_many_processes_is_ended(studio, processes_left):
    async def go():
        async with asyncio.timeout(WAIT_S):
            with pytest.raises(PluginExecutionError, match="13 processes, and may be 6") as failed:
                await studio.run("glutton", "many")
            assert processes_left() == []
            assert (await studio.run("glutton")).outputs
        return failed.value

    assert asyncio.run(go()).details["processes"] == 13


@pytest.mark.parametrize("how", ["memory error", "bad_alloc"])
def test_a_refused_piece_of_memory_is_told_with_the_limit_and_the_process_replaced(studio, how):
    async def go():
        await studio.run("glutton")
        (before,) = studio.manager.states()["glutton"]["pids"]
        with pytest.raises(PluginOutOfMemory) as failed:
            await studio.run("glutton", how)
        assert (await studio.run("glutton")).outputs
        assert before not in studio.manager.states()["glutton"]["pids"]
        return failed.value

    error = asyncio.run(go())
    assert error.details["limit_bytes"] == 200 * MIB
    assert "resources.memory" in str(error)


@pytest.mark.parametrize(("raised", "wanted"), [(1, PluginOutOfMemory), (0, PluginCrashed)])
def test_a_kill_with_the_kernels_count_raised_is_out_of_memory(
    studio, tmp_path, monkeypatch, raised, wanted
):
    from filmeto_core import process_linux

    counts = tmp_path / "vmstat"
    counts.write_text("pgfault 7\noom_kill 3\n")
    monkeypatch.setattr(process_linux, "OOM_COUNTS", (str(counts),))

    async def go():
        task = await studio.started("raw", "waits")
        (pid,) = studio.manager.states()["raw"]["pids"]
        counts.write_text(f"pgfault 7\noom_kill {3 + raised}\n")
        os.kill(pid, 9)
        with pytest.raises(wanted) as failed:
            await task
        return failed.value

    error = asyncio.run(go())
    assert type(error) is wanted
    assert error.retryable
    assert error.details["signal"] == "SIGKILL"


def test_where_the_bound_on_processes_is_reached_the_longest_idle_one_ends(bounded):
    studio = bounded(processes=2)

    async def go():
        for name in ("echo", "crash_free", "pair"):
            if name != "crash_free":
                await studio.run(name)
        first = studio.manager.states()
        await studio.run("seed_style")
        return first, studio.manager.states()

    first, then = asyncio.run(go())
    alive = {name for name, told in first.items() if told["pids"]}
    assert alive == {"echo", "pair"}
    assert {name for name, told in then.items() if told["pids"]} == {"pair", "seed_style"}


def test_where_all_places_are_busy_a_call_waits_and_is_told_so(bounded):
    studio = bounded(processes=1)

    async def go():
        first = await studio.started("raw", "waits")
        told, heard = [], asyncio.Event()

        def hear(notification):
            told.append(notification)
            heard.set()

        second = asyncio.create_task(studio.manager.execute("echo", studio.call(), hear))
        async with asyncio.timeout(WAIT_S):
            await heard.wait()
            assert not second.done()
            first.cancel()
            answer = await second
        return answer, told

    answer, told = asyncio.run(go())
    assert answer.outputs
    assert told[0].data == {"stage": "queued"}


def test_past_the_memory_of_all_together_idle_plugins_go_and_then_the_largest(bounded):
    studio = bounded(memory_bytes=200 * MIB)

    async def go():
        async with asyncio.timeout(WAIT_S):
            await studio.run("echo")
            small = await studio.started("glutton", "holds", count=60)
            large = await studio.started("glutton", "holds", count=150)
            with pytest.raises(PluginOutOfMemory, match="all plugins together") as failed:
                await large
            assert not small.done()
            idle = studio.manager.states()["echo"]["pids"]
            small.cancel()
            await asyncio.wait([small])
        return failed.value, idle

    error, idle = asyncio.run(go())
    assert error.retryable
    assert idle == []


def test_a_plugin_that_is_too_large_for_the_bound_still_runs_alone(bounded):
    studio = bounded(memory_bytes=MIB)

    async def go():
        return await studio.run("glutton")

    assert asyncio.run(go()).outputs


def test_waiting_for_a_place_ends_when_the_caller_gives_up(bounded):
    studio = bounded(processes=1)

    async def go():
        first = await studio.started("raw", "waits")
        second = asyncio.create_task(studio.run("echo"))
        third = asyncio.create_task(studio.run("pair"))
        await asyncio.sleep(0)
        started = time.monotonic()
        second.cancel()
        await asyncio.wait([second])
        assert time.monotonic() - started < 10
        first.cancel()
        return await third

    assert asyncio.run(go()).outputs
