"""Film noir: black and white by a red filter, low key, light from a window, halation and grain."""

import cv2
import numpy as np
from darkroom_plate import blurred, luminance, smoothstep
from darkroom_words import MEDIA

_RED_FILTER = np.array([[0.52, 0.36, 0.12]], np.float32)  # it makes skies dark and faces light


def noir(plate, rgb):
    """The picture as a still of a film noir, grey in three channels."""
    grey = cv2.transform(rgb, _RED_FILTER)
    grey = _local_contrast(grey, plate.unit)
    light = _light(plate)
    key = _low_key(grey) * light
    glow = blurred(smoothstep(key, 0.72, 1.0), 9 * plate.unit)
    key = 1 - (1 - key) * (1 - 0.30 * glow)  # halation: lights shine through the film's base
    if not plate.without("grain") and not set(plate.looks.names) & set(MEDIA):
        grain = plate.grain("film grain", 0.55 * plate.unit)
        key = key + 0.030 * grain * (0.35 + 2.2 * key * (1 - key))
    return cv2.merge([np.clip(key, 0, 1)] * 3)


def _local_contrast(grey, unit):
    """Broad tones pressed together, what is between them brought out."""
    broad = blurred(grey, 45 * unit)
    return np.clip(0.40 + (broad - 0.40) * 0.75 + (grey - broad) * 1.45, 0, 1)


def _low_key(grey):
    """Most of the picture falls into shadow; the lights keep white."""
    low, middle, high = np.percentile(grey[::3, ::3], (3, 50, 98))
    spread = np.clip((grey - low) / max(float(high - low), 0.2), 0, 1)
    centre = float(np.clip((middle - low) / max(high - low, 0.2), 0.25, 0.75))
    gamma = np.log(0.30) / np.log(centre)  # the middle of the picture comes to lie at 0.30
    curved = np.power(spread, np.float32(gamma))
    return 0.25 * curved + 0.75 * smoothstep(curved, 0.06, 0.92)


def _light(plate):
    """A pool of light from one side; slats of a blind across it where no sky is seen, or by name."""
    x, y = plate.grid()
    focus_x, focus_y, side = _focus(plate)
    across = (x / plate.width - focus_x) * plate.width / plate.height
    down = y / plate.height - focus_y
    turn = 0.42 * side
    along = across * np.float32(np.cos(turn)) + down * np.float32(np.sin(turn))
    aside = -across * np.float32(np.sin(turn)) + down * np.float32(np.cos(turn))
    pool = np.exp(-((along / 0.95) ** 2 + (aside / 0.52) ** 2))
    light = 0.30 + 0.85 * pool
    light = light * (1 - 0.42 * plate.regions.sky)  # the sky is no subject
    blinds = plate.looks.blinds or plate.regions.outdoors < 0.5
    if blinds and not plate.without("blinds"):
        light *= 1 - 0.62 * _slats(plate, x, y, side)
    if plate.without("vignette"):
        return light / light.max() * 1.0 + 0.2
    corners = np.hypot(x / plate.width * 2 - 1, y / plate.height * 2 - 1)
    return light * (1 - 0.55 * smoothstep(corners, 0.75, 1.45))


def _focus(plate):
    """(x, y, side): where detail and skin gather, 0 to 1, and from which side the light comes."""
    grey = cv2.resize(luminance(plate.original), (48, 27), interpolation=cv2.INTER_AREA)
    colours = cv2.resize(plate.original, (48, 27), interpolation=cv2.INTER_AREA)
    detail = cv2.Laplacian(cv2.GaussianBlur(grey, (0, 0), 1), cv2.CV_32F)
    red, _, blue = cv2.split(colours)
    interest = blurred(np.abs(detail) + 0.25 * np.clip(red - blue, 0, 0.4), 3)
    y, x = np.mgrid[0:27, 0:48].astype(np.float32)
    habit = np.exp(-(((x - 23.5) / 15) ** 2 + ((y - 11) / 9) ** 2))
    weight = (interest * habit) ** 3 + 1e-12
    focus_x, focus_y = (weight * x).sum() / weight.sum(), (weight * y).sum() / weight.sum()
    left, right = grey[:, :24].mean(), grey[:, 24:].mean()
    return float(focus_x + 0.5) / 48, float(focus_y + 0.5) / 27, 1.0 if left >= right else -1.0


def _slats(plate, x, y, side):
    """Shadows of a venetian blind: soft bars that spread from the window they come from."""
    height = plate.height
    from_x = -0.6 * plate.width if side > 0 else 1.6 * plate.width
    away = np.abs(x - from_x) / height
    fall = (y / height - 0.30) / (away + 0.8) * 2.2 - side * 0.06 * (x / height)
    bars = 0.5 + 0.5 * np.cos(2 * np.pi * fall * 9)
    edge = smoothstep(bars, 0.40, 0.68)
    return blurred(edge.astype(np.float32), 1.2 * plate.unit)
