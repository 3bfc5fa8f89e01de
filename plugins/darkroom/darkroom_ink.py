"""Pen and ink: lines along the edges, hatching in the shadows, on paper."""

import numpy as np
from darkroom_paper import paper
from darkroom_plate import colour, luminance, mixed, smoothstep
from darkroom_structure import flow_lines, smoothed

_INK = colour(0.09, 0.09, 0.13)
# (angle in degrees, spacing in units, tone below which it begins): darker tones cross more layers.
_LAYERS = ((-42, 6.2, 0.60), (38, 5.6, 0.40), (-78, 5.0, 0.24))
_SOLID = 0.10  # a tone this dark is filled with the brush


def ink(plate, rgb):
    """(picture, lead): line work with hatching; lines alone over a medium that is there already."""
    over_wash = any(name in plate.looks.names for name in ("watercolour", "charcoal"))
    calm = smoothed(rgb, plate.unit, passes=2)
    fine = flow_lines(calm, plate.unit, width=0.9, reach=4.0)
    bold = flow_lines(calm, plate.unit, width=1.7, reach=7.0, low=0.5, high=1.0)
    pressure = 0.82 + 0.18 * plate.noise("ink pressure", 40 * plate.unit, 2)
    lines = np.maximum(fine, bold) * np.clip(pressure, 0, 1)
    if over_wash:
        return mixed(rgb, _INK, 0.85 * lines), 0.3 + 0.7 * lines
    tone = _tone(luminance(calm))
    drawn = np.maximum(lines, smoothstep(tone, _SOLID + 0.05, _SOLID - 0.03))
    if not plate.without("hatching"):
        for number, (angle, spacing, start) in enumerate(_LAYERS):
            drawn = np.maximum(drawn, hatch(plate, tone, angle, spacing, start, f"hatch {number}"))
    sheet = paper(plate, "ink", colour(0.965, 0.95, 0.915), rough=0.018)
    return mixed(sheet, _INK, np.clip(drawn, 0, 1) * 0.94), 0.12 + 0.88 * drawn


def _tone(grey):
    """Tones spread so that a pale picture has shadows too, and a dark one some paper."""
    low, high = np.percentile(grey[::3, ::3], (2, 96))
    spread = (grey - low) / max(float(high - low), 0.25)
    return np.clip(0.06 + 0.94 * spread, 0, 1)


def hatch(plate, tone, angle, spacing, start, name):
    """Parallel strokes that swell as the tone falls below `start`: (height, width), 0 to 1.

    Args:
        tone: (height, width), 0 dark to 1 light.
        angle: Of the strokes, in degrees.
        spacing: Between strokes, in units.
        start: The tone at which they begin.
        name: Of the layer, for its noise.
    """
    gap = max(3.0, spacing * plate.unit)
    turn = np.deg2rad(angle)
    x, y = plate.grid()
    across = -x * np.float32(np.sin(turn)) + y * np.float32(np.cos(turn))
    across += 0.55 * gap * plate.noise(f"{name} hand", 55 * gap / 5)
    line = across / gap
    off = np.abs(line - np.floor(line) - 0.5) * 2  # 0 on the stroke's middle, 1 between two
    ragged = 0.05 * plate.noise(f"{name} ends", 2.2 * gap, 2)
    need = np.clip((start - tone + ragged) / start, 0, 1)
    width = 0.10 + 0.62 * need
    edge = 1.3 / gap
    return smoothstep(off - width, edge, -edge) * smoothstep(need, 0.0, 0.10)
