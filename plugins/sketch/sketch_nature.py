"""Stages in the open: forest path, mountains, fields, desert, park, cave, space, and the plain default."""

import numpy as np
from sketch_landscape import SAND, grass, ground, hills, mountains, road
from sketch_palette import mix
from sketch_plants import LEAF, flowers, reeds, tree
from sketch_shapes import blob, ellipse, lerp, pts, spline
from sketch_sky import lightning, sky, stars


def field(f):
    """Fields to the horizon, furrows or flowers, a lone tree, a distant farm."""
    cv, s = f.cv, f.scene
    sky(cv, s, f.rng("sky"), f.horizon, (f.sun[0], min(f.sun[1], f.horizon - f.h * 0.05)))
    hills(cv, s, f.rng("hills"), f.horizon, f.h * 0.10, fade=0.6)
    wheat = mix(grass(s), (0.86, 0.70, 0.36), 0.55 if s.season in ("", "summer", "autumn") else 0.1)
    ground(cv, s, f.rng("ground"), f.horizon, wheat)
    r = f.rng("furrows")
    vx = f.w * (0.5 + 0.1 * f.side)
    rows = []
    for t in np.linspace(-1.6, 1.6, 21):
        rows.append(
            [
                (vx + t * f.w * 0.06, f.horizon + 3),
                (vx + t * f.w * 0.35, f.horizon + f.h * 0.12),
                (vx + t * f.w * 1.1, f.h),
            ]
        )
    cv.strokes(rows, 1.4, alpha=0.45)
    if s.at("path", "road"):
        road(
            cv,
            [(f.w * 0.3, f.h * 1.02), (f.w * 0.47, f.h * 0.8), (vx, f.horizon + 4)],
            [f.w * 0.2, f.w * 0.08, f.w * 0.008],
            (0.78, 0.68, 0.50),
        )
    if s.allows("tree"):
        n = min(s.count("tree", 1), 6) if f.asked("tree") else 1
        for k in range(n):
            tree(
                cv,
                s,
                f.rng(f"tree{k}"),
                f.w * (0.5 - f.side * (0.30 - 0.17 * k)),
                f.horizon + f.h * (0.14 - 0.02 * (k % 3)),
                f.h * 0.34 * (0.9**k),
                0.15,
            )
    reeds(cv, r, f.w * 0.5, f.h * 1.03, f.w * 1.1, f.h * 0.13)


def desert(f):
    """Dunes with a lit and a shadowed slope."""
    cv, s = f.cv, f.scene
    f.horizon = f.h * (0.48 if s.angle == "eye" else f.horizon / f.h)
    sky(cv, s, f.rng("sky"), f.horizon, (f.sun[0], min(f.sun[1], f.horizon - f.h * 0.12)))
    r = f.rng("dunes")
    for k, fade in enumerate((0.6, 0.42, 0.22, 0.05, 0.0)):
        y = f.horizon + f.h * (0.0 + 0.125 * k)
        crest_x = f.w * r.uniform(0.25, 0.75)
        top = y - f.h * r.uniform(0.05, 0.11)
        left = spline(
            [
                (-f.w * 0.1, y + f.h * 0.02),
                (crest_x - f.w * 0.25, y - f.h * 0.02),
                (crest_x, top),
                (crest_x + f.w * 0.22, y - f.h * 0.005),
                (f.w * 1.1, y + f.h * 0.025),
            ],
            closed=False,
        )
        cv.wash(
            np.concatenate([left, pts((f.w * 1.1, f.h * 1.1), (-f.w * 0.1, f.h * 1.1))]),
            SAND,
            fade,
            to=mix(SAND, (0.6, 0.42, 0.26), 0.4),
            rim=0.1,
        )
        d = -f.side
        slope = spline(
            [
                (crest_x, top),
                (crest_x + d * f.w * 0.1, y),
                (crest_x + d * f.w * 0.05, y + f.h * 0.09),
                (crest_x + d * f.w * 0.3, y + f.h * 0.15),
                (crest_x + d * f.w * 0.42, y + f.h * 0.02),
                (crest_x + d * f.w * 0.2, y - f.h * 0.01),
            ],
            n=6,
        )
        cv.shade(slope, 0.5 * (1 - fade), 3 * cv.px)
        cv.strokes([left], 1.4, fade=fade, smooth=False, taper=False)
    ripples = []
    for _ in range(70):
        x, y, k = (
            r.uniform(0, f.w),
            f.horizon + f.h * r.uniform(0.3, 0.52),
            f.w * r.uniform(0.02, 0.07),
        )
        ripples.append([(x, y), (x + k / 2, y - 3 * cv.px), (x + k, y)])
    cv.strokes(ripples, 1.0, alpha=0.4)


