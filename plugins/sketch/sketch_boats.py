"""Boats, sails and ships afloat."""

import numpy as np
from sketch_buildings import LAMP, lit, smoke
from sketch_elements import element
from sketch_palette import mix
from sketch_shapes import ellipse, place, pts, rect, spline


@element("boat")
def boat(
    cv, scene, rng, x, y, size, fade=0.0, flip=1, colour=None, cabin=False, eastern=False, tilt=0.0
):
    """A wooden boat `size` px long, floating at y. Returns where people sit: [(x, y), ...]."""
    hull_colour = (
        colour or ((0.52, 0.34, 0.22), (0.30, 0.42, 0.48), (0.62, 0.26, 0.20))[rng.integers(3)]
    )

    if eastern and not colour:
        hull_colour = (0.36, 0.27, 0.21)

    def put(p):
        return place(p, x, y, size, flip, tilt)

    hull = spline(
        [(-0.5, 0.15), (-0.3, 0.10), (0, 0.085), (0.3, 0.12), (0.54, 0.23)], closed=False, n=6
    )
    keel = spline(
        [(0.54, 0.23), (0.42, 0.0), (0.1, -0.06), (-0.3, -0.06), (-0.45, 0.0), (-0.5, 0.15)],
        closed=False,
        n=5,
    )
    inside = spline(
        [
            (-0.47, 0.15),
            (-0.2, 0.165),
            (0.1, 0.16),
            (0.48, 0.215),
            (0.3, 0.12),
            (0, 0.09),
            (-0.3, 0.10),
        ],
        n=5,
    )
    cv.shade(
        put(spline([(-0.5, 0), (0, 0.03), (0.5, 0), (0.35, -0.12), (-0.35, -0.12)], n=5)),
        0.55 * (1 - fade),
        5 * cv.px,
    )
    cv.form([(put(inside), mix(hull_colour, (0.1, 0.08, 0.08), 0.55))], fade, line=1.3, turn=0.2)
    seats = put([(-0.2, 0.06), (0.14, 0.07)])

    def front():
        cv.form(
            [(put(np.concatenate([hull, keel])), hull_colour)],
            fade,
            line=1.9,
            turn=0.28,
            shadow=0.55,
        )
        lines = [
            put(
                hull[::4]
                + (0, -0.035 * k)
                + np.stack([hull[::4][:, 0] * -0.06 * k, 0 * hull[::4][:, 0]], axis=1)
            )
            for k in (1, 2)
        ]
        cv.strokes(lines, 1.0, fade=fade, alpha=0.7)
        _wake(cv, rng, x, y, size, flip)

    if eastern:
        awning = [
            np.stack(
                [
                    np.linspace(-0.28, 0.16, 9),
                    0.11 + 0.17 * np.sin(np.linspace(0.12, np.pi - 0.12, 9)) ** 0.7,
                ],
                axis=1,
            )
        ]
        shape = np.concatenate([awning[0], [(0.16, 0.08), (-0.28, 0.08)]])
        front()
        cv.form([(put(shape), (0.26, 0.24, 0.23))], fade, line=1.5, turn=0.2)
        cv.strokes(
            [put([(a, 0.1), (a + 0.01, 0.26)]) for a in np.linspace(-0.22, 0.1, 7)], 0.9, fade=fade
        )
        cv.strokes([put([(-0.62, -0.05), (-0.36, 0.36)])], 1.6, fade=fade)
        return seats, lambda: None
    if cabin:
        house = pts((-0.32, 0.08), (-0.30, 0.36), (-0.04, 0.36), (0.0, 0.08))
        roof = pts((-0.35, 0.36), (-0.33, 0.39), (-0.01, 0.39), (0.0, 0.36))
        cv.form([(put(house), (0.88, 0.85, 0.77)), (put(roof), (0.50, 0.22, 0.18))], fade, line=1.4)
        pane = put([(-0.13, 0.22), (-0.13, 0.32), (-0.05, 0.32), (-0.04, 0.22)])
        cv.wash(
            pane,
            (1.0, 0.86, 0.52) if lit(cv, scene) else (0.3, 0.36, 0.42),
            raw=int(lit(cv, scene)),
        )
        if lit(cv, scene):
            cv.glow(*pane.mean(axis=0), size * 0.3, LAMP, 0.6)
        mast = [
            put([(0.12, 0.1), (0.12, 0.62)]),
            put([(0.12, 0.6), (0.52, 0.22)]),
            put([(0.12, 0.6), (-0.3, 0.38)]),
        ]
        cv.strokes(mast[:1], 2.0, fade=fade, taper=False)
        cv.strokes(mast[1:], 0.9, fade=fade, taper=False)
    return seats, front


