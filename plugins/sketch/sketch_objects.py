"""Things that stand on a floor or lie on a table, large enough for a close-up.

Each function draws at (x, y), the middle of its foot; `s` is its height (or width, if it lies) in px.
"""

import numpy as np
from sketch_held import HELD
from sketch_palette import COLOURS, mix
from sketch_shapes import blob, ellipse, limb, place, pts, rect, ribbon, spline

WOOD = (0.50, 0.35, 0.23)
BRASS = (0.74, 0.57, 0.28)
PAPER = (0.95, 0.92, 0.83)
FLAME = (1.0, 0.78, 0.42)


class Put:
    """Unit shapes placed at (x, y), s px a unit, for one object."""

    def __init__(self, x, y, s):
        self.x, self.y, self.s = x, y, s

    def __call__(self, points):
        return place(points, self.x, self.y, self.s)

    def at(self, px, py):
        return self(pts((px, py)))[0]


def contact(cv, x, y, w, soft=4.0):
    """The dark where a thing meets what it stands on, and its cast shadow."""
    lx = cv.pal.light[0]
    cv.shade(
        spline(
            pts(
                (x - w, y),
                (x, y - w * 0.16),
                (x + w, y),
                (x + lx * w * 2.6, y + w * 0.16),
                (x, y + w * 0.2),
            ),
            n=6,
        ),
        0.6,
        soft * cv.px + w * 0.04,
    )


def lamp(cv, scene, rng, x, y, s, colour=None):
    """An oil lamp: brass font, glass chimney, a flame and its glow."""
    p = Put(x, y, s)
    contact(cv, x, y, s * 0.2)
    cv.glow(*p.at(0, 0.58), s * 2.2, FLAME, 0.20)
    cv.glow(*p.at(0, 0.58), s * 0.9, FLAME, 0.40)
    base = spline(
        [
            (-0.2, 0.0),
            (-0.18, 0.05),
            (-0.06, 0.09),
            (-0.05, 0.15),
            (0.05, 0.15),
            (0.06, 0.09),
            (0.18, 0.05),
            (0.2, 0.0),
        ],
        n=4,
    )
    font = spline(
        [
            (-0.05, 0.13),
            (-0.17, 0.19),
            (-0.17, 0.28),
            (-0.07, 0.34),
            (0.07, 0.34),
            (0.17, 0.28),
            (0.17, 0.19),
            (0.05, 0.13),
        ],
        n=5,
    )
    neck = rect(-0.085, 0.33, 0.085, 0.39)
    cv.form(
        [
            (p(base), BRASS),
            (p(font), colour or BRASS),
            (p(neck), mix(BRASS, (0.2, 0.15, 0.1), 0.4)),
        ],
        line=2.0,
        turn=0.3,
        shadow=0.6,
    )
    glass = spline(
        [
            (-0.075, 0.38),
            (-0.135, 0.52),
            (-0.10, 0.70),
            (-0.055, 0.84),
            (-0.06, 1.0),
            (0.06, 1.0),
            (0.055, 0.84),
            (0.10, 0.70),
            (0.135, 0.52),
            (0.075, 0.38),
        ],
        n=5,
    )
    cv.light(p(glass), FLAME, 0.55, 2 * cv.px)
    flame = spline(
        [(0, 0.40), (-0.045, 0.49), (-0.012, 0.60), (0.005, 0.68), (0.02, 0.58), (0.045, 0.49)], n=5
    )
    cv.glow(*p.at(0, 0.53), s * 0.34, (1, 0.9, 0.6), 0.95)
    cv.wash(p(flame), (1.0, 0.96, 0.76), raw=1, rim=0.05)
    g = p(glass)
    cv.strokes([np.concatenate([g, g[:1]])], 1.5, alpha=0.8, taper=False, smooth=False)
    cv.strokes([p([(-0.09, 0.5), (-0.075, 0.66), (-0.04, 0.8)])], 2.2, (1, 0.98, 0.9), 0.7)
    cv.strokes([p([(-0.17, 0.24), (0, 0.22), (0.17, 0.24)])], 1.0)


