"""Day to night, and day to golden hour: the light is taken away and put back where it comes from."""

import cv2
import numpy as np
from darkroom_lights import find_lights, find_moon, stars
from darkroom_plate import blurred, colour, luminance, mixed, smoothstep

_GAMMA = 2.2  # near enough to sRGB's curve for light that is invented
_MOONLIGHT = colour(0.43, 0.66, 1.08)
_ZENITH, _LOW_SKY = colour(0.0045, 0.0100, 0.034), colour(0.020, 0.042, 0.105)
_LAMPLIGHT = colour(1.0, 0.66, 0.30)
_RODS = np.array([[0.12, 0.55, 0.33]], np.float32)  # dim light is seen by them: red turns dark


def night(plate, rgb):
    """The scene at night: moonlight, a sky with stars, lamps and windows that are lit."""
    light = np.power(np.clip(rgb, 0, 1), _GAMMA)
    sky = plate.regions.sky
    lights = find_lights(plate, rgb)
    panes = window_view(plate, light)
    ground = _moonlit(plate, light, panes)
    dark = mixed(ground, _night_sky(plate, rgb), sky)
    # Lamps light what is around them, in its own colours.
    near = light * _LAMPLIGHT * (lights.falloff * (1 - 0.9 * np.maximum(sky, panes)))[..., None]
    dark = dark + 1.5 * near + 0.30 * _LAMPLIGHT * lights.haze[..., None]
    dark = mixed(dark, np.maximum(dark, lights.colours), lights.mask)
    if not plate.without("stars"):
        dark = dark + stars(plate, sky, rgb)[..., None] * colour(0.92, 0.96, 1.0)
    return np.power(np.clip(dark, 0, 1), 1 / _GAMMA)


def _moonlit(plate, light, panes):
    """All that is no sky, by the moon: dim, blue, its lights the first to go."""
    grey = cv2.transform(light, _RODS)[..., None]
    mean = float(grey.mean())
    exposure = float(np.clip(0.075 / (mean + 1e-4), 0.17, 0.9))
    pressed = grey / (1 + 0.7 * grey)
    hued = light * (pressed / (grey + 1e-4))
    seen = mixed(hued, pressed * _MOONLIGHT, 0.74) * exposure
    y = (np.arange(plate.height, dtype=np.float32)[:, None] + 0.5) / plate.height
    seen = seen * (1.12 - 0.30 * y)[..., None]
    return mixed(seen, _LOW_SKY * (0.5 + grey), panes) + colour(0.0012, 0.0022, 0.0055)


def window_view(plate, light):
    """Day seen through a window of a room: it must go dark as the sky would."""
    if float(plate.regions.sky.mean()) > 0.02:
        return np.zeros(light.shape[:2], np.float32)
    red, _, blue = cv2.split(light)
    return smoothstep(blue - red, 0.02, 0.12) * smoothstep(luminance(light), 0.15, 0.45)


def _night_sky(plate, rgb):
    """From the zenith's blue black to a paler horizon, clouds kept, the sun now a moon."""
    grey = luminance(rgb)
    sky = plate.regions.sky
    y = (np.arange(plate.height, dtype=np.float32)[:, None] + 0.5) / plate.height
    fall = np.clip(y / max(plate.regions.horizon, 0.1), 0, 1) ** 1.6
    base = _ZENITH + (_LOW_SKY - _ZENITH) * fall[..., None]
    weight = blurred(sky, 60 * plate.unit) + 1e-3
    around = blurred(grey * sky, 60 * plate.unit) / weight
    clouds = np.clip(1 + 3.4 * (grey - around), 0.35, 2.6)
    made = base * clouds[..., None] * np.ones_like(rgb)
    disc, halo = find_moon(plate, grey, sky)
    made = made + halo[..., None] * colour(0.10, 0.15, 0.26)
    return mixed(made, colour(0.80, 0.84, 0.86) * (0.65 + 0.35 * grey[..., None]), disc)


def golden(plate, rgb):
    """The hour of a low sun: a sky that glows at the horizon, amber lights, blue-green shadows."""
    grey = luminance(rgb)
    x, y = plate.grid()
    x, y = x / plate.width, y / plate.height
    horizon = plate.regions.horizon
    side = 0.28 if plate.random("sun").random() < 0.5 else 0.72
    sun = np.exp(-(((x - side) / 0.42) ** 2 + ((y - horizon) / 0.40) ** 2))
    shade, lit = rgb * colour(0.60, 0.66, 0.80), rgb * colour(1.16, 0.90, 0.60)
    toned = mixed(shade, lit, smoothstep(grey, 0.15, 0.8))
    toned = toned * (0.86 + 0.30 * sun)[..., None]
    low = np.clip(y / max(horizon, 0.1), 0, 1)[..., None] ** 1.5
    glow = colour(0.30, 0.36, 0.56) + (colour(1.0, 0.66, 0.36) - colour(0.30, 0.36, 0.56)) * low
    glow = mixed(glow, colour(1.0, 0.86, 0.58), 0.75 * sun)
    weight = blurred(plate.regions.sky, 50 * plate.unit) + 1e-3
    around = blurred(grey * plate.regions.sky, 50 * plate.unit) / weight
    sky = glow * np.clip(1 + 1.0 * (grey - around), 0.6, 1.4)[..., None]
    made = mixed(toned, sky, 0.88 * plate.regions.sky)
    return 1 - (1 - np.clip(made, 0, 1)) * (1 - 0.20 * sun[..., None] * colour(1.0, 0.62, 0.26))
