"""Where the camera is at each moment, and where a point of the sheet is then seen.

The sheet is larger than the frame. Near things move further than far ones: the camera's travel counts
by `_pull(depth)`, its nearness by `_reach(depth)`. Pure arithmetic.
"""

import math
from dataclasses import dataclass

import numpy as np

MOTIONS = (
    "push-in",
    "pull-out",
    "pan-left",
    "pan-right",
    "tilt-up",
    "tilt-down",
    "parallax",
    "static",
)
# How much larger than the frame the sheet is, across and down.
ROOM = dict.fromkeys(MOTIONS, (1.10, 1.10))
ROOM |= dict.fromkeys(("pan-left", "pan-right"), (1.42, 1.08))
ROOM |= dict.fromkeys(("tilt-up", "tilt-down"), (1.08, 1.36))

_ZOOM = 0.17  # natural logarithm of how much nearer a push-in comes in a usual shot
_ZOOM_MAX = 0.34
_USUAL_S = 5.0  # the shot length at which the amounts hold; longer shots move further, but slower
_EASE, _EASE_FLOOR = 0.3, 0.25  # share of the shot to gather speed; speed at its ends
_BREATH_S = (7.3, 9.7, 12.1)  # periods of the drift of a static shot, without a common measure


@dataclass(frozen=True)
class View:
    """How the sheet is seen at one moment.

    Attributes:
        scale: Frame pixels to one of the sheet, before the camera comes nearer.
        near: Natural logarithm of how much nearer it has come.
        x, y: How far it has travelled, px of the sheet.
        middle: The point of the sheet in the frame's middle at rest.
        size: (width, height) of the frame.
    """

    scale: float
    near: float
    x: float
    y: float
    middle: tuple
    size: tuple

    def at(self, depth):
        """(scale, offset x, offset y) for a depth (a number or an array)."""
        scale = self.scale * np.exp(self.near * (0.30 + 0.70 * depth))
        pull = 0.30 + 0.70 * depth
        left = self.size[0] / 2 - scale * (self.middle[0] + self.x * pull)
        top = self.size[1] / 2 - scale * (self.middle[1] + self.y * pull)
        return scale, left, top

    def point(self, x, y, depth):
        """Where a point of the sheet is in the frame."""
        scale, left, top = self.at(depth)
        return x * scale + left, y * scale + top

    def matrix(self, depth):
        """Sheet to frame, 2 x 3."""
        scale, left, top = self.at(depth)
        return np.array([[scale, 0, left], [0, scale, top]])

    def rows(self, depth_at, height):
        """For each row of the frame the row of a flat layer that is seen in it, and its depth.

        Args:
            depth_at: The depth at a row of the sheet, taking and giving arrays.
            height: Rows of the sheet.
        """
        sheet = np.linspace(-0.1 * height, 1.1 * height, 160)
        _, seen = self.point(0.0, sheet, depth_at(sheet))
        rows = np.interp(np.arange(self.size[1]), np.maximum.accumulate(seen), sheet)
        return rows, depth_at(rows)


def eased(s):
    """How much of the way is done at the share `s` (0 to 1) of the time: smooth, never at rest."""
    gathered = _EASE_FLOOR * _EASE + (1 - _EASE_FLOOR) * _EASE / 2
    total = 2 * gathered + (1 - 2 * _EASE)
    if s > 0.5:
        return 1 - eased(1 - s)
    if s >= _EASE:
        return (gathered + (s - _EASE)) / total
    x = s / _EASE  # speed rises as the smoothstep 3x^2 - 2x^3; this is its integral
    return (_EASE_FLOOR * s + (1 - _EASE_FLOOR) * _EASE * (x**3 - x**4 / 2)) / total


def view_of(motion, t, duration_s, sheet_size, frame_size, scale):
    """The view at second t of a shot.

    Args:
        motion: One of MOTIONS.
        t, duration_s: Seconds.
        sheet_size, frame_size: (width, height) in their own pixels.
        scale: Frame pixels to one of the sheet.
    """
    room_x = max(0.0, (sheet_size[0] - frame_size[0] / scale) / 2 - 2)
    room_y = max(0.0, (sheet_size[1] - frame_size[1] / scale) / 2 - 2)
    way = eased(min(max(t / duration_s, 0.0), 1.0)) if duration_s > 0 else 0.5
    far = min(1.0, (duration_s / _USUAL_S) ** 0.6)
    across = {"pan-right": 1, "pan-left": -1, "parallax": 1}.get(motion, 0)
    down = {"tilt-down": 1, "tilt-up": -1}.get(motion, 0)
    near = 0.0
    if motion in ("push-in", "pull-out"):
        near = min(_ZOOM_MAX, _ZOOM * (duration_s / _USUAL_S) ** 0.6)
        near *= way if motion == "push-in" else 1 - way
    breath = [math.sin(2 * math.pi * t / s + i) for i, s in enumerate(_BREATH_S)]
    x = room_x * (far * across * (2 * way - 1) if across else 0.22 * breath[0])
    y = room_y * (far * down * (2 * way - 1) if down else 0.16 * breath[1])
    if not near and motion in ("static", "parallax"):
        near = 0.006 * (1 + breath[2])
    middle = (sheet_size[0] / 2, sheet_size[1] / 2)
    return View(scale, near, x, y, middle, frame_size)
