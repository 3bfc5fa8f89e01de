"""Above the horizon: the graded wash, clouds, sun and moon, stars; and the weather in front."""

import numpy as np
from PIL import Image
from sketch_elements import element
from sketch_ink import blurred, column, noise
from sketch_palette import mix
from sketch_shapes import ellipse, pts


@element("sky")
def sky(cv, scene, rng, horizon, sun=None):
    """The sky down to `horizon`, with what is in it. `sun` is where its light stands, (x, y)."""
    pal, h = cv.pal, max(2, int(min(horizon + 4, cv.h)))
    t = np.clip(np.linspace(0, 1, h, dtype=np.float32), 0, 1)[None, :, None]
    t = np.clip(t + 0.07 * cv.lumps[:h][None], 0, 1)
    low, mid, top = column(pal.sky_low), column(pal.sky_mid), column(pal.sky_top)
    upper, lower = top + (mid - top) * (t / 0.55), mid + (low - mid) * ((t - 0.55) / 0.45)
    cv.fill(0, h, np.where(t < 0.55, upper, lower))
    if scene.time == "night" and scene.weather == "clear" or scene.has("star"):
        stars(cv, scene, rng, horizon)
    if sun is not None:
        disc(cv, scene, rng, *sun)
    clouds(cv, scene, rng, h, sun)
    if scene.has("rainbow"):
        rainbow(cv, horizon)
    if scene.has("fireworks"):
        fireworks(cv, scene, rng, horizon)


@element("disc")
def disc(cv, scene, rng, x, y):
    """Sun or moon with its halo; behind heavy cloud only a paler place."""
    pal, s = cv.pal, min(cv.w, cv.h)
    night = scene.time == "night"
    asked = scene.has("moon") if night else scene.has("sun")
    hidden = scene.weather in ("rain", "storm", "fog", "snow", "cloudy") and not asked
    if not scene.allows("moon" if night else "sun"):
        return
    glow = (0.75, 0.82, 0.92) if night else pal.glow
    low = scene.time in ("dawn", "sunset", "dusk")
    reach = s * (1.15 if low else 0.7)
    cv.glow(x, y, reach, glow, (0.22 if hidden else 0.62) * (0.55 if night else 1), 0.8)
    if hidden or (night and not asked and scene.weather != "clear"):
        return
    r = s * (0.048 if night else 0.05 if low else 0.038)
    if asked:
        r *= 1.25
    cv.glow(x, y, r * 4, glow, 0.8)
    core = (0.96, 0.95, 0.88) if night else mix(glow, (1, 1, 0.94), 0.55)
    cv.wash(ellipse(x, y, r, n=48), core, texture=0.03, rim=0, raw=1)
    if night:
        for dx, dy, k in ((-0.3, -0.2, 0.24), (0.25, 0.3, 0.18), (0.1, -0.45, 0.12)):
            cv.wash(ellipse(x + dx * r, y + dy * r, r * k), (0.80, 0.81, 0.78), alpha=0.6, raw=1)


