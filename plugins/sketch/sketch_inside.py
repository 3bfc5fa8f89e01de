"""Stages indoors and close to: room, spiral stair, windowsill, portrait, still life."""

from dataclasses import replace

import numpy as np
from sketch_animals import cat
from sketch_buildings import skyline
from sketch_faces import hand, portrait
from sketch_interior import (
    bed,
    chair,
    door,
    fireplace,
    on_wall,
    piano,
    room,
    shelf,
    table,
    view,
    window,
)
from sketch_objects import FLAME, OBJECTS, vase_of_leaves
from sketch_palette import COLOURS, mix
from sketch_people import person
from sketch_shapes import ellipse, lerp, pts, rect, spline
from sketch_words import Subject

ON_TABLE = ("lamp", "candle", "letter", "book", "map", "cup", "teapot", "bottle", "bowl", "fruit", "clock", "radio",
            "telephone", "phone", "computer", "key", "box", "ring", "camera", "lantern", "flower")  # fmt: skip
LIGHT_KINDS = ("lamp", "candle", "lantern")


def interior(f):
    """A furnished room with whoever is in it."""
    cv, s = f.cv, f.scene
    f.done |= {"window"}
    r = room(cv, s, f.rng("room"), f.side)
    d = -f.side
    unit = min(r.unit, f.h * 0.66) * (1.12 if s.shot == "medium" else 0.92)
    wall_x = r.x0 + (r.x1 - r.x0) * (0.30 if f.side > 0 else 0.70)
    slots = iter((0.52, 0.12, 0.9))
    for kind, size in (("shelf", 0.62), ("door", 0.72), ("piano", 0.5), ("fire", 0.5)):
        if f.asked(kind):
            x = r.x0 + (r.x1 - r.x0) * (next(slots, 0.5))
            {"shelf": shelf, "door": door, "piano": piano, "fire": fireplace}[kind](
                cv,
                s,
                f.rng(kind),
                x,
                r.y1 + f.h * 0.02,
                (r.y1 - r.y0) * size * (1.3 if f.tall else 1.25),
            )
    if s.allows("picture"):
        for kind in ("clock", "mirror", "map", "picture"):
            if f.asked(kind) or (
                kind == "picture" and not s.has("shelf", "clock", "mirror", "door")
            ):
                on_wall(
                    cv,
                    s,
                    f.rng(kind),
                    kind,
                    wall_x,
                    r.y0 + (r.y1 - r.y0) * 0.36,
                    (r.y1 - r.y0) * 0.26,
                )
                break
    if f.asked("bed"):
        bed(cv, s, f.rng("bed"), f.w * (0.5 + d * 0.2), f.h * 0.88, min(f.w * 0.5, f.h * 0.9))
    people = [p for p in s.people]
    seated = s.has("table", "chair") or any(
        p.action in ("sit", "read", "write", "drink", "eat") for p in people
    )
    goods = [k for k in ON_TABLE if s.has(k) and not s.get(k).held]
    y = r.floor
    f.done |= {"chair", "table"}
    f.done |= {p.kind for p in people}
    if s.has("table") or seated or goods:
        tx, tw, th = f.w * (0.5 - d * 0.10), min(f.w * 0.40, unit * 0.95), unit * 0.43
        n = 0
        for p in people[:2]:
            for _ in range(min(max(p.count, 1), 2)):
                flip = d * -1 if n == 0 else d
                px = tx - flip * tw * (0.40 if n == 0 else 0.46)
                if n < 2:
                    chair(
                        cv,
                        s,
                        f.rng("chair"),
                        px - flip * unit * 0.02,
                        y - unit * 0.02,
                        unit * 0.52,
                        flip,
                    )
                    _at_table(f, p, px, y - unit * 0.02, unit, flip, n)
                n += 1
        top = table(cv, s, f.rng("table"), tx, y + unit * 0.04, tw, th)
        _goods(f, goods, tx, top, tw, unit * 0.26)
        for p in people[:1]:
            _forearms(f, p, tx - (-d) * tw * 0.40, y - unit * 0.02, unit, -d)
    else:
        for i, p in enumerate(people[:4]):
            person(
                cv,
                p,
                f.rng(f"person{i}"),
                f.w * (0.5 + d * 0.06 + (i - (len(people[:4]) - 1) / 2) * 0.16),
                y,
                unit,
                -d if i % 2 == 0 else d,
            )
    if s.time in ("night", "dusk"):
        lamp = next((k for k in goods if k in LIGHT_KINDS), None)
        x, ly = f.lamp if lamp and hasattr(f, "lamp") else (f.w * 0.5, r.y0 + f.h * 0.1)
        cv.lamplight(x, ly, max(f.w, f.h) * 0.62, (1.0, 0.72, 0.40), 1.05)
    f.stand, f.unit, f.horizon = y, unit, r.y1
    f.ready = True


