"""Lights: lamps and windows that flicker, a lighthouse's beam that turns, lightning, fireflies."""

import math

import cv2
import numpy as np
from sketch_blend import brightened, stamp
from sketch_chance import chance
from sketch_layers import WHOLLY_LIVE

_COARSE = 6  # frame pixels to one of the light map's: light is soft
_HALO = 33  # px of a halo's picture
# How much a light varies, and how fast, by what carries it.
_FLICKER = {
    "fire": (0.95, 3.2), "flame": (0.9, 2.0), "hanging": (0.45, 1.1), "neon": (0.55, 0.0), "person": (0.6, 2.0),
    "boat": (0.5, 1.4), "thing": (0.38, 0.45), "facade": (0.38, 0.45), "streetlamp": (0.22, 0.8),
}  # fmt: skip
_USUAL = (0.5, 1.2)
_TURN_S = 7.0  # seconds in which a lighthouse's lamp goes round


def wavering(t, key, rate):
    """A light's brightness over time, about 0 to 1: slow swells and quick dips."""
    p = 6.28 * float(chance(key, 1))
    slow = math.sin(0.9 * rate * t + p) * math.sin(0.37 * rate * t + 2 * p)
    quick = math.sin(5.1 * rate * t + 3 * p) * math.sin(3.3 * rate * t + p)
    return 0.6 + 0.28 * slow + 0.22 * quick


