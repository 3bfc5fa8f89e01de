"""People at full length: joints for each action, clothes over them, face, hair, what they hold.

Units: one unit is a grown person's height, y upwards from the ground, facing right.
"""

import zlib

import numpy as np
from sketch_elements import element
from sketch_held import hold
from sketch_palette import COLOURS, mix
from sketch_poses import POSES, pose_of, stature
from sketch_shapes import ellipse, limb, place, pts, spline
from sketch_worn import HAIR_COLOURS

SKIN = (0.87, 0.68, 0.55)


COATS = {
    "man": ((0.24, 0.29, 0.38), (0.36, 0.32, 0.30), (0.30, 0.36, 0.32), (0.45, 0.36, 0.28)),
    "woman": ((0.60, 0.22, 0.24), (0.25, 0.42, 0.46), (0.52, 0.34, 0.46), (0.72, 0.55, 0.34)),
    "girl": ((0.86, 0.42, 0.34), (0.90, 0.70, 0.34), (0.50, 0.64, 0.70)),
    "boy": ((0.34, 0.48, 0.58), (0.70, 0.38, 0.26), (0.42, 0.52, 0.36)),
    "keeper": ((0.17, 0.22, 0.33),), "fisher": ((0.84, 0.66, 0.24),),
    "soldier": ((0.33, 0.38, 0.28),), "traveller": ((0.47, 0.34, 0.25),),
}  # fmt: skip


HAIR = ((0.13, 0.10, 0.10), (0.24, 0.16, 0.11), (0.36, 0.24, 0.15))


def look_of(subject, rng):
    """(coat, trousers, hair colour, skirt, hat): clothes for the kind, the role, the seed."""
    kind = subject.kind
    if subject.count == 1 or (subject.count == 0 and kind != "person"):
        # One of a kind keeps the same clothes in every shot of a film, whatever its seed.
        rng = np.random.default_rng(zlib.crc32(subject.name.encode()))
    if kind == "person":
        kind = ("man", "woman")[rng.integers(2)]
    if kind == "child":
        kind = ("girl", "boy")[rng.integers(2)]
    coats = COATS.get(subject.role) or COATS[kind]
    coat = coats[rng.integers(len(coats))]
    if subject.colour and not subject.holds:
        coat = COLOURS[subject.colour]
    coat = COLOURS.get(subject.wears, coat)
    hair = HAIR[rng.integers(len(HAIR))]
    if "old" in subject.attrs:
        hair = (0.80, 0.79, 0.76)
    hair = HAIR_COLOURS.get(subject.hair, hair)
    hat = {"keeper": "cap", "fisher": "sou", "soldier": "cap", "traveller": "brim"}.get(
        subject.role, ""
    )
    if not hat and kind == "man" and rng.random() < 0.35:
        hat = "flat"
    return coat, mix(coat, (0.16, 0.15, 0.17), 0.65), hair, kind in ("woman", "girl"), hat


