"""Things that lie or stand on a table: lamps, paper, cups, food."""

import numpy as np
from sketch_elements import element
from sketch_held import HELD
from sketch_palette import mix
from sketch_shapes import ellipse, limb, place, pts, rect, spline

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


@element("contact")
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
    _shine(cv, *p.at(0, 0.9), s * 2.6, FLAME, 0.5)
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
    _shine(cv, *p.at(0, 0.86), s * 0.4, (1, 0.9, 0.6), 0.95)
    _flame(cv, *p.at(0, 0.74), p)


@element("flame")
def _shine(cv, x, y, radius, colour, strength):
    """The halo of a flame."""
    cv.glow(x, y, radius, colour, strength)


@element("flame")
def _flame(cv, x, y, p):
    """A candle's flame over its wick at (x, y)."""
    tongue = spline([(0, 0.74), (-0.05, 0.83), (0, 1.0), (0.05, 0.83)], n=5)
    cv.wash(p(tongue), (1, 0.97, 0.8), raw=1, rim=0)


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
