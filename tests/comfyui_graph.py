"""Toy nodes of the ComfyUI that tests run: as /object_info describes the real ones, with real files.

A graph is checked as ComfyUI checks it (classes, required inputs, links and their types, choices,
limits) and executed node by node. What is drawn is plain: a colour told from prompt and seed.

Source: docs.comfy.org, "Routes" and "Messages"; /object_info of ComfyUI 0.3.64.
"""

import zlib

import av
import numpy as np
from PIL import Image

MODELS = {
    "ckpt": ["sd/dreamer_v1.safetensors", "sd_xl_refiner_1.0.safetensors", "svd_xt.safetensors"],
    "unet": ["wan2.2_ti2v_5B_fp16.safetensors"],
    "clip": ["umt5_xxl_fp8_e4m3fn_scaled.safetensors"],
    "vae": ["wan2.2_vae.safetensors"],
}
SCALES = ["nearest-exact", "bilinear", "area", "bicubic", "lanczos"]
TEXT = ["STRING", {"multiline": True}]
SIZE = ["INT", {"default": 512, "min": 16, "max": 16384, "step": 8}]
WIDE_SIZE = ["INT", {"default": 1280, "min": 32, "max": 16384, "step": 32}]
PIXELS = ["INT", {"default": 512, "min": 0, "max": 16384, "step": 1}]
COUNT = ["INT", {"default": 1, "min": 1, "max": 4096}]
PREFIX = ["STRING", {"default": "ComfyUI"}]


class Interrupted(Exception):
    """The job was interrupted."""


