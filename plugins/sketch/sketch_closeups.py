"""Stages close to: a face, a hand, things on a table top."""

from dataclasses import replace

import numpy as np
from sketch_faces import portrait
from sketch_hands import hand
from sketch_inside import LIGHT_KINDS
from sketch_interior import window
from sketch_landscape import ground, hills, water
from sketch_objects import OBJECTS
from sketch_palette import COLOURS, mix
from sketch_people import look_of
from sketch_plants import LEAF
from sketch_shapes import blob, ellipse, pts
from sketch_sky import sky
from sketch_tabletop import FLAME
from sketch_words import Subject


def closeup(f):
    """A person from the chest up, or a hand with what it holds."""
    cv, s = f.cv, f.scene
    w, h = f.w, f.h
    people = s.people or [Subject(("woman", "man")[f.rng("who").integers(2)])]
    who = people[0]
    f.done |= {p.kind for p in people} | {"window", "curtain"}
    lights = [k for k in LIGHT_KINDS if s.has(k)]
    screen = s.has("phone", "computer")
    backdrop(f, s.has("window") or s.at("room"), bool(lights) or screen)
    size = min(h * 0.56, w * 0.60)
    y = h * (0.44 if not f.tall else 0.40)
    glow = FLAME if lights else (0.55, 0.76, 1.0) if screen else None
    hold = next(
        (
            t
            for t in (
                *who.holds,
                *(
                    k
                    for k in (
                        "phone",
                        "letter",
                        "cup",
                        "book",
                        "key",
                        "flower",
                        "candle",
                        "lantern",
                    )
                    if s.has(k)
                ),
            )
            if t in OBJECTS
        ),
        None,
    )
    only_hand = "hand" in s.body and "face" not in s.body and not s.people
    d = f.side
    if only_hand:
        y_hand = h * 0.66
        hand(cv, w * 0.5, y_hand, min(h * 0.42, w * 0.5), d, hold or "none")
        f.done.add(hold)
        f.ready = True
        return
    if hold == "cup" or "hand" in s.body or hold:
        x = w * (0.5 - d * (0.10 if not f.tall else 0.04))
    else:
        x = w * (0.5 - d * 0.04)
    n = min(sum(max(1, p.count) for p in people), 2)
    if n == 2:
        size *= 0.82
    cast = [p for p in people for _ in range(max(1, min(p.count, 2)))][:2]
    for i, p in enumerate(reversed(cast)):
        i = n - 1 - i
        px = x + d * w * (0.30 if n == 2 and i else -0.12 if n == 2 else 0)
        k = 0.8 if p.kind in ("child", "girl", "boy") and n == 2 else 1.0
        face = replace(p, action=p.action)
        portrait(
            cv,
            s,
            face,
            f.rng(f"face{i}"),
            px,
            y + h * (0.08 if k < 1 else 0),
            size * k,
            d if i == 0 else -d,
            glow,
        )
    if lights:
        kind = lights[0]
        f.done.add(kind)
        lx = w * (0.5 + d * (0.36 if not f.tall else 0.33))
        OBJECTS[kind][1](cv, s, f.rng(kind), lx, h * 0.99, min(h * 0.46, w * 0.42), None)
        cv.lamplight(lx, h * 0.7, max(w, h) * 0.75, (1.0, 0.74, 0.46), 1.5)
    if hold and hold not in lights:
        f.done.add(hold)
        k = size * (0.56 if hold == "phone" or "hand" in s.body else 0.46)
        hx = x + d * size * (0.62 if not f.tall else 0.46)
        hy = h * (0.86 if not f.tall else 0.80)

        coat, *_ = look_of(who, f.rng("face0"))
        hand(cv, hx, hy, k, d, hold, sleeve=coat)
        if hold == "phone":
            cv.lamplight(hx, hy - k, size * 1.5, (0.66, 0.88, 1.10), 0.95)
    f.ready, f.stand, f.unit, f.horizon = True, h * 0.98, h * 0.5, h * 0.6