def candle(cv, scene, rng, x, y, s, colour=None):
    """A candle in its holder."""
    p = Put(x, y, s)
    contact(cv, x, y, s * 0.22)
    cv.glow(*p.at(0, 0.9), s * 2.6, FLAME, 0.5)
    cv.form(
        [
            (p(spline([(-0.26, 0.0), (-0.3, 0.08), (0.3, 0.08), (0.26, 0.0)], n=3)), BRASS),
            (p(ellipse(0.33, 0.07, 0.07, 0.05)), BRASS),
            (p(rect(-0.09, 0.06, 0.09, 0.72)), colour or (0.94, 0.91, 0.82)),
        ],
        line=1.8,
        turn=0.35,
    )
    cv.strokes([p([(0, 0.72), (0.005, 0.79)])], 2.0)
    cv.glow(*p.at(0, 0.86), s * 0.4, (1, 0.9, 0.6), 0.95)
    cv.wash(
        p(spline([(0, 0.74), (-0.05, 0.83), (0, 1.0), (0.05, 0.83)], n=5)),
        (1, 0.97, 0.8),
        raw=1,
        rim=0,
    )


def lantern(cv, scene, rng, x, y, s, colour=None):
    """A storm lantern standing."""
    contact(cv, x, y, s * 0.25)
    HELD["lantern"](cv, rng, x, y - s * 0.86, s * 5.6, 1, (x, y), None)


def letter(cv, scene, rng, x, y, s, colour=None):
    """An opened letter on its envelope, folded once, written on."""
    p = Put(x, y, s)
    envelope = pts((-0.10, 0.02), (0.62, 0.10), (0.52, 0.36), (-0.16, 0.27))
    sheet = pts((-0.62, -0.02), (0.06, -0.10), (0.26, 0.34), (-0.36, 0.42))
    cv.shade(p(envelope) + (6 * cv.px, 5 * cv.px), 0.5, 4 * cv.px)
    cv.form([(p(envelope), mix(PAPER, (0.8, 0.66, 0.46), 0.45))], line=1.7, turn=0.06)
    cv.strokes([p([(-0.16, 0.27), (0.21, 0.19), (0.52, 0.36)])], 1.3)
    cv.form([(p(ellipse(0.21, 0.20, 0.032, 0.024)), (0.66, 0.14, 0.12))], line=1.0)
    cv.shade(p(sheet) + (5 * cv.px, 5 * cv.px), 0.5, 4 * cv.px)
    cv.form([(p(sheet), PAPER)], line=1.8, turn=0.05)
    a, b, c, d = sheet
    lines = []
    for t in np.linspace(0.13, 0.86, 9):
        left, right = d + (a - d) * t, c + (b - c) * t
        end = 0.9 if t < 0.8 else 0.5
        n = 16
        k = np.linspace(0.09, end, n)[:, None]
        row = left + (right - left) * k
        row[:, 1] += rng.uniform(-0.011, 0.011, n)
        lines += (
            [p(row[:6]), p(row[7:11]), p(row[11:])]
            if rng.random() < 0.5
            else [p(row[:9]), p(row[10:])]
        )
    cv.strokes(lines, 1.0 * max(1, s / cv.px / 420), alpha=0.75)
    cv.strokes([p([(a + d) / 2 + (0.01, 0), (b + c) / 2 + (-0.01, 0)])], 1.0, alpha=0.35)


