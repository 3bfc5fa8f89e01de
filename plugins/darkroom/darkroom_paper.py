"""Sheets that media are put on: their colour, tooth and stains."""

import numpy as np
from darkroom_plate import blurred


def tooth(plate, name, size=1.0):
    """The height of a paper's surface: (height, width), mean 0, standard deviation 1.

    Args:
        size: Of its grains, in units.
    """
    fine = plate.grain(f"{name} tooth", 0.7 * size * plate.unit)
    lumps = plate.grain(f"{name} felt", 2.2 * size * plate.unit)
    surface = fine + 0.8 * lumps
    return surface / (float(surface.std()) + 1e-6)


def paper(plate, name, tint, rough=0.02):
    """A sheet: float32 (height, width, 3), its tint with tooth, clouds and darker borders.

    Args:
        tint: The colour of the sheet.
        rough: How much its tooth shows.
    """
    clouds = 0.010 * plate.noise(f"{name} clouds", 260 * plate.unit, 3)
    light = 1 + rough * tooth(plate, name) + clouds - 0.045 * _borders(plate)
    return np.clip(tint * light[..., None], 0, 1).astype(np.float32)


def _borders(plate):
    """1 in the corners, 0 in the middle: where a sheet has yellowed."""
    x, y = plate.grid()
    x, y = (x + 0.5) / plate.width * 2 - 1, (y + 0.5) / plate.height * 2 - 1
    return np.clip((np.maximum(np.abs(x), np.abs(y)) - 0.7) / 0.3, 0, 1) ** 2


def lit(surface, strength=0.6):
    """A surface's height as light that falls on it from the upper left, about -1 to 1."""
    slope = surface - np.roll(surface, (1, 1), axis=(0, 1))
    return np.clip(blurred(slope, 0.6) * strength, -1, 1)