def backdrop(f, with_window, dark):
    """What is behind a close-up, out of focus: a wall with a window, or the open."""
    cv, s = f.cv, f.scene
    w, h = f.w, f.h
    if s.interior or dark or s.time == "night":
        wall = (0.46, 0.38, 0.33) if not dark else (0.36, 0.29, 0.26)
        cv.wash(
            pts((0, 0), (w, 0), (w, h), (0, h)),
            wall,
            to=mix(wall, (0.1, 0.08, 0.08), 0.5),
            texture=0.3,
            rim=0,
        )
        if with_window:
            d = f.side
            x0, x1 = sorted((w * (0.5 + d * 0.10), w * (0.5 + d * 0.42)))
            window(cv, s, f.rng("window"), x0, h * 0.08, x1, h * 0.66, curtains=s.time != "night")
            if s.time not in ("night", "dusk"):
                cv.light(
                    pts(
                        (x0, h * 0.08),
                        (x1, h * 0.08),
                        (w * (0.5 - d * 0.1), h),
                        (w * (0.5 - d * 0.5), h),
                    ),
                    (1, 0.94, 0.78),
                    0.16,
                    20 * cv.px,
                )
        elif s.at("city", "street") or s.has("neon", "phone"):
            r = f.rng("bokeh")
            for _ in range(26):
                x, y, k = r.uniform(0, w), r.uniform(0, h * 0.8), r.uniform(0.02, 0.06) * h
                hue = ((1, 0.7, 0.35), (0.4, 0.75, 0.95), (1, 0.4, 0.45))[r.integers(3)]
                cv.light(ellipse(x, y, k), hue, 0.16, k * 0.12)
        return

    f.horizon = h * 0.58
    sky(cv, s, f.rng("sky"), f.horizon, (w * (0.5 + f.side * 0.34), h * 0.26))
    hills(cv, s, f.rng("hills"), f.horizon, h * 0.12, fade=0.7)
    if s.at("sea", "beach", "coast", "river", "lake", "harbour") or who_is_keeper(s):
        water(cv, s, f.rng("water"), f.horizon)
    else:
        ground(cv, s, f.rng("ground"), f.horizon, far=0.6)
    if s.at("park", "forest", "path", "village") or s.has("tree", "flower"):
        r = f.rng("hedge")
        low, high = LEAF[s.season]
        for tone, n in ((low, 16), (high, 9)):
            tufts = [
                blob(x * w, h * r.uniform(0.42, 0.66), w * 0.07, h * r.uniform(0.08, 0.16), r)
                for x in np.linspace(0, 1, n)
            ]
            cv.form([(tufts, tone)], 0.35, line=1.2, turn=0.12)
    cv.lay(
        np.full((cv.h, cv.w), 1.0, np.float32),
        (0, 0, cv.w, cv.h),
        np.asarray(cv.pal.haze, np.float32),
        0.25,
    )


def who_is_keeper(scene):
    """A sailor or keeper belongs to the sea, whatever else the prompt says."""
    return any(p.role in ("keeper", "fisher") for p in scene.people)


