"""The diffusers plugin on a GPU: every way to hold a model draws the same picture; else skipped."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from filmeto_core.plugin_check.samples import make_picture
from filmeto_core.plugin_host.gpu import find_devices
from tests.diffusers_fixtures import FOLDER
from tests.plugins_bundled.conftest import PluginProcess

pytestmark = pytest.mark.skipif(
    shutil.which("nvidia-smi") is None or not find_devices(), reason="no NVIDIA GPU is here"
)
HELD = [{"FILMETO_DIFFUSERS_OFFLOAD": offload} for offload in ("none", "model", "sequential")]
HELD.append({"FILMETO_DIFFUSERS_SLICING": "on"})
SMALL = {"prompt": "a boat", "width": 64, "height": 64, "steps": 2}


def test_pictures_and_clips_are_the_same_however_the_model_is_held(
    diffusers_python, tiny_models, tmp_path
):
    still, pictures = make_picture(tmp_path / "still.png"), []
    for number, held in enumerate(HELD):
        work = tmp_path / f"work-{number}"
        work.mkdir()
        process = PluginProcess(diffusers_python, FOLDER, work, held)
        try:
            pictures.append(_made(process, "text2image", tiny_models / "picture", dtype="float32"))
            again = _made(process, "image2image", tiny_models / "picture", still, dtype="float32")
            _made(process, "image2video", tiny_models / "clip", still, duration_s=0.5)
        finally:
            process.close()
        assert again.shape == pictures[0].shape
    for other in pictures[1:]:
        assert np.abs(other - pictures[0]).mean() < 2  # of 255; kernels differ in the last bits


def test_auto_takes_the_gpu_and_half_precision(diffusers_python, tiny_models, tmp_path):
    process = PluginProcess(diffusers_python, FOLDER, tmp_path)
    try:
        told = {**SMALL, "model": str(tiny_models / "picture")}
        result, _ = process.call("text2image", told)
        about = result["output_resources"][0]["metadata"]
        assert about["device"] == "cuda" and about["dtype"] in ("bfloat16", "float16")
        told |= {"width": 4096, "height": 4096, "megapixels": 64.0, "steps": 1}
        result, _ = process.call("text2image", told)  # it may fit: what counts is what comes after
        assert result["status"] == "success" or "smaller" in result["error_message"]
        told |= {**SMALL}
        assert process.call("text2image", told)[0]["status"] == "success"
    finally:
        process.close()


def _made(process, tool, model, *inputs, **parameters):
    told = {**SMALL, "model": str(model), **parameters}
    result, _ = process.call(tool, told, inputs)
    assert result["status"] == "success", result
    path = Path(result["output_files"][0])
    if path.suffix == ".mp4":
        return path
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"), np.int16)
