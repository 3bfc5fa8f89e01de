"""Points and outlines: smooth curves, ribbons, limbs, blobs, as (n, 2) arrays of pixels.

Nothing here knows of colour or canvas; y grows downwards.
"""

import numpy as np


def pts(*pairs):
    """The pairs as an (n, 2) float array."""
    return np.array(pairs, dtype=float).reshape(-1, 2)


def spline(points, closed=True, n=8):
    """A Catmull-Rom curve through the points, `n` steps a span."""
    p = np.asarray(points, dtype=float).reshape(-1, 2)
    if len(p) < 3:
        return p
    if closed:
        q = np.concatenate([p[-1:], p, p[:2]])
    else:
        q = np.concatenate([2 * p[:1] - p[1:2], p, 2 * p[-1:] - p[-2:-1]])
    t = np.linspace(0, 1, n, endpoint=False)[None, :, None]
    a, b, c, d = (q[i : len(q) - 3 + i][:, None, :] for i in range(4))
    out = 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    )
    out = out.reshape(-1, 2)
    return out if closed else np.concatenate([out, p[-1:]])


def ribbon(points, widths):
    """The outline of a stroke along the points whose full width changes from point to point."""
    p = np.asarray(points, dtype=float).reshape(-1, 2)
    w = np.interp(np.linspace(0, 1, len(p)), np.linspace(0, 1, len(widths)), widths) / 2
    d = np.gradient(p, axis=0)
    length = np.hypot(d[:, 0], d[:, 1])
    d = d / np.where(length < 1e-9, 1, length)[:, None]
    normal = np.stack([-d[:, 1], d[:, 0]], axis=1) * w[:, None]
    return np.concatenate([p + normal, (p - normal)[::-1]])


def limb(points, widths, n=6):
    """A rounded arm or leg through its joints: a ribbon with half-round ends."""
    p = spline(points, closed=False, n=n)
    w = np.interp(np.linspace(0, 1, len(p)), np.linspace(0, 1, len(widths)), widths)
    body = ribbon(p, w)
    half = len(p)
    angle = np.linspace(-np.pi / 2, np.pi / 2, 7)[1:-1]
    ends = []
    for at, before, width in ((p[-1], p[-2], w[-1]), (p[0], p[1], w[0])):
        d = (at - before) / (np.hypot(*(at - before)) + 1e-9)
        side = np.array([-d[1], d[0]])
        ring = at + (np.cos(angle)[:, None] * d - np.sin(angle)[:, None] * side) * width / 2
        ends.append(ring)
    return np.concatenate([body[:half], ends[0], body[half:], ends[1]])


def ellipse(x, y, rx, ry=None, turn=0.0, n=28):
    """An ellipse's outline."""
    ry = rx if ry is None else ry
    a = np.linspace(0, 2 * np.pi, n, endpoint=False)
    px, py = np.cos(a) * rx, np.sin(a) * ry
    c, s = np.cos(turn), np.sin(turn)
    return np.stack([x + px * c - py * s, y + px * s + py * c], axis=1)


def rect(x0, y0, x1, y1):
    """A rectangle's corners."""
    return pts((x0, y0), (x1, y0), (x1, y1), (x0, y1))


def blob(x, y, rx, ry, rng, rough=0.18, n=12):
    """A soft, irregular round shape."""
    a = np.linspace(0, 2 * np.pi, n, endpoint=False)
    r = 1 + rng.uniform(-rough, rough, n)
    return spline(np.stack([x + np.cos(a) * rx * r, y + np.sin(a) * ry * r], axis=1), n=4)


def ridge(x0, x1, y, height, rng, rough=0.5, n=7):
    """A skyline from x0 to x1, (m, 2): midpoint displacement around y, peaks up to `height`."""
    line = rng.uniform(-1, 1, 3)
    amount = 0.6
    for _ in range(n):
        mid = (line[:-1] + line[1:]) / 2 + rng.normal(0, amount, len(line) - 1) * 0.6
        out = np.empty(len(line) + len(mid))
        out[0::2], out[1::2] = line, mid
        line, amount = out, amount * rough
    line = (line - line.min()) / (np.ptp(line) + 1e-9)
    return np.stack([np.linspace(x0, x1, len(line)), y - line * height], axis=1)


def under(line, bottom):
    """The area under a skyline, closed at y = bottom."""
    return np.concatenate([line, [[line[-1, 0], bottom], [line[0, 0], bottom]]])
