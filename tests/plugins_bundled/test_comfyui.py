"""The comfyui plugin as a host sees it: the real process, against a ComfyUI served on loopback."""

import json
import os
import queue
import signal
import subprocess
import threading
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import yaml
from PIL import Image

from tests.comfyui_process import ComfyProcess

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "plugins" / "comfyui"
READY = FOLDER / "workflows"
SMALL = {"width": 128, "height": 72}
SHORT = {**SMALL, "duration_s": 0.5}
ANSWER_LIMIT_S = 20


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with ComfyProcess(tmp_path_factory.mktemp("comfyui")) as server:
        yield server


@pytest.fixture
def comfy(server):
    """The server without faults and without jobs."""
    if server.process.poll() is not None:
        server.start()
    server.calm()
    yield server
    if server.process.poll() is None:
        server.faults(hold=False)


class Plugin:
    """A running plugin; what it says is read by a thread, so that every wait is bounded."""

    def __init__(self, python, folder, environment):
        self._folder, self._calls = folder, 0
        kept = {k: os.environ[k] for k in ("PATH", "HOME") if k in os.environ}
        sdk = ROOT / "filmeto_core" / "plugin_sdk"
        self.errors = (folder / "stderr.txt").open("w+")
        self.process = subprocess.Popen(
            [python, "main.py"],
            cwd=FOLDER,
            env={**kept, "PYTHONPATH": str(sdk), **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
        )
        self._said = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.next()

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(5)
        finally:
            self.process.kill()
            self._reader.join(5)
            self.process.stdout.close()
            self.errors.close()

    def _read(self):
        for line in self.process.stdout:
            self._said.put(json.loads(line))

    def next(self):
        return self._said.get(timeout=ANSWER_LIMIT_S)

    def send(self, message):
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        self.process.stdin.flush()

    def start(self, tool, *inputs, key=None, **parameters):
        self._calls += 1
        made = self._folder / f"made-{self._calls}"
        made.mkdir()
        params = {"task_id": "t", "tool_name": tool, "parameters": defaults(tool) | parameters}
        params |= {"metadata": {"processed_resources": [str(i) for i in inputs]}}
        params |= {"output_dir": str(made), "idempotency_key": key}
        self.send({"id": self._calls, "method": "execute_task", "params": params})

    def until(self, word):
        """The messages of progress up to the first one with this word in it."""
        heard = []
        while not heard or word not in heard[-1]:
            message = self.next()
            if message.get("method") == "progress":
                heard.append(message["params"]["message"])
            assert "result" not in message, message
        return heard

    def finish(self):
        """The result of the call under way."""
        while "result" not in (message := self.next()):
            pass
        return message["result"]

    def call(self, tool, *inputs, **parameters):
        self.start(tool, *inputs, **parameters)
        return self.finish()

    def made(self, tool, *inputs, **parameters):
        """The outputs of a call that must succeed."""
        result = self.call(tool, *inputs, **parameters)
        assert result["status"] == "success", result
        return result["output_resources"]

    def error(self, tool, *inputs, **parameters):
        """(message, what is told of it) of a call that must fail."""
        result = self.call(tool, *inputs, **parameters)
        assert result["status"] == "error", result
        return result["error_message"], result["metadata"]["error"]


def defaults(tool):
    manifest = yaml.safe_load((FOLDER / "plugin.yaml").read_text())
    (spec,) = (spec for spec in manifest["tools"] if spec["name"] == tool)
    filled = {p["name"]: p["default"] for p in spec["parameters"] if "default" in p}
    return filled | {"seed": 7}


@pytest.fixture
def start(plugin_python, tmp_path, comfy):
    """`start(**environment)`: a plugin that is ended with the test."""
    running = []

    def started(**environment):
        folder = tmp_path / f"plugin-{len(running)}"
        folder.mkdir()
        environment = {"COMFYUI_URL": comfy.url, **environment}
        running.append(Plugin(plugin_python("comfyui"), folder, environment))
        return running[-1]

    yield started
    for plugin in running:
        plugin.close()


@pytest.fixture(scope="module")
def kept_plugin(plugin_python, tmp_path_factory, server):
    folder = tmp_path_factory.mktemp("plugin")
    plugin = Plugin(plugin_python("comfyui"), folder, {"COMFYUI_URL": server.url})
    yield plugin
    plugin.close()


@pytest.fixture
def plugin(kept_plugin, comfy):
    """One plugin for all tests that leave it as it was."""
    return kept_plugin


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


def ready(name):
    """A ready workflow's graph, to be changed."""
    return json.loads((READY / f"{name}.json").read_text())


def untitled(name):
    graph = ready(name)
    for node in graph.values():
        node["_meta"]["title"] = node["class_type"]
    return graph


def pixels(picture):
    """A picture, RGB, int, (height, width, 3)."""
    with Image.open(picture["path"]) as opened:
        return np.asarray(opened.convert("RGB")).astype(int)


def sent(comfy):
    """The graph that was run last."""
    return comfy.seen()["ended"][-1]["prompt"][2]


# --- what it makes ---


def test_a_prompt_becomes_a_picture_of_the_asked_size(plugin, comfy):
    (picture,) = plugin.made("text2image", prompt="a quay", width=130, height=72, seed=11)
    assert pixels(picture).shape == (72, 130, 3)
    assert picture["mime_type"] == "image/png"
    told = {"workflow": "text2image", "seed": 11, "model": "sd/dreamer_v1.safetensors"}
    assert picture["metadata"] == told
    graph = sent(comfy)
    assert graph["6"]["inputs"]["text"] == "a quay"
    assert graph["7"]["inputs"]["text"] == ready("text2image")["7"]["inputs"]["text"]
    assert (graph["5"]["inputs"]["width"], graph["5"]["inputs"]["height"]) == (128, 72)


def test_a_large_picture_is_drawn_at_what_the_model_is_made_for_and_scaled(plugin, comfy):
    (picture,) = plugin.made("text2image", prompt="a", width=1920, height=1080, megapixels=0.1)
    assert pixels(picture).shape == (1080, 1920, 3)
    drawn = sent(comfy)["5"]["inputs"]
    assert drawn["width"] * drawn["height"] < 105_000
    assert abs(drawn["width"] / drawn["height"] - 16 / 9) < 0.05
    assert drawn["width"] % 8 == drawn["height"] % 8 == 0


def test_strength_runs_from_the_picture_itself_to_another_one(plugin, still):
    given = pixels({"path": still})
    differences = []
    for strength in (0.0, 0.5, 1.0):
        (made,) = plugin.made("image2image", still, prompt="ink", strength=strength, steps=2)
        assert pixels(made).shape == given.shape
        differences.append(np.abs(pixels(made) - given).mean())
    assert differences[0] < 3 < differences[1] < differences[2]


def test_a_clip_has_the_asked_size_rate_and_at_least_the_asked_length(plugin, still, comfy):
    (clip,) = plugin.made("image2video", still, **SMALL, duration_s=0.6, motion="push-in")
    assert clip["metadata"]["workflow"] == "image2video"
    with av.open(clip["path"]) as opened:
        stream = opened.streams.video[0]
        frames = sum(1 for _ in opened.decode(stream))
        assert (stream.width, stream.height, stream.average_rate) == (128, 72, 24)
    assert frames == 17  # 15 are asked; this model makes 13, 17, 21 and so on
    assert sent(comfy)["6"]["inputs"]["text"] == "the camera slowly pushes in"


def test_where_its_model_is_missing_the_next_ready_workflow_makes_the_clip(plugin, still, comfy):
    comfy.faults(lacks=["wan2.2_ti2v_5B_fp16.safetensors"])
    (clip,) = plugin.made("image2video", still, **SMALL, duration_s=4.0, prompt="rain", steps=1)
    about = clip["metadata"]
    assert about["model"] == "svd_xt.safetensors"
    assert about["unused"] == ["prompt"]
    given = sent(comfy)["12"]["inputs"]
    assert (given["video_frames"], given["motion_bucket_id"]) == (25, 20)
    assert Fraction(about["fps"]) == Fraction(25, 4)  # 25 frames are all it makes: four seconds


def test_a_prompt_alone_becomes_a_clip_and_the_camera_is_told_in_words(plugin, comfy):
    (clip,) = plugin.made("text2video", prompt="fog on a quay.", motion="pan-left", **SHORT)
    with av.open(clip["path"]) as opened:
        assert opened.streams.video[0].frames == 13
    assert sent(comfy)["6"]["inputs"]["text"] == "fog on a quay, the camera pans to the left"


def test_progress_tells_of_the_steps_and_never_falls(plugin, comfy):
    comfy.faults(hold=True)
    plugin.start("text2image", prompt="a", steps=5, **SMALL)
    heard = plugin.until("KSampler: 1 of 5")
    assert any("CheckpointLoaderSimple" in message for message in heard)
    comfy.faults(hold=False)
    assert plugin.finish()["status"] == "success"


def test_a_clip_longer_than_the_model_makes_is_beyond_limits(plugin, still):
    message, error = plugin.error("image2video", still, **SMALL, duration_s=9.0)
    assert (error["code"], error["retryable"]) == ("beyond_limits", False)
    assert error["details"]["limit"] == pytest.approx(121 / 24)
    assert "9 s is longer than the 5.04" in message


# --- the user's own workflows ---


def test_a_workflow_of_the_users_serves_by_its_name_and_its_titles(start, own, comfy):
    graph = ready("text2image")
    graph["5"]["inputs"]["batch_size"] = 2
    graph["7"]["_meta"]["title"] = "never"
    graph["20"] = {**graph["9"], "inputs": {**graph["9"]["inputs"], "filename_prefix": "more"}}
    own("text2image", graph)
    own("other", ready("text2image"))
    plugin = start(COMFYUI_WORKFLOWS=own.folder)
    pictures = plugin.made("text2image", prompt="a", negative_prompt="fog", **SMALL, steps=1)
    assert len(pictures) == 4
    assert len({Path(picture["path"]).name for picture in pictures}) == 4
    assert pictures[0]["metadata"]["unused"] == ["negative_prompt"]
    assert len(plugin.made("text2image", prompt="a", workflow="other", **SMALL, steps=1)) == 1


def test_a_file_beside_a_workflow_names_its_inputs_and_outputs(start, own, comfy):
    graph = untitled("text2image")
    graph["20"] = {**graph["9"], "inputs": {**graph["9"]["inputs"], "filename_prefix": "more"}}
    about = (
        "inputs:\n  prompt: [6, text]\n  seed: [[3, seed]]\n  width: [10, width]\noutputs: [20]\n"
    )
    own("text2image", graph, about)
    (picture,) = start(COMFYUI_WORKFLOWS=own.folder).made("text2image", prompt="sea", seed=3)
    assert sent(comfy)["6"]["inputs"]["text"] == "sea"
    assert sent(comfy)["3"]["inputs"]["seed"] == 3
    assert picture["metadata"]["unused"] == ["height"]


def test_pictures_to_refer_to_reach_the_inputs_that_name_them(start, own, still, tmp_path, comfy):
    graph = ready("image2image")
    graph["30"] = {"class_type": "LoadImage", "inputs": {"image": "none.png"}}
    graph["30"]["_meta"] = {"title": "filmeto:reference"}
    graph["31"] = {"class_type": "SaveImage", "inputs": {"images": ["30", 0]}}
    graph["31"]["inputs"]["filename_prefix"] = "seen"
    own("image2image", graph)
    red = tmp_path / "red.jpg"
    Image.new("RGB", (32, 32), (200, 10, 10)).save(red)
    plugin = start(COMFYUI_WORKFLOWS=own.folder)
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
def plugin_with_wrong(plugin_python, tmp_path_factory, server, wrong_folder):
    folder = tmp_path_factory.mktemp("plugin")
    environment = {"COMFYUI_URL": server.url, "COMFYUI_WORKFLOWS": str(wrong_folder)}
    plugin = Plugin(plugin_python("comfyui"), folder, environment)
    yield plugin
    plugin.close()


@pytest.mark.parametrize("name", WRONG)
def test_a_workflow_with_a_fault_is_refused_in_words(name, plugin_with_wrong, comfy):
    message, error = plugin_with_wrong.error("text2image", prompt="a", workflow=name)
    assert WRONG[name][1] in message
    assert (error["code"], error["retryable"]) == ("invalid_workflow", False)


def test_an_unknown_workflow_is_told_with_those_that_there_are(plugin):
    message, error = plugin.error("text2image", prompt="a", workflow="text2imag")
    assert 'Did you mean "text2image"?' in message
    assert error["code"] == "unknown_workflow"


# --- what the server lacks ---


def test_a_node_that_the_server_lacks_is_named_with_what_to_install(start, own, comfy):
    graph = ready("text2image")
    graph["40"] = {"class_type": "VHS_VideoCombine", "inputs": {"images": ["8", 0]}}
    own("text2image", graph)
    message, error = start(COMFYUI_WORKFLOWS=own.folder).error("text2image", prompt="a")
    assert "node 40 (VHS_VideoCombine) is no node of" in message
    assert "install ComfyUI-VideoHelperSuite" in message
    assert error["details"]["classes"] == ["VHS_VideoCombine"]


def test_a_model_that_the_server_lacks_is_told_with_those_it_has(plugin, comfy):
    message, error = plugin.error("text2image", prompt="a", model="flux")
    assert 'needs "flux" as ckpt_name' in message and "svd_xt.safetensors" in message
    assert error["code"] == "model_missing"
    (picture,) = plugin.made("text2image", prompt="a", model="XL_refiner", steps=1, **SMALL)
    assert picture["metadata"]["model"] == "sd_xl_refiner_1.0.safetensors"


def test_a_server_with_no_model_for_any_ready_workflow_says_what_each_needs(plugin, still, comfy):
    comfy.faults(lacks=["wan2.2_vae.safetensors", "svd_xt.safetensors"])
    message, error = plugin.error("image2video", still)
    assert "workflow image2video:" in message and "wan2.2_vae.safetensors" in message
    assert "workflow image2video_svd:" in message and "svd_xt.safetensors" in message
    assert error["code"] == "model_missing"


# --- faults of the server ---


def test_a_server_that_is_not_there_may_be_there_later(start):
    message, error = start(COMFYUI_URL="http://127.0.0.1:9").error("text2image", prompt="a")
    assert "there is no ComfyUI at http://127.0.0.1:9" in message
    assert (error["code"], error["retryable"]) == ("unreachable", True)


@pytest.mark.parametrize(
    ("path", "status", "headers", "code", "retryable", "details"),
    [
        ("/prompt", 429, {"Retry-After": "7"}, "overloaded", True, {"retry_after_s": 7.0}),
        ("/object_info", 500, {}, "unreachable", True, {"status": 500}),
        ("/prompt", 503, {}, "unreachable", True, {"status": 503}),
        ("/object_info", 401, {}, "unauthorized", False, {}),
        ("/object_info", 404, {}, "no_comfyui", False, {}),
    ],
)
def test_an_answer_that_is_an_error_says_whether_to_try_again(
    path, status, headers, code, retryable, details, plugin, comfy
):
    comfy.faults(fail=[path, status, 99, headers])
    _, error = plugin.error("text2image", prompt="a", **SMALL)
    assert error == {"code": code, "retryable": retryable, "details": details}
    assert comfy.queue() == [[], []]


def test_a_job_whose_answer_was_lost_is_found_and_not_sent_again(plugin, comfy):
    comfy.faults(swallow=1)
    assert plugin.made("text2image", prompt="a", **SMALL)
    assert comfy.asked("/prompt") == 1


def test_a_file_cut_on_its_way_is_fetched_again_and_told_if_it_stays_so(plugin, comfy):
    comfy.faults(truncate=2)
    (picture,) = plugin.made("text2image", prompt="a", **SMALL)
    assert pixels(picture).shape == (72, 128, 3)
    comfy.faults(truncate=99)
    _, error = plugin.error("text2image", prompt="a", **SMALL)
    assert (error["code"], error["retryable"]) == ("connection_lost", True)


def test_outputs_that_are_gone_from_the_server_are_told(plugin, comfy):
    comfy.faults(forgets=True)
    message, error = plugin.error("text2image", prompt="a", **SMALL)
    assert "has it no more" in message
    assert (error["code"], error["retryable"]) == ("output_missing", True)


def test_without_a_socket_the_job_is_watched_by_asking(plugin, comfy):
    comfy.faults(hold=True)
    plugin.start("text2image", prompt="a", **SMALL)
    plugin.until("KSampler: 1 of")
    comfy.faults(sockets="closed", hold=False)
    assert plugin.finish()["status"] == "success"
    assert plugin.made("text2image", prompt="b", steps=1, **SMALL)


def test_a_socket_that_broke_is_opened_again(plugin, comfy):
    comfy.faults(hold=True)
    plugin.start("text2image", prompt="a", steps=3, **SMALL)
    plugin.until("KSampler: 1 of")
    comfy.faults(sockets="closed")
    comfy.faults(sockets="open")
    opened = comfy.asked("/ws", "WS")
    deadline_s = time.monotonic() + 5
    while comfy.asked("/ws", "WS") == opened and time.monotonic() < deadline_s:
        pass
    comfy.faults(hold=False)
    plugin.until("KSampler: 2 of")
    assert plugin.finish()["status"] == "success"


def test_a_server_that_dies_with_the_job_is_noticed_within_seconds(start, comfy):
    plugin = start()
    comfy.faults(hold=True)
    plugin.start("text2image", prompt="a", **SMALL)
    plugin.until("KSampler: 1 of")
    comfy.kill()
    died_s = time.monotonic()
    result = plugin.finish()
    assert time.monotonic() - died_s < 5
    error = result["metadata"]["error"]
    assert "ComfyUI went away while it worked" in result["error_message"]
    assert (error["code"], error["retryable"]) == ("unreachable", True)


def test_a_server_started_anew_has_lost_the_job_and_that_is_told(start, comfy):
    plugin = start()
    comfy.faults(hold=True)
    plugin.start("text2image", prompt="a", **SMALL)
    plugin.until("KSampler: 1 of")
    comfy.kill()
    comfy.start()
    result = plugin.finish()
    error = result["metadata"]["error"]
    assert error["retryable"], result
    assert error["code"] in ("job_lost", "unreachable"), result  # the latter: it started slowly


def test_a_node_that_fails_is_named_with_what_it_said(plugin, comfy):
    comfy.faults(node_fails=["KSampler", "RuntimeError", "mat1 and mat2 do not fit\nmore"])
    message, error = plugin.error("text2image", prompt="a", **SMALL)
    assert "failed in node 3 (KSampler): RuntimeError: mat1 and mat2 do not fit" in message
    assert (error["code"], error["retryable"]) == ("node_failed", False)
    assert error["details"]["node"] == "3"


def test_memory_that_ran_out_is_told_apart_with_advice(plugin, comfy):
    comfy.faults(node_fails=["VAEDecode", "torch.OutOfMemoryError", "Allocation on device 0"])
    message, error = plugin.error("text2image", prompt="a", **SMALL)
    assert "ran out of memory in node 8 (VAEDecode" in message and "smaller width" in message
    assert (error["code"], error["retryable"]) == ("out_of_memory", False)


def test_a_workflow_that_made_no_clip_says_what_to_end_it_with(plugin, comfy):
    told = {"images": [{"filename": "film.webp", "subfolder": "", "type": "output"}]}
    comfy.faults(gives={"SaveVideo": told})
    message, error = plugin.error("text2video", prompt="a", **SHORT)
    assert "needs a video, and it made film.webp" in message and "Save Video" in message
    assert error["code"] == "no_output"


# --- jobs: of this call, of dead ones, of others ---


def test_a_cancelled_job_is_interrupted_and_the_others_go_on(plugin, comfy):
    comfy.faults(hold=True)
    plugin.start("text2image", prompt="a", **SMALL)
    plugin.until("KSampler: 1 of")
    (ours,), _ = comfy.queue()
    other = comfy.put(ready("text2image") | {})
    plugin.send({"method": "cancel", "params": {"task_id": "t"}})
    assert plugin.finish()["metadata"]["error"]["code"] == "cancelled"
    comfy.faults(hold=False)
    wait_until(lambda: comfy.outcome(other))
    assert (comfy.outcome(ours), comfy.outcome(other)) == ("error", "success")


def test_a_cancelled_job_that_waits_leaves_the_queue_and_interrupts_nobody(plugin, comfy):
    comfy.faults(hold=True)
    other = comfy.put(ready("text2image"))
    plugin.start("text2image", prompt="a", **SMALL)
    plugin.until("waits in ComfyUI's queue behind 1 other job")
    plugin.send({"method": "cancel", "params": {"task_id": "t"}})
    assert plugin.finish()["metadata"]["error"]["code"] == "cancelled"
    assert comfy.queue() == [[other], []]
    assert comfy.asked("/interrupt") == 0
    comfy.faults(hold=False)
    wait_until(lambda: comfy.outcome(other) == "success")


def test_a_plugin_that_is_told_to_end_takes_its_job_off(start, comfy):
    plugin = start()
    comfy.faults(hold=True)
    plugin.start("text2image", prompt="a", **SMALL)
    plugin.until("KSampler: 1 of")
    (ours,), _ = comfy.queue()
    plugin.process.terminate()
    assert plugin.process.wait(5) == 128 + signal.SIGTERM
    wait_until(lambda: comfy.outcome(ours) == "error")
    assert comfy.queue() == [[], []]


def test_the_job_of_a_killed_plugin_is_found_by_the_same_call(start, comfy):
    first, second = start(), start()
    comfy.faults(hold=True)
    first.start("text2image", prompt="a", key="one", **SMALL)
    first.until("KSampler: 1 of")
    first.process.kill()
    first.process.wait(5)
    second.start("text2image", prompt="a", key="one", **SMALL)
    second.until("asking")
    wait_until(lambda: comfy.asked("/queue", "GET"))
    comfy.faults(hold=False)
    assert second.finish()["status"] == "success"
    assert comfy.asked("/prompt") == 1


def test_what_a_killed_plugins_job_made_meanwhile_is_fetched(start, comfy):
    first, second = start(), start()
    comfy.faults(hold=True)
    first.start("text2image", prompt="a", key="one", **SMALL)
    first.until("KSampler: 1 of")
    (ours,), _ = comfy.queue()
    first.process.kill()
    first.process.wait(5)
    comfy.faults(hold=False)
    wait_until(lambda: comfy.outcome(ours) == "success")
    assert second.made("text2image", prompt="a", key="one", **SMALL)
    assert comfy.asked("/prompt") == 1


def test_the_job_of_a_killed_plugin_does_not_block_another_call(start, comfy):
    first, second = start(), start()
    comfy.faults(hold=True)
    first.start("text2image", prompt="a", key="one", **SMALL)
    first.until("KSampler: 1 of")
    (ours,), _ = comfy.queue()
    other = comfy.put(ready("text2image"))
    first.process.kill()
    first.process.wait(5)
    second.start("text2image", prompt="b", key="two", **SMALL)
    wait_until(lambda: comfy.outcome(ours) == "error")
    comfy.faults(hold=False)
    assert second.finish()["status"] == "success"
    assert comfy.outcome(other) == "success"


def test_a_job_that_somebody_interrupts_is_told_as_that(plugin, comfy):
    comfy.faults(hold=True)
    plugin.start("text2image", prompt="a", **SMALL)
    plugin.until("KSampler: 1 of")
    comfy.faults(others_interrupt=True)
    result = plugin.finish()
    assert "somebody interrupted the job in ComfyUI" in result["error_message"]
    assert result["metadata"]["error"]["code"] == "interrupted"


# --- settings ---


def test_the_key_goes_with_each_request_and_is_shown_nowhere(start, comfy):
    plugin = start(COMFYUI_API_KEY="s3cret-key")
    assert plugin.made("text2image", prompt="a", steps=1, **SMALL)
    comfy.faults(fail=["/object_info", 500, 99, {}])
    result = plugin.call("text2image", prompt="a", **SMALL)
    assert {key for _, _, key in comfy.seen()["asked"]} == {"Bearer s3cret-key"}
    plugin.errors.seek(0)
    assert "s3cret" not in json.dumps(result) + plugin.errors.read()


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("COMFYUI_URL", "127.0.0.1:8188"),
        ("COMFYUI_HEADERS", '{"X-Key": 5}'),
        ("COMFYUI_HEADERS", "s3cret"),
        ("COMFYUI_WORKFLOWS", "/nowhere/at/all"),
    ],
)
def test_a_setting_that_is_wrong_is_named(setting, value, start):
    message, error = start(**{setting: value}).error("text2image", prompt="a")
    assert message.startswith(f"{setting}: expected") and "s3cret" not in message
    assert error["code"] == "bad_settings"


def wait_until(holds):
    """Wait until a condition of the server holds, 5 s at most."""
    end_s = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < end_s
        threading.Event().wait(0.01)
