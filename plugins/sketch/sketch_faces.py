"""Close-ups of people: head and shoulders with an expression, hands that hold something."""

import numpy as np
from sketch_elements import element
from sketch_features import _age, _eyes, _modelling, _mouth, _nose
from sketch_hair import _beard, _cap, _hair
from sketch_palette import mix
from sketch_people import SKIN, look_of
from sketch_shapes import ellipse, spline


class Face:
    """One head: its place, size and the way it looks; `at` maps head units to pixels.

    The head is 2 units high, chin at -1, crown at 1; `turn` shifts the features sideways.
    """

    def __init__(self, x, y, size, flip, turn=0.10, child=False):
        self.child = child
        self.x, self.y, self.k, self.flip, self.turn = x, y, size / 2, flip, turn

    def at(self, points, features=False):
        p = np.asarray(points, float).reshape(-1, 2)
        if features and self.child:
            p = p * (1.06, 0.98) + (0, -0.12)  # a child's features sit low and wide
        dx = self.turn if features else 0.0
        return np.stack(
            [self.x + self.flip * (p[:, 0] + dx) * self.k, self.y - p[:, 1] * self.k], axis=1
        )


@element("portrait")
def portrait(cv, scene, subject, rng, x, y, size, flip=1, glow=None, open_eyes=1.0):
    """Head and shoulders: `size` is the head's height in px, (x, y) its middle.

    Args:
        glow: Colour of a light close by (a lamp, a screen), on the side of `flip`.
        open_eyes: How far the eyes are open, as a share of the mood's.
    """
    child = subject.kind in ("girl", "boy", "child")
    f = Face(x, y, size, flip, child=child)
    coat, _, hair, female, hat = look_of(subject, rng)
    old = "old" in subject.attrs
    beard = old and subject.kind == "man"
    line = max(1.6, size / cv.px / 150)
    _bust(cv, f, coat, subject, female, child, line)
    if female and old:
        bun = spline([(-0.36, 0.9), (-0.33, 1.2), (0.0, 1.34), (0.35, 1.2), (0.38, 0.9)], n=6)
        cv.form([(f.at(bun), hair)], line=line, turn=0.2)
    elif female:
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
    jaw = 0.60 if child else 0.54 if female else 0.62
    skull = spline([(-0.66, 0.42), (-0.52, 0.86), (0.0, 1.0), (0.52, 0.86), (0.67, 0.42), (0.67, 0.0), (jaw, -0.52), (0.30, -0.92),
                    (0.08, -1.0), (-0.14, -0.95), (-jaw + 0.04, -0.55), (-0.66, 0.0)], n=8)  # fmt: skip
    ear = spline([(-0.64, 0.18), (-0.78, 0.2), (-0.8, -0.05), (-0.7, -0.26), (-0.62, -0.2)], n=6)
    cv.form([(f.at(ear), SKIN), (f.at(skull), SKIN)], line=line, turn=0.16, shadow=0.4)
    _modelling(cv, f, old, female, child)
    mood = scene.mood or ("sad" if old and not subject.action else "")
    _eyes(cv, f, rng, mood, old, female, line, open_eyes)
    _nose(cv, f, old, line)
    _mouth(cv, f, mood, beard, line, female)
    if old:
        _age(cv, f, line)
    if beard:
        _beard(cv, f, rng, hair, line)
    _hair(cv, f, rng, hair, female, child, old, line)
    _cap(cv, f, hat, coat, line)
    if glow is not None:
        edge = spline(
            [
                (0.64, 0.28),
                (0.69, 0.2),
                (0.68, -0.05),
                (0.60, -0.5),
                (0.40, -0.85),
                (0.44, -0.5),
                (0.5, 0.0),
                (0.58, 0.25),
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
