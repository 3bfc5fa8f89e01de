"""Where each kind of subject goes when no stage has drawn it."""

from sketch_animals import HEIGHTS, beast, cat
from sketch_boats import boat, sailboat, ship
from sketch_buildings import block, house, lighthouse, pagoda, smoke, tower
from sketch_furniture import bed, bench, chair, door, on_wall, piano, shelf, table
from sketch_interior import window
from sketch_landscape import STONE, wave
from sketch_objects import OBJECTS
from sketch_palette import COLOURS, mix
from sketch_plants import bamboo, flowers, leaves, palm, pine, reeds, tree
from sketch_sea import footprints
from sketch_shapes import pts, rect
from sketch_sky import lightning
from sketch_structures import (
    NEON,
    fence,
    girder_bridge,
    lantern_string,
    paper_lantern,
    pier,
    sign,
    statue,
    stone_bridge,
    streetlamp,
    tent,
    windmill,
)
from sketch_tabletop import contact
from sketch_vehicles import air_balloon, bicycle, bus, car, cart, plane, train
from sketch_wildlife import butterflies, fish, flock, perched, whale
from sketch_words import ANIMALS


def _land(f, t):
    """A y on the ground, t from the horizon (0) to the front (1)."""
    return f.horizon + (f.h * 0.96 - f.horizon) * t


def _mid(size, t=0.22, fade=0.12):
    """A placement in the middle ground: height as a share of the frame's."""

    def wrap(draw):
        def placed(f, subject, r, x, i):
            k = f.h * size * (0.75 if f.tall else 1)
            k *= {"extreme_wide": 0.55, "medium": 1.3, "close": 1.6}.get(f.scene.shot, 1.0)
            draw(f, subject, r, x, _land(f, t) + f.h * 0.012 * (i % 3), k, fade)

        return placed

    return wrap


def _animal(f, subject, r, x, i):
    kind = subject.kind
    y = min(f.stand + f.unit * 0.03 + f.h * 0.012 * (i % 3), f.h * 0.97)
    size = HEIGHTS[kind] * f.unit
    if not f.scene.people:
        size = max(size, f.h * (0.30 if kind != "cat" else 0.26) * (0.6 if f.tall else 1)) / (
            1 + 0.06 * i
        )
    running = subject.action in ("run", "jump")
    flip = 1 if (i + (f.side > 0)) % 2 else -1
    contact(f.cv, x, y, size * 0.3)
    if kind == "cat":
        return cat(f.cv, r, x, y, size, flip, colour=subject.colour, back=subject.action == "look")
    return beast(
        f.cv,
        kind,
        r,
        x,
        y,
        size * (0.86 if kind != "dog" else 1),
        flip,
        colour=subject.colour,
        running=running,
    )


def _vehicle(draw, size, t):
    def placed(f, subject, r, x, i):
        y = getattr(f, "roadway", None) or _land(f, t) + f.h * 0.02 * (i % 2)
        if hasattr(f, "view"):
            y = f.h * 0.90
        k = f.h * size * (0.62 if f.tall else 1) * (0.5 if f.scene.shot == "extreme_wide" else 1)
        draw(f, subject, r, x, y, k)

    return placed


def _floating(draw, size):
    def placed(f, subject, r, x, i):
        y = _land(f, 0.36 + 0.1 * (i % 3))
        draw(f, subject, r, x, y, min(f.w, f.h * 1.2) * size * (0.86**i))

    return placed


def _c(subject):
    return COLOURS.get(subject.colour)


def _boat(f, q, r, x, y, k):
    _, front = boat(f.cv, f.scene, r, x, y, k, 0.05, -f.side, _c(q))
    front()


def _bird(f, q, r, x, i):
    perched(f.cv, r, x, _land(f, 0.55 + 0.1 * (i % 3)), f.h * 0.09, f.side, 0, q.colour, duck=True)


