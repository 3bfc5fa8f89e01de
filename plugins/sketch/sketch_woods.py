"""Stages among trees and mountains: the forest path, the highlands."""

import numpy as np
from sketch_landscape import SNOW, STONE, grass, ground, mountains, road, rock, water
from sketch_palette import mix
from sketch_plants import LEAF, bamboo, leaves, pine, tree
from sketch_shapes import blob, limb, pts, spline
from sketch_sky import lightning, sky


def forest(f):
    """Tree trunks on both sides, a path winding in between, hills beyond."""
    cv, s = f.cv, f.scene
    f.horizon = f.h * (0.47 if s.angle == "eye" else 0.3 if s.angle in ("high", "bird") else 0.68)
    sky(cv, s, f.rng("sky"), f.horizon, (f.w * (0.5 + f.side * 0.14), f.horizon - f.h * 0.16))
    mountains(cv, s, f.rng("mountains"), f.horizon + 4, f.h * 0.30, 3, 0.80, 0.45)
    r = f.rng("far")
    low, high = LEAF[s.season]
    back = [
        blob(
            x * f.w,
            f.horizon + f.h * r.uniform(-0.02, 0.02),
            f.w * r.uniform(0.03, 0.05),
            f.h * r.uniform(0.04, 0.08),
            r,
        )
        for x in np.linspace(0, 1, 26)
    ]
    cv.form(
        [(back[::2], mix(low, (0.5, 0.5, 0.45), 0.3)), (back[1::2], low)], 0.5, line=1.1, turn=0.15
    )
    ground(
        cv,
        s,
        f.rng("ground"),
        f.horizon + f.h * 0.02,
        mix(grass(s), low, 0.35) if s.season != "winter" else SNOW,
        0.35,
    )
    path = (0.78, 0.68, 0.52) if s.weather != "snow" else mix(SNOW, (0.5, 0.55, 0.65), 0.25)
    f.path = road(
        cv,
        [
            (f.w * 0.40, f.h * 1.03),
            (f.w * 0.58, f.h * 0.86),
            (f.w * 0.44, f.h * 0.72),
            (f.w * 0.53, f.h * 0.61),
            (f.w * 0.49, f.horizon + f.h * 0.035),
        ],
        [f.w * 0.20, f.w * 0.11, f.w * 0.06, f.w * 0.028, f.w * 0.008],
        path,
    )
    f.done |= {"tree", "pine", "bamboo"}
    kind = bamboo if s.has("bamboo") else pine if s.has("pine") or (s.weather == "snow") else tree
    r = f.rng("trees")
    for k in range(15 if s.allows("tree") else 0):
        t = k / 14
        d = -1 if k % 2 else 1
        y = f.horizon + f.h * (0.04 + 0.44 * t**1.5)
        x = f.w * (0.5 + d * (0.13 + 0.34 * t**0.8 + r.uniform(0, 0.09)))
        kind(
            cv,
            s,
            r,
            x,
            y,
            f.h * (0.20 + 0.62 * t**1.2) * r.uniform(0.85, 1.1) * (0.75 if f.tall else 1),
            0.5 * (1 - t),
        )
    _trunk(f, f.w * (0.5 - f.side * 0.47))
    if s.season == "autumn" and s.allows("leaves"):
        f.done.add("leaves")
        leaves(cv, f.rng("leaves"), s, 34)
    f.stand, f.unit = f.h * 0.83, min(f.unit, f.h * 0.30, f.w * 0.5)
    f.lead = f.w * 0.545
    f.back = True


