"""The values of a call by the names that workflows use: sizes, frames, rates, words of motion."""

import math
from fractions import Fraction

from filmeto_plugin import PluginError

MOST_SEED = 2**64 - 1  # of ComfyUI's samplers
# NTSC rates as people write them, for their exact values.
NTSC = {"23.976": 24000, "23.98": 24000, "29.97": 30000, "59.94": 60000}
CAMERA = {
    "push-in": "the camera slowly pushes in",
    "pull-out": "the camera slowly pulls back",
    "pan-left": "the camera pans to the left",
    "pan-right": "the camera pans to the right",
    "tilt-up": "the camera tilts up",
    "tilt-down": "the camera tilts down",
    "parallax": "the camera moves sideways past the foreground, with parallax",
    "static": "static camera",
}


def values_of(call, about, picture_size=None):
    """Name -> value for all that the call's parameters say; what they leave out is not there.

    Args:
        call: The tool's call.
        about: What the workflow's YAML file says (limits, rates, words of motion).
        picture_size: (width, height) of the first picture, which fill what is not asked for.

    Raises:
        PluginError: "bad_input", or "beyond_limits": the clip is longer than the model makes.
    """
    given = call.parameters
    same = ("prompt", "negative_prompt", "strength", "width", "height")
    values = {name: given[name] for name in same if given.get(name) not in (None, 0, "")}
    if "strength" in given:
        values["strength"] = given["strength"]
    values.update(_size(values, picture_size))
    for name in ("steps", "guidance"):
        if given.get(name):
            values[name] = given[name]
    if given.get("seed") is not None:
        values["seed"] = given["seed"] % (MOST_SEED + 1)
    values.update(_render_size(values, given, about))
    if "duration_s" in given:
        values.update(_time(given, about))
        values.update(_motion(given, about))
    words = CAMERA.get(given.get("motion")) if about.get("motion") == "prompt" else None
    if words and "camera" not in values.get("prompt", "").lower():
        values["prompt"] = ", ".join(filter(None, (values.get("prompt", "").rstrip(" .,"), words)))
    return values


def _size(values, picture_size):
    """Width and height; one that is missing follows from the picture's shape."""
    width, height = values.get("width"), values.get("height")
    if picture_size and not (width and height):
        across, down = picture_size
        scale = width / across if width else height / down if height else 1
        width, height = width or round(across * scale), height or round(down * scale)
    return {"width": width, "height": height} if width and height else {}


def _render_size(values, given, about):
    """The size that the model draws: the asked shape, of at most so many megapixels."""
    if not ("width" in values and "height" in values):
        return {}
    most = given.get("megapixels") or about.get("megapixels")
    width, height = values["width"], values["height"]
    scale = min(1.0, math.sqrt(most * 1e6 / (width * height))) if most else 1.0
    return {"render_width": width * scale, "render_height": height * scale}


def _time(given, about):
    """How many frames at which rate: the asked rate, as far as the model makes it and so many.

    Where the frames do not reach, the rate falls to what the workflow allows; past that the clip
    is too long for it.
    """
    rates, most = about.get("fps") or {}, (about.get("frames") or {}).get("max")
    duration_s, asked = given["duration_s"], _rate(given.get("fps") or "24")
    rate = max(Fraction(rates.get("min", 1)), min(Fraction(rates.get("max", 120)), asked))
    if most and duration_s * rate > most:
        rate = Fraction(most) / Fraction(duration_s).limit_denominator(1000)
    least = Fraction(rates.get("min", 1))
    if rate < least:
        limit_s = float(most / least)
        told = f"duration_s: {duration_s:g} s is longer than the {limit_s:g} s that this workflow "
        told += f"makes ({most} frames, at no less than {float(least):g} a second)"
        raise PluginError(told, code="beyond_limits", details={"limit": limit_s})
    frames = max(1, math.ceil(duration_s * rate - Fraction(1, 1000)))
    return {"frames": frames, "fps": rate, "duration_s": duration_s}


def _motion(given, about):
    word, meaning = given.get("motion") or "static", about.get("motion")
    if isinstance(meaning, dict):
        value = meaning.get(word, meaning.get("other"))
        return {} if value is None else {"motion": value}
    return {"motion": word}


def _rate(text):
    if str(text) in NTSC:
        return Fraction(NTSC[str(text)], 1001)
    try:
        rate = Fraction(str(text))
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if not 1 <= rate <= 120:
        told = f"fps: expected 1 to 120 such as 24, 29.97 or 24000/1001, got {text}"
        raise PluginError(told, code="bad_input")
    return rate


def fitted(value, kind, options, name, tall=False):
    """A value as an input of ComfyUI takes it: its type, its grid, its limits.

    Args:
        value: Text, number or Fraction.
        kind: The input's type, such as "INT".
        options: What /object_info says of it: `min`, `max`, `step`.
        name: For the error.
        tall: Round up to the grid, not to the nearest (a clip may not be too short).

    Raises:
        PluginError: "beyond_limits": above what the node takes.
    """
    if kind in ("INT", "FLOAT"):
        try:
            value = Fraction(str(value))
        except ValueError:
            raise PluginError(
                f"{name}: expected a number, got {value!r}", code="bad_input"
            ) from None
        if value > options.get("max", value):
            told = f"{name}: {float(value):g} is more than {options['max']}, the most of this node"
            raise PluginError(told, code="beyond_limits", details={"limit": options["max"]})
        value = max(value, Fraction(str(options.get("min", value))))
        return _on_grid(value, options, tall) if kind == "INT" else float(value)
    if kind == "BOOLEAN":
        return bool(value)
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else float(value)
    return value if kind == "*" else str(value)


def _on_grid(value, options, tall):
    step, least = options.get("step") or 1, options.get("min") or 0
    # Sizes have 16 as the least and steps of 8: multiples of 8. Lengths have 1 and 4: 1, 5, 9.
    origin = least if least % step else 0
    steps = (value - origin) / Fraction(str(step))
    count = math.ceil(steps) if tall else math.floor(steps + Fraction(1, 2))
    return max(least, int(origin + count * step))
