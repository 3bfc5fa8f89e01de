"""Furniture, doors and what hangs on walls."""

import numpy as np
from sketch_objects import fire, wall_clock
from sketch_palette import mix
from sketch_shapes import ellipse, limb, place, pts, rect, spline
from sketch_tabletop import FLAME, PAPER, WOOD, contact


def table(cv, scene, rng, x, y, w, h, colour=WOOD):
    """A table whose front legs stand at y; returns the y of its top's middle."""
    top = y - h
    d = h * 0.20
    legs = [
        limb([(x + s * w * 0.44, top + d), (x + s * w * 0.45, y)], [h * 0.09, h * 0.07])
        for s in (-1, 1)
    ]
    back = [
        limb([(x + s * w * 0.36, top), (x + s * w * 0.36, y - d * 0.9)], [h * 0.07, h * 0.05])
        for s in (-1, 1)
    ]
    cv.shade(
        pts(
            (x - w * 0.5, y),
            (x + w * 0.5, y),
            (x + w * 0.38, y - d * 1.2),
            (x - w * 0.38, y - d * 1.2),
        ),
        0.5,
        8 * cv.px,
    )
    slab = pts(
        (x - w * 0.42, top - d),
        (x + w * 0.42, top - d),
        (x + w * 0.5, top + d * 0.55),
        (x - w * 0.5, top + d * 0.55),
    )
    edge = rect(x - w * 0.5, top + d * 0.55, x + w * 0.5, top + d * 0.95)
    cv.form(
        [(b, mix(colour, (0, 0, 0), 0.4)) for b in back]
        + [(leg, mix(colour, (0, 0, 0), 0.2)) for leg in legs]
        + [(slab, mix(colour, (1, 1, 1), 0.12)), (edge, mix(colour, (0, 0, 0), 0.18))],
        line=1.8,
        turn=0.06,
    )
    grain = [
        [
            (x - w * (0.42 + 0.05 * t) + rng.uniform(0, 0.2) * w, top - d + d * 1.5 * t),
            (x + rng.uniform(0.1, 0.4) * w, top - d + d * 1.5 * t),
        ]
        for t in np.linspace(0.12, 0.9, 6)
    ]
    cv.strokes(grain, 0.8, alpha=0.4)
    return top - d * 0.2


def chair(cv, scene, rng, x, y, s, flip=1, colour=WOOD):
    """A chair; `s` is the height of its back."""

    def put(p):
        return place(p, x, y, s, flip)

    dark = mix(colour, (0, 0, 0), 0.3)
    contact(cv, x, y, s * 0.25)
    cv.form([(put(limb([(-0.22, 1.0), (-0.2, 0.5), (-0.26, 0.0)], [0.06, 0.06, 0.05])), colour), (put(limb([(0.2, 0.5), (0.23, 0.0)], [0.06, 0.05])), colour), (put(limb([(-0.1, 0.48), (-0.12, 0.08)], [0.05, 0.04])), dark), (put(limb([(0.3, 0.5), (0.33, 0.08)], [0.05, 0.04])), dark),
             (put(pts((-0.26, 0.47), (0.24, 0.47), (0.36, 0.56), (-0.12, 0.56))), mix(colour, (1, 1, 1), 0.1)), (put(pts((-0.24, 0.98), (-0.1, 1.04), (-0.08, 0.86), (-0.22, 0.8))), colour)], line=1.5)  # fmt: skip


def bench(cv, scene, rng, x, y, s):
    """A park bench, `s` px long."""
    slats = [
        rect(x - s / 2, y - s * h, x + s / 2, y - s * h + s * 0.045) for h in (0.46, 0.38, 0.30)
    ]
    seat = pts(
        (x - s * 0.5, y - s * 0.2),
        (x + s * 0.5, y - s * 0.2),
        (x + s * 0.54, y - s * 0.13),
        (x - s * 0.54, y - s * 0.13),
    )
    contact(cv, x, y, s * 0.5)
    cv.form(
        [
            (
                limb([(x + k * s * 0.42, y - s * 0.45), (x + k * s * 0.42, y)], [s * 0.04] * 2),
                (0.2, 0.2, 0.22),
            )
            for k in (-1, 1)
        ]
        + [(sl, WOOD) for sl in slats]
        + [(seat, mix(WOOD, (1, 1, 1), 0.12))],
        line=1.5,
    )


def bed(cv, scene, rng, x, y, s):
    """A bed with its pillow and blanket, `s` px long."""

    def put(p):
        return place(p, x, y, s)

    contact(cv, x, y, s * 0.5)
    cv.form([(put(rect(-0.54, 0.0, -0.47, 0.5)), WOOD), (put(pts((-0.48, 0.12), (0.5, 0.08), (0.5, 0.24), (-0.48, 0.28))), (0.85, 0.82, 0.75)), (put(spline([(-0.47, 0.27), (-0.4, 0.38), (-0.22, 0.37), (-0.18, 0.27)], n=4)), (0.95, 0.93, 0.88)),
             (put(spline([(-0.22, 0.28), (0.1, 0.31), (0.5, 0.25), (0.52, 0.05), (-0.16, 0.08)], n=4)), (0.42, 0.50, 0.58)), (put(rect(0.48, 0.0, 0.54, 0.34)), WOOD)], line=1.8, turn=0.15)  # fmt: skip


