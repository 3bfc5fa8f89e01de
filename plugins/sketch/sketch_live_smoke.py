"""Smoke and steam: soft puffs that rise, widen, are carried by the wind, and thin out."""

import cv2
import numpy as np
from sketch_blend import stamp, tinted
from sketch_chance import chance
from sketch_ink import noise
from sketch_palette import mix

_STAMP = 48  # px of a puff's picture
_PUFFS = 34
_FINE = 2  # the smoke is drawn at this fraction of the frame: it has no fine detail


def puffs_of(seed, kinds=4):
    """Pictures of puffs: ragged, soft discs, float32, (48, 48)."""
    rng = np.random.default_rng([seed, 71])
    axis = (np.arange(_STAMP) + 0.5) / _STAMP * 2 - 1
    r = np.hypot(axis[:, None], axis[None])
    made = []
    for _ in range(kinds):
        rough = noise(_STAMP, _STAMP, 17, rng, 3)
        made.append(np.clip(1.15 - r - 0.55 * np.abs(rough) - 0.1, 0, 1) ** 1.1)
    return [p.astype(np.float32) * np.clip((1 - r) * 4, 0, 1).astype(np.float32) for p in made]


class Smoke:
    """A column of smoke over its source.

    Args:
        film: The Film.
        source: Gives (x, y) on the sheet at a second: a train carries it along.
        size: How high it rises, px of the sheet.
        depth: Of its source.
        seed: An integer of its own.
        thick: How dense, 1 usual.
        life_s: How long a puff lasts.
        colour: RGB 0 to 1; the scene's smoke if None.
    """

    def __init__(self, film, source, size, depth, seed, thick=1.0, life_s=6.0, colour=None):
        self._film, self._source, self._size, self._depth = film, source, size, depth
        self._seed, self._thick, self._life_s = seed, thick, life_s
        pal = film.canvas.pal
        # By day it stands grey before a pale sky, at night pale before a dark one.
        pale = mix(pal.sky_low, (0.56, 0.58, 0.63), 0.62)
        if pal.dark:
            pale = mix(pal.sky_low, (0.62, 0.64, 0.68), 0.45)
        self._colour = tuple(255 * c for c in (colour or pale))

    def puffs(self, t):
        """(x, y, radius, density, number) of each puff, px of the sheet."""
        size, i = self._size, np.arange(_PUFFS)
        whole = t / self._life_s + i / _PUFFS
        life = np.floor(whole).astype(np.int64) + 500
        u = whole - np.floor(whole)
        born = t - u * self._life_s
        start = np.array([self._source(b) for b in born]).reshape(-1, 2)
        wobble = (chance(self._seed, i, life, 1) - 0.5) * 0.9
        wind = self._film.blows * (0.16 + 0.34 * self._film.wind)
        curl = 0.05 * np.sin(2.1 * t - 7 * u + self._seed) * u**0.5
        x = start[:, 0] + size * (wind * u**1.5 + curl + 0.10 * wobble * u)
        rise = 1.12 / (1 + 0.35 * self._film.wind)
        y = start[:, 1] - size * (rise * u**0.85 + 0.03 * wobble * u)
        radius = size * (0.028 + 0.15 * u**0.8) * (0.8 + 0.4 * chance(self._seed, i, life, 2))
        density = np.clip(u * 9, 0, 1) * (1 - u) ** 1.2 * 0.62 * self._thick
        return x, y, radius, density, life * _PUFFS + i

    def draw(self, frame, moment):
        x, y, radius, density, number = self.puffs(moment.t)
        scale, left, top = moment.view.at(self._depth)
        x, y, radius = x * scale + left, y * scale + top, radius * scale
        x0, x1 = (
            max(int((x - radius).min()) - 2, 0),
            min(int((x + radius).max()) + 3, frame.shape[1]),
        )
        y0, y1 = (
            max(int((y - radius).min()) - 2, 0),
            min(int((y + radius).max()) + 3, frame.shape[0]),
        )
        if x1 - x0 < _FINE or y1 - y0 < _FINE:
            return
        size = ((x1 - x0) // _FINE + 1, (y1 - y0) // _FINE + 1)
        thick = np.zeros(size[::-1], np.float32)
        stamps = self._film.puffs
        for a, b, r, d, n in zip(x, y, radius, density, number, strict=True):
            if d < 0.01:
                continue
            side = max(3, int(2.3 * r / _FINE))
            picture = cv2.resize(
                stamps[n % len(stamps)], (side, side), interpolation=cv2.INTER_AREA
            )
            stamp(thick, picture, (a - x0) / _FINE, (b - y0) / _FINE, d)
        seen = np.clip((1 - np.exp(-1.5 * thick)) * 255, 0, 255).astype(np.uint8)
        full = cv2.resize(seen, (size[0] * _FINE, size[1] * _FINE), interpolation=cv2.INTER_LINEAR)
        tinted(frame, full[: y1 - y0, : x1 - x0], self._colour, x0, y0)
