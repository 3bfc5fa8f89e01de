"""The comfyui plugin as a host sees it: what it makes on a ComfyUI, ready workflows and own ones."""

import json
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from tests.comfyui_wire import Plugin, pixels, ready_graph

SMALL = {"width": 128, "height": 72}
SHORT = {**SMALL, "duration_s": 0.5}


@pytest.fixture
def still(tmp_path):
    path = tmp_path / "still.png"
    Image.radial_gradient("L").convert("RGB").resize((160, 90)).save(path)
    return path


@pytest.fixture
def own(tmp_path):
    """`own(name, graph, about)`: a workflow in the user's folder, whose path is own.folder."""
    folder = tmp_path / "workflows"
    folder.mkdir()

    def write(name, graph, about=None):
        (folder / f"{name}.json").write_text(json.dumps(graph))
        if about:
            (folder / f"{name}.yaml").write_text(about)

    write.folder = str(folder)
    return write


def untitled(name):
    graph = ready_graph(name)
    for node in graph.values():
        node["_meta"]["title"] = node["class_type"]
    return graph


def sent(comfy):
    """The graph that was run last."""
    return comfy.seen()["ended"][-1]["prompt"][2]


# --- what it makes ---


def test_a_prompt_becomes_a_picture_of_the_asked_size(comfy_plugin, comfy):
    (picture,) = comfy_plugin.made("text2image", prompt="a quay", width=130, height=72, seed=11)
    assert pixels(picture).shape == (72, 130, 3)
    assert picture["mime_type"] == "image/png"
    told = {"workflow": "text2image", "seed": 11, "model": "sd/dreamer_v1.safetensors"}
    assert picture["metadata"] == told
    graph = sent(comfy)
    assert graph["6"]["inputs"]["text"] == "a quay"
    assert graph["7"]["inputs"]["text"] == ready_graph("text2image")["7"]["inputs"]["text"]
    assert (graph["5"]["inputs"]["width"], graph["5"]["inputs"]["height"]) == (128, 72)


def test_a_large_picture_is_drawn_at_what_the_model_is_made_for_and_scaled(comfy_plugin, comfy):
    (picture,) = comfy_plugin.made(
        "text2image", prompt="a", width=1920, height=1080, megapixels=0.1
    )
    assert pixels(picture).shape == (1080, 1920, 3)
    drawn = sent(comfy)["5"]["inputs"]
    assert drawn["width"] * drawn["height"] < 105_000
    assert abs(drawn["width"] / drawn["height"] - 16 / 9) < 0.05
    assert drawn["width"] % 8 == drawn["height"] % 8 == 0


def test_strength_runs_from_the_picture_itself_to_another_one(comfy_plugin, still):
    given = pixels({"path": still})
    differences = []
    for strength in (0.0, 0.5, 1.0):
        (made,) = comfy_plugin.made("image2image", still, prompt="ink", strength=strength, steps=2)
        assert pixels(made).shape == given.shape
        differences.append(np.abs(pixels(made) - given).mean())
    assert differences[0] < 3 < differences[1] < differences[2]


def test_a_clip_has_the_asked_size_rate_and_at_least_the_asked_length(comfy_plugin, still, comfy):
    (clip,) = comfy_plugin.made("image2video", still, **SMALL, duration_s=0.6, motion="push-in")
    assert clip["metadata"]["workflow"] == "image2video"
    with av.open(clip["path"]) as opened:
        stream = opened.streams.video[0]
        frames = sum(1 for _ in opened.decode(stream))
        assert (stream.width, stream.height, stream.average_rate) == (128, 72, 24)
    assert frames == 17  # 15 are asked; this model makes 13, 17, 21 and so on
    assert sent(comfy)["6"]["inputs"]["text"] == "the camera slowly pushes in"


def test_where_its_model_is_missing_the_next_ready_graph_makes_the_clip(comfy_plugin, still, comfy):
    comfy.faults(lacks=["wan2.2_ti2v_5B_fp16.safetensors"])
    (clip,) = comfy_plugin.made(
        "image2video", still, **SMALL, duration_s=4.0, prompt="rain", steps=1
    )
    about = clip["metadata"]
    assert about["model"] == "svd_xt.safetensors"
    assert about["unused"] == ["prompt"]
    given = sent(comfy)["12"]["inputs"]
    assert (given["video_frames"], given["motion_bucket_id"]) == (25, 20)
    assert Fraction(about["fps"]) == Fraction(25, 4)  # 25 frames are all it makes: four seconds