def shelf(cv, scene, rng, x, y, s):
    """A bookcase, `s` px high."""
    w = s * 0.36
    cv.form([(rect(x - w, y - s, x + w, y), mix(WOOD, (0, 0, 0), 0.25))], line=1.8, turn=0.06)
    hues = (
        (0.55, 0.22, 0.18),
        (0.28, 0.36, 0.40),
        (0.68, 0.55, 0.32),
        (0.36, 0.40, 0.28),
        (0.75, 0.68, 0.56),
    )
    for row in range(4):
        by = y - s * (0.04 + 0.24 * row)
        bx = x - w * 0.9
        books = []
        while bx < x + w * 0.78:
            bw, bh = s * rng.uniform(0.022, 0.045), s * rng.uniform(0.13, 0.19)
            books.append((rect(bx, by - bh, bx + bw, by), hues[rng.integers(5)]))
            bx += bw * (1.05 if rng.random() < 0.9 else 2.5)
        cv.form(books, line=1.0, turn=0.2)
        cv.strokes([[(x - w, by), (x + w, by)]], 2.2, taper=False)


def on_wall(cv, scene, rng, kind, x, y, s):
    """A picture, a mirror, a clock or a map on the wall."""
    if kind == "clock":
        return wall_clock(cv, x, y, s)
    cv.shade(rect(x - s * 0.44, y - s * 0.52, x + s * 0.56, y + s * 0.6), 0.35, 5 * cv.px)
    cv.form(
        [
            (rect(x - s * 0.5, y - s * 0.6, x + s * 0.5, y + s * 0.52), (0.55, 0.40, 0.2)),
            (
                rect(x - s * 0.42, y - s * 0.5, x + s * 0.42, y + s * 0.42),
                PAPER if kind != "mirror" else (0.70, 0.77, 0.80),
            ),
        ],
        line=1.5,
        turn=0.06,
    )
    if kind == "mirror":
        cv.strokes(
            [
                [(x - s * 0.3, y + s * 0.1), (x + s * 0.05, y - s * 0.35)],
                [(x - s * 0.1, y + s * 0.25), (x + s * 0.25, y - s * 0.2)],
            ],
            2.2,
            (0.95, 0.97, 0.98),
            0.7,
        )
    else:
        cv.wash(
            spline(
                pts(
                    (x - s * 0.4, y + s * 0.4),
                    (x - s * 0.15, y - s * 0.1),
                    (x + s * 0.05, y + s * 0.15),
                    (x + s * 0.25, y - s * 0.15),
                    (x + s * 0.4, y + s * 0.4),
                ),
                n=3,
            ),
            (0.42, 0.48, 0.42),
        )
        cv.wash(ellipse(x + s * 0.18, y - s * 0.3, s * 0.07), (0.85, 0.5, 0.25), rim=0)


def door(cv, scene, rng, x, y, s):
    """A panelled door, `s` px high."""
    w = s * 0.22
    cv.form(
        [
            (rect(x - w * 1.15, y - s * 1.03, x + w * 1.15, y), (0.66, 0.58, 0.46)),
            (rect(x - w, y - s, x + w, y), (0.42, 0.27, 0.18)),
        ],
        line=1.7,
        turn=0.08,
    )
    panels = [
        rect(x + a * w, y - s * b, x + (a + 0.75) * w, y - s * c)
        for a in (-0.85, 0.1)
        for b, c in ((0.93, 0.55), (0.45, 0.08))
    ]
    cv.strokes([np.concatenate([p, p[:1]]) for p in panels], 1.1, smooth=False, taper=False)
    cv.form([(ellipse(x + w * 0.8, y - s * 0.48, s * 0.018), (0.8, 0.64, 0.3))], line=1.0)


def piano(cv, scene, rng, x, y, s):
    """An upright piano, `s` px high."""
    contact(cv, x, y, s * 0.6)
    cv.form(
        [
            (rect(x - s * 0.62, y - s, x + s * 0.62, y), (0.2, 0.14, 0.12)),
            (
                pts(
                    (x - s * 0.62, y - s * 0.56),
                    (x + s * 0.62, y - s * 0.56),
                    (x + s * 0.68, y - s * 0.44),
                    (x - s * 0.68, y - s * 0.44),
                ),
                (0.93, 0.91, 0.85),
            ),
        ],
        line=1.8,
        turn=0.08,
    )
    cv.strokes(
        [
            [(px, y - s * 0.56), (px * 1.0 + (px - x) * 0.09, y - s * 0.44)]
            for px in np.linspace(x - s * 0.6, x + s * 0.6, 22)
        ],
        1.0,
        taper=False,
    )
    cv.form(
        [
            (rect(px, y - s * 0.56, px + s * 0.028, y - s * 0.49), (0.1, 0.1, 0.1))
            for px in np.linspace(x - s * 0.57, x + s * 0.55, 15)
        ],
        line=0,
    )


def fireplace(cv, scene, rng, x, y, s):
    """A hearth with its fire."""

    stone = (0.60, 0.54, 0.48)
    cv.form(
        [
            (rect(x - s * 0.6, y - s, x + s * 0.6, y), stone),
            (rect(x - s * 0.7, y - s * 1.06, x + s * 0.7, y - s * 0.94), WOOD),
            (
                spline(
                    pts(
                        (x - s * 0.36, y),
                        (x - s * 0.36, y - s * 0.5),
                        (x, y - s * 0.68),
                        (x + s * 0.36, y - s * 0.5),
                        (x + s * 0.36, y),
                    ),
                    closed=False,
                ),
                (0.1, 0.08, 0.08),
            ),
        ],
        line=1.7,
        turn=0.06,
    )
    fire(cv, scene, rng, x, y, s * 0.42)
    cv.glow(x, y - s * 0.2, s * 2.4, FLAME, 0.4)
