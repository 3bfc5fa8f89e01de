"""Stages on land that people built: street, market, city, station, viaduct, rooftop, village."""

import numpy as np
from sketch_buildings import LAMP, block, house, lit, skyline
from sketch_landscape import SNOW, grass, ground, hills, mountains, road, water
from sketch_objects import wall_clock
from sketch_palette import mix
from sketch_plants import pine, tree
from sketch_shapes import ellipse, pts, rect, ribbon
from sketch_sky import sky
from sketch_street import View
from sketch_structures import girder_bridge, streetlamp
from sketch_vehicles import car, rails, train


def skyline_view(f):
    """The city across its roofs or from the ground."""
    cv, s = f.cv, f.scene
    if s.angle in ("high", "bird"):
        return _city_from_above(f)
    f.horizon = f.h * (0.80 if s.angle == "low" else 0.68)
    sky(cv, s, f.rng("sky"), f.horizon, (f.sun[0], f.h * 0.3))
    if s.allows("building"):
        f.done.add("building")
        r = f.rng("city")
        skyline(cv, s, r, f.horizon + f.h * 0.05, f.h * 0.42, 0.68, 15 if not f.tall else 9)
        cv.veil(f.horizon - f.h * 0.18, f.horizon + f.h * 0.1, cv.pal.haze, 0.35)
        skyline(cv, s, r, f.horizon + f.h * 0.1, f.h * 0.38, 0.34, 11 if not f.tall else 6)
    if s.at("river", "sea", "lake") or s.has("bridge", "boat"):
        water(cv, s, f.rng("water"), f.horizon + f.h * 0.10)
        if f.asked("bridge"):
            girder_bridge(
                cv, s, f.rng("bridge"), f.horizon + f.h * 0.02, f.h * 0.05, 0.1, f.h * 0.9
            )
    else:
        ground(cv, s, f.rng("ground"), f.horizon + f.h * 0.09, (0.46, 0.46, 0.47), 0.2, tufts=False)
        cv.strokes([[(0, f.h * 0.93), (f.w, f.h * 0.93)]], 2.0)
        if lit(cv, s) or s.has("streetlamp"):
            f.done.add("streetlamp")
            for k in (0.12, 0.5, 0.88):
                streetlamp(
                    cv,
                    s,
                    f.rng("lamps"),
                    f.w * k,
                    f.h * 0.9,
                    f.h * 0.28,
                    0.05,
                    1 if k < 0.6 else -1,
                )


def viaduct(f):
    """A train on a bridge between tall buildings."""
    cv, s = f.cv, f.scene
    f.horizon = f.h * 0.66
    sky(
        cv,
        s,
        f.rng("sky"),
        f.horizon,
        (f.w * 0.5 + f.side * f.w * 0.06, f.h * (0.42 if not s.time == "night" else 0.14)),
    )
    r = f.rng("city")
    city = s.has("building") or s.at("city")
    if city:
        f.done.add("building")
        skyline(cv, s, r, f.h * 0.80, f.h * 0.50, 0.72, 12 if not f.tall else 8)
        skyline(cv, s, r, f.h * 0.82, f.h * 0.36, 0.5, 9 if not f.tall else 6)
        cv.veil(f.h * 0.45, f.h * 0.8, cv.pal.haze, 0.4)
        ground(cv, s, f.rng("ground"), f.h * 0.80, (0.40, 0.40, 0.42), 0.2, tufts=False)
    else:
        mountains(cv, s, r, f.horizon, f.h * 0.3, 3)

        water(cv, s, f.rng("water"), f.h * 0.74)
    deck = f.h * (0.60 if not f.tall else 0.56)
    size = f.h * (0.13 if not f.tall else 0.075)
    if f.allowed("bridge"):
        girder_bridge(
            cv, s, f.rng("bridge"), deck, size * 0.62, 0.12, f.h * 0.99, 3 if not f.tall else 2
        )
    if f.asked("train"):
        rails(cv, deck, 0.1, size * 0.2)
        train(
            cv,
            s,
            f.rng("train"),
            f.w * (0.5 + f.side * (0.25 if not f.tall else 0.21)),
            deck - size * 0.02,
            size,
            0.03,
            f.side,
            cars=6,
            steam=not city or s.has("smoke"),
        )
    if city:
        w = f.w * (0.24 if not f.tall else 0.27)
        block(
            cv,
            s,
            f.rng("left"),
            -w * 0.25,
            w * 0.80,
            f.h * 0.10,
            f.h * 1.02,
            0.0,
            (0.34, 0.33, 0.37),
        )
        block(
            cv,
            s,
            f.rng("right"),
            f.w - w * 0.86,
            f.w + w * 0.3,
            f.h * 0.04,
            f.h * 1.02,
            0.0,
            (0.40, 0.34, 0.33),
        )
        if s.allows("car"):
            f.done.add("car")
            for k, (x, y, d) in enumerate(((0.38, 0.93, 1), (0.62, 0.955, -1))):
                car(cv, s, f.rng(f"car{k}"), f.w * x, f.h * y, min(f.w * 0.2, f.h * 0.16), 0.08, d)
    f.stand = f.h * 0.95
    f.unit = f.h * 0.12


