"""What stands behind a drawn speaker, out of focus: a sky and its place, a room, the dark."""

import cv2
import numpy as np
from talker_ink import column, noise
from talker_palette import mix
from talker_shapes import blob, ellipse, pts, rect, ridge, spline, under

_HORIZON = 0.60  # of the height: eye level of somebody seen head and shoulders
_FOCUS_PX = 2.2  # blur at 1280x720: the speaker is what is sharp


def backdrop(cv, role, rng):
    """Draw the place of a role over the whole canvas."""
    outdoors = role.weather or role.time in ("dawn", "sunset", "dusk")
    draw = _PLACES.get(role.place, _field if outdoors else _plain)
    draw(cv, role, rng)
    if role.weather in ("fog", "snow", "rain", "storm") and role.place not in (
        "room",
        "library",
        "space",
    ):
        _weather(cv, role, rng)
    planes = np.ascontiguousarray(np.moveaxis(cv.rgb, 0, 2))
    soft = cv2.GaussianBlur(planes, (0, 0), _FOCUS_PX * cv.px)
    cv.rgb[:] = np.moveaxis(soft, 2, 0)


def _sky(cv, role, rng, horizon):
    pal, h = cv.pal, max(2, int(horizon + 4))
    t = np.linspace(0, 1, h, dtype=np.float32)[None, :, None]
    t = np.clip(t + 0.07 * cv.lumps[:h][None], 0, 1)
    low, mid, top = column(pal.sky_low), column(pal.sky_mid), column(pal.sky_top)
    cv.rgb[:, :h] = np.where(
        t < 0.55, top + (mid - top) * (t / 0.55), mid + (low - mid) * ((t - 0.55) / 0.45)
    )
    if pal.dark and not role.weather:
        _stars(cv, rng, horizon)
    side = -1 if pal.light[0] > 0 else 1
    x, y = (
        cv.w * (0.5 + 0.34 * side),
        cv.h * (0.16 if role.time in ("day", "night", "morning") else 0.42),
    )
    if not role.weather:
        glow = (0.75, 0.82, 0.92) if pal.dark else pal.glow
        cv.glow(x, y, cv.h * 0.8, glow, 0.5 if not pal.dark else 0.3)
        r = cv.h * 0.045
        cv.wash(ellipse(x, y, r, n=40), mix(glow, (1, 1, 0.95), 0.5), rim=0, raw=1)
    _clouds(cv, role, rng, h)


def _stars(cv, rng, horizon):
    spots = [
        ellipse(
            rng.uniform(0, cv.w),
            rng.uniform(0, horizon * 0.9),
            abs(rng.normal(0, 0.9)) * cv.px + 0.8,
            n=6,
        )
        for _ in range(110)
    ]
    made = cv.mask(spots)
    if made:
        cv.lay(*made, np.asarray((0.93, 0.94, 0.88), np.float32), 0.9)


