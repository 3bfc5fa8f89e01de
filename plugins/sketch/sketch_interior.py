"""Rooms in perspective, the window's view and light, furniture, the spiral stair, the windowsill."""

import numpy as np
from sketch_buildings import skyline
from sketch_landscape import hills, water
from sketch_objects import FLAME, PAPER, WOOD, contact, wall_clock
from sketch_palette import mix
from sketch_shapes import ellipse, lerp, limb, place, pts, rect, ribbon, spline

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
        self.kept = self.cv.rgb.copy()
        return self.cv

    def __exit__(self, *error):
        x0, y0, x1, y1 = self.box
        inside = self.cv.rgb[:, y0:y1, x0:x1].copy()
        self.cv.rgb[:] = self.kept
        self.cv.rgb[:, y0:y1, x0:x1] = inside


def view(cv, scene, rng, x0, y0, x1, y1):
    """What is outside a window: sky, city or sea or hills, moon, rain on the glass."""
    from sketch_sky import disc, stars

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
        t, v = (i + 0.5) / 14, rng.uniform(0.15, 0.9) ** 1.3
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


def table(cv, scene, rng, x, y, w, h, colour=WOOD):
    """A table whose front legs stand at y; returns the y of its top's middle."""
    top = y - h
    d = h * 0.20
    legs = [
        limb([(x + s * w * 0.44, top + d), (x + s * w * 0.45, y)], [h * 0.09, h * 0.07])
        for s in (-1, 1)
    ]
    back = [
        limb([(x + s * w * 0.36, top), (x + s * w * 0.36, y - d * 0.9)], [h * 0.07, h * 0.05])
        for s in (-1, 1)
    ]
    cv.shade(
        pts(
            (x - w * 0.5, y),
            (x + w * 0.5, y),
            (x + w * 0.38, y - d * 1.2),
            (x - w * 0.38, y - d * 1.2),
        ),
        0.5,
        8 * cv.px,
    )
    slab = pts(
        (x - w * 0.42, top - d),
        (x + w * 0.42, top - d),
        (x + w * 0.5, top + d * 0.55),
        (x - w * 0.5, top + d * 0.55),
    )
    edge = rect(x - w * 0.5, top + d * 0.55, x + w * 0.5, top + d * 0.95)
    cv.form(
        [(b, mix(colour, (0, 0, 0), 0.4)) for b in back]
        + [(leg, mix(colour, (0, 0, 0), 0.2)) for leg in legs]
        + [(slab, mix(colour, (1, 1, 1), 0.12)), (edge, mix(colour, (0, 0, 0), 0.18))],
        line=1.8,
        turn=0.06,
    )
    grain = [
        [
            (x - w * (0.42 + 0.05 * t) + rng.uniform(0, 0.2) * w, top - d + d * 1.5 * t),
            (x + rng.uniform(0.1, 0.4) * w, top - d + d * 1.5 * t),
        ]
        for t in np.linspace(0.12, 0.9, 6)
    ]
    cv.strokes(grain, 0.8, alpha=0.4)
    return top - d * 0.2


def chair(cv, scene, rng, x, y, s, flip=1, colour=WOOD):
    """A chair; `s` is the height of its back."""

    def put(p):
        return place(p, x, y, s, flip)

    dark = mix(colour, (0, 0, 0), 0.3)
    contact(cv, x, y, s * 0.25)
    cv.form([(put(limb([(-0.22, 1.0), (-0.2, 0.5), (-0.26, 0.0)], [0.06, 0.06, 0.05])), colour), (put(limb([(0.2, 0.5), (0.23, 0.0)], [0.06, 0.05])), colour), (put(limb([(-0.1, 0.48), (-0.12, 0.08)], [0.05, 0.04])), dark), (put(limb([(0.3, 0.5), (0.33, 0.08)], [0.05, 0.04])), dark),
             (put(pts((-0.26, 0.47), (0.24, 0.47), (0.36, 0.56), (-0.12, 0.56))), mix(colour, (1, 1, 1), 0.1)), (put(pts((-0.24, 0.98), (-0.1, 1.04), (-0.08, 0.86), (-0.22, 0.8))), colour)], line=1.5)  # fmt: skip