def park(f):
    """Lawn, a path, trees, a bench and a lamp where asked."""
    cv, s = f.cv, f.scene
    sky(cv, s, f.rng("sky"), f.horizon, (f.sun[0], min(f.sun[1], f.horizon - f.h * 0.1)))
    r = f.rng("trees")
    low, high = LEAF[s.season]
    hedge = [
        blob(x * f.w, f.horizon - f.h * 0.01, f.w * 0.05, f.h * r.uniform(0.05, 0.11), r)
        for x in np.linspace(0, 1, 18)
    ]
    cv.form([(hedge, low)], 0.45, line=1.2, turn=0.12)
    ground(cv, s, f.rng("ground"), f.horizon, grass(s), 0.3)
    road(
        cv,
        [
            (f.w * 0.25, f.h * 1.02),
            (f.w * 0.45, f.h * 0.82),
            (f.w * 0.7, f.h * 0.7),
            (f.w * 0.62, f.horizon + 6),
        ],
        [f.w * 0.22, f.w * 0.12, f.w * 0.05, f.w * 0.015],
        (0.80, 0.73, 0.60),
    )
    f.done.add("tree")
    if s.allows("tree"):
        for x, dy, k in (
            (0.12, 0.16, 0.52),
            (0.86, 0.20, 0.58),
            (0.34, 0.07, 0.3),
            (0.7, 0.06, 0.28),
        ):
            tree(
                cv,
                s,
                r,
                f.w * x,
                f.horizon + f.h * dy,
                f.h * k * (0.75 if f.tall else 1),
                0.12 if k > 0.4 else 0.35,
            )
    if s.season == "spring" or s.has("flower"):
        f.done.add("flower")
        flowers(cv, s, f.rng("flowers"), f.w * 0.82, f.h * 0.98, f.w * 0.3, f.h * 0.11)


def cave(f):
    """The mouth of a cave from inside."""
    cv, s = f.cv, f.scene
    sky(cv, s, f.rng("sky"), f.horizon, f.sun)
    hills(cv, s, f.rng("hills"), f.horizon, f.h * 0.12, fade=0.55)
    ground(cv, s, f.rng("ground"), f.horizon + f.h * 0.1, (0.45, 0.42, 0.38), 0.3, tufts=False)
    r = f.rng("rock")
    hole = (
        ellipse(f.w * 0.5, f.h * 0.56, f.w * 0.30, f.h * 0.36, n=26)
        + r.normal(0, 0.014, (26, 2)) * f.h
    )
    hole[hole[:, 1] > f.h * 0.84, 1] = f.h * 0.84
    ring = np.concatenate(
        [
            pts((-9, -9), (f.w + 9, -9), (f.w + 9, f.h + 9), (-9, f.h + 9), (-9, -9)),
            np.concatenate([hole, hole[:1]])[::-1],
        ]
    )
    cv.wash(ring, (0.17, 0.15, 0.15), rim=0.2, texture=0.3)
    cv.strokes([np.concatenate([hole, hole[:1]])], 3.0, taper=False)
    cv.light(
        pts((f.w * 0.28, f.h * 0.84), (f.w * 0.72, f.h * 0.84), (f.w * 0.9, f.h), (f.w * 0.1, f.h)),
        cv.pal.sky_low,
        0.35,
        20 * cv.px,
    )
    cracks = [
        [
            lerp(p, (f.w / 2, f.h / 2), -0.05),
            lerp(p, (f.w / 2, f.h / 2), -0.3) + r.normal(0, 12, 2),
            lerp(p, (f.w / 2, f.h / 2), -0.6),
        ]
        for p in hole[::2]
    ]
    cv.strokes(cracks, 1.6, (0.4, 0.37, 0.35), 0.6)


