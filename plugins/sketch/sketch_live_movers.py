"""What crosses the picture: walkers with a gait, vehicles, running animals, balloons."""

import math

import numpy as np
from sketch_blend import warped_over
from sketch_gait import JOINTS, PACE
from sketch_layers import lamplit, sprite
from sketch_motion import joined, placed, turned

_GAIT_PHASES = 24
_WALK_S, _RUN_S = 1.06, 0.74  # one cycle, both feet
# Vehicles: px that their drawing needs to the left, right, above and below (x, y), in their sizes.
_EXTENT = {
    "train": (13.0, 13.0, 2.4, 0.5),
    "car": (1.0, 3.2, 0.7, 0.4),
    "bicycle": (0.8, 0.8, 1.2, 0.3),
    "cart": (1.4, 1.4, 1.6, 0.4),
    "plane": (0.9, 0.9, 0.6, 0.6),
    "balloon": (0.7, 0.7, 0.8, 0.9),
    "beast": (1.1, 1.1, 1.3, 0.3),
    "silhouette": (0.5, 0.5, 1.2, 0.3),
}
# Shares of the sheet's width a second.
_SPEED = {
    "train": 0.085,
    "car": 0.15,
    "bicycle": 0.10,
    "cart": 0.035,
    "plane": 0.05,
    "balloon": 0.006,
}


def moves_on(made):
    """Whether an element crosses the picture, and is therefore drawn in every frame."""
    if made.kind == "portrait":
        return True
    if made.kind == "person":
        return made.get("pose") in ("walk", "run")
    if made.kind == "beast":
        return bool(made.get("running"))
    return made.kind in ("train", "car", "bicycle", "cart", "plane", "balloon", "silhouette")


def _lit_by(drawn, made, anchor):
    """Light a sprite as the lamps near its place do, whose place in it is `anchor`."""
    left, top = anchor[0] - drawn.x, anchor[1] - drawn.y
    x, y, size = (made.about[k] for k in ("x", "y", "size"))
    for lamp_x, lamp_y, radius, *rest in made.lamps:
        if abs(lamp_x - x) < size or radius > 4 * size:
            lamplit(drawn.rgba, lamp_x - x + left, lamp_y - y + top, radius, *rest)


def lapped(x, low, high):
    """x brought back to low..high, and how often it went round."""
    lap = math.floor((x - low) / (high - low))
    return x - lap * (high - low), lap


class Walker:
    """A person who walks or runs: the feet stand while the body passes over them.

    Args:
        made: The person's Element.
        film: The Film.
    """

    def __init__(self, made, film):
        about = made.about
        self._film, self._made = film, made
        self.gait = about["pose"]
        self._away = bool(about["back"]) and film.scene.shot != "close"
        self._flip = film.pan or about["flip"]
        self._x, self._y, size = about["x"], about["y"], about["size"]
        self._depth = film.canvas.depth_of(made)
        self._period = _WALK_S if self.gait == "walk" else _RUN_S
        child = about["subject"].kind in ("girl", "boy", "child")
        self._stature = size * (0.64 if child else 0.97)
        self._period *= 0.88 if child else 1.0
        self._phase = 0.37 * made.number
        w, above, below = int(1.9 * size), int(1.75 * size), int(0.3 * size)
        self._foot = (w / 2, float(above))
        self._frames = [
            self._drawn(made, film, k / _GAIT_PHASES, w, above, below) for k in range(_GAIT_PHASES)
        ]

    def _drawn(self, made, film, phase, w, above, below):
        joints = JOINTS[self.gait](phase, 0.62 if self._away else 1.0)

        def draw(cv):
            made.draw(cv, x=w / 2, y=float(above), flip=self._flip, joints=joints)

        drawn = sprite(draw, w, above + below, film.canvas)
        _lit_by(drawn, made, self._foot)
        return drawn

    def step(self, t):
        """The gait's phase at second t, 0 to 1: the near foot lands at 0."""
        return (t / self._period + self._phase) % 1.0

    def place(self, t):
        """(x, y, size factor) on the sheet at second t."""
        film, past = self._film, t - self._film.duration_s / 2
        speed = PACE[self.gait] * self._stature / self._period
        if self._away:
            # Walking off: the distance grows evenly, and the figure is as large as 1 / distance.
            drop = max(self._y - film.canvas.horizon, 1.0)
            rate = 0.075 if self.gait == "walk" else 0.15
            far = max(0.55, 1.0 + rate * min(past, 60.0))
            return self._x, film.canvas.horizon + drop / far, 1 / far
        margin = 0.6 * self._stature
        reach = film.canvas.w + 2 * margin
        x, _ = lapped(self._x + self._flip * speed * past, -margin, reach - margin)
        return x, self._y, 1.0

    def draw(self, frame, moment):
        x, y, factor = self.place(moment.t)
        drawn = self._frames[int(self.step(moment.t) * _GAIT_PHASES) % _GAIT_PHASES]
        depth = self._film.canvas.depth_at(y) if self._away else self._depth
        move = turned(
            self._foot[0], self._foot[1], 0, x - self._foot[0], y - self._foot[1], factor, factor
        )
        move = joined(move, placed(drawn))
        warped_over(frame, drawn.rgba, joined(moment.view.matrix(depth), move))


