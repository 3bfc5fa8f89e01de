"""From composed frames to what the encoder takes: style, paper, tone curve, BT.709 planes.

The same steps as a still's, in its order, on 8-bit frames. The paper is the frame's: it lies still
while the drawing moves.
Source: Rec. ITU-R BT.709-6, items 3.2 to 3.5 (matrix and quantisation).
"""

import cv2
import numpy as np
from PIL import Image
from sketch_palette import STYLES

_PAPER_ONE = 200  # a paper value of 1.0, as 8 bits
_KR, _KB = 0.2126, 0.0722  # BT.709 luma coefficients of red and blue
_GREY = np.array([[0.3, 0.59, 0.11]])


class Sheet:
    """Finishes frames of one clip.

    Args:
        scene: The parsed prompt: its style and tint.
        work_size, frame_size: (width, height) as composed and as encoded.
        rng: numpy Generator of the paper's grain.
        lumps: The canvas's coarse noise, any size.
    """

    def __init__(self, scene, work_size, frame_size, rng, lumps):
        self._grades = [
            (name, STYLES[name])
            for name in dict.fromkeys((scene.style, scene.tint))
            if STYLES[name][2]
        ]
        self._size = frame_size
        self._paper = _paper(work_size, rng, lumps, STYLES[scene.style][4])
        level = np.arange(256) / 255
        curve = level**0.90 + 0.045 * np.sin(2 * np.pi * (level - 0.5))
        self._curve = np.clip(curve * 255 + 0.5, 0, 255).astype(np.uint8)

    def finished(self, frame):
        """A composed frame with its style, on paper: RGB, uint8, at the encoded size."""
        for name, (dark, light, amount, _, _) in self._grades:
            frame = _graded(frame, name, dark, light, amount)
        frame = cv2.LUT(cv2.multiply(frame, self._paper, scale=1 / _PAPER_ONE), self._curve)
        if frame.shape[1::-1] != self._size:
            frame = cv2.resize(frame, self._size, interpolation=cv2.INTER_CUBIC)
        return frame

    def planes(self, frame):
        """The finished frame as planar yuv420p bytes."""
        w, h = self._size
        yuv = cv2.transform(self.finished(frame), _MATRIX)
        out = np.empty(w * h * 3 // 2, np.uint8)
        y, u, v = np.split(out, [w * h, w * h * 5 // 4])
        y.reshape(h, w)[:] = yuv[..., 0]
        half = cv2.resize(yuv, (w // 2, h // 2), interpolation=cv2.INTER_AREA)
        u.reshape(h // 2, w // 2)[:] = half[..., 1]
        v.reshape(h // 2, w // 2)[:] = half[..., 2]
        return out


def _matrix():
    """RGB 0..255 to limited-range Y'CbCr, as a 3 x 4 matrix."""
    luma = np.array([_KR, 1 - _KR - _KB, _KB])
    red, blue = np.array([1.0, 0, 0]), np.array([0, 0, 1.0])
    rows = [
        np.append(luma * 219 / 255, 16),
        np.append((blue - luma) / (2 * (1 - _KB)) * 224 / 255, 128),
        np.append((red - luma) / (2 * (1 - _KR)) * 224 / 255, 128),
    ]
    return np.array(rows)


_MATRIX = _matrix()


def _graded(frame, name, dark, light, amount):
    """The frame pulled towards a style's family of colours."""
    dark, light = np.asarray(dark), np.asarray(light)
    if name not in ("ink", "charcoal"):
        matrix = np.eye(3) * (1 - amount) + np.outer(light - dark, _GREY) * amount
        return cv2.transform(frame, np.column_stack([matrix, dark * 255 * amount]))
    grey = cv2.transform(frame, _GREY)
    level = np.clip((np.arange(256) / 255 - 0.5) * 1.18 + 0.53, 0, 1)[:, None]
    toned = np.clip((dark + (light - dark) * level) * 255 + 0.5, 0, 255).astype(np.uint8)
    toned = cv2.LUT(cv2.merge([grey] * 3), toned.reshape(256, 1, 3))
    return cv2.addWeighted(frame, 1 - amount, toned, amount, 0)


def _paper(size, rng, lumps, grain):
    """Grain and vignette as 8-bit factors, three channels."""
    w, h = size
    y = np.linspace(-1, 1, h, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, w, dtype=np.float32)[None]
    value = 1 - 0.22 * np.clip((x * x + y * y) / 1.6 - 0.25, 0, 1) ** 1.2
    speck = rng.normal(0, 1, (h // 2 + 1, w // 2 + 1)).astype(np.float32)
    tooth = np.asarray(Image.fromarray(speck).resize((w, h), Image.BILINEAR))
    coarse = cv2.resize(np.ascontiguousarray(lumps), (w, h), interpolation=cv2.INTER_LINEAR)
    value = value * (1 + grain * (0.022 * tooth + 0.012 * coarse))
    eight = np.clip(value * _PAPER_ONE + 0.5, 0, 255).astype(np.uint8)
    return cv2.merge([eight] * 3)