def book(cv, scene, rng, x, y, s, colour=None):
    """An open book lying."""
    p = Put(x, y, s)
    contact(cv, x, y, s * 0.5)
    cover = pts((-0.64, 0.02), (0.0, -0.06), (0.64, 0.02), (0.52, 0.36), (0.0, 0.28), (-0.52, 0.36))
    left = spline(
        [(0, -0.02), (-0.3, 0.05), (-0.6, 0.05), (-0.5, 0.36), (-0.25, 0.37), (0, 0.30)], n=4
    )
    right = left * (-1, 1)
    cv.form(
        [(p(cover), colour or (0.5, 0.2, 0.17)), (p(left), PAPER), (p(right), PAPER)],
        line=1.8,
        turn=0.06,
    )
    rows = []
    for t in np.linspace(0.15, 0.85, 6):
        y0 = 0.03 + 0.3 * t
        rows += [p([(sx * 0.08, y0 - 0.01), (sx * (0.5 - 0.06 * t), y0 + 0.02)]) for sx in (-1, 1)]
    cv.strokes(rows, 1.0, alpha=0.5)


def chart(cv, scene, rng, x, y, s, colour=None):
    """A map spread out."""
    p = Put(x, y, s)
    sheet = pts((-0.7, -0.02), (0.66, -0.06), (0.55, 0.4), (-0.55, 0.42))
    cv.shade(p(sheet) + (5 * cv.px, 5 * cv.px), 0.5, 4 * cv.px)
    cv.form([(p(sheet), (0.88, 0.80, 0.62))], line=1.8, turn=0.06)
    coast = spline(
        [
            (-0.45, 0.3),
            (-0.2, 0.22),
            (-0.1, 0.32),
            (0.1, 0.2),
            (0.3, 0.28),
            (0.42, 0.1),
            (0.1, 0.05),
            (-0.2, 0.1),
            (-0.42, 0.08),
        ],
        n=6,
    )
    cv.wash(p(coast), (0.66, 0.66, 0.44), alpha=0.8)
    cv.strokes(
        [
            p(np.concatenate([coast, coast[:1]])),
            p([(-0.25, 0.4), (-0.28, 0.0)]),
            p([(0.22, 0.4), (0.24, -0.03)]),
        ],
        1.2,
    )
    dots = p(spline([(-0.3, 0.14), (0.0, 0.24), (0.3, 0.14)], closed=False))
    cv.strokes([dots[k : k + 2] for k in range(0, len(dots) - 1, 3)], 2.0, (0.7, 0.15, 0.1))
    cv.strokes(
        [p([(0.26, 0.1), (0.34, 0.18)]), p([(0.34, 0.1), (0.26, 0.18)])], 2.4, (0.7, 0.15, 0.1)
    )


def cup(cv, scene, rng, x, y, s, colour=None):
    """A cup on its saucer, steaming."""
    p = Put(x, y, s)
    contact(cv, x, y, s * 0.5)
    china = colour or (0.92, 0.90, 0.85)
    parts = [
        (p(ellipse(0, 0.06, 0.62, 0.12)), china),
        (p(limb([(0.36, 0.62), (0.62, 0.5), (0.32, 0.28)], [0.09, 0.09, 0.08])), china),
    ]
    bowl = spline(
        [(-0.44, 0.78), (-0.4, 0.4), (-0.2, 0.1), (0.2, 0.1), (0.4, 0.4), (0.44, 0.78)],
        closed=False,
        n=5,
    )
    parts += [
        (p(bowl), china),
        (p(ellipse(0, 0.78, 0.44, 0.1)), mix(china, (1, 1, 1), 0.4)),
        (p(ellipse(0, 0.765, 0.37, 0.075)), (0.52, 0.32, 0.16)),
    ]
    cv.form(parts, line=1.8, turn=0.3, shadow=0.5)
    steam = [
        p([(d, 0.9), (d + 0.1, 1.1), (d - 0.06, 1.35), (d + 0.08, 1.6)]) for d in (-0.15, 0.05, 0.2)
    ]
    cv.strokes(steam, 3.4 * max(1, s / cv.px / 120), (0.98, 0.97, 0.94), 0.5)