@element("person")
def person(
    cv, subject, rng, x, y, size, flip=1, pose=None, back=False, fade=0.0, cast=True, joints=None
):
    """Draw one person with the feet at (x, y); `size` is a grown man's height in px.

    Args:
        joints: Where the joints are, if not as in the pose.

    Returns the pixel positions of the hands: (near, far).
    """
    pose = pose or pose_of(subject)
    j = dict(joints or POSES[pose])
    coat, trousers, hair, skirt, hat = look_of(subject, rng)
    child = subject.kind in ("girl", "boy", "child")
    s = size * stature(subject)
    if "umbrella" in subject.holds and pose == "walk":
        j["fa"] = POSES["umbrella"]["fa"]
    if "lantern" in subject.holds and pose == "walk":
        j["fa"] = POSES["offer"]["fa"]
    wobble = rng.normal(0, 0.008, 2)
    j["neck"] = (j["neck"][0] + wobble[0], j["neck"][1] + wobble[1])

    def put(points):
        return place(points, x, y, s, flip)

    if cast:
        cast_shadow(cv, x, y, s, fade)
    wide = 1.1 if child else 1.0
    seated = pose in ("sit", "ground", "row", "kneel")
    legs = skirt and child
    legc = mix(SKIN, trousers, 0.35) if legs else trousers
    parts = []
    for leg in ("fl", "nl"):
        w = (0.062, 0.05, 0.036) if legs else (0.105, 0.078, 0.056)
        tone = mix(legc, (0, 0, 0), 0.22) if leg == "fl" else legc
        if not (skirt and not child and not seated):
            parts.append((put(limb(j[leg], w)), tone))
        else:
            parts.append((put(limb(j[leg][1:], (0.05, 0.04))), tone))
        fx, fy = j[leg][2]
        shoe = spline([(fx - 0.035, fy + 0.02), (fx + 0.01, fy + 0.03), (fx + 0.075, fy - 0.012),
                       (fx + 0.075, fy - 0.032), (fx - 0.035, fy - 0.032)], n=3)  # fmt: skip
        parts.append((put(shoe), (0.15, 0.12, 0.12)))
    sleeve = (0.075 * wide, 0.065 * wide, 0.05)
    far_arm = (put(limb(j["fa"], sleeve)), mix(coat, (0, 0, 0), 0.18))
    near_arm = (put(limb(j["na"], sleeve)), mix(coat, (1, 1, 1), 0.06))
    raised = j["fa"][2][1] > j["neck"][1] - 0.2 and not back
    if not raised:
        parts.append(far_arm)
        parts.append((put(ellipse(*j["fa"][2], 0.026, 0.03, n=10)), SKIN))
    parts.append((put(_body(j, skirt, seated, subject, child, pose)), coat))
    if seated and not skirt:
        parts.append((put(limb(j["nl"][:2], (0.115, 0.085))), legc))
    parts += [(put(p), c) for p, c in _head(j, hair, hat, subject, child, back, coat, skirt)]
    if raised:
        parts.append(far_arm)
        parts.append((put(ellipse(*j["fa"][2], 0.028, 0.03, n=10)), SKIN))
    parts.append(near_arm)
    parts.append((put(ellipse(*j["na"][2], 0.028, 0.031, n=10)), SKIN))
    behind = [t for t in subject.holds if t in ("umbrella",)] if back else []
    hands = put([j["na"][2], j["fa"][2]])
    head_top = put([(j["neck"][0], j["neck"][1] + 0.2)])[0]
    for thing in behind:
        hold(cv, thing, rng, hands[1], s, flip, head_top, subject)
    line = 1.7 * (1 if s > 150 * cv.px else 0.75)
    cv.form(parts, fade, line=line, turn=0.3, shadow=0.5, rim_light=0.35 if cv.pal.dark else 0.0)
    _creases(cv, j, put, s, fade, skirt, seated)
    if s > 95 * cv.px and not back:
        _features(cv, j, put, subject, s, child, fade)
    if not back or behind == []:
        for thing in subject.holds:
            if thing not in behind:
                hold(cv, thing, rng, hands[1], s, flip, head_top, subject)
    return hands[0], hands[1]


def cast_shadow(cv, x, y, size, fade=0.0, width=0.2):
    """The shadow that something standing at (x, y) throws on the ground."""
    lx = cv.pal.light[0]
    k = size * (0.5 if cv.pal.dark else 0.62)
    tip = (x + lx * k, y + size * 0.05)
    w = size * width * 0.5
    shape = spline(pts((x - w, y), (x, y - w * 0.22), (x + w, y), tip, (x, y + w * 0.3)), n=6)
    cv.shade(shape, 0.62 * (1 - fade), size * 0.012)


def _body(j, skirt, seated, subject, child, pose):
    """Coat, jacket or dress: from the collar to its hem, in the body's own slant."""
    hip, neck = np.array(j["hip"]), np.array(j["neck"])
    up = (neck - hip) / np.hypot(*(neck - hip))
    side = np.array([up[1], -up[0]])
    length = np.hypot(*(neck - hip))

    def at(s, t):
        return hip + side * s + up * t * length

    shoulder = 0.105 if skirt or child else 0.125
    if "old" in subject.attrs:
        shoulder -= 0.008
    hem = (
        -0.22
        if skirt and not seated
        else -0.12
        if subject.role in ("keeper", "traveller")
        else -0.04
    )
    if skirt and not seated and not child:
        hem = -0.30
    flare = 0.19 if skirt else 0.125
    stride = 0.05 if pose in ("walk", "run", "climb") else 0.0
    drop = (0, hem)
    if seated:
        low = [at(0.11, -0.10), at(-0.11, -0.10)]
        if skirt:
            knee = np.array(j["nl"][1])
            low = [knee + (0.07, 0.05), knee + (0.06, -0.17), at(-0.12, -0.16)]
    else:
        low = [
            hip + drop + (flare + stride, 0),
            hip + drop + (0.0, -0.012),
            hip + drop + (-flare, 0.0),
        ]
    waist = 0.088 if skirt else 0.108
    points = [at(-0.035, 1.04), at(-shoulder, 0.93), at(-shoulder * 0.98, 0.72), at(-waist, 0.3),
              *low[::-1], at(waist, 0.3), at(shoulder * 0.98, 0.72), at(shoulder, 0.93), at(0.035, 1.04)]  # fmt: skip
    return spline(points, n=5)


