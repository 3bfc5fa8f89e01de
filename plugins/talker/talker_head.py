"""The head of a drawn character from the front: skull, ears, eyes, nose, mouth, age.

Head units: the head is 2 high, chin at -1, crown at 1, x to the right, y up. The proportions are those
of the sketch plugin's close-ups, so that a film cuts between the two.
"""

import numpy as np
from talker_palette import mix
from talker_shapes import ellipse, ribbon, spline

EYE_X, EYE_Y = 0.30, 0.10
_MOODS = {"happy": (0.06, 0.40, 0.38), "sad": (-0.04, 0.42, 0.31), "tense": (-0.02, 0.29, 0.42)}


class Head:
    """A head's place on the canvas: `at` maps head units to pixels.

    Args:
        x, y: Its middle in pixels.
        size: Its height in pixels.
        who: The `Character`.
    """

    def __init__(self, x, y, size, who):
        self.x, self.y, self.k, self.who = x, y, size / 2, who

    def at(self, points, features=False):
        """Pixels, (n, 2); features are turned a little aside, and sit low and wide in a child."""
        p = np.asarray(points, float).reshape(-1, 2)
        if features and self.who.child:
            p = p * (1.06, 0.98) + (0, -0.12)
        dx = self.who.turn if features else 0.0
        return np.stack([self.x + (p[:, 0] + dx) * self.k, self.y - p[:, 1] * self.k], axis=1)


def eye_edges(who, side):
    """(upper lid, lower lid) of an eye, (n, 2) each in head units, from left to right."""
    opening = {"sad": 0.62, "happy": 0.72, "tense": 1.1}.get(
        who.mood, 0.72 if who.old else 1.05 if who.child else 0.86
    )
    cx, wide = EYE_X * side, 0.165 * (1 + 0.5 * (who.eye - 1))
    top, low = 0.105 * opening * who.eye, 0.064 * opening * who.eye
    upper = [
        (cx - wide, 0.08),
        (cx - 0.055, 0.095 + top),
        (cx + 0.055, 0.095 + top),
        (cx + wide, 0.08),
    ]
    lower = [(cx - wide, 0.08), (cx - 0.06, 0.09 - low), (cx + 0.05, 0.09 - low), (cx + wide, 0.08)]
    return spline(upper, closed=False, n=6), spline(lower, closed=False, n=6)


def mouth_line(who):
    """(half the mouth's width, the line between the lips from left to right) in head units."""
    lift = _MOODS.get(who.mood, (0.012, 0, 0))[0]
    half = (0.215 if who.child else 0.24 if who.female else 0.265) * (1 + 0.5 * (who.lips - 1))
    y = -0.585 if who.beard in ("full", "moustache") else -0.565
    points = [(-half, y + lift), (-0.1, y - lift * 0.4), (0.0, y - 0.01 - lift * 0.4),
              (0.1, y - lift * 0.4), (half, y + lift)]  # fmt: skip
    return half, spline(points, closed=False, n=6)


def draw_head(cv, f, rng, line):
    """Ears, skull, modelling, eyes, nose, mouth; hair, beard, hat and glasses come after."""
    who = f.who
    jaw = (0.60 if who.child else 0.54 if who.female else 0.62) * who.jaw
    chin = -1.0 * who.chin
    skull = spline([(-0.66, 0.42), (-0.52, 0.86), (0.0, 1.0), (0.52, 0.86), (0.67, 0.42), (0.67, 0.0), (jaw, -0.52),
                    (0.30 * who.jaw, -0.92 * who.chin), (0.08, chin), (-0.14, chin * 0.95), (-jaw + 0.04, -0.55),
                    (-0.66, 0.0)], n=8)  # fmt: skip
    ears = []
    for side in (-1, 1):
        ear = [(-0.64, 0.18), (-0.78, 0.2), (-0.8, -0.05), (-0.7, -0.26), (-0.62, -0.2)]
        squeeze = 1.0 if side < 0 else 0.93
        ears.append(
            f.at(spline([(-x * side * squeeze if side > 0 else x, y) for x, y in ear], n=6))
        )
    cv.form([(ears, who.skin), (f.at(skull), who.skin)], line=line, turn=0.16, shadow=0.4)
    _modelling(cv, f)
    for side in (-1, 1):
        _eye(cv, f, side, line)
        _brow(cv, f, side, line)
    _nose(cv, f, line)
    _mouth(cv, f, line)
    if who.freckles:
        _freckles(cv, f, rng)
    if who.old:
        _age(cv, f, line)


