"""The light of a scene as a limited palette: sky, haze, shadows, ink, and how colours are toned.

The colours are those of the sketch plugin, so that its frames and these cut together.
"""

from dataclasses import dataclass

import numpy as np

# time: sky top, middle, low; ambient light; shadow (multiplied); sun or moon; ink
TIMES = {
    "day": ((0.50, 0.66, 0.76), (0.72, 0.82, 0.85), (0.93, 0.92, 0.85), (1.0, 0.99, 0.95),
            (0.52, 0.54, 0.66), (1.0, 0.97, 0.86), (0.13, 0.12, 0.16)),
    "morning": ((0.58, 0.72, 0.80), (0.82, 0.86, 0.84), (0.98, 0.92, 0.79), (1.0, 0.97, 0.90),
                (0.56, 0.55, 0.66), (1.0, 0.95, 0.78), (0.15, 0.13, 0.16)),
    "dawn": ((0.42, 0.54, 0.66), (0.78, 0.74, 0.74), (1.0, 0.82, 0.64), (0.92, 0.84, 0.80),
             (0.48, 0.45, 0.60), (1.0, 0.88, 0.66), (0.14, 0.12, 0.19)),
    "sunset": ((0.42, 0.40, 0.52), (0.88, 0.58, 0.44), (1.0, 0.76, 0.42), (0.98, 0.80, 0.64),
               (0.50, 0.38, 0.46), (1.0, 0.84, 0.50), (0.17, 0.10, 0.13)),
    "dusk": ((0.22, 0.25, 0.40), (0.56, 0.44, 0.52), (0.96, 0.62, 0.42), (0.66, 0.58, 0.64),
             (0.42, 0.38, 0.56), (1.0, 0.78, 0.48), (0.09, 0.07, 0.14)),
    "night": ((0.055, 0.085, 0.17), (0.11, 0.16, 0.27), (0.21, 0.28, 0.39), (0.42, 0.50, 0.64),
              (0.34, 0.36, 0.52), (1.0, 0.80, 0.46), (0.03, 0.035, 0.07)),
}  # fmt: skip


# Where a style pulls the whole sheet: (dark end, light end, how far, grain).
STYLES = {
    "": (None, None, 0.0, 1.0),
    "ink": ((0.06, 0.06, 0.08), (0.97, 0.96, 0.92), 0.80, 1.1),
    "watercolour": ((0.20, 0.22, 0.32), (1.0, 0.98, 0.94), 0.06, 1.3),
    "charcoal": ((0.08, 0.08, 0.08), (0.95, 0.94, 0.91), 0.94, 2.4),
    "warm": ((0.22, 0.10, 0.08), (1.0, 0.92, 0.76), 0.36, 1.0),
    "cool": ((0.05, 0.10, 0.18), (0.88, 0.95, 0.98), 0.36, 1.0),
    "sepia": ((0.16, 0.10, 0.06), (0.97, 0.90, 0.76), 0.92, 1.2),
    "mono": ((0.05, 0.05, 0.06), (0.96, 0.96, 0.95), 1.0, 1.1),
}  # fmt: skip


def mix(a, b, t):
    """Between two colours."""
    return tuple(x * (1 - t) + y * t for x, y in zip(a, b, strict=True))


def grey(colour):
    """A colour's luminance."""
    return 0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2]


@dataclass(frozen=True)
class Palette:
    """Colours are RGB 0 to 1. `light` points the way shadows fall, in picture terms."""

    sky_top: tuple
    sky_mid: tuple
    sky_low: tuple
    ambient: tuple
    shadow: tuple
    glow: tuple
    ink: tuple
    haze: tuple
    dark: bool
    saturation: float
    light: tuple

    def tone(self, colour, fade=0.0):
        """A daylight colour under this scene's light, `fade` of the way into the haze."""
        c = np.asarray(colour, np.float32)
        c = grey(c) + (c - grey(c)) * self.saturation
        c = np.clip(c * self.ambient, 0, 1)
        return c + (np.asarray(self.haze, np.float32) - c) * fade

    def line(self, fade=0.0):
        """The ink at that distance."""
        return np.asarray(mix(self.ink, self.haze, min(1.0, fade * 0.85)), np.float32)
