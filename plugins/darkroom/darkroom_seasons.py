"""Spring, summer and autumn: vegetation, ground, sky and light, each recoloured where it is."""

import numpy as np
from darkroom_plate import blurred, colour, luminance, mixed, smoothstep
from darkroom_scatter import strewn

_AUTUMN = ((0.86, 0.68, 0.30), (0.82, 0.52, 0.22), (0.70, 0.36, 0.18), (0.56, 0.26, 0.17))
_STRAW = colour(0.80, 0.68, 0.38)
_BLOSSOM = ((1.0, 0.86, 0.90), (0.99, 0.74, 0.83), (1.0, 0.95, 0.95))
_FRESH = ((0.52, 0.66, 0.31), (0.70, 0.76, 0.42))
_DEEP = ((0.22, 0.42, 0.14), (0.40, 0.54, 0.18))
_LOW_AZURE, _HIGH_AZURE = colour(0.62, 0.83, 0.98), colour(0.16, 0.47, 0.86)
_MEADOW = ((1.0, 0.93, 0.45), (1.0, 1.0, 0.98), (0.98, 0.72, 0.82), (0.78, 0.66, 0.95))


def painted(rgb, tint, gain=1.0):
    """A tint with the picture's own light and shadow.

    Args:
        tint: float32 RGB, one or of the picture's size.
        gain: On its luminance.
    """
    grey = luminance(rgb)[..., None]
    weight = np.sum(tint * colour(0.299, 0.587, 0.114), axis=-1, keepdims=True)
    made = tint * (gain * grey / np.maximum(weight, 0.05))
    # What is too bright for its colour gets paler.
    over = np.clip(made.max(axis=-1, keepdims=True) - 1, 0, None)
    return np.clip(made + over * 0.6 * (1 - tint), 0, 1)


def _ramp(position, colours):
    """A colour between those of a list: `position` 0 to 1, (height, width)."""
    stops = np.linspace(0, 1, len(colours))
    bands = [np.interp(position, stops, [c[i] for c in colours]) for i in range(3)]
    return np.stack(bands, axis=-1).astype(np.float32)


def _crowns(plate):
    """Of the vegetation, what stands up: (height, width)."""
    regions = plate.regions
    return regions.plants * (1 - regions.ground)


def spring(plate, rgb):
    """Fresh green, blossom in the crowns, flowers in the grass, a soft and clear light."""
    unit, regions = plate.unit, plate.regions
    fresh = _ramp(0.5 + 0.5 * plate.noise("fresh", 70 * unit, 3), _FRESH)
    made = mixed(rgb, painted(rgb, fresh, 1.12), 0.85 * regions.plants)
    if not plate.without("petals"):
        made = _blossomed(plate, made, _crowns(plate))
        grass = regions.plants * regions.ground
        flowers, opacity = strewn(
            plate, "meadow", 0.75 * grass, 1500, _MEADOW, (0.9, 3.0), flat=0.8
        )
        made = mixed(made, flowers, 0.92 * opacity)
    sky = rgb * colour(0.95, 1.0, 1.03) + 0.03
    made = mixed(made, sky, 0.7 * regions.sky)
    soft = blurred(made, 12 * unit)
    made = 1 - (1 - made) * (1 - 0.10 * soft)
    return made * colour(1.02, 1.01, 0.985) + 0.012


def _blossomed(plate, rgb, crowns):
    """Clusters of petals where light falls on the crowns."""
    unit, grey = plate.unit, luminance(rgb)
    lit = smoothstep(grey - blurred(grey, 16 * unit), -0.16, 0.10)
    cluster = plate.noise("cluster", 42 * unit, 2) + 0.55 * plate.noise("sprig", 10 * unit, 2)
    dabs = plate.noise("petal", 4.2 * unit)
    where = smoothstep(cluster + 0.55 * dabs, 0.12, 0.55) * (0.45 + 0.55 * lit)
    tint = _ramp(0.5 + 0.5 * plate.noise("petal tint", 9 * unit, 2), _BLOSSOM)
    shade = np.clip(0.80 + 0.9 * (grey - blurred(grey, 16 * unit)) + 0.10 * dabs, 0.5, 1.05)
    return mixed(rgb, tint * shade[..., None], 0.92 * where * smoothstep(crowns, 0.25, 0.7))


