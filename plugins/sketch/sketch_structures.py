"""Bridges, piers, street lamps, lanterns, signs, fences, statues, tents."""

import numpy as np
from sketch_buildings import LAMP, ROOF, WALL, lit
from sketch_elements import element
from sketch_palette import COLOURS, mix
from sketch_shapes import ellipse, place, pts, rect, ribbon, spline


@element("thing")
def stone_bridge(cv, scene, rng, x, y, width, height, fade=0.0):
    """A humped stone bridge with one round arch and its parapet."""
    w = width / 2
    hump = spline(
        pts(
            (x - w, y),
            (x - w * 0.55, y - height * 0.55),
            (x, y - height),
            (x + w * 0.55, y - height * 0.55),
            (x + w, y),
        ),
        closed=False,
        n=8,
    )
    r = w * 0.44
    arch = np.stack(
        [
            x + r * np.cos(np.linspace(0, np.pi, 24)),
            y - height * 0.66 * np.sin(np.linspace(0, np.pi, 24)),
        ],
        axis=1,
    )
    body = np.concatenate(
        [
            hump,
            [(x + w, y + height * 0.1), (x + r, y + height * 0.1)],
            arch,
            [(x - r, y + height * 0.1), (x - w, y + height * 0.1)],
        ]
    )
    stone = (0.68, 0.64, 0.57)
    cv.form([(body, stone)], fade, line=1.7, turn=0.08, shadow=0.4)
    rail = np.concatenate([hump + (0, -height * 0.13), hump[::-1]])
    cv.form([(rail, mix(stone, (1, 1, 1), 0.25))], fade, line=1.2, turn=0.03)
    posts = [[p, p + (0, -height * 0.19)] for p in hump[3::5]]
    cv.strokes(posts, 2.2, fade=fade, taper=False)
    ring = np.concatenate([arch, ((arch - (x, y)) * 1.12 + (x, y))[::-1]])
    cv.wash(ring, mix(stone, (0.2, 0.2, 0.25), 0.2), fade)
    joints = [[a, (a - (x, y)) * 1.12 + (x, y)] for a in arch[1::3]]
    rows = [
        [(x + s * w * t, y - height * 0.16), (x + s * w * (t - 0.1), y - height * 0.16)]
        for s in (-1, 1)
        for t in (0.62, 0.8)
    ]
    cv.strokes([*joints, *rows, arch], 1.0, fade=fade)
    cv.shade(arch, 0.30 * (1 - fade), r * 0.05)
    below = []
    for t in np.linspace(0.05, 0.85, 11):
        half, row = r * np.sqrt(1 - t * t), y + height * (0.10 + 0.5 * t)
        below.append([(x - half, row), (x - half * rng.uniform(-0.2, 0.4), row)])
        below.append([(x + half * rng.uniform(0.0, 0.5), row), (x + half, row)])
    cv.strokes(below, 1.6, fade=fade, alpha=0.3)


@element("thing")
def girder_bridge(cv, scene, rng, y, thick, fade=0.0, ground=None, spans=3):
    """A railway bridge right across the frame, on piers; its deck lies at `y`."""
    ground = ground or cv.h
    steel = (0.32, 0.34, 0.38)
    for k in range(spans + 1):
        px = cv.w * (k + 0.0) / spans + cv.w * 0.5 / spans - cv.w / spans * 0.5
        w = thick * 0.55
        cv.form(
            [
                (
                    pts(
                        (px - w * 0.7, y + thick),
                        (px + w * 0.7, y + thick),
                        (px + w, ground),
                        (px - w, ground),
                    ),
                    (0.50, 0.46, 0.44),
                )
            ],
            fade,
            line=1.6,
            turn=0.3,
        )
    cv.form([(rect(-10, y, cv.w + 10, y + thick), steel)], fade, line=1.8, turn=0.25)
    step = thick * 1.15
    truss = []
    for px in np.arange(0, cv.w + step, step):
        truss += [
            [(px, y + thick * 0.12), (px + step / 2, y + thick * 0.9)],
            [(px + step / 2, y + thick * 0.9), (px + step, y + thick * 0.12)],
        ]
    cv.strokes(truss, 2.0, fade=fade, taper=False)
    cv.shade(rect(0, y + thick, cv.w, y + thick * 1.7), 0.5, 6 * cv.px)


@element("lying")
def pier(cv, scene, rng, x0, x1, y, depth, fade=0.0):
    """A wooden pier along the frame: planks, posts down to the water."""
    wood = (0.47, 0.38, 0.30)
    posts = [
        ribbon(pts((px, y), (px + rng.normal(0, 2), y + depth * 2.2)), [depth * 0.22] * 2)
        for px in np.linspace(x0 + depth, x1 - depth * 0.5, 6)
    ]
    cv.form([(p, mix(wood, (0.1, 0.1, 0.12), 0.4)) for p in posts], fade, line=1.3, turn=0.3)
    top = pts(
        (x0, y - depth * 0.45),
        (x1, y - depth * 0.45),
        (x1 + depth * 0.4, y + depth * 0.1),
        (x0 - depth * 0.4, y + depth * 0.1),
    )
    front = rect(x0 - depth * 0.4, y + depth * 0.1, x1 + depth * 0.4, y + depth * 0.42)
    cv.form([(top, mix(wood, (1, 1, 1), 0.18)), (front, wood)], fade, line=1.6, turn=0.06)
    cv.strokes(
        [
            [(px, y - depth * 0.45), (px + (px - (x0 + x1) / 2) * 0.02, y + depth * 0.1)]
            for px in np.arange(x0, x1, depth * 0.6)
        ],
        0.9,
        fade=fade,
        alpha=0.6,
    )