def bench(cv, scene, rng, x, y, s):
    """A park bench, `s` px long."""
    slats = [
        rect(x - s / 2, y - s * h, x + s / 2, y - s * h + s * 0.045) for h in (0.46, 0.38, 0.30)
    ]
    seat = pts(
        (x - s * 0.5, y - s * 0.2),
        (x + s * 0.5, y - s * 0.2),
        (x + s * 0.54, y - s * 0.13),
        (x - s * 0.54, y - s * 0.13),
    )
    contact(cv, x, y, s * 0.5)
    cv.form(
        [
            (
                limb([(x + k * s * 0.42, y - s * 0.45), (x + k * s * 0.42, y)], [s * 0.04] * 2),
                (0.2, 0.2, 0.22),
            )
            for k in (-1, 1)
        ]
        + [(sl, WOOD) for sl in slats]
        + [(seat, mix(WOOD, (1, 1, 1), 0.12))],
        line=1.5,
    )


def bed(cv, scene, rng, x, y, s):
    """A bed with its pillow and blanket, `s` px long."""

    def put(p):
        return place(p, x, y, s)

    contact(cv, x, y, s * 0.5)
    cv.form([(put(rect(-0.54, 0.0, -0.47, 0.5)), WOOD), (put(pts((-0.48, 0.12), (0.5, 0.08), (0.5, 0.24), (-0.48, 0.28))), (0.85, 0.82, 0.75)), (put(spline([(-0.47, 0.27), (-0.4, 0.38), (-0.22, 0.37), (-0.18, 0.27)], n=4)), (0.95, 0.93, 0.88)),
             (put(spline([(-0.22, 0.28), (0.1, 0.31), (0.5, 0.25), (0.52, 0.05), (-0.16, 0.08)], n=4)), (0.42, 0.50, 0.58)), (put(rect(0.48, 0.0, 0.54, 0.34)), WOOD)], line=1.8, turn=0.15)  # fmt: skip


def shelf(cv, scene, rng, x, y, s):
    """A bookcase, `s` px high."""
    w = s * 0.36
    cv.form([(rect(x - w, y - s, x + w, y), mix(WOOD, (0, 0, 0), 0.25))], line=1.8, turn=0.06)
    hues = (
        (0.55, 0.22, 0.18),
        (0.28, 0.36, 0.40),
        (0.68, 0.55, 0.32),
        (0.36, 0.40, 0.28),
        (0.75, 0.68, 0.56),
    )
    for row in range(4):
        by = y - s * (0.04 + 0.24 * row)
        bx = x - w * 0.9
        books = []
        while bx < x + w * 0.78:
            bw, bh = s * rng.uniform(0.022, 0.045), s * rng.uniform(0.13, 0.19)
            books.append((rect(bx, by - bh, bx + bw, by), hues[rng.integers(5)]))
            bx += bw * (1.05 if rng.random() < 0.9 else 2.5)
        cv.form(books, line=1.0, turn=0.2)
        cv.strokes([[(x - w, by), (x + w, by)]], 2.2, taper=False)


