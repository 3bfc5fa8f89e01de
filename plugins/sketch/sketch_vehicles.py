"""Boats, ships, trains, cars, bicycles, planes: side views with weight and line."""

import numpy as np
from sketch_buildings import LAMP, lit
from sketch_elements import element
from sketch_ink import blurred
from sketch_palette import COLOURS
from sketch_shapes import blob, ellipse, place, pts, rect, ribbon, spline

TYRE = (0.13, 0.13, 0.14)


@element("wheels")
def wheels(cv, spots, r, fade=0.0):
    """Wheels with hubs at the spots."""
    cv.form(
        [(ellipse(a, b, r, n=20), TYRE) for a, b in spots]
        + [(ellipse(a, b, r * 0.5, n=14), (0.62, 0.62, 0.62)) for a, b in spots],
        fade,
        line=1.1,
    )


SILVER, STRIPE = (0.66, 0.69, 0.72), (0.72, 0.22, 0.20)  # an electric train


@element("train")
def train(cv, scene, rng, x, y, size, fade=0.0, flip=1, cars=3, steam=True):
    """A train whose front is at x; wheels on y; `size` px tall. Cars trail behind it.

    Args:
        steam: Behind a steam engine; else an electric train of the city's.
    """
    d = -flip
    on = lit(cv, scene)
    green = (0.20, 0.34, 0.31)

    def put(p, ox=0.0):
        return place(p, x + d * 0 + ox * d * size, y, size, flip)

    car_w = 2.9
    for k in range(cars):
        ox = 2.25 + k * (car_w + 0.12)
        body = pts((-car_w, 0.16), (-car_w, 0.86), (0, 0.86), (0, 0.16))
        roof = spline(
            [(-car_w - 0.04, 0.86), (-car_w + 0.1, 0.97), (-0.1, 0.97), (0.04, 0.86)],
            closed=False,
            n=4,
        )
        cv.form(
            [
                (put(roof, ox), (0.30, 0.30, 0.32)),
                (put(body, ox), (0.50, 0.20, 0.17) if steam else SILVER),
            ],
            fade,
            line=1.6,
            turn=0.2,
        )
        cv.wash(
            put(rect(-car_w, 0.38, 0, 0.43), ox),
            (0.86, 0.74, 0.48) if steam else STRIPE,
            fade,
            rim=0,
        )
        panes = [
            put(rect(a, 0.50, a + 0.26, 0.76), ox) for a in np.arange(-car_w + 0.18, -0.3, 0.42)
        ]
        if on:
            for p in panes:
                cv.glow(*p.mean(axis=0), size * 0.36, LAMP, 0.28)
        cv.wash(panes, (1.0, 0.87, 0.55) if on else (0.72, 0.78, 0.80), raw=int(on), rim=0.1)
        cv.strokes(
            [np.concatenate([p, p[:1]]) for p in panes], 0.9, fade=fade, taper=False, smooth=False
        )
        wheels(
            cv,
            put([(-car_w + 0.35, 0.11), (-car_w + 0.75, 0.11), (-0.75, 0.11), (-0.35, 0.11)], ox),
            size * 0.11,
            fade,
        )
    if not steam:
        _railcar(cv, scene, put, size, fade, on)
        return
    if scene.allows("smoke"):
        _steam(cv, put, size, rng)
    cab = pts((-2.1, 0.2), (-2.1, 1.0), (-1.35, 1.0), (-1.35, 0.2))
    cab_roof = spline([(-2.2, 1.0), (-1.9, 1.08), (-1.5, 1.08), (-1.28, 1.0)], closed=False, n=4)
    boiler = spline(
        [(-1.4, 0.32), (-1.4, 0.8), (-0.18, 0.8), (-0.06, 0.72), (-0.06, 0.4), (-0.18, 0.32)], n=3
    )
    stack = pts((-0.5, 0.78), (-0.54, 1.12), (-0.30, 1.12), (-0.34, 0.78))
    dome = spline([(-0.98, 0.78), (-0.94, 0.92), (-0.78, 0.92), (-0.74, 0.78)], closed=False, n=4)
    frame = rect(-2.1, 0.16, 0.0, 0.30)
    guard = pts((0.0, 0.28), (0.22, 0.03), (-0.08, 0.03))
    cv.form(
        [
            (put(p), c)
            for p, c in (
                (cab, green),
                (cab_roof, (0.2, 0.2, 0.22)),
                (dome, (0.72, 0.56, 0.28)),
                (stack, (0.17, 0.17, 0.18)),
                (boiler, (0.21, 0.25, 0.26)),
                (frame, (0.5, 0.17, 0.14)),
                (guard, (0.2, 0.2, 0.2)),
            )
        ],
        fade,
        line=1.7,
        turn=0.25,
        shadow=0.55,
    )
    cv.strokes(
        [put([(a, 0.33), (a, 0.8)]) for a in (-1.1, -0.6, -0.22)], 1.1, fade=fade, taper=False
    )
    cv.wash(
        put(rect(-1.95, 0.62, -1.52, 0.9)),
        (1.0, 0.87, 0.55) if on else (0.3, 0.36, 0.4),
        raw=int(on),
    )
    wheels(cv, put([(-1.75, 0.16), (-1.3, 0.16), (-0.85, 0.16)]), size * 0.17, fade)
    wheels(cv, put([(-0.4, 0.1), (-0.12, 0.1)]), size * 0.1, fade)
    cv.strokes([put([(-1.75, 0.16), (-0.85, 0.18)])], 2.6, (0.75, 0.75, 0.76), 0.9, taper=False)
    lamp = put([(0.0, 0.78)])[0]
    cv.form([(ellipse(*lamp, size * 0.07, n=14), (1, 0.95, 0.75))], fade, line=1.0)
    if on or scene.weather in ("fog", "rain", "snow"):
        a, b = put([(5, 0.9)])[0], put([(5, 0.1)])[0]
        cv.light(np.array([lamp, a, b]), (1, 0.92, 0.68), 0.38, 10 * cv.px)
        cv.glow(*lamp, size * 0.7, (1, 0.92, 0.68), 0.9)


