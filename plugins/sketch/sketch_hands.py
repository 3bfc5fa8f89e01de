"""A hand near to, and what it holds up."""

import numpy as np
from sketch_held import PAPER
from sketch_palette import COLOURS, mix
from sketch_people import SKIN
from sketch_shapes import ellipse, limb, rect, spline
from sketch_tabletop import FLAME


def hand(cv, x, y, s, flip=1, holding="phone", colour=None, sleeve=(0.24, 0.29, 0.38)):
    """A hand at (x, y), `s` px from wrist to finger-tips, holding something up."""

    def put(p):
        p = np.asarray(p, float).reshape(-1, 2)
        return np.stack([x + flip * p[:, 0] * s, y - p[:, 1] * s], axis=1)

    line = max(1.6, s / cv.px / 150)
    arm = spline(
        [(-0.30, 0.02), (-0.36, -0.6), (-0.5, -1.7), (0.42, -1.7), (0.30, -0.6), (0.24, 0.02)], n=5
    )
    cuff = spline(
        [(-0.40, -0.42), (-0.46, -0.62), (-0.6, -1.8), (0.56, -1.8), (0.40, -0.62), (0.36, -0.42)],
        n=4,
    )
    palm = spline(
        [
            (-0.28, -0.1),
            (-0.34, 0.25),
            (-0.30, 0.52),
            (0.05, 0.58),
            (0.30, 0.5),
            (0.32, 0.2),
            (0.25, -0.12),
        ],
        n=6,
    )
    cv.form([(put(arm), SKIN), (put(cuff), sleeve)], line=line, turn=0.2)
    cv.form([(put(palm), SKIN)], line=line, turn=0.2)
    _in_hand(cv, put, s, holding, colour, line)
    fingers = []
    for k in range(4):
        fy = 0.60 - 0.165 * k
        fingers.append(
            (
                put(
                    limb(
                        [(0.36, fy - 0.10), (0.33, fy + 0.01), (0.12, fy + 0.035)],
                        [0.16, 0.15, 0.12],
                    )
                ),
                SKIN,
            )
        )
    thumb = put(limb([(-0.26, 0.02), (-0.37, 0.32), (-0.27, 0.62)], [0.22, 0.18, 0.13]))
    cv.form([*fingers, (thumb, SKIN)], line=line, turn=0.3, shadow=0.45)
    nails = [put(ellipse(0.125, 0.635 - 0.165 * k, 0.032, 0.04, n=12)) for k in range(4)]
    cv.strokes([np.concatenate([n, n[:1]]) for n in nails], line * 0.6, alpha=0.5, smooth=False)


def _in_hand(cv, put, s, kind, colour, line):
    if kind in ("letter", "map", "book"):
        cv.form(
            [(put([(-0.75, 0.25), (0.85, 0.05), (1.0, 1.5), (-0.6, 1.65)]), PAPER)],
            line=line,
            turn=0.05,
        )
        cv.strokes(
            [
                put([(-0.5, h + 0.04), (0.1, h), (0.78, h - 0.08)])
                for h in np.linspace(0.45, 1.45, 8)
            ],
            line * 0.8,
            alpha=0.6,
        )
    elif kind in ("cup", "bowl", "bottle"):
        china = colour or (0.90, 0.88, 0.82)
        cv.form(
            [
                (
                    put(
                        spline(
                            [
                                (-0.36, 0.98),
                                (-0.34, 0.3),
                                (-0.2, 0.06),
                                (0.2, 0.06),
                                (0.34, 0.3),
                                (0.36, 0.98),
                            ],
                            closed=False,
                        )
                    ),
                    china,
                ),
                (put(ellipse(0, 0.98, 0.36, 0.09)), mix(china, (1, 1, 1), 0.4)),
                (put(ellipse(0, 0.97, 0.30, 0.065)), (0.55, 0.34, 0.18)),
            ],
            line=line,
            turn=0.25,
        )
        cv.strokes(
            [
                put([(d, 1.1), (d + 0.1, 1.3), (d - 0.05, 1.55), (d + 0.06, 1.8)])
                for d in (-0.14, 0.06)
            ],
            line * 2.4,
            (0.98, 0.97, 0.94),
            0.5,
        )
    elif kind in ("lantern", "candle", "lamp"):
        gx, gy = put([(0, 1.05)])[0]
        cv.glow(gx, gy, s * 2.2, FLAME, 0.7)
        cv.form([(put(rect(-0.12, 0.1, 0.12, 1.0)), (0.93, 0.9, 0.8))], line=line)
        cv.wash(
            put(spline([(0, 0.98), (-0.09, 1.14), (0, 1.42), (0.09, 1.14)], n=6)),
            (1, 0.96, 0.76),
            raw=1,
            rim=0,
        )
    elif kind == "flower":
        cv.strokes(
            [put([(0, 0.1), (d * 0.4, 0.8), (d, 1.3)]) for d in (-0.4, 0, 0.4)],
            line * 2.5,
            cv.pal.tone((0.3, 0.42, 0.24)),
        )
        for d in (-0.4, 0.0, 0.4):
            petals = [
                put(ellipse(d + 0.16 * np.cos(a), 1.35 + 0.16 * np.sin(a), 0.13, n=14))
                for a in np.arange(5) * 1.257
            ]
            cv.form(
                [(petals, colour or COLOURS["red"]), (put(ellipse(d, 1.35, 0.1)), COLOURS["gold"])],
                line=line,
            )
    elif kind == "key":
        ring = np.concatenate([ellipse(0, 1.1, 0.24), ellipse(0, 1.1, 0.14)[::-1]])
        cv.form(
            [(put(ring), COLOURS["gold"]), (put(rect(-0.05, 0.1, 0.05, 0.88)), COLOURS["gold"])],
            line=line,
        )
    elif kind == "phone":
        gx, gy = put([(0, 0.7)])[0]
        cv.glow(gx, gy, s * 2.4, (0.55, 0.76, 1.0), 0.6)
        cv.form(
            [(put(spline(rect(-0.36, 0.0, 0.36, 1.45), n=1)), (0.09, 0.09, 0.11))],
            line=line * 1.2,
            turn=0.05,
        )
        cv.wash(put(rect(-0.31, 0.07, 0.31, 1.38)), (0.82, 0.92, 1.0), raw=1, rim=0.15)
        rows = [
            put(rect(-0.24, h, -0.24 + w, h + 0.10))
            for h, w in ((1.1, 0.34), (0.92, 0.26), (0.55, 0.3))
        ]
        mine = [put(rect(0.24 - w, h, 0.24, h + 0.10)) for h, w in ((0.74, 0.32), (0.37, 0.22))]
        cv.wash(rows, (0.62, 0.74, 0.86), raw=1, rim=0)
        cv.wash(mine, (0.36, 0.62, 0.90), raw=1, rim=0)