def station(f):
    """A platform with its roof and lamps; the train beyond it."""
    cv, s = f.cv, f.scene
    f.horizon = f.h * 0.52
    sky(cv, s, f.rng("sky"), f.horizon, (f.w * (0.5 + f.side * 0.14), f.h * 0.2))  # between lamps
    hills(cv, s, f.rng("hills"), f.horizon, f.h * 0.12, (0.40, 0.44, 0.42), 0.6)
    plat = f.h * 0.70
    ground(cv, s, f.rng("ground"), f.horizon, (0.44, 0.42, 0.40), 0.25, tufts=False)
    size = min(f.h * 0.27, f.w * 0.24)
    rails(cv, plat - f.h * 0.02, 0.1, size * 0.14)
    if f.allowed("train"):
        train(
            cv,
            s,
            f.rng("train"),
            f.w * (0.5 + f.side * 0.34),
            plat - f.h * 0.025,
            size,
            0.05,
            f.side,
            cars=4,
        )
    top = pts((-9, plat), (f.w + 9, plat), (f.w + 9, f.h + 9), (-9, f.h + 9))
    stone = (0.62, 0.58, 0.53)
    cv.wash(top, stone, to=mix(stone, (0.2, 0.18, 0.18), 0.4), texture=0.12)
    cv.form(
        [(rect(-9, plat - f.h * 0.012, f.w + 9, plat + f.h * 0.012), (0.86, 0.82, 0.72))], line=1.4
    )
    cv.strokes(
        [
            [
                (f.w * 0.5 + (x - 0.5) * f.w * 1.0, plat + f.h * 0.012),
                (f.w * 0.5 + (x - 0.5) * f.w * 2.2, f.h),
            ]
            for x in np.linspace(-0.2, 1.2, 15)
        ],
        0.9,
        alpha=0.4,
    )
    cv.strokes(
        [[(-9, plat + f.h * k), (f.w + 9, plat + f.h * k)] for k in (0.06, 0.14)], 0.9, alpha=0.4
    )
    roof = pts((-9, -9), (f.w + 9, -9), (f.w + 9, f.h * 0.075), (-9, f.h * 0.075))
    cv.form([(roof, (0.30, 0.26, 0.24))], line=1.8, turn=0.05)
    fringe = [
        pts((x, f.h * 0.07), (x + f.w * 0.0125, f.h * 0.105), (x + f.w * 0.025, f.h * 0.07))
        for x in np.arange(0, f.w, f.w * 0.025)
    ]
    cv.form([(fringe, (0.36, 0.30, 0.26))], line=1.0)
    for x in (0.10, 0.63 if f.side < 0 else 0.37, 0.90):
        post = ribbon(
            pts((f.w * x, f.h * 0.07), (f.w * x, plat + f.h * 0.10)), [f.h * 0.022, f.h * 0.018]
        )
        cv.form([(post, (0.22, 0.26, 0.25))], line=1.5)
        for d in (-1, 1):
            cv.strokes(
                [
                    [
                        (f.w * x, f.h * 0.20),
                        (f.w * x + d * f.w * 0.03, f.h * 0.15),
                        (f.w * x + d * f.w * 0.045, f.h * 0.08),
                    ]
                ],
                3.0,
            )
    for x in (0.24, 0.76):
        lx, ly = f.w * x, f.h * 0.185
        cv.strokes([[(lx, f.h * 0.07), (lx, ly)]], 1.8, taper=False)
        on = lit(cv, s)
        cv.form(
            [
                (
                    pts(
                        (lx - f.h * 0.03, ly + f.h * 0.022),
                        (lx - f.h * 0.01, ly),
                        (lx + f.h * 0.01, ly),
                        (lx + f.h * 0.03, ly + f.h * 0.022),
                    ),
                    (0.2, 0.2, 0.2),
                )
            ],
            line=1.2,
        )
        if on:
            cv.glow(lx, ly + f.h * 0.02, f.h * 0.34, LAMP, 0.55)
            cv.glow(lx, ly + f.h * 0.025, f.h * 0.08, (1, 0.95, 0.8), 0.95)
            cv.glow(lx, plat + f.h * 0.12, f.h * 0.34, LAMP, 0.30, 0.25)
    if lit(cv, s):
        cv.lamplight(f.w * 0.5, f.h * 0.62, f.w * 0.62, (1.0, 0.80, 0.52), 0.9, 0.7)
    wall_clock(cv, f.w * 0.5, f.h * 0.165, f.h * 0.10)
    f.done.add("clock")
    f.stand, f.unit = f.h * 0.89, min(f.h * 0.36, f.w * 0.40)
    f.face = f.side
    f.lead = f.w * (0.5 - f.side * 0.08)


