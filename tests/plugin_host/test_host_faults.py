"""Faults, caused for real: the call ends once, says why, and the next one succeeds."""

import asyncio
import os
import time

import pytest

from filmeto_core.errors import (
    PluginCrashed,
    PluginExecutionError,
    PluginOutputError,
    PluginProtocolError,
    PluginStartError,
    TimeoutError,
)

WAIT_S = 5  # no test waits longer
BOTH_WAYS = True


def fails_then_works(studio, plugin, how, error, after=None, **rest):
    """The error of a call, after which the next one to the same plugin succeeds."""

    async def go():
        async with asyncio.timeout(WAIT_S):
            with pytest.raises(error) as failed:
                await studio.run(plugin, how, **rest)
            if after is not False:
                assert (await studio.run(plugin, after or "")).outputs
        return failed.value

    return asyncio.run(go())


def works(studio, plugin, how, **rest):
    """The answer of a call, and of the one after it."""

    async def go():
        async with asyncio.timeout(WAIT_S):
            answer = await studio.run(plugin, how, **rest)
            told = studio.told
            assert (await studio.run(plugin)).outputs
            studio.told = told
        return answer

    return asyncio.run(go())


@pytest.mark.parametrize(
    ("how", "details"),
    [("kill", {"signal": "SIGKILL"}), ("exit0", {"exit_code": 0}), ("", {"exit_code": 5})],
)
def test_a_crash_tells_how_it_ended_and_its_last_words(studio, how, details):
    error = fails_then_works(studio, "crash", how, PluginCrashed, after=False, task_id="t1")
    assert error.retryable
    where = {"plugin": "crash", "tool": "text2image", "task_id": "t1"}
    assert {**details, **where}.items() <= error.details.items()
    assert error.details["stderr"].endswith("the last words of a plugin")
    assert "the last words of a plugin" in str(error)
    assert [told.percent for told in studio.told] == [30]


def test_after_a_crash_the_next_call_has_a_fresh_process(studio):
    async def go():
        task = await studio.started("raw", "waits")
        (pid,) = studio.manager.states()["raw"]["pids"]
        os.kill(pid, 9)
        with pytest.raises(PluginCrashed):
            await task
        await studio.run("raw")
        return pid, studio.manager.states()["raw"]["pids"]

    pid, pids = asyncio.run(go())
    assert pid not in pids and len(pids) == 1


def test_a_plugin_that_died_while_idle_is_replaced_unseen(studio, alive):
    async def go():
        await studio.run("echo")
        (pid,) = studio.manager.states()["echo"]["pids"]
        os.kill(pid, 9)
        while alive(pid):  # before that, it may still take the call and die with it
            pass
        return await studio.run("echo")

    assert asyncio.run(go()).outputs


def test_junk_between_the_messages_costs_nothing(studio):
    assert works(studio, "raw", "junk").outputs


def test_percentages_are_numbers_within_0_and_100_that_never_fall(studio):
    works(studio, "raw", "percents")
    percents = [told.percent for told in studio.told]
    assert percents == [10, 10, 10, 50, 50, 50, 50, 50, 50, 100, 100]


@pytest.mark.parametrize("how", ["late", "no newline", "dies after", "nan result", "long"])
def test_a_result_that_arrives_is_accepted(studio, how):
    assert works(studio, "raw", how).outputs


@pytest.mark.parametrize("how", ["null", "no status"])
def test_a_result_that_is_none_is_a_protocol_error(studio, how):
    fails_then_works(studio, "raw", how, PluginProtocolError)


def test_a_json_rpc_error_is_the_plugins_own(studio):
    error = fails_then_works(studio, "raw", "rpc error", PluginExecutionError)
    assert "no film in the camera" in str(error)
    assert error.details["rpc_code"] == -32050


def test_a_line_without_end_is_a_protocol_error_and_the_plugin_is_replaced(studio):
    error = fails_then_works(studio, "raw", "too long", PluginProtocolError)
    assert "24 MiB" in str(error)


def test_a_death_within_a_line_is_a_crash(studio):
    error = fails_then_works(studio, "raw", "dies within a line", PluginCrashed)
    assert error.details["exit_code"] == 7


@pytest.mark.parametrize("how", ["flood stderr", "flood stdout"])
def test_a_flood_of_text_is_drained_and_the_call_goes_on(studio, how):
    assert works(studio, "raw", how).outputs