def space(f):
    """Stars, a planet with its terminator."""
    cv, s = f.cv, f.scene
    cv.wash(
        pts((0, 0), (f.w, 0), (f.w, f.h), (0, f.h)),
        (0.03, 0.04, 0.09),
        to=(0.07, 0.06, 0.14),
        raw=1,
        rim=0,
        texture=0.6,
    )
    stars(cv, s, f.rng("stars"), f.h)
    x, y, k = f.w * (0.5 - f.side * 0.18), f.h * 0.56, min(f.w, f.h) * 0.30
    cv.glow(x, y, k * 1.6, (0.4, 0.6, 0.9), 0.5)
    cv.form([(ellipse(x, y, k, n=64), (0.62, 0.72, 0.90))], line=1.5, turn=0.4, shadow=0.9)
    r = f.rng("planet")
    bands = [
        spline(
            pts(
                (x - k * 0.85, y + k * t),
                (x, y + k * (t + 0.12)),
                (x + k * 0.85, y + k * t),
                (x, y + k * (t + 0.04 + r.uniform(0, 0.1))),
            ),
            n=5,
        )
        for t in (-0.4, -0.05, 0.3)
    ]
    cv.wash(bands, (0.85, 0.80, 0.70), alpha=0.5)
    f.horizon, f.stand = f.h * 0.9, f.h * 0.95


def open_land(f):
    """The default: sky, hills, ground, a path, a tree or two. Never empty."""
    cv, s = f.cv, f.scene
    if s.shot in ("medium", "close"):
        f.horizon = f.h * (0.48 if s.angle == "eye" else f.horizon / f.h)
    sky(cv, s, f.rng("sky"), f.horizon, (f.sun[0], min(f.sun[1], f.horizon - f.h * 0.06)))
    if s.weather == "storm" and f.allowed("lightning"):
        lightning(cv, s, f.rng("lightning"), f.w * (0.5 + f.side * 0.2), f.horizon)
    if s.at("mountain") or s.has("snow"):
        mountains(cv, s, f.rng("mountains"), f.horizon, f.h * 0.26, 3)
    hills(cv, s, f.rng("hills"), f.horizon, f.h * 0.11, fade=0.62)
    hills(cv, s, f.rng("near hills"), f.horizon + f.h * 0.03, f.h * 0.06, fade=0.45)
    ground(cv, s, f.rng("ground"), f.horizon + f.h * 0.025, grass(s), 0.4)
    if s.at("road") or s.has("car", "bus", "bicycle"):
        y = f.h * 0.86
        cv.wash(
            pts(
                (-9, y - f.h * 0.09),
                (f.w + 9, y - f.h * 0.09),
                (f.w + 9, y + f.h * 0.06),
                (-9, y + f.h * 0.06),
            ),
            (0.42, 0.41, 0.41),
            rim=0.2,
        )
        dashes = [
            pts(
                (x, y - f.h * 0.02),
                (x + f.w * 0.05, y - f.h * 0.02),
                (x + f.w * 0.048, y - f.h * 0.011),
                (x - f.w * 0.002, y - f.h * 0.011),
            )
            for x in np.arange(0, f.w, f.w * 0.1)
        ]
        cv.wash(dashes, (0.88, 0.85, 0.76))
        cv.strokes(
            [
                [(-9, y - f.h * 0.09), (f.w + 9, y - f.h * 0.09)],
                [(-9, y + f.h * 0.06), (f.w + 9, y + f.h * 0.06)],
            ],
            1.5,
            taper=False,
        )
        f.roadway = y
    elif s.allows("path"):
        road(
            cv,
            [
                (f.w * 0.34, f.h * 1.02),
                (f.w * 0.55, f.h * 0.84),
                (f.w * 0.46, f.h * 0.72),
                (f.w * 0.52, f.horizon + f.h * 0.04),
            ],
            [f.w * 0.15, f.w * 0.07, f.w * 0.03, f.w * 0.006],
            (0.76, 0.67, 0.52) if s.weather != "snow" else (0.80, 0.83, 0.88),
        )
    if s.allows("tree") and not s.has("tree") and not s.has("pine", "palm", "bamboo"):
        r = f.rng("tree")
        for k, (t, dy, size) in enumerate(((0.36, 0.10, 0.34), (0.44, 0.05, 0.2))):
            tree(
                cv,
                s,
                r,
                f.w * (0.5 - f.side * t),
                f.horizon + f.h * dy,
                f.h * size * (0.8 if f.tall else 1),
                0.25 + 0.15 * k,
            )
