"""Stages by the water: cliff and sea, open sea, beach, harbour, river town, lake."""

from dataclasses import replace

import numpy as np
from sketch_animals import flock
from sketch_buildings import house, lighthouse, pagoda, pier, stone_bridge
from sketch_landscape import (
    SAND,
    cliff,
    foam_line,
    hills,
    mountains,
    rock,
    rough_sea,
    spray,
    water,
    wave,
)
from sketch_palette import COLOURS, mix
from sketch_people import person
from sketch_plants import reeds, tree
from sketch_shapes import blob, ellipse, limb, pts, ribbon, spline
from sketch_sky import lightning, sky
from sketch_vehicles import boat, sailboat, ship


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


def sea(f):
    """Open water; a boat large in the middle if there is one."""
    cv, s = f.cv, f.scene
    storm = s.weather == "storm" or s.has("wave")
    f.horizon = f.h * {"high": 0.22, "low": 0.68, "bird": 0.1}.get(s.angle, 0.44)
    sky(
        cv,
        s,
        f.rng("sky"),
        f.horizon,
        (f.sun[0], f.horizon - f.h * (0.06 if s.time in ("dawn", "dusk", "sunset") else 0.25)),
    )
    if storm:
        lightning(cv, s, f.rng("lightning"), f.w * (0.5 + f.side * 0.28), f.horizon) if f.allowed(
            "lightning"
        ) else None
    if s.at("mountain", "lake", "river", "island"):
        mountains(cv, s, f.rng("mountains"), f.horizon, f.h * 0.2, 3)
    water(cv, s, f.rng("water"), f.horizon, sun=f.sun, calm=not storm)
    f.done |= {"wave", "oar"}
    if storm:
        rough_sea(cv, s, f.rng("waves"), f.horizon, f.h * 0.24, rows=2, count=3)
    d = -f.side
    f.deck = None
    vessel = f.asked("boat")
    if vessel or s.people:
        k = (
            {"extreme_wide": 0.16, "wide": 0.52, "medium": 0.9, "close": 1.1}[s.shot]
            * min(f.w, f.h * 1.3)
            * (1.12 if f.tall else 1)
        )
        _manned(
            f,
            f.w * 0.5 + f.side * f.w * 0.02,
            f.h * (0.76 if s.shot != "extreme_wide" else 0.62),
            k,
            vessel,
            d,
        )
        for i in range(min(max(0, (vessel.count if vessel else 1) - 1), 6)):
            r = f.rng(f"boat{i}")
            _, front = boat(
                cv,
                s,
                r,
                f.w * (0.18 + 0.64 * ((i * 0.41 + 0.2 * i) % 1)),
                f.horizon + f.h * (0.07 + 0.05 * (i % 3)),
                k * 0.36,
                0.35,
                d,
            )
            front()
    if f.asked("sailboat"):
        for i in range(min(s.count("sailboat", 1), 5)):
            sailboat(
                cv,
                s,
                f.rng(f"sail{i}"),
                f.w * (0.5 + d * (0.05 + 0.16 * i)),
                f.h * (0.66 - 0.06 * i),
                f.h * 0.4 * (0.75**i),
                0.1 * i,
                d,
            )
    if f.asked("ship"):
        ship(cv, s, f.rng("ship"), f.w * 0.5, f.h * 0.66, f.w * 0.6, 0.1, d)
    if storm:
        r = f.rng("front")
        wave(cv, r, f.w * 0.24, f.h * 1.0, f.w * 0.6, f.h * 0.2, (0.22, 0.34, 0.40), -d)
        wave(cv, r, f.w * 0.80, f.h * 1.02, f.w * 0.6, f.h * 0.22, (0.22, 0.34, 0.40), -d)


