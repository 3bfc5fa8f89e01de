"""Trees, bamboo, flowers, grass."""

import numpy as np
from sketch_elements import element
from sketch_palette import COLOURS, mix
from sketch_shapes import blob, ellipse, limb, pts, ribbon, spline

BARK = (0.36, 0.28, 0.22)


LEAF = {"": ((0.34, 0.44, 0.27), (0.42, 0.50, 0.30)), "spring": ((0.90, 0.70, 0.72), (0.95, 0.80, 0.80)),
        "summer": ((0.28, 0.42, 0.24), (0.36, 0.48, 0.25)),
        "autumn": ((0.76, 0.30, 0.15), (0.84, 0.50, 0.18)),
        "winter": ((0.86, 0.89, 0.92), (0.93, 0.95, 0.97))}  # fmt: skip


@element("tree")
def tree(cv, scene, rng, x, y, size, fade=0.0, colour=None):
    """A broad tree, `size` px tall: trunk and boughs, leaf masses with a shadowed under-side."""
    lean = rng.uniform(-0.05, 0.05) * size
    fork = (x + lean * 0.6, y - size * 0.42)
    bare = scene.season == "winter" or scene.weather == "snow"
    boughs = [
        limb(
            [(x, y), (x + lean * 0.2, y - size * 0.2), fork],
            [size * 0.085, size * 0.06, size * 0.045],
        )
    ]
    tips = []
    for a in np.linspace(-0.95, 0.95, 7 if bare else 4):
        a += rng.normal(0, 0.1)
        k = size * rng.uniform(0.34, 0.5) * (1 - 0.25 * abs(a))
        tip = (fork[0] + np.sin(a) * k, fork[1] - np.cos(a) * k)
        mid = (fork[0] + np.sin(a * 0.6) * k * 0.5, fork[1] - np.cos(a * 0.6) * k * 0.5)
        boughs.append(ribbon(pts(fork, mid, tip), [size * 0.032, size * 0.02, size * 0.006]))
        tips.append((mid, tip))
    cv.form([(boughs, BARK)], fade, line=1.4)
    if bare:
        twigs = []
        for mid, tip in tips:
            for _ in range(6):
                t = rng.uniform(0.2, 1)
                at = np.array(mid) * (1 - t) + np.array(tip) * t
                d = np.array([rng.normal(0, 0.09), -rng.uniform(0.03, 0.13)]) * size
                twigs.append([at, at + d * 0.5 + (2, 0), at + d])
        cv.strokes(twigs, 1.3, fade=fade)
        return
    low, high = LEAF[scene.season]
    if colour:
        low, high = mix(colour, (0, 0, 0), 0.15), colour
    masses = []
    for k in range(9):
        a = k / 9 * 2 * np.pi + rng.uniform(-0.3, 0.3)
        bx, by = fork[0] + np.cos(a) * size * 0.24, fork[1] - size * 0.2 + np.sin(a) * size * 0.17
        masses.append(
            blob(bx, by, size * rng.uniform(0.11, 0.16), size * rng.uniform(0.09, 0.13), rng, 0.2)
        )
    masses.append(blob(fork[0], fork[1] - size * 0.2, size * 0.24, size * 0.2, rng))
    cv.form([(masses, low)], fade, line=1.4, turn=0.12)
    lx, ly = cv.pal.light
    lit = [blob(fork[0] - lx * size * 0.09 + rng.normal(0, 0.13) * size,
                fork[1] - size * 0.26 - ly * size * 0.06 + rng.normal(0, 0.08) * size,
                size * 0.075, size * 0.05, rng, 0.3) for _ in range(8)]  # fmt: skip
    cv.wash(lit, high, fade, alpha=0.75, rim=0.05)
    dabs = []
    for _ in range(46):
        a, r = rng.uniform(0, 2 * np.pi), rng.uniform(0.1, 1) ** 0.5
        dx, dy = (
            fork[0] + np.cos(a) * r * size * 0.34,
            fork[1] - size * 0.2 + np.sin(a) * r * size * 0.28,
        )
        k = size * 0.02
        dabs.append([(dx - k, dy + k * 0.4), (dx, dy - k * 0.5), (dx + k, dy + k * 0.4)])
    cv.strokes(dabs, 1.0, fade=fade, alpha=0.6)


@element("tree")
def pine(cv, scene, rng, x, y, size, fade=0.0):
    """A fir: tiers of drooping boughs."""
    snowy = scene.weather == "snow" or scene.season == "winter"
    colour = (0.22, 0.33, 0.28)
    cv.form(
        [(limb([(x, y), (x, y - size * 0.3)], [size * 0.06, size * 0.04]), BARK)], fade, line=1.0
    )
    tiers = []
    for k in range(5):
        t = k / 5
        top, w, h = (
            y - size * (0.34 + 0.66 * t) - size * 0.14,
            size * 0.24 * (1 - t) + size * 0.04,
            size * 0.26,
        )
        left = [
            (x - w * f, top + h * (0.3 + 0.7 * f) + rng.uniform(-0.02, 0.03) * size)
            for f in (0.3, 0.7, 1)
        ]
        right = [
            (x + w * f, top + h * (0.3 + 0.7 * f) + rng.uniform(-0.02, 0.03) * size)
            for f in (1, 0.7, 0.3)
        ]
        tiers.append(
            pts(
                (x, top), *left, (x - w * 0.4, top + h * 0.86), (x + w * 0.3, top + h * 0.9), *right
            )
        )
    cv.form([(t, colour) for t in tiers], fade, line=1.3, inner=0.7, turn=0.3)
    if snowy:
        caps = [t[:3] for t in tiers]
        cv.strokes(
            caps + [t[-3:] for t in tiers],
            4.5 * size / 260 / max(cv.px, 0.3) ** 0.3,
            (0.95, 0.96, 0.98),
            0.9,
        )


