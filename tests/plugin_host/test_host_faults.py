"""Faults, caused for real: the call ends once, says why, and the next one succeeds."""

import asyncio
import json
import logging
import os
import time

import pytest
import traces

from filmeto_core.errors import (
    PluginCrashed,
    PluginExecutionError,
    PluginOutputError,
    PluginProtocolError,
    PluginStartError,
    TimeoutError,
)

WAIT_S = 20  # of a test that hangs; none waits
BOTH_WAYS = True


@pytest.mark.parametrize(
    ("how", "details"),
    [("kill", {"signal": "SIGKILL"}), ("exit0", {"exit_code": 0}), ("", {"exit_code": 5})],
)
def test_a_crash_tells_how_it_ended_and_its_last_words(studio, how, details):
    error = studio.fails_then_works("crash", how, PluginCrashed, good="works", task_id="t1")
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


def test_text_a_bar_and_blank_lines_amid_the_messages_are_logged_and_the_call_goes_on(
    studio, caplog
):
    with caplog.at_level(logging.INFO, "filmeto.plugin.raw"):
        assert studio.works("raw", "chatters").outputs
    said = [record.getMessage() for record in caplog.records]
    for line in ("Welcome!", "Loading pipeline components...", "half a line, then: its end"):
        assert line in said
    assert any("50%|#####" in line for line in said) and "{'not': 'json'}" in said
    assert [told.percent for told in studio.told] == [40]


JUNK = {
    "bad utf-8": b"\xff\xfe{\xc3\x28",
    "a bom": b"\xef\xbb\xbf",
    "a bom and text": b"\xef\xbb\xbfhello",
    "a number": b"42",
    "null": b"null",
    "a text": b'"progress"',
    "a batch": b'[{"jsonrpc":"2.0","method":"progress","params":{"percent":99}}]',
    "an empty batch": b"[]",
    "200,000 lists": b"[" * 200_000,
    "200,000 objects": b'{"a":' * 200_000,
    "200,000 closed objects": b'{"a":' * 200_000 + b"1" + b"}" * 200_000,
    "5,000 digits": b'{"id":' + b"9" * 5000 + b"}",
    "no brace closed": b'{"jsonrpc":"2.0","id":1',
    "an empty object": b"{}",
    "zero bytes": b"\0\0{\0}",
}


def test_a_line_that_is_no_message_is_logged_and_the_call_goes_on(studio, caplog):
    file = studio.tmp_path / "sent"

    async def go():
        await studio.run("raw")
        before = await studio.settled()
        for name, junk in JUNK.items():
            file.write_bytes(junk + b"\n")
            caplog.clear()
            assert (await studio.run("raw", "sends", prompt=str(file))).outputs, name
            text = junk.decode("utf-8", "replace").splitlines()[0]
            said = [record.getMessage() for record in caplog.records]
            assert any(line[-100:] == text[-100:] for line in said), f"{name} was not logged"
            assert studio.told == [], name
            assert not any(record.exc_info for record in caplog.records), name
        await studio.nothing_beyond(before, equal=True)

    with caplog.at_level(logging.INFO, "filmeto.plugin.raw"):
        asyncio.run(go())


def test_junk_amid_the_messages_costs_nothing(studio):
    assert studio.works("raw", "junk").outputs


@pytest.mark.parametrize(
    ("how", "lines", "dropped"),
    [
        ("sends", [{"id": 999, "result": {}}], 1),
        ("sends", [{"id": "1", "result": {}}, {"id": "2", "result": {}}], 2),
        ("sends", [{"id": None, "result": {}}, {"id": True, "result": {}}, {"id": [2]}], 2),
        ("sends", [{"method": "progress", "params": {"task_id": "another", "percent": 9}}], 1),
        ("late", [], 2),  # answers twice, then tells of a progress
    ],
)
def test_what_answers_to_nothing_is_counted_and_dropped(studio, how, lines, dropped):
    file = studio.tmp_path / "sent"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))

    async def go():
        async with asyncio.timeout(WAIT_S):
            await studio.run("raw")
            before = await studio.settled()
            (worker,) = studio.manager._pools["raw"].workers
            assert (await studio.run("raw", how, prompt=str(file))).outputs
            told = studio.told
            assert (await studio.run("raw")).outputs
            assert worker.dialogue.dropped == dropped
            assert studio.told == []
            await studio.nothing_beyond(before, equal=True)
        return [t.percent for t in told]

    assert asyncio.run(go()) == ([10] if how == "late" else [])


