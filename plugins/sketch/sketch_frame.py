"""The frame being composed: canvas, scene, light, horizon, and which subjects are drawn already."""

import zlib

import numpy as np

FIGURE = {"extreme_wide": 0.17, "wide": 0.36, "medium": 0.66, "close": 0.85}


HORIZON = {"eye": 0.56, "high": 0.30, "low": 0.80, "bird": 0.14}


class Frame:
    """What stages and the generic placement share.

    Attributes:
        cv, scene, seed: The canvas, the parsed prompt, the seed.
        side: Where the light is, -1 left or 1 right.
        horizon, sun: In px; `sun` is (x, y).
        unit: Height in px of a grown person at `stand`, the line where the main figures are.
        done: Kinds of subjects that a stage has drawn.
        people: Where the stage put people, so that what they hold is not drawn again.
    """

    def __init__(self, cv, scene, seed, side):
        self.cv, self.scene, self.seed, self.side = cv, scene, seed, side
        self.done = set()
        self.w, self.h = cv.w, cv.h
        self.tall = cv.h > cv.w * 1.1
        r = self.rng("frame")
        self.horizon = cv.h * (HORIZON[scene.angle] + r.uniform(-0.02, 0.02))
        if self.tall and scene.angle == "eye":
            self.horizon = cv.h * 0.50
        low = scene.time in ("dawn", "sunset", "dusk")
        sx = cv.w * (0.5 + side * r.uniform(0.18, 0.30))
        sy = (
            self.horizon - cv.h * (0.045 if low else 0.36)
            if not scene.time == "night"
            else cv.h * 0.17
        )
        self.sun = (sx, max(sy, cv.h * 0.1))
        share = FIGURE[scene.shot]
        self.unit = min(cv.h * share, cv.w * share * 1.25)
        self.stand = max(cv.h * 0.88, self.horizon + self.unit * 0.1)
        if scene.shot == "extreme_wide":
            self.stand = cv.h * 0.80
        if scene.shot == "close":
            self.stand = cv.h * 1.08

    def rng(self, name):
        """A generator of its own for each element, so that one does not disturb another."""
        return np.random.default_rng([self.seed & 0x7FFFFFFF, zlib.crc32(name.encode())])

    def asked(self, kind):
        """The subject if the prompt has it, and mark it as drawn."""
        found = self.scene.get(kind)
        if found is not None:
            self.done.add(kind)
        return found

    def allowed(self, kind, default=True):
        """Whether to draw a thing that fits: asked for, or by default and not excluded."""
        if self.asked(kind):
            return True
        return default and self.scene.allows(kind)

    def scale(self, y):
        """A grown person's height in px standing at y on level ground."""
        span = max(self.stand - self.horizon, 1.0)
        return self.unit * max(0.06, (y - self.horizon) / span)