def _manned(f, x, y, k, vessel, d, tilt=None):
    """A boat with the scene's people in it."""
    cv, s = f.cv, f.scene
    r = f.rng("boat")
    tilt = (0.10 if s.weather in ("storm", "rain") else 0.02) if tilt is None else tilt
    people = _persons(f)[:3]
    colour = COLOURS.get(vessel.colour) if vessel else None
    seats, front = boat(cv, s, r, x, y, k, 0.0, d, colour, cabin=not people, tilt=tilt)
    rowing = any(p.action == "row" for p in people) or (people and s.weather != "clear")
    height = k * 0.50
    for i, p in enumerate(people):
        sx, sy = seats[min(i, 1)] if i < 2 else ((seats[0][0] + seats[1][0]) / 2, seats[0][1])
        if s.weather in ("rain", "storm") and not p.role and not p.holds:
            p = replace(p, role="fisher" if i == 0 else p.role)
        pose = "row" if rowing else "ground"
        hands = person(
            cv, p, f.rng(f"rower{i}"), sx, sy + height * 0.16, height, d, pose, cast=False
        )
        if rowing:
            hx, hy = hands[0]
            side = 1 if i == 0 else -1
            _oar(cv, hx, hy, x + d * k * (0.30 if i else -0.02), y + k * 0.10, k, side, d)
    front()


def _oar(cv, hx, hy, bx, by, k, side, d):
    a, b = np.array([hx - d * k * 0.04, hy - k * 0.015]), np.array([bx, by])
    cv.form(
        [
            (ribbon(np.array([a, b]), [k * 0.013] * 2), (0.66, 0.5, 0.34)),
            (limb([b, b + (b - a) * 0.24], [k * 0.022, k * 0.036]), (0.66, 0.5, 0.34)),
        ],
        line=1.3,
    )


def _persons(f):
    """The scene's people one by one, groups multiplied out."""
    out = []
    for p in f.scene.people:
        n = p.count or (3 if p.kind == "person" and not p.role else 1)
        out += [p] * n
        f.done.add(p.kind)
    return out


def beach(f):
    """Sand in front, surf, the sea behind."""
    cv, s = f.cv, f.scene
    f.horizon = f.h * {"high": 0.2, "low": 0.66, "bird": 0.1}.get(
        s.angle, 0.40 if not f.tall else 0.42
    )
    low = s.time in ("dawn", "sunset", "dusk", "morning")
    f.sun = (f.sun[0], f.horizon - f.h * (0.07 if low else 0.25))
    sky(cv, s, f.rng("sky"), f.horizon, f.sun)
    if s.allows("mountain") and s.weather != "fog":
        line = [
            (f.w * (0.5 - f.side * 0.55), f.horizon),
            (f.w * (0.5 - f.side * 0.5), f.horizon - f.h * 0.09),
            (f.w * (0.5 - f.side * 0.3), f.horizon - f.h * 0.06),
            (f.w * (0.5 - f.side * 0.1), f.horizon + 2),
        ]
        cv.form([(spline(line, n=5), (0.46, 0.48, 0.44))], 0.6, line=1.1)
    if f.asked("lighthouse"):
        lighthouse(
            cv,
            s,
            f.rng("lighthouse"),
            f.w * (0.5 - f.side * 0.38),
            f.horizon - f.h * 0.075,
            f.h * 0.2,
            0.4,
        )
    water(cv, s, f.rng("water"), f.horizon, sun=f.sun)
    for i in range(min(s.count("boat", 1), 4) if f.asked("boat") else 0):
        _, front = boat(
            cv,
            s,
            f.rng(f"boat{i}"),
            f.w * (0.5 + f.side * (0.2 - 0.15 * i)),
            f.horizon + f.h * 0.08,
            f.w * 0.12,
            0.3,
            -f.side,
        )
        front()
    d = f.side
    y0 = f.horizon + f.h * 0.10
    edge = spline(
        [
            (f.w * (0.5 - d * 0.56), y0 + f.h * 0.03),
            (f.w * (0.5 - d * 0.2), y0 + f.h * 0.07),
            (f.w * (0.5 + d * 0.1), y0 + f.h * 0.17),
            (f.w * (0.5 + d * 0.3), y0 + f.h * 0.30),
            (f.w * (0.5 + d * 0.56), y0 + f.h * 0.36),
        ],
        closed=False,
        n=10,
    )
    bottom = pts((edge[-1][0], f.h * 1.02), (edge[0][0], f.h * 1.02))
    cv.wash(
        np.concatenate([edge + (0, -f.h * 0.035), bottom]), (0.90, 0.92, 0.90), rim=0.05, alpha=0.85
    )
    cv.wash(
        np.concatenate([edge + (0, -f.h * 0.016), bottom]),
        mix(SAND, (0.3, 0.28, 0.28), 0.40),
        rim=0.1,
    )
    cv.wash(
        np.concatenate([edge + (0, f.h * 0.03), bottom]),
        SAND,
        to=mix(SAND, (0.5, 0.38, 0.28), 0.35),
        texture=0.10,
        rim=0.0,
    )
    r = f.rng("surf")
    white = (0.97, 0.98, 0.97) if not cv.pal.dark else (0.6, 0.67, 0.75)
    for k in (0.036, 0.062, 0.085):
        line = (
            edge
            + (0, -f.h * k)
            + np.stack([0 * edge[:, 0], r.normal(0, 0.003, len(edge)) * f.h], axis=1)
        )
        cv.strokes(
            [line[i : i + 12] for i in range(0, len(line) - 4, 11)],
            3.6 if k < 0.05 else 2.2,
            white,
            0.8,
        )
    specks = [
        [(x, y), (x + 4 * cv.px, y)]
        for x, y in zip(r.uniform(0, f.w, 90), r.uniform(y0 + f.h * 0.2, f.h, 90), strict=True)
    ]
    cv.strokes(specks, 1.0, alpha=0.4)
    f.unit *= 1.0
    f.stand = f.h * (0.86 if not f.tall else 0.80)
    if f.allowed("footprints", bool(s.people)):
        footprints(f, f.w * (0.5 - f.side * 0.05))
    f.lead = f.w * 0.5


