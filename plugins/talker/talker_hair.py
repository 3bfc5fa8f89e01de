"""Hair behind and before the head, and beards; head units as in `talker_head`."""

import numpy as np
from talker_palette import mix
from talker_shapes import blob, ellipse, limb, spline


def behind(cv, f, rng, line):
    """What of the hair lies behind the neck; drawn before the head."""
    who = f.who
    draw = {"long": _long_back, "bob": _bob_back, "bun": _bun, "ponytail": _ponytail,
            "braids": _bob_cap, "curly": _curls_back}.get(who.style)  # fmt: skip
    if draw and not (who.hat == "scarf"):
        draw(cv, f, rng, line)


def _form(cv, f, points, line, turn=0.14):
    cv.form([(f.at(spline(points, n=6)), f.who.hair)], line=line, turn=turn)


def _long_back(cv, f, rng, line):
    low = -1.6 if f.who.female else -1.15
    _form(cv, f, [(-0.82, 0.2), (-0.5, 0.95), (0.1, 1.12), (0.66, 0.88), (0.84, 0.1), (0.86, low * 0.62), (0.58, low),
                  (-0.62, low), (-0.9, low * 0.56)], line)  # fmt: skip


def _bob_back(cv, f, rng, line):
    _form(cv, f, [(-0.82, 0.2), (-0.5, 0.98), (0.1, 1.12), (0.66, 0.9), (0.84, 0.1), (0.92, -0.62), (0.6, -0.92),
                  (-0.62, -0.92), (-0.94, -0.6)], line)  # fmt: skip


def _bob_cap(cv, f, rng, line):
    _form(
        cv,
        f,
        [
            (-0.76, 0.1),
            (-0.55, 0.92),
            (0.1, 1.1),
            (0.62, 0.86),
            (0.78, 0.1),
            (0.5, -0.3),
            (-0.5, -0.3),
        ],
        line,
    )


def _bun(cv, f, rng, line):
    _bob_cap(cv, f, rng, line)
    _form(
        cv, f, [(-0.36, 0.9), (-0.35, 1.2), (0.0, 1.36), (0.36, 1.2), (0.38, 0.9)], line, turn=0.2
    )


def _ponytail(cv, f, rng, line):
    _bob_cap(cv, f, rng, line)
    tail = [
        (0.45, 0.75),
        (0.95, 0.72),
        (1.12, 0.2),
        (1.02, -0.6),
        (0.86, -1.1),
        (0.76, -0.6),
        (0.8, 0.1),
        (0.6, 0.45),
    ]
    _form(cv, f, tail, line, turn=0.2)


def _curls_back(cv, f, rng, line):
    wide = 1.0 if f.who.female and not f.who.old else 0.86
    low = -0.6 if f.who.female and not f.who.old else 0.1
    parts = [f.at(ellipse(0, 0.42, 0.78 * wide, 0.72, n=30))]
    for angle in np.linspace(-0.3, np.pi + 0.3, 13):
        x, y = np.cos(angle) * 0.86 * wide, 0.36 + np.sin(angle) * 0.72
        parts.append(f.at(blob(x, y, 0.2, 0.2, rng)))
    for y in np.arange(0.2, low, -0.24):
        parts += [f.at(blob(s * 0.86 * wide, y, 0.2, 0.2, rng)) for s in (-1, 1)]
    cv.form([(parts, f.who.hair)], line=line, turn=0.2, inner=0.3)


def before(cv, f, rng, line):
    """The hair over the forehead and down the sides; drawn after the face."""
    who = f.who
    if who.style == "bald":
        _shine(cv, f)
        return
    if who.style == "receding":
        outline = [(-0.70, -0.12), (-0.76, 0.3), (-0.64, 0.72), (-0.4, 0.95), (0.0, 1.06), (0.42, 0.96), (0.66, 0.7),
                   (0.74, 0.3), (0.70, -0.05), (0.62, 0.22), (0.56, 0.6), (0.2, 0.84), (-0.3, 0.84), (-0.56, 0.58),
                   (-0.61, 0.2)]  # fmt: skip
    elif who.style == "curly":
        _curls_front(cv, f, rng, line)
        return
    elif who.style == "side":
        outline = [(-0.70, 0.0), (-0.76, 0.42), (-0.62, 0.9), (-0.1, 1.18), (0.52, 1.06), (0.76, 0.52), (0.69, 0.05),
                   (0.61, 0.34), (0.50, 0.62), (0.1, 0.72), (-0.3, 0.50), (-0.50, 0.62), (-0.6, 0.3)]  # fmt: skip
    elif who.style in ("long", "bob", "braids", "bun", "ponytail"):
        outline = _parted(who)
    else:
        low = 0.50 if who.child else 0.6
        outline = [(-0.70, 0.0), (-0.76, 0.4), (-0.6, 0.86), (-0.1, 1.14), (0.5, 1.02), (0.74, 0.5), (0.69, 0.05),
                   (0.6, 0.36), (0.45, low), (0.15, low - 0.02), (-0.1, low + 0.1), (-0.4, low), (-0.6, 0.3)]  # fmt: skip
    cv.form([(f.at(spline(outline, n=6)), who.hair)], line=line, turn=0.15)
    _strands(cv, f, line)
    if who.style == "braids":
        _braids(cv, f, line)


