"""The palette of a role's place, time and weather, as the drawing's light."""

import numpy as np
from talker_palette import STYLES, TIMES, Palette, grey, mix


def light(role, side):
    """The palette; `side` is where the light comes from, -1 left or 1 right."""
    top, mid, low, ambient, shadow, glow, ink = TIMES[role.time]
    indoors = role.place in ("room", "library")
    haze, saturation = mix(low, mid, 0.4), 0.86
    slate = {"night": (0.10, 0.13, 0.19), "dusk": (0.34, 0.33, 0.40)}.get(
        role.time, (0.62, 0.66, 0.69)
    )
    amount = {"rain": 0.72, "storm": 0.85, "fog": 0.7, "snow": 0.6, "cloudy": 0.55}.get(
        role.weather, 0
    )
    if amount:
        deep = mix(slate, (0.03, 0.04, 0.08), 0.45 if role.weather == "storm" else 0.0)
        top, mid = mix(top, deep, amount), mix(mid, slate, amount)
        low = mix(low, slate, amount * 0.8)
        ambient = mix(ambient, (grey(ambient),) * 3, 0.35)
        haze, saturation = mix(low, mid, 0.5), 0.74
    if indoors:
        ambient = mix(ambient, (0.92, 0.86, 0.78), 0.7 if role.time != "night" else 0.75)
    elif role.time == "night":
        ambient = mix(ambient, (0.92, 0.84, 0.78), 0.75)  # who speaks at night stands in some light
    if role.place == "space":
        ambient = (0.80, 0.84, 0.92)
    return Palette(
        top, mid, low, ambient, shadow, glow, ink, haze,
        dark=role.time == "night",
        saturation=saturation, light=(-side * 0.8, 0.6),
    )  # fmt: skip


def graded(rgb, drawing):
    """The sheet pulled towards a style of drawing, in place: planar float32 (3, height, width)."""
    dark, bright, amount, _ = STYLES[drawing]
    if amount:
        luma = np.tensordot(np.array((0.3, 0.59, 0.11), np.float32), rgb, axes=1)
        for c in range(3):
            rgb[c] += (dark[c] + (bright[c] - dark[c]) * luma - rgb[c]) * amount