def rooftop(f):
    """A roof over the city; its parapet is a seat."""
    cv, s = f.cv, f.scene
    f.horizon = f.h * (0.66 if not f.tall else 0.64)
    sky(cv, s, f.rng("sky"), f.horizon + f.h * 0.05, (f.sun[0], f.h * 0.16))
    r = f.rng("city")
    skyline(cv, s, r, f.h * 0.80, f.h * 0.22, 0.66, 15 if not f.tall else 9)
    cv.veil(f.h * 0.58, f.h * 0.8, cv.pal.haze, 0.4)
    skyline(cv, s, r, f.h * 0.86, f.h * 0.20, 0.35, 10 if not f.tall else 6)
    f.done.add("building")
    wall_y = f.h * (0.80 if not f.tall else 0.80)
    slab = pts(
        (-9, wall_y + f.h * 0.075),
        (f.w + 9, wall_y + f.h * 0.075),
        (f.w + 9, f.h + 9),
        (-9, f.h + 9),
    )
    cv.wash(slab, (0.46, 0.43, 0.42), to=(0.26, 0.24, 0.25), texture=0.15)
    cv.form(
        [
            (rect(-9, wall_y, f.w + 9, wall_y + f.h * 0.02), (0.62, 0.58, 0.55)),
            (rect(-9, wall_y + f.h * 0.02, f.w + 9, wall_y + f.h * 0.085), (0.44, 0.40, 0.39)),
        ],
        line=1.7,
        turn=0.1,
    )
    tx = f.w * (0.5 + f.side * 0.38)
    k = min(f.h * 0.26, f.w * 0.34)
    legs = [
        [(tx + a * k * 0.26, wall_y - k * 0.28), (tx + a * k * 0.30, wall_y + f.h * 0.10)]
        for a in (-1, -0.3, 0.4, 1)
    ]
    cv.strokes(legs, 4.0, taper=False)
    tank = pts(
        (tx - k * 0.3, wall_y - k * 0.85),
        (tx + k * 0.3, wall_y - k * 0.85),
        (tx + k * 0.3, wall_y - k * 0.28),
        (tx - k * 0.3, wall_y - k * 0.28),
    )
    cv.form(
        [
            (tank, (0.40, 0.30, 0.24)),
            (
                pts(
                    (tx - k * 0.36, wall_y - k * 0.85),
                    (tx, wall_y - k * 1.12),
                    (tx + k * 0.36, wall_y - k * 0.85),
                ),
                (0.30, 0.25, 0.24),
            ),
        ],
        line=1.7,
        turn=0.25,
    )
    cv.strokes(
        [
            [
                (tx - k * 0.3 + k * 0.1 * j, wall_y - k * 0.85),
                (tx - k * 0.3 + k * 0.1 * j, wall_y - k * 0.28),
            ]
            for j in range(1, 6)
        ],
        0.9,
        alpha=0.6,
    )
    f.stand = wall_y + f.h * 0.012
    f.unit = min(f.h * 0.42, f.w * 0.52) if s.shot == "wide" else f.unit
    f.seat = True
    f.lead = f.w * (0.5 - f.side * 0.10)


