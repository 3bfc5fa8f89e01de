"""Stages along a street: houses in perspective, shops, signs, stalls, rain on the paving."""

import numpy as np
from sketch_buildings import LAMP, lit
from sketch_elements import element
from sketch_landscape import SNOW
from sketch_palette import mix
from sketch_people import silhouette
from sketch_shapes import ellipse, pts
from sketch_sky import sky
from sketch_structures import NEON, lantern_string, sign, streetlamp


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
    if neon and lit(cv, s):
        cv.lamplight(f.w * 0.5, f.h * 0.62, max(f.w, f.h) * 0.45, (1.0, 0.86, 0.72), 0.30)
        f.spotlight = True
    if market:
        _market_lanterns(f, v, half)
    if f.allowed("streetlamp", not market and lit(cv, s)):
        for z in (9.0, 4.6):
            for d in (-1, 1):
                x, y = v(d * half * 0.82, 0, z)
                streetlamp(cv, s, f.rng("lamp"), x, y, 3.4 / z * v.k, 0.25 if z > 6 else 0.05, -d)


@element("facade")
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
    _rings(cv, r, v, half)


@element("rings")
def _rings(cv, r, v, half):
    """Where drops meet the paving."""
    rings = []
    for _ in range(40):
        z = r.uniform(1.6, 9)
        x, y = v(r.uniform(-half, half), 0, z)
        k = r.uniform(0.1, 0.22) / z * v.k
        rings.append(np.concatenate([ellipse(x, y, k, k * 0.3, n=14)] * 1))
    cv.strokes(
        [np.concatenate([p, p[:1]]) for p in rings], 1.0, (0.85, 0.88, 0.92), 0.5, smooth=False
    )


@element("facade")
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
        if lit(cv, s):
            cv.lamplight(f.w * 0.5, f.h * 0.6, max(f.w, f.h) * 0.62, (1.0, 0.66, 0.40), 1.35)
        for z in (15.0, 9.5, 6.2, 4.2):
            x0, y0 = v(-half * 0.95, 3.5, z)
            x1, y1 = v(half * 0.95, 3.5, z)
            lantern_string(cv, s, r, x0, y0, x1, y1, 5, 0.62 / z * v.k)
