"""Windows in walls by day: dark upright quads that come in numbers."""

import cv2
import numpy as np
from darkroom_plate import blurred, luminance

_SIDE_PX = 1280  # the long side at which they are looked for
_FEWEST_ALIKE = 3  # a dark thing alone is no window


def find_windows(rgb, regions):
    """Outlines of what may be windows: four-sided, darker than the wall, not in the sky
    and not standing on the ground, as doors and people do.

    Args:
        rgb: float32 (height, width, 3).
        regions: Its `Regions`.

    Returns:
        A list of float arrays (points, 2) of x and y in pixels, the topmost first.
    """
    grey = luminance(rgb)
    scale = min(1.0, _SIDE_PX / max(grey.shape))
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    if min(small.shape) < 24:
        return []
    elsewhere = cv2.resize(np.maximum(regions.sky, regions.plants), size)
    ground = cv2.resize(regions.ground, size)
    found = [q for q in _dark_quads(small) if _mean_in(elsewhere, q) < 0.25]
    found = [q for q in found if _mean_in(ground, _below(q)) < 0.25]
    alike = [q for q in found if sum(_alike(q, other) for other in found) >= _FEWEST_ALIKE]
    alike.sort(key=lambda quad: tuple(quad.mean(axis=0)[::-1]))
    return [quad / scale for quad in alike]


def _dark_quads(small):
    """Four-sided outlines of what is darker than its surroundings, by several thresholds."""
    side = small.shape[0]
    around = blurred(small, side / 20)
    for factor in (0.90, 0.78):
        dark = (small < around * factor - 0.01).astype(np.uint8)
        contours, _ = cv2.findContours(dark, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        for contour in contours:
            x, y, w, h = cv2.boundingRect(contour)
            if 0.014 * side < h < 0.2 * side and 0.007 * side < w < 0.16 * side and 0.6 < h / w < 6:
                quad = _quad(contour)
                if quad is not None:
                    yield quad


def _quad(contour):
    """The contour's four corners, None if it has not that shape with upright sides."""
    hull = cv2.convexHull(contour)
    area = cv2.contourArea(hull)
    if area < 6 or cv2.contourArea(contour) < 0.80 * area:
        return None
    corners = cv2.approxPolyDP(hull, 0.06 * cv2.arcLength(hull, True), True)
    if len(corners) != 4 or cv2.contourArea(corners) < 0.74 * area:
        return None
    corners = corners.reshape(4, 2).astype(float)
    sides = np.abs(np.roll(corners, -1, axis=0) - corners)
    upright = np.sort(sides[:, 0] / (sides[:, 1] + 1e-6))[:2]  # the two steepest
    return corners if upright.max() < 0.30 else None


def _below(quad):
    """The same shape, half its height further down."""
    return quad + (0, 0.5 * np.ptp(quad[:, 1]) + 2)


def _mean_in(image, quad):
    last = np.array(image.shape[::-1]) - 1
    x, y = np.clip(quad.min(axis=0).astype(int), 0, last)
    right, low = np.clip(quad.max(axis=0).astype(int), 0, last)
    return float(image[y : low + 1, x : right + 1].mean())


def _alike(one, other):
    """Of a size, as windows of one house are, or of the next down the street; not the same twice."""
    w, h = np.ptp(one, axis=0) + 1
    other_w, other_h = np.ptp(other, axis=0) + 1
    apart = np.abs(one.mean(axis=0) - other.mean(axis=0)).max() > 3
    return (apart or one is other) and 0.5 < other_w / w < 2 and 0.6 < other_h / h < 1.67
