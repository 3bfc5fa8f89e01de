"""Stages by the water: cliff and sea, open sea, beach, harbour, river town, lake."""

import numpy as np
from sketch_boats import sailboat, ship
from sketch_buildings import house, lighthouse
from sketch_landscape import cliff, foam_line, mountains, rock, rough_sea, spray, water, wave
from sketch_palette import mix
from sketch_shapes import ellipse, pts, spline
from sketch_sky import lightning, sky


def coast(f):
    """A headland over the sea, with the lighthouse if there is one."""
    cv, s = f.cv, f.scene
    has_boat = s.has("boat", "ship", "sailboat")
    storm = s.weather == "storm" or s.has("wave")
    wide = s.shot == "extreme_wide"
    if s.angle == "low":
        return _tower_from_below(f)
    f.horizon = f.h * (0.62 if storm else 0.66 if wide else 0.64)
    if s.angle in ("high", "bird"):
        f.horizon = f.h * 0.3
    if s.time in ("dawn", "sunset", "dusk"):
        f.sun = (f.sun[0], f.horizon - f.h * 0.055)
    sky(cv, s, f.rng("sky"), f.horizon, f.sun)
    if storm and f.allowed("lightning", s.weather == "storm"):
        lightning(cv, s, f.rng("lightning"), f.w * (0.5 + f.side * 0.24), f.horizon)
    if s.at("mountain", "hill", "island") or s.has("mountain"):
        mountains(cv, s, f.rng("mountains"), f.horizon, f.h * 0.16, 2, 0.85, 0.7)
    d = -f.side
    water(cv, s, f.rng("water"), f.horizon, calm=not storm, sun=f.sun)
    if storm:
        f.done.add("wave")
        rough_sea(cv, s, f.rng("waves"), f.horizon, f.h * 0.20, rows=2, count=4)
    if f.asked("ship"):
        ship(
            cv,
            s,
            f.rng("ship"),
            f.w * (0.5 + f.side * 0.2),
            f.horizon + f.h * 0.03,
            f.w * 0.2,
            0.45,
            d,
        )
    if f.asked("sailboat") or (
        not storm and not has_boat and s.allows("boat") and s.allows("sailboat")
    ):
        if s.time != "night" or s.has("sailboat"):
            sailboat(
                cv,
                s,
                f.rng("sail"),
                f.w * (0.5 + f.side * 0.12),
                f.horizon + f.h * 0.035,
                f.h * (0.075 if not s.has("sailboat") else 0.2),
                0.45,
                d,
            )
    k = 0.40 if wide else 0.47
    if f.tall:
        k = 0.62
    x_side = f.w * (0.5 + d * 0.53)
    x_edge = f.w * (0.5 + d * (0.5 - k))
    y_top, base = (
        f.horizon - f.h * (0.10 if not storm else 0.03),
        f.horizon + f.h * (0.20 if not f.tall else 0.14),
    )
    far = ellipse(x_edge, base, f.w * 0.1, f.h * 0.01)
    cv.shade(far, 0.3, 8 * cv.px)
    cliff(cv, s, f.rng("cliff"), x_edge, y_top, x_side, base, 0.04)
    if s.at("rocks") or storm or s.at("cliff", "coast") or s.has("lighthouse"):
        r = f.rng("rocks")
        for i in range(6):
            rx = x_edge - d * f.w * (0.0 + 0.04 * i) + r.normal(0, 8) * cv.px
            k2 = f.h * r.uniform(0.03, 0.08) * (1 - 0.06 * i)
            rock(
                cv, r, rx + d * f.w * 0.05, base + f.h * r.uniform(-0.01, 0.04), k2 * 1.6, k2, 0.05
            )
    if storm:
        for i in range(3):
            spray(
                cv,
                f.rng(f"spray{i}"),
                x_edge - d * f.w * (0.01 + 0.06 * i) + d * 0.05 * f.w,
                base + f.h * 0.02,
                f.h * (0.26 - 0.06 * i),
            )
    foam_line(
        cv,
        f.rng("foam"),
        min(x_edge, x_side) - f.w * 0.05,
        max(x_edge, x_side),
        base + f.h * 0.022,
        1.5 if storm else 0.9,
    )
    if storm:
        r = f.rng("front")
        for i, (px, k2) in enumerate(((0.30, 0.24), (0.78, 0.28), (0.5, 0.30))):
            wave(
                cv,
                r,
                f.w * (px + r.uniform(-0.04, 0.04)),
                f.h * (0.90 + 0.07 * (i == 2)),
                f.w * 0.62,
                f.h * k2,
                (0.52, 0.70, 0.76),
                f.side,
            )
    if f.asked("lighthouse"):
        lh = f.h * (0.30 if wide else 0.46)
        if f.tall:
            lh = f.h * 0.30
        lx = x_edge + d * f.w * (0.11 if not f.tall else 0.2)
        ly = y_top + (base - y_top) * 0.035
        if s.allows("house"):
            house(
                cv,
                s,
                f.rng("cottage"),
                lx + d * lh * 0.5,
                ly + lh * 0.03,
                lh * 0.24,
                0.05,
                wall=(0.90, 0.88, 0.82),
            )
        lighthouse(cv, s, f.rng("lighthouse"), lx, ly, lh, 0.03)
        f.spot = (lx - d * lh * 0.25, ly + 4 * cv.px)
    if not storm:
        _front_grass(f, d)
    f.stand_on = (x_edge + d * f.w * 0.08, y_top + (base - y_top) * 0.05)


