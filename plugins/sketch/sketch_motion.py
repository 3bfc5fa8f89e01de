"""How drawn layers move: plates that rock or stand, ground and water seen flat, plants that bend.

Each is an item of the picture: `draw(frame, moment)` lays it over the frame at that moment.
"""

import math

import cv2
import numpy as np
from sketch_blend import over, warped_over

# Periods without a common measure: what sways by several of them never repeats in a shot.
_GUSTS = ((0.61, 0.55, 0.0023), (0.97, 0.30, 0.0051), (1.63, 0.15, 0.0093))


def gust(t, x, strength):
    """The wind at second t and place x (px at 1280 wide), about -1 to 1 times its strength."""
    waves = sum(
        share * math.sin(2 * math.pi * (rate * t) - x * across + i * 1.9)
        for i, (rate, share, across) in enumerate(_GUSTS)
    )
    swell = 0.72 + 0.28 * math.sin(0.37 * t + x * 0.0011)
    return strength * (waves * swell + 0.18)


def turned(x, y, angle=0.0, dx=0.0, dy=0.0, sx=1.0, sy=1.0):
    """A 2 x 3 matrix: turned and stretched about (x, y), then moved."""
    c, s = math.cos(angle), math.sin(angle)
    a = np.array([[c * sx, -s * sy], [s * sx, c * sy]])
    return np.column_stack([a, np.array([x + dx, y + dy]) - a @ (x, y)])


def joined(after, before):
    """Two 2 x 3 matrices as one: `before` first."""
    linear = after[:, :2] @ before[:, :2]
    return np.column_stack([linear, after[:, :2] @ before[:, 2] + after[:, 2]])


class Plate:
    """A layer that moves as one piece.

    Args:
        layer: A Layer.
        move: Gives the 2 x 3 matrix, sheet to sheet, at a second; None stands still.
        alpha: Gives how much of it is seen at a second.
    """

    def __init__(self, layer, move=None, alpha=None):
        self.layer, self.move, self.alpha = layer, move, alpha

    def draw(self, frame, moment):
        alpha = 1.0 if self.alpha is None else self.alpha(moment.t)
        if alpha <= 0.01:
            return
        matrix = moment.view.matrix(self.layer.depth)
        if self.move is not None:
            matrix = joined(matrix, self.move(moment.t))
        warped_over(frame, self.layer.rgba, joined(matrix, placed(self.layer)), alpha)


def placed(layer):
    """A layer's or sprite's own pixels to those of what it was drawn on."""
    return np.array([[1.0, 0, layer.x], [0, 1.0, layer.y]])


