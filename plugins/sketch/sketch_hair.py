"""Hair, beard and caps, near to."""

import numpy as np
from sketch_palette import mix
from sketch_shapes import ellipse, spline


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
    if female and not old:
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
    if female and not old:
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

    def up(points):
        return f.at(np.asarray(points, float) + (0, 0.14))  # clear of the brows

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
                (up(crown), dark),
                (up(band), mix(dark, (0, 0, 0), 0.3)),
                (up(peak), (0.10, 0.10, 0.12)),
            ],
            line=line * 1.1,
            turn=0.2,
        )
        cv.shade(
            up(
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
            cv.form([(up(ellipse(0.06, 0.82, 0.11, 0.11)), (0.80, 0.64, 0.3))], line=line * 0.8)
            cv.strokes(
                [
                    up([(0.06, 0.88), (0.06, 0.75)]),
                    up([(-0.0, 0.78), (0.06, 0.74), (0.12, 0.78)]),
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
            [(up(crown), cloth), (up(brim), mix(cloth, (0, 0, 0), 0.12))],
            line=line * 1.1,
            turn=0.2,
        )
