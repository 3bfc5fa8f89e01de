"""What a drawn character wears: clothes, scarf, hats, glasses, earrings; head units as in `talker_head`."""

import numpy as np
from talker_palette import mix
from talker_shapes import ellipse, ribbon, spline

_BRASS = (0.72, 0.58, 0.30)


def bust(cv, f, line):
    """Shoulders, neck, and the clothes on them."""
    who = f.who
    w = 1.25 if who.child else 1.5 if who.female else 1.85
    shoulders = spline([(-0.34, -0.95), (-0.62, -1.22), (-w, -1.55), (-w * 1.14, -2.3), (-w * 1.2, -3.9),
                        (w * 1.2, -3.9), (w * 1.14, -2.3), (w, -1.55), (0.62, -1.22), (0.34, -0.95)], n=6)  # fmt: skip
    slim = 0.80 if who.child or who.female else 1.0
    neck = np.array(
        spline([(-0.36, -0.4), (-0.40, -1.3), (0.0, -1.6), (0.40, -1.3), (0.38, -0.4)], n=5)
    )
    cv.form([(f.at(shoulders), who.cloth)], line=line * 1.1, turn=0.10, shadow=0.5)
    cv.form([(f.at(neck * (slim, 1)), who.skin)], line=line * 0.7, turn=0.25)
    under = spline([(-0.4, -0.7), (0.38, -0.7), (0.36, -1.12), (0.0, -1.25), (-0.38, -1.15)], n=5)
    cv.shade(f.at(np.array(under) * (slim, 1)), 0.62, 5 * cv.px)
    _CLOTHES.get(who.wear, _coat)(cv, f, line)
    folds = [[(s * 1.2, -1.62), (s * 1.06, -2.1), (s * 1.1, -2.8)] for s in (-1, 1)]
    cv.strokes([f.at(p) for p in folds], line, alpha=0.75)
    if who.scarf:
        _scarf(cv, f, line)


def _pair(points):
    return [spline([(s * x, y) for x, y in points], n=4) for s in (-1, 1)]


def _coat(cv, f, line):
    cloth = mix(f.who.cloth, (0, 0, 0), 0.14)
    collar = _pair(
        [(0.38, -0.82), (0.66, -1.02), (0.80, -1.55), (0.20, -2.15), (0.0, -1.75), (0.26, -1.35)]
    )
    cv.form([(f.at(c), cloth) for c in collar], line=line, turn=0.2)
    cv.strokes([f.at([(0.02, -1.95), (0.04, -2.5), (0.0, -3.6)])], line, alpha=0.75)
    buttons = [f.at(ellipse(0.2, h, 0.055, n=14)) for h in (-2.2, -2.65, -3.1)]
    cv.form([(b, _BRASS) for b in buttons], line=line * 0.7)


def _suit(cv, f, line):
    shirt = spline([(-0.34, -1.15), (0.34, -1.15), (0.12, -2.2), (0, -2.7), (-0.12, -2.2)], n=4)
    cv.form([(f.at(shirt), (0.92, 0.91, 0.88))], line=line * 0.8, turn=0.15)
    knot = spline(
        [
            (-0.09, -1.5),
            (0.09, -1.5),
            (0.06, -1.68),
            (0.13, -2.5),
            (0, -2.75),
            (-0.13, -2.5),
            (-0.06, -1.68),
        ],
        n=3,
    )
    cv.form([(f.at(knot), mix(f.who.cloth, (0.55, 0.16, 0.16), 0.7))], line=line * 0.8)
    lapels = _pair(
        [(0.36, -1.0), (0.66, -1.22), (0.78, -1.75), (0.5, -1.85), (0.06, -2.75), (0.2, -1.8)]
    )
    cv.form([(f.at(p), mix(f.who.cloth, (0, 0, 0), 0.12)) for p in lapels], line=line, turn=0.2)
    tips = _pair([(0.30, -1.05), (0.36, -1.25), (0.2, -1.62), (0.04, -1.45)])
    cv.form([(f.at(p), (0.94, 0.93, 0.90)) for p in tips], line=line * 0.8)


def _sweater(cv, f, line):
    band = spline(
        [(-0.46, -1.02), (0, -1.34), (0.46, -1.02), (0.52, -1.26), (0, -1.66), (-0.52, -1.26)], n=6
    )
    cv.form([(f.at(band), mix(f.who.cloth, (1, 1, 1), 0.08))], line=line, turn=0.2)
    ribs = [f.at([(x, -1.12 - 0.24 * (1 - abs(x) / 0.5)), (x * 1.1, -1.34 - 0.28 * (1 - abs(x) / 0.5))])
            for x in np.linspace(-0.42, 0.42, 12)]  # fmt: skip
    cv.strokes(ribs, line * 0.6, alpha=0.5)