PLACED = {
    "lighthouse": _mid(0.42)(lambda f, q, r, x, y, k, z: lighthouse(f.cv, f.scene, r, x, y, k, z)),
    "tower": _mid(0.46)(lambda f, q, r, x, y, k, z: tower(f.cv, f.scene, r, x, y, k, z)),
    "pagoda": _mid(0.44)(lambda f, q, r, x, y, k, z: pagoda(f.cv, f.scene, r, x, y, k, z)),
    "house": _mid(0.30, 0.26)(lambda f, q, r, x, y, k, z: house(f.cv, f.scene, r, x, y, k, z, wall=_c(q))),
    "building": _mid(0.52)(lambda f, q, r, x, y, k, z: block(f.cv, f.scene, r, x - k * 0.2, x + k * 0.2, y - k, y, z)),
    "windmill": _mid(0.5)(lambda f, q, r, x, y, k, z: windmill(f.cv, f.scene, r, x, y, k, z)),
    "statue": _mid(0.4, 0.45)(lambda f, q, r, x, y, k, z: statue(f.cv, f.scene, r, x, y, k, z)),
    "tent": _mid(0.24, 0.5)(lambda f, q, r, x, y, k, z: tent(f.cv, f.scene, r, x, y, k, z)),
    "well": _mid(0.24, 0.5)(lambda f, q, r, x, y, k, z: OBJECTS["well"][1](f.cv, f.scene, r, x, y, k)),
    "bridge": _mid(0.16, 0.4)(lambda f, q, r, x, y, k, z: stone_bridge(f.cv, f.scene, r, x, y, k * 3.2, k, z) if not f.tall else girder_bridge(f.cv, f.scene, r, y, k * 0.3, z)),
    "pier": _mid(0.07, 0.75)(lambda f, q, r, x, y, k, z: pier(f.cv, f.scene, r, f.w * 0.05, f.w * 0.6, y, k, z)),
    "fence": _mid(0.11, 0.5)(lambda f, q, r, x, y, k, z: fence(f.cv, f.scene, r, f.w * 0.02, f.w * 0.98, y, k, z)),
    "tree": _mid(0.60, 0.4)(lambda f, q, r, x, y, k, z: tree(f.cv, f.scene, r, x, y, k, z, _c(q))),
    "pine": _mid(0.46, 0.4)(lambda f, q, r, x, y, k, z: pine(f.cv, f.scene, r, x, y, k, z)),
    "palm": _mid(0.5, 0.5)(lambda f, q, r, x, y, k, z: palm(f.cv, f.scene, r, x, y, k, z)),
    "bamboo": _mid(0.7, 0.5)(lambda f, q, r, x, y, k, z: bamboo(f.cv, f.scene, r, x, y, k, z)),
    "streetlamp": _mid(0.42, 0.5)(lambda f, q, r, x, y, k, z: streetlamp(f.cv, f.scene, r, x, y, k, z, f.side)),
    "neon": _mid(0.2, 0.0)(lambda f, q, r, x, y, k, z: sign(f.cv, r, x, f.h * 0.3, k * 0.5, k, NEON[r.integers(4)])),
    "smoke": _mid(0.3, 0.1)(lambda f, q, r, x, y, k, z: smoke(f.cv, r, x, y, k, z)),
    "lantern": lambda f, q, r, x, i: _lanterns(f, r, x, i),
    "flower": lambda f, q, r, x, i: flowers(f.cv, f.scene, r, x, f.h * 0.99, f.w * 0.34, f.h * 0.13, _c(q), 16),
    "grass": lambda f, q, r, x, i: reeds(f.cv, r, x, f.h * 1.01, f.w * 0.5, f.h * 0.2),
    "leaves": lambda f, q, r, x, i: leaves(f.cv, r, f.scene, 30, _c(q)),
    "boat": _floating(_boat, 0.30),
    "ship": _floating(lambda f, q, r, x, y, k: ship(f.cv, f.scene, r, x, y, k, 0.1, f.side, _c(q)), 0.5),
    "sailboat": _floating(lambda f, q, r, x, y, k: sailboat(f.cv, f.scene, r, x, y, k, 0.1, f.side, _c(q)), 0.3),
    "whale": lambda f, q, r, x, i: _whale(f, r, i),
    "fish": _floating(lambda f, q, r, x, y, k: fish(f.cv, r, x, y, k, f.side, 0, q.colour), 0.16),
    "duck": _bird,
    "wave": lambda f, q, r, x, i: wave(f.cv, r, x, f.h * 0.86, f.w * 0.4, f.h * 0.18, (0.25, 0.38, 0.44), f.side),
    "train": _vehicle(lambda f, q, r, x, y, k: train(f.cv, f.scene, r, f.w * (0.5 + f.side * 0.32), y, k, 0.08, f.side), 0.24, 0.40),
    "car": _vehicle(lambda f, q, r, x, y, k: car(f.cv, f.scene, r, x, y, k, 0, f.side, _c(q)), 0.46, 0.72),
    "bus": _vehicle(lambda f, q, r, x, y, k: bus(f.cv, f.scene, r, x, y, k, 0, f.side, _c(q)), 0.6, 0.6),
    "bicycle": _vehicle(lambda f, q, r, x, y, k: bicycle(f.cv, f.scene, r, x, y, k, 0, f.side, _c(q)), 0.30, 0.86),
    "cart": _vehicle(lambda f, q, r, x, y, k: cart(f.cv, f.scene, r, x, y, k), 0.32, 0.72),
    "plane": lambda f, q, r, x, i: plane(f.cv, f.scene, r, x, f.h * 0.2, f.w * 0.22, 0.1, f.side),
    "balloon": lambda f, q, r, x, i: air_balloon(f.cv, f.scene, r, x, f.h * (0.46 + 0.06 * (i % 2)), f.h * 0.32, 0.12),
    "butterfly": lambda f, q, r, x, i: butterflies(f.cv, r, f.w * 0.5, f.h * 0.58, f.w * 0.28, f.h * 0.035, 7 if not q.count else 1, q.colour),
    "firefly": lambda f, q, r, x, i: None,
    "lightning": lambda f, q, r, x, i: lightning(f.cv, f.scene, r, x, max(f.horizon, f.h * 0.4)),
    "footprints": lambda f, q, r, x, i: _prints(f, x),
    "window": lambda f, q, r, x, i: window(f.cv, f.scene, r, x - f.w * 0.07, f.h * 0.16, x + f.w * 0.07, f.h * 0.44),
    "windowsill": lambda f, q, r, x, i: f.cv.form([(rect(x - f.w * 0.12, f.h * 0.5, x + f.w * 0.12, f.h * 0.53), STONE)]),
    "door": lambda f, q, r, x, i: door(f.cv, f.scene, r, x, f.stand, f.unit * 1.15),
    "stairs": lambda f, q, r, x, i: _steps(f, x),
    "table": lambda f, q, r, x, i: table(f.cv, f.scene, r, x, f.stand, f.unit * 0.8, f.unit * 0.42),
    "chair": lambda f, q, r, x, i: chair(f.cv, f.scene, r, x, f.stand, f.unit * 0.5, f.side),
    "bench": lambda f, q, r, x, i: bench(f.cv, f.scene, r, x, f.stand, f.unit * 1.1),
    "bed": lambda f, q, r, x, i: bed(f.cv, f.scene, r, x, f.stand, f.unit * 1.2),
    "shelf": lambda f, q, r, x, i: shelf(f.cv, f.scene, r, x, f.stand, f.unit * 1.1),
    "piano": lambda f, q, r, x, i: piano(f.cv, f.scene, r, x, f.stand, f.unit * 0.72),
    "picture": lambda f, q, r, x, i: on_wall(f.cv, f.scene, r, "picture", x, f.h * 0.3, f.h * 0.16),
    "mirror": lambda f, q, r, x, i: on_wall(f.cv, f.scene, r, "mirror", x, f.h * 0.3, f.h * 0.18),
    "bird": lambda f, q, r, x, i: flock(f.cv, r, x, f.h * 0.25, f.w * 0.1, f.h * 0.05, 1, False),
    **dict.fromkeys(ANIMALS, _animal),
}  # fmt: skip


