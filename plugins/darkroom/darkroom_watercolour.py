"""Watercolour: flat washes whose pigment pools at their edges, bleeds and granulates on paper.

Source: Bousseau, Kaplan, Thollot, Sillion, "Interactive Watercolor Rendering with Temporal
Coherence and Abstraction" (2006), for the density of pigment; the rest follows from looking.
"""

import cv2
import numpy as np
from darkroom_paper import lit, tooth
from darkroom_plate import blurred, colour, luminance, mixed, smoothstep
from darkroom_structure import Flow, flow_lines, smoothed

_PAPER = colour(0.985, 0.975, 0.95)
_PENCIL = colour(0.30, 0.28, 0.30)


def watercolour(plate, rgb):
    """(picture, lead): the picture in washes over a faint pencil drawing."""
    unit = plate.unit
    surface = tooth(plate, "watercolour", 1.3)
    washes = _bled(plate, _washes(rgb, unit))
    density = _pooled(plate, washes) + 0.10 * _granulation(plate, washes, surface)
    painted = _pigment(_paled(washes), 1 + density)
    painted = mixed(painted, _PAPER, _left_dry(plate, washes, surface))
    lines = flow_lines(smoothed(rgb, unit), unit, width=0.8, reach=3.0, low=0.35, high=1.0)
    pencil = lines * np.clip(0.38 + 0.12 * surface, 0, 1)
    painted = mixed(painted, _PENCIL, pencil)
    shade = 1 + 0.05 * lit(surface)
    return painted * shade[..., None], 0.35 + 0.4 * np.clip(density + lines, 0, 1)


def _washes(rgb, unit):
    """Few flat tones with smooth borders, as a brush would lay them."""
    shapes = smoothed(rgb, 1.6 * unit, passes=3, tolerance=0.13)
    grey = luminance(shapes)
    flow = Flow(grey, 4 * unit)
    shapes = cv2.merge([flow.along(c, 5 * unit, max(1.0, 1.4 * unit)) for c in cv2.split(shapes)])
    grey = luminance(shapes)
    steps = 7.0
    level = grey * steps - 0.5
    base = np.floor(level)
    eased = (base + smoothstep(level - base, 0.30, 0.70) + 0.5) / steps
    gain = (0.45 * grey + 0.55 * eased + 0.02) / (grey + 0.02)
    return np.clip(shapes * gain[..., None], 0, 1)


def _bled(plate, washes):
    """Borders that wander with the wet, and here and there run into each other."""
    x, y = plate.grid()
    unit = plate.unit
    x += unit * (2.0 * plate.noise("bleed x", 34 * unit, 2) + 0.3 * plate.noise("rag x", 5 * unit))
    y += unit * (2.0 * plate.noise("bleed y", 34 * unit, 2) + 0.3 * plate.noise("rag y", 5 * unit))
    moved = cv2.remap(washes, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    wet = smoothstep(plate.noise("wet", 150 * unit, 2), 0.15, 0.75)
    return mixed(moved, blurred(moved, 7 * unit), 0.75 * wet)


def _pooled(plate, washes):
    """Density where pigment gathered: along the borders of a wash, in clouds, in backruns."""
    unit = plate.unit
    grey = luminance(washes)
    # The darker side of a border: the rest of a narrow blur, and of a wide one for the soft rim.
    rim = np.clip((blurred(grey, 3.2 * unit) - grey) * 5.5, 0, 0.9)
    slope = cv2.magnitude(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    thin = blurred(np.clip(slope * unit * 2.4, 0, 0.6), 0.7 * unit)
    clouds = 0.20 * plate.noise("turbulence", 130 * unit, 4)
    tide = plate.noise("backrun", 190 * unit, 4)
    backrun = 0.17 * np.exp(-((tide - 0.42) ** 2) / 0.0012) * smoothstep(tide, 0.15, 0.45)
    wet = (clouds + backrun - 0.12 * smoothstep(tide, 0.42, 0.8)) * (0.35 + 0.65 * grey)
    return rim * (0.5 + 0.5 * grey) + 0.5 * thin + wet


def _granulation(plate, washes, surface):
    """Heavy pigments settle in the paper's valleys, most in the middle and dark tones."""
    deep = smoothstep(luminance(washes), 0.95, 0.45)
    lumps = plate.grain("granulation", 1.6 * plate.unit)
    return (0.30 + 0.70 * deep) * np.clip(0.7 * -surface + 0.6 * lumps, -1.5, 2.2)


def _paled(washes):
    """Transparent colour on white: lighter, clearer, never black."""
    grey = luminance(washes)[..., None]
    clear = grey + (washes - grey) * 1.42
    return np.clip(0.12 + 0.88 * np.clip(clear, 0, 1) ** 0.72, 0, 1)


def _pigment(paint, density):
    """A layer of paint, thicker or thinner: thicker is darker and fuller in colour."""
    paint = np.clip(paint, 0.02, 0.995)
    return np.power(paint, np.clip(density, 0.35, 2.6)[..., None])


def _left_dry(plate, washes, surface):
    """Paper that the brush skipped: in the lights, along the grain, and at the sheet's border."""
    grey = luminance(washes)
    skipped = smoothstep(surface + 1.3 * plate.noise("dry", 90 * plate.unit, 3), 2.3, 3.2)
    lights = smoothstep(grey, 0.86, 0.98)
    return np.clip(0.55 * lights + 0.5 * skipped * smoothstep(grey, 0.25, 0.7), 0, 0.9)