def _shirt(cv, f, line):
    tips = _pair([(0.34, -0.98), (0.56, -1.18), (0.46, -1.62), (0.06, -1.52), (0.2, -1.3)])
    cv.form([(f.at(p), mix(f.who.cloth, (1, 1, 1), 0.12)) for p in tips], line=line, turn=0.2)
    cv.strokes([f.at([(0.0, -1.6), (0.02, -2.4), (0.0, -3.6)])], line * 0.9, alpha=0.7)
    buttons = [f.at(ellipse(0.07, h, 0.035, n=10)) for h in (-1.9, -2.3, -2.7)]
    cv.form([(b, (0.9, 0.88, 0.84)) for b in buttons], line=line * 0.6)


def _dress(cv, f, line):
    collar = _pair([(0.42, -1.05), (0.62, -1.3), (0.3, -1.72), (0, -1.52), (0.2, -1.4)])
    cv.form([(f.at(c), mix(f.who.cloth, (1, 1, 1), 0.5)) for c in collar], line=line, turn=0.2)
    gathers = [f.at([(x, -1.9), (x * 1.25, -2.6)]) for x in (-0.5, -0.2, 0.15, 0.45)]
    cv.strokes(gathers, line * 0.7, alpha=0.6)


def _hoodie(cv, f, line):
    hood = spline([(-0.44, -0.78), (-0.86, -1.0), (-0.95, -1.45), (-0.4, -1.62), (0, -1.85), (0.4, -1.62), (0.95, -1.45),
                   (0.86, -1.0), (0.44, -0.78), (0.42, -1.2), (0, -1.52), (-0.42, -1.2)], n=6)  # fmt: skip
    cv.form([(f.at(hood), mix(f.who.cloth, (0, 0, 0), 0.1))], line=line, turn=0.2)
    for s in (-1, 1):
        cv.strokes(
            [f.at([(s * 0.2, -1.72), (s * 0.24, -2.2), (s * 0.2, -2.6)])],
            line * 1.6,
            (0.9, 0.9, 0.86),
        )


def _robe(cv, f, line):
    left = spline([(-0.40, -0.95), (-0.62, -1.2), (0.34, -2.9), (0.62, -2.9), (-0.1, -1.6)], n=4)
    right = spline([(0.40, -0.95), (0.62, -1.2), (-0.34, -2.9), (-0.62, -2.9), (0.1, -1.6)], n=4)
    trim = mix(f.who.cloth, (0.95, 0.9, 0.8), 0.6)
    cv.form([(f.at(left), trim), (f.at(right), trim)], line=line, turn=0.2)


def _labcoat(cv, f, line):
    _suit(cv, f, line)
    cv.strokes([f.at([(0.9, -2.4), (1.3, -2.38)]), f.at([(1.06, -2.4), (1.06, -2.05)])], line * 1.1)


_CLOTHES = {"coat": _coat, "suit": _suit, "sweater": _sweater, "shirt": _shirt, "dress": _dress,
            "hoodie": _hoodie, "robe": _robe, "labcoat": _labcoat}  # fmt: skip


def _scarf(cv, f, line):
    wrap = spline(
        [
            (-0.58, -0.92),
            (0, -1.18),
            (0.6, -0.92),
            (0.72, -1.3),
            (0.3, -1.62),
            (-0.3, -1.62),
            (-0.72, -1.3),
        ],
        n=6,
    )
    end = spline([(0.12, -1.4), (0.46, -1.45), (0.56, -2.6), (0.2, -2.65)], n=4)
    cv.form([(f.at(end), f.who.scarf), (f.at(wrap), f.who.scarf)], line=line, turn=0.2)
    folds = [
        f.at([(-0.5, -1.12), (0, -1.36), (0.52, -1.14)]),
        f.at([(-0.46, -1.3), (0.05, -1.5), (0.5, -1.34)]),
    ]
    cv.strokes(folds, line * 0.8, alpha=0.6)


def hat(cv, f, line):
    """The hat, if any."""
    draw = _HATS.get(f.who.hat)
    if draw:
        draw(cv, f, line)


def _up(f, points):
    return f.at(np.asarray(points, float) + (0, 0.14))  # clear of the brows


