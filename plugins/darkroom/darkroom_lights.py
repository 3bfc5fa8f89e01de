"""What shines at night: lamps that are in the picture, windows that get lit, a moon, stars."""

from dataclasses import dataclass

import cv2
import numpy as np
from darkroom_plate import blurred, luminance, smoothstep
from darkroom_windows import find_windows

_LIT_SHARE = 0.55  # of the windows of a street in the evening
_MOST_LAMPS = 24  # more are glints of the sun
_STARS_PER_UNIT2 = 0.00075  # a clear sky over a village, not a desert's


@dataclass(frozen=True)
class Lights:
    """Lights of a plate, in linear light.

    Attributes:
        mask: (height, width), 1 where something shines itself.
        colours: (height, width, 3), how it shines.
        falloff: (height, width), how much of its light falls on what is near.
        haze: (height, width), its glow in the air.
    """

    mask: np.ndarray
    colours: np.ndarray
    falloff: np.ndarray
    haze: np.ndarray


def find_lights(plate, rgb):
    """The `Lights` of a plate: its lamps, and some of its windows."""
    lamps = _lamps(plate, rgb)
    panes, warmth = _lit_windows(plate, rgb)
    colours = np.power(np.clip(rgb, 0, 1), 2.0) * np.array([1.15, 0.95, 0.72], np.float32)
    glass = np.array([1.0, 0.60, 0.22], np.float32) * (1 - warmth[..., None])
    glass = glass + np.array([0.95, 0.78, 0.50], np.float32) * warmth[..., None]
    grey = luminance(rgb)
    texture = np.clip(0.75 + 1.2 * (grey - blurred(grey, 5 * plate.unit)), 0.3, 1.1)
    colours = colours + (glass * texture[..., None] - colours) * panes[..., None]
    source = np.maximum(lamps, 0.62 * panes)
    unit = plate.unit
    falloff = np.zeros_like(source)
    # In a room a lamp reaches the walls, and they throw its light back.
    room = 1 - plate.regions.outdoors
    for reach, weight in ((14, 0.30), (46, 0.55), (120, 1.1 + 12 * room), (300, 45 * room)):
        falloff += np.float32(weight) * blurred(source, reach * unit)
    haze = 0.5 * blurred(source, 7 * unit) + 0.6 * blurred(source, 26 * unit)
    return Lights(np.maximum(lamps, panes), colours, np.clip(falloff, 0, 1.2), np.clip(haze, 0, 1))


def _lamps(plate, rgb):
    """Small bright spots with a warm or white core, brighter than all around: no sky, no wall."""
    if min(plate.height, plate.width) < 16:
        return np.zeros((plate.height, plate.width), np.float32)
    grey = luminance(rgb)
    red, _, blue = cv2.split(rgb)
    side = max(3, round(36 * plate.unit)) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    smooth = cv2.GaussianBlur(grey, (0, 0), max(0.5, 0.8 * plate.unit))
    stands_out = smooth - cv2.morphologyEx(smooth, cv2.MORPH_OPEN, kernel)
    spots = smoothstep(stands_out, 0.16, 0.34) * smoothstep(grey, 0.72, 0.90)
    warm = smoothstep(red - blue, 0.07, 0.17) if plate.daylight >= 0.7 else np.float32(1)
    spots *= warm * (1 - plate.regions.sky)
    if plate.daylight < 0.7:  # in the dark whatever shines is a light
        return spots
    return spots * _compact(spots, plate.unit) * np.float32(1 - plate.regions.portrait)


