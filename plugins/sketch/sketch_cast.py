"""Which way each thing of the picture moves: from layers and elements to the items of a film."""

import math

from sketch_layers import Layer
from sketch_live_air import CloudShadows, Fog, Leaves, Motes, Rain, Snow, WindLines
from sketch_live_light import Beam, Embers, Fireflies, Flash
from sketch_live_movers import Crosser, Sails, Walker, lapped, moves_on
from sketch_live_pane import Trickles
from sketch_live_portrait import Portrait
from sketch_live_sky import Clouds, Fireworks, Flock, Stars
from sketch_live_smoke import Smoke
from sketch_live_water import Glint, Ripples, Spray
from sketch_motion import Flat, Inside, Plate, Swaying, gust, turned

_LIVE = {
    "clouds": Clouds, "stars": Stars, "ripples": Ripples, "glint": Glint, "flock": Flock,
    "beams": Beam, "leaves": Leaves, "fireflies": Fireflies, "fireworks": Fireworks, "spray": Spray, "sails": Sails,
}  # fmt: skip
# How far a plant's top goes in a breeze, as a share of its height.
_SUPPLE = {"tree": 0.016, "grass": 0.075, "fire": 0.05}


def item_of(made, film):
    """The items that draw a Layer, or an Element that is drawn live."""
    if isinstance(made, Layer):
        return [_layer_item(made, film)]
    if made.kind == "smoke":
        return [smoke_of(made, film)]
    if made.kind in _LIVE:
        return [_LIVE[made.kind](made, film)]
    if made.kind == "outside":
        return _outside(made, film)
    if made.kind == "portrait":
        return [Portrait(made, film)]
    if moves_on(made):
        return _mover(made, film)
    return []


def in_front(made):
    """Whether it is somebody or something that the lights behind must not shine through."""
    kind = made.element.kind if isinstance(made, Layer) and made.element else ""
    kind = kind or getattr(made, "kind", "")
    return kind in ("person", "beast", "cat", "portrait", "boat", "ship") or (
        not isinstance(made, Layer) and moves_on(made)
    )


def _outside(made, film):
    """What falls beyond a window."""
    box = tuple(made.about[k] for k in ("x0", "y0", "x1", "y1"))
    if film.scene.weather in ("rain", "storm"):
        return [Inside(Rain(film), box), Trickles(film, box)]
    return [Inside(Snow(film), box)] if film.scene.weather == "snow" else []


def left_behind(layers, place):
    """Whether a layer is the shadow, drawn before it, of something that moves away."""
    made = layers[place]
    if not isinstance(made, Layer) or made.element is None or made.element.kind != "contact":
        return False
    after = layers[place + 1] if place + 1 < len(layers) else None
    return after is not None and not isinstance(after, Layer) and moves_on(after)


def _mover(made, film):
    if made.kind == "person":
        return [Walker(made, film)]
    crosser = Crosser(made, film)
    smokes = []
    for dx, dy, part in crosser.inside("smoke"):

        def source(t, dx=dx, dy=dy):
            shift = crosser.shift(t)
            return made.about["x"] + dx + shift[0], made.about["y"] + dy + shift[1]

        size, depth = part.about["size"], film.canvas.depth_of(made)
        smokes.append(Smoke(film, source, size, depth, film.seed + part.number, 1.3, 4.0))
    return [*smokes, crosser]


def smoke_of(made, film):
    """The smoke of a chimney, or of what floats."""
    about = made.about
    x, y, owner = about["x"], about["y"], made.parent
    depth = film.canvas.depth_of(owner or made)
    carried = film.carrier(owner)

    def source(t):
        return (x, y) if carried is None else tuple(carried(t) @ (x, y, 1))

    return Smoke(film, source, about["size"], depth, film.seed + made.number)


def _layer_item(layer, film):
    made, px = layer.element, film.px
    kind = made.kind if made is not None else ""
    if layer.flat:
        stormy = film.scene.weather == "storm" or film.scene.has("wave")
        waves = (1.9 if stormy else 1.0) if kind in ("water", "foam") else 0.0
        return Flat(layer, waves, px)
    if kind in _SUPPLE:
        x = made.get("x", layer.x + layer.rgba.shape[1] / 2)
        foot = (x, made.get("y", layer.y + layer.rgba.shape[0]))
        wind = 1.6 if kind == "fire" else film.wind
        return Swaying(layer, foot, wind * film.blows, _SUPPLE[kind], px)
    if kind == "person" and "kite" in made.get("subject").holds:
        foot = (made.about["x"], made.about["y"] - 0.9 * made.about["size"])
        return Swaying(layer, foot, (0.5 + film.wind) * film.blows, 0.045, px)
    if kind == "lightning":
        return Plate(layer, alpha=film.storm.flash)
    moves = _MOVES.get(kind)
    return Plate(layer, moves(layer, film) if moves else None)


