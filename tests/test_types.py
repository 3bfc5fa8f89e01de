"""The values that cross the borders keep the names and the ways that callers rely on."""

import json
import pickle
from datetime import datetime

import pydantic
import pytest

from filmeto_core.types import (
    REQUIRED_INPUTS,
    REQUIRED_PARAMETERS,
    FilmetoTask,
    ProgressType,
    ResourceInput,
    ResourceOutput,
    ResourceType,
    TaskProgress,
    TaskResult,
    ToolType,
)

PICTURE = ResourceInput(type="local_path", data="a.png")
OUTPUT = ResourceOutput(type="image", path="/a.png", metadata={"digest": "sha256:00"})
VALUES = [
    PICTURE,
    OUTPUT,
    OUTPUT.model_copy(update={"others": (OUTPUT,)}),
    TaskProgress(task_id="t", percent=12.5, data={"step": 1}),
    TaskResult(task_id="t", status="success", output_resources=[OUTPUT]),
    FilmetoTask(tool_name="image2video", resources=[PICTURE], timeout=3),
]


@pytest.mark.parametrize(
    ("value", "fields"),
    [
        (PICTURE, "type data mime_type metadata"),
        (OUTPUT, "type path mime_type size url metadata"),
        (
            FilmetoTask(tool_name="text2image"),
            "tool_name plugin_name parameters task_id resources created_at timeout metadata",
        ),
        (TaskProgress(task_id="t"), "task_id type percent message timestamp data"),
        (
            TaskResult(task_id="t", status="error"),
            "task_id status output_files output_resources error_message execution_time metadata",
        ),
    ],
)
def test_the_json_names_are_the_agreed_ones(value, fields):
    assert sorted(value.to_dict()) == sorted(fields.split())


def test_what_is_left_out_has_the_agreed_defaults():
    told = PICTURE.to_dict()
    assert (told["mime_type"], told["metadata"]) == (None, {})
    assert OUTPUT.to_dict()["url"] is None
    result = TaskResult(task_id="t", status="error").to_dict()
    assert (result["output_files"], result["output_resources"]) == ([], [])
    assert (result["error_message"], result["metadata"]) == ("", {})
    task = FilmetoTask(tool_name="text2image").to_dict()
    assert (task["plugin_name"], task["timeout"]) == (None, None)
    assert (task["parameters"], task["resources"], task["metadata"]) == ({}, [], {})


@pytest.mark.parametrize("value", VALUES, ids=lambda v: type(v).__name__)
def test_a_value_survives_json_and_pickling(value):
    told = json.loads(json.dumps(value.to_dict()))
    assert type(value).from_dict(told) == value
    assert pickle.loads(pickle.dumps(value)) == value


def test_times_are_iso_8601_with_their_zone():
    told = FilmetoTask(tool_name="text2image").to_dict()["created_at"]
    assert datetime.fromisoformat(told).tzinfo is not None


def test_fields_of_another_release_are_left_out_and_misspelt_ones_refused():
    told = {**PICTURE.to_dict(), "of_tomorrow": 1}
    assert ResourceInput.from_dict(told) == PICTURE
    with pytest.raises(pydantic.ValidationError, match="of_tomorrow"):
        ResourceInput(**told)


def test_values_do_not_change():
    with pytest.raises(pydantic.ValidationError, match="frozen"):
        PICTURE.data = "b.png"


def test_enum_members_have_the_agreed_values_and_are_texts():
    tools = "text2image image2image image2video text2video speak2video text2speak text2music"
    assert [tool.value for tool in ToolType] == tools.split()
    assert [kind.value for kind in ResourceType] == ["local_path", "remote_url", "base64"]
    kinds = "started progress heartbeat completed failed"
    assert [kind.value for kind in ProgressType] == kinds.split()
    assert f"{ToolType.TEXT2IMAGE}" == "text2image"


@pytest.mark.parametrize("tool", ToolType)
def test_every_tool_has_a_name_for_people_and_a_kind_that_it_makes(tool):
    assert tool.display_name
    assert tool.makes in ("image", "video", "audio")
    assert tool in REQUIRED_PARAMETERS or tool in REQUIRED_INPUTS


def test_a_result_gives_the_first_path_of_each_kind():
    outputs = [
        ResourceOutput(type=kind, path=path)
        for kind, path in [("video", "/1.mp4"), ("image", "/2.png"), ("video", "/3.mp4")]
    ]
    result = TaskResult(task_id="t", status="success", output_resources=outputs)
    assert result.get_video_path() == "/1.mp4"
    assert result.get_image_path() == "/2.png"
    assert result.get_audio_path() is None


def test_an_output_knows_its_digest_where_it_is_known():
    assert OUTPUT.digest == "sha256:00"
    assert ResourceOutput(type="audio", path="/a.wav").digest is None


def task(tool="text2image", **fields) -> FilmetoTask:
    if tool.startswith("text2"):
        fields.setdefault("parameters", {"prompt": "灯塔", "text": "hello"})
    return FilmetoTask(tool_name=tool, **fields)


@pytest.mark.parametrize(
    "right",
    [
        task(),
        task("text2speak"),
        task("image2video", resources=[PICTURE]),
        task("image2video", resources=[PICTURE.to_dict()]),
        task(tool="text2music", plugin_name="score", timeout=0.5, task_id="a.b_c-9"),
    ],
)
def test_a_right_task_is_right(right):
    assert right.validate() == (True, None)
    assert isinstance(right.tool_name, ToolType)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (task("text2imag"), "tool_name: 'text2imag' is none of the tools: text2image"),
        (FilmetoTask(tool_name=None), "tool_name: None is none"),
        (task(parameters={}), "parameters.prompt: text2image needs a text, got None"),
        (task(parameters={"prompt": " \n"}), "parameters.prompt: text2image needs a text"),
        (task(parameters={"prompt": 7}), "got 7"),
        (task("text2speak", parameters={"prompt": "x"}), "parameters.text"),
        (task(parameters=[1]), "parameters: expected a dict, got list"),
        (task(parameters=None), "parameters: expected a dict, got NoneType"),
        (task(metadata="x"), "metadata: expected a dict, got str"),
        (task(plugin_name=3), "plugin_name: expected a name"),
        (task("image2video"), "resources: image2video needs a picture, got none"),
        (task("speak2video"), "resources: speak2video needs a sound, got none"),
        (task(resources="a.png"), "resources: expected a list, got str"),
        (task(resources=[{"type": "carrier_pigeon"}]), "resources[0]: expected a ResourceInput"),
        (task(resources=[PICTURE, 7]), "resources[1]: expected a ResourceInput"),
        (
            task(resources=[ResourceInput(type="base64", data=" ")]),
            "resources[0].data: expected a path, a URL or base64, got an empty text",
        ),
        (task(timeout=0), "timeout: expected seconds above 0, got 0"),
        (task(timeout=-1), "timeout"),
        (task(timeout=True), "timeout"),
        (task(timeout="5"), "timeout"),
        (task(timeout=float("nan")), "timeout"),
        (task(timeout=float("inf")), "timeout"),
        (task(task_id="../../etc/passwd"), "task_id: '../../etc/passwd' is not usable"),
        (task(task_id=""), "task_id"),
        (task(task_id=".hidden"), "task_id"),
        (task(task_id="x" * 129), "task_id"),
        (task(task_id=None), "task_id"),
    ],
)
def test_a_wrong_task_can_be_made_and_says_what_is_wrong(wrong, said):
    fine, what = wrong.validate()
    assert fine is False
    assert said in what


def test_every_task_has_an_id_of_its_own():
    assert task().task_id != task().task_id
