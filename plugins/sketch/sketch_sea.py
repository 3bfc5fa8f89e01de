"""Stages on and by open water: a boat at sea, the beach; gulls over them."""

from dataclasses import replace

import numpy as np
from sketch_boats import boat, sailboat, ship
from sketch_buildings import lighthouse
from sketch_elements import element
from sketch_held import HELD
from sketch_landscape import SAND, mountains, rough_sea, water, wave
from sketch_palette import COLOURS, mix
from sketch_people import person
from sketch_shapes import ellipse, limb, pts, ribbon, spline
from sketch_sky import lightning, sky
from sketch_wildlife import flock


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


@element("boat")
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
    if f.asked("lantern"):
        _bow_lantern(f, x + d * k * 0.44, y - k * 0.16, k, d)


def _bow_lantern(f, x, y, k, d):
    """A lantern on a short pole at the bow, and its broken light on the water."""
    cv, r = f.cv, f.rng("lantern")
    top, arm = (x - d * k * 0.015, y - k * 0.30), (x + d * k * 0.06, y - k * 0.32)
    cv.form([(limb([(x, y), top, arm], (k * 0.014, k * 0.012, k * 0.008)), (0.3, 0.22, 0.16))])
    cv.glow(arm[0], arm[1] + k * 0.06, k * 0.75, (1.0, 0.74, 0.40), 0.55)
    HELD["lantern"](cv, r, *arm, k * 0.62, d, top, None)
    water_y, lines = y + k * 0.24, []
    for i in range(26):
        cx, half = x + r.normal(0, 0.05) * k, r.uniform(0.01, 0.05) * k
        row = water_y + i * k * 0.010
        lines.append([(cx - half, row), (cx + half, row)])
    cv.strokes(lines, 2.2, (1.0, 0.78, 0.42), 0.6)


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