def on_wall(cv, scene, rng, kind, x, y, s):
    """A picture, a mirror, a clock or a map on the wall."""
    if kind == "clock":
        return wall_clock(cv, x, y, s)
    cv.shade(rect(x - s * 0.44, y - s * 0.52, x + s * 0.56, y + s * 0.6), 0.35, 5 * cv.px)
    cv.form(
        [
            (rect(x - s * 0.5, y - s * 0.6, x + s * 0.5, y + s * 0.52), (0.55, 0.40, 0.2)),
            (
                rect(x - s * 0.42, y - s * 0.5, x + s * 0.42, y + s * 0.42),
                PAPER if kind != "mirror" else (0.70, 0.77, 0.80),
            ),
        ],
        line=1.5,
        turn=0.06,
    )
    if kind == "mirror":
        cv.strokes(
            [
                [(x - s * 0.3, y + s * 0.1), (x + s * 0.05, y - s * 0.35)],
                [(x - s * 0.1, y + s * 0.25), (x + s * 0.25, y - s * 0.2)],
            ],
            2.2,
            (0.95, 0.97, 0.98),
            0.7,
        )
    else:
        cv.wash(
            spline(
                pts(
                    (x - s * 0.4, y + s * 0.4),
                    (x - s * 0.15, y - s * 0.1),
                    (x + s * 0.05, y + s * 0.15),
                    (x + s * 0.25, y - s * 0.15),
                    (x + s * 0.4, y + s * 0.4),
                ),
                n=3,
            ),
            (0.42, 0.48, 0.42),
        )
        cv.wash(ellipse(x + s * 0.18, y - s * 0.3, s * 0.07), (0.85, 0.5, 0.25), rim=0)


def door(cv, scene, rng, x, y, s):
    """A panelled door, `s` px high."""
    w = s * 0.22
    cv.form(
        [
            (rect(x - w * 1.15, y - s * 1.03, x + w * 1.15, y), (0.66, 0.58, 0.46)),
            (rect(x - w, y - s, x + w, y), (0.42, 0.27, 0.18)),
        ],
        line=1.7,
        turn=0.08,
    )
    panels = [
        rect(x + a * w, y - s * b, x + (a + 0.75) * w, y - s * c)
        for a in (-0.85, 0.1)
        for b, c in ((0.93, 0.55), (0.45, 0.08))
    ]
    cv.strokes([np.concatenate([p, p[:1]]) for p in panels], 1.1, smooth=False, taper=False)
    cv.form([(ellipse(x + w * 0.8, y - s * 0.48, s * 0.018), (0.8, 0.64, 0.3))], line=1.0)


def piano(cv, scene, rng, x, y, s):
    """An upright piano, `s` px high."""
    contact(cv, x, y, s * 0.6)
    cv.form(
        [
            (rect(x - s * 0.62, y - s, x + s * 0.62, y), (0.2, 0.14, 0.12)),
            (
                pts(
                    (x - s * 0.62, y - s * 0.56),
                    (x + s * 0.62, y - s * 0.56),
                    (x + s * 0.68, y - s * 0.44),
                    (x - s * 0.68, y - s * 0.44),
                ),
                (0.93, 0.91, 0.85),
            ),
        ],
        line=1.8,
        turn=0.08,
    )
    cv.strokes(
        [
            [(px, y - s * 0.56), (px * 1.0 + (px - x) * 0.09, y - s * 0.44)]
            for px in np.linspace(x - s * 0.6, x + s * 0.6, 22)
        ],
        1.0,
        taper=False,
    )
    cv.form(
        [
            (rect(px, y - s * 0.56, px + s * 0.028, y - s * 0.49), (0.1, 0.1, 0.1))
            for px in np.linspace(x - s * 0.57, x + s * 0.55, 15)
        ],
        line=0,
    )


def fireplace(cv, scene, rng, x, y, s):
    """A hearth with its fire."""
    from sketch_objects import fire

    stone = (0.60, 0.54, 0.48)
    cv.form(
        [
            (rect(x - s * 0.6, y - s, x + s * 0.6, y), stone),
            (rect(x - s * 0.7, y - s * 1.06, x + s * 0.7, y - s * 0.94), WOOD),
            (
                spline(
                    pts(
                        (x - s * 0.36, y),
                        (x - s * 0.36, y - s * 0.5),
                        (x, y - s * 0.68),
                        (x + s * 0.36, y - s * 0.5),
                        (x + s * 0.36, y),
                    ),
                    closed=False,
                ),
                (0.1, 0.08, 0.08),
            ),
        ],
        line=1.7,
        turn=0.06,
    )
    fire(cv, scene, rng, x, y, s * 0.42)
    cv.glow(x, y - s * 0.2, s * 2.4, FLAME, 0.4)