def _head(j, hair, hat, subject, child, back, coat, female):
    nx, ny = j["neck"]
    hx, hy = nx + 0.012, ny + (0.105 if not child else 0.115)
    k = 1.32 if child else 1.06
    rx, ry = 0.054 * k, 0.069 * k
    if child:
        hy += 0.015

    def at(dx, dy):
        return (hx + dx * rx, hy + dy * ry)

    parts = []
    long_hair = female and "old" not in subject.attrs
    if long_hair:
        fall = -2.6 if not child else -1.6
        parts.append((spline([at(-1.25, 0.3), at(-0.3, 1.2), at(0.7, 0.9), at(0.5, -0.9), at(0.25, fall * 0.8),
                              at(-1.0, fall), at(-1.45, -0.8)], n=5), hair))  # fmt: skip
    elif female:
        parts.append((ellipse(*at(-1.2, 0.45), rx * 0.55, ry * 0.5, n=14), hair))
    parts.append(
        (limb([(nx, ny - 0.015), (hx - 0.006, hy - ry * 0.6)], (0.06 * k, 0.05 * k)), SKIN)
    )
    if back:
        parts.append((ellipse(hx, hy, rx * 1.08, ry * 1.06, n=18), hair))
        if long_hair:
            parts.append(
                (
                    spline(
                        [
                            at(-1.1, 0.3),
                            at(1.1, 0.3),
                            at(1.15, -1.6),
                            at(0.5, -2.5),
                            at(-0.6, -2.5),
                            at(-1.2, -1.6),
                        ],
                        n=5,
                    ),
                    hair,
                )
            )
    else:
        face = spline([at(-0.85, 0.5), at(-0.1, 1.0), at(0.72, 0.72), at(0.9, 0.18), at(1.1, -0.12), at(0.88, -0.3),
                       at(0.80, -0.75), at(0.35, -1.02), at(-0.35, -0.72), at(-0.9, -0.2)], n=5)  # fmt: skip
        parts.append((face, SKIN))
        cap = [at(0.92, 0.55), at(0.55, 1.08), at(-0.3, 1.22), at(-1.1, 0.75), at(-1.22, -0.1), at(-0.85, -0.55),
               at(-0.5, -0.2), at(-0.42, 0.3), at(0.1, 0.62)]  # fmt: skip
        parts.append((spline(cap, n=5), hair))
        if subject.kind == "man" and "old" in subject.attrs:
            beard = [
                at(-0.45, -0.3),
                at(0.2, -0.45),
                at(0.9, -0.35),
                at(0.95, -0.85),
                at(0.5, -1.5),
                at(-0.1, -1.2),
            ]
            parts.append((spline(beard, n=5), hair))
    parts += _hat(hat, at, coat)
    return parts


def _hat(hat, at, coat):
    dark = mix(coat, (0.1, 0.1, 0.12), 0.5)
    if hat == "cap":
        crown = spline(
            [at(-1.2, 0.55), at(-1.3, 1.1), at(-0.2, 1.5), at(1.0, 1.3), at(1.1, 0.62)], n=5
        )
        peak = spline([at(0.5, 0.68), at(1.15, 0.68), at(1.65, 0.42), at(1.0, 0.48)], n=4)
        return [(crown, dark), (peak, (0.12, 0.12, 0.14))]
    if hat == "sou":
        crown = spline([at(-1.15, 0.5), at(-0.7, 1.35), at(0.6, 1.35), at(1.1, 0.55)], n=5)
        brim = spline(
            [
                at(-1.9, -0.1),
                at(-1.0, 0.6),
                at(1.0, 0.7),
                at(1.5, 0.45),
                at(0.8, 0.42),
                at(-0.9, 0.3),
            ],
            n=4,
        )
        return [(crown, coat), (brim, coat)]
    if hat == "brim":
        crown = spline(
            [at(-1.0, 0.6), at(-0.8, 1.5), at(0.0, 1.4), at(0.75, 1.5), at(0.95, 0.6)], n=5
        )
        brim = spline([at(-1.9, 0.5), at(0, 0.78), at(1.9, 0.52), at(0, 0.42)], n=5)
        return [(crown, dark), (brim, dark)]
    if hat == "flat":
        return [
            (
                spline(
                    [
                        at(-1.15, 0.5),
                        at(-1.0, 1.15),
                        at(0.1, 1.35),
                        at(1.25, 0.85),
                        at(1.35, 0.55),
                        at(0.6, 0.6),
                    ],
                    n=5,
                ),
                dark,
            )
        ]
    return []


