"""The parts of a face near to: eyes, nose, mouth, age, beard, hair, cap."""

import numpy as np
from sketch_shapes import ellipse, ribbon, spline


def _modelling(cv, f, old, female, child):
    """Shadow on the side away from the light, sockets, cheek, under the lip."""
    side = -f.flip if cv.pal.light[0] * f.flip < 0 else f.flip
    s = side * f.flip
    plane = spline(
        [
            (s * 0.66, 0.55),
            (s * 0.42, 0.42),
            (s * 0.46, 0.12),
            (s * 0.34, -0.12),
            (s * 0.40, -0.45),
            (s * 0.16, -0.8),
            (s * 0.1, -1.0),
            (s * 0.4, -0.9),
            (s * 0.62, -0.5),
            (s * 0.70, 0.0),
        ],
        n=6,
    )
    cv.shade(f.at(plane), 0.50 if not child else 0.3, f.k * 0.05)
    sockets = [ellipse(0.30 * e, 0.13, 0.2, 0.13, n=20) for e in (-1, 1)]
    cv.shade([f.at(p, True) for p in sockets], 0.30 if not child else 0.15, f.k * 0.05)
    cv.shade(
        f.at(spline([(-0.14, -0.34), (0.14, -0.34), (0.05, -0.46), (-0.08, -0.46)], n=4), True),
        0.4,
        f.k * 0.03,
    )
    cv.shade(f.at(ellipse(0, -0.70, 0.16, 0.05, n=14), True), 0.3, f.k * 0.03)
    flush = [ellipse(0.36 * e, -0.22, 0.16, 0.1, n=16) for e in (-1, 1)]
    cv.shade([f.at(p, True) for p in flush], 0.5, f.k * 0.07, (0.93, 0.70, 0.64))


def _eyes(cv, f, rng, mood, old, female, line, open_eyes=1.0):
    opening = {"sad": 0.48, "happy": 0.6, "tense": 1.2}.get(
        mood, 0.62 if old else 1.05 if f.child else 0.8
    ) * open_eyes
    iris = ((0.30, 0.42, 0.48), (0.30, 0.22, 0.15))[rng.integers(2)]
    for e in (-1, 1):
        cx = 0.30 * e
        tilt = -0.02 * e if mood != "sad" else 0.0
        top, low = 0.10 * opening, 0.062 * opening
        almond = spline(
            [
                (cx - 0.155, 0.085 + tilt * 0.3),
                (cx - 0.05, 0.09 + top),
                (cx + 0.06, 0.09 + top),
                (cx + 0.155, 0.085),
                (cx + 0.04, 0.09 - low),
                (cx - 0.07, 0.09 - low),
            ],
            n=6,
        )
        cv.wash(f.at(almond, True), (0.90, 0.88, 0.83), rim=0.1)
        gaze = 0.022
        made = cv.mask([f.at(almond, True)])
        for r, colour in ((0.092, iris), (0.047, (0.05, 0.04, 0.04))):
            disc = cv.mask([f.at(ellipse(cx + gaze, 0.10, r, n=24), True)])
            if made and disc:
                _inside(cv, made, disc, cv.pal.tone(colour))
        glint = f.at(ellipse(cx + gaze + 0.04, 0.135, 0.02, n=10), True)
        cv.wash(glint, (1, 1, 0.97), raw=1, rim=0)
        lid = [
            (cx - 0.175, 0.075),
            (cx - 0.05, 0.105 + top),
            (cx + 0.06, 0.105 + top),
            (cx + 0.175, 0.075),
        ]
        cv.strokes([f.at(lid, True)], line * (2.3 if female else 1.9))
        cv.strokes(
            [
                f.at(
                    [(cx - 0.1, 0.075 - low), (cx, 0.075 - low * 1.15), (cx + 0.12, 0.085 - low)],
                    True,
                )
            ],
            line * 0.7,
            alpha=0.7,
        )
        fold = 0.075 if mood != "sad" else 0.05
        cv.strokes(
            [
                f.at(
                    [
                        (cx - 0.15, 0.12 + top * 0.6),
                        (cx, 0.11 + top + fold),
                        (cx + 0.16, 0.10 + top * 0.5),
                    ],
                    True,
                )
            ],
            line * 0.7,
            alpha=0.7,
        )
        inner, outer = {"sad": (0.42, 0.30), "tense": (0.28, 0.44), "happy": (0.40, 0.38)}.get(
            mood, (0.36, 0.36)
        )
        brow = [
            (cx - e * 0.17, inner),
            (cx, (inner + outer) / 2 + 0.05),
            (cx + e * 0.2, outer - 0.02),
        ]
        weight = 0.05 if female else 0.085 if old else 0.07
        colour = (0.72, 0.71, 0.68) if old else (0.16, 0.12, 0.11)
        cv.form(
            [
                (
                    f.at(
                        ribbon(spline(brow, closed=False), [weight * 0.7, weight, weight * 0.3]),
                        True,
                    ),
                    colour,
                )
            ],
            line=line * 0.35,
            shadow=0.2,
        )
        if old or mood == "sad":
            cv.strokes(
                [
                    f.at(
                        [(cx - e * 0.13, -0.015), (cx + e * 0.02, -0.065), (cx + e * 0.15, -0.01)],
                        True,
                    ),
                    f.at(
                        [(cx - e * 0.1, -0.055), (cx + e * 0.04, -0.115), (cx + e * 0.13, -0.07)],
                        True,
                    ),
                ],
                line * 0.75,
                alpha=0.7,
            )