def _steam(cv, put, size, rng):
    """A trail of steam from the stack: one soft body of puffs that thins out behind."""
    way = np.linspace(0, 1, 14)
    spots = put(np.stack([-0.42 - 3.4 * way, 1.12 + 0.75 * way**0.7], axis=1))
    puffs = [
        blob(x, y, size * (0.12 + 0.32 * t), size * (0.11 + 0.22 * t), rng)
        for t, (x, y) in zip(way, spots, strict=True)
    ]
    made = cv.mask(puffs)
    if made is None:
        return
    mask, box = made
    start, end = spots[0][0], spots[-1][0]
    gone = np.clip((np.arange(box[0], box[2]) - start) / (end - start), 0, 1)
    grey = (0.93, 0.93, 0.92) if not cv.pal.dark else (0.50, 0.53, 0.60)
    body = blurred(mask, size * 0.035) * (0.9 - 0.75 * gone)[None].astype(np.float32)
    cv.lay(body, box, np.asarray(grey, np.float32), 0.85)
    curls = [puff[2:8] for puff in puffs[1:7:2]]
    cv.strokes(curls, 0.9, alpha=0.22)


def _railcar(cv, scene, put, size, fade, on):
    """The first car of an electric train: a slanted nose, a driver's window, two headlights."""
    body = pts((-2.13, 0.16), (-2.13, 0.88), (-0.5, 0.88), (-0.3, 0.8), (0.0, 0.36), (0.03, 0.16))
    roof = spline([(-2.17, 0.87), (-2.05, 0.97), (-0.6, 0.97), (-0.34, 0.85)], closed=False, n=4)
    cv.form([(put(roof), (0.30, 0.30, 0.32)), (put(body), SILVER)], fade, line=1.6, turn=0.2)
    cv.wash(put(pts((-2.13, 0.38), (-2.13, 0.43), (-0.05, 0.43), (-0.02, 0.38))), STRIPE, rim=0)
    panes = [put(rect(a, 0.50, a + 0.30, 0.76)) for a in (-1.95, -1.53, -1.11)]
    panes.append(put(pts((-0.62, 0.52), (-0.62, 0.78), (-0.32, 0.76), (-0.17, 0.52))))
    if on:
        for p in panes:
            cv.glow(*p.mean(axis=0), size * 0.36, LAMP, 0.28)
    cv.wash(panes, (1.0, 0.87, 0.55) if on else (0.72, 0.78, 0.80), raw=int(on), rim=0.1)
    cv.strokes(
        [np.concatenate([p, p[:1]]) for p in panes], 0.9, fade=fade, taper=False, smooth=False
    )
    wheels(cv, put([(-1.8, 0.11), (-1.4, 0.11), (-0.75, 0.11), (-0.35, 0.11)]), size * 0.11, fade)
    lamp = put([(-0.02, 0.28)])[0]
    cv.form([(ellipse(*lamp, size * 0.05, n=14), (1, 0.95, 0.75))], fade, line=1.0)
    if on or scene.weather in ("fog", "rain", "snow"):
        a, b = put([(5, 0.7)])[0], put([(5, 0.0)])[0]
        cv.light(np.array([lamp, a, b]), (1, 0.92, 0.68), 0.38, 10 * cv.px)
        cv.glow(*lamp, size * 0.7, (1, 0.92, 0.68), 0.9)