def _modelling(cv, f):
    """Shadow on the side away from the light, sockets, cheeks, under nose and lip."""
    who, px = f.who, f.k
    s = 1 if cv.pal.light[0] > 0 else -1
    plane = [(0.66, 0.55), (0.42, 0.42), (0.46, 0.12), (0.34, -0.12), (0.40, -0.45), (0.16, -0.8), (0.1, -1.0),
             (0.4, -0.9), (0.62, -0.5), (0.70, 0.0)]  # fmt: skip
    soft = 0.3 if who.child else 0.5
    cv.shade(f.at(spline([(s * x, y) for x, y in plane], n=6)), soft, px * 0.05)
    sockets = [f.at(ellipse(EYE_X * e, 0.13, 0.2, 0.13, n=20), True) for e in (-1, 1)]
    cv.shade(sockets, 0.15 if who.child else 0.28, px * 0.05)
    under = spline([(-0.14, -0.34), (0.14, -0.34), (0.05, -0.46), (-0.08, -0.46)], n=4)
    cv.shade(f.at(under, True), 0.4, px * 0.03)
    cv.shade(f.at(ellipse(0, -0.72, 0.16, 0.05, n=14), True), 0.3, px * 0.03)
    flush = [f.at(ellipse(0.36 * e, -0.22, 0.16, 0.1, n=16), True) for e in (-1, 1)]
    cv.shade(flush, 0.5, px * 0.07, (0.93, 0.70, 0.64))


def _eye(cv, f, side, line):
    who, cx = f.who, EYE_X * side
    upper, lower = eye_edges(who, side)
    white = f.at(np.concatenate([upper, lower[::-1]]), True)
    cv.wash(white, mix((0.92, 0.90, 0.85), who.skin, 0.08), rim=0.1)
    within = cv.mask([white])
    radius, gaze = 0.094 * who.eye, 0.012
    for r, colour in ((radius, who.iris), (radius * 0.5, (0.05, 0.04, 0.04))):
        disc = cv.mask([f.at(ellipse(cx + gaze, 0.10, r, n=28), True)])
        if within and disc:
            _inside(cv, within, disc, cv.pal.tone(colour))
    glint = f.at(ellipse(cx + gaze + 0.035, 0.135, 0.021, n=12), True)
    cv.wash(glint, (1, 1, 0.97), raw=1, rim=0)
    cv.strokes([f.at(upper, True)], line * (2.3 if who.female else 1.9), taper=False, smooth=False)
    if who.female:
        out = upper[0] if side < 0 else upper[-1]
        flick = out + np.array([(-0.06 * side, 0.03), (0.0, 0.012), (0.05 * side, 0.034)])
        cv.strokes([f.at(flick, True)], line * 2.0)
    cv.strokes([f.at(lower[3:-3], True)], line * 0.7, alpha=0.7)
    fold = upper * (1, 1) + (0, 0.05 if who.mood == "sad" else 0.062)
    cv.strokes([f.at(fold[2:-1], True)], line * 0.7, alpha=0.65)
    if who.old or who.mood == "sad":
        bags = [[(cx - side * 0.13, -0.02), (cx + side * 0.02, -0.07), (cx + side * 0.15, -0.01)],
                [(cx - side * 0.1, -0.06), (cx + side * 0.04, -0.12), (cx + side * 0.13, -0.07)]]  # fmt: skip
        cv.strokes([f.at(b, True) for b in bags], line * 0.75, alpha=0.6)


def _inside(cv, outer, inner, colour):
    """Lay a colour where two masks overlap: an iris within its lids."""
    (a, (ax0, ay0, ax1, ay1)), (b, (bx0, by0, bx1, by1)) = outer, inner
    x0, y0, x1, y1 = max(ax0, bx0), max(ay0, by0), min(ax1, bx1), min(ay1, by1)
    if x1 > x0 and y1 > y0:
        both = (
            a[y0 - ay0 : y1 - ay0, x0 - ax0 : x1 - ax0]
            * b[y0 - by0 : y1 - by0, x0 - bx0 : x1 - bx0]
        )
        cv.lay(both, (x0, y0, x1, y1), np.asarray(colour, np.float32))


