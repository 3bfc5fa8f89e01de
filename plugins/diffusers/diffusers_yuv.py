"""A picture as the encoder takes it.

Source: Rec. ITU-R BT.709-6, items 3.2 to 3.5 (matrix and quantisation, limited range).
"""

import numpy as np

_KR, _KB = 0.2126, 0.0722  # BT.709 luma coefficients of red and blue
_LUMA = np.array([_KR, 1 - _KR - _KB, _KB], np.float32)


def yuv420p(picture):
    """Planar yuv420p, uint8, (width * height * 3 / 2,), of a PIL picture: RGB, even sides."""
    rgb = np.asarray(picture, np.float32) / 255
    luma = rgb @ _LUMA
    blue = _halved((rgb[..., 2] - luma) / (2 * (1 - _KB)))
    red = _halved((rgb[..., 0] - luma) / (2 * (1 - _KR)))
    planes = (16 + 219 * luma, 128 + 224 * blue, 128 + 224 * red)
    return np.concatenate([np.rint(plane).astype(np.uint8).ravel() for plane in planes])


def _halved(plane):
    """The means of two by two."""
    height, width = plane.shape
    return plane.reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3))
