"""What moves on the water: ripples that come and go, the light's broken path, spray."""

import cv2
import numpy as np
from sketch_blend import tinted
from sketch_chance import chance, lives
from sketch_palette import mix

_STEPS = np.linspace(-0.5, 0.5, 9)
_PRESS = np.interp(np.linspace(0, 1, 9), np.linspace(0, 1, 5), (0.15, 0.8, 1.0, 0.75, 0.1))


class Ripples:
    """Strokes on the water: each swells, travels with the water, and fades.

    Args:
        made: The ripples' Element.
        film: The Film.
    """

    def __init__(self, made, film):
        about, self._film = made.about, film
        self._y0, self._y1 = float(about["y0"]), float(about["bottom"])
        self._count = int(about["n"] * 1.5 * max(1.0, (film.canvas.w / film.canvas.h) / 1.78))
        pal = film.canvas.pal
        light = pal.sky_low if not pal.dark else mix(pal.sky_low, (1, 1, 1), 0.1)
        self._colours = [tuple(255 * c for c in colour) for colour in (pal.line(), light)]
        self._flow = 0.055 if film.scene.at("river", "waterfall") else 0.016
        self._seed = film.seed * 5 + made.number
        self._push = 2.0 if film.wind > 1.2 else 1.0

    def draw(self, frame, moment):
        film, t = self._film, moment.t
        length = 2.2 + 2.4 * chance(self._seed, np.arange(self._count), 30)
        age, life, i = lives(t, self._count, length, self._seed)
        d = (0.012 + 0.988 * chance(self._seed, i, life, 31)) ** 1.5
        d = np.clip(d + self._flow * (0.25 + d) * (age - 0.5) * 2, 0.003, 1.1)
        px = film.px
        across = (16 + 120 * d) * px * (0.55 + 0.45 * np.sin(np.pi * age))
        drift = film.blows * self._push * (3 + 26 * d) * px * (age - 0.5)
        x = (chance(self._seed, i, life, 32) * 1.2 - 0.1) * film.canvas.w + drift
        y = self._y0 + d * (self._y1 - self._y0)
        side = np.where(chance(self._seed, i, life, 33) < 0.5, -1, 1)
        bow = (0.5 + 3.6 * d) * px * side * np.sin(np.pi * age * 1.3 + 0.4)
        swell = np.sin(np.pi * age) ** 0.8
        masks = [np.zeros(frame.shape[:2], np.uint8) for _ in range(2)]
        view = moment.view
        depth = film.depths(y)
        scale, left, top = view.at(depth)
        for k in range(self._count):
            if y[k] > self._y1:
                continue
            weight = (1.2, 1.7)[k % 2] * px * scale[k] * (0.7 + 0.5 * d[k])
            xs = (x[k] + _STEPS * across[k]) * scale[k] + left[k]
            rise = bow[k] * (1 - 4 * _STEPS**2) + 0.35 * bow[k] * np.sin(7 * _STEPS + 3 * t + k)
            ys = (y[k] + rise) * scale[k] + top[k]
            _stroke(masks[k % 2], xs, ys, weight, (0.36, 0.42)[k % 2] * swell[k])
        for mask, colour in zip(masks, self._colours, strict=True):
            box = self._rows(frame, view)
            if box:
                tinted(frame, mask[box[0] : box[1]], colour, 0, box[0])

    def _rows(self, frame, view):
        """The frame's rows that the water can be in."""
        depth = self._film.depths(np.array([self._y0, self._y1]))
        _, rows = view.point(0.0, np.array([self._y0, self._y1]), depth)
        y0, y1 = max(int(rows[0]), 0), min(int(rows[1]) + 2, frame.shape[0])
        return (y0, y1) if y1 > y0 else None


def _stroke(mask, xs, ys, weight, strength):
    """One pressed stroke along the points, thin at its ends."""
    half = np.maximum(weight, 0.9) * _PRESS / 2 + 0.15
    outline = np.concatenate([np.stack([xs, ys - half], 1), np.stack([xs, ys + half], 1)[::-1]])
    value = int(255 * min(strength, 1.0))
    if value > 2:
        points = np.round(outline * 16).astype(np.int32)
        cv2.fillPoly(mask, [points], value, cv2.LINE_AA, 4)


