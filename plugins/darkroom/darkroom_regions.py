"""What is where in a picture: sky, vegetation, water, ground, skin.

Told from colour, texture and place at a small size, and fitted to the picture's own edges. A guess,
and soft: every map runs from 0 to 1 (float32, (height, width)).
"""

from dataclasses import dataclass

import cv2
import numpy as np
from darkroom_plate import blurred, luminance, smoothstep

_SIDE_PX = 320  # the long side at which regions are told
# By how much the sky's colour (CIELAB) may change from a pixel to the next. Where the sky runs out
# into the ground in a haze, the first finds no end, and the next is tried.
_STEPS = (1.6, 1.0, 0.65)
_LEAST_SKY = 0.03  # of the picture
_HUE_CELL = 7.0  # of CIELAB's a and b: within it, colours count as one
_PATCH_PX = 7  # between the middles of patches
_OPEN_TOP = 0.2  # of the top edge: a sky that shows less of it is a window or a lamp


@dataclass(frozen=True)
class Regions:
    """The maps of a picture.

    Attributes:
        sky, plants, water, ground, skin: float32 (height, width), 0 to 1.
        horizon: Where the sky ends, 0 (top) to 1 (bottom).
        outdoors: 0 to 1: whether sky or vegetation is seen at all.
        portrait: 0 to 1: whether somebody's face takes much of the frame.
    """

    sky: np.ndarray
    plants: np.ndarray
    water: np.ndarray
    ground: np.ndarray
    skin: np.ndarray
    horizon: float
    outdoors: float
    portrait: float


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
    water = blurred(water * smoothstep(saturation, 0.06, 0.14), 2.0) * float(sky.max() > 0.2)
    water = _shining_too(small, smoothstep(water, 0.3, 0.7), clear * below)
    skin, portrait = _skin(hue, saturation, value)
    outdoors = 0.0 if indoors else _share(max(sky.mean(), 0.7 * plants.mean()), 0.01, 0.04)
    ground = clear * below * (1 - water) * _lies_flat(luminance(small), rows)
    # Of somebody near the camera, nothing but grass is sure to be ground.
    ground = _of_its_colour(small, _by_patches(small, ground)) * outdoors
    ground *= (1 - portrait * (1 - plants)) * (1 - skin)
    guide, radius = luminance(rgb), max(2, round(2.5 / scale))
    # The flood ends a pixel before the edge of what stands against the sky.
    wide = cv2.dilate(sky, np.ones((3, 3), np.uint8))
    maps = [_fitted(guide, m, radius) for m in (wide, plants, water, ground, skin)]
    return Regions(smoothstep(maps[0], 0.25, 0.75), *maps[1:], horizon, outdoors, portrait)


def _shining_too(small, water, open_):
    """Water also where it goes on without a step, pale with the sky that it mirrors."""
    height, width = water.shape
    seeds = np.argwhere(cv2.erode(water, np.ones((5, 5))) > 0.8)[::7]
    if len(seeds) < 12:
        return water
    lab = cv2.cvtColor(cv2.GaussianBlur(small, (0, 0), 1.2), cv2.COLOR_RGB2Lab)
    barrier = np.zeros((height + 2, width + 2), np.uint8)
    barrier[1:-1, 1:-1] = 2 * ((open_ < 0.5) | (lab[..., 2] > 6))
    flags = 4 | (1 << 8) | cv2.FLOODFILL_MASK_ONLY
    for y, x in seeds.tolist():
        if not barrier[y + 1, x + 1]:
            cv2.floodFill(lab, barrier, (x, y), 0, (2.2,) * 3, (2.2,) * 3, flags)
    reached = (barrier[1:-1, 1:-1] == 1).astype(np.float32)
    return np.maximum(water, cv2.GaussianBlur(reached, (0, 0), 0.8))


def _share(value, low, high):
    return float(smoothstep(np.float32(value), low, high))


def _skin(hue, saturation, value):
    """(map, portrait): where colours are those of skin, if they gather as a face does."""
    likely = smoothstep(hue, 4, 10) * smoothstep(hue, 36, 30) * smoothstep(value, 0.40, 0.5)
    likely *= smoothstep(saturation, 0.14, 0.22) * smoothstep(saturation, 0.66, 0.55)
    solid = cv2.morphologyEx((likely > 0.5).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3)))
    count, _, stats, centres = cv2.connectedComponentsWithStats(solid)
    height, width = hue.shape
    largest = 0.0
    for label in range(1, count):
        area, w, h = (int(stats[label][i]) for i in (4, 2, 3))
        inside = 0.1 < centres[label][0] / width < 0.9
        face_like = area > 0.35 * w * h and 0.4 < w / h < 2.2 and inside
        if face_like and area < 0.4 * height * width:
            largest = max(largest, area / (height * width))
    gathered = cv2.GaussianBlur(likely * solid, (0, 0), 1.0) if largest > 0 else np.zeros_like(hue)
    return gathered, _share(largest, 0.012, 0.03)