class Lights:
    """All halos of the picture, added to each frame as one map of light.

    Args:
        film: The Film.
        lights: Lights of the canvas.
        carry: Gives the 2 x 3 matrix, sheet to sheet, of what carries a light, or None.
    """

    def __init__(self, film, lights, carry):
        self._film, self._lights = film, [x for x in lights if x.radius > 2.5 * film.px]
        self._moves = [carry(x.element) for x in self._lights]
        axis = (np.arange(_HALO) + 0.5) / _HALO * 2 - 1
        r = np.sqrt(np.minimum(axis[:, None] ** 2 + axis[None] ** 2, 1)).astype(np.float32)
        self._halo = (1 - r) ** 2 * (0.45 + 0.55 * (1 - r) ** 3)

    def brightness(self, k, t):
        """How bright light k is at second t, of its own halo."""
        light = self._lights[k]
        kind = light.element.kind if light.element is not None else ""
        depth, rate = _FLICKER.get(kind, _USUAL)
        key = self._film.seed + 911 * (k + 1)
        if kind == "neon":
            return 0.5 + depth * _buzz(t, key)
        if kind in ("thing", "facade"):  # somebody leaves a room, somebody comes home
            away = float(chance(key, math.floor(t / 9 + 5 * float(chance(key, 3))), 4)) < 0.1
            return 0.15 if away else 0.55 + depth * (wavering(t, key, rate) - 0.5)
        steady = 1.0 if kind in WHOLLY_LIVE else 0.28
        return steady + depth * (wavering(t, key, rate) - 0.35)

    def draw(self, frame, moment):
        h, w = frame.shape[:2]
        total = np.zeros((h // _COARSE + 1, w // _COARSE + 1, 3), np.float32)
        for k, light in enumerate(self._lights):
            amount = light.strength * self.brightness(k, moment.t)
            x, y = light.x, light.y
            if self._moves[k] is not None:
                x, y = self._moves[k](moment.t) @ (x, y, 1)
            x, y = moment.view.point(x, y, light.depth)
            radius = light.radius * moment.view.at(light.depth)[0] / _COARSE
            side = (max(2.0, 2 * radius), max(2.0, 2 * radius * light.squash))
            if amount < 0.01 or side[0] > 4 * w:
                continue
            colour = np.asarray(light.colour, np.float32) * np.float32(amount)
            stamp(total, self._halo, x / _COARSE, y / _COARSE, colour, side)
        if self._lights:
            brightened(frame, 1 - np.exp(-total))


def _buzz(t, key):
    """A neon tube: steady, and now and then a stutter."""
    spell = math.floor(t / 2.3 + 7 * float(chance(key, 6)))
    if float(chance(key, spell, 7)) < 0.22:
        return float(chance(key, math.floor(t * 13), 8) < 0.6)
    return 0.8 + 0.1 * math.sin(9 * t + key % 7)


class Beam:
    """The beam of a lighthouse, seen from the side: it goes round, and flashes as it meets us."""

    def __init__(self, made, film, carry=None):
        about = made.about
        self._film, self._x, self._y = film, about["x"], about["y"]
        self._size, self._depth = about["size"], film.canvas.depth_of(made.parent)
        scene = film.scene
        misty = scene.weather in ("fog", "rain", "storm") or scene.has("beam")
        self._thick = 0.62 if misty else 0.48
        self._phase = 2 * math.pi * float(chance(film.seed, 51))

    def angle(self, t):
        """Where the lamp points at second t: 0 is right, a quarter turn is at us."""
        return self._phase + 2 * math.pi * t / _TURN_S

    def draw(self, frame, moment):
        h, w = frame.shape[:2]
        x, y = moment.view.point(self._x, self._y, self._depth)
        x, y = x / _COARSE, y / _COARSE
        size = (w // _COARSE + 1, h // _COARSE + 1)
        reach = 0.95 * (size[0] + size[1])
        total = np.zeros(size[::-1], np.float32)
        across = (np.arange(size[0], dtype=np.float32) - np.float32(x))[None]
        down = (np.arange(size[1], dtype=np.float32) - np.float32(y))[:, None]
        for half in (0.0, math.pi):
            angle = self.angle(moment.t) + half
            c, s = math.cos(angle), math.sin(angle)
            # Seen from the side a beam that points at us or away is short and wide.
            length = reach * abs(c) + 0.02 * reach
            slope = 0.10 * s - 0.05
            side = 1.0 if c >= 0 else -1.0
            along = across * side
            spread = 0.022 * size[0] * 0.12 + np.maximum(along, 0) * (0.055 + 0.10 * abs(s))
            off = np.abs(down - along * slope)
            body = np.clip(1 - off / spread, 0, 1) * (along > 0)
            fall = np.exp(-np.maximum(along, 0) / (0.55 * length + 1))
            bright = (0.45 + 0.55 * abs(c)) * (1.0 if s > 0 else 0.75)
            total += body * body * (3 - 2 * body) * fall * bright * self._thick
        flash = max(0.0, abs(math.sin(self.angle(moment.t)))) ** 14
        halo = np.hypot(across, down) / (0.10 * self._size / _COARSE * (1 + 2.2 * flash))
        total += np.exp(-(halo**1.4)) * (0.35 + 0.65 * flash)
        colour = np.array((1.0, 0.93, 0.70), np.float32)
        brightened(frame, np.clip(total, 0, 1)[..., None] * colour)


class Storm:
    """When lightning strikes: a few strokes each, seconds apart."""

    def __init__(self, seed):
        self._seed = seed

    def flash(self, t):
        """How bright the stroke is at second t, 0 to 1."""
        spell = math.floor(t / 3.7)
        start = 3.7 * spell + 0.4 + 2.0 * float(chance(self._seed, spell + 99, 52))
        past = t - start
        if past < 0 or past > 0.75:
            return 0.0
        light = math.exp(-past * 7)
        if past > 0.14:
            light = max(light, 0.8 * math.exp(-(past - 0.14) * 6))
        return light


class Flash:
    """The whole frame in the light of a stroke."""

    def __init__(self, storm):
        self._storm = storm

    def draw(self, frame, moment):
        light = self._storm.flash(moment.t)
        if light > 0.02:
            flat = np.full((2, 2, 3), (0.30, 0.33, 0.42), np.float32) * light
            brightened(frame, flat)


class Fireflies:
    """Points of light that wander low over the ground, and glow by turns."""

    def __init__(self, made, film):
        self._film, self._count = film, int(made.get("count", 40))
        axis = (np.arange(_HALO) + 0.5) / _HALO * 2 - 1
        r = np.sqrt(np.minimum(axis[:, None] ** 2 + axis[None] ** 2, 1)).astype(np.float32)
        self._halo = ((1 - r) ** 3 + 1.6 * np.exp(-((r / 0.13) ** 2))).astype(np.float32)

    def place(self, k, t):
        """(x, y) of firefly k at second t, px of the sheet."""
        film, seed = self._film, self._film.seed + 86
        p, q = (6.28 * float(chance(seed, k, i)) for i in (1, 2))
        x = float(chance(seed, k, 3)) * film.canvas.w
        y = (0.42 + 0.52 * float(chance(seed, k, 4))) * film.canvas.h
        wide = 34 * film.px
        x += wide * (math.sin(0.41 * t + p) + 0.5 * math.sin(1.07 * t + q))
        y += wide * 0.6 * (math.sin(0.53 * t + q) + 0.4 * math.sin(1.31 * t + p))
        return x, y

    def draw(self, frame, moment):
        h, w = frame.shape[:2]
        total = np.zeros((h // 2 + 1, w // 2 + 1, 3), np.float32)
        seed = self._film.seed + 87
        for k in range(self._count):
            p = 6.28 * float(chance(seed, k))
            glow = math.sin((0.5 + 0.5 * float(chance(seed, k, 1))) * 1.9 * moment.t + p)
            glow = max(0.0, glow) ** 1.5
            if glow < 0.02:
                continue
            x, y = self.place(k, moment.t)
            depth = self._film.canvas.depth_at(y)
            x, y = moment.view.point(x, y, depth)
            radius = (8 + 14 * float(chance(seed, k, 2))) * self._film.px
            side = max(3.0, radius * moment.view.at(depth)[0])
            colour = np.array((0.95, 0.95, 0.45), np.float32) * np.float32(0.95 * glow)
            stamp(total, self._halo, x / 2, y / 2, colour, (side, side))
        brightened(frame, np.clip(total, 0, 1))


class Embers:
    """Sparks over a fire."""

    def __init__(self, film, x, y, size, depth, seed):
        self._film, self._x, self._y = film, x, y
        self._size, self._depth, self._seed = size, depth, seed

    def draw(self, frame, moment):
        count = 26
        index = np.arange(count)
        length = 1.4 + 1.2 * chance(self._seed, index, 1)
        whole = moment.t / length + chance(self._seed, index, 2)
        life = np.floor(whole).astype(np.int64) + 50
        u = whole - np.floor(whole)
        p = 6.28 * chance(self._seed, index, life, 3)
        size = self._size
        x = self._x + size * (0.28 * (chance(self._seed, index, life, 4) - 0.5))
        x = x + size * u * (0.25 * np.sin(4 * u + p) + 0.3 * self._film.blows * self._film.wind)
        y = self._y - size * (0.3 + 1.7 * u)
        scale, left, top = moment.view.at(self._depth)
        h, w = frame.shape[:2]
        mask = np.zeros((h, w), np.uint8)
        for a, b, v in zip(x * scale + left, y * scale + top, (1 - u) ** 0.8, strict=True):
            spot = (round(a * 16), round(b * 16))
            radius = max(0.9, 0.02 * size * scale * v)
            cv2.circle(mask, spot, round(radius * 16), int(255 * v), -1, cv2.LINE_AA, 4)
        light = cv2.merge(
            [mask, cv2.convertScaleAbs(mask, alpha=0.66), cv2.convertScaleAbs(mask, alpha=0.3)]
        )
        frame[:] = cv2.add(frame, light)