class Crosser:
    """Something drawn once that moves on: a vehicle, a balloon, a beast that runs, a passer-by.

    Args:
        made: Its Element.
        film: The Film.
    """

    def __init__(self, made, film):
        about, kind = made.about, made.kind
        self._film, self.made, self._kind = film, made, kind
        self._x, self._y, size = about["x"], about["y"], about["size"]
        self._size = size
        # In a pan what moves goes the camera's way, so that it is seen.
        turns = "flip" in about and film.pan
        self._flip = film.pan if turns else about.get("flip", film.blows) or 1
        left, right, above, below = (int(v * size) + 4 for v in _EXTENT[kind])
        if self._flip < 0:
            left, right = right, left
        self._anchor = (float(left), float(above))
        self._left, self._right = left, right
        self._depth = film.canvas.depth_of(made)

        def draw(cv):
            flip = {"flip": self._flip} if "flip" in about else {}
            made.draw(cv, x=float(left), y=float(above), **flip)

        self._sprite = sprite(draw, left + right, above + below, film.canvas)
        _lit_by(self._sprite, made, self._anchor)
        self._seed = film.seed + made.number
        self.wheels = [Wheels(part, film) for part in self._sprite.parts if part.kind == "wheels"]

    def inside(self, kind):
        """The places, px of the sheet from its own, of what is in it: smoke."""
        return [
            (part.about["x"] - self._anchor[0], part.about["y"] - self._anchor[1], part)
            for part in self._sprite.parts
            if part.kind == kind
        ]

    @property
    def lights(self):
        """What shines in it, as Lights of the sheet."""
        for light in self._sprite.lights:
            light.x += self._x - self._anchor[0]
            light.y += self._y - self._anchor[1]
            light.depth = self._depth
            light.element = self.made
        return self._sprite.lights

    @property
    def speed(self):
        """px of the sheet a second, to the right."""
        w = self._film.canvas.w
        if self._kind == "silhouette":
            return 0.0
        if self._kind == "beast":
            return 0.9 * self._size * self._flip
        return _SPEED[self._kind] * w * self._flip

    def shift(self, t):
        """(dx, dy, turn) from where it was drawn, at second t."""
        past, size, p = t - self._film.duration_s / 2, self._size, self._seed * 1.3
        x = self._x + self.speed * past
        gap = 0.25 * self._film.canvas.w
        x, _ = lapped(x, -self._right - gap, self._film.canvas.w + self._left + gap)
        dx = x - self._x
        if self._kind in ("plane", "balloon"):
            rock = 0.02 * math.sin(0.7 * t + p)
            return dx, size * (0.03 * math.sin(0.53 * t + p)), rock
        if self._kind == "beast":
            stride = 2 * math.pi * t / 0.52 + p
            return (
                dx,
                -0.05 * size * abs(math.sin(stride / 2)),
                0.06 * math.sin(stride) * self._flip,
            )
        if self._kind == "silhouette":
            # In a crowd people step to and fro, and get nowhere.
            go = math.sin(0.47 * t + p) + 0.6 * math.sin(0.29 * t + 2 * p)
            stride = 5.5 * go + p
            return 0.16 * size * go, -0.012 * size * abs(math.sin(stride)), 0.02 * math.sin(stride)
        jolt = math.sin(17 * t + p) * math.sin(5.3 * t + 2 * p)
        return dx, 0.005 * size * jolt, 0.003 * math.sin(4.1 * t + p)

    def move(self, t):
        """The 2 x 3 matrix, sheet to sheet, at second t."""
        dx, dy, turn = self.shift(t)
        return turned(self._x, self._y, turn, dx, dy)

    def draw(self, frame, moment):
        home = np.array([[1.0, 0, self._x - self._anchor[0]], [0, 1.0, self._y - self._anchor[1]]])
        matrix = joined(moment.view.matrix(self._depth), joined(self.move(moment.t), home))
        warped_over(frame, self._sprite.rgba, joined(matrix, placed(self._sprite)))
        rolled = self.shift(moment.t)[0]
        for wheels in self.wheels:
            wheels.draw(frame, matrix, rolled)


class Sails:
    """The sails of a windmill: they turn with the wind, and never quite evenly."""

    def __init__(self, made, film):
        about, self._film = made.about, film
        (self._x, self._y), size = about["hub"], about["size"]
        self._depth = film.canvas.depth_of(made.parent)
        side = int(1.06 * size) + 8
        self._middle = side / 2
        at = (self._middle, self._middle)
        self._drawn = sprite(lambda cv: made.draw(cv, hub=at), side, side, film.canvas)

    def turn(self, t):
        """How far they have turned at second t, radians."""
        pace = 0.45 + 0.75 * self._film.wind
        return self._film.blows * (pace * t + 0.22 * math.sin(0.7 * t) + 0.13 * math.sin(1.23 * t))

    def draw(self, frame, moment):
        m = self._middle
        move = turned(m, m, self.turn(moment.t), self._x - m, self._y - m)
        move = joined(move, placed(self._drawn))
        warped_over(frame, self._drawn.rgba, joined(moment.view.matrix(self._depth), move))


class Wheels:
    """Wheels that roll as far as their vehicle moves."""

    def __init__(self, made, film):
        about = made.about
        self._spots, self._r = [tuple(p) for p in about["spots"]], float(about["r"])
        side = int(2 * self._r) + 8
        middle = side / 2

        def draw(cv):
            made.draw(cv, spots=[(middle, middle)])
            for k in range(3):  # without spokes nobody sees it turn
                a = k * math.pi / 3
                d = np.array([math.cos(a), math.sin(a)]) * self._r * 0.8
                cv.strokes(
                    [[(middle, middle) - d, (middle, middle) + d]], 0.9, (0.75, 0.74, 0.72), 0.6
                )

        self._drawn, self._middle = sprite(draw, side, side, film.canvas), middle

    def draw(self, frame, matrix, rolled):
        """Draw them in the vehicle's own pixels, seen through a matrix, after `rolled` px."""
        for x, y in self._spots:
            move = turned(
                self._middle, self._middle, rolled / self._r, x - self._middle, y - self._middle
            )
            warped_over(frame, self._drawn.rgba, joined(matrix, joined(move, placed(self._drawn))))
