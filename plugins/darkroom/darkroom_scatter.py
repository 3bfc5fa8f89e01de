"""Many small things strewn over a picture: leaves and petals on the ground, flakes in the air."""

import cv2
import numpy as np

_SHIFT = 4  # bits of a pixel's fraction in OpenCV's drawing
_LEAF = np.array([[-1, 0], [-0.4, -0.42], [0.3, -0.40], [1, 0], [0.3, 0.40], [-0.4, 0.42]])


def strewn(plate, name, where, count, colours, size_units, shape=_LEAF, flat=0.55):
    """Leaves on the ground: larger and sparser towards the viewer.

    Args:
        name: For its random numbers.
        where: (height, width), the density.
        count: How many are thrown; as many fall as `where` lets.
        colours: A list of RGB.
        size_units: (far, near) half lengths, in units.
        flat: How much the ground's tilt shortens them.

    Returns:
        (colours, opacity): float32 (height, width, 3) and (height, width).
    """
    random = plate.random(name)
    layer = np.zeros((plate.height, plate.width, 3), np.float32)
    opacity = np.zeros((plate.height, plate.width), np.float32)
    horizon = plate.regions.horizon
    rows = np.sort(random.uniform(0, 1, count))  # the near ones lie over the far ones
    columns, chance = random.uniform(0, 1, count), random.uniform(0, 1, count)
    turns, tones = random.uniform(0, 2 * np.pi, count), random.uniform(0.72, 1.08, count)
    picks, wilt = random.integers(0, len(colours), count), random.uniform(0.7, 1.2, count)
    for i in range(count):
        x, y = int(columns[i] * plate.width), int(rows[i] * plate.height)
        near = np.clip((rows[i] - horizon) / (1 - horizon), 0, 1)
        if chance[i] > where[y, x] * (1.0 - 0.45 * near):
            continue
        half = (size_units[0] + (size_units[1] - size_units[0]) * near) * plate.unit * wilt[i]
        outline = _placed(shape * half, turns[i], flat, (x, y))
        tint = tuple(float(c * tones[i]) for c in colours[picks[i]])
        cv2.fillPoly(layer, [outline], tint, cv2.LINE_8, _SHIFT)
        cv2.fillPoly(opacity, [outline], 1.0, cv2.LINE_8, _SHIFT)
    soft = max(0.4, 0.35 * plate.unit)
    covered = cv2.GaussianBlur(opacity, (0, 0), soft)
    layer = cv2.GaussianBlur(layer, (0, 0), soft) / np.maximum(covered, 0.02)[..., None]
    return np.clip(layer, 0, 1), covered


def _placed(outline, turn, flat, at):
    turned = outline @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    turned[:, 1] *= flat
    return np.rint((turned + at) * 2**_SHIFT).astype(np.int32)


def flakes(plate):
    """Falling snow in three depths, (height, width), 0 to 1: near ones large, soft and streaked."""
    total = np.zeros((plate.height, plate.width), np.float32)
    layers = ((0.0022, 0.8, 0.75), (0.0008, 1.5, 0.85), (0.00014, 3.4, 0.60))
    for number, (density, radius, level) in enumerate(layers):
        random = plate.random(f"flakes {number}")
        layer = np.zeros_like(total)
        for _ in range(int(density * total.size / plate.unit**2)):
            x, y = random.uniform(0, plate.width), random.uniform(0, plate.height)
            size = max(0.5, radius * plate.unit * random.uniform(0.6, 1.3))
            centre = (int(x * 2**_SHIFT), int(y * 2**_SHIFT))
            bright = float(level * random.uniform(0.6, 1.0))
            cv2.circle(layer, centre, int(size * 2**_SHIFT), bright, -1, cv2.LINE_8, _SHIFT)
        layer = cv2.GaussianBlur(layer, (0, 0), max(0.4, 0.42 * radius * plate.unit))
        total = 1 - (1 - total) * (1 - np.clip(layer, 0, 1))
    return total