def _of_its_colour(small, ground):
    """The ground without what stands on it in another colour: a dog, a car, a coat."""
    if not (ground > 0.45).any():
        return ground
    lab = cv2.cvtColor(cv2.GaussianBlur(small, (0, 0), 1.0), cv2.COLOR_RGB2Lab)
    cells = np.clip(np.rint(lab[..., 1:] / _HUE_CELL) + 20, 0, 40).astype(int)
    index = cells[..., 0] * 41 + cells[..., 1]
    share = np.bincount(index.ravel(), ground.ravel(), 41 * 41) / ground.sum()
    # A colour spreads over its neighbours' cells.
    near = cv2.blur(share.reshape(41, 41), (3, 3)).ravel() * 9
    return ground * smoothstep(near[index].astype(np.float32), 0.05, 0.11)


def _by_patches(small, values):
    """A map averaged over patches that follow the picture's edges: a house is not half ground."""
    height, width = values.shape
    if min(height, width) < 3 * _PATCH_PX:
        return values
    image = (np.clip(cv2.bilateralFilter(small, 5, 0.08, 2), 0, 1) * 255).astype(np.uint8)
    markers = np.zeros((height, width), np.int32)
    rows = np.arange(_PATCH_PX // 2, height, _PATCH_PX)
    columns = np.arange(_PATCH_PX // 2, width, _PATCH_PX)
    grid = np.arange(1, rows.size * columns.size + 1).reshape(rows.size, columns.size)
    markers[np.ix_(rows, columns)] = grid
    labels = np.maximum(cv2.watershed(image, markers), 0).ravel()
    total = np.bincount(labels, values.ravel(), grid.size + 1)
    mean = total / np.maximum(np.bincount(labels, minlength=grid.size + 1), 1)
    patches = mean[labels].reshape(height, width).astype(np.float32)
    inner = patches[1:-1, 1:-1]  # the lines between patches belong to none, nor does the border
    return cv2.medianBlur(cv2.copyMakeBorder(inner, 1, 1, 1, 1, cv2.BORDER_REPLICATE), 5)


def _sky(small):
    """The part that reaches the top edge without a step, if its colour may be a sky's."""
    lab = cv2.cvtColor(cv2.GaussianBlur(small, (0, 0), 0.8), cv2.COLOR_RGB2Lab)
    for step in _STEPS:
        reached = _flooded(lab, step)
        if reached.mean() < _LEAST_SKY:
            break
        sky = _likely_parts(small, lab, reached)
        if sky.any():
            return cv2.GaussianBlur(_clouds_too(sky, lab), (0, 0), 0.7)
    return np.zeros(lab.shape[:2], np.float32)


def _flooded(lab, step):
    """1 where the top edge is reached by steps no larger than `step` in each channel."""
    height, width = lab.shape[:2]
    barrier = np.zeros((height + 2, width + 2), np.uint8)
    barrier[1:-1, 1:-1] = 2 * ((lab[..., 1] < -2) & (lab[..., 2] > 4))  # a meadow in the haze
    flags = 4 | (1 << 8) | cv2.FLOODFILL_MASK_ONLY
    for x in range(0, width, 3):
        if not barrier[1, x + 1]:
            cv2.floodFill(lab, barrier, (x, 0), 0, (step,) * 3, (step,) * 3, flags)
    return (barrier[1:-1, 1:-1] == 1).astype(np.uint8)


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
    lowest = part[-max(1, len(part) // 25) :].mean()
    fills = smoothstep(np.float32(lowest), 0.40, 0.12)  # a sky ends above the ground
    if blue >= max(red, green) - 0.01 and saturation > 0.10:
        return float(fills)
    if saturation < 0.13:
        return float(fills * smoothstep(np.float32(value), 0.58, 0.76))
    glows = red > green > blue and value > 0.6 and saturation < 0.6
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
    gaps = near & (np.arange(height)[:, None] < lowest) & (sky < 0.3)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(gaps.astype(np.uint8))
    small = stats[:, 4] < 0.004 * sky.size  # between leaves; a wall of that colour is larger
    small[0] = False
    return np.where(small[labels], np.float32(strength), sky)


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
    upright = across / (across + down + 0.035)
    return smoothstep(upright, 0.62, 0.30) * smoothstep(rows, 0.35, 0.75)


def _fitted(guide, small, radius):
    """A small map enlarged along the picture's own edges.

    Source: He, Sun, Tang, "Guided Image Filtering" (2010).
    """
    height, width = guide.shape
    values = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    box = (2 * radius + 1, 2 * radius + 1)
    mean_g, mean_v = cv2.blur(guide, box), cv2.blur(values, box)
    slope = (cv2.blur(guide * values, box) - mean_g * mean_v) / (
        cv2.blur(guide * guide, box) - mean_g**2 + 0.0003
    )
    rest = mean_v - slope * mean_g
    return np.clip(cv2.blur(slope, box) * guide + cv2.blur(rest, box), 0, 1)
