"""FilmetoApi: the seed design's facade, its example as it stands there."""

import asyncio

import pytest

from filmeto_core import (
    FilmetoApi,
    FilmetoTask,
    TaskProgress,
    TaskResult,
    ToolType,
    ValidationError,
)


@pytest.fixture
def api(home):
    made = FilmetoApi()
    yield made
    made.service.plugins.close_sync()


def demo(**fields):
    parameters = {"prompt": "测试图片", "width": 64, "height": 64, "steps": 4}
    return FilmetoTask(
        tool_name=ToolType.TEXT2IMAGE,
        plugin_name="text2image_demo",
        parameters={**parameters, **fields},
    )


def test_the_seed_designs_example_runs_as_it_stands(home):
    async def example():
        updates = []
        api = FilmetoApi()
        task = FilmetoTask(
            tool_name=ToolType.TEXT2IMAGE,
            plugin_name="text2image_demo",
            parameters={"prompt": "测试图片"},
        )
        async for update in api.execute_task_stream(task):
            updates.append(update)
        await api.cleanup()
        return updates

    *progress, result = asyncio.run(example())
    assert all(isinstance(update, TaskProgress) for update in progress)
    assert len(progress) >= 20
    assert isinstance(result, TaskResult) and result.status == "success"
    percents = [update.percent for update in progress]
    assert percents == sorted(percents) and percents[0] == 0 and percents[-1] == 100


def test_listings_are_plain_and_name_all_tools(api):
    tools = {tool["name"]: tool["display_name"] for tool in api.list_tools()}
    assert tools["text2image"] == "Text to image" and len(tools) == 7
    fields = {"name", "version", "description", "author", "engine", "tool_type", "tools"}
    plugins = {plugin["name"]: plugin for plugin in api.list_plugins()}
    assert set(plugins["sketch"]) == fields
    assert plugins["sketch"]["tool_type"] == "text2image"
    speakers = {plugin["name"] for plugin in api.get_plugins_by_tool(ToolType.TEXT2SPEAK)}
    assert {"piper", "espeak", "kokoro"} <= speakers and "camera" not in speakers


def test_a_task_can_be_made_wrong_and_asked_about(api):
    assert api.validate_task(demo()) == (True, None)
    fine, why = api.validate_task(demo(widht=3))
    assert not fine and 'Did you mean "width"?' in why


def test_running_a_wrong_task_raises(api):
    async def wrong():
        async for _ in api.execute_task_stream(demo(width=1)):
            raise AssertionError("nothing may start")

    with pytest.raises(ValidationError, match="width"):
        asyncio.run(wrong())


def test_a_status_goes_from_running_to_success(api):
    async def watched():
        task, seen = demo(), []
        seen.append((await api.get_task_status(task.task_id))["status"])
        async for _ in api.execute_task_stream(task):
            seen.append((await api.get_task_status(task.task_id))["status"])
        return seen, await api.get_task_status(task.task_id)

    seen, last = asyncio.run(watched())
    assert seen[0] == "unknown" and seen[1] == "running" and seen[-1] == "success"
    assert last["result"]["status"] == "success" and last["percent"] == 100


def test_a_task_whose_reader_left_is_cancelled(api):
    async def left():
        task = demo(steps=100)
        stream = api.execute_task_stream(task)
        async for update in stream:
            if update.percent > 1:
                break
        await stream.aclose()
        return await api.get_task_status(task.task_id)

    assert asyncio.run(left())["status"] == "cancelled"


def test_calls_from_several_loops_and_after_a_cleanup_work(api):
    async def once():
        async for update in api.execute_task_stream(demo()):
            last = update
        return last.status

    assert asyncio.run(once()) == "success"
    assert asyncio.run(once()) == "success"
    asyncio.run(api.cleanup())
    assert asyncio.run(once()) == "success"


def test_folders_given_by_hand_win(tmp_path, home, monkeypatch):
    mine = tmp_path / "mine" / "own"
    mine.mkdir(parents=True)
    (mine / "main.py").write_text("")
    (mine / "plugin.yaml").write_text("name: own\ntool_type: text2image\n")
    api = FilmetoApi(plugins_dir=mine.parent, cache_dir=tmp_path / "data")
    assert "own" in {plugin["name"] for plugin in api.list_plugins()}
    assert api.settings.store_dir == tmp_path / "data" / "store"
