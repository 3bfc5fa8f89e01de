"""Where the parts of a face are in a picture: what the puppet moves.

Face coordinates: u to the right and v down along the face's own axes, from the middle between the
eyes, in units of the distance between the eyes' middles.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from talker_eyes import Eye, fitted

# The face mesh's points of each line, from left to right as seen in the picture.
_LINES = {
    "upper_outer": (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291),
    "upper_inner": (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308),
    "lower_inner": (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308),
    "lower_outer": (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291),
    "left_upper": (33, 246, 161, 160, 159, 158, 157, 173, 133),
    "left_lower": (33, 7, 163, 144, 145, 153, 154, 155, 133),
    "right_upper": (362, 398, 384, 385, 386, 387, 388, 466, 263),
    "right_lower": (362, 382, 381, 380, 374, 373, 390, 249, 263),
    "left_brow": (70, 63, 105, 66, 107),
    "right_brow": (336, 296, 334, 293, 300),
}
_TIP, _CHIN, _NOSE, _LEFT_SIDE, _RIGHT_SIDE, _TOP = 1, 152, 2, 234, 454, 10
_OPEN_GAP = 0.05  # lips further apart than this are a mouth that stands open in the picture
_SEAM_REACH = 0.14  # how far from where the mesh has it the line between the lips is looked for


@dataclass(frozen=True)
class Face:
    """A face's place in a picture and its lines in face coordinates.

    Attributes:
        origin, tilt, unit_px: The middle between the eyes, radians, and pixels to a unit.
        upper_outer, upper_inner, lower_inner, lower_outer: The lips' edges, (n, 2) each from
            corner to corner, left to right.
        eyes: The two `Eye`s.
        chin_v, nose_v: Heights of chin and nose; `half_width` of the face.
    """

    origin: np.ndarray
    tilt: float
    unit_px: float
    upper_outer: np.ndarray
    upper_inner: np.ndarray
    lower_inner: np.ndarray
    lower_outer: np.ndarray
    eyes: tuple
    chin_v: float
    nose_v: float
    top_v: float
    half_width: float

    def to_face(self, x, y):
        """Pixels to face coordinates: two arrays of any one shape."""
        c, s = np.cos(self.tilt) / self.unit_px, np.sin(self.tilt) / self.unit_px
        dx, dy = x - self.origin[0], y - self.origin[1]
        return c * dx + s * dy, c * dy - s * dx

    def to_picture(self, u, v):
        """Face coordinates to pixels."""
        c, s = np.cos(self.tilt) * self.unit_px, np.sin(self.tilt) * self.unit_px
        return self.origin[0] + c * u - s * v, self.origin[1] + s * u + c * v

    def box(self, u0, v0, u1, v1, size):
        """The pixels, (x0, y0, x1, y1) within a picture of `size`, that hold a part of the face."""
        x, y = self.to_picture(np.array([u0, u1, u0, u1]), np.array([v0, v0, v1, v1]))
        x0, y0 = max(0, int(np.floor(x.min()))), max(0, int(np.floor(y.min())))
        x1 = min(size[0], int(np.ceil(x.max())) + 1)
        y1 = min(size[1], int(np.ceil(y.max())) + 1)
        return x0, y0, max(x1, x0), max(y1, y0)

    @property
    def mouth(self):
        """(middle u, middle v, half the width) of the line between the lips."""
        left, right = self.upper_inner[0], self.upper_inner[-1]
        middle = (left + right) / 2
        return float(middle[0]), float(middle[1]), float((right[0] - left[0]) / 2)


def face_of(points, rgb):
    """The face of a mesh's points.

    Args:
        points: (468, 2), pixels.
        rgb: The picture, uint8 (height, width, 3), in which lids and the line between closed lips
            are looked for: the mesh was made for photographs, and is less exact in drawings.
    """
    left, right = points[[33, 133]].mean(axis=0), points[[362, 263]].mean(axis=0)
    across = right - left
    tilt, unit = float(np.arctan2(across[1], across[0])), float(np.hypot(*across))
    c, s = np.cos(tilt) / unit, np.sin(tilt) / unit
    local = (points - (left + right) / 2) @ np.array([[c, -s], [s, c]])
    line = {name: local[list(numbers)] for name, numbers in _LINES.items()}
    eyes = tuple(
        Eye(line[f"{side}_upper"], line[f"{side}_lower"], tuple(line[f"{side}_brow"].mean(axis=0)))
        for side in ("left", "right")
    )
    face = Face(
        origin=(left + right) / 2,
        tilt=tilt,
        unit_px=unit,
        **{k: line[k] for k in ("upper_outer", "upper_inner", "lower_inner", "lower_outer")},
        eyes=eyes,
        chin_v=float(local[_CHIN, 1]),
        nose_v=float(local[_NOSE, 1]),
        top_v=float(local[_TOP, 1]),
        half_width=float(local[_RIGHT_SIDE, 0] - local[_LEFT_SIDE, 0]) / 2,
    )
    face = replace(face, eyes=fitted(face, eyes, rgb))
    gap = (face.lower_inner[3:-3, 1] - face.upper_inner[3:-3, 1]).mean()
    if gap > _OPEN_GAP:
        return face
    return _on_the_seam(face, cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32))


def _luma(face, grey, u, v):
    x, y = face.to_picture(u, v)
    x = x.round().astype(int).clip(0, grey.shape[1] - 1)
    y = y.round().astype(int).clip(0, grey.shape[0] - 1)
    return grey[y, x]


def frontality(points):
    """How far a mesh looks straight ahead: 1 from the front, towards 0 in profile."""
    left, right = (np.hypot(*(points[_TIP] - points[n])) for n in (_LEFT_SIDE, _RIGHT_SIDE))
    return float(min(left, right) / max(left, right))


def _on_the_seam(face, grey):
    """The face with its closed lips moved onto the dark line between them."""
    seam = (face.upper_inner + face.lower_inner) / 2
    u = np.linspace(seam[0, 0], seam[-1, 0], 41)[6:-6]
    v = np.interp(u, seam[:, 0], seam[:, 1])
    offsets = np.linspace(-_SEAM_REACH, _SEAM_REACH, 57)
    dark = _luma(face, grey, u[None], v[None] + offsets[:, None]).mean(axis=1)
    dark = np.convolve(np.pad(dark, 2, mode="edge"), np.ones(5) / 5, "valid")
    contrast = (np.median(dark) - dark) / (np.ptp(dark) + 8.0)
    best = offsets[int(np.argmax(contrast - 1.2 * (np.abs(offsets) / _SEAM_REACH) ** 2 * 0.5))]
    moved = {name: getattr(face, name) + (0, best) for name in ("upper_outer", "lower_outer")}
    closed = seam + (0, best)
    return replace(face, **moved, upper_inner=closed, lower_inner=closed)
