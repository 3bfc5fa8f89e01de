"""Parallax: a camera that slides past a still, near things moving more than far ones.

Each frame is one smooth warp of the picture by a soft depth map. The warp's slope is kept under a
limit at which the picture would fold, so there are neither tears nor holes to fill.
"""

import cv2
import numpy as np
from camera_depth import depth_of
from camera_path import Window, eased
from camera_planes import Planes, new_frame

_SLIDE = 0.034  # of the frame's width between near and far, over a usual shot at strength 0.5
_RISE = -0.12  # vertical part of the slide: the camera lifts as it goes
_PUSH = 0.05  # the nearest things grow by this meanwhile,
_PUSH_ALL = 0.03  # and everything by this
_PIVOT = 0.4  # depth that stays in place: the eye rests on the middle ground
_MAX_SLOPE = 0.35  # of the warp: stretches by at most a third; folds at 1
_USUAL_S = 4.0
_GRID_PX = 8  # the warp is worked out on this grid; between, linear is true to 0.1 px
_PAD = 1  # grid cells beyond the frame, so that interpolation never sees an edge
_STEPS = 5  # of the fixed point that undoes the warp; the error shrinks by the slope each


class Parallax:
    """The scene of one parallax shot.

    Args:
        picture: PIL image, RGB.
        base: The window that fills the frame.
        size: (width, height) of the frames, even.
        duration_s: Of the shot.
        strength: 0 to 1.
    """

    def __init__(self, picture, base, size, duration_s, strength):
        self.size = size
        box = (base.left, base.top, base.left + base.width, base.top + base.height)
        self.depth = depth_of(np.asarray(picture.resize(_small(size), box=box)))
        pace = 2 * strength * min(2.0, (duration_s / _USUAL_S) ** 0.5)
        steep = _steepness(self.depth, size)
        slide, push = _SLIDE * pace, _PUSH * pace
        limit = min(1.0, _MAX_SLOPE / max(1e-9, steep * (slide / 2 + push / 4)))
        self._slide, self._push = slide * limit, push * limit
        self._push_all = _PUSH_ALL * pace
        # Room at the edges for the widest movement, so that nothing beyond the picture shows.
        reach = max(_PIVOT, 1 - _PIVOT)
        room = reach * (self._slide / 2 + self._push / 4) + 0.002 * (pace > 0)
        self._window = _shrunk(base, 1 + 2 * room)
        self._base = base
        self.planes = Planes(picture, [base], size)
        w, h = size
        nx, ny = -(-w // _GRID_PX) + 2 * _PAD, -(-h // _GRID_PX) + 2 * _PAD
        gx = (np.arange(nx) + 0.5 - _PAD) * _GRID_PX / w - 0.5
        gy = (np.arange(ny) + 0.5 - _PAD) * _GRID_PX / h - 0.5
        self._grid = np.meshgrid(gx.astype(np.float32), gy.astype(np.float32))

    def place(self, s, x, y):
        """Where the frame's points come from at the share `s` of the shot.

        Args:
            x, y: float32 arrays, from -0.5 to 0.5 across the frame.

        Returns:
            Picture pixels (x, y), continuous, 0 at the left and top edges.
        """
        way = eased(s) - 0.5
        slide, push, push_all = way * self._slide, way * self._push, eased(s) * self._push_all
        px, py = x, y
        for _ in range(_STEPS):
            near = self._near(px, py) - _PIVOT
            zoom = 1 + push_all + push * near
            px = (x + slide * near) / zoom
            py = (y + _RISE * slide * near) / zoom
        window = self._window
        return (
            window.left + (px + 0.5) * window.width,
            window.top + (py + 0.5) * window.height,
        )

    def frame(self, s):
        """The frame at the share `s` (0 to 1) of the shot: planar yuv420p, uint8."""
        planes = self.planes
        px, py = self.place(s, *self._grid)
        luma_x = self._fine((px - planes.left) * planes.scale_x - 0.5)
        luma_y = self._fine((py - planes.top) * planes.scale_y - 0.5)
        # The mean of four luma points is where chroma would be, were it not on the left column;
        # half a pixel back is the same everywhere to 0.1 of a pixel.
        back = 0.25 * self._window.width * planes.scale_x / self.size[0]
        half = (self.size[0] // 2, self.size[1] // 2)
        chroma_x = cv2.resize(luma_x, half, interpolation=cv2.INTER_AREA) * 0.5 - (0.25 + back)
        chroma_y = cv2.resize(luma_y, half, interpolation=cv2.INTER_AREA) * 0.5 - 0.25
        frame, (y, u, v) = new_frame(self.size)
        for plane, at_x, at_y, part in (
            (planes.y, luma_x, luma_y, y),
            (planes.u, chroma_x, chroma_y, u),
            (planes.v, chroma_x, chroma_y, v),
        ):
            cv2.remap(
                plane, at_x, at_y, cv2.INTER_LINEAR, dst=part, borderMode=cv2.BORDER_REPLICATE
            )
        return frame

    def _fine(self, coarse):
        """Values on the grid as values at every pixel of the frame."""
        # Linear, because OpenCV's cubic does not keep a straight line straight.
        fine = cv2.resize(coarse, None, fx=_GRID_PX, fy=_GRID_PX, interpolation=cv2.INTER_LINEAR)
        edge = _PAD * _GRID_PX
        return fine[edge : edge + self.size[1], edge : edge + self.size[0]]

    def _near(self, x, y):
        """The depth at points of the shrunken window."""
        window, base = self._window, self._base
        bx = (window.left - base.left + (x + 0.5) * window.width) / base.width
        by = (window.top - base.top + (y + 0.5) * window.height) / base.height
        h, w = self.depth.shape
        return cv2.remap(
            self.depth,
            (bx * w - 0.5).astype(np.float32),
            (by * h - 0.5).astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )


def _small(size):
    scale = 480 / max(size)
    return tuple(max(16, round(n * scale)) for n in size)


def _steepness(depth, size):
    """The steepest slope of the depth, over the frame's width (height, if that is less)."""
    h, w = depth.shape
    dy, dx = np.gradient(depth)
    return float(max(np.abs(dx).max() * w, np.abs(dy).max() * h * size[0] / size[1] * abs(_RISE)))


def _shrunk(window, by):
    width, height = window.width / by, window.height / by
    return Window(
        window.left + (window.width - width) / 2,
        window.top + (window.height - height) / 2,
        width,
        height,
    )
