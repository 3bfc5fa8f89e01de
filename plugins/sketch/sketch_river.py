"""Stages in sheltered water: the harbour, the river town with its willow."""

from sketch_boats import boat, ship
from sketch_buildings import house, lighthouse, pagoda
from sketch_elements import element
from sketch_landscape import hills, mountains, water
from sketch_plants import reeds, tree
from sketch_shapes import blob, limb, pts
from sketch_sky import sky
from sketch_structures import pier, stone_bridge


def harbour(f):
    """Houses along a quay, boats at rest, a pier in front."""
    cv, s = f.cv, f.scene
    f.horizon = f.h * (0.40 if not f.tall else 0.40)
    f.sun = (f.sun[0], f.horizon - f.h * (0.13 if s.time in ("dawn", "dusk", "sunset") else 0.25))
    sky(cv, s, f.rng("sky"), f.horizon, f.sun)
    r = f.rng("hills")
    hills(cv, s, r, f.horizon, f.h * 0.16, (0.42, 0.46, 0.40), 0.5)
    if f.asked("lighthouse"):
        lighthouse(
            cv,
            s,
            f.rng("lighthouse"),
            f.w * (0.5 + f.side * 0.42),
            f.horizon + f.h * 0.03,
            f.h * 0.26,
            0.3,
        )
    quay = f.horizon + f.h * 0.085
    water(cv, s, f.rng("water"), quay, sun=None)
    if s.allows("house"):
        f.done.add("house")
        r = f.rng("houses")
        for n, fade, lift in ((9, 0.36, 0.062), (8, 0.14, 0.0)):
            for i in range(n):
                x = f.w * (i + 0.5 + r.uniform(-0.2, 0.2)) / n
                house(
                    cv,
                    s,
                    r,
                    x,
                    quay - f.h * lift,
                    f.h * r.uniform(0.12, 0.17),
                    fade,
                    wall=(
                        (0.90, 0.84, 0.74),
                        (0.82, 0.62, 0.50),
                        (0.72, 0.74, 0.72),
                        (0.86, 0.74, 0.52),
                    )[r.integers(4)],
                )
    stone = (0.50, 0.47, 0.44)
    cv.form(
        [
            (
                pts(
                    (-9, quay - f.h * 0.006),
                    (f.w + 9, quay - f.h * 0.006),
                    (f.w + 9, quay + f.h * 0.035),
                    (-9, quay + f.h * 0.035),
                ),
                stone,
            )
        ],
        0.1,
        line=1.4,
        turn=0.2,
    )
    _reflect_lights(f, quay + f.h * 0.04)
    for i in range(4):
        _, front = boat(
            cv,
            s,
            f.rng(f"moored{i}"),
            f.w * (0.1 + 0.27 * i),
            quay + f.h * 0.075,
            f.w * 0.1,
            0.25,
            f.side,
            cabin=i % 2 == 0,
        )
        front()
    vessel = f.asked("boat")
    d = -f.side
    if vessel is not None or s.allows("boat"):
        _, front = boat(
            cv,
            s,
            f.rng("boat"),
            f.w * (0.5 + f.side * 0.20),
            f.h * 0.735,
            min(f.w * 0.36, f.h * 0.6),
            0.0,
            d,
            cabin=True,
        )
        front()
    if f.asked("ship"):
        ship(cv, s, f.rng("ship"), f.w * 0.55, f.h * 0.68, f.w * 0.5, 0.1, d)
    if f.allowed("pier"):
        x0, x1 = (-f.w * 0.05, f.w * 0.62) if f.side > 0 else (f.w * 0.38, f.w * 1.05)
        pier(cv, s, f.rng("pier"), x0, x1, f.h * 0.90, f.h * 0.10)
        f.lead, f.span = (x0 + x1) / 2 + f.w * 0.0, (x1 - x0) * 0.78
        f.stand = f.h * 0.885
        f.unit = min(f.h * 0.30, f.w * 0.34)
        f.face = f.side


def _reflect_lights(f, y):
    """Warm streaks in the water under lit windows."""
    if f.scene.time not in ("night", "dusk"):
        return
    r = f.rng("reflections")
    lines = []
    for _ in range(22):
        x = r.uniform(0, f.w)
        for k in range(5):
            w = r.uniform(6, 20) * f.cv.px
            lines.append(
                [(x - w, y + (k * 13 + r.uniform(0, 6)) * f.cv.px), (x + w, y + k * 13 * f.cv.px)]
            )
    f.cv.strokes(lines, 2.4, (1.0, 0.78, 0.42), 0.6)


