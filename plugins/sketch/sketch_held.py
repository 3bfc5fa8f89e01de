"""What people hold: umbrella, lantern, kite, letter, cup and the rest, at the hand's place."""

import numpy as np
from sketch_palette import COLOURS, mix
from sketch_shapes import ellipse, limb, pts, rect, ribbon, spline

PAPER = (0.95, 0.92, 0.83)


WOOD = (0.45, 0.32, 0.22)


def hold(cv, kind, rng, hand, s, flip, head, subject):
    """Draw `kind` in a hand at pixel `hand`; `s` is the person's height, `head` the head's top."""
    x, y = hand
    colour = COLOURS.get(subject.colour)
    maker = HELD.get(kind, _box)
    maker(cv, rng, x, y, s, flip, head, colour)


def umbrella(cv, rng, x, y, s, flip, head, colour):
    """An open umbrella over the head."""
    colour = colour or COLOURS["red"]
    top = (x * 0.45 + head[0] * 0.55, head[1] - s * 0.14)
    r, low = s * 0.34, head[1] + s * 0.035
    cv.strokes([[(x, y + s * 0.05), top]], max(1.2, s / cv.px / 90), taper=False)
    tips = [
        (top[0] + r * k, low + s * 0.02 * (1 - abs(k)) - s * 0.03 * (abs(k) < 0.9))
        for k in (-1, -0.52, 0, 0.52, 1)
    ]
    edge = []
    for a, b in zip(tips[:-1], tips[1:], strict=True):
        edge += [a, ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2 - s * 0.022)]
    edge.append(tips[-1])
    dome = spline([tips[0], (top[0] - r * 0.74, top[1] + s * 0.045), (top[0] - r * 0.3, top[1] - s * 0.01), top,
                   (top[0] + r * 0.3, top[1] - s * 0.01), (top[0] + r * 0.74, top[1] + s * 0.045), tips[-1]], closed=False, n=5)  # fmt: skip
    canopy = np.concatenate([dome, np.array(edge[::-1])])
    cv.form([(canopy, colour)], turn=0.25, shadow=0.5, line=1.7)
    ribs = [
        [(top[0] + r * k * 0.12, top[1]), (top[0] + r * k * 0.7, top[1] + s * 0.04), t]
        for k, t in zip((-1, -0.52, 0, 0.52, 1), tips, strict=True)
    ]
    cv.strokes(ribs[1:-1], 1.1, alpha=0.7)
    cv.strokes([[top, (top[0], top[1] - s * 0.035)]], 1.6)


def lantern(cv, rng, x, y, s, flip, head, colour):
    """A storm lantern hanging from the hand, with its light."""
    w, h = s * 0.045, s * 0.12
    top = y + s * 0.03
    cv.glow(x, top + h * 0.6, s * 0.7, (1.0, 0.72, 0.36), 0.42)
    cv.strokes([[(x - w, top + h * 0.2), (x, top - s * 0.03), (x + w, top + h * 0.2)]], 1.3)
    glass = rect(x - w * 0.75, top + h * 0.25, x + w * 0.75, top + h * 0.85)
    base = rect(x - w, top + h * 0.85, x + w, top + h)
    cap = pts((x - w, top + h * 0.25), (x, top), (x + w, top + h * 0.25))
    cv.form([(base, (0.2, 0.18, 0.17)), (cap, (0.2, 0.18, 0.17))], line=1.2)
    cv.wash(glass, (1.0, 0.90, 0.58), raw=1, rim=0.1)
    cv.glow(x, top + h * 0.55, s * 0.16, (1.0, 0.92, 0.68), 1.0)
    cv.strokes(
        [
            [(x - w * 0.75, top + h * 0.25), (x - w * 0.75, top + h * 0.85)],
            [(x + w * 0.75, top + h * 0.25), (x + w * 0.75, top + h * 0.85)],
        ],
        1.0,
    )


def kite(cv, rng, x, y, s, flip, head, colour):
    """A kite high up on its line, with a tail."""
    reach = min(max(s * 1.9, cv.h * 0.52), y * 0.86)
    kx, ky = x + flip * min(s * 1.35, cv.w * 0.38), max(y - reach, cv.h * 0.1)
    kx = float(np.clip(kx, cv.w * 0.1, cv.w * 0.9))
    mid = ((x + kx) / 2 + flip * s * 0.1, (y + ky) / 2 + s * 0.14)
    cv.strokes(
        [spline([(x, y), mid, (kx, ky + s * 0.1)], closed=False)],
        1.0,
        taper=False,
        alpha=0.8,
        smooth=False,
    )
    k = max(s * 0.2, 26 * cv.px)
    t = flip * 0.35
    c, n = np.cos(t), np.sin(t)

    def at(a, b):
        return (kx + (a * c - b * n) * k, ky + (a * n + b * c) * k)

    main = colour or COLOURS["red"]
    cv.form(
        [
            (pts(at(0, -1), at(0.7, -0.2), at(0, 1.1)), main),
            (pts(at(0, -1), at(-0.7, -0.2), at(0, 1.1)), COLOURS["yellow"]),
        ],
        line=1.6,
    )
    cv.strokes([[at(-0.7, -0.2), at(0.7, -0.2)]], 1.0)
    tail = [at(0, 1.1), at(-0.35, 1.8), at(0.25, 2.5), at(-0.3, 3.2)]
    cv.strokes([tail], 1.4)
    for px, py in (tail[1], tail[2], tail[3]):
        bow = [
            pts((px, py), (px - k * 0.2, py - k * 0.12), (px - k * 0.2, py + k * 0.12)),
            pts((px, py), (px + k * 0.2, py - k * 0.12), (px + k * 0.2, py + k * 0.12)),
        ]
        cv.form([(bow, main)], line=0.9)