@element("car")
def car(cv, scene, rng, x, y, size, fade=0.0, flip=1, colour=None):
    """A car about `size` px long."""
    paint = (
        colour
        or (COLOURS["red"], COLOURS["blue"], (0.75, 0.70, 0.58), (0.30, 0.36, 0.34))[
            rng.integers(4)
        ]
    )

    def put(p):
        return place(p, x, y, size, flip)

    body = spline(
        [
            (-0.5, 0.10),
            (-0.5, 0.2),
            (-0.36, 0.235),
            (0.2, 0.24),
            (0.44, 0.21),
            (0.5, 0.15),
            (0.49, 0.09),
        ],
        n=5,
    )
    top = spline([(-0.36, 0.22), (-0.24, 0.375), (0.02, 0.385), (0.22, 0.23)], closed=False, n=5)
    cv.shade(put(rect(-0.52, -0.01, 0.54, 0.035)), 0.7, 4 * cv.px)
    cv.form([(put(top), paint), (put(body), paint)], fade, line=1.7, turn=0.3)
    glass = [
        put(pts((-0.29, 0.24), (-0.2, 0.35), (-0.08, 0.355), (-0.08, 0.24))),
        put(pts((-0.05, 0.24), (-0.05, 0.355), (0.03, 0.35), (0.15, 0.24))),
    ]
    cv.form([(g, (0.55, 0.63, 0.67)) for g in glass], fade, line=1.0)
    wheels(cv, put([(-0.3, 0.075), (0.3, 0.075)]), size * 0.078, fade)
    if lit(cv, scene):
        a = put([(0.49, 0.17)])[0]
        cv.light(
            np.array([a, put([(1.5, 0.27)])[0], put([(1.5, -0.02)])[0]]),
            (1, 0.92, 0.7),
            0.35,
            8 * cv.px,
        )
        cv.glow(*a, size * 0.22, (1, 0.93, 0.72), 0.95)
        cv.glow(*put([(-0.5, 0.18)])[0], size * 0.14, (1, 0.2, 0.12), 0.9)


@element("car")
def bus(cv, scene, rng, x, y, size, fade=0.0, flip=1, colour=None):
    """A bus."""

    def put(p):
        return place(p, x, y, size, flip)

    body = spline(
        [(-0.5, 0.06), (-0.5, 0.4), (-0.45, 0.43), (0.44, 0.43), (0.5, 0.36), (0.5, 0.06)], n=3
    )
    cv.form([(put(body), colour or COLOURS["orange"])], fade, line=1.8, turn=0.2)
    on = lit(cv, scene)
    cv.wash(
        [put(rect(a, 0.24, a + 0.11, 0.36)) for a in np.arange(-0.45, 0.4, 0.135)],
        (1, 0.88, 0.58) if on else (0.6, 0.68, 0.72),
        raw=int(on),
    )
    wheels(cv, put([(-0.3, 0.06), (0.3, 0.06)]), size * 0.065, fade)


@element("bicycle")
def bicycle(cv, scene, rng, x, y, size, fade=0.0, flip=1, colour=None):
    """A bicycle `size` px long."""

    def put(p):
        return place(p, x, y, size, flip)

    r = size * 0.2
    rings = [ellipse(*c, r, n=28) for c in put([(-0.29, 0.2), (0.29, 0.2)])]
    cv.strokes([np.concatenate([w, w[:2]]) for w in rings], 2.4, taper=False, fade=fade)
    spokes = []
    for c in put([(-0.29, 0.2), (0.29, 0.2)]):
        spokes += [[c, c + r * np.array([np.cos(a), np.sin(a)])] for a in np.arange(0, 6.2, 0.7)]
    cv.strokes(spokes, 0.5, fade=fade, alpha=0.6)
    frame = [
        [(-0.29, 0.2), (-0.03, 0.19), (0.2, 0.42), (-0.11, 0.42), (-0.29, 0.2)],
        [(-0.03, 0.19), (-0.13, 0.5)],
        [(0.29, 0.2), (0.19, 0.52), (0.27, 0.55)],
        [(-0.2, 0.51), (-0.06, 0.51)],
    ]
    cv.strokes(
        [put(f) for f in frame],
        3.0,
        cv.pal.tone(colour or COLOURS["red"], fade),
        1.0,
        taper=False,
        smooth=False,
    )


