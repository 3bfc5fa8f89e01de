"""Rain on a window pane: drops that cling, let go, and run down in jerks."""

import cv2
import numpy as np
from sketch_blend import tinted
from sketch_chance import chance, lives


class Trickles:
    """Drops that run down a pane.

    Args:
        film: The Film.
        box: (x0, y0, x1, y1) of the pane, px of the sheet.
        depth: Of the wall.
    """

    def __init__(self, film, box, depth=0.5):
        self._film, self._box, self._depth = film, box, depth
        x0, y0, x1, y1 = box
        share = (x1 - x0) * (y1 - y0) / (film.canvas.w * film.canvas.h)
        self._count = int(12 + 56 * share)

    def draw(self, frame, moment):
        x0, y0, x1, y1 = self._box
        scale, left, top = moment.view.at(self._depth)
        seed, h = self._film.seed + 91, y1 - y0
        length = 5.0 + 5.0 * chance(seed, np.arange(self._count), 1)
        age, life, i = lives(moment.t, self._count, length, seed)
        start = chance(seed, i, life, 2) * 0.8 - 0.05
        way = (0.15 + 0.5 * chance(seed, i, life, 3)) * _jerky(age, seed, i, life)
        x = x0 + chance(seed, i, life, 4) * (x1 - x0)
        light = np.clip(age * 8, 0, 1) * np.clip((1 - age) * 4, 0, 1)
        px = self._film.px * scale
        mask = np.zeros(frame.shape[:2], np.uint8)
        steps = np.linspace(0, 1, 8)
        for k in range(self._count):
            ys = (y0 + (start[k] + way[k] * steps) * h) * scale + top
            wander = 2.2 * px * np.sin(ys / (23 * px) + 6 * float(chance(seed, int(i[k]), 5)))
            xs = x[k] * scale + left + wander
            half = px * (0.35 + 0.75 * steps)
            shape = np.concatenate(
                [np.stack([xs - half, ys], 1), np.stack([xs + half, ys], 1)[::-1]]
            )
            points = np.round(shape * 16).astype(np.int32)
            cv2.fillPoly(mask, [points], int(120 * light[k]), cv2.LINE_AA, 4)
            drop = (round(xs[-1] * 16), round(ys[-1] * 16))
            cv2.circle(mask, drop, round(1.7 * px * 16), int(185 * light[k]), -1, cv2.LINE_AA, 4)
        tinted(frame, mask, (204, 219, 235))


def _jerky(age, seed, i, life):
    """How far a drop has come, 0 to 1: it stops, and slips on."""
    p = 6.28 * chance(seed, i, life, 6)
    return np.clip(age + 0.055 * np.sin(19 * age + p) + 0.03 * np.sin(41 * age + p), 0, 1)
