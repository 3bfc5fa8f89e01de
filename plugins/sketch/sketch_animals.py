"""Animals: four-legged ones from one set of joints, cats, birds, fish, whales, butterflies."""

import numpy as np
from sketch_elements import element
from sketch_palette import COLOURS, mix
from sketch_shapes import ellipse, limb, place, pts, spline

COATS = {"dog": (0.60, 0.43, 0.27), "horse": (0.42, 0.26, 0.17), "cow": (0.86, 0.83, 0.78),
         "sheep": (0.92, 0.90, 0.84), "deer": (0.66, 0.46, 0.28), "cat": (0.28, 0.26, 0.28)}  # fmt: skip


# length, height of the back, leg, body thickness, neck (dx, dy), head length, tail (dx, dy)
BUILD = {
    "dog": (0.62, 0.52, 0.07, 0.24, (0.16, 0.24), 0.24, (-0.22, 0.22)),
    "horse": (0.78, 0.66, 0.075, 0.30, (0.24, 0.36), 0.30, (-0.14, -0.36)),
    "cow": (0.86, 0.62, 0.085, 0.38, (0.18, 0.08), 0.28, (-0.06, -0.34)),
    "sheep": (0.66, 0.52, 0.06, 0.36, (0.14, 0.14), 0.20, (-0.04, -0.08)),
    "deer": (0.62, 0.60, 0.05, 0.24, (0.16, 0.30), 0.20, (-0.06, 0.04)),
}  # fmt: skip


HEIGHTS = {"dog": 0.42, "cat": 0.26, "horse": 1.15, "cow": 0.95, "sheep": 0.55, "deer": 0.9}


@element("beast")
def beast(cv, kind, rng, x, y, size, flip=1, fade=0.0, colour=None, running=False):
    """A dog, horse, cow, sheep or deer standing or running at (x, y); `size` is its height."""
    if kind == "cat":
        return cat(cv, rng, x, y, size, flip, fade, colour)
    length, back, leg, thick, neck, head, tail = BUILD[kind]
    coat = COLOURS.get(colour) or COATS[kind]
    a, b = np.array([-length / 2, back - thick / 2]), np.array([length / 2, back - thick / 2])

    def put(p):
        return place(p, x, y, size, flip)

    swing = 0.17 if running else 0.03
    parts = []
    for i, (base, s) in enumerate(((a, -1), (b, -1), (a, 1), (b, 1))):
        foot = (
            base[0] + s * swing * (1 if i % 2 else -1) + (0.0 if running else 0.02 * s),
            0.02 + (0.05 if running and s < 0 else 0),
        )
        knee = ((base[0] + foot[0]) / 2 + (0.045 if i % 2 else -0.035), back * 0.42)
        tone = mix(coat, (0, 0, 0), 0.25) if s < 0 else coat
        parts.append(
            (put(limb([base + (0, -0.02), knee, foot], [leg * 2, leg * 1.1, leg * 0.8])), tone)
        )
    tip = a + np.array(tail)
    parts.append(
        (
            put(
                limb(
                    [a + (-0.06, 0.05), (a + tip) / 2 + (-0.07, 0.04), tip],
                    [leg * 0.9, leg * 0.9, leg * 0.5],
                )
            ),
            mix(coat, (0, 0, 0), 0.3),
        )
    )
    trunk = spline(
        [
            a + (-0.10, 0.04),
            a + (0.02, thick * 0.5),
            (0, back - thick * 0.06),
            b + (-0.02, thick * 0.52),
            b + (0.11, 0.05),
            b + (0.04, -thick * 0.42),
            (0, back - thick * 0.98),
            a + (0.02, -thick * 0.38),
        ],
        n=5,
    )
    nape = b + np.array(neck)
    parts.append(
        (
            put(
                limb(
                    [b + (-0.02, 0.04), (b + nape) / 2 + (0.02, 0), nape],
                    [thick * 0.9, thick * 0.6, thick * 0.48],
                )
            ),
            coat,
        )
    )
    parts.append((put(trunk), coat))
    drop = -0.35 if kind in ("horse", "cow", "deer") else -0.1
    muzzle = nape + np.array([head, head * drop])
    parts.append(
        (
            put(
                limb([nape, (nape + muzzle) / 2, muzzle], [thick * 0.5, thick * 0.42, thick * 0.26])
            ),
            coat,
        )
    )
    ear = mix(coat, (0, 0, 0), 0.35)
    if kind == "dog":
        parts.append(
            (
                put(
                    spline(
                        [
                            nape + (-0.03, 0.08),
                            nape + (-0.11, -0.02),
                            nape + (-0.03, -0.13),
                            nape + (0.02, 0.0),
                        ],
                        n=4,
                    )
                ),
                ear,
            )
        )
    else:
        parts.append(
            (put(pts(nape + (-0.05, 0.04), nape + (-0.06, 0.16), nape + (0.03, 0.07))), ear)
        )
    if kind == "horse":
        mane = spline(
            [
                nape + (0.03, 0.10),
                nape + (-0.07, 0.08),
                b + (-0.05, 0.18),
                b + (-0.12, 0.1),
                (b + nape) / 2 + (-0.02, 0.06),
            ],
            n=4,
        )
        parts.append((put(mane), (0.16, 0.11, 0.1)))
    if kind == "sheep":
        parts[:4] = [(p, (0.25, 0.22, 0.2)) for p, _ in parts[:4]]
        parts[-2] = (parts[-2][0], (0.25, 0.22, 0.2))
    if kind == "cow":
        patch = [
            put(ellipse(-0.12, back - thick * 0.4, 0.15, 0.11)),
            put(ellipse(0.22, back - thick * 0.5, 0.11, 0.10)),
        ]
        parts.append((patch, (0.22, 0.18, 0.17)))
    cv.form(parts, fade, line=1.5, turn=0.28, shadow=0.5, inner=0.35)
    if kind in ("deer", "cow"):
        k = 1.0 if kind == "deer" else 0.45
        horns = [
            put(
                [
                    nape + (-0.02, 0.08),
                    nape + (-0.08 * s, 0.22 * k),
                    nape + (0.04 * s + 0.02, 0.4 * k),
                ]
            )
            for s in (1, -0.6)
        ]
        if kind == "deer":
            horns += [put([nape + (-0.05 * s, 0.18), nape + (0.08 * s, 0.27)]) for s in (1, -0.7)]
        cv.strokes(horns, 2.6, fade=fade)
    eye = put(ellipse(*(nape + (head * 0.35, 0.02)), 0.016, n=8))
    nose = put(ellipse(*muzzle, 0.035, n=10))
    cv.wash([eye, nose], (0.08, 0.07, 0.07), fade, rim=0)