def _at_table(f, p, x, y, unit, flip, n):
    """A person seated at a table; the hands come later, over its top."""
    pose = replace(p, holds=())
    person(f.cv, pose, f.rng(f"seated{n}"), x, y, unit, flip, "sit")


def _forearms(f, p, x, y, unit, flip):
    """The near arm on the table, with what the person holds."""
    from sketch_held import hold
    from sketch_people import SKIN, look_of, stature
    from sketch_shapes import limb, place

    cv = f.cv
    s = unit * stature(p)
    coat, *_ = look_of(p, f.rng("seated0"))
    up = bool(p.holds)
    joints = [(-0.07, 0.58), (-0.01, 0.43), (0.17, 0.52 if up else 0.46)]
    cv.form(
        [
            (place(limb(joints, (0.08, 0.068, 0.052)), x, y, s, flip), mix(coat, (1, 1, 1), 0.06)),
            (place(ellipse(*joints[2], 0.031, n=12), x, y, s, flip), SKIN),
        ],
        line=1.7,
        turn=0.3,
    )
    hx, hy = place([joints[2]], x, y, s, flip)[0]
    for thing in p.holds[:2]:
        hold(
            cv,
            thing,
            f.rng("held"),
            (hx + flip * s * 0.03, hy - s * 0.02),
            s * 1.15,
            flip,
            (x, y - s * 0.8),
            p,
        )


def _goods(f, goods, x, y, width, size):
    """Things on a table top, lights last so that they shine over the rest."""
    goods = sorted(goods, key=lambda k: k in LIGHT_KINDS)[:6]
    spots = {1: (0.24,), 2: (-0.06, 0.27)}.get(len(goods)) or np.linspace(-0.34, 0.34, len(goods))
    for kind, t in zip(goods, spots, strict=True):
        f.done.add(kind)
        height, draw = OBJECTS[kind]
        k = size * float(np.clip(height / 0.42, 0.42, 1.15))
        found = f.scene.get(kind)
        flip = f.side
        if kind in LIGHT_KINDS:
            f.lamp = (x + flip * t * width, y - k * 0.4)
        draw(
            f.cv,
            f.scene,
            f.rng(kind),
            x + flip * t * width,
            y + size * 0.12,
            k,
            COLOURS.get(found.colour),
        )