def _cap(cv, f, line):
    dark = mix(f.who.hat_colour, (0.09, 0.09, 0.12), 0.35)
    crown = spline([(-0.74, 0.46), (-0.92, 0.82), (-0.7, 1.2), (0.0, 1.34), (0.72, 1.2), (0.94, 0.84), (0.76, 0.46),
                    (0.0, 0.58)], n=6)  # fmt: skip
    band = spline(
        [(-0.76, 0.62), (0.0, 0.74), (0.78, 0.62), (0.77, 0.42), (0.0, 0.54), (-0.75, 0.42)], n=5
    )
    peak = spline(
        [(-0.62, 0.46), (0.0, 0.56), (0.66, 0.46), (0.62, 0.33), (0.05, 0.28), (-0.58, 0.33)], n=6
    )
    parts = [
        (_up(f, crown), dark),
        (_up(f, band), mix(dark, (0, 0, 0), 0.3)),
        (_up(f, peak), (0.10, 0.10, 0.12)),
    ]
    cv.form(parts, line=line * 1.1, turn=0.2)
    shadow = spline(
        [(-0.62, 0.34), (0.05, 0.29), (0.66, 0.34), (0.6, 0.2), (0.05, 0.17), (-0.58, 0.2)], n=5
    )
    cv.shade(_up(f, shadow), 0.5, f.k * 0.03)
    if f.who.hat == "cap":
        cv.form([(_up(f, ellipse(0.06, 0.86, 0.11)), _BRASS)], line=line * 0.8)
        mark = [
            _up(f, [(0.06, 0.92), (0.06, 0.79)]),
            _up(f, [(0.0, 0.82), (0.06, 0.78), (0.12, 0.82)]),
        ]
        cv.strokes(mark, line * 0.9)


def _brimmed(cv, f, line, cloth, wide):
    brim = spline([(-1.25 * wide, 0.3), (-0.6, 0.62), (0.0, 0.7), (0.6, 0.62), (1.25 * wide, 0.3), (0.6, 0.36),
                   (0.0, 0.42), (-0.6, 0.36)], n=6)  # fmt: skip
    crown = spline(
        [(-0.72, 0.52), (-0.62, 1.15), (-0.2, 1.32), (0.3, 1.3), (0.64, 1.12), (0.74, 0.52)], n=5
    )
    parts = [(_up(f, crown), cloth), (_up(f, brim), mix(cloth, (0, 0, 0), 0.12))]
    cv.form(parts, line=line * 1.1, turn=0.2)
    cv.shade(
        _up(
            f, spline([(-0.6, 0.36), (0, 0.4), (0.6, 0.36), (0.6, 0.2), (0, 0.2), (-0.6, 0.2)], n=4)
        ),
        0.4,
        f.k * 0.04,
    )


def _brim(cv, f, line):
    _brimmed(cv, f, line, f.who.hat_colour, 1.0)
    band = spline(
        [(-0.73, 0.56), (0, 0.68), (0.73, 0.56), (0.71, 0.74), (0, 0.86), (-0.71, 0.74)], n=5
    )
    cv.form([(_up(f, band), mix(f.who.hat_colour, (0, 0, 0), 0.5))], line=line * 0.8)


def _straw(cv, f, line):
    straw = (0.84, 0.70, 0.42)
    _brimmed(cv, f, line, straw, 1.15)
    weave = [_up(f, [(-0.66 + 0.02 * i, 0.62 + 0.11 * i), (0, 0.72 + 0.11 * i), (0.68 - 0.02 * i, 0.62 + 0.11 * i)])
             for i in range(6)]  # fmt: skip
    cv.strokes(weave, line * 0.6, alpha=0.5)


def _sou(cv, f, line):
    _brimmed(cv, f, line, f.who.cloth, 1.0)


def _beanie(cv, f, line):
    cloth = f.who.hat_colour
    crown = spline(
        [(-0.74, 0.42), (-0.72, 0.9), (-0.3, 1.28), (0.3, 1.28), (0.72, 0.9), (0.75, 0.42)], n=6
    )
    cuff = spline(
        [(-0.79, 0.62), (0, 0.76), (0.8, 0.62), (0.77, 0.34), (0, 0.46), (-0.76, 0.34)], n=5
    )
    cv.form(
        [(_up(f, crown), cloth), (_up(f, cuff), mix(cloth, (1, 1, 1), 0.14))],
        line=line * 1.1,
        turn=0.2,
    )
    ribs = [
        _up(f, [(x, 0.72 - 0.12 * abs(x)), (x * 0.98, 0.47 - 0.1 * abs(x))])
        for x in np.linspace(-0.66, 0.66, 14)
    ]
    cv.strokes(ribs, line * 0.6, alpha=0.5)


