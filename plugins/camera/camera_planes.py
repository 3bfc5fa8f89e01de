"""A still as oversampled Y, U and V planes, and video frames sampled from them.

Warping planes instead of RGB moves half the samples, and the colour conversion is done once for
each clip instead of once for each frame. The planes hold no more detail than the frame can show,
at about three times its resolution, so that bilinear sampling neither blurs nor shimmers as the phase of
the movement changes.

Source: Rec. ITU-R BT.709-6, items 3.2 to 3.5 (matrix and quantisation); H.264 Annex E (chroma of
type 0 lies on even luma columns, half-way between two luma rows).
"""

import cv2
import numpy as np
from PIL import Image

_OVERSAMPLING = 3.0  # with twice, fine lines still lose and gain 4 % of their contrast as they move
_DETAIL = 0.9  # of the frame's own resolution: the finest waves flicker when they move
_MAX_WORK_PIXELS = 48_000_000  # caps the memory of a long pan over a wide panorama
_STRIP_ROWS = 256  # rows converted at once: keeps the float copies small; even
_KR, _KB = 0.2126, 0.0722  # BT.709 luma coefficients of red and blue


def _matrix():
    """RGB 0..255 to limited-range Y'CbCr, as a 3x4 matrix."""
    luma = np.array([_KR, 1 - _KR - _KB, _KB])
    red, blue = np.array([1.0, 0, 0]), np.array([0, 0, 1.0])
    rows = [
        np.append(luma * 219 / 255, 16),
        np.append((blue - luma) / (2 * (1 - _KB)) * 224 / 255, 128),
        np.append((red - luma) / (2 * (1 - _KR)) * 224 / 255, 128),
    ]
    return np.array(rows, np.float32)


class Planes:
    """The part of a picture that a clip shows, ready to be sampled.

    Args:
        picture: PIL image, RGB.
        windows: All windows that will be sampled.
        frame_size: (width, height) of the frames, even.

    Attributes:
        left, top, scale_x, scale_y: picture pixels to work pixels: X = (x - left) * scale_x.
        y, u, v: uint8 planes; u and v have half the resolution of y.
    """

    def __init__(self, picture, windows, frame_size):
        self.frame_size = frame_size
        left, top = min(w.left for w in windows), min(w.top for w in windows)
        right = max(w.left + w.width for w in windows)
        bottom = max(w.top + w.height for w in windows)
        box = (
            max(0.0, left),
            max(0.0, top),
            min(right, picture.width),
            min(bottom, picture.height),
        )
        widest = frame_size[0] / max(w.width for w in windows)
        nearest = frame_size[0] / min(w.width for w in windows)
        work = _resampled(picture, box, widest, _DETAIL * (widest * nearest) ** 0.5)
        self.left, self.top = box[0], box[1]
        self.scale_x = work.width / (box[2] - box[0])
        self.scale_y = work.height / (box[3] - box[1])
        self.y, self.u, self.v = _converted(np.asarray(work))

    def frame(self, window):
        """The frame that shows `window`: planar yuv420p, uint8, (width * height * 3 / 2,)."""
        w, h = self.frame_size
        ax, ay = window.width * self.scale_x / w, window.height * self.scale_y / h
        bx = (window.left - self.left) * self.scale_x
        by = (window.top - self.top) * self.scale_y
        luma = np.array([[ax, 0, bx + ax / 2 - 0.5], [0, ay, by + ay / 2 - 0.5]])
        chroma = np.array([[ax, 0, (bx + ax / 2) / 2 - 0.5], [0, ay, (by + ay) / 2 - 0.5]])
        frame, parts = new_frame(self.frame_size)
        for plane, matrix, part in zip(
            (self.y, self.u, self.v), (luma, chroma, chroma), parts, strict=True
        ):
            cv2.warpAffine(
                plane,
                matrix,
                part.shape[::-1],
                dst=part,
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REPLICATE,
            )
        return frame


def new_frame(size):
    """An empty yuv420p frame: its bytes, and views of its Y, U and V planes."""
    w, h = size
    frame = np.empty(w * h * 3 // 2, np.uint8)
    y, u, v = np.split(frame, [w * h, w * h * 5 // 4])
    return frame, (y.reshape(h, w), u.reshape(h // 2, w // 2), v.reshape(h // 2, w // 2))


def _resampled(picture, box, widest, detail):
    """The box of the picture at work resolution, without detail that the frames cannot show.

    Args:
        widest: Frame pixels to a picture pixel in the widest window.
        detail: The same where the picture is to be as sharp as the frame.
    """
    width, height = box[2] - box[0], box[3] - box[1]
    scale = widest * _OVERSAMPLING
    scale = min(scale, (_MAX_WORK_PIXELS / (width * height)) ** 0.5)
    size = tuple(max(2, round(n * scale / 2) * 2) for n in (width, height))
    if detail < 1:
        less = tuple(max(1, round(n * detail)) for n in (width, height))
        picture = picture.resize(less, Image.Resampling.LANCZOS, box, reducing_gap=3.0)
        return picture.resize(size, Image.Resampling.BICUBIC)
    return picture.resize(size, Image.Resampling.BICUBIC, box)


def _converted(rgb):
    """RGB, uint8, (h, w, 3), even sides: Y at full and U, V at half resolution, uint8."""
    h, w = rgb.shape[:2]
    luma = np.empty((h, w), np.uint8)
    chroma = np.empty((h // 2, w // 2, 2), np.float32)
    matrix = _matrix()
    for top in range(0, h, _STRIP_ROWS):
        strip = cv2.transform(rgb[top : top + _STRIP_ROWS].astype(np.float32), matrix)
        luma[top : top + _STRIP_ROWS] = np.rint(strip[..., 0])
        half = (w // 2, strip.shape[0] // 2)
        chroma[top // 2 : top // 2 + half[1]] = cv2.resize(
            strip[..., 1:], half, interpolation=cv2.INTER_AREA
        )
    # Down to what chroma at half the frame's resolution can show.
    kernel = np.array([0.25, 0.5, 0.25], np.float32)
    chroma = cv2.sepFilter2D(chroma, -1, kernel, kernel, borderType=cv2.BORDER_REPLICATE)
    u, v = np.rint(np.moveaxis(chroma, 2, 0)).clip(0, 255).astype(np.uint8)
    return luma, np.ascontiguousarray(u), np.ascontiguousarray(v)
