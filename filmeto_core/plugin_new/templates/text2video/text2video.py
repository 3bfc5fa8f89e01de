"""text2video: the sun rises over moving water; frames of whole rows, made without a library."""

import math
import random

from clip_file import ClipFile, even
from filmeto_plugin import Output, PluginError


def text2video(call):
    """Film one scene; `call.parameters` has every parameter of plugin.yaml."""
    wanted = call.parameters
    if not wanted["prompt"].strip():
        raise PluginError("the prompt is empty; say what is to be seen", code="empty_prompt")
    width, height, fps = even(wanted["width"]), even(wanted["height"]), wanted["fps"]
    frames = max(1, round(wanted["duration_s"] * fps))
    sea = Sea(wanted["prompt"], wanted["seed"], width, height)
    path = call.output("clip.mp4")
    with ClipFile(path, width, height, fps) as clip:
        for i in range(frames):
            call.check_cancelled()  # ends the call, and ffmpeg with it, if its caller gave up
            clip.add(sea.frame(i / frames, i / fps))
            call.progress(98 * (i + 1) / frames, f"frame {i + 1} of {frames}")
    about = {"width": width, "height": height, "fps": fps, "seed": wanted["seed"]}
    return Output(path, "video/mp4", about)


class Sea:
    """Sky, sun and water; chance comes from the seed alone."""

    def __init__(self, prompt, seed, width, height):
        chance = random.Random(f"{prompt}|{seed}")
        self.width, self.height, self.horizon = width, height, int(height * 0.6)
        self.sky = [chance.randint(60, 130) for _ in range(3)]
        self.glow = [chance.randint(190, 255), chance.randint(110, 190), chance.randint(60, 120)]
        self.sun_x = chance.uniform(0.25, 0.75) * width
        self.swell = chance.uniform(20, 45)

    def frame(self, t, seconds):
        """One frame, RGB, row by row; `t` goes from 0 to 1 over the clip."""
        light = 0.45 + 0.55 * t
        sky = [self._row(y, t, light) for y in range(self.horizon)]
        water = [self._water(y, seconds, sky) for y in range(self.horizon, self.height)]
        return b"".join(sky + water)

    def _row(self, y, t, light):
        low = y / self.horizon
        pairs = zip(self.sky, self.glow, strict=True)
        colour = bytes(int((s + (g - s) * low * light) * light) for s, g in pairs)
        radius, middle = self.height * 0.11, self.horizon - self.height * 0.35 * t
        if abs(y - middle) >= radius:
            return colour * self.width
        half = math.sqrt(radius**2 - (y - middle) ** 2)
        left, right = (min(self.width, max(0, int(self.sun_x + s * half))) for s in (-1, 1))
        sun = b"\xff\xf0\xc8" * (right - left)
        return colour * left + sun + colour * (self.width - right)

    def _water(self, y, seconds, sky):
        """The sky's row on the other side of the horizon, darker and shifted by the waves."""
        depth = y - self.horizon + 1
        mirrored = sky[max(0, self.horizon - 1 - depth * self.horizon // self.height)]
        shift = int(math.sin(self.swell * depth / self.height * 3 + seconds * 4) * depth / 6) * 3
        dark = bytes(value * 3 // 5 for value in range(256))
        return (mirrored[shift:] + mirrored[:shift]).translate(dark)
