"""Land and water: hills, mountains, cliffs, rocks, beaches, waves, ground, roads, mist."""

import numpy as np
from sketch_elements import element
from sketch_ink import column
from sketch_palette import mix
from sketch_shapes import blob, lerp, pts, ridge, spline, under

GRASS = {"": (0.48, 0.54, 0.33), "spring": (0.56, 0.64, 0.38), "summer": (0.44, 0.54, 0.28),
         "autumn": (0.66, 0.50, 0.26), "winter": (0.60, 0.60, 0.54)}  # fmt: skip


STONE = (0.55, 0.51, 0.47)


SAND = (0.86, 0.76, 0.57)


SNOW = (0.93, 0.95, 0.98)


def grass(scene):
    """The ground's colour for the season and weather."""
    return SNOW if scene.weather == "snow" else GRASS[scene.season]


@element("mountains")
def mountains(cv, scene, rng, horizon, height, layers=3, fade0=0.85, fade1=0.45, snow=False):
    """Ranges behind one another, each nearer one darker and lower."""
    for i in range(layers):
        t = i / max(1, layers - 1)
        fade = fade0 + (fade1 - fade0) * t
        h = height * (1 - 0.42 * t)
        line = ridge(-20, cv.w + 20, horizon + 6, h, rng, 0.52)
        colour = mix((0.42, 0.47, 0.52), grass(scene), 0.25 + 0.4 * t)
        cv.wash(under(line, horizon + 8), colour, fade, to=mix(colour, cv.pal.haze, 0.45))
        if snow or scene.weather == "snow" or scene.season == "winter":
            cap = line.copy()
            top = line[:, 1].min()
            cap[:, 1] = np.maximum(line[:, 1], top + 0.0)
            lower = line[:, 1] + np.clip(horizon - h * 0.42 - line[:, 1], 0, None) * (
                0.55 + 0.4 * np.abs(np.sin(np.arange(len(line)) * 1.7))
            )
            area = np.concatenate([cap, np.stack([line[:, 0], lower], axis=1)[::-1]])
            cv.wash(area, SNOW, fade * 0.7, alpha=0.85, rim=0)
        cv.strokes(
            [line[k : k + 24] for k in range(0, len(line), 21)], 1.5, fade=fade, smooth=False
        )
        _ridges(cv, line, horizon, h, rng, fade)


def _ridges(cv, line, horizon, height, rng, fade):
    """Shadowed faces and a few strokes that run down from the peaks."""
    peaks = [k for k in range(3, len(line) - 3) if line[k, 1] == line[k - 3 : k + 4, 1].min()]
    lines, faces, side = [], [], np.sign(cv.pal.light[0]) or 1
    for k in peaks:
        x, y = line[k]
        drop = (horizon - y) * rng.uniform(0.35, 0.7)
        if drop < 8 * cv.px:
            continue
        foot = (x + side * drop * rng.uniform(0.0, 0.3), y + drop)
        mid = (x + side * drop * 0.05 + rng.normal(0, 3) * cv.px, y + drop * 0.5)
        lines.append([(x, y), mid, foot])
        j = int(np.clip(k + side * rng.integers(5, 12), 0, len(line) - 1))
        faces.append(pts((x, y), mid, foot, tuple(line[j])))
    for face in faces:
        cv.shade(face, 0.34 * (1 - fade), 1.5 * cv.px)
    cv.strokes(lines, 1.1, fade=fade)


@element("hills")
def hills(cv, scene, rng, horizon, height, colour=None, fade=0.4, rough=0.34):
    """One soft ridge of land; returns its line."""
    line = ridge(-20, cv.w + 20, horizon + 4, height, rng, rough, 5)
    line = spline(line, closed=False, n=3)
    colour = colour or grass(scene)
    cv.wash(under(line, cv.h + 5), colour, fade, to=mix(colour, (0.3, 0.3, 0.2), 0.25))
    cv.strokes([line], 1.3, fade=fade, smooth=False, taper=False)
    return line


