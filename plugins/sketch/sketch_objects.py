"""Things that stand on a floor or lie on a table, large enough for a close-up.

Each function draws at (x, y), the middle of its foot; `s` is its height (or width, if it lies) in px.
"""

import numpy as np
from sketch_elements import element
from sketch_held import HELD
from sketch_palette import COLOURS, mix
from sketch_shapes import blob, ellipse, limb, place, pts, rect, ribbon, spline
from sketch_tabletop import (
    BRASS,
    WOOD,
    Put,
    book,
    bottle,
    bowl,
    candle,
    chart,
    contact,
    cup,
    fruit,
    lamp,
    lantern,
    letter,
    teapot,
)


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


@element("fire")
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