def stairwell(f):
    """Inside a round tower: the spiral stair around its newel, and who climbs it."""
    cv, s = f.cv, f.scene
    w, h = f.w, f.h
    f.done |= {"stairs", "tower", "lighthouse", "door"}
    stone = (0.60, 0.55, 0.49)
    cv.wash(
        pts((0, 0), (w, 0), (w, h), (0, h)),
        mix(stone, (0.2, 0.17, 0.16), 0.35),
        to=(0.30, 0.26, 0.24),
        texture=0.2,
        rim=0,
    )
    cx, R = w * 0.5, min(w * 0.46, h * 0.62)
    k = 0.30  # how much of the circle's depth we see
    r = f.rng("courses")
    lines = []
    for y in np.arange(-h * 0.1, h * 1.1, h * 0.062):
        arc = np.stack(
            [
                cx + R * 1.5 * np.cos(np.linspace(np.pi, 2 * np.pi, 21)),
                y - R * 0.10 * np.sin(np.linspace(np.pi, 2 * np.pi, 21)),
            ],
            axis=1,
        )
        arc[:, 1] = y + R * 0.12 * np.abs(np.cos(np.linspace(np.pi, 2 * np.pi, 21)))
        lines.append(arc)
        for _ in range(9):
            t = r.integers(1, 20)
            lines.append([arc[t], arc[t] + (0, h * 0.062)])
    cv.strokes(lines, 1.0, alpha=0.5, smooth=False)
    cv.shade(rect(-9, -9, w * 0.16, h + 9), 0.8, w * 0.08)
    cv.shade(rect(w * 0.84, -9, w + 9, h + 9), 0.8, w * 0.08)
    if s.allows("window"):
        f.done.add("window")
        x, y, ww, hh = (
            cx - f.side * R * 0.72,
            h * 0.17,
            w * 0.035 if not f.tall else w * 0.05,
            h * 0.13,
        )
        slot = spline(
            pts(
                (x - ww, y + hh),
                (x - ww, y - hh * 0.3),
                (x, y - hh),
                (x + ww, y - hh * 0.3),
                (x + ww, y + hh),
            ),
            n=5,
        )
        cv.form([(slot, (0.3, 0.26, 0.24))], line=2.0)
        cv.wash(lerp(slot, slot.mean(axis=0), 0.16), cv.pal.sky_mid, raw=1, rim=0.2)
        cv.glow(x, y, h * 0.25, cv.pal.sky_low, 0.25)
    turns, per, rise = 2.2, 16, h * 0.56
    start = 0.5 * np.pi - 2 * np.pi * 0.93
    steps = []
    for i in range(int(turns * per)):
        a0, a1 = start + i / per * 2 * np.pi, start + (i + 1) / per * 2 * np.pi
        y = h * 1.10 - i / per * rise
        steps.append((a0, a1, y))

    def at(a, rad, y):
        return (cx + rad * np.cos(a), y + rad * np.sin(a) * k)

    def draw(step):
        a0, a1, y = step
        front = np.sin((a0 + a1) / 2)
        r0, thick = R * 0.12, rise / per
        tread = pts(
            at(a0, r0, y), at(a0, R, y), at((a0 + a1) / 2, R * 1.01, y), at(a1, R, y), at(a1, r0, y)
        )
        outer = pts(
            at(a0, R, y),
            at((a0 + a1) / 2, R * 1.01, y),
            at(a1, R, y),
            at(a1, R, y + thick),
            at((a0 + a1) / 2, R * 1.01, y + thick),
            at(a0, R, y + thick),
        )
        riser = pts(at(a0, r0, y), at(a0, R, y), at(a0, R, y + thick), at(a0, r0, y + thick))
        tone = mix(stone, (0.1, 0.09, 0.1), 0.25 if front > 0 else 0.42)
        parts = [
            (riser, mix(tone, (0.05, 0.05, 0.07), 0.5)),
            (tread, mix(tone, (1, 0.95, 0.85), 0.24)),
        ]
        if front > -0.15:
            parts.append((outer, mix(tone, (0.05, 0.05, 0.07), 0.4)))
        cv.form(parts, line=1.6, turn=0.1, shadow=0.4, inner=0.7)

    back = [st for st in steps if np.sin((st[0] + st[1]) / 2) <= 0]
    for st in sorted(back, key=lambda st: -st[2]):
        draw(st)
    cv.form(
        [(rect(cx - R * 0.13, -20, cx + R * 0.13, h + 20), mix(stone, (0.3, 0.25, 0.22), 0.3))],
        line=1.9,
        turn=0.4,
        shadow=0.6,
    )
    fronts = [st for st in steps if np.sin((st[0] + st[1]) / 2) > 0]
    fronts = sorted(fronts, key=lambda st: np.sin((st[0] + st[1]) / 2))
    low = [st for st in fronts if st[2] > h * 0.5]
    for st in sorted(low, key=lambda st: -st[2]):
        draw(st)
    people = s.people or (
        [Subject("man", role="traveller", action="climb")] if s.allows("person") else []
    )
    unit = min(h * 0.44, w * 0.5)
    stand = (
        min(low, key=lambda st: abs((st[0] + st[1]) / 2 % (2 * np.pi) - np.pi * 0.56))
        if low
        else steps[0]
    )
    for i, p in enumerate(people[:3]):
        step = steps[max(0, min(len(steps) - 1, steps.index(stand) - 2 * i))]
        a = (step[0] + step[1]) / 2
        x, y = at(a, R * 0.74, step[2])
        f.done.add(p.kind)
        if not p.action or p.action in ("hold", "walk"):
            p = replace(p, action="climb")
        person(cv, p, f.rng(f"climber{i}"), x, y, unit, -1, "climb")
        if set(p.holds) & {"lantern", "lamp", "candle"}:
            f.lamp = (x - unit * 0.30, y - unit * 0.62)
    for st in sorted([st for st in fronts if st[2] <= h * 0.5], key=lambda st: -st[2]):
        draw(st)
    lx, ly = getattr(f, "lamp", (cx, h * 0.4))
    cv.lamplight(lx, ly, max(w, h) * 0.55, (1.0, 0.74, 0.44), 1.35)
    f.ready, f.stand, f.unit, f.horizon = True, h * 0.9, unit, h * 0.4