def teapot(cv, scene, rng, x, y, s, colour=None):
    """A teapot."""
    p = Put(x, y, s)
    contact(cv, x, y, s * 0.45)
    clay = colour or (0.56, 0.32, 0.22)
    cv.form([(p(limb([(0.4, 0.3), (0.62, 0.5), (0.74, 0.75)], [0.2, 0.13, 0.08])), clay), (p(limb([(-0.4, 0.68), (-0.76, 0.62), (-0.68, 0.3), (-0.42, 0.25)], [0.09] * 4)), clay),
             (p(spline([(-0.3, 0.02), (-0.52, 0.35), (-0.36, 0.7), (0.36, 0.7), (0.52, 0.35), (0.3, 0.02)], n=6)), clay), (p(spline([(-0.3, 0.7), (0, 0.86), (0.3, 0.7)], closed=False)), clay), (p(ellipse(0, 0.9, 0.07)), clay)], line=1.8, turn=0.3)  # fmt: skip


def bottle(cv, scene, rng, x, y, s, colour=None):
    """A bottle."""
    p = Put(x, y, s)
    contact(cv, x, y, s * 0.15)
    cv.form(
        [
            (
                p(
                    spline(
                        [
                            (-0.15, 0),
                            (-0.16, 0.5),
                            (-0.06, 0.68),
                            (-0.055, 0.98),
                            (0.055, 0.98),
                            (0.06, 0.68),
                            (0.16, 0.5),
                            (0.15, 0),
                        ],
                        n=4,
                    )
                ),
                colour or (0.2, 0.33, 0.25),
            ),
            (p(rect(-0.15, 0.18, 0.15, 0.42)), PAPER),
        ],
        line=1.7,
        turn=0.3,
    )


def bowl(cv, scene, rng, x, y, s, colour=None):
    """A bowl with chopsticks, steaming."""
    p = Put(x, y, s)
    contact(cv, x, y, s * 0.55)
    cv.form(
        [
            (
                p(
                    spline(
                        [
                            (-0.7, 0.6),
                            (-0.5, 0.2),
                            (-0.2, 0.02),
                            (0.2, 0.02),
                            (0.5, 0.2),
                            (0.7, 0.6),
                        ],
                        closed=False,
                    )
                ),
                colour or (0.36, 0.46, 0.58),
            ),
            (p(ellipse(0, 0.6, 0.7, 0.16)), (0.93, 0.9, 0.84)),
            (p(ellipse(0, 0.6, 0.6, 0.12)), (0.85, 0.72, 0.45)),
        ],
        line=1.8,
        turn=0.3,
    )
    cv.strokes(
        [p([(-0.3, 0.66), (0.95, 0.95)]), p([(-0.2, 0.6), (0.98, 0.85)])], 3.0, (0.4, 0.2, 0.12)
    )
    cv.strokes(
        [p([(d, 0.75), (d + 0.1, 1.0), (d - 0.05, 1.3)]) for d in (-0.2, 0.1)],
        3.0,
        (0.98, 0.97, 0.94),
        0.5,
    )


def fruit(cv, scene, rng, x, y, s, colour=None):
    """Apples."""
    contact(cv, x, y, s * 0.8)
    for dx, dy in ((-0.45, 0.0), (0.45, 0.02), (0.0, -0.05)):
        p = Put(x + dx * s, y + dy * s, s)
        cv.form(
            [
                (
                    p(
                        spline(
                            [
                                (0, 0.72),
                                (-0.36, 0.8),
                                (-0.46, 0.4),
                                (-0.2, 0.02),
                                (0.2, 0.02),
                                (0.46, 0.4),
                                (0.36, 0.8),
                            ],
                            n=5,
                        )
                    ),
                    colour or (0.76, 0.24, 0.18),
                )
            ],
            line=1.7,
            turn=0.3,
        )
        cv.strokes([p([(0, 0.7), (0.06, 0.95)])], 2.4)


