"""The seven tools as Prefect tasks, with a real plugin that counts its calls."""

import asyncio
import time
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from prefect import flow
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.runtime import flow_run

from filmeto_core.errors import PluginExecutionError, ValidationError
from filmeto_core.tasks import text2image, tools
from filmeto_core.tasks.artifacts import flush_artifacts
from filmeto_core.tasks.runtime import CallEvent, close_service, making, watching
from filmeto_core.types import ToolType

PLUGINS = Path(__file__).resolve().parents[1] / "plugins"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def tasks_here(home, monkeypatch, prefect_api):
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    yield
    close_service()


@pytest.fixture
def ask(tmp_path):
    """Arguments of a call of the counting plugin."""

    def arguments(**more):
        return {"plugin": "flaky", "counter": str(tmp_path / "calls"), **more}

    arguments.calls = lambda: len((tmp_path / "calls").read_text().split())
    return arguments


def run(function, *args, **kwargs):
    return asyncio.run(function(*args, **kwargs))


def test_all_seven_tools_are_tasks_of_their_name():
    for tool in ToolType:
        assert getattr(tools, tool).name == tool
        assert getattr(tools, tool).isasync


def test_a_task_gives_a_stored_picture_that_tells_its_call(ask, home):
    @flow
    async def pictures():
        return await text2image("a dot", **ask())

    made = run(pictures)
    assert Path(made.path).is_relative_to(home / "store")
    assert made.metadata["width"] == 2 and made.digest.startswith("sha256:")
    call = made.metadata["call"]
    assert (call["tool"], call["plugin"], call["plugin_version"]) == (
        "text2image",
        "flaky",
        "1.0.0",
    )
    assert 0 <= call["parameters"]["seed"] < 2**31


def test_the_same_call_is_made_once_and_shows_as_cached(ask):
    @flow
    async def twice():
        first = await text2image("a dot", **ask(), return_state=True)
        second = await text2image("a dot", **ask(), return_state=True)
        return [(state.name, (await state.result()).digest) for state in (first, second)]

    (one, digest), (two, same) = run(twice)
    assert (one, two) == ("Completed", "Cached")
    assert digest == same and ask.calls() == 1


def test_another_take_parameter_or_refresh_is_another_call(ask):
    @flow
    async def several():
        await text2image("a dot", **ask())
        await text2image("a dot", **ask(take=2))
        await text2image("a spot", **ask())
        await text2image.with_options(refresh_cache=True)("a dot", **ask())

    run(several)
    assert ask.calls() == 4


def test_no_cache_computes_anew_and_leaves_the_first_result(ask):
    anew = text2image.with_options(cache_policy=NO_CACHE, retries=0)

    @flow
    async def twice_and_again():
        first = await text2image("a dot", **ask())
        second = await anew("a dot", **ask())
        return first, second, await text2image("a dot", **ask())

    first, second, third = run(twice_and_again)
    assert ask.calls() == 2
    calls = [made.metadata["call"]["id"] for made in (first, second, third)]
    assert calls[0] == calls[2] != calls[1]


def test_a_result_older_than_the_cache_expiration_is_replaced(ask):
    @flow
    async def after_an_hour():
        old = await text2image("a dot", **ask())
        young = await text2image.with_options(cache_expiration=HOUR)("a dot", **ask())
        at_once = text2image.with_options(cache_expiration=timedelta(milliseconds=1))
        new = await at_once("a dot", **ask())
        return [made.metadata["call"]["id"] for made in (old, young, new)]

    old, young, new = run(after_an_hour)
    assert old == young != new and ask.calls() == 2


def test_a_result_that_prefect_does_not_keep_is_still_not_computed_twice(ask):
    @flow
    async def unkept():
        await text2image("a dot", **ask())
        await text2image.with_options(persist_result=False, cache_policy=None)("a dot", **ask())

    run(unkept)
    assert ask.calls() == 1


def test_a_lost_file_is_made_again(ask):
    @flow
    async def healed():
        first = await text2image("a dot", **ask())
        Path(first.path).unlink()
        second = await text2image("a dot", **ask())
        return first, second

    first, second = run(healed)
    assert first.path == second.path and Path(second.path).exists()
    assert ask.calls() == 2


def test_the_same_call_at_the_same_time_is_made_once(ask):
    @flow
    async def together():
        return await asyncio.gather(*(text2image("a dot", **ask(wait_s=0.3)) for _ in range(5)))

    assert len({made.digest for made in run(together)}) == 1
    assert ask.calls() == 1


def test_calls_run_side_by_side_as_far_as_the_plugin_allows(ask):
    @flow
    async def four():
        calls = [text2image(f"dot {n}", **ask(wait_s=0.05)) for n in range(4)]
        return await asyncio.gather(*calls)

    run(four)
    assert ask.calls() == 4


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"sede": 3}, 'Did you mean "seed"'),
        ({"fail_times": "often"}, "fail_times"),
        ({"plugin": "flakey"}, 'Did you mean "flaky"'),
        ({"take": 0}, "take"),
        ({"timeout_s": -1}, "timeout"),
        ({"profile": "none"}, "profile"),
    ],
)
def test_wrong_arguments_are_refused_before_there_is_a_task_run(ask, wrong, said):
    @flow
    async def wrongly():
        with pytest.raises(Exception, match=said) as caught:
            text2image("a dot", **{**ask(), **wrong})
        return caught.value.handling.exit_code

    assert run(wrongly) == 2
    assert not Path(ask()["counter"]).exists()


