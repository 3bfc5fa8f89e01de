"""Rooms in perspective, the window's view and light, furniture, the spiral stair, the windowsill."""

import numpy as np
from sketch_buildings import skyline
from sketch_elements import element
from sketch_landscape import hills, water
from sketch_palette import mix
from sketch_shapes import ellipse, lerp, pts, rect, ribbon, spline
from sketch_sky import disc, stars

PLASTER = (0.78, 0.70, 0.58)


FLOOR = (0.52, 0.38, 0.26)


class Sub:
    """A canvas seen through a window: same interface, clipped to a box by restoring the rest."""

    def __init__(self, cv, box):
        self.cv = cv
        self.box = [
            int(np.clip(v, 0, lim)) for v, lim in zip(box, (cv.w, cv.h, cv.w, cv.h), strict=True)
        ]

    def __enter__(self):
        self.kept = self.cv.keep()
        return self.cv

    def __exit__(self, *error):
        self.cv.restore(self.kept, self.box)


def view(cv, scene, rng, x0, y0, x1, y1):
    """What is outside a window: sky, city or sea or hills, moon, rain on the glass."""

    pal = cv.pal
    h = max(1.0, y1 - y0)
    with Sub(cv, (x0, y0, x1, y1)):
        cv.wash(rect(x0, y0, x1, y1), pal.sky_top, to=pal.sky_low, raw=1, rim=0, texture=0.12)
        if scene.time == "night" and scene.weather == "clear":
            stars(cv, scene, rng, y1)
            if scene.allows("moon"):
                disc(cv, scene, rng, x0 + (x1 - x0) * 0.76, y0 + h * 0.24)
        horizon = y0 + h * 0.66
        if (
            scene.at("sea", "coast", "beach", "harbour")
            or scene.has("lighthouse", "boat")
            or scene.get("man")
            and scene.get("man").role == "keeper"
        ):
            water(cv, scene, rng, horizon, bottom=y1 + 4)
        elif scene.at("city", "street") or scene.has("building", "neon"):
            skyline(
                cv,
                scene,
                rng,
                y1 + 10,
                h * 0.66,
                0.5,
                max(5, int((x1 - x0) / cv.w * 14)) * cv.w // max(1, int(x1 - x0))
                if x1 - x0 < cv.w * 0.5
                else 8,
            )
        else:
            line = hills(cv, scene, rng, horizon, h * 0.12, fade=0.6)
            cv.shade(np.concatenate([line, pts((cv.w, y1), (0, y1))]), 0.25)
    _outside(cv, scene, rng, x0, y0, x1, y1)


@element("outside")
def _outside(cv, scene, rng, x0, y0, x1, y1):
    """What falls beyond a window, and runs down it."""
    h = max(1.0, y1 - y0)
    if scene.weather in ("rain", "storm"):
        drops = []
        for _ in range(int(46 * max(0.4, (x1 - x0) * h / (cv.w * cv.h) * 6))):
            dx, dy, k = rng.uniform(x0, x1), rng.uniform(y0, y1), rng.uniform(0.04, 0.14) * h
            drops.append(
                [
                    (dx, dy),
                    (dx + rng.normal(0, 2) * cv.px, min(dy + k / 2, y1)),
                    (dx + rng.normal(0, 2) * cv.px, min(dy + k, y1)),
                ]
            )
        cv.strokes(drops, 1.6, (0.80, 0.86, 0.92), 0.6)
    elif scene.weather == "snow":
        flakes = [
            ellipse(
                rng.uniform(x0 + 4, x1 - 4),
                rng.uniform(y0 + 4, y1 - 4),
                rng.uniform(1.2, 3) * cv.px,
                n=8,
            )
            for _ in range(40)
        ]
        cv.wash(flakes, (0.97, 0.97, 0.98), raw=1, rim=0)


def window(cv, scene, rng, x0, y0, x1, y1, curtains=True):
    """A window in a wall: view, frame, bars, sill, curtains."""
    view(cv, scene, rng, x0, y0, x1, y1)
    t = max(4 * cv.px, (x1 - x0) * 0.045)
    wood = (0.80, 0.76, 0.66)
    frame = [
        rect(x0 - t, y0 - t, x1 + t, y0),
        rect(x0 - t, y1, x1 + t, y1 + t),
        rect(x0 - t, y0, x0, y1),
        rect(x1, y0, x1 + t, y1),
    ]
    xm, ym = (x0 + x1) / 2, y0 + (y1 - y0) * 0.42
    bars = [rect(xm - t * 0.3, y0, xm + t * 0.3, y1), rect(x0, ym - t * 0.3, x1, ym + t * 0.3)]
    cv.form([(frame, wood), (bars, wood)], line=1.4, turn=0.2)
    cv.form(
        [(rect(x0 - t * 2.2, y1 + t * 0.8, x1 + t * 2.2, y1 + t * 2), wood)], line=1.5, turn=0.3
    )
    if curtains and scene.allows("curtain"):
        w, cloth = (x1 - x0) * 0.26, (0.62, 0.30, 0.26)
        for s, ex in ((-1, x0 - t), (1, x1 + t)):
            drape = spline(
                pts(
                    (ex + s * w * 0.55, y0 - t * 2.4),
                    (ex - s * w * 0.55, y0 - t * 2.4),
                    (ex - s * w * 0.45, y0 + (y1 - y0) * 0.4),
                    (ex + s * w * 0.2, y0 + (y1 - y0) * 0.68),
                    (ex + s * w * 0.05, y1 + t * 3),
                    (ex + s * w * 0.6, y1 + t * 3),
                ),
                n=4,
            )
            cv.form([(drape, cloth)], line=1.5, turn=0.25)
            cv.strokes(
                [
                    [
                        (ex - s * w * d, y0 - t * 2),
                        (ex - s * w * d * 0.5, y0 + (y1 - y0) * 0.4),
                        (ex + s * w * 0.3, y1),
                    ]
                    for d in (0.3, 0.05, -0.25)
                ],
                1.1,
                alpha=0.6,
            )
        cv.strokes([[(x0 - w - t, y0 - t * 2.6), (x1 + w + t, y0 - t * 2.6)]], 3.0, taper=False)


