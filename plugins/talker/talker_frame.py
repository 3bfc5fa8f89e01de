"""Video frames of which only a part changes: planar yuv420p, BT.709, limited range.

Source: Rec. ITU-R BT.709-6, items 3.2 to 3.5 (matrix and quantisation).
"""

import cv2
import numpy as np

_KR, _KB = 0.2126, 0.0722  # luma coefficients of red and blue


def _matrix():
    """RGB 0..255 to limited-range Y'CbCr, a 3x4 matrix."""
    luma = np.array([_KR, 1 - _KR - _KB, _KB])
    red, blue = np.array([1.0, 0, 0]), np.array([0, 0, 1.0])
    rows = [
        np.append(luma * 219 / 255, 16),
        np.append((blue - luma) / (2 * (1 - _KB)) * 224 / 255, 128),
        np.append((red - luma) / (2 * (1 - _KR)) * 224 / 255, 128),
    ]
    return np.array(rows, np.float32)


class FrameBase:
    """The frame whose pixels stay, ready to take parts that change.

    Args:
        picture: uint8 RGB, (height, width, 3 or more), even sides.
    """

    def __init__(self, picture):
        self._h, self._w = picture.shape[:2]
        self._planes = converted(np.ascontiguousarray(picture[..., :3]))

    def frame(self, part, box):
        """The frame with `part` (uint8 RGB) laid over `box` (x0, y0, x1, y1, even): uint8 bytes."""
        w, h = self._w, self._h
        frame = np.empty(w * h * 3 // 2, np.uint8)
        views = np.split(frame, [w * h, w * h * 5 // 4])
        x0, y0, x1, y1 = box
        for view, base, new, half in zip(
            views, self._planes, converted(part), (1, 2, 2), strict=True
        ):
            plane = view.reshape(base.shape)
            plane[:] = base
            plane[y0 // half : y1 // half, x0 // half : x1 // half] = new
        return frame


def converted(rgb):
    """The Y, U and V planes of a picture with even sides, uint8; U and V of half the size."""
    h, w = rgb.shape[:2]
    small = cv2.resize(rgb, (w // 2, h // 2), interpolation=cv2.INTER_AREA)
    matrix, rgb = _matrix(), np.ascontiguousarray(rgb)
    luma = cv2.transform(rgb, matrix[:1])
    chroma = cv2.transform(small, matrix[1:])
    return luma.reshape(h, w), chroma[..., 0], chroma[..., 1]
