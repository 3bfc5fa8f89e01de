"""Lighthouse, houses, towers, bridges, city blocks, piers, street things."""

import numpy as np
from sketch_elements import element
from sketch_palette import mix
from sketch_shapes import blob, ellipse, lerp, pts, rect, spline

WALL = ((0.88, 0.84, 0.75), (0.80, 0.72, 0.62), (0.70, 0.66, 0.64), (0.76, 0.62, 0.52))


ROOF = ((0.45, 0.26, 0.22), (0.34, 0.34, 0.38), (0.50, 0.36, 0.26))


LAMP = (1.0, 0.80, 0.44)


def lit(cv, scene):
    """Whether windows are lit at this hour."""
    return scene.time in ("night", "dusk") or scene.weather == "storm" or scene.has("lights")


def pane(cv, x0, y0, x1, y1, on, fade=0.0, bars=True):
    """A window: dark glass, or lit and glowing."""
    box = rect(x0, y0, x1, y1)
    if on:
        cv.glow((x0 + x1) / 2, (y0 + y1) / 2, max(x1 - x0, y1 - y0) * 2.6, LAMP, 0.5 * (1 - fade))
        cv.wash(box, mix((1.0, 0.86, 0.52), (1.0, 0.95, 0.74), 0.35), fade * 0.35, raw=1, rim=0.15)
    else:
        cv.wash(box, (0.24, 0.28, 0.33), fade, rim=0.2)
    if bars and y1 - y0 > 9 * cv.px:
        xm, ym = (x0 + x1) / 2, (y0 + y1) / 2
        cv.strokes([[(xm, y0), (xm, y1)], [(x0, ym), (x1, ym)]], 0.9, fade=fade, taper=False)
    edge = [[(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)]]
    cv.strokes(edge, 0.9, fade=fade, taper=False, smooth=False)


@element("thing")
def lighthouse(cv, scene, rng, x, y, size, fade=0.0, light=None, beam_to=None):
    """A banded lighthouse, `size` px tall, with its gallery and lamp room.

    Args:
        light: Whether the lamp burns (default: when it is dark, unless the prompt says dark).
        beam_to: Angles (radians) of the beams; default where it suits.
    """
    night = scene.time in ("night", "dusk", "dawn") or scene.weather in ("storm", "fog")
    on = (night or scene.has("beam")) and "dark" not in scene.attrs if light is None else light
    lamp = (x, y - size * 0.885)
    if on and (cv.pal.dark or scene.has("beam") or scene.weather == "fog"):
        beams(cv, scene, *lamp, size, beam_to or (-0.06, np.pi + 0.10))
    w0, w1, top = size * 0.115, size * 0.072, y - size * 0.80

    def at(t, s):
        return (x + s * (w0 + (w1 - w0) * t), y + (top - y) * t)

    parts = [(pts(at(0, -1.18), at(0.035, -1.15), at(0.035, 1.15), at(0, 1.18)), (0.6, 0.57, 0.52))]
    for k in range(5):
        a, b = 0.03 + k * 0.194, 0.03 + (k + 1) * 0.194
        band = np.concatenate([[at(a, -1), at(b, -1)], [at(b, 1), at(a, 1)]])
        parts.append((band, (0.92, 0.89, 0.82) if k % 2 == 0 else (0.70, 0.20, 0.16)))
    gal = w1 * 1.65
    parts.append(
        (
            pts(
                (x - gal, top),
                (x - gal * 0.8, top + size * 0.02),
                (x + gal * 0.8, top + size * 0.02),
                (x + gal, top),
                (x + gal, top - size * 0.014),
                (x - gal, top - size * 0.014),
            ),
            (0.25, 0.24, 0.25),
        )
    )
    room = rect(x - w1 * 0.82, top - size * 0.125, x + w1 * 0.82, top - size * 0.014)
    parts.append((room, (0.42, 0.46, 0.48)))
    dome = spline(
        pts(
            (x - w1 * 1.1, top - size * 0.12),
            (x - w1 * 0.8, top - size * 0.165),
            (x, top - size * 0.19),
            (x + w1 * 0.8, top - size * 0.165),
            (x + w1 * 1.1, top - size * 0.12),
        ),
        closed=False,
        n=6,
    )
    parts.append((dome, (0.62, 0.18, 0.15)))
    cv.form(
        parts,
        fade,
        line=1.9,
        turn=0.3,
        shadow=0.6,
        inner=0.35,
        rim_light=0.35 if cv.pal.dark else 0,
    )
    if on:
        cv.wash(room, (1.0, 0.93, 0.66), raw=1, rim=0)
        cv.glow(*lamp, size * 0.42, LAMP, 0.75)
        cv.glow(*lamp, size * 0.12, (1, 0.97, 0.84), 1.0)
    rails = [
        [(x + gal * s, top - size * 0.014), (x + gal * s, top - size * 0.05)]
        for s in np.linspace(-1, 1, 9)
    ]
    bars = [
        [(x + w1 * s, top - size * 0.125), (x + w1 * s, top - size * 0.014)]
        for s in (-0.82, -0.35, 0.35, 0.82)
    ]
    ball = [[(x, top - size * 0.19), (x, top - size * 0.235)]]
    cv.strokes(
        rails + bars + ball + [[(x - gal, top - size * 0.05), (x + gal, top - size * 0.05)]],
        max(0.8, min(1.6, size / cv.px / 260)),
        fade=fade,
        taper=False,
    )
    for t in (0.18, 0.46, 0.72):
        px, py = at(t, 0.12 if t != 0.46 else -0.2)
        k = size * 0.017
        pane(cv, px - k * 0.7, py - k * 1.5, px + k * 0.7, py + k, False, fade, bars=False)
    k = size * 0.032
    door = spline(
        pts((x - k, y), (x - k, y - k * 2.2), (x, y - k * 3), (x + k, y - k * 2.2), (x + k, y)),
        closed=False,
        n=4,
    )
    cv.form([(door, (0.30, 0.22, 0.18))], fade, line=1.0)
    return lamp


