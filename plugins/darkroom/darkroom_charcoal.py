"""Charcoal: strokes that follow the forms, caught by the paper's tooth, and smudged with a finger."""

import numpy as np
from darkroom_paper import paper, tooth
from darkroom_plate import blurred, colour, luminance, mixed, smoothstep
from darkroom_structure import Flow, flow_lines, smoothed

_COAL = colour(0.11, 0.105, 0.10)
_PAPER = colour(0.925, 0.905, 0.865)
_HAND_DEGREES = -38  # in which the arm strokes where no form leads it


def charcoal(plate, rgb):
    """(picture, lead): the picture in charcoal on laid paper."""
    unit = plate.unit
    calm = smoothed(rgb, unit, passes=2, tolerance=0.12)
    tone = _tone(luminance(calm))
    surface = tooth(plate, "charcoal", 1.2)
    flow = _hand(Flow(luminance(calm), 9 * unit))
    strokes = _strokes(plate, flow)
    # A stroke leaves coal where stroke and tooth stand out against the light of the tone.
    wanted = 1 - tone
    uneven = (0.34 * strokes + 0.24 * surface) * (0.45 + 0.55 * smoothstep(wanted, 0.08, 0.45))
    caught = smoothstep(wanted * 2.1 - 1.0 + uneven, -0.42, 0.62)
    smudge = _smudge(plate, flow, wanted)
    lines = flow_lines(calm, unit, width=1.5, reach=6.0, low=0.30, high=1.0)
    lines *= np.clip(0.80 + 0.22 * surface + 0.25 * plate.noise("press", 30 * unit, 2), 0, 1)
    coal = 1 - (1 - 0.80 * caught) * (1 - 0.55 * smudge) * (1 - 0.88 * lines)
    lights = smoothstep(tone, 0.93, 1.0) * smoothstep(surface, 1.2, -1.0)
    sheet = paper(plate, "charcoal", _PAPER, rough=0.025)
    drawn = mixed(sheet, _COAL, np.clip(coal, 0, 0.97))
    return mixed(drawn, colour(0.97, 0.96, 0.93), 0.5 * lights), 0.15 + 0.8 * lines


def _tone(grey):
    """A curve with paper in the lights and rich blacks."""
    low, high = np.percentile(grey[::3, ::3], (1, 97))
    spread = np.clip((grey - low) / max(float(high - low), 0.25), 0, 1)
    return 0.03 + 0.97 * smoothstep(spread, -0.12, 0.98)


def _hand(flow):
    """The flow of the forms, led back to the arm's own direction where there is no form."""
    turn = np.deg2rad(_HAND_DEGREES + 90)
    hand_x, hand_y = np.float32(np.cos(2 * turn)), np.float32(np.sin(2 * turn))
    sure = smoothstep(flow.coherence, 0.35, 0.85)
    # Directions without sign are averaged as vectors of twice their angle.
    x2 = flow.across_x**2 - flow.across_y**2
    y2 = 2 * flow.across_x * flow.across_y
    angle = 0.5 * np.arctan2(hand_y + (y2 - hand_y) * sure, hand_x + (x2 - hand_x) * sure)
    flow.across_x, flow.across_y = np.cos(angle), np.sin(angle)
    return flow


def _strokes(plate, flow):
    """Streaks along the flow of two breadths: mean 0, standard deviation 1."""
    unit = plate.unit
    broad = flow.along(plate.grain("broad strokes", 1.7 * unit), 17 * unit, max(1.0, 3 * unit))
    thin = flow.along(plate.grain("thin strokes", 0.8 * unit), 9 * unit, max(1.0, 2 * unit))
    streaks = broad / (float(broad.std()) + 1e-6) + 0.7 * thin / (float(thin.std()) + 1e-6)
    return streaks / (float(streaks.std()) + 1e-6)


def _smudge(plate, flow, wanted):
    """Dust rubbed along the strokes: soft, and more here than there."""
    unit = plate.unit
    soft = flow.along(blurred(wanted, 3 * unit), 14 * unit, max(1.0, 2.5 * unit))
    rubbed = 0.62 + 0.38 * plate.noise("rubbed", 120 * unit, 3)
    return np.clip(soft * 1.15 - 0.10, 0, 1) * np.clip(rubbed, 0.2, 1)