@element("ground")
def ground(cv, scene, rng, horizon, colour=None, far=0.55, tufts=True):
    """Flat land from the horizon to the front, paler far away."""
    colour = colour or grass(scene)
    pal = cv.pal
    y0 = int(np.clip(horizon, 0, cv.h - 1))
    t = np.linspace(0, 1, cv.h - y0, dtype=np.float32)[None, :, None]
    near = column(pal.tone(mix(colour, (0.25, 0.22, 0.16), 0.28)))
    back = column(pal.tone(colour, far))
    middle = column(pal.tone(colour, far * 0.3))
    paint = np.where(
        t < 0.4, back + (middle - back) * t / 0.4, middle + (near - middle) * (t - 0.4) / 0.6
    )
    cv.fill(y0, cv.h, paint * (1 + 0.12 * cv.lumps[y0:])[None])
    cv.strokes([[(-5, y0), (cv.w * 0.4, y0 + 1), (cv.w + 5, y0)]], 1.0, fade=far, taper=False)
    if tufts:
        lines = []
        for _ in range(70):
            d = rng.uniform(0.04, 1) ** 1.4
            x, y, k = rng.uniform(0, cv.w), y0 + d * (cv.h - y0), (4 + 22 * d) * cv.px
            for dx in (-0.5, 0.1, 0.6):
                lines.append([(x, y), (x + dx * k * 0.4, y - k * 0.6), (x + dx * k, y - k)])
        cv.strokes(lines, 1.0, alpha=0.45)


@element("water")
def water(cv, scene, rng, horizon, bottom=None, calm=True, sun=None, tint=None):
    """Water from the horizon down: the sky's colours in it, ripples in perspective, a glint."""
    pal, bottom = cv.pal, int(bottom or cv.h)
    y0, bottom = int(np.clip(horizon, 0, cv.h - 2)), min(bottom, cv.h)
    t = np.linspace(0, 1, bottom - y0, dtype=np.float32)[None, :, None]
    deep = tint or (0.20, 0.36, 0.42)
    far = column(mix(pal.sky_low, pal.sky_mid, 0.35))
    near = column(pal.tone(mix(deep, pal.sky_top, 0.3)))
    paint = (far + (near - far) * t**0.7) * (1 + 0.08 * cv.lumps[y0:bottom])[None]
    cv.fill(y0, bottom, paint)
    _ripples(cv, rng, y0, bottom, 150 if calm else 90)
    if sun is not None and (scene.weather == "clear" or scene.has("moon")):
        glint(cv, scene, rng, sun[0], y0, bottom)
    cv.strokes([[(-5, y0), (cv.w / 2, y0 + 0.5), (cv.w + 5, y0)]], 0.9, fade=0.5, taper=False)


@element("ripples")
def _ripples(cv, rng, y0, bottom, n):
    depth = bottom - y0
    lines, pale = [], []
    for i in range(n):
        d = rng.uniform(0.01, 1) ** 1.5
        x, y, k = rng.uniform(-0.05, 1.05) * cv.w, y0 + d * depth, (12 + 120 * d) * cv.px
        bow = (0.4 + 3.2 * d) * cv.px * rng.choice((-1, 1))
        (lines if i % 2 else pale).append(
            [(x - k / 2, y), (x, y + bow), (x + k / 2, y - bow * 0.3)]
        )
    cv.strokes(lines, 1.2, alpha=0.34)
    light = cv.pal.sky_low if not cv.pal.dark else mix(cv.pal.sky_low, (1, 1, 1), 0.1)
    cv.strokes(pale, 1.7, light, 0.4)


@element("glint")
def glint(cv, scene, rng, x, y0, bottom):
    """The light's broken path on water."""
    colour = (0.86, 0.90, 0.94) if scene.time == "night" else mix(cv.pal.glow, (1, 1, 1), 0.25)
    lines = []
    for _ in range(110):
        d = rng.uniform(0, 1) ** 1.2
        y, spread = y0 + 2 + d * (bottom - y0) * 0.95, (10 + 70 * d) * cv.px
        cx, k = x + rng.normal(0, 0.55) * spread, (6 + 46 * d) * cv.px * rng.uniform(0.4, 1)
        lines.append([(cx - k / 2, y), (cx + k / 2, y)])
    cv.strokes(lines, 2.2, colour, 0.75)