@element("plane")
def plane(cv, scene, rng, x, y, size, fade=0.0, flip=1):
    """An aeroplane in flight."""

    def put(p):
        return place(p, x, y, size, flip, 0.1 * flip)

    body = spline(
        [(-0.5, 0.03), (-0.2, 0.05), (0.35, 0.055), (0.5, 0.0), (0.35, -0.045), (-0.3, -0.03)], n=5
    )
    wing = pts((0.1, 0.0), (-0.12, -0.2), (-0.2, -0.2), (-0.06, 0.0))
    far = pts((0.08, 0.04), (-0.05, 0.2), (-0.1, 0.2), (-0.04, 0.04))
    tail = pts((-0.36, 0.03), (-0.5, 0.18), (-0.55, 0.18), (-0.5, 0.02))
    cv.form(
        [
            (put(p), c)
            for p, c in (
                (far, (0.7, 0.72, 0.74)),
                (tail, (0.66, 0.24, 0.2)),
                (body, (0.9, 0.9, 0.88)),
                (wing, (0.76, 0.77, 0.78)),
            )
        ],
        fade,
        line=1.4,
    )


@element("balloon")
def air_balloon(cv, scene, rng, x, y, size, fade=0.0):
    """A hot-air balloon."""
    r = size * 0.36
    cy = y - size * 0.62
    skin = spline(
        pts(
            (x - r, cy),
            (x - r * 0.7, cy - r * 0.75),
            (x, cy - r),
            (x + r * 0.7, cy - r * 0.75),
            (x + r, cy),
            (x + r * 0.3, cy + r * 1.1),
            (x - r * 0.3, cy + r * 1.1),
        ),
        n=6,
    )
    cv.form([(skin, (0.78, 0.28, 0.22))], fade, line=1.6, turn=0.3)
    for k in (-0.62, 0.18):
        cv.wash(
            spline(
                pts(
                    (x + k * r, cy),
                    (x + (k + 0.2) * r * 0.8, cy - r * 0.92),
                    (x + (k + 0.42) * r, cy),
                    (x + (k + 0.2) * r * 0.4, cy + r * 1.05),
                ),
                n=5,
            ),
            (0.92, 0.78, 0.48),
            fade,
            alpha=0.9,
        )
    basket = rect(x - r * 0.2, y - size * 0.1, x + r * 0.2, y)
    cv.form([(basket, (0.5, 0.36, 0.22))], fade, line=1.2)
    cv.strokes(
        [[(x + s * r * 0.28, cy + r * 1.05), (x + s * r * 0.19, y - size * 0.1)] for s in (-1, 1)],
        1.0,
        fade=fade,
    )


@element("cart")
def cart(cv, scene, rng, x, y, size, fade=0.0):
    """A market stall on wheels: awning, counter, goods."""
    w = size * 0.55
    counter = rect(x - w, y - size * 0.42, x + w, y - size * 0.1)
    cv.form([(counter, (0.52, 0.36, 0.24))], fade, line=1.5, turn=0.1)
    goods = [
        blob(x + k * w, y - size * 0.45, size * 0.07, size * 0.06, rng, 0.1)
        for k in np.linspace(-0.85, 0.85, 8)
    ]
    cv.form(
        [
            (g, ((0.85, 0.45, 0.2), (0.75, 0.25, 0.2), (0.45, 0.55, 0.3))[i % 3])
            for i, g in enumerate(goods)
        ],
        fade,
        line=0.9,
    )
    cv.strokes(
        [[(x + s * w, y - size * 0.4), (x + s * w, y - size * 0.95)] for s in (-1, 1)],
        2.4,
        fade=fade,
        taper=False,
    )
    n = 6
    edge = np.linspace(x - w * 1.2, x + w * 1.2, n + 1)
    for i in range(n):
        stripe = pts(
            (x + (edge[i] - x) * 0.8, y - size * 1.12),
            (x + (edge[i + 1] - x) * 0.8, y - size * 1.12),
            (edge[i + 1], y - size * 0.88),
            ((edge[i] + edge[i + 1]) / 2, y - size * 0.83),
            (edge[i], y - size * 0.88),
        )
        cv.form(
            [(stripe, (0.76, 0.26, 0.2) if i % 2 else (0.93, 0.89, 0.8))], fade, line=1.0, turn=0.1
        )
    wheels(cv, [(x - w * 0.6, y - size * 0.08), (x + w * 0.6, y - size * 0.08)], size * 0.09, fade)


def rails(cv, y, fade=0.0, size=20.0):
    """Track in side view."""
    cv.strokes(
        [
            [(px, y + size * 0.22), (px + size * 0.5, y + size * 0.22)]
            for px in np.arange(0, cv.w, size * 0.9)
        ],
        size * 0.16 / cv.px,
        fade=fade,
        taper=False,
        alpha=0.7,
    )
    cv.form(
        [(ribbon(pts((-5, y), (cv.w + 5, y)), [size * 0.14] * 2), (0.42, 0.40, 0.40))],
        fade,
        line=0.8,
    )