def clock(cv, scene, rng, x, y, s, colour=None):
    """An alarm clock."""
    p = Put(x, y, s)
    contact(cv, x, y, s * 0.35)
    cv.form([(p(limb([(-0.25, 0.1), (-0.33, 0.0)], [0.07, 0.06])), BRASS), (p(limb([(0.25, 0.1), (0.33, 0.0)], [0.07, 0.06])), BRASS), (p(ellipse(-0.24, 0.9, 0.16, 0.11, 0.5)), BRASS), (p(ellipse(0.24, 0.9, 0.16, 0.11, -0.5)), BRASS),
             (p(ellipse(0, 0.47, 0.45, n=48)), colour or (0.40, 0.20, 0.17)), (p(ellipse(0, 0.47, 0.37, n=48)), (0.95, 0.93, 0.86))], line=1.8, turn=0.12)  # fmt: skip
    ticks = [
        p(
            [
                (0.31 * np.sin(a), 0.47 + 0.31 * np.cos(a)),
                (0.35 * np.sin(a), 0.47 + 0.35 * np.cos(a)),
            ]
        )
        for a in np.arange(12) * np.pi / 6
    ]
    cv.strokes(ticks, 1.6, taper=False)
    cv.strokes([p([(0, 0.47), (-0.14, 0.60)]), p([(0, 0.47), (0.10, 0.76)])], 3.0)


def wall_clock(cv, x, y, s):
    """A round clock on a wall."""
    cv.form(
        [
            (ellipse(x, y, s / 2, n=40), (0.36, 0.24, 0.17)),
            (ellipse(x, y, s * 0.41, n=40), (0.94, 0.92, 0.85)),
        ],
        line=1.5,
        turn=0.1,
    )
    cv.strokes([[(x, y), (x - s * 0.2, y - s * 0.12)], [(x, y), (x + s * 0.06, y - s * 0.33)]], 2.0)


def radio(cv, scene, rng, x, y, s, colour=None):
    """A valve radio."""
    p = Put(x, y, s)
    contact(cv, x, y, s * 0.6)
    cv.form(
        [
            (
                p(
                    spline(
                        [
                            (-0.75, 0),
                            (-0.75, 0.75),
                            (-0.6, 0.95),
                            (0.6, 0.95),
                            (0.75, 0.75),
                            (0.75, 0),
                        ],
                        n=4,
                    )
                ),
                colour or WOOD,
            ),
            (p(rect(-0.62, 0.18, 0.12, 0.8)), (0.78, 0.68, 0.48)),
            (p(ellipse(0.43, 0.6, 0.16)), (1.0, 0.86, 0.55)),
            (p(ellipse(0.43, 0.24, 0.09)), BRASS),
        ],
        line=1.8,
        turn=0.1,
    )
    cv.strokes([p([(a, 0.2), (a, 0.78)]) for a in np.linspace(-0.56, 0.06, 9)], 1.2)
    cv.strokes([p([(0.43, 0.6), (0.52, 0.7)])], 1.6)


def telephone(cv, scene, rng, x, y, s, colour=None):
    """A dial telephone."""
    p = Put(x, y, s)
    contact(cv, x, y, s * 0.6)
    black = colour or (0.15, 0.15, 0.17)
    cv.form(
        [
            (
                p(
                    spline(
                        [(-0.65, 0), (-0.6, 0.2), (-0.3, 0.6), (0.3, 0.6), (0.6, 0.2), (0.65, 0)],
                        n=4,
                    )
                ),
                black,
            ),
            (p(ellipse(0, 0.3, 0.24, 0.2)), (0.86, 0.83, 0.76)),
            (p(ellipse(0, 0.3, 0.1, 0.08)), black),
            (
                p(
                    limb(
                        [(-0.7, 0.62), (-0.4, 0.84), (0.4, 0.84), (0.7, 0.62)],
                        [0.26, 0.14, 0.14, 0.26],
                    )
                ),
                black,
            ),
        ],
        line=1.8,
        turn=0.25,
    )
    cv.strokes([p([(0.6, 0.1), (0.85, 0.02), (1.0, 0.12), (1.2, 0.0)])], 2.2)


