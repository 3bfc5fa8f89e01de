"""A pipeline from a folder on this disk, and the same model as a pipeline for another tool."""

import json

import diffusers
import torch
from diffusers_memory import is_out_of_memory
from diffusers_model import INDEX
from filmeto_plugin import PluginError

# What a tool's pipeline is called after the part that names the model's family.
# Source: diffusers, src/diffusers/__init__.py
_SUFFIXES = {"image2image": "Img2ImgPipeline", "image2video": "ImageToVideoPipeline"}
_OWN_SUFFIXES = ("Img2ImgPipeline", "ImageToVideoPipeline", "InpaintPipeline", "Pipeline")

diffusers.utils.logging.disable_progress_bar()


def choose_dtype(word, device):
    """The type of number for `dtype`, as torch's."""
    if word != "auto":
        return getattr(torch, word)
    if device.type == "cpu":
        return torch.float32
    brain = device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.bfloat16 if brain else torch.float16


def load_pipeline(model, dtype):
    """The pipeline that the model's folder describes, in this machine's memory.

    Raises:
        PluginError: A file of it is missing or damaged, or it needs other software.
    """
    kind = _kind(model)
    _check_class(model, kind)
    try:
        pipeline = diffusers.DiffusionPipeline.from_pretrained(
            model.folder, dtype=dtype, variant=_variant(model.folder, dtype), local_files_only=True
        )
    except ImportError as error:
        told = f"model: {model.name} needs a package that the plugin does not have: {_line(error)}"
        raise PluginError(told, code="model_needs_more") from error
    except Exception as error:  # whatever its reading raises: files of strangers
        if is_out_of_memory(error):
            raise
        told = f"model: {model.name} in {model.folder} cannot be loaded ({kind}): {_line(error)}. "
        told += "Fetch it anew; a file of it is missing or damaged"
        raise PluginError(told, code="model_damaged", details={"model": model.name}) from error
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def _kind(model):
    try:
        kind = json.loads((model.folder / INDEX).read_text("utf-8"))["_class_name"]
        return kind[-1] if isinstance(kind, list) else str(kind)
    except (ValueError, LookupError, TypeError, OSError) as error:
        told = f"model: {model.folder / INDEX} cannot be read: {_line(error)}"
        raise PluginError(told, code="model_damaged") from error


def _check_class(model, kind):
    if getattr(diffusers, kind, None) is None:
        told = f"model: {model.name} is a {kind}, which diffusers {diffusers.__version__} does not "
        told += "have; another version in the plugin's requirements.txt may"
        raise PluginError(told, code="model_needs_more", details={"pipeline": kind})


def _variant(folder, dtype):
    """ "fp16" where the weights lie there in half precision, and are wanted so or are all there is."""
    names = [path.name for path in folder.glob("*/*.safetensors")]
    halves = [name for name in names if ".fp16." in name]
    whole = [name for name in names if ".fp16." not in name]
    return "fp16" if halves and (dtype != torch.float32 or not whole) else None


def pipeline_for(tool, pipeline):
    """The pipeline of the same model, its parts shared, that serves the tool.

    Raises:
        PluginError: "wrong_model": the model does not serve it.
    """
    name = type(pipeline).__name__
    if tool not in _SUFFIXES:
        return pipeline
    suffix = next((s for s in _OWN_SUFFIXES if name.endswith(s)), "")
    wanted = name.removesuffix(suffix) + _SUFFIXES[tool]
    kind = getattr(diffusers, wanted, None)
    if wanted == name or kind is None:
        return pipeline
    try:
        made = kind.from_pipe(pipeline)
    except (ValueError, TypeError) as error:
        told = f"model: a {name} is not all that {wanted} needs: {_line(error)}"
        raise PluginError(told, code="wrong_model") from error
    made.set_progress_bar_config(disable=True)
    return made


def _line(error):
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:300].rstrip(".")
