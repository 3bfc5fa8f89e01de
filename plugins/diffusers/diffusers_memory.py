"""How much memory a model may take, and what is tried with less when it was too much.

A GPU without room: first decode in tiles, then keep on the device only the part that works, at last
only its layer. A processor has no other place to put a model: tiles, then without oneDNN, whose own
memory for code and for copies of the weights may not be had where little is left.
"""

import ctypes
import gc
import sys
from dataclasses import dataclass

import torch
from diffusers_settings import OFFLOADS
from filmeto_plugin import PluginError

# Of glibc. Pieces from this size on are the system's own again as soon as they are freed: else what
# one picture took stays with the process, in pieces that fit no other.
_MMAP_THRESHOLD, _RETURNED_BYTES = -3, 1 << 20  # Source: mallopt(3), M_MMAP_THRESHOLD

# Libraries tell of it in words alone. The last four are Python's, oneDNN's, cuBLAS's and C++'s.
_WORDS = (
    "out of memory",
    "can't allocate memory",
    "cannot allocate memory",
    "not enough memory",
    "can't start new thread",
    "could not create a primitive",
    "alloc_failed",
    "bad_alloc",
)


@dataclass(frozen=True)
class Policy:
    """How a model is held while it works.

    Args:
        offload: One of OFFLOADS.
        sliced: Decode pictures in tiles and clips a few frames at a time.
        onednn: Let the processor work by oneDNN, which is faster.
    """

    offload: str = "none"
    sliced: bool = False
    onednn: bool = True

    def __str__(self):
        words = [] if self.offload == "none" else [f"{self.offload} offload"]
        words += ["tiles"] if self.sliced else []
        words += [] if self.onednn else ["without oneDNN"]
        return ", ".join(words) or "whole"


def policies(settings, device):
    """What is tried, one after the other, each with less memory than the one before."""
    if device.type == "cpu":
        found = [Policy(sliced=True), Policy(sliced=True, onednn=False)]
    else:
        left = OFFLOADS[OFFLOADS.index(settings.offload) :]
        found = [Policy(offload, sliced=True) for offload in left]
    return found if settings.sliced else [Policy(found[0].offload), *found]


def choose_device(settings):
    """The device that models work on.

    Raises:
        PluginError: "bad_setting": there is none such here.
    """
    cuda, mps = torch.cuda.is_available(), torch.backends.mps.is_available()
    if settings.device == "auto":
        return torch.device("cuda" if cuda else "mps" if mps else "cpu")
    try:
        device = torch.device(settings.device)
        usable = {"cuda": cuda and (device.index or 0) < torch.cuda.device_count()}
        if {**usable, "mps": mps, "cpu": True}.get(device.type):
            return device
    except RuntimeError:
        pass
    here = ["cpu", *(["mps"] if mps else [])]
    here += [f"cuda:{i}" for i in range(torch.cuda.device_count() if cuda else 0)]
    told = f"FILMETO_DIFFUSERS_DEVICE: {settings.device!r} is not here; here are {', '.join(here)}"
    raise PluginError(f"{told}, and auto takes the best of them", code="bad_setting")


def is_out_of_memory(error):
    """Whether memory was what was wanting, also where a library says so in another error's name."""
    while error is not None:
        if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
            return True
        told = str(error).lower()
        if isinstance(error, (RuntimeError, OSError)) and any(word in told for word in _WORDS):
            return True
        error = error.__cause__
    return False


def return_what_is_freed():
    """Have the processor's memory go back to the system when a tensor goes, where glibc keeps it."""
    adjust = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if adjust is not None:
        adjust(_MMAP_THRESHOLD, _RETURNED_BYTES)


def free(device):
    """Give back what nothing refers to any more."""
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's alone keeps what is freed
        if trim is not None:
            trim(0)
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()


def arrange(pipeline, policy, device):
    """Have the pipeline hold its parts so."""
    pipeline.remove_all_hooks()
    if policy.offload == "model":
        pipeline.enable_model_cpu_offload(device=device)
    elif policy.offload == "sequential":
        pipeline.enable_sequential_cpu_offload(device=device)
    else:
        pipeline.to(device)
    vae = getattr(pipeline, "vae", None)
    for what in ("tiling", "slicing"):
        switch = getattr(vae, f"{'enable' if policy.sliced else 'disable'}_{what}", None)
        if switch is not None:
            try:
                switch()
            except NotImplementedError:  # this kind of VAE has none
                continue


def too_large(device, policy, said):
    """The error where nothing is left to try."""
    where = "this machine's memory" if device.type == "cpu" else f"the memory of {_named(device)}"
    told = f"the model and what it draws do not fit into {where} ({policy}): {said}. Ask for a smaller "
    told += "width and height or `megapixels`, a shorter clip or a smaller model"
    told += ", or dtype: bfloat16" if device.type == "cpu" else ", or dtype: float16"
    if device.type != "cpu" and policy.offload == "none":
        told += ", or set FILMETO_DIFFUSERS_OFFLOAD=model"
    return PluginError(told, code="out_of_memory", details={"memory": str(policy)})


def _named(device):
    if device.type != "cuda":
        return str(device)
    free_bytes, total_bytes = torch.cuda.mem_get_info(device)
    name, gib = torch.cuda.get_device_name(device), 2**30
    return f"{name} ({free_bytes / gib:.1f} of {total_bytes / gib:.1f} GiB are free)"