def footprints(f, x):
    """Two rows of prints that come from the front corner to where the walkers are."""
    cv, d = f.cv, f.side
    marks, lights = [], []
    for i in range(15):
        t = i / 14
        y = f.h * (1.0 - 0.15 * t)
        size = (11 - 4.5 * t) * cv.px
        for row in (0, 1):
            px = x - d * f.w * (0.40 - 0.36 * t) + row * 62 * cv.px + (i % 2) * 13 * cv.px
            marks.append(ellipse(px, y + row * 8 * cv.px, size, size * 0.42, 0.3 * d, n=10))
            lights.append(
                ellipse(
                    px + size * 0.3,
                    y + row * 8 * cv.px + size * 0.3,
                    size * 0.9,
                    size * 0.22,
                    0.3 * d,
                    n=10,
                )
            )
    cv.wash(lights, (0.97, 0.91, 0.78), alpha=0.6, rim=0)
    cv.shade(marks, 0.85, 0.8 * cv.px)


def harbour(f):
    """Houses along a quay, boats at rest, a pier in front."""
    cv, s = f.cv, f.scene
    f.horizon = f.h * (0.40 if not f.tall else 0.40)
    f.sun = (f.sun[0], f.horizon - f.h * (0.13 if s.time in ("dawn", "dusk", "sunset") else 0.25))
    sky(cv, s, f.rng("sky"), f.horizon, f.sun)
    r = f.rng("hills")
    hills(cv, s, r, f.horizon, f.h * 0.16, (0.42, 0.46, 0.40), 0.5)
    if f.asked("lighthouse"):
        lighthouse(
            cv,
            s,
            f.rng("lighthouse"),
            f.w * (0.5 + f.side * 0.42),
            f.horizon + f.h * 0.03,
            f.h * 0.26,
            0.3,
        )
    quay = f.horizon + f.h * 0.085
    water(cv, s, f.rng("water"), quay, sun=None)
    if s.allows("house"):
        f.done.add("house")
        r = f.rng("houses")
        for row, (n, fade, lift) in enumerate(((9, 0.36, 0.062), (8, 0.14, 0.0))):
            for i in range(n):
                x = f.w * (i + 0.5 + r.uniform(-0.2, 0.2)) / n
                house(
                    cv,
                    s,
                    r,
                    x,
                    quay - f.h * lift,
                    f.h * r.uniform(0.12, 0.17),
                    fade,
                    wall=(
                        (0.90, 0.84, 0.74),
                        (0.82, 0.62, 0.50),
                        (0.72, 0.74, 0.72),
                        (0.86, 0.74, 0.52),
                    )[r.integers(4)],
                )
    stone = (0.50, 0.47, 0.44)
    cv.form(
        [
            (
                pts(
                    (-9, quay - f.h * 0.006),
                    (f.w + 9, quay - f.h * 0.006),
                    (f.w + 9, quay + f.h * 0.035),
                    (-9, quay + f.h * 0.035),
                ),
                stone,
            )
        ],
        0.1,
        line=1.4,
        turn=0.2,
    )
    _reflect_lights(f, quay + f.h * 0.04)
    for i in range(4):
        _, front = boat(
            cv,
            s,
            f.rng(f"moored{i}"),
            f.w * (0.1 + 0.27 * i),
            quay + f.h * 0.075,
            f.w * 0.1,
            0.25,
            f.side,
            cabin=i % 2 == 0,
        )
        front()
    vessel = f.asked("boat")
    d = -f.side
    if vessel is not None or s.allows("boat"):
        _, front = boat(
            cv,
            s,
            f.rng("boat"),
            f.w * (0.5 + f.side * 0.20),
            f.h * 0.735,
            min(f.w * 0.36, f.h * 0.6),
            0.0,
            d,
            cabin=True,
        )
        front()
    if f.asked("ship"):
        ship(cv, s, f.rng("ship"), f.w * 0.55, f.h * 0.68, f.w * 0.5, 0.1, d)
    if f.allowed("pier"):
        x0, x1 = (-f.w * 0.05, f.w * 0.62) if f.side > 0 else (f.w * 0.38, f.w * 1.05)
        pier(cv, s, f.rng("pier"), x0, x1, f.h * 0.90, f.h * 0.10)
        f.lead, f.span = (x0 + x1) / 2 + f.w * 0.0, (x1 - x0) * 0.78
        f.stand = f.h * 0.885
        f.unit = min(f.h * 0.30, f.w * 0.34)
        f.face = f.side


