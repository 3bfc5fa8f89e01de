"""Close-ups of people: head and shoulders with an expression, hands that hold something."""

import numpy as np
from sketch_held import PAPER
from sketch_objects import FLAME
from sketch_palette import COLOURS, mix
from sketch_people import SKIN, look_of
from sketch_shapes import ellipse, limb, rect, ribbon, spline


class Face:
    """One head: its place, size and the way it looks; `at` maps head units to pixels.

    The head is 2 units high, chin at -1, crown at 1; `turn` shifts the features sideways.
    """

    def __init__(self, x, y, size, flip, turn=0.10):
        self.x, self.y, self.k, self.flip, self.turn = x, y, size / 2, flip, turn

    def at(self, points, features=False):
        p = np.asarray(points, float).reshape(-1, 2)
        dx = self.turn if features else 0.0
        return np.stack(
            [self.x + self.flip * (p[:, 0] + dx) * self.k, self.y - p[:, 1] * self.k], axis=1
        )


def portrait(cv, scene, subject, rng, x, y, size, flip=1, glow=None):
    """Head and shoulders: `size` is the head's height in px, (x, y) its middle.

    Args:
        glow: Colour of a light close by (a lamp, a screen), on the side of `flip`.
    """
    f = Face(x, y, size, flip)
    coat, _, hair, female, hat = look_of(subject, rng)
    old, child = "old" in subject.attrs, subject.kind in ("girl", "boy", "child")
    beard = old and subject.kind == "man"
    line = max(1.6, size / cv.px / 150)
    _bust(cv, f, coat, subject, female, child, line)
    if female:
        back = spline(
            [
                (-0.82, 0.2),
                (-0.5, 0.95),
                (0.1, 1.12),
                (0.66, 0.88),
                (0.84, 0.1),
                (0.86, -1.0),
                (0.55, -1.6),
                (-0.62, -1.6),
                (-0.9, -0.9),
            ],
            n=6,
        )
        cv.form([(f.at(back), hair)], line=line, turn=0.12)
        neck = spline([(-0.26, -0.5), (-0.30, -1.25), (0.30, -1.25), (0.30, -0.5)], n=4)
        cv.form([(f.at(neck), SKIN)], line=line * 0.6, turn=0.25)
    jaw = 0.54 if female or child else 0.62
    skull = spline([(-0.66, 0.42), (-0.52, 0.86), (0.0, 1.0), (0.52, 0.86), (0.67, 0.42), (0.67, 0.0), (jaw, -0.52), (0.30, -0.92),
                    (0.08, -1.0), (-0.14, -0.95), (-jaw + 0.04, -0.55), (-0.66, 0.0)], n=8)  # fmt: skip
    ear = spline([(-0.64, 0.18), (-0.78, 0.2), (-0.8, -0.05), (-0.7, -0.26), (-0.62, -0.2)], n=6)
    cv.form([(f.at(ear), SKIN), (f.at(skull), SKIN)], line=line, turn=0.16, shadow=0.4)
    _modelling(cv, f, old, female, child)
    mood = scene.mood or ("sad" if old and not subject.action else "")
    _eyes(cv, f, rng, mood, old, female, line)
    _nose(cv, f, old, line)
    _mouth(cv, f, mood, beard, line, female)
    if old:
        _age(cv, f, line)
    if beard:
        _beard(cv, f, rng, hair, line)
    _hair(cv, f, rng, hair, female, child, old, line)
    _cap(cv, f, hat, coat, line)
    if glow is not None:
        gx, gy = f.at([(1.5, -0.35)])[0]
        cv.glow(gx, gy, size * 1.5, glow, 0.36)
        edge = spline(
            [
                (0.62, 0.5),
                (0.69, 0.2),
                (0.68, -0.05),
                (0.60, -0.5),
                (0.40, -0.85),
                (0.44, -0.5),
                (0.5, 0.0),
                (0.55, 0.4),
            ],
            n=6,
        )
        cv.light(f.at(edge), glow, 0.5, size * 0.018)
    return f


