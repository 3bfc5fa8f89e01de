"""Head and body moved as a whole: a smooth warp that dies away at the neck, or around the head."""

import cv2
import numpy as np

_CELL_PX = 16  # the warp is smooth: it is computed at every sixteenth pixel


class Sway:
    """The head of one face.

    Args:
        face: Its `Face`.
        size: (width, height) of the picture in pixels.
        box: The pixels (x0, y0, x1, y1) that are asked for.
        free: True for a figure that stands on a layer of its own: all of it moves, and it breathes;
            False for a whole picture: what is around the head gives way, and nothing else moves.
    """

    def __init__(self, face, size, box, free):
        self._face = face
        self.box = _even(box, size)
        x0, y0, x1, y1 = self.box
        gx, gy = np.meshgrid(
            np.arange(x0, x1 + 2 * _CELL_PX, _CELL_PX, dtype=np.float32),
            np.arange(y0, y1 + 2 * _CELL_PX, _CELL_PX, dtype=np.float32),
        )
        self._u, self._v = (c.astype(np.float32) for c in face.to_face(gx, gy))
        self._grid, self._shape = np.dstack([gx, gy]), (x1 - x0, y1 - y0)
        neck = face.chin_v + 0.05
        if free:
            self._weight = 1 - _smooth((self._v - neck) / 1.0)
        else:
            middle, up, aside = _ellipse(face)
            away = np.hypot(self._u / aside, (self._v - middle) / up)
            self._weight = 1 - _smooth((away - 0.55) / 0.45)
        self._chest = _smooth((self._v - neck - 0.3) / 1.2) * free
        self._pivot_v = face.chin_v + 0.6

    def moved(self, picture, turn, breath):
        """The picture within `box`, the head turned.

        Args:
            picture: uint8, (height, width, channels).
            turn: (angle in radians, to the right, downwards), the last two in eye distances.
            breath: How far the chest has risen, in eye distances.
        """
        angle, right, down = turn
        c, s = np.cos(angle), np.sin(angle)
        u, v = self._u - right, self._v - self._pivot_v - down
        du = (c * u + s * v - self._u) * self._weight
        dv = (c * v - s * u + self._pivot_v - self._v) * self._weight + breath * self._chest
        return cv2.remap(
            picture, self._map(du, dv), None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )

    def _map(self, du, dv):
        """Where in the picture each pixel of `box` comes from, float32 (h, w, 2)."""
        face = self._face
        c, s = np.cos(face.tilt) * face.unit_px, np.sin(face.tilt) * face.unit_px
        coarse = self._grid + np.dstack([c * du - s * dv, s * du + c * dv]).astype(np.float32)
        fine = np.array([[1 / _CELL_PX, 0, 0], [0, 1 / _CELL_PX, 0]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return cv2.warpAffine(
            coarse, fine, self._shape, flags=flags, borderMode=cv2.BORDER_REPLICATE
        )


def around_head(face, size):
    """The pixels (x0, y0, x1, y1) that a turning head moves in a whole picture."""
    middle, up, aside = _ellipse(face)
    return face.box(-aside, middle - up, aside, middle + up, size)


def _ellipse(face):
    """(middle, half height, half width) in face coordinates of what a turning head moves."""
    height = face.chin_v - face.top_v
    return (face.chin_v + face.top_v) / 2 - 0.1, height * 1.12, face.half_width * 2.0


def _smooth(t):
    t = np.clip(t, 0, 1)
    return t * t * (3 - 2 * t)


def _even(box, size):
    """The box grown to even edges, as chroma needs them; `size` is even."""
    x0, y0, x1, y1 = box
    return (
        x0 // 2 * 2,
        y0 // 2 * 2,
        min(size[0], (x1 + 1) // 2 * 2),
        min(size[1], (y1 + 1) // 2 * 2),
    )
