"""A picture enlarged tile by tile: each with as much around it as the network looks at, so that
tiles meet without a seam.
"""

import numpy as np
from PIL import Image
from upscale_network import SIGHT_PX

_TONE_PX = 4  # how far around a pixel its tone is held against the given picture's, per side
OVERLAP_PX = SIGHT_PX + _TONE_PX + 2  # and bicubic interpolation looks at 2 more


def enlarge(samples, network, tile_px, strength, progress, between=lambda: None):
    """Enlarge a picture.

    Args:
        samples: uint8 (height, width, 3).
        network: The `Network`; not asked at strength 0, but for its scale.
        tile_px: The side of a tile, without what lies around it.
        strength: From a plain enlargement (0) to the network's (1).
        progress: Called with (tiles done, tiles) after each one; may raise to give up.
        between: Called often within a tile; may raise to give up.

    Returns:
        uint8 (height, width, 3) of the enlarged picture.
    """
    scale, border = network.scale, OVERLAP_PX * network.scale
    height, width = samples.shape[:2]
    made = np.empty((height * scale, width * scale, 3), np.uint8)
    tiles = [(top, left) for top in range(0, height, tile_px) for left in range(0, width, tile_px)]
    for done, (top, left) in enumerate(tiles):
        bottom, right = min(top + tile_px, height), min(left + tile_px, width)
        around = _with_overlap(samples, (top, left, bottom, right))
        tile = _enlarged(around, network, strength, between)[border:-border, border:-border]
        made[top * scale : bottom * scale, left * scale : right * scale] = tile
        progress(done + 1, len(tiles))
    return made


def _with_overlap(samples, box):
    """A box of the picture with what is around it; past the picture's borders its edge goes on."""
    height, width = samples.shape[:2]
    top, left, bottom, right = box
    rows = np.clip(np.arange(top - OVERLAP_PX, bottom + OVERLAP_PX), 0, height - 1)
    columns = np.clip(np.arange(left - OVERLAP_PX, right + OVERLAP_PX), 0, width - 1)
    return samples[rows[:, None], columns[None, :]]


def _enlarged(around, network, strength, between):
    size = (around.shape[1] * network.scale, around.shape[0] * network.scale)
    plain = np.asarray(Image.fromarray(around).resize(size, Image.Resampling.BICUBIC), np.float32)
    if strength == 0:
        return plain.astype(np.uint8)
    fine = network.enlarge(around.astype(np.float32) / 255, between) * 255
    fine = (fine + _off_tone(around, fine, network.scale)).clip(0, 255)
    return np.rint(plain + (fine - plain) * np.float32(strength)).clip(0, 255).astype(np.uint8)


def _off_tone(around, fine, scale):
    """What the network's tones lack: it shifts even colours by some steps, which films would show."""
    height, width = around.shape[:2]
    shrunk = fine.reshape(height, scale, width, scale, 3).mean(axis=(1, 3))
    off = _box(_box(around - shrunk, 0), 1)
    size = (width * scale, height * scale)
    bands = [Image.fromarray(np.ascontiguousarray(off[..., i])) for i in range(3)]
    return np.stack([np.asarray(b.resize(size, Image.Resampling.BILINEAR)) for b in bands], axis=-1)


def _box(values, axis):
    """A running mean over 2 * _TONE_PX + 1 pixels; the borders go on."""
    padding = [(0, 0)] * 3
    padding[axis] = (_TONE_PX, _TONE_PX)
    wide, length = np.pad(values, padding, mode="edge"), values.shape[axis]
    shifted = [np.take(wide, range(i, i + length), axis) for i in range(2 * _TONE_PX + 1)]
    return (sum(shifted) / np.float32(len(shifted))).astype(np.float32)