def still_life(f):
    """Things on a table top, near."""
    cv, s = f.cv, f.scene
    w, h = f.w, f.h
    goods = [
        x.kind
        for x in s.subjects
        if x.kind in OBJECTS and x.kind not in ("fire", "well", "robot", "anchor")
    ]
    goods = list(dict.fromkeys(goods))[:5]
    lights = [k for k in goods if k in LIGHT_KINDS]
    f.done |= {"table", "window"}
    wall = (0.50, 0.40, 0.33)
    edge = h * (0.50 if not f.tall else 0.52)
    cv.wash(
        pts((0, 0), (w, 0), (w, edge), (0, edge)),
        wall,
        to=mix(wall, (0.15, 0.1, 0.1), 0.5),
        texture=0.25,
        rim=0,
    )
    if s.has("window") or s.weather in ("rain", "snow") or not lights:
        x0, x1 = sorted((w * (0.5 - f.side * 0.08), w * (0.5 - f.side * 0.40)))
        if s.allows("window"):
            window(cv, s, f.rng("window"), x0, h * 0.06, x1, h * 0.42, curtains=False)
    wood = (0.52, 0.36, 0.23)
    cv.wash(
        pts((-9, edge), (w + 9, edge), (w + 9, h + 9), (-9, h + 9)),
        mix(wood, (1, 1, 1), 0.08),
        to=mix(wood, (0.1, 0.05, 0.03), 0.42),
        texture=0.18,
        rim=0,
    )
    r = f.rng("grain")
    vx = w * 0.5
    planks = [[(vx + t * w * 0.9, edge), (vx + t * w * 1.9, h)] for t in np.linspace(-0.9, 0.9, 9)]
    grain = []
    for _ in range(70):
        t, a = r.uniform(-0.9, 0.9), r.uniform(0, 0.8)
        b = a + r.uniform(0.05, 0.2)
        grain.append(
            [
                (vx + t * w * (0.9 + a), edge + (h - edge) * a),
                (vx + t * w * (0.9 + b) + 2, edge + (h - edge) * b),
            ]
        )
    cv.strokes(planks, 1.6, taper=False, alpha=0.7)
    cv.strokes(grain, 0.9, alpha=0.4)
    cv.strokes([[(-9, edge), (w + 9, edge)]], 1.8, taper=False)
    if lights:
        cv.shade(pts((-9, -9), (w + 9, -9), (w + 9, h + 9), (-9, h + 9)), 0.42, 0)
    base = min(h * 0.62, w * 0.62)
    order = sorted(
        goods, key=lambda k: OBJECTS[k][1].__name__ not in ("lamp", "candle", "lantern", "bottle")
    )
    n = len(order)
    for i, kind in enumerate(order):
        found = f.asked(kind)
        flat = kind in ("letter", "book", "map", "key", "phone")
        if n == 1:
            t, yy = 0.0, 0.86 if not flat else 0.84
        elif kind in LIGHT_KINDS:
            t, yy = 0.21, 0.70
        else:
            t, yy = (
                (-0.15, 0.24, -0.30, 0.05)[(i - len(lights)) % 4],
                (0.92, 0.93, 0.70, 0.78)[(i - len(lights)) % 4],
            )
        k = base * {
            "lamp": 0.92,
            "candle": 0.62,
            "lantern": 0.7,
            "letter": 0.98,
            "book": 0.66,
            "map": 0.78,
            "cup": 0.30,
            "teapot": 0.42,
            "bottle": 0.75,
            "bowl": 0.36,
            "fruit": 0.26,
            "key": 0.34,
            "ring": 0.26,
            "phone": 0.46,
            "telephone": 0.42,
            "radio": 0.5,
            "clock": 0.55,
        }.get(kind, 0.48)
        if n > 2:
            k *= 0.82
        for j in range(min(max(1, found.count), 3)):
            OBJECTS[kind][1](
                cv,
                s,
                f.rng(kind),
                w * (0.5 + f.side * t) + j * k * 0.8 - (min(max(1, found.count), 3) - 1) * k * 0.4,
                h * yy,
                k,
                COLOURS.get(found.colour),
            )
    if lights:
        lx, ly = w * (0.5 + f.side * (0.21 if n > 1 else 0)), h * 0.5
        cv.lamplight(lx, ly, max(w, h) * 0.85, (1.0, 0.74, 0.44), 1.3)
        cv.lamplight(w * (0.5 - f.side * 0.05), h * 0.85, w * 0.5, (1.0, 0.78, 0.48), 0.5, 0.5)
    f.ready, f.stand, f.unit, f.horizon = True, h * 0.97, h * 0.5, edge
