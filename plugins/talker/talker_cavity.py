"""What shows between parted lips: teeth, tongue, darkness, painted in the picture's own light."""

from dataclasses import dataclass

import numpy as np

_UPPER_TEETH, _LOWER_TEETH = 0.13, 0.05  # how far they show at rest, in half widths of the mouth
_ARCH = 0.86  # how much of the mouth's width the teeth fill


@dataclass(frozen=True)
class Tones:
    """Colours, RGB 0 to 255, and how the lips' edge is drawn.

    Attributes:
        cavity, teeth, tongue, ink: Colours.
        line_px: The weight of the line around the opening.
        line_strength: 0 none to 1 a pen's.
    """

    cavity: tuple
    teeth: tuple
    tongue: tuple
    ink: tuple
    line_px: float
    line_strength: float


def paint(warped, face, tones, pose, fields, measures):
    """Paint the inside of the mouth over a warped mouth.

    Args:
        warped: uint8, (h, w, 3 or 4): changed in place.
        pose: The mouth's pose.
        fields: (x, v, top, low), float32 (h, w): place across the mouth in half widths, height, and
            the heights of the lips' edges there.
        measures: (half the mouth's width, how far the jaw has dropped).
    """
    x, v, top, low = fields
    unit = face.unit_px
    reach = tones.line_px * 1.5 / unit + 1 / unit
    rows, columns = np.nonzero((v > top - reach) & (v < low + reach) & (np.abs(x) < 1.06))
    if not len(rows) or float((low - top).max()) * unit < 0.3:
        return
    part = np.s_[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    x, v, top, low = x[part], v[part], top[part], low[part]
    inside = np.minimum(v - top, low - v) * unit
    alpha = (inside + 0.5).clip(0, 1) * (np.abs(x) < 1)
    colour = _inside(tones, pose, x, v, top, low, measures, unit)
    area = warped[part]
    mixed = area[..., :3] + (colour - area[..., :3]) * alpha[..., None]
    if tones.line_strength:
        parted = ((low - top) * unit / 2.5).clip(0, 1)
        line = (1.25 - np.abs(inside) / tones.line_px).clip(0, 1) * parted
        line = (line * tones.line_strength * (np.abs(x) < 1.05))[..., None]
        mixed += (np.array(tones.ink, np.float32) - mixed) * line
    area[..., :3] = (mixed + 0.5).clip(0, 255)


def _inside(tones, pose, x, v, top, low, measures, unit):
    """The colour of each place within the mouth, float32 (h, w, 3)."""
    half, drop = measures
    _, _, raised, _, tongue, shut = (float(p) for p in pose)
    rest = (top * 0 + low.min() * 0) + (low - drop * _bowl(x))  # the lips' line at rest
    colour = np.empty((*x.shape, 3), np.float32)
    colour[:] = np.array(tones.cavity, np.float32)
    arch = (1 - np.abs(x / _ARCH) ** 3).clip(0, 1)

    def lay(tone, signed, strength=1.0):
        share = (signed * unit + 0.5).clip(0, 1) * strength
        colour[...] += (np.array(tone, np.float32) - colour) * share[..., None]

    dim = tuple(t * 0.86 for t in tones.teeth)
    floor = rest + drop * 0.96 - half * (_LOWER_TEETH + 0.26 * shut) * arch
    lay(dim, v - floor, (arch > 0.05) * 1.0)
    height = half * (0.42 + 0.3 * tongue)
    crown = rest + drop + half * 0.16 - height * np.sqrt((1 - (x / 0.7) ** 2).clip(0, 1))
    lay(tones.tongue, v - crown, (np.abs(x) < 0.7) * (1 - 0.75 * shut))
    groove = np.exp(-((x / 0.05) ** 2)) * (v > crown + half * 0.06)
    lay(tuple(t * 0.8 for t in tones.tongue), groove - 0.5, 0.25 * (1 - shut))
    edge = rest + half * (_UPPER_TEETH + 0.03 * raised) * arch
    lay(tones.teeth, edge - v, (arch > 0.05) * 1.0)
    shade = 1 - 0.34 * np.exp(-((v - top) / (0.09 * half)).clip(0, None))
    shade *= 1 - 0.55 * np.abs(x).clip(0, 1) ** 4
    return colour * shade[..., None]


def _bowl(x):
    """The lower lip's own curve at full width, which the rows of teeth do not follow."""
    return (1 - x * x).clip(0, 1) ** 0.7