def _bust(cv, f, coat, subject, female, child, line):
    w = 1.25 if child else 1.55 if female else 1.85
    shoulders = spline(
        [
            (-0.34, -0.95),
            (-0.62, -1.22),
            (-w, -1.55),
            (-w * 1.14, -2.3),
            (-w * 1.2, -3.6),
            (w * 1.2, -3.6),
            (w * 1.14, -2.3),
            (w, -1.55),
            (0.62, -1.22),
            (0.34, -0.95),
        ],
        n=6,
    )
    neck = spline([(-0.36, -0.4), (-0.40, -1.3), (0.0, -1.6), (0.40, -1.3), (0.38, -0.4)], n=5)
    cv.form([(f.at(shoulders), coat)], line=line * 1.1, turn=0.10, shadow=0.5)
    cv.form([(f.at(neck), SKIN)], line=line * 0.7, turn=0.25)
    cv.shade(
        f.at(
            spline([(-0.4, -0.7), (0.38, -0.7), (0.36, -1.12), (0.0, -1.25), (-0.38, -1.15)], n=5)
        ),
        0.62,
        5 * cv.px,
    )
    if female or child:
        collar = [
            spline(
                [
                    (s * 0.42, -1.05),
                    (s * 0.62, -1.3),
                    (s * 0.3, -1.72),
                    (0, -1.52),
                    (s * 0.2, -1.4),
                ],
                n=4,
            )
            for s in (-1, 1)
        ]
    else:
        collar = [
            spline(
                [
                    (s * 0.38, -0.82),
                    (s * 0.66, -1.02),
                    (s * 0.80, -1.55),
                    (s * 0.20, -2.15),
                    (0.0, -1.75),
                    (s * 0.26, -1.35),
                ],
                n=4,
            )
            for s in (-1, 1)
        ]
    cv.form(
        [(f.at(c), mix(coat, (0, 0, 0) if not female else (1, 1, 1), 0.14)) for c in collar],
        line=line,
        turn=0.2,
    )
    folds = [[(s * 1.2, -1.62), (s * 1.06, -2.1), (s * 1.1, -2.8)] for s in (-1, 1)] + [
        [(0.02, -1.9), (0.04, -2.4), (0.0, -3.2)],
        [(0.5, -1.9), (0.42, -2.3), (0.5, -2.6)],
    ]
    cv.strokes([f.at(p) for p in folds], line, alpha=0.75)
    if not female and not child:
        cv.form(
            [
                (ellipse(*f.at([(0.2, h)])[0], f.k * 0.055), (0.66, 0.55, 0.3))
                for h in (-2.15, -2.6)
            ],
            line=line * 0.7,
        )


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


def _eyes(cv, f, rng, mood, old, female, line):
    opening = {"sad": 0.55, "happy": 0.6, "tense": 1.2}.get(mood, 0.62 if old else 0.8)
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


def _beard(cv, f, rng, hair, line):
    beard = spline([(-0.66, 0.0), (-0.56, -0.28), (-0.36, -0.44), (0.0, -0.47), (0.40, -0.44), (0.58, -0.28), (0.67, 0.0), (0.68, -0.5), (0.55, -1.0), (0.22, -1.34),
                    (0.0, -1.3), (-0.26, -1.34), (-0.56, -1.0), (-0.68, -0.5)], n=6)  # fmt: skip
    cv.form([(f.at(beard), hair)], line=line, turn=0.2, shadow=0.5)
    tache = spline(
        [
            (0.0, -0.40),
            (-0.2, -0.42),
            (-0.42, -0.56),
            (-0.36, -0.66),
            (-0.12, -0.58),
            (0.0, -0.55),
            (0.12, -0.58),
            (0.36, -0.66),
            (0.42, -0.56),
            (0.2, -0.42),
        ],
        n=5,
    )
    cv.form([(f.at(tache, True), mix(hair, (1, 1, 1), 0.25))], line=line * 0.8, turn=0.3)
    cv.shade(
        f.at(spline([(-0.14, -0.6), (0.14, -0.6), (0.06, -0.67), (-0.06, -0.67)], n=4), True), 0.8
    )
    strands = []
    for _ in range(64):
        bx = rng.uniform(-0.62, 0.62)
        by = rng.uniform(-1.2, -0.62) if abs(bx) < 0.4 else rng.uniform(-0.95, -0.2)
        k = rng.uniform(0.08, 0.2)
        strands.append(f.at([(bx, by + k / 2), (bx * 0.97 + 0.015, by), (bx * 0.9, by - k / 2)]))
    cv.strokes(strands, line * 0.55, alpha=0.5)


