"""A picture enlarged tile by tile: each with as much around it as the network looks at, so that
tiles meet without a seam.
"""

import numpy as np
from PIL import Image


def enlarge(samples, network, scale, tile_px, strength, progress):
    """Enlarge a picture.

    Args:
        samples: uint8 (height, width, 3).
        network: The `Model`; not asked at strength 0.
        scale: 2 or 4.
        tile_px: The side of a tile, without what lies around it.
        strength: From a plain enlargement (0) to the network's (1).
        progress: Called with (tiles done, tiles) after each one; may raise to give up.

    Returns:
        uint8 (height * scale, width * scale, 3).
    """
    height, width = samples.shape[:2]
    made = np.empty((height * scale, width * scale, 3), np.uint8)
    tiles = [(top, left) for top in range(0, height, tile_px) for left in range(0, width, tile_px)]
    for done, (top, left) in enumerate(tiles):
        bottom, right = min(top + tile_px, height), min(left + tile_px, width)
        around = _with_overlap(samples, (top, left, bottom, right), network.overlap_px)
        tile = _enlarged(around, network, scale, strength)
        inner = tile[network.overlap_px * scale :, network.overlap_px * scale :]
        inner = inner[: (bottom - top) * scale, : (right - left) * scale]
        made[top * scale : bottom * scale, left * scale : right * scale] = inner
        progress(done + 1, len(tiles))
    return made


def _with_overlap(samples, box, overlap_px):
    """A box of the picture with what is around it; past the picture's borders its edge goes on."""
    height, width = samples.shape[:2]
    top, left, bottom, right = box
    rows = np.clip(np.arange(top - overlap_px, bottom + overlap_px), 0, height - 1)
    columns = np.clip(np.arange(left - overlap_px, right + overlap_px), 0, width - 1)
    return samples[rows[:, None], columns[None, :]]


def _enlarged(around, network, scale, strength):
    size = (around.shape[1] * scale, around.shape[0] * scale)
    plain = np.asarray(Image.fromarray(around).resize(size, Image.Resampling.BICUBIC), np.float32)
    if strength == 0:
        return np.rint(plain).astype(np.uint8)
    fine = network.enlarge(around.astype(np.float32) / 255) * 255
    shrink = network.factor // scale
    if shrink > 1:
        fine = fine.reshape(size[1], shrink, size[0], shrink, 3).mean(axis=(1, 3))
    return np.rint(plain + (fine - plain) * np.float32(strength)).clip(0, 255).astype(np.uint8)
