"""Weather in front of everything: rain, snow, fog, wind, leaves; and the air of a quiet scene."""

import math

import cv2
import numpy as np
from sketch_blend import tinted
from sketch_chance import chance, lives
from sketch_ink import noise
from sketch_motion import gust
from sketch_palette import COLOURS
from sketch_plants import LEAF

_FOG_CELL = 8  # frame pixels to one of the fog's


class Rain:
    """Streaks in two distances, and the splashes where they meet ground or water."""

    def __init__(self, film):
        self._film = film
        storm = film.scene.weather == "storm"
        self._count = 300 if storm else 240
        self._slant = film.blows * (0.42 if storm else 0.16)
        self._dark = film.canvas.pal.dark
        self._fall = 1.75 if storm else 1.45  # frame heights a second, near

    def draw(self, frame, moment):
        h, w = frame.shape[:2]
        unit = (w * h) ** 0.5 / 960
        colour = (204, 214, 224) if self._dark else (242, 245, 247)
        pale, dark = np.zeros((h, w), np.uint8), np.zeros((h, w), np.uint8)
        self._splashes(pale, moment, unit)
        for near, share in ((0.55, 1.0), (1.0, 0.75)):
            n = int(self._count * share)
            seed = self._film.seed + round(near * 100)
            speed = self._fall * (0.55 + 0.45 * near) * h
            length = 1.5 * h / speed
            age, life, i = lives(moment.t, n, length, seed)
            streak = (24 + 34 * chance(seed, i, life, 1)) * unit * near * 1.15
            slant = self._slant + 0.05 * gust(moment.t * 0.5, 0, 1.0)
            y = (age * 1.5 - 0.25) * h
            x = (chance(seed, i, life, 2) * 1.5 - 0.25) * w + slant * (y - h / 2)
            ends = np.stack([x, y, x + slant * streak, y + streak], 1)
            weight = 1 if near < 1 or unit < 1.2 else 2
            value = int(255 * (0.26 + 0.16 * near) * min(1.0, unit * 1.25))
            for k, (a, b, c, d) in enumerate(np.round(ends * 16).astype(int).tolist()):
                cv2.line(pale, (a, b), (c, d), value, weight, cv2.LINE_AA, 4)
                if k % 3 == 0 and not self._dark:
                    shift = round(2 * unit * 16)
                    ink = int(value * 0.6)
                    cv2.line(dark, (a + shift, b), (c + shift, d), ink, 1, cv2.LINE_AA, 4)
        tinted(frame, pale, colour)
        if not self._dark:
            line = self._film.canvas.pal.line()
            tinted(frame, dark, tuple(255 * float(c) for c in line))

    def _splashes(self, mask, moment, unit):
        film = self._film
        if film.scene.interior or film.canvas.horizon > film.canvas.h * 0.95:
            return
        seed, n = film.seed + 5, 70
        age, life, i = lives(moment.t, n, 0.55, seed)
        d = 0.06 + 0.94 * chance(seed, i, life, 3) ** 1.3
        y = film.canvas.horizon + d * (film.canvas.h - film.canvas.horizon)
        x = chance(seed, i, life, 4) * film.canvas.w
        scale, left, top = moment.view.at(film.depths(y))
        radii = (2 + 11 * d) * unit
        for a, b, r, u in zip(x * scale + left, y * scale + top, radii, age, strict=True):
            size = (max(1, round(r * (0.3 + u) * 16)), max(1, round(r * 0.3 * (0.3 + u) * 16)))
            points = _ring((round(a * 16), round(b * 16)), size)
            cv2.polylines(mask, [points], True, int(95 * (1 - u)), 1, cv2.LINE_AA, 4)


_CIRCLE = np.stack([np.cos(np.arange(14) * np.pi / 7), np.sin(np.arange(14) * np.pi / 7)], 1)


def _ring(middle, size):
    return np.round(_CIRCLE * size + middle).astype(np.int32)


class Snow:
    """Flakes in three distances; they sway as they fall."""

    def __init__(self, film):
        self._film = film

    def draw(self, frame, moment):
        h, w = frame.shape[:2]
        unit, t = (w * h) ** 0.5 / 960, moment.t
        wind = self._film.blows * (0.04 + 0.05 * self._film.wind)
        far = np.zeros((h, w), np.uint8)
        for near, n in ((0.5, 380), (1.0, 190), (1.9, 36)):
            seed = self._film.seed + round(near * 10)
            length = 12.0 / (0.5 + 0.7 * near) * (0.8 + 0.4 * chance(seed, np.arange(n), 1))
            age, life, i = lives(t, n, length, seed)
            y = (age * 1.2 - 0.1) * h
            sway = np.sin(t * (0.7 + 0.6 * chance(seed, i, 2)) + 6.28 * chance(seed, i, life, 3))
            x = (chance(seed, i, life, 4) * 1.4 - 0.2) * w
            x = x + (wind * (age - 0.5) * length * 0.35 + 0.013 * near * sway) * w
            r = (1.1 + 1.2 * chance(seed, i, life, 5)) * unit * near
            mask = far if near < 1.5 else np.zeros((h, w), np.uint8)
            value = int(255 * (0.82 - 0.14 * near))
            for a, b, c in zip(x, y, np.maximum(r, 0.7), strict=True):
                spot = (round(a * 16), round(b * 16))
                cv2.circle(mask, spot, round(c * 16), value, -1, cv2.LINE_AA, 4)
        tinted(frame, far, (247, 247, 250))
        tinted(frame, cv2.GaussianBlur(mask, (0, 0), 1.1 * unit), (247, 247, 250))