def _parted(who):
    """Hair that frames the face: a parting, or a fringe, by the person."""
    side = -0.35 if who.style in ("long", "bob") else -0.02
    if who.style in ("bob", "braids") and who.brow > 1:
        return [(-0.72, side), (-0.78, 0.25), (-0.6, 0.84), (0.0, 1.14), (0.57, 0.94), (0.78, 0.3), (0.76, side),
                (0.66, 0.1), (0.56, 0.44), (0.2, 0.47), (-0.2, 0.47), (-0.54, 0.42), (-0.64, 0.0)]  # fmt: skip
    if who.style in ("bun", "ponytail"):
        return [(-0.70, 0.1), (-0.74, 0.35), (-0.58, 0.82), (0.0, 1.10), (0.55, 0.90), (0.74, 0.38), (0.71, 0.1),
                (0.62, 0.38), (0.45, 0.66), (0.05, 0.78), (-0.35, 0.68), (-0.58, 0.40)]  # fmt: skip
    return [(-0.72, side), (-0.76, 0.25), (-0.58, 0.82), (0.0, 1.12), (0.55, 0.92), (0.76, 0.3), (0.74, side),
            (0.62, 0.05), (0.48, 0.46), (0.1, 0.66), (-0.25, 0.58), (-0.52, 0.32), (-0.62, -0.05)]  # fmt: skip


def _strands(cv, f, line):
    strands = []
    for t in np.linspace(-0.62, 0.62, 17):
        strands.append(f.at([(t * 0.35 + 0.05, 1.02 - abs(t) * 0.15), (t * 0.8, 0.88 - abs(t) * 0.15),
                             (t * 1.05, 0.70 - abs(t) * 0.4)]))  # fmt: skip
    if f.who.style in ("long", "bob"):
        low = -1.2 if f.who.style == "long" and f.who.female else -0.66
        for s in (-1, 1):
            strands += [
                f.at([(s * (0.74 + d), 0.2), (s * (0.79 + d), low * 0.4), (s * (0.7 + d), low)])
                for d in (-0.04, 0.03)
            ]
    light = sum(f.who.hair) < 1.2
    tone = cv.pal.tone(mix(f.who.hair, (1, 1, 1), 0.35)) if light else None
    cv.strokes(strands, line * 0.6, tone, alpha=0.45)


def _curls_front(cv, f, rng, line):
    parts = [f.at(spline([(-0.7, 0.3), (-0.6, 0.86), (0, 1.1), (0.6, 0.86), (0.7, 0.3), (0.5, 0.6), (0, 0.74),
                          (-0.5, 0.6)], n=6))]  # fmt: skip
    for t in np.linspace(-0.66, 0.66, 8):
        parts.append(f.at(blob(t, 0.78 - 0.55 * t * t + rng.uniform(-0.03, 0.03), 0.17, 0.16, rng)))
    parts += [f.at(blob(s * 0.72, 0.2, 0.11, 0.2, rng)) for s in (-1, 1)]
    cv.form([(parts, f.who.hair)], line=line, turn=0.2, inner=0.25)
    rings = []
    for _ in range(26):
        x, y = rng.uniform(-0.62, 0.62), rng.uniform(0.66, 1.02)
        if (x / 0.72) ** 2 + ((y - 0.35) / 0.72) ** 2 < 1:
            turn = rng.uniform(0, np.pi)
            arc = np.linspace(turn, turn + 3.6, 7)
            rings.append(f.at(np.stack([x + 0.05 * np.cos(arc), y + 0.05 * np.sin(arc)], axis=1)))
    light = sum(f.who.hair) < 1.2
    tone = cv.pal.tone(mix(f.who.hair, (1, 1, 1), 0.3)) if light else None
    cv.strokes(rings, line * 0.6, tone, alpha=0.5)


def _braids(cv, f, line):
    for s in (-1, 1):
        knots = [(s * (0.80 + 0.02 * i), -0.18 - 0.2 * i) for i in range(6)]
        parts = [
            f.at(ellipse(x, y, 0.12 - 0.007 * i, 0.13, n=16)) for i, (x, y) in enumerate(knots)
        ]
        for part in parts:
            cv.form([(part, f.who.hair)], line=line * 0.8, turn=0.2)
        tie = f.at(ellipse(*knots[-1], 0.1, 0.05, n=14))
        cv.form([(tie, (0.72, 0.26, 0.24))], line=line * 0.7)


