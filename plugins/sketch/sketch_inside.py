"""Stages indoors and close to: room, spiral stair, windowsill, portrait, still life."""

from dataclasses import replace

import numpy as np
from sketch_furniture import bed, chair, door, fireplace, on_wall, piano, shelf, table
from sketch_held import hold
from sketch_interior import room
from sketch_objects import OBJECTS
from sketch_palette import COLOURS, mix
from sketch_people import SKIN, look_of, person
from sketch_poses import stature
from sketch_shapes import ellipse, limb, place

ON_TABLE = ("lamp", "candle", "letter", "book", "map", "cup", "teapot", "bottle", "bowl", "fruit", "clock", "radio",
            "telephone", "phone", "computer", "key", "box", "ring", "camera", "lantern", "flower")  # fmt: skip


LIGHT_KINDS = ("lamp", "candle", "lantern")


def interior(f):
    """A furnished room with whoever is in it."""
    cv, s = f.cv, f.scene
    f.done |= {"window"}
    r = room(cv, s, f.rng("room"), f.side)
    d = -f.side
    unit = min(r.unit, f.h * 0.66) * (1.12 if s.shot == "medium" else 0.92)
    wall_x = r.x0 + (r.x1 - r.x0) * (0.30 if f.side > 0 else 0.70)
    slots = iter((0.16, 0.5, 0.88) if f.side > 0 else (0.84, 0.5, 0.12))
    for kind, size in (("shelf", 0.62), ("door", 0.72), ("piano", 0.5), ("fire", 0.5)):
        if f.asked(kind):
            x = r.x0 + (r.x1 - r.x0) * (next(slots, 0.5))
            {"shelf": shelf, "door": door, "piano": piano, "fire": fireplace}[kind](
                cv,
                s,
                f.rng(kind),
                x,
                r.y1 + f.h * 0.02,
                (r.y1 - r.y0) * size * (1.3 if f.tall else 1.25),
            )
    if s.allows("picture"):
        for kind in ("clock", "mirror", "map", "picture"):
            if f.asked(kind) or (
                kind == "picture" and not s.has("shelf", "clock", "mirror", "door", "fire")
            ):
                on_wall(
                    cv,
                    s,
                    f.rng(kind),
                    kind,
                    wall_x,
                    r.y0 + (r.y1 - r.y0) * 0.36,
                    (r.y1 - r.y0) * 0.26,
                )
                break
    if f.asked("bed"):
        bed(cv, s, f.rng("bed"), f.w * (0.5 + d * 0.2), f.h * 0.88, min(f.w * 0.5, f.h * 0.9))
    people = [p for p in s.people]
    seated = s.has("table", "chair") or any(
        p.action in ("sit", "read", "write", "drink", "eat") for p in people
    )
    goods = [k for k in ON_TABLE if s.has(k) and not s.get(k).held]
    y = r.floor
    f.done |= {"chair", "table"}
    f.done |= {p.kind for p in people}
    desk = s.has("table") or any(p.action in ("write", "drink", "eat") for p in people)
    if desk or (goods and people) or (goods and not s.has("chair")):
        tx, tw, th = f.w * (0.5 - d * 0.10), min(f.w * 0.40, unit * 0.95), unit * 0.43
        n = 0
        for p in people[:2]:
            for _ in range(min(max(p.count, 1), 2)):
                flip = d * -1 if n == 0 else d
                px = tx - flip * tw * (0.40 if n == 0 else 0.46)
                if n < 2:
                    chair(
                        cv,
                        s,
                        f.rng("chair"),
                        px - flip * unit * 0.02,
                        y - unit * 0.02,
                        unit * 0.52,
                        flip,
                    )
                    _at_table(f, p, px, y - unit * 0.02, unit, flip, n)
                n += 1
        top = table(cv, s, f.rng("table"), tx, y + unit * 0.04, tw, th)
        _goods(f, goods, tx, top, tw, unit * 0.26)
        for p in people[:1]:
            _forearms(f, p, tx - (-d) * tw * 0.40, y - unit * 0.02, unit, -d)
    else:
        cast = [p for p in people for _ in range(max(1, min(p.count, 3)))][:4]
        for i, p in enumerate(cast):
            x = f.w * (0.5 + d * 0.06 + (i - (len(cast) - 1) / 2) * 0.17)
            flip = -d if i % 2 == 0 else d
            pose = "sit" if seated and p.action in ("sit", "read", "") else None
            if pose:
                chair(cv, s, f.rng("chair"), x - flip * unit * 0.02, y, unit * 0.52, flip)
            if pose and p.action == "read":
                _at_table(f, p, x, y, unit, flip, 0)
                _forearms(f, p, x, y, unit, flip)
            else:
                person(cv, p, f.rng(f"person{i}"), x, y, unit, flip, pose)
        if not people and s.has("chair"):
            chair(cv, s, f.rng("chair"), f.w * 0.5, y, unit * 0.6, -d)
    if s.time in ("night", "dusk"):
        lamp = next((k for k in goods if k in LIGHT_KINDS), None)
        x, ly = f.lamp if lamp and hasattr(f, "lamp") else (f.w * 0.5, r.y0 + f.h * 0.1)
        cv.lamplight(x, ly, max(f.w, f.h) * 0.62, (1.0, 0.72, 0.40), 1.05)
    f.stand, f.unit, f.horizon = y, unit, r.y1
    f.ready = True


def _at_table(f, p, x, y, unit, flip, n):
    """A person seated at a table; the hands come later, over its top."""
    pose = replace(p, holds=())
    person(f.cv, pose, f.rng(f"seated{n}"), x, y, unit, flip, "sit")


def _forearms(f, p, x, y, unit, flip):
    """The near arm on the table, with what the person holds."""

    cv = f.cv
    s = unit * stature(p)
    coat, *_ = look_of(p, f.rng("seated0"))
    up = bool(p.holds)
    joints = [(-0.07, 0.58), (-0.01, 0.43), (0.17, 0.52 if up else 0.46)]
    cv.form(
        [
            (place(limb(joints, (0.08, 0.068, 0.052)), x, y, s, flip), mix(coat, (1, 1, 1), 0.06)),
            (place(ellipse(*joints[2], 0.031, n=12), x, y, s, flip), SKIN),
        ],
        line=1.7,
        turn=0.3,
    )
    hx, hy = place([joints[2]], x, y, s, flip)[0]
    for thing in p.holds[:2]:
        hold(
            cv,
            thing,
            f.rng("held"),
            (hx + flip * s * 0.03, hy - s * 0.02),
            s * 1.15,
            flip,
            (x, y - s * 0.8),
            p,
        )


def _goods(f, goods, x, y, width, size):
    """Things on a table top, lights last so that they shine over the rest."""
    goods = sorted(goods, key=lambda k: k in LIGHT_KINDS)[:6]
    spots = {1: (0.24,), 2: (-0.06, 0.27)}.get(len(goods)) or np.linspace(-0.34, 0.34, len(goods))
    for kind, t in zip(goods, spots, strict=True):
        f.done.add(kind)
        height, draw = OBJECTS[kind]
        k = size * float(np.clip(height / 0.42, 0.42, 1.15))
        found = f.scene.get(kind)
        flip = f.side
        if kind in LIGHT_KINDS:
            f.lamp = (x + flip * t * width, y - k * 0.4)
        draw(
            f.cv,
            f.scene,
            f.rng(kind),
            x + flip * t * width,
            y + size * 0.12,
            k,
            COLOURS.get(found.colour),
        )