def _whale(f, r, i):
    """A whale aside from any boat, near enough to be large."""
    aside = 0.26 if f.scene.has("boat", "ship", "sailboat") else 0.0
    k = min(f.w, f.h * 1.2) * 0.46 * 0.8**i
    whale(f.cv, r, f.w * (0.5 + f.side * (aside - 0.2 * i)), _land(f, 0.62 - 0.2 * i), k, -f.side)


def _lanterns(f, r, x, i):
    """Paper lanterns overhead out of doors; one standing where nothing hangs."""
    if f.scene.interior or f.scene.angle in ("high", "bird"):
        paper_lantern(f.cv, x, f.h * 0.08, f.h * 0.13)
    elif i == 0:
        lantern_string(
            f.cv,
            f.scene,
            r,
            -f.w * 0.02,
            f.h * 0.08,
            f.w * 1.02,
            f.h * 0.12,
            max(5, min(f.scene.count("lantern", 7), 9)),
            f.h * 0.085,
        )


def _prints(f, x):

    footprints(f, f.w * 0.5)


def _steps(f, x):
    """A flight of stone steps going up into the picture."""
    cv, n = f.cv, 12
    top, low = f.horizon - f.h * 0.10, f.h * 0.98
    for k in range(n):
        t = 1 - k / n
        y = low + (top - low) * t
        w = f.w * (0.05 + 0.20 * (1 - t))
        h = (low - top) / n
        cv.form(
            [
                (
                    pts(
                        (x - w, y),
                        (x + w, y),
                        (x + w * 1.04, y + h * 0.55),
                        (x - w * 1.04, y + h * 0.55),
                    ),
                    mix(STONE, (1, 1, 1), 0.3),
                ),
                (rect(x - w * 1.04, y + h * 0.55, x + w * 1.04, y + h), mix(STONE, (0, 0, 0), 0.2)),
            ],
            0.3 * t,
            line=1.3,
            turn=0.05,
        )
    f.steps = True