def _inside(cv, outer, inner, colour):
    """Lay a colour where two masks overlap: an iris within its lids."""
    (a, (ax0, ay0, ax1, ay1)), (b, (bx0, by0, bx1, by1)) = outer, inner
    x0, y0, x1, y1 = max(ax0, bx0), max(ay0, by0), min(ax1, bx1), min(ay1, by1)
    if x1 > x0 and y1 > y0:
        both = (
            a[y0 - ay0 : y1 - ay0, x0 - ax0 : x1 - ax0]
            * b[y0 - by0 : y1 - by0, x0 - bx0 : x1 - bx0]
        )
        cv.lay(both, (x0, y0, x1, y1), np.asarray(colour, np.float32))


def _nose(cv, f, old, line):
    k = 1.15 if old else 1.0
    bridge = [(0.07, 0.2), (0.10, 0.0), (0.15 * k, -0.2), (0.16 * k, -0.29), (0.08, -0.34)]
    cv.strokes([f.at(bridge, True)], line * 1.0, alpha=0.8)
    cv.shade(
        f.at(
            spline(
                [(-0.04, 0.14), (-0.02, -0.1), (-0.13 * k, -0.26), (-0.06, -0.34), (-0.0, -0.2)],
                n=5,
            ),
            True,
        ),
        0.38,
        f.k * 0.025,
    )
    cv.strokes(
        [
            f.at([(-0.15 * k, -0.22), (-0.17 * k, -0.30), (-0.08, -0.33)], True),
            f.at([(-0.08, -0.325), (-0.03, -0.31)], True),
            f.at([(0.05, -0.33), (0.10, -0.315)], True),
        ],
        line * 1.2,
        alpha=0.85,
    )


def _mouth(cv, f, mood, beard, line, female):
    lift = {"happy": 0.06, "sad": -0.045, "tense": -0.02}.get(mood, 0.0)
    w = 0.24 if female else 0.27
    seam = [
        (-w, -0.56 + lift),
        (-0.1, -0.565 - lift * 0.4),
        (0.0, -0.575 - lift * 0.4),
        (0.1, -0.565 - lift * 0.4),
        (w, -0.56 + lift),
    ]
    if not beard:
        upper = spline(
            [
                (-w * 0.9, -0.56 + lift),
                (-0.08, -0.50),
                (0, -0.52),
                (0.08, -0.50),
                (w * 0.9, -0.56 + lift),
                (0, -0.575),
            ],
            n=4,
        )
        lower = spline(
            [(-w * 0.8, -0.57 + lift), (0, -0.585), (w * 0.8, -0.57 + lift), (0, -0.66)], n=5
        )
        tint = (0.80, 0.46, 0.44) if female else (0.90, 0.68, 0.62)
        cv.shade(f.at(upper, True), 0.75, 1.5 * cv.px, tint)
        cv.shade(f.at(lower, True), 0.5, 1.5 * cv.px, tint)
    cv.strokes([f.at(seam, True)], line * 1.5, alpha=0.9)


def _age(cv, f, line):
    lines = [[(-0.36, 0.62), (0.0, 0.66), (0.34, 0.61)], [(-0.3, 0.52), (0.0, 0.555), (0.3, 0.51)],
             [(0.22, -0.26), (0.33, -0.42), (0.34, -0.58)], [(-0.23, -0.26), (-0.34, -0.42), (-0.35, -0.58)],
             [(0.50, 0.12), (0.58, 0.17)], [(0.50, 0.07), (0.59, 0.06)], [(-0.52, 0.12), (-0.60, 0.17)], [(-0.52, 0.07), (-0.61, 0.06)],
             [(0.02, 0.30), (0.03, 0.42)], [(-0.03, 0.30), (-0.05, 0.4)]]  # fmt: skip
    cv.strokes([f.at(p, True) for p in lines], line * 0.8, alpha=0.6)
    cv.shade(
        [
            f.at(
                spline(
                    [(s * 0.5, -0.12), (s * 0.4, -0.25), (s * 0.44, -0.5), (s * 0.54, -0.42)], n=5
                )
            )
            for s in (-1, 1)
        ],
        0.3,
        f.k * 0.04,
    )
