"""A face that can be played: the picture, and all that moves in it, one frame after another."""

import cv2
import numpy as np
from talker_frame import FrameBase
from talker_lids import Lids
from talker_lips import Lips
from talker_sway import Sway, around_head

_ROOM = 0.25  # how far a head sways, in eye distances, and some more


class Puppet:
    """One face in one picture.

    Args:
        picture: uint8, (height, width, 3) RGB, even sides; or (height, width, 4), a figure
            multiplied by its alpha, which stands before `ground`.
        face: Its `Face`.
        tones: The `Tones` of its mouth.
        ground: uint8 RGB behind a figure, or None.
        worn: uint8, (height, width, 4): what lies over the figure's face and moves with the head
            alone, such as glasses; or None.
    """

    def __init__(self, picture, face, tones, ground=None, worn=None):
        # OpenCV samples four channels much faster than three.
        if ground is None:
            picture = np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])
            self._base = FrameBase(picture)
        else:
            self._base = FrameBase(ground)
        self._picture, self._ground = picture, ground
        self._worn = None if worn is None else _Worn(worn)
        self._lips, self._lids = Lips(picture, face, tones), Lids(picture, face, tones)
        size = picture.shape[1::-1]
        self._sway = Sway(face, size, self._box(face, size), free=ground is not None)

    @property
    def box(self):
        """The pixels that may change, (x0, y0, x1, y1)."""
        return self._sway.box

    def _box(self, face, size):
        if self._ground is not None:
            return self._figure_box(face)
        boxes = np.array([around_head(face, size), self._lips.box, self._lids.box])
        return (*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist())

    def frame(self, pose, closed, lift, turn, breath, gaze=0.0):
        """One frame as yuv420p bytes; arguments as of `Lips.speak`, `Lids.look`, `Sway.moved`."""
        part, box = self.part(pose, closed, lift, turn, breath, gaze)
        return self._base.frame(part, box)

    def part(self, pose, closed, lift, turn, breath, gaze=0.0):
        """(RGB of the moving part, its box)."""
        acted = self._picture.copy()
        for piece, box in (
            (self._lips.speak(pose), self._lips.box),
            (self._lids.look(closed, lift, gaze), self._lids.box),
        ):
            if piece is not None:
                acted[box[1] : box[3], box[0] : box[2]] = piece
        if self._worn is not None:
            self._worn.put_on(acted)
        moved = self._sway.moved(acted, turn, breath)
        box = self._sway.box
        if self._ground is None:
            return moved[..., :3], box
        x0, y0, x1, y1 = box
        clear = cv2.bitwise_not(moved[..., 3])
        behind = cv2.multiply(
            self._ground[y0:y1, x0:x1], cv2.merge([clear, clear, clear]), scale=1 / 255
        )
        return cv2.add(cv2.cvtColor(moved, cv2.COLOR_RGBA2RGB), behind), box

    def _figure_box(self, face):
        """The pixels of the figure, with room for its movements."""
        rows, columns = np.nonzero(self._picture[..., 3])
        h, w = self._picture.shape[:2]
        room = int(_ROOM * face.unit_px) + 2
        return (
            max(0, int(columns.min()) - room),
            max(0, int(rows.min()) - room),
            min(w, int(columns.max()) + 1 + room),
            min(h, int(rows.max()) + 1 + room),
        )


class _Worn:
    """A layer, reduced to the part of it that is not empty."""

    def __init__(self, layer):
        rows, columns = np.nonzero(layer[..., 3])
        self._part = np.s_[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        self._colour = layer[self._part].astype(np.uint16)
        self._clear = 255 - self._colour[..., 3:]

    def put_on(self, figure):
        """Lay it over a figure, in place."""
        area = figure[self._part]
        area[:] = np.minimum(self._colour + (area * self._clear + 127) // 255, 255)