def phone(cv, scene, rng, x, y, s, colour=None):
    """A phone lying, lit."""
    p = Put(x, y, s)
    cv.glow(*p.at(0, 0.3), s * 2, (0.6, 0.8, 1), 0.5)
    cv.form(
        [(p(pts((-0.55, 0), (0.25, -0.06), (0.5, 0.5), (-0.2, 0.56))), (0.1, 0.1, 0.12))], line=1.8
    )
    cv.wash(
        p(pts((-0.46, 0.04), (0.22, -0.01), (0.42, 0.46), (-0.17, 0.51))),
        (0.86, 0.94, 1),
        raw=1,
        rim=0.1,
    )


def computer(cv, scene, rng, x, y, s, colour=None):
    """A laptop, its screen lit."""
    p = Put(x, y, s)
    contact(cv, x, y, s * 0.6)
    cv.glow(*p.at(0, 0.6), s * 1.4, (0.6, 0.8, 1), 0.4)
    cv.form(
        [
            (p(pts((-0.75, 0), (0.75, 0), (0.62, 0.14), (-0.62, 0.14))), (0.55, 0.56, 0.58)),
            (p(rect(-0.62, 0.14, 0.62, 0.98)), (0.2, 0.2, 0.23)),
        ],
        line=1.7,
        turn=0.05,
    )
    cv.wash(p(rect(-0.56, 0.2, 0.56, 0.92)), (0.80, 0.90, 0.97), raw=1, rim=0.1)
    cv.strokes(
        [p([(-0.45, h), (0.1 + 0.3 * (k % 2), h)]) for k, h in enumerate((0.8, 0.68, 0.56, 0.44))],
        1.4,
        (0.3, 0.45, 0.6),
    )


def key(cv, scene, rng, x, y, s, colour=None):
    """A key lying."""
    p = Put(x, y, s)
    contact(cv, x, y, s * 0.4)
    ring = np.concatenate([ellipse(-0.4, 0.15, 0.22, 0.15), ellipse(-0.4, 0.15, 0.12, 0.07)[::-1]])
    cv.form(
        [
            (p(ring), BRASS),
            (p(ribbon(pts((-0.2, 0.15), (0.65, 0.2)), [0.08, 0.07])), BRASS),
            (p(rect(0.48, 0.02, 0.54, 0.18)), BRASS),
            (p(rect(0.58, 0.02, 0.64, 0.18)), BRASS),
        ],
        line=1.7,
    )


def box(cv, scene, rng, x, y, s, colour=None):
    """A wooden box or crate."""
    p = Put(x, y, s)
    contact(cv, x, y, s * 0.55)
    wood = colour or (0.62, 0.46, 0.30)
    cv.form(
        [
            (p(pts((-0.6, 0), (0.3, 0), (0.3, 0.7), (-0.6, 0.7))), wood),
            (p(pts((0.3, 0), (0.62, 0.16), (0.62, 0.84), (0.3, 0.7))), mix(wood, (0, 0, 0), 0.25)),
            (
                p(pts((-0.6, 0.7), (0.3, 0.7), (0.62, 0.84), (-0.25, 0.84))),
                mix(wood, (1, 1, 1), 0.2),
            ),
        ],
        line=1.7,
        turn=0.06,
    )
    cv.strokes(
        [p([(-0.6, h), (0.3, h)]) for h in (0.23, 0.47)]
        + [p([(-0.5, 0), (-0.5, 0.7)]), p([(0.2, 0), (0.2, 0.7)])],
        1.1,
    )


def ring(cv, scene, rng, x, y, s, colour=None):
    """A ring with a stone."""
    p = Put(x, y, s)
    contact(cv, x, y, s * 0.3)
    band = np.concatenate(
        [ellipse(0, 0.32, 0.34, 0.32, n=40), ellipse(0, 0.32, 0.27, 0.25, n=40)[::-1]]
    )
    cv.form(
        [
            (p(band), BRASS),
            (
                p(pts((-0.16, 0.78), (-0.08, 0.9), (0.08, 0.9), (0.16, 0.78), (0, 0.6))),
                colour or (0.72, 0.86, 0.92),
            ),
        ],
        line=1.6,
    )
    cv.glow(*p.at(0, 0.8), s * 0.5, (1, 1, 1), 0.6)