class Flat:
    """A layer that lies: its far rows move less than its near ones. Water in it has waves.

    Args:
        layer: A Layer.
        waves: 0 for land; how high the water goes, 1 calm.
        px: The sheet's unit of line weights.
    """

    def __init__(self, layer, waves=0.0, px=1.0):
        self.layer, self._waves, self._px = layer, waves, px

    def draw(self, frame, moment):
        rows, depth = moment.rows
        rgba, layer = self.layer.rgba, self.layer
        # A row that is seen half is drawn, too: the border is transparent or goes on.
        inside = np.flatnonzero((rows > layer.y - 1) & (rows < layer.y + rgba.shape[0] + 1))
        if not len(inside):
            return
        y0, y1 = inside[0], inside[-1] + 1
        if rows[-1] <= layer.y + rgba.shape[0] + 1:
            y1 = len(rows)
        rows, depth = rows[y0:y1], depth[y0:y1]
        scale, left, _ = moment.view.at(depth)
        reach = 8 * self._px * self._waves * scale.max() + 2
        x0 = max(int((layer.x * scale + left).min() - reach), 0)
        x1 = min(int(((layer.x + rgba.shape[1]) * scale + left).max() + reach), frame.shape[1])
        if x1 <= x0:
            return
        x = np.arange(x0, x1, dtype=np.float32) + 0.5
        x = (x[None] - left[:, None].astype(np.float32)) / scale[:, None].astype(np.float32)
        y = np.repeat(rows[:, None].astype(np.float32) + 0.5, x1 - x0, axis=1)
        if self._waves:
            x, y = self._waved(x, y, depth, moment.t)
        x, y = x - np.float32(layer.x + 0.5), y - np.float32(layer.y + 0.5)
        patch = cv2.remap(rgba, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        over(frame, patch, x0, int(y0))

    def _waved(self, x, y, depth, t):
        """The places looked up, carried to and fro by waves that come nearer."""
        unit = self._px * self._waves
        near = (0.12 + 0.88 * depth).astype(np.float32)[:, None]
        rows = y[:, :1] / (self._px * near)  # far waves lie closer together
        x_wave = np.sin(0.115 * rows - 2.1 * t) + 0.6 * np.sin(0.061 * rows + 1.3 * t + 1.0)
        columns = x[:1] / self._px
        broad = np.sin(0.011 * columns + 0.9 * t) + 0.5 * np.sin(0.023 * columns - 0.63 * t)
        bob = np.sin(0.083 * rows - 1.7 * t)
        return x + 3.4 * unit * near * x_wave, y + 1.6 * unit * near * bob * broad


class Swaying:
    """A plant: it bends more the higher up, and its leaves stir.

    Args:
        layer: A Layer.
        foot: (x, y) of the sheet where it stands; y may lie below it.
        wind: Strength of the wind.
        supple: How far its top goes, as a share of its height.
        px: The sheet's unit of line weights.
    """

    def __init__(self, layer, foot, wind, supple, px, hangs=False):
        self.layer, self._foot, self._px = layer, foot, px
        self._wind, self._supple, self._hangs = wind, supple, hangs

    def draw(self, frame, moment):
        layer, (h, w) = self.layer, self.layer.rgba.shape[:2]
        scale, left, top = moment.view.at(layer.depth)
        height = h if self._hangs else max(1.0, self._foot[1] - layer.y)
        reach = int(self._supple * height * 1.5 * scale) + 3
        x0, x1 = int(layer.x * scale + left) - reach, int((layer.x + w) * scale + left) + reach
        y0, y1 = int(layer.y * scale + top) - 3, int((layer.y + h) * scale + top) + 3
        x0, y0 = max(x0, 0), max(y0, 0)
        x1, y1 = min(x1, frame.shape[1]), min(y1, frame.shape[0])
        if x1 <= x0 or y1 <= y0:
            return
        x = ((np.arange(x0, x1, dtype=np.float32) + 0.5 - left) / scale)[None]
        y = ((np.arange(y0, y1, dtype=np.float32) + 0.5 - top) / scale)[:, None]
        up = (y - layer.y if self._hangs else self._foot[1] - y) / height
        up = np.clip(up, 0, 1.2).astype(np.float32)
        bend = gust(moment.t, self._foot[0] / self._px, self._wind) * self._supple * height
        moved = x - bend * up**1.6 - self._stirred(x, y, up, moment.t)
        rows = y + 0.12 * abs(bend) * up - np.float32(layer.y + 0.5)
        rows = np.repeat(rows.astype(np.float32), moved.shape[1], axis=1)
        moved = (moved - np.float32(layer.x + 0.5)).astype(np.float32)
        # Past the border the layer is transparent or touches the sheet's edge and goes on.
        patch = cv2.remap(
            layer.rgba, moved, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        over(frame, patch, x0, y0)

    def _stirred(self, x, y, up, t):
        """Small waves that run through the leaves."""
        size = np.float32(1.3 * self._px * min(self._wind, 1.6))
        phase = (0.043 * x + 0.9) / self._px
        lines = 0.067 * y / self._px
        run = np.sin(phase - 4.3 * t) * np.cos(lines) + np.cos(phase - 4.3 * t) * np.sin(lines)
        return size * np.minimum(up * 2.5, 1) * run


class Inside:
    """An item that is seen through a window only.

    Args:
        item: The item.
        box: (x0, y0, x1, y1) of the sheet.
        depth: Of the wall.
    """

    def __init__(self, item, box, depth=0.5):
        self._item, self._box, self._depth = item, box, depth

    def draw(self, frame, moment):
        x0, y0 = moment.view.point(*self._box[:2], self._depth)
        x1, y1 = moment.view.point(*self._box[2:], self._depth)
        x0, y0 = max(round(x0), 0), max(round(y0), 0)
        x1, y1 = min(round(x1), frame.shape[1]), min(round(y1), frame.shape[0])
        if x1 <= x0 or y1 <= y0:
            return
        whole = frame.copy()
        self._item.draw(whole, moment)
        frame[y0:y1, x0:x1] = whole[y0:y1, x0:x1]