def test_a_prompt_alone_becomes_a_clip_and_the_camera_is_told_in_words(comfy_plugin, comfy):
    (clip,) = comfy_plugin.made("text2video", prompt="fog on a quay.", motion="pan-left", **SHORT)
    with av.open(clip["path"]) as opened:
        assert opened.streams.video[0].frames == 13
    assert sent(comfy)["6"]["inputs"]["text"] == "fog on a quay, the camera pans to the left"
    comfy_plugin.made("text2video", prompt="a hand-held camera follows her", **SHORT)
    assert sent(comfy)["6"]["inputs"]["text"] == "a hand-held camera follows her"


def test_progress_tells_of_the_steps_and_never_falls(comfy_plugin, comfy):
    comfy.faults(hold=True)
    comfy_plugin.start("text2image", prompt="a", steps=5, **SMALL)
    heard = comfy_plugin.until("KSampler: 1 of 5")
    assert any("CheckpointLoaderSimple" in message for message in heard)
    comfy.faults(hold=False)
    assert comfy_plugin.finish()["status"] == "success"


def test_a_clip_longer_than_the_model_makes_is_beyond_limits(comfy_plugin, still):
    message, error = comfy_plugin.error("image2video", still, **SMALL, duration_s=9.0)
    assert (error["code"], error["retryable"]) == ("beyond_limits", False)
    assert error["details"]["limit"] == pytest.approx(121 / 24)
    assert "9 s is longer than the 5.04" in message


# --- the user's own workflows ---


def test_a_workflow_of_the_users_serves_by_its_name_and_its_titles(start_comfy, own, comfy):
    graph = ready_graph("text2image")
    graph["5"]["inputs"]["batch_size"] = 2
    graph["7"]["_meta"]["title"] = "never"
    graph["20"] = {**graph["9"], "inputs": {**graph["9"]["inputs"], "filename_prefix": "more"}}
    own("text2image", graph)
    own("other", ready_graph("text2image"))
    plugin = start_comfy(COMFYUI_WORKFLOWS=own.folder)
    pictures = plugin.made("text2image", prompt="a", negative_prompt="fog", **SMALL, steps=1)
    assert len(pictures) == 4
    assert len({Path(picture["path"]).name for picture in pictures}) == 4
    assert pictures[0]["metadata"]["unused"] == ["negative_prompt"]
    assert len(plugin.made("text2image", prompt="a", workflow="other", **SMALL, steps=1)) == 1


def test_a_file_beside_a_workflow_names_its_inputs_and_outputs(start_comfy, own, comfy):
    graph = untitled("text2image")
    graph["20"] = {**graph["9"], "inputs": {**graph["9"]["inputs"], "filename_prefix": "more"}}
    about = (
        "inputs:\n  prompt: [6, text]\n  seed: [[3, seed]]\n  width: [10, width]\noutputs: [20]\n"
    )
    own("text2image", graph, about)
    (picture,) = start_comfy(COMFYUI_WORKFLOWS=own.folder).made("text2image", prompt="sea", seed=3)
    assert sent(comfy)["6"]["inputs"]["text"] == "sea"
    assert sent(comfy)["3"]["inputs"]["seed"] == 3
    assert picture["metadata"]["unused"] == ["height"]


def test_pictures_to_refer_to_reach_the_inputs_that_name_them(
    start_comfy, own, still, tmp_path, comfy
):
    graph = ready_graph("image2image")
    graph["30"] = {"class_type": "LoadImage", "inputs": {"image": "none.png"}}
    graph["30"]["_meta"] = {"title": "filmeto:reference"}
    graph["31"] = {"class_type": "SaveImage", "inputs": {"images": ["30", 0]}}
    graph["31"]["inputs"]["filename_prefix"] = "seen"
    own("image2image", graph)
    red = tmp_path / "red.jpg"
    Image.new("RGB", (32, 32), (200, 10, 10)).save(red)
    plugin = start_comfy(COMFYUI_WORKFLOWS=own.folder)
    _, second = plugin.made("image2image", still, red, prompt="a", steps=1)
    assert abs(pixels(second)[16, 16] - (200, 10, 10)).max() < 6


def titled(title, number="6", name="text2image"):
    graph = untitled(name)
    graph["6"]["_meta"]["title"] = "filmeto:prompt"
    graph[number]["_meta"]["title"] = title
    return graph