def held(kind, scale=2.4, lift=0.4):
    """A thing that people hold, standing or lying by itself."""

    def draw(cv, scene, rng, x, y, s, colour=None):
        contact(cv, x, y, s * 0.4)
        head = (x, y - s * scale * 0.36)
        HELD[kind](cv, rng, x, y - s * lift, s * scale, 1, head, colour)

    return draw


def ball(cv, scene, rng, x, y, s, colour=None):
    """A ball."""
    contact(cv, x, y, s * 0.5)
    cv.form([(ellipse(x, y - s / 2, s / 2), colour or COLOURS["orange"])], line=1.7, turn=0.3)
    cv.strokes(
        [
            [(x - s * 0.45, y - s * 0.5), (x, y - s * 0.38), (x + s * 0.45, y - s * 0.5)],
            [(x, y - s * 0.97), (x + s * 0.13, y - s / 2), (x, y - s * 0.03)],
        ],
        1.3,
    )


def anchor(cv, scene, rng, x, y, s, colour=None):
    """An anchor."""
    p = Put(x, y, s)
    contact(cv, x, y, s * 0.4)
    iron = (0.24, 0.25, 0.28)
    cv.form(
        [
            (
                p(
                    limb(
                        [(-0.42, 0.36), (-0.3, 0.12), (0, 0.04), (0.3, 0.12), (0.42, 0.36)],
                        [0.05, 0.1, 0.12, 0.1, 0.05],
                    )
                ),
                iron,
            ),
            (p(rect(-0.05, 0.05, 0.05, 0.82)), iron),
            (p(rect(-0.26, 0.66, 0.26, 0.73)), iron),
            (p(np.concatenate([ellipse(0, 0.9, 0.1), ellipse(0, 0.9, 0.05)[::-1]])), iron),
        ],
        line=1.8,
    )


def fire(cv, scene, rng, x, y, s, colour=None):
    """A fire of logs."""
    cv.glow(x, y - s * 0.4, s * 3.2, (1.0, 0.55, 0.2), 0.6)
    cv.form(
        [
            (
                limb([(x - s * 0.5, y), (x + s * 0.4, y - s * 0.16)], [s * 0.14] * 2),
                (0.3, 0.2, 0.15),
            ),
            (
                limb([(x + s * 0.5, y), (x - s * 0.4, y - s * 0.16)], [s * 0.14] * 2),
                (0.34, 0.23, 0.16),
            ),
        ],
        line=1.6,
    )
    for k, hue in ((1.0, (0.95, 0.42, 0.14)), (0.72, (1.0, 0.68, 0.22)), (0.42, (1.0, 0.94, 0.66))):
        tongue = spline(
            [
                (0, 0.08),
                (-0.3 * k, 0.25),
                (-0.26 * k, 0.5 * k + 0.1),
                (-0.1 * k, 0.4 * k + 0.1),
                (0.02, 1.0 * k),
                (0.12 * k, 0.55 * k + 0.1),
                (0.24 * k, 0.62 * k + 0.1),
                (0.3 * k, 0.25),
            ],
            n=5,
        )
        cv.wash(place(tongue, x, y, s), hue, raw=1, rim=0.1)
    cv.glow(x, y - s * 0.35, s * 0.9, (1, 0.8, 0.4), 0.6)


def well(cv, scene, rng, x, y, s, colour=None):
    """A well with its roof."""
    p = Put(x, y, s)
    contact(cv, x, y, s * 0.4)
    stone = (0.60, 0.58, 0.54)
    cv.form(
        [
            (p(ribbon(pts((-0.34, 0.3), (-0.34, 0.8)), [0.05] * 2)), WOOD),
            (p(ribbon(pts((0.34, 0.3), (0.34, 0.8)), [0.05] * 2)), WOOD),
            (p(pts((-0.55, 0.76), (0, 1.0), (0.55, 0.76))), (0.4, 0.26, 0.2)),
            (
                p(
                    spline(
                        [(-0.44, 0.36), (-0.42, 0.03), (0, -0.03), (0.42, 0.03), (0.44, 0.36)],
                        closed=False,
                    )
                ),
                stone,
            ),
            (p(ellipse(0, 0.36, 0.44, 0.08)), (0.16, 0.17, 0.2)),
        ],
        line=1.7,
        turn=0.2,
    )
    cv.strokes([p([(-0.4, h), (0, h - 0.05), (0.4, h)]) for h in (0.14, 0.25)], 1.1)


