"""The names that a provider's templates may use, and the values that a call gives them."""

import math

from filmeto_plugin import PluginError

CAMERA = {
    "push-in": "The camera pushes in slowly.",
    "pull-out": "The camera pulls out slowly.",
    "pan-left": "The camera pans slowly to the left.",
    "pan-right": "The camera pans slowly to the right.",
    "tilt-up": "The camera tilts up slowly.",
    "tilt-down": "The camera tilts down slowly.",
    "parallax": "The camera trucks sideways; what is near moves more than what is far.",
    "static": "The camera does not move.",
}
PARAMETERS = (
    "prompt negative_prompt width height seed strength motion duration_s fps text language voice "
    "speed"
).split()
FILES = ("picture", "pictures", "sound", "portrait")
DERIVED = ("avoid", "camera", "aspect_ratio", "frames")
NAMES = frozenset((*PARAMETERS, *FILES, *DERIVED))
WHOLE = 1e-6  # a length that is so near to a whole number is one


def values_of(parameters, limits):
    """What the templates' names stand for, within the model's limits; files come later.

    Args:
        parameters: The call's.
        limits: By name, {min, max, multiple, choices}.

    Raises:
        PluginError: More is asked than the model does.
    """
    values = {name: parameters[name] for name in PARAMETERS if parameters.get(name) is not None}
    unwanted = values.get("negative_prompt", "").strip().rstrip(".")
    values["avoid"] = f"Do not show: {unwanted}." if unwanted else ""
    values["camera"] = CAMERA.get(values.get("motion"), "")
    for name in ("width", "height"):
        if not values.get(name):  # 0: as the model makes it
            values.pop(name, None)
    for name in limits:
        if name != "aspect_ratio" and values.get(name) is not None:
            values[name] = _within(name, values[name], limits[name])
    values["aspect_ratio"] = _shape(values, limits.get("aspect_ratio", {}).get("choices", ()))
    if "fps" in values and "duration_s" in values:
        values["frames"] = max(1, round(float(values["duration_s"]) * _rate(values["fps"])))
    return values


def _within(name, value, limit):
    size = len(value) if isinstance(value, str) and name != "fps" else float(value)
    if "choices" in limit:
        return _least_choice(name, size, limit["choices"])
    if "multiple" in limit:
        size = math.ceil(size / limit["multiple"] - WHOLE) * limit["multiple"]
        value = int(size) if float(size).is_integer() else size
    if size > limit.get("max", math.inf):
        raise _beyond(name, size, limit["max"])
    if size < limit.get("min", -math.inf):
        value = limit["min"]
    return value


def _least_choice(name, size, choices):
    """The least of the choices that holds what is asked."""
    fitting = [choice for choice in choices if float(choice) >= size - WHOLE]
    if not fitting:
        raise _beyond(name, size, max(map(float, choices)))
    return min(fitting, key=float)


def _beyond(name, asked, most):
    unit = {"duration_s": " s", "text": " characters", "prompt": " characters"}.get(name, "")
    told = f"{name}: the model takes at most {most:g}{unit}, and {asked:g}{unit} are asked"
    return PluginError(told, code="beyond_limits", details={"limit": {name: most}})


def _shape(values, choices):
    """The aspect ratio in words, such as "16:9": the nearest that the model has."""
    width, height = values.get("width"), values.get("height")
    if not width or not height:
        return choices[0] if choices else ""
    if not choices:
        divisor = math.gcd(int(width), int(height))
        return f"{int(width) // divisor}:{int(height) // divisor}"

    def distance(choice):
        across, down = choice.split(":")
        return abs(math.log(float(across) / float(down) * height / width))

    return min(choices, key=distance)


def _rate(fps):
    top, _, bottom = str(fps).partition("/")
    return float(top) / float(bottom or 1)