def _wake(cv, rng, x, y, size, flip):
    lines = []
    for _ in range(7):
        w = size * rng.uniform(0.2, 0.6)
        cx = x - flip * size * rng.uniform(-0.45, 0.55)
        ly = y + size * rng.uniform(0.0, 0.13)
        lines.append([(cx - w / 2, ly), (cx, ly + 2.5 * cv.px), (cx + w / 2, ly)])
    white = mix(cv.pal.sky_low, (1, 1, 1), 0.4 if not cv.pal.dark else 0.12)
    cv.strokes(lines, 2.2, white, 0.65)


@element("boat")
def sailboat(cv, scene, rng, x, y, size, fade=0.0, flip=1, colour=None):
    """A sailing boat."""
    _, front = boat(cv, scene, rng, x, y, size * 0.8, fade, flip)
    front()

    def put(p):
        return place(p, x, y, size, flip)

    main = spline([(-0.02, 0.14), (-0.38, 0.17), (-0.26, 0.55), (-0.02, 1.0)], n=1)
    main = np.concatenate(
        [spline([(-0.03, 1.0), (-0.22, 0.6), (-0.38, 0.17)], closed=False), pts((-0.03, 0.14))]
    )
    jib = np.concatenate(
        [spline([(0.03, 0.94), (0.22, 0.5), (0.40, 0.18)], closed=False), pts((0.06, 0.16))]
    )
    sail = colour or (0.93, 0.89, 0.79)
    cv.form(
        [(put(main), sail), (put(jib), mix(sail, (0.8, 0.4, 0.3), 0.25))], fade, line=1.4, turn=0.22
    )
    cv.strokes([put([(0, 0.08), (0, 1.03)])], 2.0, fade=fade, taper=False)


@element("ship")
def ship(cv, scene, rng, x, y, size, fade=0.0, flip=1, colour=None):
    """A steamer `size` px long."""

    def put(p):
        return place(p, x, y, size, flip)

    hull = pts((-0.5, 0.12), (0.5, 0.15), (0.43, 0.0), (0.4, -0.02), (-0.46, -0.02))
    deck = rect(-0.38, 0.12, 0.28, 0.20)
    bridge = rect(-0.05, 0.20, 0.2, 0.28)
    funnels = [
        pts((-0.26, 0.2), (-0.25, 0.36), (-0.18, 0.36), (-0.17, 0.2)),
        pts((-0.11, 0.2), (-0.10, 0.36), (-0.03, 0.36), (-0.02, 0.2)),
    ]
    for f in (-0.215, -0.065):
        smoke(cv, rng, *put([(f, 0.36)])[0], size * 0.25, fade)
    cv.form(
        [(put(f), (0.66, 0.22, 0.17)) for f in funnels]
        + [
            (put(bridge), (0.92, 0.9, 0.84)),
            (put(deck), (0.90, 0.87, 0.80)),
            (put(hull), colour or (0.19, 0.21, 0.27)),
        ],
        fade,
        line=1.6,
        turn=0.2,
    )
    on = lit(cv, scene)
    dots = [put(ellipse(a, 0.16, 0.008, 0.012, n=8)) for a in np.linspace(-0.34, 0.24, 15)]
    cv.wash(dots, (1, 0.88, 0.55) if on else (0.25, 0.28, 0.33), raw=int(on), rim=0)
    cv.strokes(
        [
            put([(0.32, 0.14), (0.32, 0.42)]),
            put([(0.32, 0.4), (0.5, 0.16)]),
            put([(-0.45, 0.12), (-0.45, 0.3)]),
        ],
        1.2,
        fade=fade,
    )
    _wake(cv, rng, x, y, size, flip)