@element("beams")
def beams(cv, scene, x, y, size, angles):
    """Light sweeping out of a lamp."""
    reach = (cv.w + cv.h) * 0.75
    thick = 1.0 if scene.weather in ("fog", "rain", "storm") or scene.has("beam") else 0.7
    for angle in angles:
        for spread, strength in ((0.115, 0.30), (0.075, 0.34), (0.035, 0.38)):
            for part, s in ((1.0, 0.5), (0.55, 0.5)):
                a, b = angle - spread, angle + spread
                cone = pts(
                    (x, y),
                    (x + np.cos(a) * reach * part, y - np.sin(a) * reach * part),
                    (x + np.cos(b) * reach * part, y - np.sin(b) * reach * part),
                )
                cv.light(cone, (1.0, 0.93, 0.70), strength * s * thick, 14 * cv.px)


@element("thing")
def house(cv, scene, rng, x, y, size, fade=0.0, eastern=False, wall=None):
    """A house of about `size` px to the ridge, seen at a corner."""
    w, h = size * rng.uniform(0.85, 1.2), size * 0.55
    d = w * 0.38
    wall = wall or WALL[rng.integers(len(WALL))]
    roof = ROOF[rng.integers(len(ROOF))]
    if eastern:
        wall, roof = (0.92, 0.90, 0.85), (0.25, 0.26, 0.29)
    snow = scene.weather == "snow" or (scene.season == "winter" and scene.allows("snow"))
    x0, x1 = x - w / 2, x + w / 2 - d
    flip = 1
    front = rect(x0, y - h, x1, y)
    side = pts(
        (x1, y), (x1 + d, y - h * 0.08), (x1 + d, y - h), (x1 + d * 0.5, y - size), (x1, y - h)
    )
    over = size * 0.06
    eave = pts(
        (x0 - over, y - h + over * 0.9),
        (x0 + d * 0.5 - over * 0.4, y - size),
        (x1 + d * 0.5 + over * 0.2, y - size),
        (x1 + over * 0.1, y - h + over * 0.9),
    )
    if eastern:
        eave = spline(
            pts(
                (x0 - over * 1.6, y - h + over * 0.4),
                (x0 + d * 0.2, y - h - size * 0.14),
                (x0 + d * 0.5 - over, y - size - over * 0.4),
                (x1 + d * 0.5, y - size),
                (x1 + d * 0.2, y - h - size * 0.16),
                (x1 + over * 0.9, y - h + over * 0.6),
                (x1 - w * 0.2, y - h + over * 0.9),
                (x0, y - h + over * 0.8),
            ),
            n=3,
        )
    verge = pts(
        (x1 + d * 0.5, y - size),
        (x1 + d + over, y - h + over),
        (x1 + d + over * 0.4, y - h + over * 1.4),
        (x1 + d * 0.5, y - size + over * 0.8),
        (x1, y - h + over * 1.3),
    )
    chimney = rect(x0 + w * 0.22, y - size * 1.16, x0 + w * 0.22 + size * 0.1, y - size * 0.9)
    parts = [] if eastern else [(chimney, mix(wall, roof, 0.6))]
    parts += [(front, wall), (side, mix(wall, (0.3, 0.3, 0.4), 0.25))]
    parts.append((eave, (0.94, 0.95, 0.98) if snow else roof))
    parts.append((verge, (0.94, 0.95, 0.98) if snow else mix(roof, (0, 0, 0), 0.2)))
    cv.form(parts, fade, line=1.6, turn=0.10, shadow=0.35, inner=0.7)
    cv.shade(
        pts(
            (x0, y - h + over * 0.9),
            (x1, y - h + over * 0.9),
            (x1, y - h + over * 2.2),
            (x0, y - h + over * 2.2),
        ),
        0.5 * (1 - fade),
    )
    if not snow:
        rows = []
        for t in np.linspace(0.12, 0.95, 6):
            a, b = (
                lerp(eave[0], eave[1], t),
                lerp(eave[-1], eave[-2] if not eastern else eave[len(eave) // 2], t),
            )
            if not eastern:
                rows.append([a, b])
        cv.strokes(rows, 0.8, fade=fade, alpha=0.5)
    on = lit(cv, scene)
    k = h * 0.17
    wx = np.linspace(x0 + w * 0.1, x1 - w * 0.1, 3)
    for i, px in enumerate(wx):
        if i == 1:
            cv.form(
                [(rect(px - k * 0.6, y - h * 0.52, px + k * 0.6, y), (0.32, 0.22, 0.17))],
                fade,
                line=0.9,
            )
        else:
            pane(
                cv,
                px - k * 0.6,
                y - h * 0.66,
                px + k * 0.6,
                y - h * 0.28,
                on and rng.random() < 0.8,
                fade,
            )
    if not eastern and scene.allows("smoke") and (snow or on or scene.has("smoke")):
        smoke(cv, rng, x0 + w * 0.27, y - size * 1.16, size * 0.7, fade)
    return flip


@element("smoke")
def smoke(cv, rng, x, y, size, fade=0.0):
    """A thread of smoke that widens as it rises."""
    puffs = []
    for t in np.linspace(0, 1, 9):
        puffs.append(
            blob(
                x + size * 0.22 * t**1.4 + np.sin(t * 6) * size * 0.03,
                y - size * t,
                size * (0.02 + 0.07 * t),
                size * (0.03 + 0.06 * t),
                rng,
            )
        )
    colour = (
        mix(cv.pal.sky_low, (0.95, 0.95, 0.95), 0.3)
        if not cv.pal.dark
        else mix(cv.pal.sky_low, (0.5, 0.52, 0.56), 0.3)
    )
    cv.wash(puffs, colour, raw=1, alpha=0.34 * (1 - fade * 0.6), rim=0.1)


@element("thing")
def tower(cv, scene, rng, x, y, size, fade=0.0):
    """A stone tower with a pointed roof and a clock."""
    w = size * 0.13
    body = rect(x - w, y - size * 0.72, x + w, y)
    cap = pts((x - w * 1.2, y - size * 0.72), (x, y - size), (x + w * 1.2, y - size * 0.72))
    nave = pts(
        (x + w, y),
        (x + w, y - size * 0.26),
        (x + w * 2.4, y - size * 0.38),
        (x + w * 4, y - size * 0.26),
        (x + w * 4, y),
    )
    cv.form(
        [(nave, (0.66, 0.60, 0.54)), (body, (0.70, 0.64, 0.57)), (cap, (0.34, 0.33, 0.37))],
        fade,
        line=1.7,
        turn=0.3,
    )
    cv.form([(ellipse(x, y - size * 0.6, w * 0.5), (0.93, 0.91, 0.84))], fade, line=1.1)
    cv.strokes(
        [
            [(x, y - size * 0.6), (x, y - size * 0.6 - w * 0.35)],
            [(x, y - size * 0.6), (x + w * 0.25, y - size * 0.6)],
        ],
        1.1,
        fade=fade,
    )
    for t in (0.2, 0.4):
        pane(
            cv,
            x - w * 0.25,
            y - size * t - w * 0.7,
            x + w * 0.25,
            y - size * t,
            lit(cv, scene),
            fade,
        )


@element("thing")
def pagoda(cv, scene, rng, x, y, size, fade=0.0):
    """A pagoda of five roofs."""
    parts, n = [], 5
    for k in range(n):
        t = k / n
        w, y0 = size * (0.17 - 0.09 * t), y - size * 0.88 * t
        h = size * 0.88 / n
        parts.append(
            (rect(x - w, y0 - h, x + w, y0), (0.66, 0.30, 0.22) if k % 2 else (0.70, 0.36, 0.26))
        )
        roof = spline(
            pts(
                (x - w * 1.7, y0 - h * 0.72),
                (x - w * 0.9, y0 - h * 0.95),
                (x, y0 - h * 1.12),
                (x + w * 0.9, y0 - h * 0.95),
                (x + w * 1.7, y0 - h * 0.72),
                (x + w * 0.8, y0 - h * 0.72),
                (x - w * 0.8, y0 - h * 0.72),
            ),
            n=4,
        )
        parts.append((roof, (0.24, 0.27, 0.29)))
    parts.append(
        (
            pts(
                (x - size * 0.012, y - size * 0.86),
                (x, y - size),
                (x + size * 0.012, y - size * 0.86),
            ),
            (0.7, 0.55, 0.25),
        )
    )
    cv.form(parts, fade, line=1.4, turn=0.25)


@element("thing")
def block(cv, scene, rng, x0, x1, top, y, fade=0.0, shade=None, signs=False):
    """One city building from x0 to x1, its windows lit when it is dark."""
    base = shade or mix((0.46, 0.46, 0.50), (0.60, 0.52, 0.46), rng.uniform(0, 1))
    w = x1 - x0
    roof = []
    kind = rng.integers(4)
    if kind == 0:
        roof.append(
            (
                rect(x0 + w * 0.25, top - w * 0.16, x1 - w * 0.3, top),
                mix(base, (0.2, 0.2, 0.24), 0.3),
            )
        )
    elif kind == 1:
        tank = rect(x0 + w * 0.55, top - w * 0.26, x0 + w * 0.8, top - w * 0.08)
        roof.append((tank, (0.36, 0.29, 0.25)))
        roof.append(
            (
                pts(
                    (x0 + w * 0.52, top - w * 0.26),
                    (x0 + w * 0.675, top - w * 0.38),
                    (x0 + w * 0.83, top - w * 0.26),
                ),
                (0.3, 0.26, 0.25),
            )
        )
        cv.strokes(
            [[(x0 + w * t, top - w * 0.08), (x0 + w * t, top)] for t in (0.57, 0.78)],
            1.3,
            fade=fade,
        )
    elif kind == 2:
        cv.strokes([[(x0 + w * 0.5, top), (x0 + w * 0.5, top - w * 0.5)]], 1.5, fade=fade)
    cv.form([*roof, (rect(x0, top, x1, y), base)], fade, line=1.4, turn=0.25, shadow=0.45)
    on = lit(cv, scene)
    cell = max(9.0 * cv.px, w / rng.integers(4, 7))
    warm, dark = [], []
    for wy in np.arange(top + cell * 0.6, min(y, cv.h) - cell * 0.5, cell * 1.25):
        for wx in np.arange(x0 + cell * 0.35, x1 - cell * 0.6, cell):
            box = rect(wx, wy, wx + cell * 0.5, wy + cell * 0.68)
            (warm if on and rng.random() < 0.42 else dark).append(box)
    if dark:
        cv.wash(dark, mix(base, (0.12, 0.14, 0.2), 0.62), fade, rim=0.1)
    if warm:
        cv.wash(warm, (1.0, 0.84, 0.50), raw=1, alpha=0.92 - 0.4 * fade, rim=0.1)


def skyline(cv, scene, rng, y, height, fade=0.5, count=11, shade=None):
    """A row of buildings across the frame."""
    x = -0.02 * cv.w
    while x < cv.w:
        w = cv.w / count * rng.uniform(0.75, 1.35)
        block(cv, scene, rng, x, x + w, y - height * rng.uniform(0.45, 1.0), y, fade, shade)
        x += w * rng.uniform(0.96, 1.12)
