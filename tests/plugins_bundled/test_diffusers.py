"""The diffusers plugin with tiny models on the processor: pictures, clips, memory, what is refused."""

import json
import os
import resource
import shutil
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from filmeto_plugin import PluginError
from PIL import Image

from filmeto_core.media import probe
from filmeto_core.plugin_check.samples import make_picture
from tests.diffusers_fixtures import FOLDER
from tests.plugins_bundled.conftest import PluginProcess

sys.path.append(str(FOLDER))
from diffusers_settings import read_settings
from diffusers_time import Habit, frames_for, shown

COMMIT = "0123456789abcdef0123456789abcdef01234567"
# Of 512 x 512 the decoder's layers take 32 MiB each, more than three at a time; in tiles it is
# content with 30 in all. 4096 x 4096 does not get as far as its first layer.
ROOM_BYTES = 64 * 1024 * 1024
SMALL = {"prompt": "a boat", "width": 64, "height": 64, "steps": 2}


class Studio(PluginProcess):
    """The plugin, and calls of it with a model."""

    def make(self, tool, model, *inputs, **parameters):
        """(path, metadata, lines of progress) of a call that works."""
        result, said = self.call(tool, {"model": str(model), **SMALL, **parameters}, inputs)
        assert result["status"] == "success", result
        (made,) = result["output_resources"]
        return Path(made["path"]), made["metadata"], _lines(said)

    def refusal(self, tool, model, *inputs, **parameters):
        """(code, message) of a call that does not."""
        result, _ = self.call(tool, {"model": str(model), **SMALL, **parameters}, inputs)
        assert result["status"] == "error", result
        return result["metadata"]["error"]["code"], result["error_message"]


def _lines(said):
    return [m["params"].get("message", "") for m in said if m.get("method") == "progress"]


@pytest.fixture(scope="module")
def studio(diffusers_python, tiny_models, tmp_path_factory):
    cache = tmp_path_factory.mktemp("hub")
    _put_into_the_hub_cache(cache, tiny_models / "picture")
    environment = {"HF_HUB_CACHE": str(cache), "OMP_NUM_THREADS": "1"}
    environment["FILMETO_DIFFUSERS_DEVICE"] = "cpu"
    process = Studio(diffusers_python, FOLDER, tmp_path_factory.mktemp("studio"), environment)
    yield process
    process.close()


def _put_into_the_hub_cache(cache, model):
    """As huggingface_hub lays a repository that was downloaded."""
    repository = cache / "models--org--tiny"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(COMMIT)
    shutil.copytree(model, repository / "snapshots" / COMMIT)


@pytest.fixture(scope="module")
def still(tmp_path_factory):
    return make_picture(tmp_path_factory.mktemp("still") / "still.png")


def test_a_prompt_becomes_a_picture_of_exactly_the_asked_size(studio, tiny_models):
    path, told, said = studio.make("text2image", tiny_models / "picture", width=101, height=75)
    with Image.open(path) as picture:
        assert (picture.format, picture.size) == ("PNG", (101, 75))
    assert told["drawn"] == "80x56"  # of the model's own 64 x 64 pixels, in its steps of 8
    assert (told["pipeline"], told["device"], told["dtype"]) == (
        "StableDiffusionPipeline",
        "cpu",
        "float32",
    )
    assert [line for line in said if line.startswith("step")] == ["step 1 of 2", "step 2 of 2"]


def test_the_seed_and_the_prompt_decide_and_nothing_else(studio, tiny_models):
    def drawn(**parameters):
        return studio.make("text2image", tiny_models / "picture", **parameters)[0].read_bytes()

    first = drawn(seed=5)
    assert drawn(seed=5) == first
    assert drawn(seed=6) != first
    assert drawn(seed=5, prompt="zebra") != first
    assert drawn(seed=5, negative_prompt="zebra") != first
    assert drawn(seed=5, guidance=1.0) != first


