"""A plugin's `submitted` is answered once the caller has kept it, and only then."""

import asyncio
import dataclasses
import threading

import pytest

from filmeto_core.errors import (
    PluginCrashed,
    PluginExecutionError,
    PluginRefused,
    StoreError,
)


def call_of(studio, how="", **more):
    return dataclasses.replace(studio.call(how, plugin="jobber"), **more)


async def told(studio, **more):
    answer = await studio.manager.execute("jobber", call_of(studio, **more), lambda _: None)
    return answer.outputs[0].metadata


def test_a_job_is_kept_before_the_plugin_goes_on(studio):
    kept = []
    got = asyncio.run(
        told(
            studio,
            submitted=lambda job, cost: kept.append((job, cost)),
            idempotency_key="a-key",
        )
    )
    assert kept == [(got["job"], {"amount": "0.5"})]
    assert got == {"kept": True, "job": got["job"], "resumed": None, "key": "a-key"}


def test_the_plugin_waits_for_as_long_as_the_disk_takes_and_others_go_on(studio):
    disk = threading.Event()

    async def go():
        slow = asyncio.create_task(told(studio, submitted=lambda job, cost: disk.wait(10)))
        for _ in range(3):
            await studio.run("echo")
        assert not slow.done()
        disk.set()
        return await slow

    assert asyncio.run(go())["kept"] is True


def test_a_job_that_was_out_is_handed_back_to_be_collected(studio):
    got = asyncio.run(told(studio, resume_job="job-77", submitted=lambda job, cost: None))
    assert (got["job"], got["resumed"], got["kept"]) == ("job-77", "job-77", None)


def test_a_caller_that_keeps_no_jobs_degrades_to_the_seed_design(studio):
    assert asyncio.run(told(studio))["kept"] is False


def test_a_job_that_cannot_be_kept_ends_the_plugin_s_call(studio):
    def full(job, cost):
        raise StoreError("There is no room left.", hint="Make room.")

    with pytest.raises(PluginExecutionError, match="There is no room left"):
        asyncio.run(told(studio, submitted=full))


def test_begin_comes_before_the_plugin_gets_the_call(studio):
    order = []
    call = call_of(studio, begin=lambda: order.append("begin"))
    asyncio.run(studio.manager.execute("jobber", call, lambda note: order.append(note.message)))
    assert order[0] == "begin" and "begun" in order


def test_what_begin_raises_ends_the_call_and_keeps_the_process(studio):
    def refuse():
        raise StoreError("There is no room left.", hint="Make room.")

    async def go():
        await told(studio)
        pids = studio.pids("jobber")
        with pytest.raises(StoreError):
            await told(studio, begin=refuse)
        await told(studio)
        return pids == studio.pids("jobber")

    assert asyncio.run(go())


def test_a_plugin_that_dies_right_after_it_told_has_its_job_kept(studio):
    kept = []
    call = call_of(studio, "die after telling", submitted=lambda job, cost: kept.append(job))
    with pytest.raises(PluginCrashed):
        asyncio.run(studio.manager.execute("jobber", call, lambda _: None))
    assert len(kept) == 1 and kept[0].startswith("job-")


def test_a_refusal_for_good_is_an_error_of_its_own(studio):
    with pytest.raises(PluginRefused, match="the prompt is refused") as caught:
        asyncio.run(studio.run("jobber", "refuse"))
    assert not caught.value.retryable
    assert caught.value.details["plugin_code"] == "refused"


def test_what_it_cost_comes_with_the_answer(studio):
    async def go():
        call = call_of(studio, "charge")
        return await studio.manager.execute("jobber", call, lambda _: None)

    assert asyncio.run(go()).metadata["cost"] == {"amount": "0.25"}