@element("wave")
def wave(cv, rng, x, y, width, height, colour, lean=1):
    """One breaking sea: a peaked back, a hollow face, foam at the crest and down the front."""
    pal, w, h = cv.pal, width, height
    crest = (x + lean * w * 0.14, y - h)
    back = spline(
        [
            (x - lean * w * 0.55, y + h * 0.12),
            (x - lean * w * 0.32, y - h * 0.22),
            (x - lean * w * 0.10, y - h * 0.62),
            (x + lean * w * 0.06, y - h * 0.93),
            crest,
        ],
        closed=False,
    )
    face = spline(
        [
            crest,
            (x + lean * w * 0.185, y - h * 0.86),
            (x + lean * w * 0.145, y - h * 0.60),
            (x + lean * w * 0.20, y - h * 0.28),
            (x + lean * w * 0.36, y - h * 0.04),
            (x + lean * w * 0.55, y + h * 0.12),
        ],
        closed=False,
    )
    foot = pts((x + lean * w * 0.5, y + h * 0.6), (x - lean * w * 0.5, y + h * 0.6))
    deep = mix(colour, (0.05, 0.09, 0.14), 0.5)
    cv.wash(np.concatenate([back, face, foot]), mix(colour, (1, 1, 1), 0.12), to=deep, rim=0.0)
    half = len(face)
    inner = (face - crest) * (0.35, 1.0) + crest - (lean * w * 0.02, 0)
    hollow = np.concatenate([face, inner[::-1]])
    cv.shade(hollow, 0.55, 4 * cv.px)
    cv.strokes([back, face], 2.0, smooth=False)
    white = (0.94, 0.96, 0.97) if not pal.dark else (0.74, 0.81, 0.87)
    flows = []
    for k in np.linspace(0.15, 1.0, 9):
        at = face[int(k * (half - 1))]
        start = back[int((1 - 0.55 * k) * (len(back) - 1))]
        bend = lerp(start, at, 0.5) + (lean * w * 0.015, h * 0.10)
        flows.append([start, bend, at])
    for _ in range(8):
        vx, vy, n = x + rng.uniform(-0.4, 0.4) * w, y + rng.uniform(0.05, 0.4) * h, w * 0.07
        flows.append([(vx - n, vy + n * 0.1), (vx, vy - n * 0.08), (vx + n, vy + n * 0.1)])
    cv.strokes(flows, 1.8, white, 0.42)
    foam, line = [], np.concatenate([back[-len(back) // 2 :], face[: half // 2]])
    for _ in range(34):
        at = line[rng.integers(len(line))]
        k = h * rng.uniform(0.025, 0.075)
        foam.append(
            blob(at[0] + rng.normal(0, 0.2) * k, at[1] - 0.3 * k, k * 1.3, k * 0.8, rng, 0.35)
        )
    for _ in range(26):
        at = line[rng.integers(len(line) // 2, len(line))]
        drift = (lean * rng.uniform(0, 0.10) * w, -rng.uniform(0.02, 0.28) * h)
        foam.append(blob(at[0] + drift[0], at[1] + drift[1], 2 * cv.px, 2 * cv.px, rng, 0.3, 6))
    cv.wash(foam, white, raw=1, rim=0.25, alpha=0.92)


def rough_sea(cv, scene, rng, horizon, height, rows=4, count=4):
    """Rows of waves, growing towards the front."""
    deep = (0.50, 0.66, 0.72)
    for i in range(rows):
        d = (i + 0.6) / rows
        y = horizon + (cv.h - horizon) * d**1.25
        for j in range(count + 1):
            w = cv.w / count * (0.95 + 0.45 * d) * rng.uniform(0.9, 1.25)
            x = (j + rng.uniform(-0.3, 0.3) + (i % 2) * 0.5) * cv.w / count
            h = height * (0.22 + 0.75 * d) * rng.uniform(0.6, 1.05)
            wave(
                cv,
                rng,
                x,
                y,
                w,
                h,
                mix(mix(deep, (0.45, 0.55, 0.58), 0.4 * (1 - d)), cv.pal.sky_mid, 0.15),
            )


@element("spray")
def spray(cv, rng, x, y, size):
    """Water thrown up by a rock."""
    white = (0.95, 0.97, 0.97) if not cv.pal.dark else (0.74, 0.80, 0.85)
    drops, lines = [], []
    for _ in range(60):
        a, k = rng.normal(0, 0.5), size * rng.uniform(0.15, 1) ** 0.8
        px, py = x + np.sin(a) * k * 0.8, y - np.cos(a) * k
        r = size * rng.uniform(0.012, 0.075) * (1.15 - k / size)
        drops.append(blob(px, py, r + 1, r * 1.15 + 1, rng, 0.3, 8))
    for a in np.linspace(-0.9, 0.9, 15):
        k = size * rng.uniform(0.5, 1)
        lines.append(
            [
                (x, y),
                (x + np.sin(a) * k * 0.35, y - np.cos(a) * k * 0.55),
                (x + np.sin(a) * k * 0.8, y - np.cos(a) * k * 0.9),
            ]
        )
    cv.strokes(lines, 3.0, white, 0.5)
    cv.wash(drops, white, raw=1, rim=0.1, alpha=0.88)


@element("thing")
def rock(cv, rng, x, y, w, h, fade=0.0, colour=STONE):
    """A boulder with planes."""
    n = 9
    a = np.linspace(np.pi, 2 * np.pi, n)
    r = rng.uniform(0.75, 1.12, n)
    r[0] = r[-1] = 1
    top = np.stack([x + np.cos(a) * w / 2 * r, y + np.sin(a) * h * r], axis=1)
    cv.form([(np.concatenate([top, pts((x + w * 0.35, y + h * 0.08), (x - w * 0.35, y + h * 0.08))]), colour)],
            fade, turn=0.4, shadow=0.6, line=1.6)  # fmt: skip
    lines = []
    for k in (2, 3, 5, 6):
        p = top[k]
        lines.append(
            [
                p,
                lerp(p, (x, y), 0.35) + (rng.normal(0, 0.04) * w, 0),
                lerp(p, (x + rng.normal(0, 0.2) * w, y), 0.75),
            ]
        )
    cv.strokes(lines, 1.0, fade=fade, smooth=False)


def cliff(cv, scene, rng, x_edge, y_top, x_side, base, fade=0.1):
    """A headland that fills the frame from one side to `x_edge` and drops to the water at `base`."""
    d = 1 if x_side > x_edge else -1
    span, drop = abs(x_side - x_edge), base - y_top
    top = [(x_side, y_top - drop * 0.10), (x_edge + d * span * 0.55, y_top - drop * 0.02),
           (x_edge + d * span * 0.2, y_top + drop * 0.005), (x_edge, y_top + drop * 0.04)]  # fmt: skip
    face, y, x = [], y_top + drop * 0.04, x_edge
    while y < base - drop * 0.05:
        y += drop * rng.uniform(0.06, 0.14)
        x += -d * span * rng.uniform(-0.015, 0.055)
        face.append((x, min(y, base)))
    face.append((x - d * span * 0.05, base))
    outline = np.array([*top, *face, (x_side, base)])
    cv.form([(outline, mix(STONE, (0.62, 0.52, 0.42), 0.4))], fade, line=1.9, turn=0.10, shadow=0.3)
    green = np.array([*top, *[(px + d * span * 0.05, y_top + drop * (0.10 + 0.05 * np.sin(px))) for px in
                     np.linspace(x_edge, x_side, 9)]])  # fmt: skip
    cv.wash(green, grass(scene), fade, rim=0.2)
    planes, lines = [], []
    for k in range(13):
        fx = x_edge + d * span * (k + rng.uniform(0, 0.6)) / 12
        y0 = y_top + drop * rng.uniform(0.1, 0.2)
        p = [(fx, y0)]
        while p[-1][1] < base - drop * 0.1 and len(p) < 7:
            p.append(
                (
                    p[-1][0] - d * span * rng.uniform(-0.012, 0.03),
                    p[-1][1] + drop * rng.uniform(0.08, 0.2),
                )
            )
        lines.append(p)
        if k % 2:
            planes.append(
                np.array([*p, *[(a + d * span * rng.uniform(0.02, 0.055), b) for a, b in p[::-1]]])
            )
    cv.shade(planes, 0.42 * (1 - fade), 1.2 * cv.px)
    cv.strokes(lines, 1.3, fade=fade, smooth=False)
    ledges = []
    for _ in range(18):
        lx, ly = x_edge + d * span * rng.uniform(0.02, 0.95), y_top + drop * rng.uniform(0.2, 0.95)
        ledges.append(
            [(lx, ly), (lx + span * 0.03, ly + 2 * cv.px), (lx + span * 0.06, ly - cv.px)]
        )
    cv.strokes(ledges, 0.9, fade=fade, alpha=0.7)
    return outline


@element("foam")
def foam_line(cv, rng, x0, x1, y, size=1.0):
    """Broken white water along a foot of rock or a beach."""
    lines = []
    for x in np.arange(x0, x1, 16 * cv.px):
        k = rng.uniform(14, 44) * cv.px * size
        lines.append(
            [
                (x, y + rng.normal(0, 3) * cv.px * size),
                (x + k / 2, y + rng.normal(0, 4) * cv.px * size - 2),
                (x + k, y),
            ]
        )
    white = (0.97, 0.98, 0.98) if not cv.pal.dark else (0.62, 0.69, 0.76)
    cv.strokes(lines, 3.4 * size, white, 0.8)


@element("lying")
def road(cv, points, widths, colour, fade=0.0, edge=True):
    """A path or road as a ribbon in perspective."""
    p = spline(points, closed=False, n=10)
    half = np.interp(np.linspace(0, 1, len(p)), np.linspace(0, 1, len(widths)), widths) / 2
    side = np.stack([half, 0 * half], axis=1)  # level, as a path on the ground is seen
    outline = np.concatenate([p - side, (p + side)[::-1]])
    cv.wash(outline, colour, fade, rim=0.25)
    if edge:
        n = len(p)
        cv.strokes(
            [outline[:n:1], outline[n:]], 1.2, fade=fade, smooth=False, taper=False, alpha=0.6
        )
    return p