EDITOR = {"nodes": [], "links": [], "version": 0.4}
WRONG = {
    "a node that is not there": (
        (untitled("text2image"), "inputs: {prompt: [66, text]}"),
        "inputs.prompt: there is no node 66; there are 3, 4, 5",
    ),
    "an input that is not there": (
        (untitled("text2image"), "inputs: {prompt: [6, txt]}"),
        "node 6 (CLIPTextEncode) has no input 'txt'; it has text, clip",
    ),
    "an input that is linked": (
        (titled("filmeto:seed=model", "3"),),
        "seed: the input model of node 3 (KSampler) is fed by node 4",
    ),
    "a name that nobody knows": (
        (titled("filmeto:colour"),),
        "no input is called 'colour'; the names are prompt,",
    ),
    "a title that may mean several": (
        (titled("filmeto:motion", "3"),),
        "filmeto:motion does not tell which input of node 3 (KSampler) it means; write "
        "filmeto:motion=INPUT, one of: seed, steps,",
    ),
    "no prompt": ((untitled("text2image"),), "no input is named `prompt`"),
    "the editor's format": ((EDITOR,), "export it with Workflow > Export (API)"),
    "a link to nowhere": (
        ({"1": {"class_type": "SaveImage", "inputs": {"images": ["2", 0]}}},),
        "the input images of node 1 (SaveImage) is linked to node 2, which is not there",
    ),
    "nothing saved": (
        ({"6": titled("filmeto:prompt")["6"] | {"inputs": {"text": "a"}}},),
        "no node of it saves anything; add a Save Image",
    ),
    "a key that nobody knows": (
        (titled("filmeto:prompt"), "input: {prompt: [6, text]}"),
        "there is no 'input'; expected one of tool, inputs,",
    ),
    "a pattern for no input": (
        (titled("filmeto:prompt"), "choose: {4.model_name: ['*']}"),
        "choose: 4.model_name: node 4 (CheckpointLoaderSimple) has no input 'model_name'; it has ckpt",
    ),
    "outputs of no node": (
        (titled("filmeto:prompt"), "outputs: [99]"),
        "outputs: there is no node 99; there are 3, 4, 5",
    ),
    "a rate that is no number": (
        (titled("filmeto:prompt"), "fps: {min: fast}"),
        "fps.min: expected a number above 0, got 'fast'",
    ),
    "a required input left out": (
        ({**titled("filmeto:prompt"), "8": {"class_type": "VAEDecode", "inputs": {}}},),
        "node 8 (VAEDecode): Required input is missing: samples",
    ),
}


@pytest.fixture(scope="module")
def wrong_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wrong")
    for name, (files, _) in WRONG.items():
        for text, ending in zip((json.dumps(files[0]), *files[1:]), ("json", "yaml"), strict=False):
            (folder / f"{name}.{ending}").write_text(text)
    return folder


@pytest.fixture(scope="module")
def plugin_with_wrong(plugin_python, tmp_path_factory, comfy_server, wrong_folder):
    folder = tmp_path_factory.mktemp("plugin")
    environment = {"COMFYUI_URL": comfy_server.url, "COMFYUI_WORKFLOWS": str(wrong_folder)}
    plugin = Plugin(plugin_python("comfyui"), folder, environment)
    yield plugin
    plugin.close()


@pytest.mark.parametrize("name", WRONG)
def test_a_workflow_with_a_fault_is_refused_in_words(name, plugin_with_wrong, comfy):
    message, error = plugin_with_wrong.error("text2image", prompt="a", workflow=name)
    assert WRONG[name][1] in message
    assert (error["code"], error["retryable"]) == ("invalid_workflow", False)


def test_an_unknown_workflow_is_told_with_those_that_there_are(comfy_plugin):
    message, error = comfy_plugin.error("text2image", prompt="a", workflow="text2imag")
    assert 'Did you mean "text2image"?' in message
    assert error["code"] == "unknown_workflow"


# --- what the server lacks ---


def test_a_node_that_the_server_lacks_is_named_with_what_to_install(start_comfy, own, comfy):
    graph = ready_graph("text2image")
    graph["40"] = {"class_type": "VHS_VideoCombine", "inputs": {"images": ["8", 0]}}
    own("text2image", graph)
    message, error = start_comfy(COMFYUI_WORKFLOWS=own.folder).error("text2image", prompt="a")
    assert "node 40 (VHS_VideoCombine) is no node of" in message
    assert "install ComfyUI-VideoHelperSuite" in message
    assert error["details"]["classes"] == ["VHS_VideoCombine"]


def test_a_model_that_the_server_lacks_is_told_with_those_it_has(comfy_plugin, comfy):
    message, error = comfy_plugin.error("text2image", prompt="a", model="flux")
    assert 'needs "flux" as ckpt_name' in message and "svd_xt.safetensors" in message
    assert error["code"] == "model_missing"
    (picture,) = comfy_plugin.made("text2image", prompt="a", model="XL_refiner", steps=1, **SMALL)
    assert picture["metadata"]["model"] == "sd_xl_refiner_1.0.safetensors"


def test_a_server_with_no_model_for_any_ready_graph_says_what_each_needs(
    comfy_plugin, still, comfy
):
    comfy.faults(lacks=["wan2.2_vae.safetensors", "svd_xt.safetensors"])
    message, error = comfy_plugin.error("image2video", still)
    assert "workflow image2video:" in message and "wan2.2_vae.safetensors" in message
    assert "workflow image2video_svd:" in message and "svd_xt.safetensors" in message
    assert error["code"] == "model_missing"