def _trunk(f, x):
    """A dark trunk at the edge of the frame, close to us, with its bough over the top."""
    if not f.scene.allows("tree"):
        return
    cv, d, s = f.cv, f.side, f.scene
    r = f.rng("trunk")
    low, high = LEAF[s.season]
    bark = (0.24, 0.18, 0.15)
    cv.form(
        [
            (
                limb(
                    [
                        (x + d * f.w * 0.02, f.h * 1.05),
                        (x, f.h * 0.5),
                        (x + d * f.w * 0.01, -f.h * 0.05),
                    ],
                    [f.w * 0.075, f.w * 0.05, f.w * 0.045],
                ),
                bark,
            ),
            (
                limb(
                    [
                        (x, f.h * 0.32),
                        (x + d * f.w * 0.10, f.h * 0.14),
                        (x + d * f.w * 0.25, f.h * 0.09),
                    ],
                    [f.w * 0.03, f.w * 0.018, f.w * 0.006],
                ),
                bark,
            ),
        ],
        line=2.0,
        turn=0.3,
    )
    cv.strokes(
        [
            [
                (x + r.uniform(-0.02, 0.02) * f.w, y),
                (x + r.uniform(-0.02, 0.02) * f.w, y + f.h * 0.08),
            ]
            for y in r.uniform(0, f.h, 22)
        ],
        1.2,
        alpha=0.6,
    )
    if s.season != "winter" and s.weather != "snow":
        tufts = [
            blob(
                x + d * f.w * r.uniform(-0.02, 0.3),
                f.h * r.uniform(-0.01, 0.15),
                f.w * r.uniform(0.018, 0.04),
                f.h * r.uniform(0.02, 0.045),
                r,
                0.3,
            )
            for _ in range(24)
        ]
        cv.form([(tufts[:14], mix(low, (0, 0, 0), 0.3)), (tufts[14:], high)], line=1.3, turn=0.2)


def highlands(f):
    """High mountains, a foreground ridge to stand on."""
    cv, s = f.cv, f.scene
    f.horizon = f.h * (0.62 if not f.tall else 0.6)
    sky(cv, s, f.rng("sky"), f.horizon, (f.w * (0.5 + f.side * 0.25), f.h * 0.2))
    if s.weather == "storm" and f.allowed("lightning"):
        lightning(cv, s, f.rng("lightning"), f.w * (0.5 - f.side * 0.15), f.horizon)
    mountains(
        cv, s, f.rng("mountains"), f.horizon + f.h * 0.02, f.h * 0.46, 3, 0.72, 0.30, snow=True
    )
    cv.veil(f.horizon - f.h * 0.10, f.horizon + f.h * 0.06, cv.pal.haze, 0.55)
    if s.at("lake", "river") or s.has("boat"):
        water(cv, s, f.rng("water"), f.horizon, f.h * 0.86)
    else:
        ground(cv, s, f.rng("ground"), f.horizon, grass(s), 0.5)
    if s.at("path", "road"):
        road(
            cv,
            [
                (f.w * 0.35, f.h * 1.02),
                (f.w * 0.58, f.h * 0.86),
                (f.w * 0.45, f.h * 0.74),
                (f.w * 0.52, f.horizon + f.h * 0.02),
            ],
            [f.w * 0.13, f.w * 0.06, f.w * 0.02, f.w * 0.006],
            (0.76, 0.68, 0.54),
        )
    r = f.rng("trees")
    if s.allows("pine"):
        for k in range(16):
            t = r.uniform(0, 1)
            x = f.w * (0.5 + (0.16 + 0.36 * r.random()) * (-1 if k % 2 else 1))
            pine(
                cv,
                s,
                r,
                x,
                f.horizon + f.h * (0.03 + 0.12 * t),
                f.h * (0.06 + 0.10 * t),
                0.5 - 0.3 * t,
            )
    d = -f.side
    line = spline(
        [
            (f.w * (0.5 + d * 0.55), f.h * 0.80),
            (f.w * (0.5 + d * 0.25), f.h * 0.84),
            (f.w * (0.5 + d * 0.05), f.h * 0.93),
            (f.w * (0.5 - d * 0.15), f.h * 1.02),
        ],
        closed=False,
        n=8,
    )
    cv.form(
        [
            (
                np.concatenate([line, pts((f.w * (0.5 + d * 0.6), f.h * 1.1))]),
                mix(STONE, grass(s), 0.5),
            )
        ],
        line=2.0,
        turn=0.05,
    )
    for _ in range(5):
        p = line[int(r.integers(2, len(line) - 3))]
        rock(cv, r, p[0], p[1] + f.h * 0.03, f.h * r.uniform(0.05, 0.1), f.h * 0.05)
    f.lead, f.stand = f.w * (0.5 + d * 0.22), f.h * 0.865
    f.unit = min(f.unit, f.h * 0.30)
