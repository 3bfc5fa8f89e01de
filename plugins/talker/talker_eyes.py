"""Where an eye's lids are: by the face mesh, and by the picture where that shows them plainly."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

_REACH_U, _UP, _DOWN = 0.44, 0.29, 0.22  # around the mesh's eye: where the eye can be
_GRID = 96  # samples across that part
_SKIN = 0.5  # share of the part's own contrast from which a colour is no longer skin
_WIDTHS, _HEIGHTS = (0.36, 0.78), (0.10, 0.46)  # of an eye, in eye distances
_OFF = 0.16  # how far from the mesh's an eye's middle may be
_UNLIKE = 1.35  # by how much one of two eyes may be larger
_CORNER = 0.025  # the thin corners, which are lost with the thin lines
_SMOOTH_U = 0.04  # over how much of a lid its edge is averaged
_UPPER_MARGIN, _LOWER_MARGIN = (
    0.028,
    0.014,
)  # added to the mesh's own lids, which lie within the eye


@dataclass(frozen=True)
class Eye:
    """The lids' edges in face coordinates, (n, 2) each from left to right, and the brow's middle."""

    upper: np.ndarray
    lower: np.ndarray
    brow: tuple


def fitted(face, eyes, rgb):
    """Both eyes on the picture's own lids; on the mesh's where the picture does not tell.

    An eye is what is neither skin nor a thin line, in one piece about where the mesh has it. Two
    eyes that are not alike are a lock of hair, or glasses.
    """
    found = [_seen(face, eye, rgb) for eye in eyes]
    if None not in found and _alike(*found):
        return tuple(found)
    return tuple(
        replace(eye, upper=eye.upper - (0, _UPPER_MARGIN), lower=eye.lower + (0, _LOWER_MARGIN))
        for eye in eyes
    )


def _alike(left, right):
    for axis in (0, 1):
        one, other = (
            float(np.ptp(np.concatenate([eye.upper, eye.lower])[:, axis])) for eye in (left, right)
        )
        if max(one, other) > _UNLIKE * min(one, other):
            return False
    return True


def _seen(face, eye, rgb):
    """The eye on the picture's own lids, or None."""
    middle = (eye.upper.mean(axis=0) + eye.lower.mean(axis=0)) / 2
    u = middle[0] + np.linspace(-_REACH_U, _REACH_U, _GRID)
    step = u[1] - u[0]
    v = middle[1] + np.arange(-_UP, _DOWN, step)
    found = _piece(_not_skin(face, rgb, u, v), u, v, middle)
    if found is None:
        return None
    columns = np.flatnonzero(found.any(axis=0))
    top = v[found.argmax(axis=0)[columns]]
    low = v[len(v) - 1 - found[::-1].argmax(axis=0)[columns]]
    across = u[columns]
    places = np.linspace(across[0] - _CORNER, across[-1] + _CORNER, 9)
    upper = _smoothed(across, top, places, _SMOOTH_U) - 0.4 * step
    lower = _smoothed(across, low, places, _SMOOTH_U) + 0.8 * step
    return replace(
        eye, upper=np.stack([places, upper], axis=1), lower=np.stack([places, lower], axis=1)
    )


def _not_skin(face, rgb, u, v):
    """Where a part of the face has another colour than its skin: bool (rows, columns)."""
    x, y = face.to_picture(*np.meshgrid(u, v))
    part = cv2.remap(rgb, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR)
    lab = cv2.cvtColor(part.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    skin = np.median(np.concatenate([lab[:3].reshape(-1, 3), lab[-3:].reshape(-1, 3)]), axis=0)
    away = np.linalg.norm((lab - skin) * (0.8, 1.2, 1.2), axis=-1)
    return (away > max(9.0, _SKIN * float(np.percentile(away, 88)))).astype(np.uint8)


def _piece(mask, u, v, middle):
    """The one piece of the mask that is an eye, or None."""
    thin = max(3, round(0.035 / (u[1] - u[0]))) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (thin, thin))
    whole = cv2.morphologyEx(
        cv2.morphologyEx(mask, cv2.MORPH_CLOSE, kernel), cv2.MORPH_OPEN, kernel
    )
    count, labels, stats, centres = cv2.connectedComponentsWithStats(whole)
    step = u[1] - u[0]
    for i in sorted(range(1, count), key=lambda i: -stats[i, cv2.CC_STAT_AREA]):
        width, height = stats[i, cv2.CC_STAT_WIDTH] * step, stats[i, cv2.CC_STAT_HEIGHT] * step
        centre = (u[0] + centres[i, 0] * step, v[0] + centres[i, 1] * step)
        near = np.hypot(centre[0] - middle[0], centre[1] - middle[1]) < _OFF
        inside = stats[i, cv2.CC_STAT_LEFT] > 0 and stats[i, cv2.CC_STAT_TOP] > 0
        if (
            inside
            and near
            and _WIDTHS[0] < width < _WIDTHS[1]
            and _HEIGHTS[0] < height < _HEIGHTS[1]
        ):
            return labels == i
    return None


def _smoothed(at, values, places, spread):
    weights = np.exp(-0.5 * ((places[:, None] - at) / spread) ** 2)
    return weights @ values / weights.sum(axis=1)