def _chef(cv, f, line):
    white = (0.95, 0.94, 0.91)
    puff = spline([(-0.62, 0.9), (-0.95, 1.2), (-0.7, 1.55), (-0.25, 1.5), (0.05, 1.68), (0.35, 1.5), (0.75, 1.52),
                   (0.96, 1.18), (0.64, 0.9)], n=6)  # fmt: skip
    band = spline(
        [(-0.68, 0.92), (0, 1.0), (0.68, 0.92), (0.72, 0.46), (0, 0.56), (-0.71, 0.46)], n=5
    )
    cv.form([(_up(f, puff), white), (_up(f, band), white)], line=line, turn=0.2)


def _kerchief(cv, f, line):
    cloth = f.who.hat_colour
    outer = [(-0.40, -1.05), (-0.78, -0.6), (-0.86, 0.1), (-0.72, 0.8), (0, 1.18), (0.74, 0.8), (0.87, 0.1), (0.78, -0.6),
             (0.40, -1.05)]  # fmt: skip
    inner = [(0.30, -0.98), (0.56, -0.6), (0.63, 0.1), (0.5, 0.6), (0, 0.78), (-0.48, 0.6), (-0.61, 0.1), (-0.54, -0.6),
             (-0.28, -0.96)]  # fmt: skip
    ring = np.concatenate([spline(outer, closed=False, n=6), spline(inner, closed=False, n=6)])
    cv.form([(f.at(ring), cloth)], line=line, turn=0.14)
    knot = spline([(-0.2, -1.0), (0.2, -1.0), (0.34, -1.5), (0, -1.3), (-0.34, -1.5)], n=4)
    cv.form([(f.at(knot), cloth)], line=line, turn=0.2)


def _crown(cv, f, line):
    gold = (0.86, 0.68, 0.28)
    points = [(-0.66, 0.5), (-0.74, 1.12), (-0.42, 0.84), (-0.24, 1.24), (0.0, 0.9), (0.24, 1.24), (0.42, 0.84),
              (0.74, 1.12), (0.66, 0.5), (0, 0.62)]  # fmt: skip
    cv.form([(_up(f, points), gold)], line=line, turn=0.2)
    for x in (-0.4, 0.0, 0.4):
        cv.form(
            [(_up(f, ellipse(x, 0.72 - 0.05 * abs(x), 0.06)), (0.66, 0.16, 0.2))], line=line * 0.6
        )


_HATS = {"cap": _cap, "flat": _cap, "brim": _brim, "straw": _straw, "sou": _sou, "beanie": _beanie,
         "chef": _chef, "scarf": _kerchief, "crown": _crown}  # fmt: skip


def glasses(cv, f, line):
    """Glasses and earrings, if any."""
    who = f.who
    if who.earrings:
        drops = [f.at(ellipse(s * 0.71, -0.34, 0.045, 0.06, n=14)) for s in (-1, 1)]
        cv.form([(d, _BRASS) for d in drops], line=line * 0.8)
    if not who.glasses:
        return
    rims = []
    for e in (-1, 1):
        cx = 0.30 * e
        if who.glasses == "round":
            rims.append(ellipse(cx, 0.07, 0.235, 0.225, n=36))
        else:
            corners = [
                (cx - 0.24, 0.21),
                (cx, 0.235),
                (cx + 0.24, 0.21),
                (cx + 0.225, -0.11),
                (cx, -0.14),
                (cx - 0.225, -0.11),
            ]
            rims.append(spline(corners, n=6))
    frame = (0.12, 0.10, 0.10)
    for rim in rims:
        half = len(rim) // 2  # in two parts: one ribbon that meets itself would be hollow there
        sides = (rim[: half + 2], np.concatenate([rim[half:], rim[:2]]))
        ring = [f.at(ribbon(side, [0.035, 0.035]), True) for side in sides]
        cv.wash(ring, frame, rim=0, texture=0.02)
        glare = [(rim[:, 0].mean() - 0.12, 0.02), (rim[:, 0].mean() - 0.05, 0.17)]
        cv.strokes([f.at(glare, True)], line * 1.4, (1, 1, 1), alpha=0.35)
    bridge = ribbon(
        spline([(-0.075, 0.10), (0.0, 0.13), (0.075, 0.10)], closed=False), [0.03, 0.03]
    )
    cv.wash(f.at(bridge, True), frame, rim=0, texture=0.02)
    arms = [
        ribbon([(-0.53, 0.12), (-0.72, 0.15)], [0.03, 0.03]),
        ribbon([(0.53, 0.12), (0.60, 0.14)], [0.03, 0.03]),
    ]
    for arm in arms:
        cv.wash(f.at(arm, True), frame, rim=0, texture=0.02)