def letter(cv, rng, x, y, s, flip, head, colour):
    """A sheet held up to be read, or a map or book."""
    k = s * 0.085
    sheet = pts(
        (x - k * 0.6, y - k * 1.1),
        (x + k * 0.9, y - k * 1.35),
        (x + k, y + k * 0.45),
        (x - k * 0.5, y + k * 0.6),
    )
    cv.form([(sheet, PAPER)], line=1.2, turn=0.1)
    cv.strokes(
        [
            [(x - k * 0.35, y - k * t), (x + k * 0.7, y - k * (t + 0.17))]
            for t in (0.8, 0.5, 0.2, -0.1)
        ],
        0.8,
        alpha=0.5,
    )


def book(cv, rng, x, y, s, flip, head, colour):
    """An open book."""
    k = s * 0.085
    left = pts((x, y + k * 0.5), (x - k, y + k * 0.2), (x - k, y - k * 0.9), (x, y - k * 0.6))
    right = pts((x, y + k * 0.5), (x + k, y + k * 0.2), (x + k, y - k * 0.9), (x, y - k * 0.6))
    cv.form(
        [
            (left, colour or (0.55, 0.24, 0.2)),
            (right, mix(colour or (0.55, 0.24, 0.2), (0, 0, 0), 0.2)),
        ],
        line=1.3,
    )


def cup(cv, rng, x, y, s, flip, head, colour):
    """A cup with a little steam."""
    k = s * 0.04
    body = spline(
        pts(
            (x - k, y - k * 1.2),
            (x + k, y - k * 1.2),
            (x + k * 0.7, y + k * 0.7),
            (x - k * 0.7, y + k * 0.7),
        ),
        n=4,
    )
    cv.form([(body, colour or (0.92, 0.90, 0.85))], line=1.2)
    steam = [
        [
            (x + d * k, y - k * 1.6),
            (x + d * k + k * 0.5, y - k * 2.6),
            (x + d * k - k * 0.2, y - k * 3.8),
        ]
        for d in (-0.4, 0.4)
    ]
    cv.strokes(steam, 1.6, (0.97, 0.97, 0.95), 0.6)


def phone(cv, rng, x, y, s, flip, head, colour):
    """A lit telephone."""
    k = s * 0.045
    cv.glow(x, y - k, s * 0.4, (0.62, 0.80, 1.0), 0.6)
    cv.form(
        [(rect(x - k * 0.6, y - k * 2.2, x + k * 0.6, y + k * 0.3), (0.1, 0.1, 0.12))], line=1.0
    )
    cv.wash(rect(x - k * 0.45, y - k * 2, x + k * 0.45, y), (0.85, 0.93, 1), raw=1, rim=0)


def suitcase(cv, rng, x, y, s, flip, head, colour):
    """A suitcase at arm's length."""
    w, h, top = s * 0.13, s * 0.19, y + s * 0.035
    cv.form([(rect(x - w, top, x + w, top + h), colour or (0.50, 0.33, 0.20))], line=1.5, turn=0.15)
    cv.strokes(
        [
            [(x - w * 0.3, top), (x, top - s * 0.03), (x + w * 0.3, top)],
            [(x - w * 0.6, top), (x - w * 0.6, top + h)],
            [(x + w * 0.6, top), (x + w * 0.6, top + h)],
        ],
        1.3,
    )


def camera(cv, rng, x, y, s, flip, head, colour):
    """A camera."""
    k = s * 0.05
    cv.form([(rect(x - k, y - k * 0.7, x + k, y + k * 0.6), (0.18, 0.17, 0.18)), (rect(x - k * 0.4, y - k, x + k * 0.3, y - k * 0.7), (0.18, 0.17, 0.18)),
             (ellipse(x + flip * k * 0.2, y, k * 0.5, n=16), (0.5, 0.55, 0.6))], line=1.2)  # fmt: skip


def telescope(cv, rng, x, y, s, flip, head, colour):
    """A spyglass, raised."""
    a = np.array([x, y])
    d = np.array([flip * 0.95, -0.3]) * s * 0.26
    cv.form(
        [
            (ribbon(pts(a - d * 0.3, a + d * 0.3), [s * 0.035] * 2), (0.55, 0.40, 0.2)),
            (ribbon(pts(a + d * 0.25, a + d * 0.9), [s * 0.05] * 2), (0.35, 0.25, 0.16)),
        ],
        line=1.2,
    )