def village(f):
    """Houses on a slope, lights in the windows, trees, a lane."""
    cv, s = f.cv, f.scene
    f.horizon = f.h * (0.46 if not f.tall else 0.44)
    moon = (f.sun[0], f.h * 0.17) if s.time == "night" else (f.sun[0], f.horizon - f.h * 0.2)
    sky(cv, s, f.rng("sky"), f.horizon, moon)
    mountains(cv, s, f.rng("mountains"), f.horizon, f.h * 0.24, 3, 0.8, 0.5)
    ground(cv, s, f.rng("ground"), f.horizon, grass(s), 0.4)
    snow = s.weather == "snow" or s.season == "winter"
    path = SNOW if snow else (0.74, 0.66, 0.52)
    road(
        cv,
        [
            (f.w * 0.46, f.h * 1.03),
            (f.w * 0.56, f.h * 0.84),
            (f.w * 0.43, f.h * 0.70),
            (f.w * 0.52, f.h * 0.585),
            (f.w * 0.5, f.horizon + f.h * 0.03),
        ],
        [f.w * 0.16, f.w * 0.075, f.w * 0.036, f.w * 0.016, f.w * 0.006],
        mix(path, (0.45, 0.5, 0.6), 0.25 if snow else 0.0),
    )
    r = f.rng("houses")
    rows = (
        (0.045, 7, 0.09, 0.5),
        (0.105, 6, 0.13, 0.3),
        (0.20, 4, 0.20, 0.1),
        (0.335, 2, 0.29, 0.0),
    )
    f.done |= {"house", "lights", "tree", "pine"}
    for dy, n, size, fade in rows:
        for i in range(n):
            t = (i + 0.5 + r.uniform(-0.18, 0.18)) / n
            if n == 2:
                t = (0.15, 0.86)[i]
            if 0.40 < t < 0.60 and n < 6:
                t += 0.18 if i % 2 else -0.18
            y = f.horizon + f.h * (dy + r.uniform(-0.01, 0.01))
            k = f.h * size * r.uniform(0.85, 1.1) * (0.8 if f.tall else 1)
            if f.scene.allows("tree") and r.random() < 0.75:
                (pine if snow or i % 2 else tree)(
                    cv,
                    s,
                    r,
                    f.w * t + k * r.choice((-1.1, 1.15)),
                    y - k * 0.05,
                    k * r.uniform(1.0, 1.5),
                    fade + 0.06,
                )
            if s.allows("house"):
                if snow:
                    cv.wash(
                        ellipse(f.w * t, y + k * 0.02, k * 0.95, k * 0.14),
                        SNOW,
                        fade,
                        alpha=0.8,
                        rim=0.1,
                    )
                house(cv, s, r, f.w * t, y, k, fade)
                if lit(cv, s):
                    cv.glow(f.w * t - k * 0.15, y + k * 0.12, k * 0.9, LAMP, 0.32, 0.25)
    f.stand, f.unit = f.h * 0.90, min(f.unit, f.h * 0.24)
    f.lead = f.w * 0.5


def _city_from_above(f):
    """Blocks and avenues seen from the air: roofs, lit fronts, haze towards the horizon."""
    cv, s, r = f.cv, f.scene, f.rng("blocks")
    f.done |= {"building", "house"}
    f.horizon = f.h * 0.16
    sky(cv, s, f.rng("sky"), f.horizon, None)
    ground(cv, s, f.rng("ground"), f.horizon, (0.40, 0.40, 0.42), 0.6, tufts=False)
    if lit(cv, s):
        cv.light(rect(0, int(f.horizon), f.w, f.h), LAMP, 0.14)
    v = View(f, f.w * (0.5 + 0.06 * f.side), f.horizon, 60.0, f.h * 1.3)
    for z in np.geomspace(420, 78, 12):
        fade = float(np.clip((z - 90) / 420, 0, 0.75))
        for x in sorted(np.arange(-300, 301, 26), key=lambda x: -abs(x)):
            x0, x1, d = x + r.uniform(2, 4), x + r.uniform(18, 22), z * 0.10
            top = r.uniform(8, 34)
            tone = mix((0.50, 0.50, 0.53), (0.64, 0.56, 0.50), r.uniform(0, 1))
            near, far = z - d, z
            if abs((x + 10) / near * v.k) > f.w * 0.62:
                continue
            front = pts(v(x0, 0, near), v(x0, top, near), v(x1, top, near), v(x1, 0, near))
            roof = pts(v(x0, top, near), v(x0, top, far), v(x1, top, far), v(x1, top, near))
            edge = x1 if x < 0 else x0
            side = pts(v(edge, 0, near), v(edge, top, near), v(edge, top, far), v(edge, 0, far))
            parts = [
                (side, mix(tone, (0, 0, 0), 0.3)),
                (front, tone),
                (roof, mix(tone, (1, 1, 1), 0.25)),
            ]
            cv.form(parts, fade, line=1.2, turn=0.08, inner=0.6)
            panes = [
                rect(*v(a, h + 2.2, near), *v(a + 1.7, h, near))
                for h in np.arange(2, top - 3, 4.2)
                for a in np.arange(x0 + 1.2, x1 - 2, 3.4)
                if r.random() < 0.55
            ]
            if panes:
                on = lit(cv, s)
                hue = (1.0, 0.86, 0.55) if on else (0.28, 0.31, 0.36)
                cv.wash(panes, hue, fade, raw=int(on), rim=0, alpha=0.9 - 0.5 * fade)
    f.stand, f.unit = f.h * 0.95, f.h * 0.05