class NodeFailed(Exception):
    """A node failed as a test asked for: its type and message."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


def _sampler(run, node, given):
    latent, colour = given["latent_image"], _colour(given["positive"], given["seed"])
    for step in range(given["steps"]):
        run.step(node, step + 1, given["steps"])
    share = given["denoise"]
    return [
        [
            Image.blend(f, Image.new("RGB", f.size, _moved(colour, i)), share)
            for i, f in enumerate(latent)
        ]
    ]


def _colour(text, seed):
    return tuple(zlib.crc32(f"{text} {seed}".encode()).to_bytes(4, "big")[:3])


def _moved(colour, frame):
    return tuple((c + 3 * frame) % 256 for c in colour)


def _empty(width, height, count):
    return [Image.new("RGB", (width, height)) for _ in range(count)]


def _scale(images, width, height):
    return [image.resize((width, height)) for image in images]


def _wan(run, node, given):
    size = (given["width"], given["height"])
    if "start_image" in given:
        return [_scale(given["start_image"] * given["length"], *size)]
    return [_empty(*size, given["length"])]


def _svd(run, node, given):
    latent = _scale(given["init_image"] * given["video_frames"], given["width"], given["height"])
    return [f"motion {given['motion_bucket_id']} fps {given['fps']}", "", latent]


def _save_image(run, node, given):
    files = []
    for image in given["images"]:
        path, told = run.new_output(given["filename_prefix"], "png")
        image.save(path)
        files.append(told)
    run.made(node, {"images": files})
    return []


def _save_video(run, node, given):
    path, told = run.new_output(given["filename_prefix"], "mp4")
    frames, fps = given["video"]
    with av.open(str(path), "w") as target:
        stream = target.add_stream("h264", rate=round(fps))
        stream.width, stream.height = frames[0].size
        stream.pix_fmt = "yuv420p"
        for frame in frames:
            for packet in stream.encode(av.VideoFrame.from_ndarray(np.asarray(frame), "rgb24")):
                target.mux(packet)
        for packet in stream.encode():
            target.mux(packet)
    run.made(node, {"images": [told], "animated": [True]})
    return []


# class -> (required inputs, optional inputs, outputs' types, what it does)
NODES = {
    "CheckpointLoaderSimple": (
        {"ckpt_name": [MODELS["ckpt"]]},
        {},
        ["MODEL", "CLIP", "VAE"],
        lambda run, node, given: [given["ckpt_name"]] * 3,
    ),
    "ImageOnlyCheckpointLoader": (
        {"ckpt_name": [MODELS["ckpt"]]},
        {},
        ["MODEL", "CLIP_VISION", "VAE"],
        lambda run, node, given: [given["ckpt_name"]] * 3,
    ),
    "UNETLoader": (
        {"unet_name": [MODELS["unet"]], "weight_dtype": [["default", "fp8_e4m3fn"]]},
        {},
        ["MODEL"],
        lambda run, node, given: [given["unet_name"]],
    ),
    "CLIPLoader": (
        {"clip_name": [MODELS["clip"]], "type": [["stable_diffusion", "wan"]]},
        {},
        ["CLIP"],
        lambda run, node, given: [given["clip_name"]],
    ),
    "VAELoader": (
        {"vae_name": ["COMBO", {"options": MODELS["vae"]}]},
        {},
        ["VAE"],
        lambda run, node, given: [given["vae_name"]],
    ),
    "ModelSamplingSD3": (
        {"model": ["MODEL"], "shift": ["FLOAT", {"min": 0.0, "max": 100.0}]},
        {},
        ["MODEL"],
        lambda run, node, given: [given["model"]],
    ),
    "VideoLinearCFGGuidance": (
        {"model": ["MODEL"], "min_cfg": ["FLOAT", {"min": 0.0, "max": 100.0}]},
        {},
        ["MODEL"],
        lambda run, node, given: [given["model"]],
    ),
    "CLIPTextEncode": (
        {"text": TEXT, "clip": ["CLIP"]},
        {},
        ["CONDITIONING"],
        lambda run, node, given: [given["text"]],
    ),
    "EmptyLatentImage": (
        {"width": SIZE, "height": SIZE, "batch_size": COUNT},
        {},
        ["LATENT"],
        lambda run, node, given: [_empty(given["width"], given["height"], given["batch_size"])],
    ),
    "Wan22ImageToVideoLatent": (
        {
            "vae": ["VAE"],
            "width": WIDE_SIZE,
            "height": WIDE_SIZE,
            "length": ["INT", {"default": 49, "min": 1, "max": 16384, "step": 4}],
            "batch_size": COUNT,
        },
        {"start_image": ["IMAGE"]},
        ["LATENT"],
        _wan,
    ),
    "SVD_img2vid_Conditioning": (
        {
            "clip_vision": ["CLIP_VISION"],
            "init_image": ["IMAGE"],
            "vae": ["VAE"],
            "width": SIZE,
            "height": SIZE,
            "video_frames": COUNT,
            "motion_bucket_id": ["INT", {"default": 127, "min": 1, "max": 1023}],
            "fps": ["INT", {"default": 6, "min": 1, "max": 1024}],
            "augmentation_level": ["FLOAT", {"min": 0.0, "max": 10.0}],
        },
        {},
        ["CONDITIONING", "CONDITIONING", "LATENT"],
        _svd,
    ),
    "LoadImage": (
        {"image": [[], {"image_upload": True}]},
        {},
        ["IMAGE", "MASK"],
        lambda run, node, given: [[run.input_image(given["image"])], None],
    ),
    "ImageScale": (
        {
            "image": ["IMAGE"],
            "upscale_method": [SCALES],
            "width": PIXELS,
            "height": PIXELS,
            "crop": [["disabled", "center"]],
        },
        {},
        ["IMAGE"],
        lambda run, node, given: [_scale(given["image"], given["width"], given["height"])],
    ),
    "VAEEncode": (
        {"pixels": ["IMAGE"], "vae": ["VAE"]},
        {},
        ["LATENT"],
        lambda run, node, given: [given["pixels"]],
    ),
    "VAEDecode": (
        {"samples": ["LATENT"], "vae": ["VAE"]},
        {},
        ["IMAGE"],
        lambda run, node, given: [given["samples"]],
    ),
    "KSampler": (
        {
            "model": ["MODEL"],
            "seed": ["INT", {"default": 0, "min": 0, "max": 2**64 - 1}],
            "steps": ["INT", {"default": 20, "min": 1, "max": 10000}],
            "cfg": ["FLOAT", {"default": 8.0, "min": 0.0, "max": 100.0}],
            "sampler_name": [["euler", "dpmpp_2m", "uni_pc"]],
            "scheduler": [["simple", "karras"]],
            "positive": ["CONDITIONING"],
            "negative": ["CONDITIONING"],
            "latent_image": ["LATENT"],
            "denoise": ["FLOAT", {"default": 1.0, "min": 0.0, "max": 1.0}],
        },
        {},
        ["LATENT"],
        _sampler,
    ),
    "CreateVideo": (
        {"images": ["IMAGE"], "fps": ["FLOAT", {"min": 1.0, "max": 120.0}]},
        {},
        ["VIDEO"],
        lambda run, node, given: [(given["images"], given["fps"])],
    ),
    "SaveImage": ({"images": ["IMAGE"], "filename_prefix": PREFIX}, {}, [], _save_image),
    "SaveVideo": (
        {
            "video": ["VIDEO"],
            "filename_prefix": PREFIX,
            "format": ["COMBO", {"options": ["auto", "mp4"]}],
            "codec": ["COMBO", {"options": ["auto", "h264"]}],
        },
        {},
        [],
        _save_video,
    ),
}


def object_info(class_type, lacks=()):
    """{class: what it is} as the real server tells it, {} for a class that it does not have.

    Args:
        class_type: Of a node.
        lacks: Classes and model files that are not there.
    """
    if class_type not in NODES or class_type in lacks:
        return {}
    required, optional, outputs, _ = NODES[class_type]
    required = {key: _without(spec, lacks) for key, spec in required.items()}
    told = {"input": {"required": required, "optional": optional}, "output": outputs}
    return {class_type: {**told, "name": class_type, "output_node": not outputs}}


def _without(spec, lacks):
    if spec[0] == "COMBO":
        return ["COMBO", {"options": [v for v in spec[1]["options"] if v not in lacks]}]
    if isinstance(spec[0], list):
        return [[v for v in spec[0] if v not in lacks], *spec[1:]]
    return spec


def refusal(prompt):
    """(error, node_errors, good outputs) of a prompt; error is None where it can run."""
    for number, node in prompt.items():
        if node.get("class_type") not in NODES:
            told = f"Cannot execute because node {node.get('class_type')} does not exist."
            return _error("invalid_prompt", told, f"Node ID '#{number}'"), {}, []
    ends = [number for number, node in prompt.items() if not NODES[node["class_type"]][2]]
    if not ends:
        return _error("prompt_no_outputs", "Prompt has no outputs", ""), {}, []
    node_errors, good = {}, []
    for end in ends:
        wrong = {}
        _check(prompt, end, wrong)
        for number, errors in wrong.items():
            kind = prompt[number]["class_type"]
            node_errors[number] = {"errors": errors, "dependent_outputs": [end], "class_type": kind}
        if not wrong:
            good.append(end)
    if good:
        return None, node_errors, good
    told = "Prompt outputs failed validation"
    return _error("prompt_outputs_failed_validation", told, ""), node_errors, []


def _error(kind, message, details):
    return {"type": kind, "message": message, "details": details, "extra_info": {}}


def _check(prompt, number, wrong):
    """Put the errors of a node, and of all that it hangs on, into `wrong`."""
    node = prompt[number]
    required, optional, *_ = NODES[node["class_type"]]
    for key, spec in {**required, **optional}.items():
        if key not in node["inputs"]:
            if key in required:
                missing = _error("required_input_missing", "Required input is missing", key)
                wrong.setdefault(number, []).append(missing)
            continue
        value = node["inputs"][key]
        error = _check_link(prompt, value, spec, wrong) if isinstance(value, list) else None
        error = _check_value(value, spec) if not isinstance(value, list) else error
        if error:
            kind, message, details = error
            wrong.setdefault(number, []).append(_error(kind, message, f"{key}{details}"))


def _check_link(prompt, link, spec, wrong):
    received = NODES[prompt[link[0]]["class_type"]][2][link[1]]
    if received != spec[0]:
        told = f", received_type({received}) mismatch input_type({spec[0]})"
        return "return_type_mismatch", "Return type mismatch between linked nodes", told
    _check(prompt, link[0], wrong)
    return None


def _check_value(value, spec):
    kind, options = spec[0], spec[1] if len(spec) > 1 else {}
    kind = options["options"] if kind == "COMBO" else kind
    if isinstance(kind, list):
        fits = value in kind or options.get("image_upload")
        return (
            None
            if fits
            else ("value_not_in_list", "Value not in list", f": {value!r} not in {kind}")
        )
    if kind in ("INT", "FLOAT") and not options.get("min", value) <= value <= options.get(
        "max", value
    ):
        return "value_out_of_range", "Value out of range", f": {value}"
    return None


def execute(run, prompt, ends):
    """Execute what the given output nodes hang on; `run` hears of it and can stop it."""
    done = {}

    def value_of(link):
        number, slot = link
        if number not in done:
            work(number)
        return done[number][slot]

    def work(number):
        node = prompt[number]
        given = {k: value_of(v) if isinstance(v, list) else v for k, v in node["inputs"].items()}
        run.begins(number, node["class_type"])
        done[number] = NODES[node["class_type"]][3](run, number, given)

    for end in ends:
        work(end)