def _clouds(cv, role, rng, h):
    cover = {"rain": 0.7, "storm": 0.9, "snow": 0.6, "cloudy": 0.75, "fog": 0.3}.get(
        role.weather, 0.34
    )
    if cv.pal.dark and not role.weather:
        cover = 0.2
    field = noise(h, cv.w, 150 * cv.px, rng, 4)
    wide = cv2.resize(field[:, : max(8, cv.w // 3)], (cv.w, h), interpolation=cv2.INTER_CUBIC)
    body = np.clip((wide + cover * 0.9 - 0.42) * 2.6, 0, 1)
    pale = (
        mix(cv.pal.sky_low, (1, 1, 1), 0.35)
        if not cv.pal.dark
        else mix(cv.pal.sky_mid, cv.pal.sky_low, 0.7)
    )
    heavy = role.weather in ("rain", "storm", "cloudy")
    tone = mix(cv.pal.sky_top, cv.pal.shadow, 0.4) if heavy else pale
    cv.lay(body, (0, 0, cv.w, h), np.asarray(tone, np.float32), 0.6)


def _ground(cv, y, near, far, fade=0.35):
    cv.wash(rect(0, y, cv.w, cv.h), mix(far, cv.pal.haze, fade), to=near, texture=0.12, rim=0.05)


def _hills(cv, rng, y, tone, height, fade):
    line = ridge(-10, cv.w + 10, y, height, rng, 0.5, 6)
    cv.form([(under(line, y + 6), tone)], fade, line=1.0, turn=0.05, shadow=0.2)


def _sea(cv, role, rng):
    y = cv.h * _HORIZON
    _sky(cv, role, rng, y)
    if rng.random() < 0.7:
        _hills(cv, rng, y, (0.42, 0.50, 0.44), cv.h * 0.12, 0.62)
    _ground(cv, y, (0.22, 0.36, 0.42), (0.46, 0.60, 0.64))
    waves = []
    for _ in range(46):
        wy = y + (cv.h - y) * rng.random() ** 1.4
        reach = cv.w * 0.02 * (0.4 + 2 * (wy - y) / (cv.h - y))
        wx = rng.uniform(0, cv.w)
        waves.append([(wx - reach, wy), (wx, wy - 2 * cv.px), (wx + reach, wy)])
    cv.strokes(waves, 1.4, cv.pal.tone((0.82, 0.88, 0.88)), alpha=0.5)


def _field(cv, role, rng):
    y = cv.h * _HORIZON
    _sky(cv, role, rng, y)
    _hills(cv, rng, y, (0.46, 0.52, 0.40), cv.h * 0.14, 0.6)
    _ground(cv, y, (0.40, 0.46, 0.26), (0.66, 0.66, 0.42))
    for x in rng.uniform(0, cv.w, 4):
        k = cv.h * rng.uniform(0.06, 0.12)
        cv.form([(blob(x, y - k * 0.6, k, k * 0.8, rng), (0.36, 0.45, 0.30))], 0.4, line=1.0)


def _mountain(cv, role, rng):
    y = cv.h * (_HORIZON + 0.06)
    _sky(cv, role, rng, y)
    snow = role.weather == "snow"
    for i, fade in enumerate((0.66, 0.42, 0.2)):
        tone = (
            (0.82, 0.85, 0.90)
            if snow and i < 2
            else ((0.48, 0.52, 0.58), (0.42, 0.48, 0.48), (0.36, 0.42, 0.34))[i]
        )
        _hills(cv, rng, y + cv.h * 0.05 * i, tone, cv.h * (0.42 - 0.12 * i), fade)
    near = (0.84, 0.86, 0.90) if snow else (0.36, 0.42, 0.28)
    _ground(cv, y + cv.h * 0.1, near, mix(near, (1, 1, 1), 0.2))


def _forest(cv, role, rng):
    y = cv.h * (_HORIZON + 0.1)
    _sky(cv, role, rng, y)
    _ground(cv, y, (0.32, 0.36, 0.22), (0.52, 0.54, 0.36))
    for fade, count, wide in ((0.62, 9, 0.018), (0.35, 7, 0.03), (0.1, 4, 0.05)):
        for x in np.sort(rng.uniform(-0.05, 1.05, count)) * cv.w:
            k = cv.w * wide * rng.uniform(0.7, 1.3)
            foot = y + cv.h * 0.12 * (0.6 - fade)
            trunk = spline(
                [(x - k * 0.5, -9), (x + k * 0.4, -9), (x + k * 0.6, foot), (x - k * 0.6, foot)],
                n=4,
            )
            cv.form([(trunk, (0.36, 0.29, 0.23))], fade, line=1.2, turn=0.25)
        for _ in range(7):
            x, ly = rng.uniform(0, cv.w), rng.uniform(-0.04, 0.26) * cv.h
            r = cv.h * rng.uniform(0.1, 0.18)
            cv.form([(blob(x, ly, r * 1.4, r, rng, 0.25), (0.34, 0.45, 0.28))], fade, line=1.0)


def _desert(cv, role, rng):
    y = cv.h * _HORIZON
    _sky(cv, role, rng, y)
    for i, fade in enumerate((0.5, 0.25, 0.0)):
        line = ridge(-10, cv.w + 10, y + cv.h * 0.1 * i, cv.h * 0.12, rng, 0.34, 5)
        cv.form([(under(line, cv.h + 4), (0.82, 0.64, 0.42))], fade, line=1.0, turn=0.06)


def _city(cv, role, rng):
    y = cv.h * 0.78
    _sky(cv, role, rng, y)
    _ground(cv, y, (0.36, 0.35, 0.36), (0.50, 0.49, 0.49), 0.2)
    for fade, count, tall in ((0.6, 9, 0.62), (0.25, 6, 0.56)):
        for x in np.linspace(-0.04, 1.0, count) * cv.w + rng.uniform(-20, 20, count) * cv.px:
            wide = cv.w / count * rng.uniform(0.7, 1.0)
            top = y - cv.h * tall * rng.uniform(0.45, 1.25)
            tone = ((0.55, 0.47, 0.42), (0.48, 0.50, 0.54), (0.62, 0.56, 0.48))[rng.integers(3)]
            cv.form([(rect(x, top, x + wide, y + 3), tone)], fade, line=1.3, turn=0.2)
            _windows(cv, rng, x, top, wide, y, fade)


def _windows(cv, rng, x, top, wide, foot, fade):
    lit, dim = [], []
    step, tall = wide / 4.2, cv.h * 0.05
    for row in np.arange(top + tall * 0.7, foot - tall, tall * 1.5):
        for column_ in range(3):
            left = x + step * (0.6 + 1.2 * column_)
            pane = rect(left, row, left + step * 0.62, row + tall * 0.8)
            (lit if rng.random() < (0.55 if cv.pal.dark else 0.1) else dim).append(pane)
    if dim:
        cv.wash(dim, (0.30, 0.34, 0.40), fade, rim=0)
    if lit:
        cv.wash(lit, mix((1.0, 0.82, 0.48), cv.pal.haze, fade * 0.5), raw=1, rim=0)


def _wall(cv, role, tone):
    night = role.time == "night"
    tone = mix(tone, (0.16, 0.13, 0.14), 0.42 if night else 0.0)
    cv.wash(rect(0, 0, cv.w, cv.h), tone, to=mix(tone, (0.1, 0.08, 0.08), 0.4), texture=0.11, rim=0)


def _room(cv, role, rng):
    _wall(cv, role, ((0.60, 0.50, 0.42), (0.52, 0.54, 0.48), (0.58, 0.53, 0.56))[rng.integers(3)])
    side = -1 if cv.pal.light[0] > 0 else 1
    w, h = cv.w, cv.h
    x0 = w * (0.5 + side * 0.34) - w * 0.11
    box = (x0, h * 0.10, x0 + w * 0.22, h * 0.62)
    outside = cv.pal.sky_mid if role.time != "night" else (0.10, 0.15, 0.26)
    cv.wash(
        rect(*box),
        outside,
        to=cv.pal.sky_low if role.time != "night" else (0.2, 0.26, 0.36),
        raw=1,
        rim=0,
    )
    frame, mx, my = (0.82, 0.78, 0.70), (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    k = 7 * cv.px
    bars = [rect(box[0] - k, box[1] - k, box[2] + k, box[1] + k), rect(box[0] - k, box[3] - k, box[2] + k, box[3] + 2 * k),
            rect(box[0] - k, box[1], box[0] + k, box[3]), rect(box[2] - k, box[1], box[2] + k, box[3]),
            rect(mx - k / 2, box[1], mx + k / 2, box[3]), rect(box[0], my - k / 2, box[2], my + k / 2)]  # fmt: skip
    cv.form([(bars, frame)], line=1.2, turn=0.1)
    for edge, lean in ((box[0], -1), (box[2], 1)):
        cloth = spline([(edge - lean * 0.03 * w, 0), (edge + lean * 0.06 * w, 0), (edge + lean * 0.075 * w, h * 0.70),
                        (edge + lean * 0.045 * w, h * 0.72), (edge + lean * 0.02 * w, h * 0.70),
                        (edge, h * 0.4)], n=5)  # fmt: skip
        cv.form([(cloth, (0.62, 0.34, 0.30))], line=1.2, turn=0.3)
    if role.time != "night":
        slant = pts(
            (box[0], box[3]),
            (box[2], box[3]),
            (w * 0.5 - side * w * 0.1, h),
            (w * 0.5 - side * w * 0.3, h),
        )
        cv.light(slant, cv.pal.glow, 0.16, 14 * cv.px)
        return
    lamp_x, lamp_y = w * (0.5 - side * 0.36), h * 0.46
    shade = pts(
        (lamp_x - 0.05 * w, lamp_y),
        (lamp_x + 0.05 * w, lamp_y),
        (lamp_x + 0.03 * w, lamp_y - 0.1 * h),
        (lamp_x - 0.03 * w, lamp_y - 0.1 * h),
    )
    cv.form(
        [(rect(lamp_x - 3 * cv.px, lamp_y, lamp_x + 3 * cv.px, h), (0.4, 0.32, 0.24))], line=1.0
    )
    cv.wash(shade, (1.0, 0.86, 0.56), raw=1, rim=0.1)
    cv.glow(lamp_x, lamp_y, h * 0.7, (1.0, 0.74, 0.42), 0.55)


def _library(cv, role, rng):
    _wall(cv, role, (0.44, 0.34, 0.27))
    bound = (
        (0.52, 0.22, 0.20),
        (0.24, 0.34, 0.36),
        (0.62, 0.50, 0.32),
        (0.30, 0.28, 0.38),
        (0.42, 0.36, 0.24),
        (0.70, 0.64, 0.54),
    )
    shelf = cv.h * 0.23
    for y in np.arange(cv.h * 0.2, cv.h * 1.2, shelf):
        x, books = -4.0, {}
        while x < cv.w:
            wide = cv.w * rng.uniform(0.012, 0.03)
            top = y - shelf * rng.uniform(0.58, 0.82)
            books.setdefault(int(rng.integers(len(bound))), []).append(
                rect(x, top, x + wide * 0.94, y)
            )
            x += wide * (1.0 if rng.random() < 0.92 else 2.2)
        for i, group in sorted(books.items()):
            cv.form([(group, bound[i])], 0.12, line=0.9, turn=0.25)
        cv.form([(rect(-4, y, cv.w + 4, y + 0.022 * cv.h), (0.36, 0.26, 0.19))], line=1.1, turn=0.2)
    if role.time == "night":
        cv.glow(cv.w * 0.14, cv.h * 0.3, cv.h * 0.9, (1.0, 0.74, 0.42), 0.4)


def _space(cv, role, rng):
    cv.wash(
        rect(0, 0, cv.w, cv.h), (0.05, 0.06, 0.12), to=(0.09, 0.10, 0.20), raw=1, texture=0.5, rim=0
    )
    _stars(cv, rng, cv.h * 1.1)
    x, y, r = cv.w * 0.84, cv.h * 0.3, cv.h * 0.24
    cv.glow(x, y, r * 1.7, (0.4, 0.55, 0.8), 0.5)
    cv.form([(ellipse(x, y, r, n=60), (0.45, 0.60, 0.72))], line=1.0, turn=0.5, shadow=0.9)


def _plain(cv, role, rng):
    """No place was named: a washed wall with the light across it."""
    _wall(
        cv,
        role,
        ((0.70, 0.66, 0.58), (0.60, 0.66, 0.66), (0.70, 0.62, 0.60), (0.62, 0.64, 0.56))[
            rng.integers(4)
        ],
    )
    side = -1 if cv.pal.light[0] > 0 else 1
    cv.glow(cv.w * (0.5 + 0.4 * side), cv.h * 0.2, cv.h * 1.1, cv.pal.glow, 0.3)


def _weather(cv, role, rng):
    if role.weather == "fog":
        t = np.linspace(0, 1, cv.h, dtype=np.float32)[:, None]
        veil = np.clip(0.45 + 0.35 * np.sin(np.pi * t) + 0.3 * cv.lumps, 0, 0.85)
        cv.lay(veil, (0, 0, cv.w, cv.h), np.asarray(cv.pal.haze, np.float32))
    elif role.weather == "snow":
        flakes = [
            ellipse(rng.uniform(0, cv.w), rng.uniform(0, cv.h), rng.uniform(1.2, 4.0) * cv.px, n=8)
            for _ in range(220)
        ]
        cv.wash(flakes, (0.97, 0.97, 0.98), raw=1, alpha=0.8, rim=0)
    else:
        slant = cv.h * 0.05
        drops = []
        for _ in range(160):
            x, y = rng.uniform(0, cv.w), rng.uniform(-0.1, 1) * cv.h
            k = rng.uniform(0.6, 1.5)
            drops.append([(x, y), (x - slant * 0.3 * k, y + slant * k)])
        cv.strokes(drops, 1.3, mix(cv.pal.sky_low, (1, 1, 1), 0.3), alpha=0.45, smooth=False)


_PLACES = {"sea": _sea, "city": _city, "forest": _forest, "mountain": _mountain, "desert": _desert,
           "field": _field, "library": _library, "room": _room, "space": _space}  # fmt: skip