def robot(cv, scene, rng, x, y, s, colour=None):
    """A robot."""
    p = Put(x, y, s)
    contact(cv, x, y, s * 0.2)
    steel = colour or (0.60, 0.65, 0.68)
    cv.form(
        [(p(limb([(sx * 0.09, 0.4), (sx * 0.1, 0.03)], [0.1, 0.12])), steel) for sx in (-1, 1)]
        + [
            (p(limb([(sx * 0.2, 0.68), (sx * 0.28, 0.5), (sx * 0.26, 0.34)], [0.08] * 3)), steel)
            for sx in (-1, 1)
        ]
        + [
            (p(rect(-0.2, 0.38, 0.2, 0.73)), steel),
            (p(spline(rect(-0.15, 0.76, 0.15, 0.98), n=3)), steel),
        ],
        line=1.7,
        turn=0.2,
    )
    cv.wash([p(ellipse(sx * 0.065, 0.88, 0.032)) for sx in (-1, 1)], (0.6, 0.95, 1), raw=1, rim=0)
    cv.glow(*p.at(0, 0.88), s * 0.25, (0.6, 0.95, 1), 0.7)


# kind → (height in metres, drawn how, lies flat: then the height is its width)
OBJECTS = {
    "lamp": (0.45, lamp), "candle": (0.3, candle), "lantern": (0.4, lantern), "letter": (0.4, letter),
    "book": (0.42, book), "map": (0.9, chart), "cup": (0.12, cup), "teapot": (0.2, teapot),
    "bottle": (0.3, bottle), "bowl": (0.14, bowl), "fruit": (0.1, fruit), "clock": (0.2, clock),
    "radio": (0.3, radio), "telephone": (0.2, telephone), "phone": (0.16, phone), "computer": (0.3, computer),
    "key": (0.12, key), "box": (0.5, box), "ring": (0.06, ring), "ball": (0.25, ball), "anchor": (1.2, anchor),
    "fire": (0.7, fire), "well": (2.2, well), "robot": (1.6, robot),
    "umbrella": (0.9, held("umbrella", 2.2, 0.2)), "suitcase": (0.5, held("suitcase", 4.2, 0.9)),
    "camera": (0.14, held("camera", 8, 0.4)), "telescope": (0.5, held("telescope", 3.6, 0.4)),
    "guitar": (0.9, held("guitar", 3.4, 0.45)), "flag": (1.8, held("flag", 1.25, 0.2)),
    "balloon": (1.6, held("balloon", 1.3, 0.05)), "rod": (1.2, held("rod", 1.6, 0.2)),
    "oar": (1.0, held("oar", 1.8, 0.8)), "sword": (0.8, held("sword", 1.8, 0.12)),
    "flower": (0.4, held("flower", 3.2, 0.2)), "kite": (1.5, held("kite", 0.7, 0.1)),
}  # fmt: skip


def vase_of_leaves(cv, scene, rng, x, y, s):
    """A small plant, to fill a corner of a room."""
    p = Put(x, y, s)
    stems = [
        blob(x + rng.normal(0, 0.16) * s, y - s * rng.uniform(0.5, 0.9), s * 0.1, s * 0.14, rng)
        for _ in range(7)
    ]
    cv.form(
        [
            (stems, (0.34, 0.44, 0.28)),
            (p(pts((-0.18, 0.36), (-0.13, 0), (0.13, 0), (0.18, 0.36))), (0.66, 0.38, 0.25)),
        ],
        line=1.4,
    )
