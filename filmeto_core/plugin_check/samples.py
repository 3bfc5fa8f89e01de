"""What a plugin is tried with: parameters made of its manifest, and inputs of every kind."""

import math
import struct
import wave
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from filmeto_core.media import probe
from filmeto_core.plugin_host.manifest_model import ToolSpec
from filmeto_core.plugin_host.parameters import ParameterSpec, check_parameters
from filmeto_core.types import REQUIRED_INPUTS

SEED = 7
PICTURE_PX = (320, 180)
SOUND_S, SOUND_HZ = 1.0, 16000
_TEXTS = {
    "prompt": "a small boat on a calm sea at dawn",
    "text": "A small boat crosses the bay.",
    "language": "en",
    "motion": "push-in",
}
_NUMBERS = {"seed": SEED, "width": 320, "height": 180, "fps": 24, "steps": 4}


def sample_parameters(tool: ToolSpec, given: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a call: what is given of them, the defaults, and what is needed besides.

    Args:
        tool: Whose parameters.
        given: Values by name; those that the tool does not take are left out.

    Raises:
        ValidationError: A given value does not fit, or nothing that fits could be thought of.
    """
    values = {}
    for spec in tool.parameters:
        if spec.name in given:
            values[spec.name] = given[spec.name]
        elif spec.default is None and (spec.required or spec.name == "seed"):
            values[spec.name] = sample_value(spec)
    return check_parameters(tool, values)


def sample_value(spec: ParameterSpec) -> Any:
    """A value that the parameter may have."""
    if spec.choices:
        return spec.choices[0]
    low = -math.inf if spec.min is None else spec.min
    high = math.inf if spec.max is None else spec.max
    if spec.type in ("integer", "float"):
        value = min(max(_NUMBERS.get(spec.name, 1), low), high)
        return math.ceil(value) if spec.type == "integer" else float(value)
    if spec.type == "string":
        text = _TEXTS.get(spec.name, "a boat").ljust(int(max(low, 0)), ".")
        return text if high == math.inf else text[: int(high)]
    if spec.type == "array":
        return ["a boat"] * int(max(low, 0))
    return False if spec.type == "boolean" else {}


def wrong_parameters(tool: ToolSpec, fine: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Calls that must be refused: each with one thing wrong.

    Args:
        tool: Whose parameters.
        fine: Parameters that pass.
    """
    yield {**fine, "no_such_parameter": 1}
    for spec in tool.parameters:
        if spec.required and spec.default is None:
            yield {name: value for name, value in fine.items() if name != spec.name}
        yield {**fine, spec.name: 5 if spec.type in ("string", "array", "object") else "wrong"}
        if spec.type in ("integer", "float"):
            if spec.max is not None:
                yield {**fine, spec.name: spec.max + 1}
            if spec.min is not None:
                yield {**fine, spec.name: spec.min - 1}
        if spec.choices and spec.type == "string":
            yield {**fine, spec.name: "no such choice"}


def sample_inputs(tool: ToolSpec, folder: Path) -> list[Path]:
    """The files that the tool cannot do without, made in `folder`: a picture, or a sound."""
    kind = REQUIRED_INPUTS.get(tool.name)
    if kind == "image":
        return [make_picture(folder / "picture.png")]
    return [make_sound(folder / "sound.wav")] if kind == "audio" else []


def told_input(path: Path) -> dict[str, Any]:
    """An input as the wire tells of it."""
    info = probe(path, decode=False)
    about = {"width": info.width_px, "height": info.height_px, "duration_s": info.duration_s}
    metadata = {name: value for name, value in about.items() if value is not None}
    return {
        "type": "local_path",
        "data": str(path),
        "mime_type": info.mime_type,
        "metadata": metadata,
    }


def make_picture(path: Path) -> Path:
    """A sea, a sky and a sun: edges, colours and gradients for a plugin to work on."""
    from PIL import Image, ImageDraw  # here: the command line's other commands open no picture

    width, height = PICTURE_PX
    picture = Image.new("RGB", PICTURE_PX, (40, 90, 120))
    draw = ImageDraw.Draw(picture)
    for row in range(height * 3 // 5):
        draw.line([(0, row), (width, row)], (250 - row, 170 + row // 3, 120 + row))
    draw.ellipse([200, 50, 250, 100], (255, 240, 200))
    picture.save(path)
    return path


def make_sound(path: Path) -> Path:
    """A tone that swells twice, as two spoken syllables do."""
    samples = []
    for i in range(int(SOUND_S * SOUND_HZ)):
        t = i / SOUND_HZ
        loud = math.sin(2 * math.pi * t) ** 2
        samples.append(int(12000 * loud * math.sin(2 * math.pi * 220 * t)))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SOUND_HZ)
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return path