@element("tree")
def palm(cv, scene, rng, x, y, size, fade=0.0):
    """A palm tree."""
    top = (x + size * 0.12, y - size * 0.72)
    parts = [
        (
            limb(
                [(x, y), (x + size * 0.02, y - size * 0.4), top],
                [size * 0.06, size * 0.04, size * 0.035],
            ),
            BARK,
        )
    ]
    for a in np.linspace(-2.4, 2.4, 9):
        k = size * rng.uniform(0.3, 0.4)
        tip = (top[0] + np.sin(a) * k, top[1] - np.cos(a) * k * 0.5 + k * 0.25)
        mid = (top[0] + np.sin(a) * k * 0.55, top[1] - np.cos(a) * k * 0.5 - k * 0.12)
        parts.append(
            (
                ribbon(
                    spline([top, mid, tip], closed=False), [size * 0.01, size * 0.06, size * 0.004]
                ),
                LEAF["summer"][0],
            )
        )
    cv.form(parts, fade, line=1.2)


@element("tree")
def bamboo(cv, scene, rng, x, y, size, fade=0.0):
    """A stand of bamboo."""
    stems, leaves, rings = [], [], []
    for k in range(5):
        bx, lean = (
            x + (k - 2) * size * 0.07 + rng.normal(0, 0.01) * size,
            rng.normal(0.03, 0.05) * size,
        )
        h = size * rng.uniform(0.8, 1.05)
        stems.append(
            ribbon(
                spline([(bx, y), (bx + lean * 0.3, y - h / 2), (bx + lean, y - h)], closed=False),
                [size * 0.026, size * 0.014],
            )
        )
        for t in np.linspace(0.12, 0.95, 7):
            at = np.array([bx + lean * t * t, y - h * t])
            rings.append([at - (size * 0.014, 0), at + (size * 0.014, 0)])
            if t > 0.4:
                for _ in range(3):
                    a, n = rng.uniform(0.2, 2.9), size * rng.uniform(0.07, 0.12)
                    d = np.array([np.cos(a), 0.45 * np.sin(a) + 0.15]) * n * rng.choice((-1, 1))
                    leaves.append(
                        ribbon(np.array([at, at + d / 2, at + d]), [1, size * 0.018, 0.5])
                    )
    cv.form([(stems, (0.50, 0.60, 0.34)), (leaves, (0.36, 0.50, 0.28))], fade, line=0.9)
    cv.strokes(rings, 1.3, fade=fade)


@element("grass")
def flowers(cv, scene, rng, x, y, width, size, colour=None, count=14):
    """A drift of flowers on their stems."""
    hues = (
        [colour]
        if colour
        else [(0.84, 0.28, 0.25), (0.92, 0.72, 0.28), (0.86, 0.56, 0.66), (0.93, 0.92, 0.86)]
    )
    stems, heads = [], {}
    for _ in range(count):
        fx, fy = x + rng.uniform(-0.5, 0.5) * width, y + rng.uniform(-0.25, 0.15) * size
        k = size * rng.uniform(0.6, 1.1)
        tip = np.array([fx + rng.normal(0, 0.12) * k, fy - k])
        stems += [
            [(fx, fy), (fx + 1, fy - k / 2), tip],
            [(fx, fy - k * 0.2), (fx + k * 0.22, fy - k * 0.5)],
        ]
        r = size * 0.15
        petals = [
            ellipse(
                tip[0] + np.cos(a) * r * 0.8, tip[1] + np.sin(a) * r * 0.6, r * 0.62, r * 0.5, n=10
            )
            for a in np.linspace(0, 5.03, 5)
        ]
        heads.setdefault(int(rng.integers(len(hues))), []).extend(petals)
    cv.strokes(stems, 1.9, cv.pal.tone((0.30, 0.42, 0.24)), 0.95)
    for i, petals in heads.items():
        cv.form([(petals, hues[i])], line=0.9, turn=0.3)


@element("grass")
def reeds(cv, rng, x, y, width, size, fade=0.0):
    """Reeds or long grass at the front."""
    lines = []
    for _ in range(38):
        gx, k = x + rng.uniform(-0.5, 0.5) * width, size * rng.uniform(0.5, 1.1)
        d = rng.normal(0.12, 0.2) * k
        lines.append([(gx, y), (gx + d * 0.3, y - k * 0.6), (gx + d, y - k)])
    cv.strokes(lines, 2.4, cv.pal.tone((0.36, 0.40, 0.24), fade), 0.95)
    cv.strokes(lines[::2], 1.0, fade=fade)


@element("leaves")
def leaves(cv, rng, scene, n=26, colour=None):
    """Leaves adrift through the frame."""
    hues = (
        [colour]
        if colour
        else list(LEAF["autumn" if scene.season == "autumn" else ""]) + [COLOURS["gold"]]
    )
    for i in range(n):
        x, y, k = rng.uniform(0, cv.w), rng.uniform(0.1, 0.97) * cv.h, rng.uniform(6, 13) * cv.px
        a = rng.uniform(0, np.pi)
        d, e = np.array([np.cos(a), np.sin(a)]) * k, np.array([-np.sin(a), np.cos(a)]) * k * 0.45
        p = np.array([x, y])
        cv.form([(np.array([p - d, p + e, p + d, p - e]), hues[i % len(hues)])], line=0.8)
