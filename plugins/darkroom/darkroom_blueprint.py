"""Blueprint: a white line drawing with its construction lines and grid on a cyanotype."""

import cv2
import numpy as np
from darkroom_ink import hatch
from darkroom_plate import blurred, colour, luminance, mixed, smoothstep
from darkroom_structure import flow_lines, smoothed

_CYANOTYPE = colour(0.055, 0.215, 0.475)
_PALE = colour(0.30, 0.50, 0.74)
_LINE = colour(0.90, 0.95, 1.0)
_GRID_UNITS, _MAJOR_EVERY = 24, 5
_MOST_CONSTRUCTION = 14  # lines; more would hide the drawing
_OVERSHOOT_UNITS = 70  # by which a construction line runs past what it bears


def blueprint(plate, rgb):
    """(picture, lead): the picture as a technical drawing."""
    unit = plate.unit
    calm = smoothed(rgb, unit, passes=3, tolerance=0.11)
    grey = luminance(calm)
    fine = flow_lines(calm, unit, width=0.9, reach=5.0, low=0.30, high=0.80)
    bold = flow_lines(calm, unit, width=1.6, reach=8.0, low=0.55, high=1.05)
    lines = np.maximum(0.80 * fine, bold)
    lines *= np.clip(0.93 + 0.12 * plate.noise("pen", 20 * unit, 2), 0, 1)
    sheet = _sheet(plate)
    # Lit faces stand a little out of the blue, shaded ones are hatched: forms stay legible.
    sheet = mixed(sheet, _PALE, 0.50 * smoothstep(blurred(grey, 1.2 * unit), 0.25, 1.0))
    if not plate.without("hatching"):
        strokes = hatch(plate, np.clip(grey * 1.25, 0, 1), -45, 7.0, 0.34, "blueprint hatch")
        sheet = mixed(sheet, _PALE, 0.40 * strokes)
    if not plate.without("grid"):
        sheet = mixed(sheet, _LINE, _grid(plate))
    sheet = mixed(sheet, _LINE, 0.42 * _construction(plate, grey))
    return mixed(sheet, _LINE, 0.95 * lines), 0.15 + 0.85 * lines


def _sheet(plate):
    """Cyanotype: deep blue that the brush laid unevenly, with folds."""
    clouds = 0.10 * plate.noise("cyanotype", 220 * plate.unit, 4)
    brush = 0.035 * plate.noise("coat", 16 * plate.unit, 2, stretch=(14, 1))
    fibres = 0.030 * plate.grain("fibres", 0.8 * plate.unit)
    light = 1 + clouds + brush + fibres + 0.16 * _folds(plate)
    return np.clip(_CYANOTYPE * light[..., None], 0, 1).astype(np.float32)


def _folds(plate):
    """Where the sheet was folded, in thirds and halves: a pale crease."""
    x, y = plate.grid()
    waver = 1.2 * plate.unit * plate.noise("fold", 60 * plate.unit, 2)
    total = np.zeros_like(x)
    for place in (plate.width / 3, plate.width * 2 / 3):
        total += np.exp(-(((x - place + waver) / (1.6 * plate.unit)) ** 2))
    return total + np.exp(-(((y - plate.height / 2 + waver) / (1.6 * plate.unit)) ** 2))


def _grid(plate):
    """Squared paper: opacity of its lines, every fifth a stronger one."""
    gap = max(6.0, _GRID_UNITS * plate.unit)
    half = max(0.5, 0.45 * plate.unit)
    total = np.zeros((plate.height, plate.width), np.float32)
    for length, axis in ((plate.width, 1), (plate.height, 0)):
        count = int(length / gap) + 1
        start = (length - (count - 1) * gap) / 2
        places = np.arange(length, dtype=np.float32) + 0.5
        for number in range(count):
            opacity = 0.20 if (number - count // 2) % _MAJOR_EVERY == 0 else 0.085
            near = np.clip(half + 0.5 - np.abs(places - start - number * gap), 0, 1) * opacity
            total = np.maximum(total, near[None, :] if axis else near[:, None])
    return total


def _construction(plate, grey):
    """The picture's longest straight edges, drawn on past their ends."""
    canvas = np.zeros((plate.height, plate.width), np.uint8)
    if min(canvas.shape) < 32:
        return canvas.astype(np.float32)
    for x0, y0, x1, y1 in _straight_edges(plate, grey):
        length = float(np.hypot(x1 - x0, y1 - y0))
        more = (_OVERSHOOT_UNITS * plate.unit + 0.25 * length) / length
        ends = [x0 - (x1 - x0) * more, y0 - (y1 - y0) * more]
        ends += [x1 + (x1 - x0) * more, y1 + (y1 - y0) * more]
        a, b = (tuple(int(round(v * 16)) for v in ends[i : i + 2]) for i in (0, 2))
        cv2.line(canvas, a, b, 255, max(1, round(0.8 * plate.unit)), cv2.LINE_AA, shift=4)
    return canvas.astype(np.float32) / 255


def _straight_edges(plate, grey):
    """(x0, y0, x1, y1) of long edges that lie apart from each other, the longest first."""
    scale = min(1.0, 640 / max(grey.shape))
    size = (max(1, round(plate.width * scale)), max(1, round(plate.height * scale)))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    edges = cv2.Canny((np.clip(small, 0, 1) * 255).astype(np.uint8), 40, 110)
    shortest = max(12, round(0.11 * min(size)))
    found = cv2.HoughLinesP(edges, 1, np.pi / 180, shortest // 2, None, shortest, 3)
    if found is None:
        return []
    found = found.reshape(-1, 4).astype(float)
    lengths = np.hypot(found[:, 2] - found[:, 0], found[:, 3] - found[:, 1])
    kept = []
    for line in found[np.lexsort((found[:, 1], found[:, 0], -lengths))]:
        if all(_apart(line, other) for other in kept):
            kept.append(line)
    return [line / scale for line in kept[:_MOST_CONSTRUCTION]]


def _apart(line, other):
    """Whether two edges are not nearly the same line: by their angle, then their distance."""
    (x0, y0, x1, y1), (u0, v0, u1, v1) = line, other
    length = np.hypot(u1 - u0, v1 - v0)
    crossing = ((x1 - x0) * (v1 - v0) - (y1 - y0) * (u1 - u0)) / length
    if abs(crossing) > 0.12 * np.hypot(x1 - x0, y1 - y0):
        return True
    middle = ((x0 + x1) / 2 - u0) * (v1 - v0) - ((y0 + y1) / 2 - v0) * (u1 - u0)
    return abs(middle) / length > 14