class Drift:
    """Soft shapes that wander over the frame: fog, or the shadows of clouds.

    Args:
        film: The Film.
        rng: numpy Generator.
        cell: The size of the shapes, as a share of the frame's width.
        speed: Frame widths a second.
    """

    def __init__(self, film, rng, cell, speed):
        self._speed = speed * film.blows
        self._fields = []
        for k in range(2):
            side = 256
            field = noise(side, side * 2, side * cell * (1.0, 0.6)[k], rng, 4)
            half = np.roll(field, side, axis=1)  # laid over itself, so that it has no seam
            share = np.abs(np.linspace(-1, 1, side * 2, dtype=np.float32))[None]
            self._fields.append(field * (1 - share) + half * share)

    def field(self, size, t):
        """The shapes at second t, about -1 to 1, float32, (height, width)."""
        w, h = size
        total = None
        for k, field in enumerate(self._fields):
            stretch = field.shape[1] / 2 / w
            shift = self._speed * (1.0, -0.55)[k] * t * w
            shift += 0.03 * w * math.sin(0.21 * t + k)
            x = (np.arange(w, dtype=np.float32)[None] - np.float32(shift)) * np.float32(stretch)
            rise = 12 * math.sin(0.13 * t + 2 * k) + 20
            y = (
                np.arange(h, dtype=np.float32)[:, None] * np.float32(field.shape[0] * 0.7 / h)
                + rise
            )
            x, y = np.repeat(x % (field.shape[1] - 1), h, axis=0), np.repeat(y, w, axis=1)
            part = cv2.remap(
                field, x, y.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
            )
            total = part if total is None else total + part
        return total * 0.5


