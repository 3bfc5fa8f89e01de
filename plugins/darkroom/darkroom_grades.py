"""Simple grades, as a print is toned: sepia, black and white, warm, cool, faded."""

import numpy as np
from darkroom_plate import colour, luminance, smoothstep


def _toned(grey, shadow, light):
    return shadow + (light - shadow) * grey[..., None]


def bw(plate, rgb):
    """Black and white, with a little more contrast: colours told apart no more need it."""
    grey = luminance(rgb)
    return _toned(0.72 * grey + 0.28 * smoothstep(grey, 0.0, 1.0), colour(0, 0, 0), colour(1, 1, 1))


def sepia(plate, rgb):
    """A brown print: warm darks, cream lights, borders a little burnt."""
    grey = luminance(rgb)
    toned = _toned(grey, colour(0.11, 0.07, 0.04), colour(0.99, 0.93, 0.80))
    middle = colour(0.055, 0.005, -0.055) * (4 * grey * (1 - grey))[..., None]
    return (toned + middle) * (1 - 0.10 * _corners(plate))[..., None]


def warm(plate, rgb):
    """Later sun: lights towards amber, shadows barely."""
    return _balanced(rgb, colour(1.06, 1.0, 0.86), colour(1.03, 0.99, 0.93))


def cool(plate, rgb):
    """Overcast: everything towards blue, the shadows most."""
    return _balanced(rgb, colour(0.92, 0.99, 1.05), colour(0.84, 0.97, 1.10))


def faded(plate, rgb):
    """An old colour print: lifted blacks, dulled whites, thin colour with a yellow-green cast."""
    grey = luminance(rgb)[..., None]
    thin = grey + (rgb - grey) * 0.62
    return colour(0.14, 0.135, 0.13) + thin * colour(0.77, 0.765, 0.70)


def _balanced(rgb, lights, shadows):
    grey = luminance(rgb)[..., None]
    turned = rgb * (shadows + (lights - shadows) * grey)
    return turned * ((grey + 0.01) / (luminance(turned)[..., None] + 0.01)) ** 0.7


def _corners(plate):
    x, y = plate.grid()
    x, y = (x + 0.5) / plate.width * 2 - 1, (y + 0.5) / plate.height * 2 - 1
    return smoothstep(np.hypot(x, y), 0.6, 1.45)
