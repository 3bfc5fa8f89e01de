"""text2image: a landscape in layers, painted row by row."""

import math
import random

from filmeto_plugin import Output, PluginError
from png_file import write_png

RIDGES = 4
TOLD_EVERY = 16  # rows


def text2image(call):
    """Paint one picture; `call.parameters` has every parameter of plugin.yaml."""
    wanted = call.parameters
    prompt = wanted["prompt"].strip()
    if not prompt:
        raise PluginError("the prompt is empty; say what to paint", code="empty_prompt")
    width, height = wanted["width"], wanted["height"]
    scene = Landscape(prompt, wanted["seed"], width, height)
    rows = bytearray()
    for y in range(height):
        if y % TOLD_EVERY == 0:
            call.check_cancelled()  # ends the call here if its caller gave up
            call.progress(95 * y / height, f"row {y} of {height}")
        rows += b"\0" + scene.row(y)
    path = call.output("picture.png")
    write_png(path, width, height, rows)
    call.progress(100, "saved")
    about = {"seed": wanted["seed"], "negative_prompt": wanted.get("negative_prompt", "")}
    return Output(path, "image/png", {"width": width, "height": height, **about})


class Landscape:
    """A sky, a sun and ridges, the nearer the darker; chance comes from the seed alone."""

    def __init__(self, prompt, seed, width, height):
        chance = random.Random(f"{prompt}|{seed}")
        self.width, self.height = width, height
        night = any(word in prompt.lower() for word in ("night", "dark", "moon", "夜"))
        warm = [chance.randint(*((20, 60) if night else (170, 250))) for _ in range(3)]
        cold = [chance.randint(*((5, 40) if night else (70, 170))) for _ in range(3)]
        self.low, self.high = sorted(warm), sorted(cold, reverse=True)
        self.sun = (chance.randint(0, width), int(height * chance.uniform(0.2, 0.5)), height // 9)
        self.ridges = [self._ridge(chance, n) for n in range(RIDGES)]

    def _ridge(self, chance, n):
        """A colour, and for each column the row where the ridge begins."""
        base = self.height * (0.45 + 0.14 * n)
        waves = [(chance.uniform(1, 9), chance.uniform(0, 7)) for _ in range(3)]
        tops = []
        for x in range(self.width):
            swell = sum(math.sin(x / self.width * f + p) / f for f, p in waves)
            tops.append(base - swell * self.height * 0.18)
        shade = 0.75 - 0.17 * n
        return bytes(int(c * shade) for c in self.high), tops

    def row(self, y):
        """One row, RGB."""
        t = y / self.height
        sky = bytes(int(h + (w - h) * t) for h, w in zip(self.high, self.low, strict=True))
        pixels = [sky] * self.width
        x, middle, radius = self.sun
        if abs(y - middle) < radius:
            half = int(math.sqrt(radius**2 - (y - middle) ** 2))
            left, right = max(0, x - half), min(self.width, x + half)
            pixels[left:right] = [b"\xff\xf4\xd8"] * max(0, right - left)
        for colour, tops in self.ridges:
            for x, top in enumerate(tops):
                if y >= top:
                    pixels[x] = colour
        return b"".join(pixels)
