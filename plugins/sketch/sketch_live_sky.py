"""What moves in the sky: clouds that form and drift, stars that twinkle, birds, fireworks."""

import math

import cv2
import numpy as np
from sketch_blend import over, tinted, warped_over
from sketch_chance import chance, lives
from sketch_elements import Element
from sketch_layers import LayeredCanvas, merged, sprite
from sketch_motion import joined, placed, turned
from sketch_wildlife import bird_in_flight

_CLOUD_LIFE_S = 34.0  # how long one bank of cloud takes to form, drift and dissolve
_BANKS = 3  # different drawings of clouds that follow each other
_WING_PHASES = 16


class Clouds:
    """Banks of cloud that drift while one dissolves into the next.

    Args:
        made: The clouds' Element.
        film: The Film.
    """

    def __init__(self, made, film):
        self._film = film
        canvas = film.canvas
        self._speed = film.px * (3.0 + 5.0 * film.wind)  # px of the sheet a second
        self._run = self._speed * _CLOUD_LIFE_S
        rise = int(made.about["h"])
        self._banks = []
        for i in range(_BANKS):
            wide = LayeredCanvas(
                int(canvas.w + self._run) // 2, rise // 2, np.random.default_rng(0), canvas.pal
            )
            wide.px = canvas.px / 2
            rng = np.random.default_rng([film.seed, 41, i])
            changed = {"h": rise // 2, "rng": rng, "sun": None}
            with wide.element(Element("sky", {"horizon": rise / 2})):
                made.draw(wide, **changed)
            self._banks.append(merged(wide))

    def draw(self, frame, moment):
        view, t = moment.view, moment.t
        scale, left, top = view.at(0.03)
        half = (frame.shape[1] + 1) // 2, (frame.shape[0] + 1) // 2
        total = None
        for k in range(2):
            whole = t / _CLOUD_LIFE_S + 0.25 + 0.5 * k
            life = math.floor(whole)
            age = whole - life
            share = math.sin(math.pi * age) ** 2
            if share < 0.01:
                continue
            bank = self._banks[(life * 2 + k) % _BANKS]
            shift = -self._run * (1 - age) if self._film.blows > 0 else -self._run * age
            matrix = np.array(
                [[scale, 0, (left + shift * scale) / 2], [0, scale, top / 2]]
            )  # the banks have half the sheet's resolution, and so has this
            patch = cv2.warpAffine(
                bank, matrix, half, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT
            )
            part = cv2.convertScaleAbs(patch, alpha=share)
            total = part if total is None else cv2.add(total, part)
        if total is not None:
            rows = int(min(frame.shape[0], self._banks[0].shape[0] * 2 * scale + top + 2))
            whole = cv2.resize(total, (half[0] * 2, half[1] * 2), interpolation=cv2.INTER_LINEAR)
            over(frame, whole[: max(rows, 0), : frame.shape[1]])


class Stars:
    """Stars that twinkle, each in its own time."""

    def __init__(self, made, film):
        asked = film.scene.has("star")
        self._film = film
        self._count = 420 if asked else 130
        i = np.arange(self._count)
        horizon = float(made.about["horizon"])
        self._x = chance(film.seed, i, 21) * film.canvas.w
        self._y = chance(film.seed, i, 22) ** 1.2 * horizon * 0.92
        bright = chance(film.seed, i, 23)
        self._size = (0.55 + 1.25 * bright**3) * film.px * 1.15
        self._rate = 0.25 + 0.9 * chance(film.seed, i, 24)
        self._phase = chance(film.seed, i, 25) * 2 * np.pi
        self._depth = 0.55 * (0.4 + chance(film.seed, i, 26))

    def draw(self, frame, moment):
        scale, left, top = moment.view.at(0.0)
        t = moment.t
        beat = np.sin(self._rate * 2 * np.pi * t + self._phase)
        beat = beat * np.sin(self._rate * 1.37 * t + 2 * self._phase)
        light = np.clip(0.78 + self._depth * beat, 0.15, 1)
        mask = np.zeros(frame.shape[:2], np.uint8)
        for x, y, r, a in zip(self._x, self._y, self._size, light, strict=True):
            spot = (round((x * scale + left) * 16), round((y * scale + top) * 16))
            radius = max(r * scale, 0.75)
            cv2.circle(mask, spot, round(radius * 16), int(225 * a), -1, cv2.LINE_AA, 4)
        tinted(frame, mask, (237, 240, 225))


class Flock:
    """Birds that cross the sky, beat their wings and glide."""

    def __init__(self, made, film):
        about, canvas = made.about, film.canvas
        self._film, self._depth = film, 0.2
        rng = np.random.default_rng([film.seed, 61, made.number])
        gulls = about["gulls"]
        colour = (0.95, 0.95, 0.93) if gulls else (0.20, 0.20, 0.23)
        self._birds = []
        for i in range(int(about["count"])):
            size = about["size"] * rng.uniform(0.45, 1.0) * (1.25 if i == 0 else 1)
            flip = int(film.blows) if rng.random() < 0.75 else -int(film.blows)
            wings, middle = _wings(canvas, size, flip, colour, about["fade"])
            self._birds.append(
                {
                    "x": about["x"] + rng.uniform(-1, 1) * about["spread"],
                    "y": about["y"] + rng.uniform(-0.5, 0.5) * about["spread"] * 0.55,
                    "size": size,
                    "flip": flip,
                    "wings": wings,
                    "middle": middle,
                    "beat": rng.uniform(1.7, 2.6) if gulls else rng.uniform(2.6, 3.6),
                    "phase": rng.uniform(0, 20),
                    "speed": rng.uniform(1.3, 1.9) * size,
                }
            )

    def draw(self, frame, moment):
        for i, bird in enumerate(self._birds):
            x, y, turn = self.place(i, moment.t)
            lift = _beat(moment.t * bird["beat"] + bird["phase"], moment.t * 0.31 + bird["phase"])
            wings = bird["wings"][round(lift * (_WING_PHASES - 1))]
            mx, my = bird["middle"]
            move = joined(turned(mx, my, turn, x - mx, y - my), placed(wings))
            warped_over(frame, wings.rgba, joined(moment.view.matrix(self._depth), move))

    def place(self, i, t):
        """(x, y) on the sheet and the slant of bird i at second t."""
        bird, w, h = self._birds[i], self._film.canvas.w, self._film.canvas.h
        past = t - self._film.duration_s / 2
        k = bird["size"]
        span = w + 6 * k
        along = bird["x"] + bird["flip"] * bird["speed"] * past + 3 * k
        lap = math.floor(along / span)
        x = along - lap * span - 3 * k
        rise = (chance(self._film.seed, i, lap, 62) - 0.5) * 0.12 * h if lap else 0.0
        p, q = bird["phase"], bird["phase"] * 1.7
        y = (
            bird["y"]
            + float(rise)
            + k * (0.9 * math.sin(0.43 * t + p) + 0.35 * math.sin(1.1 * t + q))
        )
        slope = 0.9 * 0.43 * math.cos(0.43 * t + p) + 0.35 * 1.1 * math.cos(1.1 * t + q)
        return x, y, bird["flip"] * math.atan2(slope * k, bird["speed"]) * 0.6


def _beat(phase, slow):
    """How high the wings are, 0 to 1: beats, with glides between them."""
    glide = min(1.0, max(0.0, 2.5 * math.sin(2 * math.pi * slow * 0.5) - 0.6))
    beat = 0.5 + 0.5 * math.sin(2 * math.pi * phase + 0.5 * math.sin(2 * math.pi * phase))
    return beat * (1 - glide) + 0.62 * glide


def _wings(canvas, size, flip, colour, fade):
    """The bird with its wings at each height."""
    w, h = int(2.3 * size) + 8, int(1.7 * size) + 8

    def drawn(lift):
        def draw(cv):
            bird_in_flight(cv, w / 2, h / 2, size, flip, 0.0, lift, colour, fade)

        return sprite(draw, w, h, canvas)

    return [drawn(lift) for lift in np.linspace(-0.32, 0.66, _WING_PHASES)], (w / 2, h / 2)


class Fireworks:
    """Rockets that burst, spread, fall and go out."""

    _COLOURS = ((255, 184, 89), (255, 115, 102), (153, 217, 255), (242, 230, 153))

    def __init__(self, made, film):
        self._film, self._horizon = film, float(made.about["horizon"])
        self._count = max(3, film.scene.count("fireworks", 4) or 4)

    def draw(self, frame, moment):
        film, (scale, left, top) = self._film, moment.view.at(0.05)
        age, life, index = lives(moment.t, self._count, 3.4, film.seed + 7)
        for a, n, i in zip(age, life, index, strict=True):
            x = (0.12 + 0.76 * chance(film.seed, i, n, 1)) * film.canvas.w * scale + left
            y = (0.14 + 0.4 * chance(film.seed, i, n, 2)) * self._horizon * scale + top
            reach = (0.12 + 0.12 * chance(film.seed, i, n, 3)) * film.unit * scale
            colour = self._COLOURS[int(chance(film.seed, i, n, 4) * 4)]
            self._burst(frame, x, y, reach, a, colour, int(n) * 31 + int(i))

    def _burst(self, frame, x, y, reach, age, colour, key):
        if age < 0.22:  # the rocket rises
            mask = np.zeros(frame.shape[:2], np.uint8)
            rise = (1 - age / 0.22) ** 1.5 * (frame.shape[0] * 0.9 - y)
            ends = [(x, y + rise), (x, y + rise + reach * 0.25)]
            ends = [(round(a * 16), round(b * 16)) for a, b in ends]
            cv2.line(mask, *ends, 190, 1, cv2.LINE_AA, 4)
            return tinted(frame, mask, colour)
        u = (age - 0.22) / 0.78
        rays = np.arange(84)
        far = 0.16 + 0.84 * np.sqrt(chance(key, rays, 5))
        a = rays * 2.39996 + key
        k = reach * (1 - (1 - u) ** 3) * far
        tail = reach * (1 - (1 - max(u - 0.07, 0)) ** 3) * far
        fall = reach * 0.55 * u * u
        light = (1 - u) ** 1.2 * (0.7 + 0.3 * np.sin(40 * u + rays))
        mask = np.zeros(frame.shape[:2], np.uint8)
        for c, s, one, two, value in zip(np.cos(a), np.sin(a), tail, k, light, strict=True):
            p = (round((x + c * one) * 16), round((y + s * one + fall * 0.9) * 16))
            q = (round((x + c * two) * 16), round((y + s * two + fall) * 16))
            cv2.line(mask, p, q, int(255 * max(value, 0)), 2, cv2.LINE_AA, 4)
        soft = cv2.resize(
            cv2.GaussianBlur(
                cv2.resize(mask, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA), (0, 0), 4
            ),
            mask.shape[::-1],
        )
        tinted(frame, cv2.addWeighted(mask, 1.0, soft, 1.0, 0), colour)
        return None
