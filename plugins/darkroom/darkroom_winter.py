"""Winter: snow on what faces up, bare and dusted vegetation, a pale sky, falling flakes."""

import cv2
import numpy as np
from darkroom_night import window_view
from darkroom_plate import blurred, colour, luminance, mixed, smoothstep
from darkroom_scatter import flakes
from darkroom_seasons import painted

_SNOW_LIGHT, _SNOW_SHADE = colour(0.955, 0.965, 0.985), colour(0.60, 0.68, 0.82)
_DEPTH_UNITS = 6.5  # of the snow on a roof or a branch
_EDGE = 0.05  # the step in brightness from which an edge bears snow


def winter(plate, rgb):
    """The scene under snow."""
    unit, regions = plate.unit, plate.regions
    made = mixed(rgb, painted(rgb, colour(0.52, 0.50, 0.50), 0.92), 0.86 * regions.plants)
    made = mixed(made, painted(made, colour(0.40, 0.50, 0.60), 0.92), 0.5 * regions.water)
    cold = luminance(made)[..., None]
    made = mixed(made, cold * colour(0.96, 1.0, 1.06), 0.36 * (1 - regions.sky))
    cover = np.maximum(_carpet(plate), np.maximum(_caps(plate, rgb), _dust(plate, rgb)))
    made = mixed(made, _snow(plate, rgb), np.clip(cover, 0, 0.97))
    made = mixed(made, _sky(plate, rgb), 0.88 * regions.sky)
    y = (np.arange(plate.height, dtype=np.float32)[:, None] + 0.5) / plate.height
    haze = np.exp(-(((y - regions.horizon) / 0.25) ** 2)) * (1 - 0.5 * regions.sky)
    made = mixed(made, colour(0.86, 0.89, 0.93), 0.20 * haze * np.ones_like(cover))
    view = window_view(plate, np.power(np.clip(rgb, 0, 1), 2.2))
    made = mixed(made, colour(0.80, 0.85, 0.92) * (0.75 + 0.25 * cold), 0.85 * view)
    if not plate.without("flakes"):
        seen = np.maximum(view, regions.outdoors * plate.daylight**0.5)
        near = 1 - 0.75 * blurred(regions.skin, 3 * unit)
        made = mixed(made, colour(0.985, 0.99, 1.0), 0.92 * seen * flakes(plate) * near)
    return made


def _carpet(plate):
    """Snow on the ground: whole where it is open, thin in patches."""
    patchy = plate.noise("patches", 34 * plate.unit, 4)
    return smoothstep(plate.regions.ground + 0.13 * patchy, 0.26, 0.42)


def _caps(plate, rgb):
    """Snow that lies along upper edges, thick here and thin there, with a crisp lower rim."""
    unit = plate.unit
    grey = cv2.GaussianBlur(luminance(rgb), (0, 0), max(0.6, 0.9 * unit))
    down = cv2.Sobel(grey, cv2.CV_32F, 0, 1, scale=0.25) * max(1.0, unit)
    across = cv2.Sobel(grey, cv2.CV_32F, 1, 0, scale=0.25) * max(1.0, unit)
    # Lighter above, darker below: the upper side of something against what lies behind it.
    bears = smoothstep(-down - 0.9 * np.abs(across), _EDGE, 2.2 * _EDGE)
    regions = plate.regions
    bears = bears * (1 - regions.water) * (1 - regions.skin) * regions.outdoors
    depth = _DEPTH_UNITS * unit * (1 - 0.6 * regions.portrait)
    thick = np.clip(0.62 + 0.55 * plate.noise("thick", 22 * unit, 2), 0.15, 1.2) * depth
    cover = bears.copy()
    for step in range(1, int(1.2 * _DEPTH_UNITS * unit) + 1):
        lower = np.zeros_like(bears)
        lower[step:] = bears[:-step]
        cover = np.maximum(cover, lower * np.clip(thick - step, 0, 1))
    return blurred(cover, 0.5 * unit) * (1 - plate.regions.sky)


def _dust(plate, rgb):
    """Snow caught in crowns and grass: on the lit sides, in tufts."""
    unit, grey = plate.unit, luminance(rgb)
    lit = smoothstep(grey - blurred(grey, 9 * unit), -0.03, 0.09)
    tufts = plate.noise("tufts", 14 * unit, 3) + 0.5 * plate.noise("twigs", 3.5 * unit)
    return plate.regions.plants * np.clip(0.22 + 0.75 * lit * smoothstep(tufts, -0.5, 0.5), 0, 0.92)


def _snow(plate, rgb):
    """The snow itself: what lies under it shows as light and blue shade, and as low drifts."""
    unit, grey = plate.unit, luminance(rgb)
    broad = blurred(grey, 20 * unit)
    shade = smoothstep(grey - 0.75 * broad, -0.16, 0.20)
    drifts = 0.5 + 0.5 * plate.noise("drifts", 80 * unit, 3, stretch=(3.0, 0.7))
    light = np.clip(0.62 * shade + 0.28 * drifts + 0.22, 0, 1)
    return (_SNOW_SHADE + (_SNOW_LIGHT - _SNOW_SHADE) * light[..., None]) * plate.daylight


def _sky(plate, rgb):
    """Snow clouds: pale grey, darker upwards, with what is left of the sky's own shapes."""
    y = (np.arange(plate.height, dtype=np.float32)[:, None] + 0.5) / plate.height
    low = np.clip(y / max(plate.regions.horizon, 0.1), 0, 1)
    clouds = 0.035 * plate.noise("snow clouds", 200 * plate.unit, 4, stretch=(2.0, 1.0))
    grey = luminance(rgb)
    weight = blurred(plate.regions.sky, 60 * plate.unit) + 1e-3
    shapes = 0.35 * (grey - blurred(grey * plate.regions.sky, 60 * plate.unit) / weight)
    light = (0.70 + 0.17 * low + clouds + shapes) * plate.daylight
    dark = 1 - plate.daylight  # snow clouds of a night are blue
    return np.clip(light[..., None] * colour(0.975 - 0.3 * dark, 1 - 0.12 * dark, 1.04), 0, 0.97)