def test_strength_runs_from_the_picture_itself_to_another(studio, tiny_models, still):
    def distance(strength):
        path, _, said = studio.make(
            "image2image", tiny_models / "picture", still, strength=strength, width=0, height=0
        )
        with Image.open(path) as picture, Image.open(still) as given:
            assert picture.size == given.size
            told = picture.convert("L").tobytes(), given.convert("L").tobytes()
        return sum(abs(a - b) for a, b in zip(*told, strict=True)), said

    assert distance(0)[0] == 0
    for strength, steps in ((0.3, 1), (1.0, 2)):
        far, said = distance(strength)
        assert far > 0 and f"step {steps} of {steps}" in said


def test_a_picture_becomes_a_clip_of_the_asked_length_rate_and_size(studio, tiny_models, still):
    path, told, said = studio.make(
        "image2video", tiny_models / "clip", still, width=96, height=54, duration_s=1.2, fps="24"
    )
    clip = probe(path)
    assert (clip.width_px, clip.height_px, clip.frame_rate) == (96, 54, Fraction(24))
    assert clip.duration_s == pytest.approx(29 / 24, abs=1e-3) and told["frames"] == 29
    assert told["model_frames"] == 8 and told["model_fps"] == "20/3"  # 8 frames last for 1.2 s
    assert "prompt" in told["unused"] and "step 2 of 2" in said


def test_a_cancelled_call_ends_between_two_steps_and_the_model_stays(studio, tiny_models):
    asked = {"model": str(tiny_models / "picture"), **SMALL, "steps": 900}
    number = studio.start_call("text2image", asked)
    while (message := studio.receive(60)).get("method") != "progress" or not message["params"][
        "message"
    ].startswith("step 3 "):
        assert "result" not in message, message
    studio.send("cancel", {"task_id": f"task-{number}"})
    result, said = studio.finish_call(number)
    assert result["metadata"]["error"]["code"] == "cancelled"
    assert len(_lines(said)) < 500
    assert "loading" not in " ".join(studio.make("text2image", tiny_models / "picture")[2])


def test_one_model_is_in_memory_and_the_last_used_one_goes(studio, tiny_models, tmp_path):
    def loads(model):
        return f"loading {model}" in studio.make("text2image", model)[2]

    mine, other = tmp_path / "mine", tiny_models / "other"
    shutil.copytree(tiny_models / "picture", mine)
    assert [loads(mine) for _ in range(2)] == [True, False]
    assert loads(other) and loads(mine) and not loads(mine)
    first = studio.make("text2image", mine)
    shutil.copytree(other / "unet", mine / "unet", dirs_exist_ok=True)
    second = studio.make("text2image", mine)  # other weights under the same path
    assert f"loading {mine}" in second[2] and second[1]["revision"] != first[1]["revision"]
    assert second[0].read_bytes() != first[0].read_bytes()


def test_a_hub_name_is_taken_from_the_hubs_cache(studio, tiny_models):
    path, told, _ = studio.make("text2image", "org/tiny")
    assert told["revision"] == COMMIT
    assert path.read_bytes() == studio.make("text2image", tiny_models / "picture")[0].read_bytes()
    code, message = studio.refusal("text2image", "org/absent", revision="v2")
    assert code == "model_missing" and "hf download org/absent --revision v2" in message


def test_where_memory_ends_it_goes_on_in_tiles_or_says_what_to_change(studio, tiny_models):
    model, pid = tiny_models / "picture", studio.process.pid
    assert studio.make("text2image", model)[1]["memory"] == "whole"
    most_bytes = int(_status(pid, "VmData")) * 1024 + ROOM_BYTES
    resource.prlimit(pid, resource.RLIMIT_DATA, (most_bytes, resource.RLIM_INFINITY))
    try:
        large = {"width": 512, "height": 512, "megapixels": 1.0, "steps": 1}
        path, told, said = studio.make("text2image", model, **large)
        assert told["memory"].startswith("tiles")
        assert "out of memory; trying again with less (tiles)" in said
        larger = {"width": 4096, "height": 4096, "megapixels": 20.0, "steps": 1}
        code, message = studio.refusal("text2image", model, **larger)
        assert code == "out_of_memory" and "smaller width and height" in message
    finally:
        resource.prlimit(pid, resource.RLIMIT_DATA, (resource.RLIM_INFINITY,) * 2)
    assert studio.make("text2image", model)[1]["memory"] == "whole"  # loaded anew
    with Image.open(path) as picture:
        assert picture.size == (512, 512)