@element("cat")
def cat(cv, rng, x, y, size, flip=1, fade=0.0, colour=None, back=True):
    """A sitting cat; from behind where it looks out."""
    coat = COLOURS.get(colour) or COATS["cat"]

    def put(p):
        return place(p, x, y, size, flip)

    body = spline(
        [
            (-0.05, 0.66),
            (-0.20, 0.48),
            (-0.30, 0.18),
            (-0.26, 0.0),
            (0.24, 0.0),
            (0.28, 0.18),
            (0.17, 0.46),
            (0.09, 0.66),
        ],
        n=6,
    )
    tail = limb(
        [(-0.22, 0.05), (-0.46, 0.02), (-0.58, -0.18), (-0.50, -0.40)], [0.09, 0.085, 0.08, 0.05]
    )
    head = spline(
        [
            (-0.17, 0.74),
            (-0.16, 0.86),
            (-0.07, 0.92),
            (0.10, 0.92),
            (0.19, 0.86),
            (0.20, 0.73),
            (0.11, 0.62),
            (-0.08, 0.62),
        ],
        n=5,
    )
    ears = [
        pts((-0.16, 0.84), (-0.15, 1.04), (-0.02, 0.92)),
        pts((0.06, 0.92), (0.19, 1.04), (0.19, 0.84)),
    ]
    parts = [
        (put(tail), coat),
        (put(body), coat),
        *[(put(e), coat) for e in ears],
        (put(head), coat),
    ]
    cv.form(
        parts,
        fade,
        line=1.8,
        turn=0.2,
        shadow=0.55,
        inner=0.3,
        rim_light=0.8 if cv.pal.dark else 0.2,
    )
    cv.strokes(
        [
            put([(-0.02, 0.6), (0.0, 0.4), (-0.02, 0.2)]),
            put([(0.16, 0.32), (0.12, 0.14), (0.2, 0.03)]),
            put([(-0.18, 0.3), (-0.14, 0.12), (-0.22, 0.03)]),
        ],
        1.2,
        fade=fade,
        alpha=0.6,
    )
    if not back:
        cv.wash(
            [put(ellipse(-0.06, 0.78, 0.03, 0.04)), put(ellipse(0.1, 0.78, 0.03, 0.04))],
            (0.9, 0.8, 0.35),
            raw=1,
            rim=0,
        )
        cv.wash(
            [put(ellipse(-0.06, 0.78, 0.01, 0.035)), put(ellipse(0.1, 0.78, 0.01, 0.035))],
            (0.05, 0.05, 0.05),
            raw=1,
            rim=0,
        )
    whiskers = [
        put([(s * 0.1 + 0.02, 0.7), (s * 0.3 + 0.02, 0.7 + d)])
        for s in (-1, 1)
        for d in (0.03, -0.02)
    ]
    cv.strokes(whiskers, 0.8, (0.8, 0.82, 0.85), 0.5)