def _shine(cv, f):
    cv.light(f.at(ellipse(-0.18, 0.74, 0.2, 0.1, turn=0.3)), (1, 0.97, 0.9), 0.28, f.k * 0.05)
    if f.who.old:
        tufts = [f.at(spline([(s * 0.62, 0.34), (s * 0.74, 0.3), (s * 0.78, -0.02), (s * 0.66, -0.1)], n=5))
                 for s in (-1, 1)]  # fmt: skip
        cv.form([(tufts, f.who.hair)], line=1.0, turn=0.2)


def beard(cv, f, rng, line):
    """The beard, if any; the mouth is drawn again on it afterwards."""
    who = f.who
    if who.beard == "stubble":
        jaw = spline([(-0.62, -0.1), (-0.4, -0.34), (0, -0.38), (0.42, -0.34), (0.63, -0.1), (0.56, -0.6), (0.2, -0.96),
                      (-0.2, -0.94), (-0.55, -0.6)], n=6)  # fmt: skip
        cv.shade(f.at(jaw), 0.3, f.k * 0.05, (0.62, 0.58, 0.58))
    if who.beard == "full":
        outline = [(-0.66, 0.0), (-0.56, -0.28), (-0.36, -0.44), (0.0, -0.47), (0.40, -0.44), (0.58, -0.28),
                   (0.67, 0.0), (0.68, -0.5), (0.55, -1.0), (0.22, -1.34), (0.0, -1.3), (-0.26, -1.34),
                   (-0.56, -1.0), (-0.68, -0.5)]  # fmt: skip
        cv.form([(f.at(spline(outline, n=6)), who.beard_colour)], line=line, turn=0.2, shadow=0.5)
        _bristles(cv, f, rng, line, 64, (-1.2, -0.66))
        _lower_lip(cv, f, line)
    if who.beard == "short":
        outline = [(-0.64, 0.02), (-0.58, -0.26), (-0.36, -0.50), (-0.24, -0.70), (0.0, -0.74), (0.27, -0.70),
                   (0.40, -0.50), (0.60, -0.26), (0.66, 0.02), (0.64, -0.5), (0.42, -0.95), (0.1, -1.08),
                   (-0.18, -1.05), (-0.5, -0.9), (-0.63, -0.5)]  # fmt: skip
        cv.form(
            [(f.at(spline(outline, n=6)), who.beard_colour)], line=line * 0.8, turn=0.16, shadow=0.4
        )
        _bristles(cv, f, rng, line, 34, (-1.0, -0.78))
    if who.beard in ("full", "moustache", "short"):
        _moustache(cv, f, line, 1.0 if who.beard != "short" else 0.72)


def _bristles(cv, f, rng, line, count, middle):
    strands = []
    for _ in range(count):
        x = rng.uniform(-0.62, 0.62)
        y = rng.uniform(*middle) if abs(x) < 0.4 else rng.uniform(-0.95, -0.2)
        k = rng.uniform(0.08, 0.2)
        strands.append(f.at([(x, y + k / 2), (x * 0.97 + 0.015, y), (x * 0.9, y - k / 2)]))
    tone = (
        cv.pal.tone(mix(f.who.beard_colour, (1, 1, 1), 0.3))
        if sum(f.who.beard_colour) < 1.2
        else None
    )
    cv.strokes(strands, line * 0.55, tone, alpha=0.5)


def _lower_lip(cv, f, line):
    lip = spline(
        [(-0.17, -0.595), (0.0, -0.6), (0.17, -0.595), (0.09, -0.675), (-0.09, -0.675)], n=5
    )
    cv.wash(f.at(lip, True), mix(f.who.skin, (0.72, 0.38, 0.36), 0.55), rim=0.2)
    cv.strokes([f.at([(-0.2, -0.595), (0, -0.6), (0.2, -0.595)], True)], line * 1.2, alpha=0.9)


def _moustache(cv, f, line, size):
    tache = np.array([(0.0, -0.40), (-0.2, -0.42), (-0.42, -0.56), (-0.36, -0.66), (-0.12, -0.58), (0.0, -0.56),
                      (0.12, -0.58), (0.36, -0.66), (0.42, -0.56), (0.2, -0.42)])  # fmt: skip
    tache = (tache - (0, -0.56)) * (1, size) * (0.9 if size < 1 else 1.0, 1) + (0, -0.56)
    colour = mix(f.who.beard_colour, (1, 1, 1), 0.25 if sum(f.who.beard_colour) > 1.2 else 0.06)
    cv.form([(f.at(spline(tache, n=5), True), colour)], line=line * 0.8, turn=0.3)


def fall(cv, f, line):
    """A shawl of hair over the shoulders is part of `behind`; here the locks that fall before them."""
    if f.who.style != "long" or not f.who.female or f.who.hat == "scarf":
        return
    for s in (-1, 1):
        lock = limb([(s * 0.76, 0.1), (s * 0.84, -0.5), (s * 0.74, -1.2)], (0.14, 0.2, 0.1))
        cv.form([(f.at(lock), f.who.hair)], line=line * 0.7, turn=0.2)
