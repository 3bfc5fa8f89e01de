"""Calls made by another machine: a real worker of the queue `gpu`, with a data folder of its own."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterTags,
    TaskRunFilter,
    TaskRunFilterTags,
)
from prefect.states import Failed

from filmeto_core.deployment import register
from filmeto_core.errors import FilmetoError, PluginRefused, ValidationError
from filmeto_core.profiles import find_project
from filmeto_core.resources.calls import CallIndex
from filmeto_core.resources.store import Store
from filmeto_core.settings import current_settings
from filmeto_core.tasks import image2video, text2image
from filmeto_core.tasks.placed import Outcome
from filmeto_core.tasks.runtime import close_service, making

ROOT = Path(__file__).resolve().parents[2]
PROJECT = """\
plugins: {plugins}
profiles:
  two:
    extends: animatic
    text2image: {{plugin: quick, queue: gpu}}
    image2video: {{plugin: quick, queue: gpu}}
"""


class Lot:
    """Two machines: this process, and a worker."""

    def __init__(self, folder: Path, api: str) -> None:
        self.here, self.there = folder / "film", folder / "gpu"
        self.project, self.share = folder / "project", folder / "share"
        for made in (self.here, self.there / "prefect", self.project, self.share):
            made.mkdir(parents=True)
        text = PROJECT.format(plugins=ROOT / "tests" / "plugins")
        (self.project / "filmeto.yaml").write_text(text)
        self._environment = {
            **os.environ,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PYTHONPATH": str(ROOT),
            "PREFECT_API_URL": api,
            "PREFECT_HOME": str(self.there / "prefect"),
            "PREFECT_WORKER_QUERY_SECONDS": "1",
            "FILMETO_HOME": str(self.there),
            "FILMETO_PROJECT": str(self.project),
            "FILMETO_STORE_URL": self.share.as_uri(),
        }

    def work(self) -> None:
        register(self.project, queues=["gpu"])
        command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", "filmeto"]
        with open(self.there / "worker.log", "wb") as log:
            self.worker = subprocess.Popen(
                [*command, "--work-queue", "gpu"],
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def rest(self) -> None:
        left = children(self.worker.pid)
        self.worker.send_signal(signal.SIGTERM)
        try:
            self.worker.wait(20)
        except subprocess.TimeoutExpired:
            pass  # a signal that comes while Prefect's worker cancels a run may be lost
        finally:
            for pid in (self.worker.pid, *left):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.worker.wait(5)

    def plugins(self) -> list[int]:
        """The processes of plugins on the other machine."""
        return [pid for pid in children(self.worker.pid) if b"plugins/quick" in command(pid)]


def children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in map(int, task.read_text().split()):
                found += [child, *children(child)]
    return found


def command(pid: int) -> bytes:
    try:
        place = os.readlink(f"/proc/{pid}/cwd")
        return place.encode() + Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@pytest.fixture(scope="module")
def lot(tmp_path_factory, prefect_api):
    made = Lot(tmp_path_factory.mktemp("lot"), prefect_api)
    made.work()
    yield made
    made.rest()


@pytest.fixture(autouse=True)
def film_machine(lot, monkeypatch):
    monkeypatch.setenv("FILMETO_HOME", str(lot.here))
    monkeypatch.setenv("FILMETO_STORE_URL", lot.share.as_uri())
    monkeypatch.delenv("FILMETO_PLUGINS", raising=False)
    monkeypatch.chdir(lot.project)
    yield
    close_service()


@pytest.fixture(scope="module")
def made(lot, tmp_path_factory):
    """What came of three calls, made side by side on the other machine."""

    @flow
    async def shots():
        async def moving():
            still = await text2image("a dot", profile="two", width=32, height=32)
            with making("s1"):
                return still, await image2video(still, profile="two", duration_s=0.2, fps="8")

        refused = text2image("unspeakable", profile="two")
        return await asyncio.gather(moving(), refused, return_exceptions=True)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FILMETO_HOME", str(lot.here))
        patch.setenv("FILMETO_STORE_URL", lot.share.as_uri())
        patch.chdir(lot.project)
        (still, clip), refused = asyncio.run(shots())
        close_service()
    return still, clip, refused


def test_what_another_machine_made_lies_in_this_ones_store(lot, made):
    still, clip, _ = made
    for output in (still, clip):
        assert Path(output.path).is_relative_to(lot.here / "store")
        key = output.metadata["call"]["key"]
        theirs = CallIndex(lot.there / "cache", Store(lot.there / "store")).get(key)
        assert theirs.outputs[0].digest == output.digest
    assert clip.type == "video"
    assert not list((lot.here / "environments").glob("*"))


def test_its_error_is_of_the_same_class_and_names_the_machine(made):
    refused = made[2]
    assert isinstance(refused, PluginRefused) and not refused.retryable
    assert refused.details["machine"] == os.uname().nodename
    assert f"on {os.uname().nodename}: " in str(refused)


def test_its_runs_are_named_after_shot_and_tool_and_bear_the_queues_tag(made):
    names = [run.name for run in asyncio.run(_placed())]
    assert sorted(names) == ["s1 · image2video", "text2image", "text2image"]  # so far


def test_its_task_there_bears_the_queues_tag_for_concurrency_limits(made):
    async def tagged():
        async with get_client() as client:
            wanted = TaskRunFilter(tags=TaskRunFilterTags(all_=["gpu"]))
            return await client.read_task_runs(task_run_filter=wanted)

    wanted = ["s1 · image2video", "text2image", "text2image"]
    end = time.monotonic() + 30  # the server writes what it hears of task runs in its own time
    while sorted(run.name for run in asyncio.run(tagged())) != wanted:
        assert time.monotonic() < end


def test_a_refreshed_call_is_made_anew_there_and_taken_from_there(lot, made):
    index = CallIndex(lot.here / "cache", Store(lot.here / "store"))
    theirs = CallIndex(lot.there / "cache", Store(lot.there / "store"))
    key = made[0].metadata["call"]["key"]
    before, before_there = index.get(key), theirs.get(key)

    @flow
    async def again():
        anew = text2image.with_options(refresh_cache=True)
        return await anew("a dot", profile="two", width=32, height=32)

    still = asyncio.run(again())
    assert still.metadata["call"]["key"] == key
    assert index.get(key).id != before.id and theirs.get(key).id != before_there.id
    assert index.get(key).outputs[0].digest == theirs.get(key).outputs[0].digest


async def _placed():
    async with get_client() as client:
        tagged = FlowRunFilter(tags=FlowRunFilterTags(all_=["gpu"]))
        return await client.read_flow_runs(flow_run_filter=tagged)


def test_a_cancelled_call_is_cancelled_on_the_other_machine_soon(lot, made, tmp_path):
    @flow
    async def waits():
        await text2image(f"gate:{tmp_path}/never", profile="two")

    async def cancelled() -> float:
        work = asyncio.ensure_future(waits())
        while not lot.plugins():
            await asyncio.sleep(0.1)
            assert not work.done(), work
        work.cancel()
        asked = time.monotonic()
        await asyncio.wait([work])
        while lot.plugins():
            await asyncio.sleep(0.1)
            assert time.monotonic() < asked + 60
        return time.monotonic() - asked

    assert asyncio.run(cancelled()) < 30  # the bar, 10 s, is the proof's; machines are shared


def test_a_run_that_fails_without_a_word_of_the_plugins_is_placed_again(lot, made, tmp_path):
    @flow
    async def waits():
        return await text2image(f"gate:{tmp_path}/open", profile="two")

    async def failed_once():
        work = asyncio.ensure_future(waits())
        while not lot.plugins():
            await asyncio.sleep(0.1)
            assert not work.done(), work
        (run,) = [one for one in await _placed() if one.state.is_running()]
        async with get_client() as client:
            await client.set_flow_run_state(run.id, Failed(message="No slot."), force=True)
        while len(runs := [one for one in await _placed() if one.tags == run.tags]) < 2:
            await asyncio.sleep(0.1)
            assert not work.done(), work
        (tmp_path / "open").touch()
        return runs, await work

    runs, still = asyncio.run(failed_once())
    assert Path(still.path).is_relative_to(lot.here / "store")
    assert len({one.idempotency_key for one in runs}) == len(runs) == 2


def test_without_a_shared_store_nothing_is_placed(lot, monkeypatch):
    monkeypatch.delenv("FILMETO_STORE_URL")

    @flow
    async def still():
        await text2image("another dot", profile="two")

    with pytest.raises(ValidationError, match="queue gpu, and FILMETO_STORE_URL is not set"):
        asyncio.run(still())


def test_an_outcome_crosses_as_small_json_and_rubbish_is_none():
    error = FilmetoError("it broke", hint="Mend it.").with_details(plugin="quick")
    outcome = Outcome(machine="box", error=error.to_dict())
    artifact = outcome.artifact(None)
    assert Outcome.read(artifact.data) == outcome
    assert str(Outcome.read(artifact.data).raised()) == "quick: on box: it broke Mend it."
    assert [Outcome.read(x) for x in (None, "", "[]", "{", [{"told": 5}])] == [None] * 5


def test_a_queue_is_read_from_the_profile_for_the_named_plugin_too(lot):
    project = find_project()
    assert project.profile("two").queue("text2image", "quick") == "gpu"
    assert project.profile("two").queue("text2image", "sketch") is None
    assert current_settings().store_url
