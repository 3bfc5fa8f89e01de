"""FilmetoApi at a server: the same methods, over TCP and the Unix socket, from near and from afar."""

import asyncio
import base64
import hashlib
from pathlib import Path

import pytest
from serving import PLUGINS, serving

from filmeto_core import (
    FilmetoApi,
    FilmetoTask,
    PluginNotFoundError,
    ResourceInput,
    TaskProgress,
    TaskResult,
    ValidationError,
)
from filmeto_core.errors import ServerUnreachableError
from filmeto_core.settings import Settings


@pytest.fixture
def served(home, monkeypatch, tmp_path):
    """A server over FILMETO_HOME, on a socket as well."""
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    with serving(socket=tmp_path / "s") as made:
        yield made


@pytest.fixture(params=["tcp", "unix"])
def near(request, served, tmp_path):
    """In the same data folder."""
    url = served.url if request.param == "tcp" else f"unix://{tmp_path / 's'}"
    return FilmetoApi(base_url=url)


@pytest.fixture
def far(served, tmp_path, monkeypatch):
    """In a data folder of its own, where the server's paths lead nowhere, as on another machine."""
    monkeypatch.setattr("filmeto_core.remote.remote_files.RemoteFiles.located", lambda *_: False)
    return FilmetoApi(base_url=served.url, cache_dir=tmp_path / "far")


def picture(prompt="a lamp", **metadata):
    return FilmetoTask(
        tool_name="text2image",
        plugin_name="quick",
        parameters={"prompt": prompt},
        metadata=metadata,
    )


def clip(**resource):
    return FilmetoTask(
        tool_name="image2video",
        plugin_name="quick",
        parameters={"duration_s": 0.2},
        resources=[ResourceInput(**resource)],
    )


def run(api, task) -> list[TaskProgress | TaskResult]:
    async def read():
        return [update async for update in api.execute_task_stream(task)]

    return asyncio.run(read())


def test_a_task_runs_at_the_server_under_its_callers_own_id(served, near):
    *progress, result = run(near, task := picture())
    assert {update.task_id for update in (*progress, result)} == {task.task_id}
    assert [progress[0].type, progress[-1].type] == ["started", "completed"]
    assert result.status == "success" and Path(result.get_image_path()).is_file()
    assert served.desk.service.plugins.states()["quick"]["pids"]
    status = asyncio.run(near.get_task_status(task.task_id))
    assert status["status"] == "success" and status["percent"] == 100
    asyncio.run(near.cleanup())


def test_results_of_the_same_data_folder_are_where_the_server_left_them(served, near):
    result = run(near, picture())[-1]
    assert Path(result.output_files[0]).is_relative_to(served.desk.service.store.folder)


def test_the_same_task_object_twice_is_two_tasks(served, near):
    run(near, task := picture())
    run(near, task)
    assert len(served.desk.posted.tasks("local", limit=10)) == 2


def test_listings_are_those_of_the_server(served, near):
    local = FilmetoApi()
    assert near.list_tools() == local.list_tools()
    assert near.list_plugins() == local.list_plugins()
    assert near.get_plugins_by_tool("text2image") == local.get_plugins_by_tool("text2image")


def test_validating_says_what_running_would(near):
    assert near.validate_task(picture()) == (True, None)
    wrong = FilmetoTask(tool_name="text2image", plugin_name="quick", parameters={"prompt": ""})
    fine, why = near.validate_task(wrong)
    assert not fine and "prompt" in why
    fine, why = near.validate_task(picture().model_copy(update={"plugin_name": "quik"}))
    assert not fine and 'Did you mean "quick"' in why
    fine, why = near.validate_task(clip(type="local_path", data="/nowhere/at/all.png"))
    assert not fine and "resources[0]" in why


def test_a_wrong_task_raises_what_it_raises_at_home(near):
    with pytest.raises(ValidationError, match="width"):
        run(near, picture().model_copy(update={"parameters": {"prompt": "a", "width": "broad"}}))
    with pytest.raises(PluginNotFoundError):
        run(near, picture().model_copy(update={"plugin_name": "nobody"}))