class Glint:
    """The broken path of sun or moon on the water: flashes that live for a moment."""

    def __init__(self, made, film):
        about, self._film = made.about, film
        self._x = float(about["x"])
        self._y0, self._y1 = float(about["y0"]), float(about["bottom"])
        night = film.scene.time == "night"
        glow = film.canvas.pal.glow
        colour = (0.86, 0.90, 0.94) if night else mix(glow, (1, 1, 1), 0.25)
        self._colour = tuple(255 * c for c in colour)
        self._seed = film.seed * 3 + made.number

    def draw(self, frame, moment):
        film, count, px = self._film, 190, self._film.px
        length = 0.7 + 0.9 * chance(self._seed, np.arange(count), 40)
        age, life, i = lives(moment.t, count, length, self._seed)
        d = chance(self._seed, i, life, 41) ** 1.2
        spread = (10 + 70 * d) * px
        bell = sum(chance(self._seed, i, life, 42 + j) for j in range(3)) * 2 - 3
        x = self._x + 0.62 * bell * spread + film.blows * 10 * d * px * (age - 0.5)
        y = self._y0 + 2 + d * (self._y1 - self._y0) * 0.95
        across = (7 + 46 * d) * px * (0.4 + 0.6 * chance(self._seed, i, life, 46))
        light = np.sin(np.pi * age) ** 1.3
        scale, left, top = moment.view.at(film.depths(y))
        mask = np.zeros(frame.shape[:2], np.uint8)
        for k in range(count):
            xs = (x[k] + _STEPS * across[k] * (0.6 + 0.4 * light[k])) * scale[k] + left[k]
            ys = np.full(9, y[k] * scale[k] + top[k])
            _stroke(mask, xs, ys, 2.2 * px * scale[k], 0.8 * light[k])
        tinted(frame, mask, self._colour)


class Spray:
    """Water thrown up where a sea breaks, again and again."""

    def __init__(self, made, film):
        about, self._film = made.about, film
        self._x, self._y, self._size = about["x"], about["y"], about["size"]
        white = (0.95, 0.97, 0.97) if not film.canvas.pal.dark else (0.74, 0.80, 0.85)
        self._colour = tuple(255 * c for c in white)
        self._seed = film.seed * 7 + made.number
        self._depth = film.canvas.depth_of(made)

    def draw(self, frame, moment):
        t, size = moment.t, self._size
        period = 3.1 + 0.9 * float(chance(self._seed, 1))
        whole = t / period + float(chance(self._seed, 2))
        life, age = int(whole), (whole - int(whole)) * period
        force = 0.7 + 0.6 * float(chance(self._seed, life, 3))
        i = np.arange(110)
        born = 0.35 * chance(self._seed, life, i, 4)
        u = np.clip(age - born, 0, None)
        lean = (chance(self._seed, life, i, 5) + chance(self._seed, life, i, 6) - 1) * 1.5
        rise = np.sqrt(2 * 2.4 * force * (0.15 + 0.85 * chance(self._seed, life, i, 7)))
        x = self._x + size * 0.42 * lean * u
        y = self._y - size * (rise * u - 1.2 * u * u)
        radius = size * (0.008 + 0.034 * chance(self._seed, life, i, 8) ** 2) * (1 + 0.9 * u)
        light = np.clip(1.15 - u / 1.9, 0, 1) * (u > 0) * (y < self._y + size * 0.05)
        scale, left, top = moment.view.at(self._depth)
        mask = np.zeros(frame.shape[:2], np.uint8)
        for a, b, r, v in zip(x, y, radius, light, strict=True):
            if v > 0.02:
                spot = (round((a * scale + left) * 16), round((b * scale + top) * 16))
                cv2.circle(
                    mask, spot, round(max(r * scale, 0.8) * 16), int(215 * v), -1, cv2.LINE_AA, 4
                )
        tinted(frame, mask, self._colour)