def river(f):
    """A water town: white walls and grey roofs on both banks, a stone bridge, hills in the mist."""
    cv, s = f.cv, f.scene
    f.horizon = f.h * (0.46 if not f.tall else 0.44)
    f.sun = (f.sun[0], f.horizon - f.h * 0.16)
    sky(cv, s, f.rng("sky"), f.horizon, f.sun)
    mountains(cv, s, f.rng("mountains"), f.horizon, f.h * 0.22, 3, 0.88, 0.62)
    if f.asked("pagoda"):
        pagoda(cv, s, f.rng("pagoda"), f.w * (0.5 + f.side * 0.2), f.horizon, f.h * 0.26, 0.5)
    water(cv, s, f.rng("water"), f.horizon, tint=(0.42, 0.52, 0.48), sun=None)
    cv.veil(
        f.horizon - f.h * 0.10,
        f.horizon + f.h * 0.07,
        cv.pal.haze,
        0.75 if s.weather == "fog" else 0.4,
    )
    r = f.rng("houses")
    eastern = s.allows("house")
    f.done.add("house")
    for i in range(5 if eastern else 0):
        t = i / 4
        fade = 0.55 - 0.5 * t
        k = f.h * (0.13 + 0.20 * t)
        for d in (-1, 1):
            x = f.w * (0.5 + d * (0.17 + 0.33 * t + (0.02 if d > 0 else 0)))
            y = f.horizon + f.h * (0.035 + 0.155 * t)
            bank = pts(
                (x - d * k * 0.62, y),
                (x + d * k * 3, y),
                (x + d * k * 3, y + k * 0.2),
                (x - d * k * 0.66, y + k * 0.2),
            )
            cv.form([(bank, (0.58, 0.56, 0.51))], fade, line=1.2, turn=0.1)
            house(cv, s, r, x + d * k * 0.1, y, k * r.uniform(0.9, 1.12), fade, eastern=True)
            _mirror(cv, r, x, y + k * 0.24, k, fade)
        if i == 1 and f.allowed("bridge"):
            stone_bridge(
                cv,
                s,
                f.rng("bridge"),
                f.w * 0.5,
                f.horizon + f.h * 0.145,
                min(f.w * 0.44, f.h * 0.8),
                f.h * 0.135,
                0.16,
            )
            f.crossing = (f.w * 0.5, f.horizon + f.h * 0.012)
    cv.veil(
        f.horizon + f.h * 0.02,
        f.horizon + f.h * 0.20,
        cv.pal.haze,
        0.42 if s.weather == "fog" else 0.15,
    )
    if f.allowed("tree"):
        tree_x = f.w * (0.5 + f.side * 0.46)
        willow(f, tree_x, f.h * 0.80, f.h * 0.62)
    if s.has("boat") or s.allows("boat"):
        f.asked("boat")
        n = min(s.count("boat", 1), 4)
        for i in range(n):
            boat(
                cv,
                s,
                f.rng(f"boat{i}"),
                f.w * (0.47 - f.side * (0.07 - 0.2 * i)),
                f.h * (0.80 - 0.07 * i),
                f.w * 0.26 * (0.8**i) * (1.5 if f.tall else 1),
                0.0,
                -f.side,
                eastern=True,
            )
    reeds(cv, f.rng("reeds"), f.w * (0.5 - f.side * 0.42), f.h * 1.0, f.w * 0.2, f.h * 0.14)


def _mirror(cv, rng, x, y, k, fade):
    """A white wall in the water: broken bars of light that get fewer further down."""
    bars = []
    for i in range(14):
        cx, half = x + rng.normal(0, 0.12) * k, k * rng.uniform(0.14, 0.5) * (1 - i / 20)
        row = y + i * k * 0.042
        bars.append([(cx - half, row), (cx + half, row)])
    width = max(1.2, k * 0.02 / cv.px)
    cv.strokes(bars, width, cv.pal.tone((0.90, 0.90, 0.86), fade), 0.42)


@element("tree")
def willow(f, x, y, size):
    """A willow leaning over the water."""
    cv, r, d = f.cv, f.rng("willow"), -f.side
    if f.scene.season in ("autumn", "winter"):
        return tree(cv, f.scene, r, x, y, size)
    top = (x + d * size * 0.14, y - size * 0.72)
    cv.form(
        [
            (
                limb(
                    [(x, y + size * 0.3), (x - d * size * 0.02, y - size * 0.35), top],
                    [size * 0.10, size * 0.07, size * 0.03],
                ),
                (0.34, 0.28, 0.22),
            )
        ],
        line=1.6,
    )
    crown = [
        blob(
            top[0] + a * size * 0.1,
            top[1] - size * 0.04 + r.normal(0, 0.02) * size,
            size * 0.1,
            size * 0.07,
            r,
        )
        for a in (-2.6, -1.5, -0.5, 0.6, 1.6, 2.8)
    ]
    cv.form([(crown, (0.42, 0.52, 0.32))], line=1.3, turn=0.15)
    strands, pale = [], []
    for i in range(120):
        a = r.uniform(-1.3, 1.5) * d
        cx, cy = (
            top[0] + a * size * 0.30,
            top[1] - size * (0.15 - 0.10 * a * a) + r.normal(0, 0.03) * size,
        )
        fall = size * r.uniform(0.3, 0.62)
        line = [
            (cx - a * size * 0.1, cy + size * 0.02),
            (cx, cy),
            (cx + a * size * 0.06, cy + fall * 0.5),
            (cx + a * size * 0.05 + r.normal(0, 0.02) * size, cy + fall),
        ]
        (strands if i % 3 else pale).append(line)
    cv.strokes(strands, 3.0, cv.pal.tone((0.34, 0.44, 0.28)), 0.8)
    cv.strokes(pale, 2.4, cv.pal.tone((0.52, 0.60, 0.36)), 0.8)
    cv.strokes(strands[::4], 1.0, alpha=0.6)
    return None