def _afloat(layer, film):
    """What floats heaves and rolls; what sails or steams makes way."""
    made, about = layer.element, layer.element.about
    x, y = about["x"], about["y"]
    size = about.get("size", about.get("k", 100 * film.px))
    kind = made.kind
    sea = {"storm": 2.6, "rain": 1.5, "wind": 1.7}.get(film.scene.weather, 1.0)
    if film.scene.has("wave"):
        sea = 2.6
    p = made.number * 1.7
    heave = size * {"ship": 0.005, "whale": 0.02}.get(kind, 0.015) * sea
    roll = {"ship": 0.006, "whale": 0.03}.get(kind, 0.020) * sea
    flip = about.get("flip", about.get("d", 1)) or 1
    way = 0.0
    if kind in ("ship", "whale") or "tilt" not in about:
        way = flip * 0.009 * film.canvas.w * max(0.2, layer.depth + 0.15)
    if layer.element.draw is not None and "people" not in about and "vessel" in about:
        way = flip * 0.007 * film.canvas.w
    span = layer.rgba.shape[1]

    def move(t):
        past = t - film.duration_s / 2
        left = layer.x + way * past
        at, _ = lapped(left, -1.3 * span, film.canvas.w + 0.3 * span)
        up = heave * (math.sin(1.27 * t + p) + 0.45 * math.sin(2.03 * t + 2 * p))
        turn = roll * (math.sin(0.93 * t + p) + 0.4 * math.sin(1.71 * t + 3 * p))
        return turned(x, y, turn, at - layer.x, up)

    return move


def _rolling(layer, film):
    """A breaking sea of paper: it goes round, as water does when a wave passes."""
    about, p = layer.element.about, layer.element.about["x"] / film.canvas.w * 5.0
    w, h = about["width"], about["height"]
    lean = about["lean"]

    def move(t):
        a = 1.15 * t - p * lean
        lift = h * (0.13 * math.sin(a) + 0.05 * math.sin(1.73 * a + 1.0))
        return turned(
            about["x"], about["y"], 0.025 * lean * math.cos(a), lean * w * 0.055 * math.cos(a),
            -lift, 1.0, 1.0 + 0.10 * math.sin(a),
        )  # fmt: skip

    return move


def _breathing(layer, film):
    """Somebody who stands or sits: breath, and the weight that shifts."""
    about, p = layer.element.about, layer.element.number * 2.3
    x, y = about["x"], about["y"]
    deep = {"portrait": 0.006, "cat": 0.016, "beast": 0.010}.get(layer.element.kind, 0.0075)
    foot = max(y, layer.y + layer.rgba.shape[0]) if layer.element.kind == "portrait" else y

    def move(t):
        breath = math.sin(1.55 * t + p) + 0.25 * math.sin(3.1 * t + 2 * p)
        shift = math.sin(0.41 * t + p) * math.sin(0.27 * t + 1.0)
        return turned(x, foot, 0.012 * shift, 0, 0, 1 - 0.2 * deep * breath, 1 + deep * breath)

    return move


def _hanging(layer, film):
    about, p = layer.element.about, layer.element.number * 0.9
    x, y = about["x"], about["y"]

    def move(t):
        wind = gust(t + 0.11 * p, x / film.px, 0.6 + 0.7 * film.wind)
        return turned(x, y, 0.05 * film.blows * wind + 0.03 * math.sin(2.2 * t + p))

    return move


def _leaping(layer, film):
    """A fish: out of the water in an arc, and under it until the next leap."""
    about, p = layer.element.about, layer.element.number * 0.37
    x, y, size, flip = about["x"], about["y"], about["size"], about.get("flip", 1)

    def move(t):
        u = ((t / 2.9 + p) % 1.0) / 0.42
        if u >= 1:
            return turned(x, y, 0, 0, 10 * film.canvas.h)
        rise = 4 * u * (1 - u) * 0.9 * size
        return turned(
            x,
            y - 0.5 * size,
            flip * (2.1 * u - 1.0),
            flip * size * (u - 0.5) * 1.6,
            0.3 * size - rise,
        )

    return move


def _flaring(layer, film):
    """A small flame: it leans, stretches and shrinks."""
    about, p = layer.element.about, layer.element.number * 1.1
    x, y = about["x"], about["y"]

    def move(t):
        lean = 0.13 * math.sin(2.3 * t + p) * math.sin(0.9 * t) + 0.05 * math.sin(7.1 * t + p)
        tall = 0.10 * math.sin(5.3 * t + p) + 0.07 * math.sin(8.9 * t + 2 * p)
        return turned(x, y, lean, 0, 0, 1 - 0.5 * tall, 1 + tall)

    return move


_MOVES = {
    "boat": _afloat, "ship": _afloat, "afloat": _afloat, "whale": _afloat, "wave": _rolling,
    "person": _breathing, "cat": _breathing, "beast": _breathing, "portrait": _breathing,
    "hanging": _hanging, "fish": _leaping, "flame": _flaring,
}  # fmt: skip


def weather_items(film):
    """What falls, drifts or shines in front of everything."""
    scene, items = film.scene, []
    for made in film.canvas.items:
        if not isinstance(made, Layer):
            continue
        if made.element is not None and made.element.kind == "fire":
            x, y, s = (made.element.about[k] for k in ("x", "y", "s"))
            items.append(Embers(film, x, y - 0.2 * s, s, made.depth, film.seed + 88))
    if any(
        isinstance(m, Layer) and m.element and m.element.kind == "lightning"
        for m in film.canvas.items
    ):
        items.append(Flash(film.storm))
    if scene.interior:
        return [*items, Motes(film)]
    falling = {
        "rain": (Rain,), "storm": (Rain,), "snow": (Snow,), "fog": (Fog,), "wind": (WindLines,),
    }  # fmt: skip
    if scene.weather == "wind" and scene.shot == "close":
        falling = {}  # strokes of wind across a face are scratches
    items += [kind(film) for kind in falling.get(scene.weather, ())]
    if not film.canvas.pal.dark and scene.weather in ("clear", "cloudy", "wind"):
        items.append(CloudShadows(film))
        if scene.weather == "clear":
            items.append(Motes(film, 22))
    return items