def _compact(spots, unit):
    """1 around spots of a lamp's size and shape; glints on leaves are too small and too many."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((spots > 0.35).astype(np.uint8))
    kept = np.zeros(count, np.float32)
    for label in range(1, count):
        _, _, w, h, area = (float(v) for v in stats[label])
        fits = (3.2 * unit) ** 2 < area < (34 * unit) ** 2
        kept[label] = fits and area > 0.42 * w * h and 0.3 < w / h < 3.3
    if kept.sum() > _MOST_LAMPS:
        kept[:] = 0
    return blurred(kept[labels], 1.5 * unit) > 0.02


def _lit_windows(plate, rgb):
    """(panes, warmth): which glass is lit, and how white, both (height, width)."""
    panes = np.zeros((plate.height, plate.width), np.float32)
    warmth = np.zeros_like(panes)
    if plate.without("windows") or plate.regions.outdoors < 0.5:
        return panes, warmth
    random, grey = plate.random("windows"), luminance(rgb)
    for outline in find_windows(plate.original, plate.regions):
        lit, warm, level = random.random(), random.random(), random.uniform(0.6, 1.0)
        if lit < _LIT_SHARE:
            _light_window(panes, warmth, grey, outline, warm, level)
    return blurred(panes, 0.5), warmth


def _light_window(panes, warmth, grey, outline, warm, level):
    """Light what is glass in an outline; bars and frame, which are lighter by day, stay dark."""
    left, top = np.floor(outline.min(axis=0)).astype(int)
    right, low = np.ceil(outline.max(axis=0)).astype(int) + 1
    area = np.s_[top:low, left:right]
    inside = np.zeros(grey[area].shape, np.uint8)
    cv2.fillConvexPoly(inside, np.rint(outline - (left, top)).astype(np.int32), 1)
    part = grey[area]
    if not inside.any():
        return
    glass = float(np.median(part[inside > 0]))
    lit = smoothstep(part, glass + 0.20, glass + 0.06) * inside * np.float32(level)
    panes[area] = np.maximum(panes[area], lit)
    warmth[area] = np.where(inside > 0, np.float32(warm), warmth[area])


def find_moon(plate, grey, sky):
    """(disc, halo): the sun of the day, if it is seen, as the moon; else empty maps."""
    disc = np.zeros_like(grey)
    inside = sky > 0.5
    if inside.sum() < 400:
        return disc, disc
    bright = ((grey > max(0.86, float(np.percentile(grey[inside], 96)))) & inside).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(bright)
    best, x, y, radius = 0, 0, 0, 0.0
    for label in range(1, count):
        left, top, w, h, area = (int(v) for v in stats[label])
        round_enough = 0.7 < w / h < 1.43 and 0.6 < area / (w * h) < 0.9
        if round_enough and (7 * plate.unit) ** 2 < area < 0.01 * grey.size and area > best:
            best, radius = area, (area / np.pi) ** 0.5
            x, y = left + w / 2 - 0.5, top + h / 2 - 0.5
    if best:
        columns, rows = plate.grid()
        disc = smoothstep(np.hypot(columns - x, rows - y), radius + 0.7, radius - 0.7) * (sky > 0.3)
        disc = disc.astype(np.float32)
    return disc, blurred(disc, 22 * plate.unit) * 1.2


def stars(plate, sky, rgb):
    """Points of light in the clear sky, few bright, many faint; linear light (height, width)."""
    random = plate.random("stars")
    count = int(_STARS_PER_UNIT2 * plate.width * plate.height / plate.unit**2)
    points = np.zeros((plate.height, plate.width), np.float32)
    x = random.uniform(0, plate.width, count)
    y = plate.height * random.uniform(0, 1, count) ** 1.25  # fewer in the haze above the horizon
    size = np.minimum(random.pareto(1.6, count) * 0.10 + 0.05, 1.3)
    for level, reach in ((size < 0.5, 0.45), (size >= 0.5, 0.85)):
        layer = np.zeros_like(points)
        rows = np.minimum(y[level].astype(int), plate.height - 1)
        columns = np.minimum(x[level].astype(int), plate.width - 1)
        np.maximum.at(layer, (rows, columns), size[level].astype(np.float32))
        sigma = max(0.45, reach * plate.unit)
        points += blurred(layer, sigma) * np.float32(2 * np.pi * sigma**2 * 0.8 + 0.2)
    grey = luminance(rgb)
    inside = sky > 0.5
    level = float(np.percentile(grey[inside], 40)) if inside.any() else 0.5
    clear = smoothstep(grey, level + 0.22, level + 0.06)
    return points * smoothstep(sky, 0.55, 0.95) * clear
