"""Stages of one piece: the spiral stair in a tower, the broad windowsill."""

from dataclasses import replace

import numpy as np
from sketch_animals import cat
from sketch_buildings import skyline
from sketch_inside import ON_TABLE
from sketch_interior import Sub, view
from sketch_objects import OBJECTS, vase_of_leaves
from sketch_palette import mix
from sketch_people import person
from sketch_shapes import lerp, pts, rect, spline
from sketch_sky import sky
from sketch_words import Subject


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