class Room:
    """The room's geometry in px: the back wall's box, and what stands where on the floor."""

    def __init__(self, cv, rng):
        tall = cv.h > cv.w * 1.1
        self.x0, self.x1 = cv.w * (0.10 if tall else 0.17), cv.w * (0.90 if tall else 0.83)
        self.y0, self.y1 = cv.h * (0.14 if tall else 0.08), cv.h * (0.62 if tall else 0.64)
        self.unit = min(cv.h * 0.62, cv.w * (0.72 if tall else 0.60))  # a grown person, in front
        self.floor = cv.h * (0.84 if tall else 0.92)


def room(cv, scene, rng, side):
    """An empty room: walls, floor boards, beams, skirting; the window and its light. → Room"""
    r = Room(cv, rng)
    night = scene.time in ("night", "dusk")
    w, h = cv.w, cv.h
    ceiling, floor = (
        pts((0, 0), (w, 0), (r.x1, r.y0), (r.x0, r.y0)),
        pts((r.x0, r.y1), (r.x1, r.y1), (w * 1.1, h), (-w * 0.1, h)),
    )
    left, right = (
        pts((0, 0), (r.x0, r.y0), (r.x0, r.y1), (-w * 0.1, h), (0, h)),
        pts((w, 0), (r.x1, r.y0), (r.x1, r.y1), (w * 1.1, h), (w, h)),
    )
    cv.wash(
        rect(r.x0, r.y0, r.x1, r.y1),
        PLASTER,
        to=mix(PLASTER, (0.5, 0.4, 0.3), 0.3),
        texture=0.10,
        rim=0.2,
    )
    cv.wash(ceiling, mix(PLASTER, (0.3, 0.25, 0.2), 0.45), texture=0.1)
    cv.wash(left, mix(PLASTER, (0.2, 0.16, 0.16), 0.38 if side > 0 else 0.12), texture=0.1)
    cv.wash(right, mix(PLASTER, (0.2, 0.16, 0.16), 0.38 if side < 0 else 0.12), texture=0.1)
    cv.wash(floor, FLOOR, to=mix(FLOOR, (0.1, 0.06, 0.05), 0.35), texture=0.14)
    boards = [
        [(r.x0 + (r.x1 - r.x0) * t, r.y1), (-w * 0.1 + w * 1.2 * t, h)]
        for t in np.linspace(0, 1, 15)
    ]
    for i in range(14):
        v = rng.uniform(0.15, 0.9) ** 1.3
        a, b = lerp(boards[i][0], boards[i][1], v), lerp(boards[i + 1][0], boards[i + 1][1], v)
        boards.append([a, b])
    cv.strokes(boards, 1.0, alpha=0.6, taper=False)
    beams = [[(r.x0 + (r.x1 - r.x0) * t, r.y0), (w * t, 0)] for t in np.linspace(0.12, 0.88, 5)]
    for a, b in beams:
        cv.form([(ribbon(np.array([a, b]), [w * 0.018, w * 0.034]), (0.34, 0.24, 0.17))], line=1.2)
    corners = [
        [(r.x0, r.y0), (r.x0, r.y1)],
        [(r.x1, r.y0), (r.x1, r.y1)],
        [(r.x0, r.y1), (r.x1, r.y1)],
        [(r.x0, r.y0), (r.x1, r.y0)],
        [(0, 0), (r.x0, r.y0)],
        [(w, 0), (r.x1, r.y0)],
        [(r.x0, r.y1), (-w * 0.1, h)],
        [(r.x1, r.y1), (w * 1.1, h)],
    ]
    cv.strokes(corners, 1.5, taper=False)
    cv.form(
        [(rect(r.x0, r.y1 - h * 0.022, r.x1, r.y1), mix(PLASTER, (0.3, 0.2, 0.15), 0.5))], line=0.9
    )
    if scene.allows("window"):
        wx = r.x0 + (r.x1 - r.x0) * (0.73 if side > 0 else 0.27)
        ww, wy0, wy1 = (
            (r.x1 - r.x0) * (0.16 if w > h else 0.2),
            r.y0 + (r.y1 - r.y0) * 0.16,
            r.y0 + (r.y1 - r.y0) * 0.68,
        )
        window(cv, scene, rng, wx - ww / 2 * 1.2, wy0, wx + ww / 2 * 1.2, wy1)
        dx = -side * w * 0.16
        patch = pts(
            (wx - ww / 2 + dx, r.y1 + h * 0.06),
            (wx + ww / 2 + dx, r.y1 + h * 0.06),
            (wx + ww * 0.75 + dx * 2.1, h * 0.93),
            (wx - ww * 0.75 + dx * 2.1, h * 0.93),
        )
        strength = 0.30 if night else 0.62 if scene.weather == "clear" else 0.35
        colour = (0.35, 0.45, 0.65) if night else (1.0, 0.92, 0.70)
        cv.light(patch, colour, strength, 6 * cv.px)
        if not night:
            cv.light(
                pts((wx - ww / 2, wy0), (wx + ww / 2, wy0), patch[2], patch[3]),
                (1, 0.94, 0.78),
                0.13,
                12 * cv.px,
            )
        r.window = (wx, (wy0 + wy1) / 2)
    return r