def windowsill(f):
    """A broad window over a city or garden, something sitting on its sill."""
    cv, s = f.cv, f.scene
    w, h = f.w, f.h
    f.done |= {"window", "windowsill", "building"}
    sill = h * (0.76 if not f.tall else 0.72)
    cv.wash(pts((0, 0), (w, 0), (w, h), (0, h)), (0.34, 0.28, 0.27), texture=0.15)
    x0, x1, y0 = w * 0.10, w * 0.90, h * 0.07
    outside = replace(s, places=tuple(s.places) or ("city",)) if not s.places else s
    if outside.at("city", "street") or not outside.at(
        "sea", "coast", "field", "garden", "park", "forest", "beach", "village", "mountain"
    ):
        from sketch_interior import Sub
        from sketch_sky import sky

        with Sub(cv, (x0, y0, x1, sill)):
            sky(cv, s, f.rng("sky"), sill, (w * (0.5 + f.side * 0.20), h * 0.20))
            r = f.rng("city")
            skyline(cv, s, r, sill + 9, h * 0.40, 0.66, 13 if not f.tall else 8)
            cv.veil(sill - h * 0.25, sill + h * 0.05, cv.pal.haze, 0.4)
            skyline(cv, s, r, sill + 9, h * 0.27, 0.3, 10 if not f.tall else 5)
            if s.weather in ("rain", "storm"):
                r = f.rng("drops")
                cv.strokes(
                    [
                        [(x, y), (x + r.normal(0, 2), y + h * 0.05), (x, y + h * 0.1)]
                        for x, y in zip(r.uniform(x0, x1, 80), r.uniform(y0, sill, 80), strict=True)
                    ],
                    1.8,
                    (0.8, 0.86, 0.92),
                    0.6,
                )
    else:
        view(cv, s, f.rng("view"), x0, y0, x1, sill)
    wood = (0.66, 0.58, 0.48)
    t = min(w, h) * 0.035
    frame = [
        rect(x0 - t, y0 - t, x1 + t, y0),
        rect(x0 - t, y0 - t, x0, sill),
        rect(x1, y0 - t, x1 + t, sill),
    ]
    bars = [
        rect(w * 0.5 - t * 0.3, y0, w * 0.5 + t * 0.3, sill),
        rect(x0, h * 0.24, x1, h * 0.24 + t * 0.5),
    ]
    cv.form([(frame, wood), (bars, wood)], line=1.8, turn=0.2)
    top = pts(
        (x0 - t * 2, sill),
        (x1 + t * 2, sill),
        (x1 + t * 4, sill + h * 0.055),
        (x0 - t * 4, sill + h * 0.055),
    )
    cv.form(
        [
            (top, mix(wood, (1, 1, 1), 0.2)),
            (
                rect(x0 - t * 4, sill + h * 0.055, x1 + t * 4, sill + h * 0.085),
                mix(wood, (0, 0, 0), 0.25),
            ),
        ],
        line=2.0,
        turn=0.08,
    )
    y = sill + h * 0.035
    size = min(h * 0.36, w * 0.5)
    x = w * (0.5 - f.side * 0.12)
    cv.shade(
        spline(
            pts(
                (x - size * 0.35, y),
                (x, y - size * 0.05),
                (x + size * 0.35, y),
                (x, y + size * 0.06),
            ),
            n=6,
        ),
        0.6,
        5 * cv.px,
    )
    for i, p in enumerate(s.people[:2]):
        f.done.add(p.kind)
        person(
            cv,
            p,
            f.rng(f"p{i}"),
            x + size * (0.7 * i),
            y + h * 0.0,
            size * 1.7,
            1,
            "ground",
            back=True,
        )
    found = f.asked("cat")
    if found is not None or not s.people:
        if s.allows("cat"):
            cat(cv, f.rng("cat"), x, y, size, -f.side, colour=(found.colour if found else None))
    if s.allows("flower"):
        f.done.add("flower")
        vase_of_leaves(cv, s, f.rng("plant"), w * (0.5 + f.side * 0.30), y, size * 0.6)
    goods = [k for k in ON_TABLE if s.has(k) and k not in f.done]
    for i, kind in enumerate(goods[:3]):
        f.done.add(kind)
        OBJECTS[kind][1](
            cv, s, f.rng(kind), w * (0.5 + f.side * (0.1 - 0.14 * i)), y, size * 0.35, None
        )
    if s.time in ("night", "dusk"):
        cv.lamplight(w * 0.5, h * 1.0, h * 0.5, (1.0, 0.75, 0.5), 1.2, 0.7)
    f.ready, f.stand, f.unit, f.horizon = True, sill + h * 0.2, size, sill


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
        cv.lamplight(lx, h * 0.7, max(w, h) * 0.75, (1.0, 0.74, 0.46), 1.15)
    if hold and hold not in lights:
        f.done.add(hold)
        k = size * (0.56 if hold == "phone" or "hand" in s.body else 0.46)
        hx = x + d * size * (0.62 if not f.tall else 0.46)
        hy = h * (0.86 if not f.tall else 0.80)
        from sketch_people import look_of

        coat, *_ = look_of(who, f.rng("face0"))
        hand(cv, hx, hy, k, d, hold, sleeve=coat)
        if hold == "phone":
            cv.lamplight(hx, hy - k, size * 1.5, (0.62, 0.92, 1.25), 1.5)
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
        hatch = []
        r = f.rng("hatch")
        for _ in range(60):
            x, y, k = (
                w * (0.5 - f.side * r.uniform(0.15, 0.55)),
                h * r.uniform(0, 0.8),
                r.uniform(0.06, 0.14) * h,
            )
            hatch.append([(x, y), (x + k * 0.7, y - k)])
        cv.strokes(hatch, 1.2, alpha=0.28)
        return
    from sketch_landscape import ground, hills, water
    from sketch_sky import sky

    f.horizon = h * 0.58
    sky(cv, s, f.rng("sky"), f.horizon, (w * (0.5 + f.side * 0.34), h * 0.26))
    hills(cv, s, f.rng("hills"), f.horizon, h * 0.12, fade=0.7)
    if s.at("sea", "beach", "coast", "river", "lake", "harbour") or who_is_keeper(s):
        water(cv, s, f.rng("water"), f.horizon)
    else:
        ground(cv, s, f.rng("ground"), f.horizon, far=0.6)
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