def test_a_failed_call_ends_with_a_result_that_says_why(near):
    result = run(near, picture("unspeakable"))[-1]
    assert result.status == "error" and "nobody may draw this" in result.error_message
    assert result.metadata["error"]["code"] == "plugin_refused"


def test_a_file_anywhere_on_the_machine_is_an_input(near, tmp_path):
    still = run(near, picture())[-1].get_image_path()
    mine = tmp_path / "mine.png"
    mine.write_bytes(Path(still).read_bytes())
    assert near.validate_task(clip(type="local_path", data=str(mine))) == (True, None)
    assert run(near, clip(type="local_path", data=str(mine)))[-1].get_video_path()


def test_from_afar_inputs_are_sent_and_results_are_brought(served, far, tmp_path):
    result = run(far, picture())[-1]
    path = Path(result.get_image_path())
    assert path.is_relative_to(tmp_path / "far") and result.output_files == [str(path)]
    (output,) = result.output_resources
    assert output.digest == f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
    assert output.url == f"{served.url}/api/v1/resources/{output.digest}"
    mine = tmp_path / "mine.wav"
    mine.write_bytes(path.read_bytes())  # whatever its name says
    sent = run(far, clip(type="local_path", data=str(mine)))[-1]
    given = run(far, clip(type="base64", data=base64.b64encode(path.read_bytes()).decode()))[-1]
    assert Path(sent.get_video_path()).read_bytes() == Path(given.get_video_path()).read_bytes()


def test_another_data_folder_on_the_same_machine_takes_results_where_they_are(served, tmp_path):
    api = FilmetoApi(base_url=served.url, cache_dir=tmp_path / "other")
    path = Path(run(api, picture())[-1].get_image_path())
    assert path.is_relative_to(served.desk.service.store.folder)


def test_a_file_that_the_server_has_is_not_sent_again(served, far, monkeypatch):
    still = run(far, picture())[-1].get_image_path()
    again = FilmetoApi(base_url=served.url, settings=far.settings)
    monkeypatch.setattr("filmeto_core.remote.remote_files.RemoteFiles._send", None)
    assert run(again, clip(type="local_path", data=still))[-1].status == "success"


def test_whoever_stops_reading_cancels_the_task(served, near, tmp_path):
    slow = FilmetoTask(
        tool_name="text2image",
        plugin_name="flaky",
        parameters={"prompt": "a", "counter": str(tmp_path / "n"), "wait_s": 60, "steps": 600},
    )

    async def leave():
        stream = near.execute_task_stream(slow)
        async for update in stream:
            if update.percent > 30:
                break
        await stream.aclose()
        return await near.get_task_status(slow.task_id)

    assert asyncio.run(leave())["status"] == "cancelled"
    (task,) = served.desk.posted.tasks("local", limit=10)
    assert task.status == "cancelled"


def test_a_task_that_was_posted_otherwise_can_be_asked_after_by_the_servers_id(served, near):
    with served.client() as client:
        body = {"tool_name": "text2image", "plugin_name": "quick", "parameters": {"prompt": "a"}}
        task_id = client.post("/api/v1/tasks", json=body).json()["task_id"]
    assert asyncio.run(near.get_task_status(task_id))["status"] in ("queued", "running", "success")
    assert asyncio.run(near.get_task_status("of/nobody"))["status"] == "unknown"


def test_a_server_that_is_not_there_and_an_address_that_is_none_are_told(home):
    with pytest.raises(ServerUnreachableError, match="does not answer"):
        FilmetoApi(base_url=f"unix://{home}/nobody.sock").list_tools()
    with pytest.raises(ValidationError, match="base_url"):
        FilmetoApi(base_url="localhost:8000")
    with pytest.raises(ValidationError, match="plugins_dir"):
        FilmetoApi(base_url="http://127.0.0.1:8000", plugins_dir=PLUGINS)


def test_an_api_without_an_address_works_in_this_process_whatever_the_setting_says(served):
    api = FilmetoApi(settings=Settings(api_url=served.url))
    assert run(api, picture())[-1].status == "success"
    assert served.desk.posted.tasks("local", limit=10) == []
    asyncio.run(api.cleanup())
