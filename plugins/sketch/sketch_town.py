"""Stages on land that people built: street, market, city, station, viaduct, rooftop, village."""

import numpy as np
from sketch_buildings import (
    LAMP,
    NEON,
    block,
    girder_bridge,
    house,
    lantern_string,
    lit,
    sign,
    skyline,
    streetlamp,
)
from sketch_landscape import SNOW, grass, ground, hills, mountains, road
from sketch_objects import wall_clock
from sketch_palette import mix
from sketch_people import silhouette
from sketch_plants import pine, tree
from sketch_shapes import ellipse, pts, rect, ribbon
from sketch_sky import sky
from sketch_vehicles import car, rails, train


class View:
    """One-point perspective: metres (x right, y up, z away) to pixels."""

    def __init__(self, f, vx, vy, eye=1.6, focal=None):
        self.vx, self.vy, self.eye = vx, vy, eye
        self.k = focal or f.h * 0.9

    def __call__(self, x, y, z):
        return (self.vx + x / z * self.k, self.vy - (y - self.eye) / z * self.k)


def street(f):
    """A street that runs away from us between houses; shops, signs, stalls, lanterns as asked."""
    cv, s = f.cv, f.scene
    market, neon = s.at("market"), s.has("neon") or s.at("city") or s.has("building")
    high = s.angle in ("high", "bird")
    old = not neon and not market
    vy = f.h * (0.10 if s.angle == "bird" else 0.20 if high else 0.70 if s.angle == "low" else 0.46)
    v = View(
        f, f.w * (0.5 + f.side * 0.05), vy, 6.0 if high else 1.6, f.h * (0.62 if f.tall else 0.9)
    )
    f.view, f.horizon = v, vy
    sky(
        cv,
        s,
        f.rng("sky"),
        vy + f.h * 0.1,
        (f.w * 0.5, vy - f.h * 0.2) if s.has("moon", "sun") or not high else None,
    )
    half = 3.4 if not f.tall else 2.9
    if market:
        half = 4.2 if not f.tall else 3.6
    paving = (0.50, 0.49, 0.48) if not s.weather == "snow" else SNOW
    cv.wash(
        pts(v(-30, 0, 60), v(30, 0, 60), (f.w * 3, f.h * 1.3), (-f.w * 2, f.h * 1.3)),
        paving,
        to=mix(paving, (0.1, 0.1, 0.12), 0.35),
        texture=0.14,
        rim=0,
    )
    rows = []
    for z in np.geomspace(1.2, 40, 24):
        rows.append([v(-half, 0, z), v(half, 0, z)])
    r = f.rng("paving")
    zs = np.geomspace(1.2, 40, 24)
    for a, b in zip(zs[:-1], zs[1:], strict=True):
        for x in np.arange(-half, half, 0.9):
            x += r.uniform(0, 0.5)
            rows.append([v(x, 0, a), v(x, 0, b)])
    cv.strokes(rows, 1.0, alpha=0.42 if old else 0.25, taper=False)
    far = [(-1, 46), (1, 46)]
    del far
    cv.veil(vy - f.h * 0.12, vy + f.h * 0.08, cv.pal.haze, 0.5)
    depths = [34, 22, 15, 10.5, 7.4, 5.2, 3.6, 2.3, 1.25]
    for i in range(len(depths) - 1):
        z1, z0 = depths[i], depths[i + 1]
        fade = min(0.72, max(0.0, (z0 - 2.0) / 30))
        for d in (-1, 1):
            _facade(f, v, d, half, z0, z1, fade, neon, market, i)
        if market:
            _stalls(f, v, half, z0, z1, i)
    if cv.pal.wet or s.weather in ("rain", "storm"):
        _wet(f, v, half)
    f.stand = f.h * (0.87 if not f.tall else 0.80)
    z = v.k * v.eye / (f.stand - vy)
    if high:
        f.unit = 1.75 * v.k / z
    else:
        f.unit = min(f.h * 0.46, f.w * 0.62) if s.shot == "wide" else f.unit
    if market:
        _market_lanterns(f, v, half)
    if f.allowed("streetlamp", not market and lit(cv, s)):
        for z in (9.0, 4.6):
            for d in (-1, 1):
                x, y = v(d * half * 0.82, 0, z)
                streetlamp(cv, s, f.rng("lamp"), x, y, 3.4 / z * v.k, 0.25 if z > 6 else 0.05, -d)


