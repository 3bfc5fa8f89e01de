"""Birds, fish, whales, butterflies, fireflies."""

from sketch_elements import element
from sketch_palette import COLOURS, mix
from sketch_shapes import ellipse, limb, place, pts, spline


@element("flock")
def flock(cv, rng, x, y, spread, size, count, gulls=True, fade=0.0):
    """Birds on the wing; the nearest larger."""
    white = (0.95, 0.95, 0.93) if gulls else (0.20, 0.20, 0.23)
    for i in range(count):
        bx, by = x + rng.uniform(-1, 1) * spread, y + rng.uniform(-0.5, 0.5) * spread * 0.55
        k, a = size * rng.uniform(0.45, 1.0) * (1.25 if i == 0 else 1), rng.normal(0, 0.2)
        lift, flip = rng.uniform(0.2, 0.55), rng.choice((-1, 1))
        bird_in_flight(cv, bx, by, k, flip, a, lift, white, fade)


def bird_in_flight(cv, x, y, size, flip, turn, lift, colour, fade=0.0):
    """One bird on the wing; `lift` is how high its wings are, about -0.3 to 0.6."""

    def put(p):
        return place(p, x, y, size, flip, turn)

    wing = spline(
        [
            (0.05, 0.03),
            (-0.2, lift * 0.7),
            (-0.62, lift * 0.62),
            (-0.95, lift * 0.25),
            (-0.55, lift * 0.40),
            (-0.2, 0.0),
        ],
        n=4,
    )
    other = spline(
        [
            (0.02, 0.03),
            (0.26, lift * 0.75),
            (0.60, lift * 0.85),
            (0.92, lift * 0.6),
            (0.55, lift * 0.58),
            (0.2, 0.0),
        ],
        n=4,
    )
    body = spline(
        [(-0.32, 0.0), (-0.05, 0.07), (0.22, 0.06), (0.32, 0.01), (0.16, -0.05), (-0.1, -0.05)],
        n=4,
    )
    tips = [
        put(pts((-0.95, lift * 0.25), (-0.72, lift * 0.56), (-0.70, lift * 0.42))),
        put(pts((0.92, lift * 0.6), (0.72, lift * 0.82), (0.7, lift * 0.62))),
    ]
    cv.form(
        [
            (put(other), mix(colour, (0.4, 0.45, 0.5), 0.3)),
            (put(wing), colour),
            (put(body), colour),
        ],
        fade,
        line=1.1,
        turn=0.3,
    )
    cv.wash(tips, (0.16, 0.16, 0.18), fade, rim=0)


@element("afloat")
def perched(cv, rng, x, y, size, flip=1, fade=0.0, colour=None, duck=False):
    """A bird standing, or a duck afloat."""
    coat = COLOURS.get(colour) or ((0.90, 0.88, 0.82) if duck else (0.30, 0.34, 0.40))

    def put(p):
        return place(p, x, y, size, flip)

    body = spline(
        [(-0.5, 0.4), (-0.2, 0.52), (0.2, 0.5), (0.35, 0.32), (0.2, 0.12), (-0.15, 0.12)], n=5
    )
    parts = [
        (put(body), coat),
        (put(limb([(0.24, 0.4), (0.3, 0.65)], [0.18, 0.14])), coat),
        (put(ellipse(0.33, 0.74, 0.13, 0.12)), coat),
        (put(pts((0.44, 0.77), (0.62, 0.71), (0.44, 0.68))), (0.85, 0.55, 0.2)),
    ]
    if not duck:
        cv.strokes([put([(0.02, 0.14), (0.04, 0)]), put([(0.12, 0.14), (0.15, 0)])], 1.6, fade=fade)
    cv.form(parts, fade, line=1.4, inner=0.4)
    cv.strokes([put([(-0.3, 0.36), (0.0, 0.26), (0.14, 0.36)])], 1.1, fade=fade)
    cv.wash(put(ellipse(0.37, 0.77, 0.02)), (0.05, 0.05, 0.05), fade, rim=0)