@element("streetlamp")
def streetlamp(cv, scene, rng, x, y, size, fade=0.0, flip=1):
    """A street lamp, lit when it is dark."""
    top = y - size
    on = lit(cv, scene) or scene.weather == "fog"
    cv.form(
        [
            (
                ribbon(pts((x, y), (x, top + size * 0.1)), [size * 0.035, size * 0.02]),
                (0.18, 0.18, 0.2),
            )
        ],
        fade,
        line=0.8,
    )
    cv.strokes(
        [
            [
                (x, top + size * 0.12),
                (x + flip * size * 0.02, top),
                (x + flip * size * 0.12, top + size * 0.02),
            ]
        ],
        2.2,
        fade=fade,
    )
    head = pts(
        (x + flip * size * 0.08, top + size * 0.02),
        (x + flip * size * 0.17, top + size * 0.02),
        (x + flip * size * 0.155, top + size * 0.085),
        (x + flip * size * 0.095, top + size * 0.085),
    )
    cv.form([(head, (1.0, 0.9, 0.6) if on else (0.5, 0.5, 0.5))], fade, line=1.1)
    if on:
        hx, hy = x + flip * size * 0.125, top + size * 0.06
        cv.glow(hx, hy, size * 0.5, LAMP, 0.7)
        cv.glow(hx, hy, size * 0.14, (1, 0.95, 0.8), 0.9)
        if cv.pal.dark:
            cv.glow(hx, y, size * 0.55, LAMP, 0.35, 0.22)


def lantern_string(cv, scene, rng, x0, y0, x1, y1, count, size):
    """Paper lanterns on a sagging line, glowing."""
    t = np.linspace(0, 1, count + 2)
    line = np.stack(
        [x0 + (x1 - x0) * t, y0 + (y1 - y0) * t + np.sin(np.pi * t) * size * 0.9], axis=1
    )
    cv.strokes([line], 0.9, taper=False)
    for px, py in line[1:-1]:
        paper_lantern(cv, px, py, size)


@element("hanging")
def paper_lantern(cv, x, y, size):
    """One red paper lantern hanging from (x, y)."""
    r = size * 0.42
    cy = y + size * 0.55
    cv.glow(x, cy, size * 2.1, (1.0, 0.46, 0.22), 0.5)
    cv.wash(ellipse(x, cy, r, r * 0.86, n=24), (0.93, 0.33, 0.18), raw=1, rim=0.3)
    cv.glow(x, cy + r * 0.1, r * 1.0, (1.0, 0.82, 0.42), 0.95)
    cv.strokes(
        [ellipse(x, cy, r * k, r * 0.86, n=20)[5:16] for k in (0.98, 0.45)]
        + [
            ellipse(x, cy, r * k, r * 0.86, n=20)[[15, 16, 17, 18, 19, 0, 1, 2, 3, 4, 5]]
            for k in (0.98, 0.45)
        ],
        0.9,
        (0.35, 0.08, 0.06),
        0.7,
    )
    cv.form(
        [
            (rect(x - r * 0.4, cy - r * 1.0, x + r * 0.4, cy - r * 0.82), (0.25, 0.14, 0.1)),
            (rect(x - r * 0.4, cy + r * 0.82, x + r * 0.4, cy + r * 1.0), (0.25, 0.14, 0.1)),
        ],
        line=0.7,
    )
    cv.strokes([[(x, cy + r), (x, cy + r * 1.6)]], 1.5, (0.75, 0.2, 0.12), 0.9)


@element("thing")
def statue(cv, scene, rng, x, y, size, fade=0.0):
    """A statue on its plinth."""
    stone = (0.62, 0.64, 0.60)
    body = place(
        spline(
            [(-0.06, 0.86), (-0.13, 0.75), (-0.1, 0.42), (0.1, 0.42), (0.13, 0.75), (0.06, 0.86)],
            n=4,
        ),
        x,
        y,
        size,
    )
    arm = ribbon(
        place(pts((0.1, 0.74), (0.2, 0.84), (0.22, 0.98)), x, y, size), [size * 0.05, size * 0.04]
    )
    cv.form(
        [
            (place(rect(-0.2, 0, 0.2, 0.36), x, y, size), stone),
            (place(rect(-0.24, 0.36, 0.24, 0.42), x, y, size), stone),
            (arm, stone),
            (body, stone),
            (ellipse(x, y - size * 0.92, size * 0.055, size * 0.065), stone),
        ],
        fade,
        line=1.5,
    )