def _front_grass(f, d):
    """A dark spit of the near shore in a corner: it frames the view and gives it depth."""
    cv, r = f.cv, f.rng("near")
    x0 = f.w * (0.5 + d * 0.55)
    x1 = f.w * (0.5 - d * 0.10)
    line = spline(
        [
            (x0, f.h * 0.86),
            (x0 - d * f.w * 0.2, f.h * 0.905),
            ((x0 + x1) / 2, f.h * 0.955),
            (x1, f.h * 1.01),
        ],
        closed=False,
    )
    area = np.concatenate([line, pts((x1, f.h * 1.05), (x0, f.h * 1.05))])
    cv.wash(area, mix((0.26, 0.27, 0.20), (0.4, 0.4, 0.25), 0.3), rim=0.2)
    cv.shade(area, 0.5)
    lines = []
    for _ in range(90):
        p = line[r.integers(len(line) * 3 // 4)]
        k = f.h * r.uniform(0.02, 0.065)
        lean = r.normal(0.15 * d, 0.25) * k
        x, y = p[0] + r.normal(0, 14) * cv.px, p[1] + r.uniform(0, 16) * cv.px
        lines.append([(x, y), (x + lean * 0.4, y - k * 0.6), (x + lean, y - k)])
    cv.strokes(lines, 1.7, cv.pal.tone((0.20, 0.21, 0.15)), 0.9)


def _tower_from_below(f):
    """Low angle: the lighthouse over us."""
    cv, s = f.cv, f.scene
    f.horizon = f.h * 0.95
    sky(cv, s, f.rng("sky"), f.horizon, (f.sun[0], f.h * 0.18))
    r = f.rng("rocks")
    x, d = f.w * (0.5 - f.side * (0.13 if not f.tall else 0.0)), -f.side
    base = f.h * 0.97
    for i in range(8):
        rock(
            cv,
            r,
            f.w * (i / 7) + r.normal(0, 20) * cv.px,
            f.h * (0.95 + 0.02 * (i % 2)),
            f.w * r.uniform(0.16, 0.3),
            f.h * r.uniform(0.06, 0.14),
            0.35,
        )
    if f.asked("lighthouse"):
        f.done.add("beam")
        lighthouse(
            cv,
            s,
            f.rng("lighthouse"),
            x,
            base,
            f.h * (0.88 if not f.tall else 0.66),
            0.05,
            beam_to=(0.16, np.pi - 0.34) if d < 0 else (0.34, np.pi - 0.16),
        )
    for i in range(7):
        rock(
            cv,
            r,
            f.w * (i / 6) + r.normal(0, 30) * cv.px,
            f.h * (1.02 + 0.02 * (i % 2)),
            f.w * r.uniform(0.18, 0.34),
            f.h * r.uniform(0.07, 0.15),
            0.0,
        )