def summer(plate, rgb):
    """High sun: deep greens, warm ground, a strong blue sky, crisp contrast."""
    unit, regions = plate.unit, plate.regions
    deep = _ramp(0.5 + 0.5 * plate.noise("deep", 80 * unit, 3), _DEEP)
    made = mixed(rgb, painted(rgb, deep, 0.96), 0.66 * regions.plants)
    dry = regions.ground * (1 - regions.plants)
    made = mixed(made, painted(made, colour(0.88, 0.76, 0.54), 1.06), 0.40 * dry)
    y = (np.arange(plate.height, dtype=np.float32)[:, None] + 0.5) / plate.height
    height = np.clip(1 - y / max(regions.horizon, 0.1), 0, 1)[..., None]
    azure = _LOW_AZURE + (_HIGH_AZURE - _LOW_AZURE) * height
    grey = luminance(rgb)
    weight = blurred(regions.sky, 60 * unit) + 1e-3
    clouds = smoothstep(grey - blurred(grey * regions.sky, 60 * unit) / weight, 0.01, 0.13)
    sky = mixed(azure * (0.82 + 0.22 * grey[..., None]), colour(1.0, 0.995, 0.98), 0.92 * clouds)
    made = mixed(made, sky, 0.80 * regions.sky)
    made = mixed(made, painted(made, colour(0.14, 0.52, 0.68), 0.98), 0.35 * regions.water)
    made = 0.55 * made + 0.45 * smoothstep(made, -0.04, 1.0)
    grey = luminance(made)[..., None]
    made = grey + (made - grey) * 1.05
    sun = smoothstep(grey, 0.2, 0.8)
    return made * (colour(0.97, 0.97, 1.02) + colour(0.11, 0.05, -0.10) * sun)


def autumn(plate, rgb):
    """Gold to rust by the clump, straw grass, leaves on the ground, low amber light, haze."""
    unit, regions = plate.unit, plate.regions
    turn = 0.46 + 0.50 * plate.noise("turning", 90 * unit, 2)
    turn += 0.34 * plate.noise("sprays", 16 * unit, 3)
    leaves = painted(rgb, _ramp(np.clip(turn, 0, 1), _AUTUMN), 1.12)
    made = mixed(rgb, leaves, 0.94 * _crowns(plate))
    lawn = painted(rgb, _STRAW + 0.10 * plate.noise("straw", 30 * unit, 3)[..., None], 1.08)
    made = mixed(made, lawn, 0.86 * regions.plants * regions.ground)
    if not plate.without("leaves"):
        drift = np.clip(0.42 + 0.55 * plate.noise("drift", 120 * unit, 3), 0.04, 1)
        fallen, opacity = strewn(plate, "fallen", regions.ground * drift, 4200, _AUTUMN, (0.9, 5.2))
        shade = np.roll(opacity, (max(1, round(unit)), max(1, round(0.6 * unit))), axis=(0, 1))
        made = made * (1 - 0.32 * blurred(shade, 1.2 * unit))[..., None]
        fallen = fallen * (0.35 + 0.75 * luminance(rgb)[..., None] ** 0.6)
        made = mixed(made, fallen, 0.95 * opacity)
    sky = mixed(rgb, luminance(rgb)[..., None] * colour(1.0, 0.965, 0.90), 0.55)
    made = mixed(made, sky, 0.8 * regions.sky)
    haze = _low_haze(plate)
    made = mixed(made, colour(0.94, 0.84, 0.66), 0.16 * haze)
    grey = luminance(made)[..., None]
    return made * (colour(0.94, 0.95, 0.98) + colour(0.12, 0.03, -0.16) * grey)


def _low_haze(plate):
    """Haze that lies at the horizon: (height, width)."""
    y = (np.arange(plate.height, dtype=np.float32)[:, None] + 0.5) / plate.height
    band = np.exp(-(((y - plate.regions.horizon) / 0.20) ** 2))
    return band * np.clip(0.8 + 0.4 * plate.noise("haze", 240 * plate.unit, 2), 0, 1)