def test_percentages_are_numbers_within_0_and_100_that_never_fall(studio):
    studio.works("raw", "percents")
    percents = [told.percent for told in studio.told]
    assert percents == [10, 10, 10, 50, 50, 50, 50, 50, 50, 50, 100, 100]


@pytest.mark.parametrize("how", ["late", "no newline", "dies after", "nan result", "long"])
def test_a_result_that_arrives_is_accepted(studio, how):
    answer = studio.works("raw", how)
    assert answer.outputs
    if how == "long":
        assert len(answer.metadata["text"]) == 20_000_000


@pytest.mark.parametrize("how", ["null", "no status"])
def test_a_result_that_is_none_is_a_protocol_error(studio, how):
    studio.fails_then_works("raw", how, PluginProtocolError)


def test_a_json_rpc_error_is_the_plugins_own(studio):
    error = studio.fails_then_works("raw", "rpc error", PluginExecutionError)
    assert "no film in the camera" in str(error)
    assert error.details["rpc_code"] == -32050


def test_a_line_without_end_is_a_protocol_error_and_the_plugin_is_replaced(studio):
    with traces.Peak() as peak:
        error = studio.fails_then_works("raw", "too long", PluginProtocolError)
    assert "24 MiB" in str(error)
    # The line, as it is held, and what the allocator keeps of its pieces.
    assert peak.growth_bytes < 3 * 24 * 1024**2


def test_after_a_line_without_end_another_process_serves(studio):
    async def go():
        await studio.run("raw")
        first = studio.pids("raw")
        with pytest.raises(PluginProtocolError):
            await studio.run("raw", "too long")
        await studio.run("raw")
        return first, studio.pids("raw")

    first, then = asyncio.run(go())
    assert len(then) == 1 and first != then


def test_a_death_within_a_line_is_a_crash(studio):
    error = studio.fails_then_works("raw", "dies within a line", PluginCrashed)
    assert error.details["exit_code"] == 7
    assert "asked for 'dies within a line'" in error.details["stderr"].splitlines()


@pytest.mark.parametrize("how", ["flood stderr", "flood stdout"])
def test_a_flood_of_text_is_drained_in_bounded_memory_and_the_call_goes_on(studio, how):
    with traces.Peak() as peak:
        assert studio.works("raw", how).outputs
    assert peak.growth_bytes < 24 * 1024**2  # of 64 MiB


def test_of_a_flood_the_last_lines_are_kept(studio):
    error = studio.fails_then_works("raw", "floods stderr and dies", PluginCrashed)
    assert error.details["stderr"].endswith("e\nthe very last line")
    assert len(error.details["stderr"]) <= 64 * 1024


def test_a_plugin_that_asks_on_and_on_and_reads_no_answer_costs_bounded_memory(studio):
    with traces.Peak() as peak:
        assert studio.works("raw", "asks on and on").outputs
    assert peak.growth_bytes < 8 * 1024**2


@pytest.mark.parametrize("how", ["closes stdout", "closes stdin"])
def test_a_plugin_that_closes_the_wire_and_runs_on_is_replaced(studio, how):
    error = studio.fails_then_works("raw", how, PluginProtocolError)
    assert how.split()[1] in str(error)


def test_a_result_after_stdin_is_closed_is_accepted(studio):
    assert studio.works("raw", "closes stdin", prompt="answers").outputs


def test_a_request_that_the_host_does_not_know_is_refused(studio):
    told = studio.works("raw", "asks").metadata["told"]
    assert (told["id"], told["error"]["code"]) == (77, -32601)


@pytest.mark.parametrize("how", ["waits", "ignores all", "stops"])
def test_a_call_past_its_time_is_ended_with_its_process(studio, how, processes_of):
    started = time.monotonic()
    error = studio.fails_then_works("raw", how, TimeoutError, timeout_s=0.3)
    assert "0.3 s" in str(error)
    assert time.monotonic() - started < 15
    assert len(processes_of()) == 1