def _reflect_lights(f, y):
    """Warm streaks in the water under lit windows."""
    if f.scene.time not in ("night", "dusk"):
        return
    r = f.rng("reflections")
    lines = []
    for _ in range(22):
        x = r.uniform(0, f.w)
        for k in range(5):
            w = r.uniform(6, 20) * f.cv.px
            lines.append(
                [(x - w, y + (k * 13 + r.uniform(0, 6)) * f.cv.px), (x + w, y + k * 13 * f.cv.px)]
            )
    f.cv.strokes(lines, 2.4, (1.0, 0.78, 0.42), 0.6)


def river(f):
    """A water town: white walls and grey roofs on both banks, a stone bridge, hills in the mist."""
    cv, s = f.cv, f.scene
    f.horizon = f.h * (0.46 if not f.tall else 0.44)
    f.sun = (f.sun[0], f.horizon - f.h * 0.16)
    sky(cv, s, f.rng("sky"), f.horizon, f.sun)
    mountains(cv, s, f.rng("mountains"), f.horizon, f.h * 0.22, 3, 0.88, 0.62)
    if f.asked("pagoda"):
        pagoda(cv, s, f.rng("pagoda"), f.w * (0.5 + f.side * 0.2), f.horizon, f.h * 0.26, 0.5)
    water(cv, s, f.rng("water"), f.horizon, tint=(0.42, 0.52, 0.48), sun=None)
    cv.veil(
        f.horizon - f.h * 0.10,
        f.horizon + f.h * 0.07,
        cv.pal.haze,
        0.75 if s.weather == "fog" else 0.4,
    )
    r = f.rng("houses")
    eastern = s.allows("house")
    f.done.add("house")
    for i in range(5 if eastern else 0):
        t = i / 4
        fade = 0.55 - 0.5 * t
        k = f.h * (0.13 + 0.20 * t)
        for d in (-1, 1):
            x = f.w * (0.5 + d * (0.17 + 0.33 * t + (0.02 if d > 0 else 0)))
            y = f.horizon + f.h * (0.035 + 0.155 * t)
            bank = pts(
                (x - d * k * 0.62, y),
                (x + d * k * 3, y),
                (x + d * k * 3, y + k * 0.2),
                (x - d * k * 0.66, y + k * 0.2),
            )
            cv.form([(bank, (0.58, 0.56, 0.51))], fade, line=1.2, turn=0.1)
            house(cv, s, r, x + d * k * 0.1, y, k * r.uniform(0.9, 1.12), fade, eastern=True)
            mirror = pts(
                (x - k * 0.55, y + k * 0.22),
                (x + k * 0.6, y + k * 0.22),
                (x + k * 0.5, y + k * 0.75),
                (x - k * 0.48, y + k * 0.75),
            )
            cv.wash(mirror, (0.90, 0.90, 0.86), fade, alpha=0.34, rim=0)
        if i == 1 and f.allowed("bridge"):
            stone_bridge(
                cv,
                s,
                f.rng("bridge"),
                f.w * 0.5,
                f.horizon + f.h * 0.145,
                min(f.w * 0.44, f.h * 0.8),
                f.h * 0.135,
                0.16,
            )
            f.crossing = (f.w * 0.5, f.horizon + f.h * 0.012)
    cv.veil(
        f.horizon + f.h * 0.02,
        f.horizon + f.h * 0.20,
        cv.pal.haze,
        0.42 if s.weather == "fog" else 0.15,
    )
    if f.allowed("tree"):
        tree_x = f.w * (0.5 + f.side * 0.46)
        willow(f, tree_x, f.h * 0.80, f.h * 0.62)
    if s.has("boat") or s.allows("boat"):
        f.asked("boat")
        n = min(s.count("boat", 1), 4)
        for i in range(n):
            boat(
                cv,
                s,
                f.rng(f"boat{i}"),
                f.w * (0.47 - f.side * (0.07 - 0.2 * i)),
                f.h * (0.80 - 0.07 * i),
                f.w * 0.26 * (0.8**i) * (1.5 if f.tall else 1),
                0.0,
                -f.side,
                eastern=True,
            )
    reeds(cv, f.rng("reeds"), f.w * (0.5 - f.side * 0.42), f.h * 1.0, f.w * 0.2, f.h * 0.14)