def _features(cv, j, put, subject, s, child, fade):
    """Eye, brow, nose, mouth, ear: a few strokes, no more than the size bears."""
    nx, ny = j["neck"]
    hx, hy = nx + 0.012, ny + (0.105 if not child else 0.13)
    k = 1.32 if child else 1.06
    rx, ry = 0.054 * k, 0.069 * k

    def at(dx, dy):
        return (hx + dx * rx, hy + dy * ry)

    eye = [
        put([at(0.24, 0.1), at(0.36, 0.15), at(0.46, 0.09)]),
        put([at(0.70, 0.1), at(0.78, 0.14), at(0.84, 0.1)]),
    ]
    brow = [
        put([at(0.16, 0.34), at(0.34, 0.4), at(0.48, 0.34)]),
        put([at(0.68, 0.36), at(0.78, 0.38), at(0.88, 0.32)]),
    ]
    mouth = [put([at(0.38, -0.52), at(0.58, -0.56), at(0.78, -0.5)])]
    ear = [put([at(-0.42, 0.12), at(-0.6, 0.0), at(-0.46, -0.22)])]
    w = max(0.7, s / cv.px / 260)
    cv.strokes(eye, w * 1.5, fade=fade, alpha=0.95)
    old = "old" in subject.attrs and subject.kind == "man"
    cv.strokes(brow + ear + ([] if old else mouth), w * 0.8, fade=fade, alpha=0.7)


def _creases(cv, j, put, s, fade, skirt, seated):
    """The folds that show how the cloth hangs: at elbow, waist, hem; the coat's opening."""
    hip, neck = np.array(j["hip"]), np.array(j["neck"])
    mid = hip * 0.45 + neck * 0.55
    lines = [put([neck + (0.02, -0.03), mid + (0.045, 0), hip + (0.05, -0.02)])]
    for arm in ("na", "fa"):
        e = np.array(j[arm][1])
        lines.append(put([e + (-0.022, 0.015), e + (0.0, 0.004), e + (0.02, 0.012)]))
    if skirt and not seated:
        for dx in (-0.09, -0.02, 0.08):
            lines.append(put([hip + (dx * 0.5, 0), hip + (dx, -0.1), hip + (dx * 1.4, -0.2)]))
    else:
        lines.append(put([hip + (-0.07, 0.02), hip + (-0.03, 0.035), hip + (0.0, 0.03)]))
    lines.append(put([neck + (-0.05, -0.02), neck + (0.0, -0.06), neck + (0.03, -0.03)]))
    cv.strokes(lines, max(0.7, min(1.4, s / cv.px / 200)), fade=fade, alpha=0.6)


@element("silhouette")
def silhouette(cv, rng, x, y, size, fade=0.0, colour=None):
    """A distant or crowd figure in three shapes."""
    coat = colour or COATS[("man", "woman")[rng.integers(2)]][rng.integers(4)]
    sway = rng.normal(0, 0.02)
    dress = rng.random() < 0.4
    hem = 0.16 if dress else 0.44
    wide = 0.15 if dress else 0.115
    body = spline(
        [
            (-0.05, 0.84),
            (-0.11, 0.77),
            (-0.105, 0.55),
            (-wide, hem),
            (wide, hem),
            (0.105, 0.55),
            (0.11, 0.77),
            (0.05, 0.84),
        ],
        n=3,
    )
    arms = [
        limb([(s * 0.105, 0.76), (s * 0.135, 0.6), (s * 0.115, 0.46)], (0.06, 0.05, 0.04), 3)
        for s in (-1, 1)
    ]
    legs = [
        limb([(s * 0.045, hem + 0.06), (s * 0.06 + sway, 0.02)], (0.08, 0.06), 3) for s in (-1, 1)
    ]
    flip = rng.choice((-1, 1))
    parts = [
        ([place(q, x, y, size, flip) for q in legs], mix(coat, (0.14, 0.13, 0.15), 0.7)),
        ([place(q, x, y, size, flip) for q in arms], mix(coat, (0, 0, 0), 0.12)),
        (place(body, x, y, size, flip), coat),
        (place(ellipse(0.01, 0.92, 0.058, 0.072, n=12), x, y, size, flip), SKIN),
    ]
    hair = spline(
        [(-0.06, 0.9), (-0.05, 1.0), (0.03, 1.01), (0.06, 0.95), (0.0, 0.95), (-0.03, 0.88)], n=3
    )
    parts.append((place(hair, x, y, size, flip), HAIR[rng.integers(3)]))
    cv.form(parts, fade, line=1.1, turn=0.35, shadow=0.5)