def _hair(cv, f, rng, hair, female, child, old, line):
    if female:
        fringe = spline(
            [
                (-0.72, -0.35),
                (-0.76, 0.25),
                (-0.58, 0.82),
                (0.0, 1.12),
                (0.55, 0.92),
                (0.76, 0.3),
                (0.74, -0.35),
                (0.62, 0.05),
                (0.48, 0.46),
                (0.1, 0.66),
                (-0.25, 0.58),
                (-0.52, 0.32),
                (-0.62, -0.05),
            ],
            n=6,
        )
    elif old:
        fringe = spline(
            [
                (-0.70, -0.12),
                (-0.76, 0.3),
                (-0.64, 0.72),
                (-0.4, 0.95),
                (0.0, 1.06),
                (0.42, 0.96),
                (0.66, 0.7),
                (0.74, 0.3),
                (0.70, -0.05),
                (0.62, 0.22),
                (0.56, 0.6),
                (0.2, 0.80),
                (-0.3, 0.80),
                (-0.56, 0.58),
                (-0.61, 0.2),
            ],
            n=6,
        )
    else:
        low = 0.50 if child else 0.6
        fringe = spline(
            [
                (-0.70, 0.0),
                (-0.76, 0.4),
                (-0.6, 0.86),
                (-0.1, 1.14),
                (0.5, 1.02),
                (0.74, 0.5),
                (0.69, 0.05),
                (0.6, 0.36),
                (0.45, low),
                (0.15, low - 0.02),
                (-0.1, low + 0.1),
                (-0.4, low),
                (-0.6, 0.3),
            ],
            n=6,
        )
    cv.form([(f.at(fringe), hair)], line=line, turn=0.15)
    strands = []
    for t in np.linspace(-0.62, 0.62, 17):
        strands.append(
            f.at(
                [
                    (t * 0.35 + 0.05, 1.02 - abs(t) * 0.15),
                    (t * 0.8, 0.88 - abs(t) * 0.15),
                    (t * 1.05, 0.68 - abs(t) * 0.4),
                ]
            )
        )
    if female:
        for s in (-1, 1):
            strands += [
                f.at([(s * (0.74 + d), 0.2), (s * (0.78 + d), -0.5), (s * (0.7 + d), -1.2)])
                for d in (-0.04, 0.03)
            ]
    tone = mix(hair, (1, 1, 1), 0.35) if sum(hair) < 1.2 else None
    cv.strokes(strands, line * 0.6, None if tone is None else cv.pal.tone(tone), alpha=0.5)


def _cap(cv, f, hat, coat, line):
    if not hat:
        return
    if hat in ("cap", "flat"):
        dark = mix(coat, (0.09, 0.09, 0.12), 0.45)
        crown = spline(
            [
                (-0.74, 0.46),
                (-0.92, 0.82),
                (-0.7, 1.2),
                (0.0, 1.34),
                (0.72, 1.2),
                (0.94, 0.84),
                (0.76, 0.46),
                (0.0, 0.58),
            ],
            n=6,
        )
        band = spline(
            [(-0.76, 0.62), (0.0, 0.74), (0.78, 0.62), (0.77, 0.42), (0.0, 0.54), (-0.75, 0.42)],
            n=5,
        )
        peak = spline(
            [(-0.62, 0.46), (0.0, 0.56), (0.66, 0.46), (0.62, 0.33), (0.05, 0.28), (-0.58, 0.33)],
            n=6,
        )
        cv.form(
            [
                (f.at(crown), dark),
                (f.at(band), mix(dark, (0, 0, 0), 0.3)),
                (f.at(peak), (0.10, 0.10, 0.12)),
            ],
            line=line * 1.1,
            turn=0.2,
        )
        cv.shade(
            f.at(
                spline(
                    [
                        (-0.62, 0.34),
                        (0.05, 0.29),
                        (0.66, 0.34),
                        (0.6, 0.2),
                        (0.05, 0.17),
                        (-0.58, 0.2),
                    ],
                    n=5,
                )
            ),
            0.5,
            f.k * 0.03,
        )
        if hat == "cap":
            cv.form([(f.at(ellipse(0.06, 0.82, 0.11, 0.11)), (0.80, 0.64, 0.3))], line=line * 0.8)
            cv.strokes(
                [
                    f.at([(0.06, 0.88), (0.06, 0.75)]),
                    f.at([(-0.0, 0.78), (0.06, 0.74), (0.12, 0.78)]),
                ],
                line * 0.9,
            )
    else:
        cloth = coat if hat == "sou" else mix(coat, (0.2, 0.15, 0.1), 0.4)
        brim = spline(
            [
                (-1.25, 0.3),
                (-0.6, 0.62),
                (0.0, 0.7),
                (0.6, 0.62),
                (1.25, 0.3),
                (0.6, 0.36),
                (0.0, 0.42),
                (-0.6, 0.36),
            ],
            n=6,
        )
        crown = spline(
            [(-0.72, 0.52), (-0.62, 1.15), (-0.2, 1.32), (0.3, 1.3), (0.64, 1.12), (0.74, 0.52)],
            n=5,
        )
        cv.form(
            [(f.at(crown), cloth), (f.at(brim), mix(cloth, (0, 0, 0), 0.12))],
            line=line * 1.1,
            turn=0.2,
        )


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
