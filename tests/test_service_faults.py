"""What a plugin should not have made, or could not be asked for: nothing of it enters the store."""

import asyncio
import json
from pathlib import Path

import pytest
import traces

from filmeto_core.errors import ValidationError
from filmeto_core.profiles import find_project
from filmeto_core.service import FilmetoService
from filmeto_core.settings import Settings
from filmeto_core.types import FilmetoTask

PLUGINS = Path(__file__).resolve().parent / "plugins"


@pytest.fixture
def service(home, monkeypatch, tmp_path):
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    monkeypatch.setenv("HOME", str(tmp_path))
    made = FilmetoService(Settings(), find_project())
    yield made
    made.plugins.close_sync()
    assert traces.eventually(lambda: traces.processes_of(tmp_path)) == []


def result_of(service, **fields):
    """The result of a call to the plugin that makes what it should not."""
    task = FilmetoTask(tool_name="text2image", plugin_name="raw", **fields)

    async def go():
        return [update async for update in service.stream(task)][-1]

    return asyncio.run(go())


def files_below(folder):
    """Every file there."""
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("missing", "is not there"),
        ("empty", "is empty"),
        ("link out", "is a link to /etc, outside"),
        ("text", "output 0 (made.png)"),
        ("sound", "expected image, got audio"),
        ("half a picture", "output 0 (made.png)"),
    ],
)
def test_an_output_that_is_not_what_it_should_be_never_enters_the_store(service, what, why):
    result = result_of(service, parameters={"prompt": what, "how": "makes"})
    assert result.status == "error" and why in result.error_message
    error = result.metadata["error"]
    assert (error["code"], error["retryable"]) == ("plugin_output", False)
    assert error["hint"]
    details = error["details"]
    assert (details["plugin"], details["tool"]) == ("raw", "text2image")
    assert details["task_id"] == result.task_id
    assert files_below(service.settings.store_dir / "objects") == []
    assert files_below(service.settings.cache_dir / "records") == []
    assert list(service.settings.calls_dir.glob("*/*")) == []


@pytest.mark.parametrize(
    "odd",
    ["NaN", "-Infinity", "1e999", '"\\ud800"', '{"\\udcff": 1}', "[" * 300 + "]" * 300]
    + ["9" * 300, '{"a":' * 900 + "1" + "}" * 900, "[" * 900 + "]" * 900],
    ids=["nan", "infinity", "1e999", "half a character", "half a key", "300 lists", "300 digits"]
    + ["900 objects", "900 lists"],
)
def test_whatever_a_plugin_tells_of_a_picture_the_picture_is_stored_and_found_again(service, odd):
    task = FilmetoTask(
        tool_name="text2image",
        plugin_name="raw",
        parameters={"prompt": odd, "how": "tells"},
        metadata={"cache": True},
    )

    async def go():
        return [u async for u in service.stream(task)], [u async for u in service.stream(task)]

    first, again = asyncio.run(go())
    for update in (*first, *again):
        json.dumps(update.to_dict()).encode()
    assert (first[-1].status, first[-1].error_message or "") == ("success", "")
    assert again[-1].metadata["cached"]
    assert again[-1].output_files == first[-1].output_files


@pytest.mark.parametrize("task_id", ["../up", "a/b", "..", "/etc/passwd"])
def test_a_task_id_that_could_leave_its_folder_starts_no_plugin(service, task_id):
    with pytest.raises(ValidationError, match="task_id"):
        result = result_of(service, task_id=task_id, parameters={"prompt": "a"})
        assert result.metadata["error"]["code"] == "validation"
        raise ValidationError(result.error_message)
    assert service.plugins.states()["raw"]["pids"] == []
    assert not service.settings.environments_dir.joinpath("raw").exists()
    assert files_below(service.settings.store_dir / "objects") == []
