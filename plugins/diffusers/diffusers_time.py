"""How many frames a model makes for a clip, at which rate, and which of them is seen when."""

import math
from dataclasses import dataclass
from fractions import Fraction

from diffusers_rate import frame_count
from filmeto_plugin import PluginError

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


@dataclass(frozen=True)
class Habit:
    """What a family of models makes.

    Args:
        most: The most frames.
        step: The number of frames is one more than a multiple of this.
        slowest, fastest: Frames a second.
    """

    most: int
    step: int
    slowest: Fraction
    fastest: Fraction


# By how the pipeline's class begins. Sources: the models' cards and diffusers' pages of each pipeline.
_HABITS = {
    "StableVideoDiffusion": (25, 1, 5, 30),  # it is told the rate, and moves accordingly
    "CogVideoX": (49, 4, 8, 8),
    "HunyuanVideo": (129, 4, 24, 24),
    "I2VGenXL": (16, 1, 8, 8),
    "LTX": (257, 8, 24, 30),  # told the rate as well
    "SkyReels": (97, 4, 24, 24),
    "Wan": (81, 4, 16, 16),
}
_UNKNOWN = (49, 4, 8, 24)


def habit_of(pipeline, most_frames=0, rate=0.0):
    """What a pipeline's model makes; a user who knows better says the most frames and the rate."""
    name = type(pipeline).__name__
    known = next((h for start, h in _HABITS.items() if name.startswith(start)), _UNKNOWN)
    most, step, slowest, fastest = known
    unet = getattr(getattr(pipeline, "unet", None), "config", None)
    most = most_frames or getattr(unet, "num_frames", None) or most
    if rate:
        slowest = fastest = Fraction(rate).limit_denominator(1001)
    return Habit(most, step, Fraction(slowest), Fraction(fastest))


def frames_for(duration_s, asked_rate, habit):
    """(frames, rate) that a model makes so that its clip lasts as long as asked.

    The rate is the asked one as far as the model makes it; where its frames do not reach, it falls.

    Raises:
        PluginError: "beyond_limits": the clip is longer than the model makes.
    """
    length = Fraction(str(duration_s))
    rate = max(habit.slowest, min(habit.fastest, asked_rate))
    if length * rate > habit.most:
        rate = Fraction(habit.most) / length
    if rate < habit.slowest:
        limit_s = float(habit.most / habit.slowest)
        told = f"duration_s: {duration_s:g} s is longer than the {limit_s:.4g} s that this model makes "
        told += f"({habit.most} frames, at no less than {float(habit.slowest):g} a second)"
        raise PluginError(told, code="beyond_limits", details={"limit": {"duration_s": limit_s}})
    least = max(1, math.ceil(length * rate))
    frames = math.ceil((least - 1) / habit.step) * habit.step + 1
    return min(frames, habit.most), rate


def shown(made, made_rate, duration_s, rate):
    """For each frame of the clip which of the model's frames is seen: indices from 0, in order."""
    return [min(made - 1, int(i / rate * made_rate)) for i in range(frame_count(duration_s, rate))]


def with_motion(prompt, motion):
    """The prompt, with the camera's motion in words unless it speaks of the camera itself."""
    words = CAMERA.get(motion)
    if not words or "camera" in prompt.lower():
        return prompt
    return ", ".join(filter(None, (prompt.rstrip(" .,"), words)))