def test_retryable_failures_are_retried_as_the_manifest_says(ask):
    quick = text2image.with_options(retry_delay_seconds=0)

    @flow
    async def patient():
        return await quick("a dot", **ask(fail_times=2))

    assert run(patient).metadata["calls"] == 3


def test_mapped_calls_are_retried_as_the_manifest_says_and_no_more(ask):
    quick = text2image.with_options(retry_delay_seconds=0)

    @flow
    async def mapped(fail_times):
        (future,) = quick.map(["a dot"], **ask(fail_times=fail_times))
        return future.result()

    assert run(mapped, 2).metadata["calls"] == 3
    Path(ask()["counter"]).unlink()
    with pytest.raises(PluginExecutionError, match="busy"):
        run(mapped, 50)
    assert ask.calls() == 3


def test_retries_asked_for_win_over_the_manifest(ask):
    @flow
    async def impatient():
        await text2image.with_options(retries=0)("a dot", **ask(fail_times=2))

    with pytest.raises(PluginExecutionError, match="busy, come back later"):
        run(impatient)
    assert ask.calls() == 1


def test_other_failures_are_not_retried_and_not_cached(ask):
    @flow
    async def refused():
        with pytest.raises(PluginExecutionError) as caught:
            await text2image("a dot", **ask(fail_times=1, retryable=False))
        made = await text2image("a dot", **ask(fail_times=1, retryable=False))
        return caught.value, made

    error, made = run(refused)
    assert error.details["plugin"] == "flaky" and not error.retryable
    assert made.metadata["calls"] == 2


def test_map_and_submit_work_in_a_sync_flow(ask):
    @flow
    def synchronous():
        mapped = text2image.map(["a dot", "a spot"], **ask())
        single = text2image.submit("a blot", **ask())
        return [future.result() for future in (*mapped, single)]

    assert len({made.digest for made in synchronous()}) == 3


def test_a_cancelled_call_ends_its_plugin_call_and_leaves_no_record(ask):
    @flow
    async def cancelled():
        call = asyncio.ensure_future(text2image("a dot", **ask(wait_s=30)))
        await asyncio.to_thread(_wait_for, Path(ask()["counter"]))
        started = time.monotonic()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        return time.monotonic() - started

    assert run(cancelled) < 5


def _wait_for(path: Path) -> None:
    end = time.monotonic() + 5
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.01)


def test_watchers_see_the_call_from_start_to_end(ask):
    events: list[CallEvent] = []

    @flow
    async def watched():
        with watching(events.append), making("dawn"):
            await text2image("a dot", **ask())

    run(watched)
    assert [event.kind for event in events] == ["started", "progress", "done"]
    assert {event.shot for event in events} == {"dawn"}
    assert events[1].percent == 30 and events[1].message == "counted"


def test_what_a_plugin_reports_belongs_to_the_shot_of_its_call(ask):
    events: list[CallEvent] = []

    async def one(shot):
        with making(shot):
            await text2image(shot, **ask(wait_s=0.1, steps=5))

    @flow
    async def several():
        with watching(events.append):
            await asyncio.gather(*(one(f"shot-{n}") for n in range(4)))

    run(several)
    shots = {event.call_id: event.shot for event in events if event.kind == "started"}
    assert len(set(shots.values())) == 4
    assert [event for event in events if event.shot != shots[event.call_id]] == []


def test_artifacts_tell_progress_and_result(ask):
    @flow
    async def shown():
        with making("dawn"):
            made = await text2image("a dot", **ask(wait_s=1.5, steps=10))
            return made, flow_run.id

    made, flow_run_id = run(shown)
    assert flush_artifacts(5)
    artifacts = {a["key"]: a for a in _artifacts(flow_run_id)}
    assert artifacts["dawn-text2image-progress"]["data"] == 100
    table = artifacts["dawn-text2image"]["data"]
    assert "![" in table and "data:image/jpeg;base64," in table
    for row in ("| tool | text2image |", "| plugin | flaky 1.0.0 |", "| cached | no |"):
        assert row in table
    assert made.path in table


def _artifacts(flow_run_id: str) -> list[dict]:
    with get_client(sync_client=True) as client:
        url = str(client.api_url)
    wanted = {"artifacts": {"flow_run_id": {"any_": [str(flow_run_id)]}}}
    answer = httpx.post(f"{url.rstrip('/')}/artifacts/filter", json=wanted, trust_env=False)
    return sorted(answer.json(), key=lambda artifact: artifact["created"])


def test_a_wrong_task_raises_the_matching_class(ask):
    with pytest.raises(ValidationError):
        text2image("  ", **ask())
