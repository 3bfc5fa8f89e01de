"""The mouth of a picture made to speak: lips, jaw and cheeks warped, the inside of the mouth painted.

The picture is parted along the line between the lips; what is above goes up, what is below goes down
with the jaw, and what opens between them is painted by `talker_cavity`. Everything is laid out in face
coordinates (`talker_face`), for each output pixel where in the picture it comes from.
"""

import cv2
import numpy as np
from talker_cavity import paint

_ENTRIES = 513  # of the tables over the mouth's width
_BEYOND = 1.7  # how far they reach, in half widths of the mouth
_DROP, _JAW = 0.80, 0.62  # lower lip at full opening in half widths; the jaw's share of that
_RISE, _RISE_OPEN = 0.15, 0.14  # upper lip, when raised and by opening
_CORNERS = 0.24  # of the jaw's drop: how far the mouth's corners follow it
_SPREAD, _ROUND = 0.11, 0.29  # how much wider and narrower a mouth gets
_NECK = 0.95  # below the chin, in eye distances: where the jaw's movement has died away
_WIDEST = 0.42  # half width from which a mouth smiles, and opens no further for it
_STILL = 0.004  # a pose that moves nothing by more than a part of a pixel


class Lips:
    """The mouth of one face in one picture.

    Args:
        picture: uint8, (height, width, 3 or 4): what is warped; never changed.
        face: Its `Face`.
        tones: The `Tones` to paint with.
    """

    def __init__(self, picture, face, tones):
        self._picture, self._face, self._tones = picture, face, tones
        u, v, a = face.mouth
        low = face.chin_v + _NECK
        reach = max(2.3 * a, face.half_width * 1.08)
        size = picture.shape[1::-1]
        self.box = face.box(u - reach, face.nose_v - 0.12, u + reach, low, size)
        x0, y0, x1, y1 = self.box
        self._x, self._y = np.meshgrid(
            np.arange(x0, x1, dtype=np.float32), np.arange(y0, y1, dtype=np.float32)
        )
        self._u, self._v = (c.astype(np.float32) for c in face.to_face(self._x, self._y))
        self._narrowing = _plateau(
            np.hypot((self._u - u) / (1.6 * a), (self._v - v) / (1.4 * a)), 0.42
        )
        self._jaw = self._jaw_field()
        self._table_x = np.linspace(-_BEYOND, _BEYOND, _ENTRIES, dtype=np.float32)
        self._beside = 1 - _smooth((np.abs(self._table_x) - 1) / (_BEYOND - 1))
        self._top, self._low = (
            np.interp(self._table_x, (line[:, 0] - u) / a, line[:, 1]).astype(np.float32)
            for line in (face.upper_inner, face.lower_inner)
        )

    def _jaw_field(self):
        """How much of the jaw's drop each place takes part in: 0 to 1."""
        face = self._face
        _, v, _ = face.mouth
        down = _smooth((self._v - v + 0.05) / max(face.chin_v - v, 0.2))
        fade = 1 - _smooth((self._v - face.chin_v - 0.04) / (_NECK - 0.06))
        aside = np.exp(-((self._u / (0.8 * face.half_width)) ** 4))
        return (down * fade * aside).astype(np.float32)

    def speak(self, pose):
        """The picture within `box` with the mouth in this pose, uint8; None where nothing moves.

        Args:
            pose: (open, wide, raise, tuck, tongue, teeth), as `talker_visemes` makes them.
        """
        rest_gap = float(np.abs(self._low - self._top).max())
        if float(np.abs(pose[:3]).max()) < _STILL and rest_gap < 0.01:
            return None
        u0, _, a = self._face.mouth
        contours = self._contours(pose)
        out_top, out_low, drop = contours
        width = (
            a * (1 + _SPREAD * max(pose[1], 0) - _ROUND * max(-pose[1], 0)) * (1 - 0.15 * pose[0])
        )
        us = u0 + (self._u - u0) * (1 + (a / width - 1) * self._narrowing)
        x = (us - u0) / a
        at = ((x + _BEYOND) * ((_ENTRIES - 1) / (2 * _BEYOND)) + 0.5).clip(0, _ENTRIES - 1)
        at = at.astype(np.int32)
        top, low = out_top[at], out_low[at]
        vs = self._sources(at, top, low, contours)
        warped = self._warped(us - self._u, vs - self._v)
        paint(warped, self._face, self._tones, pose, (x, self._v, top, low), (a, drop))
        return warped

    def _contours(self, pose):
        """Where the lips' edges go, over the table's x: (upper, lower, the drop of the jaw)."""
        opened, wide, raised, tuck = (float(p) for p in pose[:4])
        a = min(self._face.mouth[2], _WIDEST)
        inside = (1 - self._table_x**2).clip(0, 1)
        shape = inside ** (0.8 - 0.3 * max(-wide, 0))
        parted = min(1.0, opened / 0.1)
        rise = a * (_RISE * raised + _RISE_OPEN * opened) * parted
        drop = a * _DROP * opened * (1 - 0.55 * tuck)
        # The corners go down with the jaw, and with them the cheek beside them.
        corners = _CORNERS * drop * (1 - shape) * self._beside
        middle = (self._top + self._low) / 2 + corners
        return middle - rise * shape, middle + (drop - corners) * shape, drop

    def _sources(self, at, top, low, contours):
        """The v in the picture that each output pixel shows."""
        face = self._face
        _, v0, _ = face.mouth
        up = (contours[0] - self._top)[at]
        down = (contours[1] - self._low)[at]
        above = 1 - ((top - self._v) / max(0.9 * (v0 - face.nose_v), 0.15)).clip(0, 1)
        near = 1 - ((self._v - low) / max(0.75 * (face.chin_v - v0), 0.2)).clip(0, 1)
        near *= near
        jaw = self._jaw * (_JAW * contours[2])
        lower = down * near + jaw * (1 - near)
        upper = up * above * above
        return self._v - np.where(self._v < (top + low) / 2, upper, lower)

    def _warped(self, du, dv):
        face = self._face
        c, s = np.cos(face.tilt) * face.unit_px, np.sin(face.tilt) * face.unit_px
        map_x = self._x + (c * du - s * dv).astype(np.float32)
        map_y = self._y + (s * du + c * dv).astype(np.float32)
        return cv2.remap(
            self._picture, map_x, map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )


def _smooth(t):
    t = np.clip(t, 0, 1)
    return t * t * (3 - 2 * t)


def _plateau(distance, inner):
    """1 up to `inner`, falling smoothly to 0 at distance 1."""
    return (1 - _smooth((distance - inner) / (1 - inner))).astype(np.float32)