@element("fish")
def fish(cv, rng, x, y, size, flip=1, fade=0.0, colour=None):
    """A fish leaping out of the water."""
    coat = COLOURS.get(colour) or (0.62, 0.68, 0.70)

    def put(p):
        return place(p, x, y, size, flip, 0.5)

    body = spline(
        [(-0.4, 0.5), (-0.1, 0.66), (0.25, 0.64), (0.46, 0.5), (0.2, 0.38), (-0.1, 0.38)], n=5
    )
    tail = pts((-0.36, 0.5), (-0.62, 0.68), (-0.55, 0.5), (-0.62, 0.32))
    fin = pts((-0.05, 0.64), (0.1, 0.8), (0.15, 0.64))
    cv.form([(put(tail), coat), (put(fin), coat), (put(body), coat)], fade, line=1.5)
    cv.wash(put(ellipse(0.32, 0.53, 0.025)), (0.05, 0.05, 0.05), rim=0)
    cv.strokes([put([(0.2, 0.6), (0.15, 0.5), (0.2, 0.42)])], 1.0)
    drops = [
        ellipse(x + rng.normal(0, 0.4) * size, y - rng.uniform(0, 0.4) * size, size * 0.02, n=8)
        for _ in range(14)
    ]
    cv.wash(drops, (0.95, 0.97, 0.98), raw=1, rim=0)


@element("whale")
def whale(cv, rng, x, y, size, flip=1, fade=0.0):
    """A whale's back and flukes, and its spout."""

    def put(p):
        return place(p, x, y, size, flip)

    back = spline(
        [
            (-0.5, 0.0),
            (-0.2, 0.15),
            (0.2, 0.22),
            (0.46, 0.12),
            (0.54, 0.0),
            (0.5, -0.03),
            (-0.5, -0.03),
        ],
        n=6,
    )
    fluke = spline(
        [
            (-0.62, 0.0),
            (-0.68, 0.16),
            (-0.84, 0.30),
            (-0.68, 0.27),
            (-0.62, 0.22),
            (-0.54, 0.30),
            (-0.40, 0.34),
            (-0.55, 0.17),
            (-0.54, 0.0),
        ],
        n=5,
    )
    cv.form(
        [(put(fluke), (0.26, 0.32, 0.38)), (put(back), (0.26, 0.32, 0.38))],
        fade,
        line=1.8,
        turn=0.25,
    )
    spout = [
        put([(0.36, 0.2), (0.36 + d * 0.4, 0.42), (0.36 + d, 0.48 - abs(d))])
        for d in (-0.16, -0.08, 0.0, 0.08, 0.16)
    ]
    cv.strokes(spout, 2.4, (0.93, 0.96, 0.97), 0.85)
    cv.strokes([put([(0.5, 0.05), (0.38, 0.04), (0.3, 0.08)])], 1.1)
    cv.strokes(
        [
            put([(-0.6 + k * 0.3, -0.03), (-0.45 + k * 0.3, -0.01), (-0.3 + k * 0.3, -0.03)])
            for k in range(4)
        ],
        2.8,
        (0.93, 0.96, 0.97),
        0.8,
    )


@element("butterflies")
def butterflies(cv, rng, x, y, spread, size, count, colour=None):
    """Butterflies."""
    hue = COLOURS.get(colour) or COLOURS["orange"]
    for _ in range(count):
        bx, by, k = (
            x + rng.uniform(-1, 1) * spread,
            y + rng.uniform(-1, 1) * spread * 0.5,
            size * rng.uniform(0.7, 1.1),
        )
        wings = [
            spline(
                pts(
                    (bx, by),
                    (bx + s * k * 0.9, by - k * 0.8),
                    (bx + s * k, by - k * 0.1),
                    (bx + s * k * 0.6, by + k * 0.6),
                ),
                n=4,
            )
            for s in (-1, 1)
        ]
        cv.form([(w, hue) for w in wings], line=1.0)
        cv.strokes([[(bx, by - k * 0.4), (bx, by + k * 0.4)]], 2.0)


@element("fireflies")
def fireflies(cv, rng, count=40):
    """Points of light low in the frame."""
    for _ in range(count):
        x, y = rng.uniform(0, cv.w), rng.uniform(0.4, 0.95) * cv.h
        cv.glow(x, y, rng.uniform(8, 22) * cv.px, (0.95, 0.95, 0.45), 0.95)