class Fog:
    """Banks of mist that pass in front."""

    def __init__(self, film):
        self._film = film
        rng = np.random.default_rng([film.seed, 81])
        self._drift = Drift(film, rng, 0.55, 0.021 + 0.012 * film.wind)
        self._colour = tuple(255 * c for c in film.canvas.pal.haze)

    def draw(self, frame, moment):
        h, w = frame.shape[:2]
        size = (w // _FOG_CELL + 1, h // _FOG_CELL + 1)
        lumps = np.clip(0.42 + 1.5 * self._drift.field(size, moment.t), 0, 1.25)
        fall = np.linspace(0.22, 0.50, size[1], dtype=np.float32)[:, None]
        thick = np.clip(lumps * fall * 255, 0, 225).astype(np.uint8)
        tinted(frame, cv2.resize(thick, (w, h), interpolation=cv2.INTER_CUBIC), self._colour)


class CloudShadows:
    """The light over open land: shadows of clouds pass over it."""

    def __init__(self, film):
        self._film = film
        rng = np.random.default_rng([film.seed, 82])
        self._drift = Drift(film, rng, 0.5, 0.018 + 0.014 * film.wind)
        low, high = film.horizon_share - 0.03, film.horizon_share + 0.12
        self._low, self._high = low, high

    def draw(self, frame, moment):
        h, w = frame.shape[:2]
        size = (w // _FOG_CELL + 1, h // _FOG_CELL + 1)
        shapes = np.clip(0.5 + 2.1 * self._drift.field(size, moment.t), 0, 1)
        rows = np.linspace(0, 1, size[1], dtype=np.float32)[:, None]
        ground = np.clip((rows - self._low) / (self._high - self._low), 0, 1)
        dark = np.clip(shapes * ground * 0.17 * 255, 0, 255).astype(np.uint8)
        tinted(frame, cv2.resize(dark, (w, h), interpolation=cv2.INTER_LINEAR), (38, 40, 62))


class Motes:
    """Dust in the light of a room, or seeds on the air: slow, small, out of focus."""

    def __init__(self, film, count=46):
        self._film, self._count = film, count
        glow = film.canvas.pal.glow
        self._colour = tuple(255 * (0.5 + 0.5 * c) for c in glow)

    def draw(self, frame, moment):
        h, w = frame.shape[:2]
        unit, t, seed = (w * h) ** 0.5 / 960, moment.t, self._film.seed + 83
        length = 7 + 6 * chance(seed, np.arange(self._count), 1)
        age, life, i = lives(t, self._count, length, seed)
        p = 6.28 * chance(seed, i, life, 2)
        x = chance(seed, i, life, 3) + 0.03 * np.sin(0.5 * t + p) + 0.05 * self._film.blows * age
        y = 0.08 + 0.84 * chance(seed, i, life, 4) + 0.02 * np.sin(0.37 * t + 2 * p) - 0.04 * age
        r = (0.9 + 1.5 * chance(seed, i, life, 5) ** 2) * unit
        light = np.sin(np.pi * age) * (0.5 + 0.5 * np.sin(1.1 * t + p)) * 0.42
        mask = np.zeros((h, w), np.uint8)
        for a, b, c, v in zip(x * w, y * h, np.maximum(r, 0.7), light, strict=True):
            spot = (round(a * 16), round(b * 16))
            cv2.circle(mask, spot, round(c * 16), int(255 * max(v, 0)), -1, cv2.LINE_AA, 4)
        tinted(frame, cv2.GaussianBlur(mask, (0, 0), max(0.6, 0.9 * unit)), self._colour)


class WindLines:
    """Brush strokes that the wind draws across the frame."""

    def __init__(self, film):
        self._film = film
        dark = film.canvas.pal.dark
        self._colour = (153, 168, 184) if dark else (250, 250, 245)

    def draw(self, frame, moment):
        h, w = frame.shape[:2]
        unit, seed, n = (w * h) ** 0.5 / 960, self._film.seed + 84, 15
        age, life, i = lives(moment.t, n, 2.3 + 1.4 * chance(seed, np.arange(n), 1), seed)
        mask = np.zeros((h, w), np.uint8)
        steps = np.linspace(0, 1, 22)
        for u, k, j in zip(age, life, i, strict=True):
            y = (0.08 + 0.77 * float(chance(seed, j, k, 2))) * h
            span = (0.12 + 0.2 * float(chance(seed, j, k, 3))) * w
            x = (float(chance(seed, j, k, 4)) * 1.2 - 0.1) * w + self._film.blows * (
                u - 0.5
            ) * w * 0.55
            xs = x + self._film.blows * (steps - 0.5) * span
            ys = y + 8 * unit * np.sin(5.0 * steps + 9 * u + float(j))
            fade = np.sin(np.pi * u) * 0.55
            half = unit * 0.9 * np.sin(np.pi * steps) + 0.1
            shape = np.concatenate(
                [np.stack([xs, ys - half], 1), np.stack([xs, ys + half], 1)[::-1]]
            )
            points = np.round(shape * 16).astype(np.int32)
            cv2.fillPoly(mask, [points], int(255 * fade), cv2.LINE_AA, 4)
        tinted(frame, mask, self._colour)


class Leaves:
    """Leaves that turn as they fall."""

    def __init__(self, made, film):
        self._film, self._count = film, int(made.get("n", 26))
        season = "autumn" if film.scene.season == "autumn" else ""
        colour = made.get("colour")
        hues = [colour] if colour else [*LEAF[season], COLOURS["gold"]]
        self._hues = [tuple(255 * float(c) for c in film.canvas.pal.tone(hue)) for hue in hues]

    def draw(self, frame, moment):
        h, w = frame.shape[:2]
        film, t, seed = self._film, moment.t, self._film.seed + 85
        unit = (w * h) ** 0.5 / 960
        length = 6.5 + 3 * chance(seed, np.arange(self._count), 1)
        age, life, i = lives(t, self._count, length / (0.8 + 0.3 * film.wind), seed)
        p = 6.28 * chance(seed, i, life, 2)
        y = (age * 1.25 - 0.12 + 0.02 * np.sin(2.6 * t + p)) * h
        x = chance(seed, i, life, 3) * 1.5 - 0.25
        x = (x + film.blows * (0.1 + 0.28 * film.wind) * (age - 0.5)) * w
        x = x + 26 * unit * np.sin(1.9 * t + p)
        k = (6 + 7 * chance(seed, i, life, 4)) * unit
        turn, roll = 1.7 * t * np.sign(np.sin(p)) + p, np.abs(np.sin(2.3 * t + 2 * p))
        ink = film.canvas.pal.line()
        lines = np.zeros((h, w), np.uint8)
        for hue_at, hue in enumerate(self._hues):
            mask = np.zeros((h, w), np.uint8)
            for j in range(hue_at, self._count, len(self._hues)):
                d = np.array([math.cos(turn[j]), math.sin(turn[j])]) * k[j]
                e = np.array([-d[1], d[0]]) * (0.12 + 0.4 * roll[j])
                at = np.array([x[j], y[j]])
                shape = np.array([at - d, at + e, at + d, at - e])
                points = np.round(shape * 16).astype(np.int32)
                cv2.fillPoly(mask, [points], 235, cv2.LINE_AA, 4)
                cv2.polylines(lines, [points], True, 150, 1, cv2.LINE_AA, 4)
            tinted(frame, mask, hue)
        tinted(frame, lines, tuple(255 * float(c) for c in ink))