def test_silence_after_a_heartbeat_is_a_timeout_and_silence_without_one_is_not(studio):
    error = studio.fails_then_works("raw", "beats then hangs", TimeoutError)
    assert "heartbeat" in str(error)
    late = studio.fails_then_works("raw", "waits", TimeoutError, timeout_s=0.9)
    assert "0.9 s" in str(late)


def test_a_plugin_that_never_gets_ready_times_out_with_its_last_words(studio):
    error = studio.starts_badly_then_well("never_ready", TimeoutError)
    assert "not ready within 0.5 s" in str(error)
    assert error.details["stderr"] == "still loading\nSIGTERM came"


def test_a_plugin_that_ends_before_it_is_ready_says_why(studio):
    error = studio.starts_badly_then_well("exits_early", PluginStartError)
    assert "No module named 'a_module_that_nobody_has'" in str(error)
    assert error.details["exit_code"] == 1


def test_a_plugin_that_dies_once_it_is_ready_fails_its_first_call_at_once(studio):
    started = time.monotonic()
    error = studio.starts_badly_then_well("dies_once_ready", PluginCrashed)
    assert error.details["exit_code"] == 6
    assert time.monotonic() - started < 15  # its time-out, and what ends with it


def test_a_plugin_that_reads_nothing_does_not_hold_up_the_host(studio):
    big = "x" * 20_000_000

    async def go():
        async with asyncio.timeout(WAIT_S):
            await studio.run("echo")
            before = await studio.settled()
            call = studio.call(plugin="stuck_reader", prompt=big, timeout_s=1)
            stuck = asyncio.create_task(studio.manager.execute("stuck_reader", call))
            while studio.manager.states()["stuck_reader"]["state"] != "busy":
                await asyncio.sleep(0.005)
            for _ in range(5):
                assert (await studio.run("echo")).outputs
            assert not stuck.done()
            with pytest.raises(TimeoutError):
                await stuck
            await studio.nothing_beyond(before, equal=True)
            (studio.tmp_path / "healed").touch()
            assert (await studio.run("stuck_reader")).outputs

    asyncio.run(go())


def test_the_group_of_a_plugin_past_its_time_gets_sigterm_and_then_sigkill(studio, alive):
    error = studio.fails_then_works("raw", "stubborn", TimeoutError, timeout_s=0.4)
    assert "SIGTERM came" in error.details["stderr"].splitlines()
    assert "SIGTERM came to the child" in error.details["stderr"].splitlines()
    (told,) = studio.told
    assert not alive(told.data["pid"])


def test_a_death_is_seen_at_once_while_a_child_holds_the_pipes(studio, alive):
    started = time.monotonic()
    error = studio.fails_then_works("raw", "a child holds the pipes", PluginCrashed)
    assert time.monotonic() - started < 15  # the child would have lived for 600 s
    assert error.details["exit_code"] == 4
    (told,) = studio.told
    assert not alive(told.data["pid"])


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


@pytest.mark.parametrize(
    ("plugin", "how"),
    [("raw", "ignores all"), ("raw", "waits"), ("raw", "stops"), ("echo", "stubborn")],
)
def test_cancelling_an_uncooperative_plugin_ends_it_and_the_caller_sees_cancelled(
    studio, plugin, how, processes_of
):
    async def go():
        await studio.run(plugin)
        before = await studio.settled()
        task = await studio.started(plugin, how)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        left = processes_of()
        assert (await studio.run(plugin)).outputs
        await studio.nothing_beyond(before, equal=True)
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
    error = studio.fails_then_works("bad_outputs", how, PluginOutputError, good="good")
    assert why in str(error)
    assert error.details["plugin"] == "bad_outputs"


@pytest.mark.parametrize("how", ["missing", "nothing"])
def test_an_output_that_the_sdk_cannot_find_is_the_tools_error(studio, how):
    studio.fails_then_works("bad_outputs", how, PluginExecutionError, good="good")