@element("thing")
def windmill(cv, scene, rng, x, y, size, fade=0.0):
    """A windmill."""
    body = pts(
        (x - size * 0.16, y),
        (x - size * 0.1, y - size * 0.55),
        (x + size * 0.1, y - size * 0.55),
        (x + size * 0.16, y),
    )
    cap = spline(
        pts(
            (x - size * 0.12, y - size * 0.55),
            (x, y - size * 0.7),
            (x + size * 0.12, y - size * 0.55),
        ),
        closed=False,
    )
    cv.form([(body, WALL[0]), (cap, ROOF[0])], fade, line=1.6, turn=0.3)
    _sails(cv, (x, y - size * 0.57), size, fade)


@element("sails")
def _sails(cv, hub, size, fade):
    """The four sails of a windmill."""
    for a in np.arange(4) * np.pi / 2 + 0.5:
        d, e = (
            np.array([np.cos(a), np.sin(a)]) * size * 0.45,
            np.array([-np.sin(a), np.cos(a)]) * size * 0.09,
        )
        sail = np.array([hub + d * 0.15, hub + d, hub + d + e, hub + d * 0.15 + e])
        cv.form([(sail, (0.88, 0.83, 0.72))], fade, line=1.2)
        cv.strokes(
            [[hub + d * t, hub + d * t + e] for t in np.linspace(0.25, 0.9, 5)], 0.8, fade=fade
        )


@element("thing")
def tent(cv, scene, rng, x, y, size, fade=0.0):
    """A tent."""
    a, b, c = (x - size * 0.6, y), (x - size * 0.1, y - size * 0.7), (x + size * 0.25, y)
    cv.form(
        [
            (pts(a, b, c), (0.78, 0.56, 0.30)),
            (
                pts(b, (x + size * 0.45, y - size * 0.62), (x + size * 0.75, y - size * 0.08), c),
                (0.66, 0.44, 0.24),
            ),
        ],
        fade,
        line=1.6,
        turn=0.1,
    )
    cv.form(
        [(pts((x - size * 0.22, y), b, (x + size * 0.02, y)), (0.2, 0.16, 0.14))], fade, line=1.0
    )


@element("thing")
def fence(cv, scene, rng, x0, x1, y, size, fade=0.0):
    """A paling fence."""
    boards = [
        pts(
            (px - size * 0.09, y),
            (px - size * 0.09, y - size * 0.85),
            (px, y - size),
            (px + size * 0.09, y - size * 0.85),
            (px + size * 0.09, y),
        )
        for px in np.arange(x0, x1, size * 0.34)
    ]
    cv.form(
        [
            (rect(x0, y - size * 0.68, x1, y - size * 0.58), (0.6, 0.5, 0.4)),
            (rect(x0, y - size * 0.3, x1, y - size * 0.2), (0.6, 0.5, 0.4)),
            *[(b, (0.78, 0.72, 0.62)) for b in boards],
        ],
        fade,
        line=1.1,
        turn=0.1,
    )


@element("neon")
def sign(cv, rng, x, y, w, h, colour):
    """A neon sign with strokes that pass for lettering, and its glow."""
    hue = colour
    cv.glow(x, y, max(w, h) * 1.7, hue, 0.62)
    cv.form(
        [(rect(x - w / 2, y - h / 2, x + w / 2, y + h / 2), mix(hue, (0.03, 0.03, 0.06), 0.78))],
        line=1.3,
    )
    k = w / 2 * 0.86
    edge = rect(x - k, y - h / 2 * 0.92, x + k, y + h / 2 * 0.92)
    lines = [np.concatenate([edge, edge[:1]])]
    n = max(1, round(h / w)) if h > w else max(1, round(w / h))
    for i in range(n):
        cx, cy = (
            (x, y + (i - (n - 1) / 2) * h * 0.86 / n)
            if h > w
            else (x + (i - (n - 1) / 2) * w * 0.86 / n, y)
        )
        g = min(w, h) * 0.26
        form = rng.integers(3)
        lines += [[(cx - g, cy - g * 0.5), (cx + g, cy - g * 0.5)], [(cx, cy - g), (cx, cy + g)]]
        lines += [
            [[(cx - g, cy + g * 0.3), (cx + g, cy + g * 0.3)]],
            [[(cx - g, cy + g), (cx, cy), (cx + g, cy + g)]],
            [
                [
                    (cx - g * 0.7, cy + g),
                    (cx - g * 0.7, cy),
                    (cx + g * 0.7, cy),
                    (cx + g * 0.7, cy + g),
                ]
            ],
        ][form]
    cv.strokes(
        lines,
        2.2 * max(1.0, min(w, h) / cv.px / 60),
        mix(hue, (1, 1, 1), 0.55),
        1.0,
        taper=False,
        smooth=False,
    )


NEON = (
    (1.0, 0.30, 0.42),
    (0.25, 0.85, 0.95),
    (1.0, 0.66, 0.25),
    (0.75, 0.40, 1.0),
    COLOURS["green"],
)