@pytest.mark.parametrize("how", ["closes stdout", "closes stdin"])
def test_a_plugin_that_closes_the_wire_and_runs_on_is_replaced(studio, how):
    error = fails_then_works(studio, "raw", how, PluginProtocolError)
    assert how.split()[1] in str(error)


def test_a_result_after_stdin_is_closed_is_accepted(studio):
    assert works(studio, "raw", "closes stdin", prompt="answers").outputs


def test_a_request_that_the_host_does_not_know_is_refused(studio):
    told = works(studio, "raw", "asks").metadata["told"]
    assert (told["id"], told["error"]["code"]) == (77, -32601)


@pytest.mark.parametrize("how", ["waits", "ignores all", "stops"])
def test_a_call_past_its_time_is_ended_with_its_process(studio, how, processes_of):
    started = time.monotonic()
    error = fails_then_works(studio, "raw", how, TimeoutError, timeout_s=0.3)
    assert "0.3 s" in str(error)
    assert time.monotonic() - started < 3
    assert len(processes_of()) == 1


def test_silence_after_a_heartbeat_is_a_timeout_and_silence_without_one_is_not(studio):
    error = fails_then_works(studio, "raw", "beats then hangs", TimeoutError)
    assert "heartbeat" in str(error)
    late = fails_then_works(studio, "raw", "waits", TimeoutError, timeout_s=0.9)
    assert "0.9 s" in str(late)


def test_a_plugin_that_never_gets_ready_times_out_with_its_last_words(studio):
    error = fails_then_works(studio, "never_ready", "", TimeoutError, after=False)
    assert "not ready within 0.5 s" in str(error)
    assert error.details["stderr"] == "still loading"


def test_a_plugin_that_ends_before_it_is_ready_says_why(studio):
    error = fails_then_works(studio, "exits_early", "", PluginStartError, after=False)
    assert "No module named 'a_module_that_nobody_has'" in str(error)
    assert error.details["exit_code"] == 1


def test_a_plugin_that_reads_nothing_does_not_hold_up_the_host(studio):
    async def go():
        big = "x" * 20_000_000
        stuck = asyncio.create_task(studio.run("stuck_reader", prompt=big, timeout_s=1))
        assert (await studio.run("echo")).outputs
        with pytest.raises(TimeoutError):
            await stuck

    asyncio.run(go())


@pytest.mark.parametrize("how", ["dies", "stays"])
def test_the_children_of_a_plugin_end_with_it(studio, how, alive):
    async def go():
        if how == "dies":
            with pytest.raises(PluginCrashed):
                await studio.run("grandchild", how)
        else:
            await studio.run("grandchild", how)
        children = [told.data["pid"] for told in studio.told]
        await studio.manager.close()
        return children

    children = asyncio.run(go())
    assert len(children) == 2
    assert not any(alive(pid) for pid in children)


@pytest.mark.parametrize("how", ["ignores all", "waits", "stops"])
def test_cancelling_an_uncooperative_plugin_ends_it_and_the_caller_sees_cancelled(
    studio, how, processes_of
):
    async def go():
        task = await studio.started("raw", how)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        left = processes_of()
        assert (await studio.run("raw")).outputs
        return left

    assert asyncio.run(go()) == []


def test_a_caller_whose_loop_ends_takes_its_call_with_it(studio):
    async def abandon():
        await studio.started("raw", "waits")

    async def look():
        async with asyncio.timeout(WAIT_S):
            while studio.manager.states()["raw"]["state"] != "stopped":
                await asyncio.sleep(0.01)

    asyncio.run(abandon())
    asyncio.run(look())


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("empty", "is empty"),
        ("link out", "outside"),
        ("elsewhere", "outside"),
        ("folder", "no regular file"),
        ("pipe", "no regular file"),
    ],
)
def test_an_output_that_may_not_be_taken_is_refused(studio, how, why):
    error = fails_then_works(studio, "bad_outputs", how, PluginOutputError, after=False)
    assert why in str(error)
    assert error.details["plugin"] == "bad_outputs"


@pytest.mark.parametrize("how", ["missing", "nothing"])
def test_an_output_that_the_sdk_cannot_find_is_the_tools_error(studio, how):
    fails_then_works(studio, "bad_outputs", how, PluginExecutionError, after=False)