def _status(pid, name):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(line.split()[1] for line in lines if line.startswith(f"{name}:"))


def test_what_cannot_be_used_as_a_model_is_told_with_what_to_do(studio, tiny_models, tmp_path):
    picture, single = tiny_models / "picture", tmp_path / "one.safetensors"
    single.write_bytes(b"weights")
    (tmp_path / "empty").mkdir()
    code, message = studio.refusal("text2image", "")
    assert code == "no_model" and "FILMETO_DIFFUSERS_MODEL" in message
    assert studio.refusal("text2image", "./models/mine")[0] == "no_model"
    assert studio.refusal("text2image", tmp_path / "nowhere")[0] == "model_missing"
    assert studio.refusal("text2image", tmp_path / "empty")[0] == "not_a_model"
    code, message = studio.refusal("text2image", single)
    assert code == "not_a_model" and "from_single_file" in message
    code, message = studio.refusal("text2image", picture, revision="abc")
    assert code == "wrong_revision"
    cut = tmp_path / "cut"
    shutil.copytree(picture, cut)
    os.truncate(cut / "unet" / "diffusion_pytorch_model.safetensors", 1000)
    code, message = studio.refusal("text2image", cut)
    assert code == "model_damaged" and str(cut) in message
    index = cut / "model_index.json"
    index.write_text(json.dumps({**json.loads(index.read_text()), "_class_name": "NoSuchPipeline"}))
    assert studio.refusal("text2image", cut)[0] == "model_needs_more"
    index.write_text("{")
    assert studio.refusal("text2image", cut)[0] == "model_damaged"


def test_a_model_for_another_tool_or_with_black_pictures_is_refused(studio, tiny_models, still):
    code, message = studio.refusal("image2video", tiny_models / "picture", still)
    assert code == "wrong_model" and "StableDiffusion" in message
    assert studio.refusal("text2image", tiny_models / "clip")[0] == "wrong_model"
    assert studio.refusal("image2video", tiny_models / "clip")[0] == "bad_input"
    code, message = studio.refusal("image2video", tiny_models / "clip", still, duration_s=9.0)
    assert code == "beyond_limits" and "1.6 s" in message  # 8 frames, at no less than 5 a second
    code, message = studio.refusal("text2image", tiny_models / "overflowing")
    assert code == "black_picture" and "float32" in message


def test_settings_are_read_or_named_with_what_they_can_be():
    assert read_settings({}).most_models == 1
    told = {"FILMETO_DIFFUSERS_OFFLOAD": "model", "FILMETO_DIFFUSERS_SLICING": "on"}
    settings = read_settings({**told, "FILMETO_DIFFUSERS_MODELS": "2"})
    assert (settings.offload, settings.sliced, settings.most_models) == ("model", True, 2)
    for name in (*told, "FILMETO_DIFFUSERS_MODELS"):
        with pytest.raises(PluginError, match=f"{name}: expected .*got 'much'"):
            read_settings({name: "much"})


def test_a_clips_frames_last_as_long_as_asked_whatever_the_model_makes():
    told_rate = Habit(25, 1, Fraction(5), Fraction(30))
    assert frames_for(1.0, Fraction(24), told_rate) == (24, Fraction(24))
    assert frames_for(4.0, Fraction(24), told_rate) == (25, Fraction(25, 4))
    wan = Habit(81, 4, Fraction(16), Fraction(16))
    assert frames_for(2.0, Fraction(24), wan) == (33, Fraction(16))
    assert frames_for(5.0, Fraction(24), wan) == (81, Fraction(16))
    with pytest.raises(PluginError, match="longer than the 5.062 s"):
        frames_for(5.1, Fraction(24), wan)
    assert shown(4, Fraction(2), 2.0, Fraction(4)) == [0, 0, 1, 1, 2, 2, 3, 3]
    assert shown(33, Fraction(16), 2.0, Fraction(24))[-1] == 31