def guitar(cv, rng, x, y, s, flip, head, colour):
    """A guitar across the body."""
    d = np.array([flip * 0.92, -0.38]) * s * 0.1
    c = np.array([x, y]) - d * 0.9
    cv.form([(ribbon(pts(c, c + d * 3.6), [s * 0.024] * 2), (0.3, 0.2, 0.14)), ([ellipse(*(c - d * 0.5), s * 0.085, s * 0.08), ellipse(*(c + d * 0.35), s * 0.062, s * 0.06)], colour or (0.68, 0.42, 0.2)),
             (ellipse(*(c + d * 0.1), s * 0.024), (0.14, 0.1, 0.1))], line=1.4)  # fmt: skip


def flag(cv, rng, x, y, s, flip, head, colour):
    """A flag on its pole, blowing."""
    top = (x + flip * s * 0.04, y - s * 0.75)
    cv.strokes([[(x, y + s * 0.15), top]], 2.2, taper=False)
    a = np.array(top)
    cloth = spline(
        [
            a,
            a + (flip * s * 0.16, s * 0.03),
            a + (flip * s * 0.34, -s * 0.01),
            a + (flip * s * 0.33, s * 0.19),
            a + (flip * s * 0.16, s * 0.24),
            a + (0, s * 0.2),
        ],
        n=4,
    )
    cv.form([(cloth, colour or COLOURS["red"])], line=1.4)


def balloon(cv, rng, x, y, s, flip, head, colour):
    """Balloons on strings."""
    for dx, c in (
        (0.0, colour or COLOURS["red"]),
        (0.17, COLOURS["yellow"]),
        (-0.15, COLOURS["blue"]),
    ):
        bx, by = x + dx * s, y - s * (0.72 - abs(dx) * 0.5)
        cv.strokes(
            [[(x, y), ((x + bx) / 2 + 3, (y + by) / 2), (bx, by + s * 0.1)]], 0.9, taper=False
        )
        cv.form([(ellipse(bx, by, s * 0.085, s * 0.105), c)], line=1.3, turn=0.3)


def rod(cv, rng, x, y, s, flip, head, colour):
    """A fishing rod with its line."""
    tip = (x + flip * s * 0.75, y - s * 0.5)
    cv.strokes(
        [[(x - flip * s * 0.12, y + s * 0.08), (x + flip * s * 0.4, y - s * 0.32), tip]], 1.9
    )
    cv.strokes(
        [
            [
                tip,
                (tip[0] + flip * s * 0.05, tip[1] + s * 0.6),
                (tip[0] + flip * s * 0.04, tip[1] + s * 0.95),
            ]
        ],
        0.7,
        taper=False,
    )


def oar(cv, rng, x, y, s, flip, head, colour):
    """An oar from the hands out to the water."""
    a, b = (
        np.array([x - flip * s * 0.1, y - s * 0.06]),
        np.array([x + flip * s * 0.5, y + s * 0.42]),
    )
    cv.form(
        [
            (ribbon(np.array([a, b]), [s * 0.022] * 2), WOOD),
            (limb([b, b + (b - a) * 0.28], [s * 0.04, s * 0.055]), WOOD),
        ],
        line=1.2,
    )


def sword(cv, rng, x, y, s, flip, head, colour):
    """A sword, point up."""
    a, b = np.array([x, y]), np.array([x + flip * s * 0.15, y - s * 0.5])
    cv.form([(ribbon(np.array([a, b]), [s * 0.035, s * 0.03, 1]), (0.78, 0.8, 0.83))], line=1.2)
    cv.strokes(
        [
            [a + (-s * 0.06, -s * 0.03), a + (s * 0.06, -s * 0.01)],
            [a, a + (-flip * s * 0.02, s * 0.07)],
        ],
        2.4,
    )


def flower(cv, rng, x, y, s, flip, head, colour):
    """A bunch of flowers."""
    stems = [[(x, y + s * 0.05), (x + d * s * 0.1, y - s * 0.14)] for d in (-1, -0.5, 0, 0.5, 1)]
    cv.strokes(stems, 1.3, cv.pal.tone((0.28, 0.4, 0.22)))
    for k, line in enumerate(stems):
        cv.form(
            [
                (
                    ellipse(*line[1], s * 0.035, n=9),
                    colour or ((0.84, 0.28, 0.25), (0.92, 0.74, 0.3), (0.9, 0.62, 0.7))[k % 3],
                )
            ],
            line=0.9,
        )


def _box(cv, rng, x, y, s, flip, head, colour):
    k = s * 0.07
    cv.form([(rect(x - k, y - k, x + k, y + k * 0.6), colour or (0.66, 0.5, 0.34))], line=1.3)


HELD = {
    "umbrella": umbrella, "lantern": lantern, "lamp": lantern, "candle": lantern, "kite": kite, "letter": letter,
    "map": letter, "book": book, "cup": cup, "bowl": cup, "bottle": cup, "phone": phone, "suitcase": suitcase,
    "camera": camera, "telescope": telescope, "guitar": guitar, "flag": flag, "balloon": balloon, "rod": rod,
    "oar": oar, "sword": sword, "flower": flower,
}  # fmt: skip