def willow(f, x, y, size):
    """A willow leaning over the water."""
    cv, r, d = f.cv, f.rng("willow"), -f.side
    if f.scene.season in ("autumn", "winter"):
        return tree(cv, f.scene, r, x, y, size)
    top = (x + d * size * 0.14, y - size * 0.72)
    cv.form(
        [
            (
                limb(
                    [(x, y + size * 0.3), (x - d * size * 0.02, y - size * 0.35), top],
                    [size * 0.10, size * 0.07, size * 0.03],
                ),
                (0.34, 0.28, 0.22),
            )
        ],
        line=1.6,
    )
    crown = [
        blob(
            top[0] + a * size * 0.1,
            top[1] - size * 0.04 + r.normal(0, 0.02) * size,
            size * 0.1,
            size * 0.07,
            r,
        )
        for a in (-2.6, -1.5, -0.5, 0.6, 1.6, 2.8)
    ]
    cv.form([(crown, (0.42, 0.52, 0.32))], line=1.3, turn=0.15)
    strands, pale = [], []
    for i in range(120):
        a = r.uniform(-1.3, 1.5) * d
        cx, cy = (
            top[0] + a * size * 0.30,
            top[1] - size * (0.15 - 0.10 * a * a) + r.normal(0, 0.03) * size,
        )
        fall = size * r.uniform(0.3, 0.62)
        line = [
            (cx - a * size * 0.1, cy + size * 0.02),
            (cx, cy),
            (cx + a * size * 0.06, cy + fall * 0.5),
            (cx + a * size * 0.05 + r.normal(0, 0.02) * size, cy + fall),
        ]
        (strands if i % 3 else pale).append(line)
    cv.strokes(strands, 3.0, cv.pal.tone((0.34, 0.44, 0.28)), 0.8)
    cv.strokes(pale, 2.4, cv.pal.tone((0.52, 0.60, 0.36)), 0.8)
    cv.strokes(strands[::4], 1.0, alpha=0.6)
    return None


def gulls(f):
    """Gulls and other birds of the scene, over what the stage made."""
    for kind in ("gull", "bird"):
        found = f.asked(kind)
        if found is not None:
            n = found.count or 6
            r = f.rng(kind)
            f_size = 0.062 if f.scene.shot != "extreme_wide" else 0.045
            y = (
                max(f.h * 0.1, min(f.horizon * 0.52, f.h * 0.34))
                if not f.scene.interior
                else f.h * 0.2
            )
            flock(
                f.cv,
                r,
                f.w * (0.5 + f.side * 0.1),
                y,
                f.w * 0.30,
                min(f.w, f.h) * f_size,
                n,
                kind == "gull",
            )
