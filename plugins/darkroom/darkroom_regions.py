"""What is where in a picture: sky, vegetation, water, ground, upward faces, windows and lamps.

Told from colour, texture and place at a small size, and fitted to the picture's own edges. A guess,
and soft: every map runs from 0 to 1 (float32, (height, width)).
"""

from dataclasses import dataclass

import cv2
import numpy as np
from darkroom_plate import blurred, luminance, smoothstep

_SIDE_PX = 320  # the long side at which regions are told
_STEP = 1.6  # by how much the sky's colour (CIELAB) may change from a pixel to the next
_LEAST_SKY = 0.03  # of the picture
_OPEN_TOP = 0.2  # of the top edge: a sky that shows less of it is a window or a lamp


@dataclass(frozen=True)
class Regions:
    """The maps of a picture, and `horizon`: where the sky ends, 0 (top) to 1 (bottom)."""

    sky: np.ndarray
    plants: np.ndarray
    water: np.ndarray
    ground: np.ndarray
    horizon: float


def find_regions(rgb, indoors=False):
    """The `Regions` of a picture, float32 (height, width, 3)."""
    height, width = rgb.shape[:2]
    scale = min(1.0, _SIDE_PX / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    hue, saturation, value = cv2.split(cv2.cvtColor(small, cv2.COLOR_RGB2HSV))
    rows = (np.arange(size[1], dtype=np.float32)[:, None] + 0.5) / size[1]
    sky = np.zeros_like(value) if indoors else _sky(small)
    horizon = _horizon(sky)
    clear = 1 - sky
    plants = clear * smoothstep(hue, 42, 62) * smoothstep(hue, 178, 150)
    plants *= smoothstep(saturation, 0.08, 0.20) * smoothstep(value, 0.04, 0.12)
    below = smoothstep(rows, horizon - 0.03, horizon + 0.05)
    water = clear * below * smoothstep(hue, 160, 185) * smoothstep(hue, 262, 245)
    water = blurred(water * smoothstep(saturation, 0.10, 0.22), 2.0) * float(sky.max() > 0.2)
    water = smoothstep(water, 0.3, 0.7)
    ground = clear * (1 - water) * below * _lies_flat(luminance(small), rows)
    guide = luminance(rgb)
    radius = max(2, round(6 / scale))
    maps = [_fitted(guide, m, radius, size) for m in (sky, plants, water, ground)]
    return Regions(*maps, horizon)


def _sky(small):
    """The part that reaches the top edge without a step, if its colour may be a sky's."""
    lab = cv2.cvtColor(cv2.GaussianBlur(small, (0, 0), 0.8), cv2.COLOR_RGB2Lab)
    height, width = lab.shape[:2]
    barrier = np.zeros((height + 2, width + 2), np.uint8)
    flags = 4 | (1 << 8) | cv2.FLOODFILL_MASK_ONLY
    for x in range(0, width, 3):
        if not barrier[1, x + 1]:
            steps = (_STEP, _STEP, _STEP)
            cv2.floodFill(lab, barrier, (x, 0), 0, steps, steps, flags)
    reached = barrier[1:-1, 1:-1]
    if reached.mean() < _LEAST_SKY:
        return np.zeros((height, width), np.float32)
    sky = _likely_parts(small, lab, reached)
    return cv2.GaussianBlur(_clouds_too(sky, lab), (0, 0), 0.7)


def _likely_parts(small, lab, reached):
    """Each part that was reached, as far as its colour, its size and its place are a sky's."""
    height, width = reached.shape
    count, labels = cv2.connectedComponents(reached, connectivity=4)
    sky = np.zeros((height, width), np.float32)
    open_top = 0.0
    for label in range(1, count):
        part = labels == label
        likely = _likelihood(small[part], part)
        if part.mean() > 0.002 and likely > 0.05:
            sky[part] = likely
            open_top += part[0].mean() * likely
    return sky * float(smoothstep(np.float32(open_top), 0.5 * _OPEN_TOP, _OPEN_TOP))


def _likelihood(colours, part):
    """How likely colours are a sky's: blue or bright and pale, or glowing; not a wall's brown."""
    red, green, blue = np.median(colours, axis=0)
    value, spread = max(red, green, blue), max(red, green, blue) - min(red, green, blue)
    saturation = spread / (value + 1e-6)
    rows = np.nonzero(part.any(axis=1))[0]
    fills = smoothstep(np.float32(rows[-1] / len(part)), 0.99, 0.90)  # a sky ends above the ground
    if blue >= max(red, green) - 0.01:
        return float(fills) * (1.0 if saturation > 0.06 or value > 0.6 else 0.5)
    if saturation < 0.13:
        return float(fills * smoothstep(np.float32(value), 0.55, 0.75))
    glows = red > green > blue and value > 0.6
    return 0.7 * float(fills) if glows and np.ptp(colours.mean(axis=1)) > 0.3 else 0.0


def _clouds_too(sky, lab):
    """Sky also where a cloud, the sun or a gap between leaves lies within it, or is of its colour."""
    height = len(sky)
    solid = (sky > 0.3).astype(np.uint8)
    if not solid.any():
        return sky
    strength = float(sky[solid > 0].mean())
    count, labels, stats, _ = cv2.connectedComponentsWithStats(1 - solid, connectivity=4)
    lowest = np.nonzero(solid.any(axis=1))[0][-1]
    middle = lab[solid > 0].mean(axis=0)
    for label in range(1, count):
        x, y, w, h, area = stats[label]
        part = labels == label
        lightness = float(lab[part][:, 0].mean())
        inside = y + h < min(height, lowest + 1) and w < 0.6 * sky.shape[1]
        pale = lightness > middle[0] - 12 and np.abs(lab[part][:, 1:]).mean() < 22
        if inside and pale:
            sky[part] = strength
    near = np.linalg.norm((lab - middle) / (1.5, 1, 1), axis=2) < 7
    above = np.arange(height)[:, None] < lowest
    return np.where(near & above & (sky < 0.3), np.float32(strength), sky)


def _horizon(sky):
    """The lower edge of the sky in most columns, 0.42 where there is none."""
    solid = sky > 0.35
    columns = solid.any(axis=0)
    if columns.mean() < 0.08:
        return 0.42
    lowest = len(sky) - np.argmax(solid[::-1], axis=0)[columns]
    return float(np.clip(np.percentile(lowest, 80) / len(sky), 0.15, 0.85))


def _lies_flat(grey, rows):
    """Where surfaces seem to lie: low in the frame, without the uprights that walls and trunks have."""
    across = blurred(np.abs(cv2.Sobel(grey, cv2.CV_32F, 1, 0)), 3.5)
    down = blurred(np.abs(cv2.Sobel(grey, cv2.CV_32F, 0, 1)), 3.5)
    upright = across / (across + down + 0.06)
    return smoothstep(upright, 0.62, 0.30) * smoothstep(rows, 0.35, 0.75)


def _fitted(guide, small, radius, size):
    """A small map enlarged along the picture's own edges.

    Source: He, Sun, Tang, "Guided Image Filtering" (2010).
    """
    height, width = guide.shape
    values = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    box = (2 * radius + 1, 2 * radius + 1)
    mean_g, mean_v = cv2.blur(guide, box), cv2.blur(values, box)
    slope = (cv2.blur(guide * values, box) - mean_g * mean_v) / (
        cv2.blur(guide * guide, box) - mean_g**2 + 0.0008
    )
    rest = mean_v - slope * mean_g
    return np.clip(cv2.blur(slope, box) * guide + cv2.blur(rest, box), 0, 1)


@dataclass(frozen=True)
class Opening:
    """A window: its box in pixels."""

    x: int
    y: int
    width: int
    height: int


def find_windows(rgb, regions):
    """Rectangles that may be windows in a wall by day: darker than their surroundings, upright.

    Returns:
        A list of `Opening`, the topmost first.
    """
    grey = luminance(rgb)
    scale = min(1.0, 960 / max(grey.shape))
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    if min(small.shape) < 24:
        return []
    around = blurred(small, small.shape[0] / 22)
    dark = ((small < around * 0.86 - 0.01)).astype(np.uint8)
    dark = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    contours, _ = cv2.findContours(dark, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    sky = cv2.resize(regions.sky, size)
    found = []
    for contour in contours:
        x, y, w, h = cv2.boundingRect(contour)
        side = small.shape[0]
        if not (0.012 * side < h < 0.16 * side and 0.008 * side < w < 0.14 * side):
            continue
        filled = cv2.contourArea(contour) / max(1, (w - 1) * (h - 1))
        if filled > 0.78 and 0.7 < h / w < 4.0 and sky[y : y + h, x : x + w].mean() < 0.2:
            found.append(Opening(*(round(v / scale) for v in (x, y, w, h))))
    alike = [o for o in found if sum(_alike(o, other) for other in found) >= 3]
    return sorted(alike, key=lambda o: (o.y, o.x))


def _alike(one, other):
    """Windows come in rows of the same size; a dark thing alone is none."""
    near = abs(one.width - other.width) <= 0.5 * one.width
    return near and abs(one.height - other.height) <= 0.4 * one.height