def _facade(f, v, d, half, z0, z1, fade, neon, market, i):
    """One house front along the street from depth z0 to z1, on side d."""
    cv, s = f.cv, f.scene
    r = f.rng(f"facade{i}{d}")
    tall = r.uniform(9, 17) if neon else r.uniform(4.2, 5.6)
    if f.tall and neon:
        tall *= 1.35
    x = d * half
    wall = (
        mix((0.42, 0.42, 0.46), (0.55, 0.47, 0.42), r.uniform(0, 1))
        if neon
        else ((0.82, 0.78, 0.70), (0.70, 0.62, 0.53), (0.76, 0.70, 0.62))[r.integers(3)]
    )
    quad = pts(v(x, 0, z0), v(x, tall, z0), v(x, tall, z1), v(x, 0, z1))
    dark = mix(wall, (0.1, 0.1, 0.14), 0.42 if d == f.side else 0.15)
    cv.form([(quad, dark)], fade, line=1.6, turn=0.05, shadow=0.25)
    end = pts(v(x, 0, z1), v(x, tall, z1), v(x + d * 6, tall, z1), v(x + d * 6, 0, z1))
    del end
    if not neon:
        over, snow = 0.7, s.weather == "snow"
        roof = pts(
            v(x - d * over, tall - 0.25, z0),
            v(x + d * 2.2, tall + 1.7, z0),
            v(x + d * 2.2, tall + 1.7, z1),
            v(x - d * over, tall - 0.25, z1),
        )
        cv.form([(roof, SNOW if snow else (0.27, 0.27, 0.30))], fade, line=1.6, turn=0.04)
        tiles = [
            [v(x - d * over, tall - 0.25, z), v(x + d * 2.2, tall + 1.7, z)]
            for z in np.linspace(z0, z1, 10)[1:-1]
        ]
        cv.strokes(tiles, 0.9, fade=fade, alpha=0.5)
    on = lit(cv, s)
    n = max(1 if neon else 2, round((z1 - z0) / 1.6))
    storeys = int(tall // (2.9 if neon else 2.1))
    for k in range(min(n, 3)):
        a, b = z0 + (z1 - z0) * (k + 0.22) / min(n, 3), z0 + (z1 - z0) * (k + 0.78) / min(n, 3)
        for st in range(storeys):
            base = st * (2.9 if neon else 2.35) + 0.95
            if st == 0 and k == 0:
                door = pts(v(x, 0, a), v(x, 2.15, a), v(x, 2.15, b), v(x, 0, b))
                glow = on and (market or neon)
                cv.wash(
                    door,
                    (1.0, 0.82, 0.5) if glow else (0.30, 0.20, 0.15),
                    fade * 0.6,
                    raw=int(glow),
                    rim=0.25,
                    alpha=0.95 - fade * 0.5,
                )
                if glow:
                    cv.glow(*door.mean(axis=0), 2.6 / a * v.k, LAMP, 0.38)
                continue
            win = pts(v(x, base, a), v(x, base + 1.35, a), v(x, base + 1.35, b), v(x, base, b))
            warm = on and r.random() < (0.5 if neon else 0.7)
            cv.wash(
                win,
                (1.0, 0.86, 0.54) if warm else (0.22, 0.25, 0.30),
                fade * 0.6,
                raw=int(warm),
                rim=0.15,
                alpha=0.95 - fade * 0.4,
            )
            if warm and z0 < 9:
                cv.glow(*win.mean(axis=0), 1.5 / a * v.k, LAMP, 0.3)
            if z0 < 8:
                cv.strokes(
                    [
                        np.concatenate([win, win[:1]]),
                        [(win[0] + win[3]) / 2, (win[1] + win[2]) / 2],
                    ],
                    0.9,
                    fade=fade,
                    smooth=False,
                    taper=False,
                )
    if neon and f.allowed("neon", f.scene.time in ("night", "dusk")) and z0 < 16:
        zc = z0 + (z1 - z0) * r.uniform(0.25, 0.6)
        sx, sy = v(x - d * 0.55, r.uniform(3.0, 5.6), zc)
        hue = NEON[r.integers(4)]
        h, w = r.uniform(1.8, 3.2) / zc * v.k, 0.72 / zc * v.k
        sign(cv, r, sx, sy, min(w, f.w * 0.2), min(h, f.h * 0.26), hue)
        f.neons = [*getattr(f, "neons", []), (sx, hue)]


def _wet(f, v, half):
    """Rain on the paving: the lights stand in it upside down."""
    cv, s = f.cv, f.scene
    r = f.rng("wet")
    cv.light(
        pts(
            v(-half * 0.5, 0, 30),
            v(half * 0.5, 0, 30),
            v(half * 0.6, 0, 1.3),
            v(-half * 0.6, 0, 1.3),
        ),
        cv.pal.sky_low,
        0.30,
        30 * cv.px,
    )
    spots = getattr(f, "neons", [])
    if not spots and lit(cv, s):
        spots = [(v(d * half * 0.9, 0, z)[0], LAMP) for z in (4, 7, 12) for d in (-1, 1)]
    for x, hue in spots:
        lines = []
        top = v.vy + f.h * 0.06
        for _ in range(13):
            y = top + (f.h - top) * r.uniform(0.08, 0.95)
            w = r.uniform(8, 36) * cv.px * (y / f.h)
            cx = x + (f.w / 2 - x) * 0.12 + r.normal(0, 9) * cv.px
            lines.append([(cx - w, y), (cx + w, y + r.normal(0, 1.5))])
        cv.strokes(lines, 4.2, hue, 0.42)
        cv.glow(x + (f.w / 2 - x) * 0.12, top + (f.h - top) * 0.4, f.h * 0.18, hue, 0.28, 1.3)
    rings = []
    for _ in range(40):
        z = r.uniform(1.6, 9)
        x, y = v(r.uniform(-half, half), 0, z)
        k = r.uniform(0.1, 0.22) / z * v.k
        rings.append(np.concatenate([ellipse(x, y, k, k * 0.3, n=14)] * 1))
    cv.strokes(
        [np.concatenate([p, p[:1]]) for p in rings], 1.0, (0.85, 0.88, 0.92), 0.5, smooth=False
    )


def _stalls(f, v, half, z0, z1, i):
    """Awnings and goods on both sides."""
    cv = f.cv
    hues = ((0.76, 0.26, 0.20), (0.25, 0.42, 0.46), (0.86, 0.64, 0.28), (0.45, 0.52, 0.34))
    fade = min(0.6, max(0.0, (z0 - 2) / 30))
    for d in (-1, 1):
        hue = hues[(i + (d > 0) * 2) % 4]
        inner, outer = d * half * 0.52, d * half * 0.95
        box = pts(v(inner, 0, z0), v(inner, 0.9, z0), v(inner, 0.9, z1), v(inner, 0, z1))
        top = pts(v(inner, 0.9, z0), v(outer, 0.9, z0), v(outer, 0.9, z1), v(inner, 0.9, z1))
        front = pts(v(inner, 0, z0), v(outer, 0, z0), v(outer, 0.9, z0), v(inner, 0.9, z0))
        cv.form(
            [(top, (0.66, 0.50, 0.34)), (box, (0.44, 0.31, 0.21)), (front, (0.50, 0.36, 0.25))],
            fade,
            line=1.3,
            turn=0.06,
        )
        r = f.rng(f"goods{i}{d}")
        goods = []
        for _ in range(18):
            gx, gy = v(
                inner + (outer - inner) * r.uniform(0.1, 0.9),
                1.0,
                z0 + (z1 - z0) * r.uniform(0.05, 0.9),
            )
            k = 0.16 / z0 * v.k
            goods.append(
                (
                    ellipse(gx, gy, k, k * 0.85, n=10),
                    ((0.86, 0.45, 0.2), (0.72, 0.24, 0.2), (0.48, 0.58, 0.3), (0.9, 0.75, 0.35))[
                        r.integers(4)
                    ],
                )
            )
        cv.form(goods, fade, line=0.9, inner=0.8)
        cv.strokes(
            [[v(inner * 0.94, 0, z), v(inner * 0.94, 2.3, z)] for z in (z0 * 1.02, z1 * 0.98)],
            2.0,
            fade=fade,
            taper=False,
        )
        n = 7
        stripes = []
        for k in range(n):
            a, b = z0 + (z1 - z0) * k / n, z0 + (z1 - z0) * (k + 1) / n
            stripes.append(
                (
                    pts(
                        v(inner * 0.86, 2.15, a),
                        v(outer * 1.02, 2.9, a),
                        v(outer * 1.02, 2.9, b),
                        v(inner * 0.86, 2.15, b),
                    ),
                    hue if k % 2 else (0.92, 0.88, 0.79),
                )
            )
        cv.form(stripes, fade, line=1.3, inner=0.4, turn=0.05)


def _market_lanterns(f, v, half):
    """The crowd in the middle of the lane, then strings of lanterns across it."""
    cv, s = f.cv, f.scene
    r = f.rng("crowd")
    crowd = any(p.kind == "person" for p in s.people) or not s.people
    if crowd and s.allows("crowd") and s.allows("person"):
        f.done.add("person")
        for z in np.geomspace(20, 3.1, 34):
            x, y = v(r.uniform(-half * 0.46, half * 0.46), 0, z)
            silhouette(cv, r, x, y, r.uniform(1.55, 1.8) / z * v.k, min(0.6, max(0, (z - 4) / 24)))
    if f.allowed("lantern"):
        for z in (15.0, 9.5, 6.2, 4.2):
            x0, y0 = v(-half * 0.95, 3.5, z)
            x1, y1 = v(half * 0.95, 3.5, z)
            lantern_string(cv, s, r, x0, y0, x1, y1, 5, 0.62 / z * v.k)
        if lit(cv, s):
            cv.lamplight(f.w * 0.5, f.h * 0.6, max(f.w, f.h) * 0.62, (1.0, 0.66, 0.36), 1.5)


def skyline_view(f):
    """The city across its roofs or from the ground."""
    cv, s = f.cv, f.scene
    f.horizon = f.h * (0.80 if s.angle == "low" else 0.68)
    sky(cv, s, f.rng("sky"), f.horizon, (f.sun[0], f.h * 0.3))
    if s.allows("building"):
        f.done.add("building")
        r = f.rng("city")
        skyline(cv, s, r, f.horizon + f.h * 0.05, f.h * 0.42, 0.68, 15 if not f.tall else 9)
        cv.veil(f.horizon - f.h * 0.18, f.horizon + f.h * 0.1, cv.pal.haze, 0.35)
        skyline(cv, s, r, f.horizon + f.h * 0.1, f.h * 0.38, 0.34, 11 if not f.tall else 6)
    if s.at("river", "sea", "lake") or s.has("bridge", "boat"):
        from sketch_landscape import water

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
        from sketch_landscape import water

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
            f.w * (0.5 + f.side * 0.30),
            deck - size * 0.02,
            size,
            0.03,
            f.side,
            cars=6,
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
    sky(cv, s, f.rng("sky"), f.horizon, (f.sun[0], f.h * 0.2))
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
    f.stand, f.unit = f.h * 0.945, min(f.h * 0.40, f.w * 0.42)
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
