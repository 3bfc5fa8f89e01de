"""Pictures laid over a frame: RGB, uint8, (height, width, 3); patches are premultiplied RGBA."""

import cv2
import numpy as np


def over(frame, patch, x=0, y=0):
    """Lay a patch over the frame with its corner at (x, y), whole pixels."""
    h, w = patch.shape[:2]
    x0, y0 = max(x, 0), max(y, 0)
    x1, y1 = min(x + w, frame.shape[1]), min(y + h, frame.shape[0])
    if x1 <= x0 or y1 <= y0:
        return
    patch = patch[y0 - y : y1 - y, x0 - x : x1 - x]
    area = frame[y0:y1, x0:x1]
    shows = cv2.cvtColor(cv2.bitwise_not(cv2.extractChannel(patch, 3)), cv2.COLOR_GRAY2BGR)
    left = cv2.multiply(area, shows, scale=1 / 255)
    frame[y0:y1, x0:x1] = cv2.add(left, cv2.cvtColor(patch, cv2.COLOR_RGBA2RGB))


def covering(corners, frame):
    """The whole-pixel box of the frame around points: (x0, y0, x1, y1), or None."""
    h, w = frame.shape[:2]
    x0, y0 = np.floor(corners.min(axis=0)).astype(int) - 1
    x1, y1 = np.ceil(corners.max(axis=0)).astype(int) + 2
    x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, w), min(y1, h)
    return None if x1 <= x0 or y1 <= y0 else (x0, y0, x1, y1)


def corners_of(picture, matrix):
    """Where the corners of a picture come to lie, (4, 2)."""
    h, w = picture.shape[:2]
    square = np.array([[0, 0, 1], [w, 0, 1], [0, h, 1], [w, h, 1]], float)
    return square @ np.asarray(matrix, float).T


def warped_over(frame, rgba, matrix, alpha=1.0):
    """Lay a picture over the frame, moved by a 2 x 3 matrix (pixels' corners, not centres)."""
    box = covering(corners_of(rgba, matrix), frame)
    if box is None:
        return
    x0, y0, x1, y1 = box
    moved = np.array(matrix, float)
    # OpenCV counts from pixels' centres.
    moved[:, 2] += moved[:, :2] @ (0.5, 0.5) - (0.5 + x0, 0.5 + y0)
    patch = cv2.warpAffine(
        rgba, moved, (x1 - x0, y1 - y0), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    if alpha < 1:
        patch = cv2.convertScaleAbs(patch, alpha=alpha)
    over(frame, patch, x0, y0)


def tinted(frame, mask, colour, x=0, y=0):
    """Lay one colour (0 to 255) over the frame through a mask, uint8, (h, w), cornered at (x, y)."""
    left, top, w, h = cv2.boundingRect(mask)
    x0, y0 = max(x + left, 0), max(y + top, 0)
    x1, y1 = min(x + left + w, frame.shape[1]), min(y + top + h, frame.shape[0])
    if x1 <= x0 or y1 <= y0:
        return
    part = cv2.cvtColor(mask[y0 - y : y1 - y, x0 - x : x1 - x], cv2.COLOR_GRAY2BGR)
    area = frame[y0:y1, x0:x1]
    left = cv2.multiply(area, cv2.bitwise_not(part), scale=1 / 255)
    added = cv2.multiply(part, (*(float(c) for c in colour), 0.0), scale=1 / 255)
    frame[y0:y1, x0:x1] = cv2.add(left, added)


def brightened(frame, light):
    """Screen light, float32 0 to 1, (h, w, 3), of any size, over the whole frame."""
    h, w = frame.shape[:2]
    small = np.clip(light * 255 + 0.5, 0, 255).astype(np.uint8)
    big = cv2.resize(small, (w, h), interpolation=cv2.INTER_LINEAR)
    rows = np.flatnonzero(small.reshape(len(small), -1).any(axis=1))
    if not len(rows):
        return
    y0 = max(int((rows[0] - 1) * h / len(small)), 0)
    y1 = min(int((rows[-1] + 2) * h / len(small)) + 1, h)
    area = frame[y0:y1]
    area[:] = cv2.add(area, cv2.multiply(cv2.bitwise_not(area), big[y0:y1], scale=1 / 255))


def stamp(target, picture, x, y, amount, size=None):
    """Add a picture, float32, (h, w), to a float32 target, its middle at (x, y).

    Args:
        target: (height, width), or (height, width, 3) where `amount` is a colour.
        size: (width, height) that the picture is stretched to; its own if None.
    """
    w, h = size or picture.shape[1::-1]
    left, top = x - w / 2, y - h / 2
    x0, y0 = int(np.floor(left)), int(np.floor(top))
    x1, y1 = int(np.ceil(left + w)) + 1, int(np.ceil(top + h)) + 1
    a, b = max(x0, 0), max(y0, 0)
    c, d = min(x1, target.shape[1]), min(y1, target.shape[0])
    if c <= a or d <= b:
        return
    sx, sy = w / picture.shape[1], h / picture.shape[0]
    moved = np.array([[sx, 0, left - a + sx / 2 - 0.5], [0, sy, top - b + sy / 2 - 0.5]])
    part = cv2.warpAffine(picture, moved, (c - a, d - b), flags=cv2.INTER_LINEAR)
    target[b:d, a:c] += part * amount if target.ndim == 2 else part[..., None] * amount