@element("clouds")
def clouds(cv, scene, rng, h, sun):
    """Broken cloud from noise, flat below, lit on the side of the light; heavy in bad weather."""
    if not scene.allows("cloud"):
        return
    cover = {
        "rain": 0.72,
        "storm": 0.92,
        "snow": 0.6,
        "cloudy": 0.75,
        "fog": 0.35,
        "wind": 0.5,
    }.get(scene.weather, 0.36)
    if scene.has("cloud"):
        cover = max(cover, 0.7)
    if scene.time == "night" and scene.weather == "clear" and not scene.has("cloud"):
        cover = 0.2
    hh, ww = max(8, h // 3), max(8, cv.w // 3)
    # Drawn narrow and pulled sideways: clouds lie in banks, flatter towards the horizon.
    narrow = max(8, int(ww / 2.6))
    field = noise(hh, narrow, 46 * cv.px, rng, 5)
    rows = (np.linspace(0, 1, hh) ** 1.35 * (hh - 1)).astype(int)
    field = np.asarray(Image.fromarray(field[rows]).resize((ww, hh), Image.BICUBIC))
    high = np.linspace(1, 0, hh, dtype=np.float32)[:, None]
    body = np.clip((field + cover * 0.9 - 0.42) * 3.4, 0, 1) * np.clip(0.25 + high * 1.2, 0, 1)
    lit = np.clip(body - blurred(np.roll(body, 3, axis=0), 2), 0, 1)

    def up(a):
        return np.asarray(
            Image.fromarray(a.astype(np.float32)).resize((cv.w, h), Image.BICUBIC)
        ).clip(0, 1)

    pal = cv.pal
    dark = mix(pal.sky_top, pal.shadow, 0.35 if scene.weather != "storm" else 0.7)
    if scene.weather == "storm":
        dark = tuple(c * 0.5 for c in dark)
    pale = mix(pal.sky_low, (1, 1, 1), 0.35) if not pal.dark else mix(pal.sky_mid, pal.sky_low, 0.7)
    body_up = up(body)
    box = (0, 0, cv.w, h)
    heavy = scene.weather in ("rain", "storm", "snow", "cloudy")
    cv.lay(body_up, box, np.asarray(dark if heavy else pale, np.float32), 0.62 if heavy else 0.5)
    cv.lay(up(lit), box, np.asarray(pale, np.float32), 0.75)
    if not heavy and scene.time != "night":
        under = up(np.clip(body * (1 - lit) - 0.45, 0, 1))
        cv.lay(under, box, np.asarray(mix(pal.sky_mid, pal.shadow, 0.3), np.float32), 0.45)


@element("stars")
def stars(cv, scene, rng, horizon):
    """Stars, denser and with a milky band where the prompt asks for them."""
    asked = scene.has("star")
    if not scene.allows("star"):
        return
    n = 420 if asked else 90
    x, y = rng.uniform(0, cv.w, n), rng.uniform(0, 1, n) ** 1.2 * horizon * 0.92
    size = np.abs(rng.normal(0, 0.75, n)) + 0.5
    if asked:
        band = rng.uniform(0, cv.w, 300)
        x = np.concatenate([x, band])
        slope = horizon * (0.75 - 0.6 * band / cv.w) + rng.normal(0, 0.06, 300) * horizon
        y, size = np.concatenate([y, slope]), np.concatenate([size, rng.uniform(0.4, 0.9, 300)])
        for k in range(7):
            cv.glow(cv.w * k / 6, horizon * (0.75 - 0.1 * k), horizon * 0.26, (0.4, 0.5, 0.75), 0.3)
    dots = [ellipse(a, b, s * cv.px * 1.15, n=6) for a, b, s in zip(x, y, size, strict=True)]
    made = cv.mask(dots)
    if made:
        cv.lay(*made, np.asarray((0.93, 0.94, 0.88), np.float32), 0.85)
    if asked:
        for a, b in zip(x[:14], y[:14], strict=True):
            r = rng.uniform(5, 10) * cv.px
            cv.glow(a, b, r * 2.4, (0.8, 0.88, 1), 0.7)
            cross = [pts((a - r, b), (a + r, b)), pts((a, b - r), (a, b + r))]
            cv.strokes(cross, 1.0, (0.95, 0.96, 0.9), 0.8)


def rainbow(cv, horizon):
    """A bow over the whole sky."""
    bands = ((0.8, 0.3, 0.3), (0.9, 0.6, 0.3), (0.9, 0.85, 0.4), (0.4, 0.7, 0.4), (0.35, 0.5, 0.8))
    for i, colour in enumerate(bands):
        r = cv.w * 0.42 - i * 9 * cv.px
        arc = ellipse(cv.w * 0.55, horizon, r, min(r, horizon * 0.9), n=80)
        inner = ellipse(
            cv.w * 0.55, horizon, r - 9 * cv.px, min(r, horizon * 0.9) - 9 * cv.px, n=80
        )
        ring = np.concatenate([arc[40:], inner[40:][::-1]])
        cv.light(ring, colour, 0.5, 3 * cv.px)


@element("fireworks")
def fireworks(cv, scene, rng, horizon):
    """Bursts of fire in the sky."""
    for _ in range(scene.count("fireworks", 4) or 4):
        x, y = rng.uniform(0.12, 0.88) * cv.w, rng.uniform(0.12, 0.6) * horizon
        r = rng.uniform(0.1, 0.22) * min(cv.w, cv.h)
        colour = ((1, 0.72, 0.35), (1, 0.45, 0.4), (0.6, 0.85, 1), (0.95, 0.9, 0.6))[
            rng.integers(4)
        ]
        cv.glow(x, y, r * 1.8, colour, 0.55)
        rays = []
        for a in np.linspace(0, 2 * np.pi, 26, endpoint=False):
            a, k = a + rng.normal(0, 0.05), rng.uniform(0.75, 1.05) * r
            rays.append(
                [(x + np.cos(a) * k * t, y + np.sin(a) * k * t + r * 0.25 * t * t)
                 for t in (0.25, 0.6, 1.0)]
            )  # fmt: skip
        cv.strokes(rays, 1.8, colour, 0.95)


@element("lightning")
def lightning(cv, scene, rng, x, horizon):
    """A forked bolt that lights the cloud around it."""
    pal = (0.86, 0.9, 1.0)
    cv.glow(x, horizon * 0.25, cv.h * 0.75, (0.55, 0.6, 0.78), 0.75)
    main, y = [(x, -4.0)], -4.0
    while y < horizon * 0.97:
        y += rng.uniform(0.05, 0.12) * horizon
        main.append((main[-1][0] + rng.normal(0, 0.03) * cv.w, y))
    forks = []
    for k in (2, 4, 5):
        if k < len(main):
            a = main[k]
            d = rng.choice((-1, 1))
            fork = [a]
            for _ in range(4):
                fork.append((fork[-1][0] + d * rng.uniform(0.01, 0.04) * cv.w,
                             fork[-1][1] + rng.uniform(0.03, 0.08) * horizon))  # fmt: skip
            forks.append(fork)
    made = [np.array(main)]
    for a, b in zip(main[:-1], main[1:], strict=True):
        cv.glow((a[0] + b[0]) / 2, (a[1] + b[1]) / 2, 0.09 * cv.h, pal, 0.35)
    cv.strokes(made, 5.0, (0.97, 0.98, 1.0), 1.0, taper=False, smooth=False)
    cv.strokes(forks, 2.4, (0.93, 0.95, 1.0), 0.9, smooth=False)


@element("weather")
def weather(cv, scene, rng):
    """What falls or blows in front of everything."""
    kind, pal, px = scene.weather, cv.pal, cv.px
    if kind in ("rain", "storm"):
        n = int(340 if kind == "rain" else 420)
        slant = rng.choice((-1, 1)) * (0.16 if kind == "rain" else 0.42)
        for depth in (0.55, 1.0):
            x, y = rng.uniform(-0.2, 1.2, n) * cv.w, rng.uniform(-0.1, 1, n) * cv.h
            k = rng.uniform(20, 52, n) * px * depth
            lines = [[(a, b), (a + slant * c, b + c)] for a, b, c in zip(x, y, k, strict=True)]
            colour = (0.80, 0.84, 0.88) if pal.dark else (0.95, 0.96, 0.97)
            cv.strokes(lines, 0.85 * depth, colour, 0.34)
            if not pal.dark:
                dark = [[p + 2 * px for p in map(np.array, line)] for line in lines[::3]]
                cv.strokes(dark, 0.6 * depth, alpha=0.25)
    elif kind == "snow":
        for depth, n in ((0.5, 420), (1.0, 200), (1.9, 36)):
            x, y = rng.uniform(0, cv.w, n), rng.uniform(0, cv.h, n)
            r = rng.uniform(1.1, 2.3, n) * px * depth
            made = cv.mask([ellipse(a, b, c, n=8) for a, b, c in zip(x, y, r, strict=True)])
            if made:
                cv.lay(*made, np.asarray((0.97, 0.97, 0.98), np.float32), 0.8 - 0.14 * depth)
    elif kind == "fog":
        haze = np.asarray(pal.haze, np.float32)
        lumps = np.clip(0.5 + 0.9 * cv.lumps, 0, 1)
        fall = np.linspace(0.16, 0.36, cv.h, dtype=np.float32)[:, None]
        cv.lay(lumps * fall, (0, 0, cv.w, cv.h), haze, 0.9)
    elif kind == "wind":
        lines = []
        for _ in range(16):
            x, y, k = (
                rng.uniform(-0.1, 0.9) * cv.w,
                rng.uniform(0.08, 0.85) * cv.h,
                rng.uniform(0.1, 0.28),
            )
            k *= cv.w
            lines.append(
                [(x, y), (x + k * 0.4, y - 9 * px), (x + k * 0.75, y + 5 * px), (x + k, y)]
            )
        cv.strokes(lines, 1.3, (0.98, 0.98, 0.96) if not pal.dark else (0.6, 0.66, 0.72), 0.55)