def _brow(cv, f, side, line):
    who, cx = f.who, EYE_X * side
    _, inner, outer = _MOODS.get(who.mood, (0, 0.365, 0.365))
    brow = [
        (cx - side * 0.17, inner),
        (cx, (inner + outer) / 2 + 0.05),
        (cx + side * 0.2, outer - 0.02),
    ]
    weight = (0.05 if who.female else 0.085 if who.old else 0.07) * who.brow
    colour = (0.74, 0.73, 0.70) if who.old else mix(who.hair, (0.10, 0.08, 0.08), 0.45)
    shape = ribbon(spline(brow, closed=False), [weight * 0.7, weight, weight * 0.3])
    cv.form([(f.at(shape, True), colour)], line=line * 0.35, shadow=0.2)


def _nose(cv, f, line):
    k = (1.15 if f.who.old else 0.82 if f.who.child else 1.0) * f.who.nose
    bridge = [(0.07, 0.2), (0.10, 0.0), (0.15 * k, -0.2), (0.16 * k, -0.29), (0.08, -0.34)]
    cv.strokes([f.at(bridge[2:] if f.who.child else bridge, True)], line * 1.0, alpha=0.75)
    side = spline(
        [(-0.04, 0.14), (-0.02, -0.1), (-0.13 * k, -0.26), (-0.06, -0.34), (0.0, -0.2)], n=5
    )
    cv.shade(f.at(side, True), 0.34, f.k * 0.025)
    wings = [[(-0.15 * k, -0.22), (-0.17 * k, -0.30), (-0.08, -0.33)], [(-0.08, -0.325), (-0.03, -0.31)],
             [(0.05, -0.33), (0.10, -0.315)]]  # fmt: skip
    cv.strokes([f.at(w, True) for w in wings], line * 1.2, alpha=0.85)


def _mouth(cv, f, line):
    who = f.who
    half, seam = mouth_line(who)
    y, full = seam[len(seam) // 2, 1], who.lips * (1.15 if who.female else 1.0)
    if who.beard not in ("full",):
        upper = spline([seam[0] * (0.9, 1), (-0.08, y + 0.075 * full), (0, y + 0.055 * full), (0.08, y + 0.075 * full),
                        seam[-1] * (0.9, 1), (0, y)], n=4)  # fmt: skip
        lower = spline(
            [seam[0] * (0.8, 1), (0, y - 0.01), seam[-1] * (0.8, 1), (0, y - 0.09 * full)], n=5
        )
        tint = (0.80, 0.46, 0.44) if who.female else (0.88, 0.64, 0.59)
        cv.shade(f.at(upper, True), 0.75, 1.2 * cv.px, tint)
        cv.shade(f.at(lower, True), 0.6, 1.2 * cv.px, tint)
    cv.strokes([f.at(seam, True)], line * 1.5, alpha=0.9, smooth=False)


def _freckles(cv, f, rng):
    spots = []
    for _ in range(26):
        side = (-1, 1)[rng.integers(2)]
        x, y = side * rng.uniform(0.10, 0.46), rng.uniform(-0.30, -0.06)
        spots.append(f.at(ellipse(x, y, rng.uniform(0.008, 0.014), n=8), True))
    cv.shade(spots, 0.55, 0.4 * cv.px, (0.72, 0.50, 0.40))


def _age(cv, f, line):
    lines = [[(-0.36, 0.62), (0.0, 0.66), (0.34, 0.61)], [(-0.3, 0.52), (0.0, 0.555), (0.3, 0.51)],
             [(0.22, -0.26), (0.33, -0.42), (0.34, -0.56)], [(-0.23, -0.26), (-0.34, -0.42), (-0.35, -0.56)],
             [(0.50, 0.12), (0.58, 0.17)], [(0.50, 0.07), (0.59, 0.06)], [(-0.52, 0.12), (-0.60, 0.17)],
             [(-0.52, 0.07), (-0.61, 0.06)], [(0.02, 0.30), (0.03, 0.42)], [(-0.03, 0.30), (-0.05, 0.4)]]  # fmt: skip
    cv.strokes([f.at(p, True) for p in lines], line * 0.8, alpha=0.55)
    hollow = [(0.5, -0.12), (0.4, -0.25), (0.44, -0.5), (0.54, -0.42)]
    cv.shade([f.at(spline([(s * x, y) for x, y in hollow], n=5)) for s in (-1, 1)], 0.3, f.k * 0.04)
