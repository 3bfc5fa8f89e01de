"""A plausible depth for a flat picture: the ground comes nearer downwards, things stand upon it.

The picture is split into patches of like colour. A wide patch (sky, sea, ground, a wall) lies where
its rows say; a narrow one stands upright, at the depth of the spot where it meets the ground, and
what rests on it (a head on shoulders, a window in a house) stands with it. The result is smooth: a
wrong guess bends a little, and tears nothing.
"""

import cv2
import numpy as np

_WORK_SIDE_PX = 240  # longest side of the map: depth is soft anyway
_COLOURS = 10
_SMALL_SHARE = 0.0012  # patches below this share of the picture join what surrounds them
_WIDE, _NARROW = 0.8, 0.5  # of the picture's width: lies, stands
_RESTS_SHARE = 0.12  # of a patch's underside that another must carry to take it along
_CARRIED_SPAN, _CARRIED_SHARE = 0.4, 0.15  # of the width, of the area: what may rest on a thing
_SOFT_X, _SOFT_Y = 4.0, 16.0  # px of the map; softer upright, so that towers do not bend


def depth_of(rgb):
    """Estimate how near each part of a picture is.

    Args:
        rgb: RGB, uint8, (height, width, 3).

    Returns:
        0 (far) to 1 (near), float32, (h, w): a small map with the picture's shape.
    """
    scale = _WORK_SIDE_PX / max(rgb.shape[:2])
    size = tuple(max(16, round(n * scale)) for n in rgb.shape[1::-1])
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB)
    horizon = _horizon(lab[..., 0])
    labels, count = _patches(lab)
    rows = (np.arange(size[1], dtype=np.float32) + 0.5) / size[1]
    ramp = np.clip((rows - horizon) / (1 - horizon), 0, 1)
    ramp = 0.06 * rows + 0.94 * ramp**1.15  # the sky recedes a little too
    near = _standing(labels, count, ramp)
    yy, xx = np.mgrid[0 : size[1], 0 : size[0]]
    middle = ((xx / size[0] - 0.5) / 0.42) ** 2 + ((yy / size[1] - 0.55) / 0.5) ** 2
    near = near + 0.12 * np.exp(-middle).astype(np.float32)  # subjects stand in the middle
    return _soft(near)


def _horizon(lightness):
    """The row, as a share of the height, where sky or wall most likely meets the ground."""
    h = lightness.shape[0]
    means = cv2.GaussianBlur(lightness, (5, 5), 0).astype(np.float32)
    step = np.median(np.abs(np.diff(means, axis=0)), axis=1)
    at = (np.arange(h - 1) + 1) / h
    likely = (step + 0.5) * np.exp(-(((at - 0.52) / 0.16) ** 2))
    return float(np.clip(at[int(np.argmax(likely))], 0.3, 0.72))


def _patches(lab):
    """Connected patches of like colour: labels, int32, (h, w), and how many there are."""
    calm = cv2.bilateralFilter(cv2.medianBlur(lab, 5), 7, 30, 5)
    samples = calm.reshape(-1, 3).astype(np.float32)
    samples[:, 1:] *= 1.4  # hue tells things apart better than shading does
    # Centres start on fixed quantiles of lightness, so that a picture always splits the same way.
    order = np.argsort(samples[:, 0], kind="stable")
    picks = order[((np.arange(_COLOURS) + 0.5) / _COLOURS * len(order)).astype(int)]
    start = np.argmin(
        np.linalg.norm(samples[:, None] - samples[picks][None], axis=2), axis=1
    ).astype(np.int32)
    stop = (cv2.TERM_CRITERIA_MAX_ITER | cv2.TERM_CRITERIA_EPS, 12, 0.5)
    _, kinds, _ = cv2.kmeans(
        samples, _COLOURS, start.reshape(-1, 1), stop, 1, cv2.KMEANS_USE_INITIAL_LABELS
    )
    kinds = cv2.medianBlur(kinds.reshape(lab.shape[:2]).astype(np.uint8), 5)
    labels = np.zeros(lab.shape[:2], np.int32)
    count = 0
    for kind in range(_COLOURS):
        found, parts = cv2.connectedComponents((kinds == kind).astype(np.uint8), connectivity=4)
        labels += np.where(parts > 0, parts + count, 0).astype(np.int32)
        count += found - 1
    return labels - 1, count


def _standing(labels, count, ramp):
    """Each patch at its depth: by its rows if it lies, by its foot if it stands."""
    h, w = labels.shape
    yy, xx = np.mgrid[0:h, 0:w]
    flat = labels.ravel()
    area = np.bincount(flat, minlength=count).astype(np.float32)
    left, right = np.full(count, w), np.zeros(count, int)
    foot, top = np.zeros(count, int), np.full(count, h)
    np.minimum.at(left, flat, xx.ravel())
    np.maximum.at(right, flat, xx.ravel())
    np.minimum.at(top, flat, yy.ravel())
    np.maximum.at(foot, flat, yy.ravel())
    span = (right - left + 1) / w
    upright = np.clip((_WIDE - span) / (_WIDE - _NARROW), 0, 1).astype(np.float32)
    upright *= area > _SMALL_SHARE * h * w
    depth = ramp[foot]
    # What reaches the picture's top is sky or wall; so is what is large or wide.
    carried = (top > 0) & (span < _CARRIED_SPAN) & (area < _CARRIED_SHARE * h * w)
    under = _carriers(labels, count, upright, carried)
    for _ in range(6):  # as many storeys as things are piled up
        lifted = np.where(under >= 0, (depth * upright)[np.maximum(under, 0)], 0)
        depth = np.maximum(depth, lifted)
    upright_map, depth_map = upright[labels], depth[labels]
    return upright_map * depth_map + (1 - upright_map) * ramp[:, None]


def _carriers(labels, count, upright, carried):
    """For each patch the standing one below it that it rests on, or -1."""
    upper, lower = labels[:-1].ravel(), labels[1:].ravel()
    border = upper != lower
    pairs, touching = np.unique(
        upper[border].astype(np.int64) * count + lower[border], return_counts=True
    )
    above, below = pairs // count, pairs % count
    whole = np.bincount(above, weights=touching, minlength=count)
    under = np.full(count, -1)
    best = np.zeros(count)
    for a, b, n in zip(above, below, touching, strict=True):
        # A crown rests on its trunk, a head on shoulders: the contact may be a small one.
        if carried[a] and upright[b] > 0.5 and n >= _RESTS_SHARE * whole[a] and n > best[a]:
            under[a], best[a] = b, n
    return under


def _soft(near):
    """Smooth, 0 to 1, with near things a little wider than drawn.

    What stretches then is the background beside an outline, and the outline keeps its shape.
    """
    near = cv2.medianBlur(near.astype(np.float32), 5)
    grow = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (11, 11))
    near = cv2.GaussianBlur(
        cv2.dilate(near, grow), (0, 0), _SOFT_X, sigmaY=_SOFT_Y, borderType=cv2.BORDER_REPLICATE
    )
    low, high = float(near.min()), float(near.max())
    return ((near - low) / max(high - low, 0.05)).astype(np.float32)
