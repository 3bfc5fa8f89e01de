"""A canvas that keeps what is drawn on it as layers, back to front, each with its transparency.

Every way of drawing covers, darkens or lights what is under it, so that a layer is known from two
things: how much of what is under it still shows (`through`), and what it adds. Laid over one another
at rest, the layers are the still picture; what a layer hides is painted, so that it may move.
"""

from contextlib import contextmanager
from dataclasses import dataclass, replace

import cv2
import numpy as np
from sketch_elements import Element
from sketch_ink import Canvas

# Drawn anew in every frame, by sketch_live and what it calls; on the sheet they leave no mark.
LIVE = {
    "weather", "clouds", "stars", "ripples", "glint", "flock", "smoke", "beams", "leaves",
    "fireflies", "fireworks", "butterflies", "spray", "wheels", "sails", "rings",
    "outside",
}  # fmt: skip
# Their halos are left to the moving picture wholly, else for the part that flickers.
WHOLLY_LIVE = {"hanging"}
# Never moved by themselves: neighbours in the order and in depth share a layer.
STILL = {"thing", "lying", "mountains", "hills", "facade"}
_GAP_PX = 80
_MARGIN = 2  # transparent px around a layer, so that its repeated border is transparent


@dataclass
class Layer:
    """Part of the picture. rgba: uint8, premultiplied; x, y: where its corner is on the sheet."""

    rgba: np.ndarray
    x: int
    y: int
    element: Element | None
    depth: float
    flat: bool = False  # lies on the ground or the water: its depth changes from row to row


@dataclass
class Light:
    """A glow. Pixels of the sheet; colour 0 to 1.

    `element` is what carries it; `place` the number of items that were done when it was drawn.
    """

    x: float
    y: float
    radius: float
    colour: tuple
    strength: float
    squash: float
    element: Element | None
    place: int
    depth: float


class LayeredCanvas(Canvas):
    """A canvas whose layers can be had: `layers()`.

    Args:
        width, height, rng, palette: As a Canvas has them.
        walks: Tells of an element whether it is drawn anew in every frame, too.
    """

    layered = True

    def __init__(self, width, height, rng, palette, walks=lambda element: False):
        super().__init__(width, height, rng, palette)
        self.items, self.lights = [], []
        self.horizon, self.front = height * 0.56, float(height)
        self._walks = walks
        self._stack, self._muted, self._count = [], 0, 0
        self._before = self.rgb.copy()
        self._through = np.ones((height, width), np.float32)
        self._dirty = None  # x0, y0, x1, y1
        self._key, self._open_element = None, None

    # -- elements --------------------------------------------------------------------------

    @contextmanager
    def element(self, made):
        """What is drawn inside belongs to this element, or to the one around it."""
        made.parent = self._stack[0] if self._stack else None
        if not made.number:
            self._count += 1
            made.number = self._count
        if made.kind in ("sky", "water", "ground"):
            self.horizon = float(made.about["horizon"])
        live = made.kind in LIVE or (not self._stack and self._walks(made))
        if live and not self._muted:
            self.close()
            self.items.append(made)
        self._stack.append(made)
        self._muted += live
        try:
            yield
        finally:
            self._stack.pop()
            self._muted -= live

    def depth_at(self, y):
        """How near, 0 to 1, what stands on the ground at row y is."""
        return float(np.clip((y - self.horizon) / max(self.front - self.horizon, 1), 0.06, 1))

    def depth_of(self, made):
        """How near an element is."""
        if made is None:
            return 0.5
        fade = made.about.get("fade")
        if made.kind in ("sky", "clouds", "stars", "fireworks"):
            return 0.0
        if made.kind == "mountains":
            return 0.05
        if fade is None and "z0" in made.about:  # along a street, z metres away
            fade = np.clip((made.about["z0"] - 2) / 30, 0, 0.72)
        if made.kind in ("hills", "facade"):
            return float(np.clip(1 - (0.6 if fade is None else fade), 0.08, 1)) ** 1.5
        if made.kind in ("flock", "plane", "balloon", "lightning"):
            return 0.15 if fade is None else 0.3 * (1 - fade)
        y = made.about.get("y", made.about.get("base"))
        if y is None:
            return 0.5 if fade is None else float(np.clip(1 - fade, 0.06, 1))
        return self.depth_at(float(y))

    def depths(self, y):
        """`depth_at` for an array of rows."""
        span = max(self.front - self.horizon, 1)
        return np.clip((np.asarray(y, float) - self.horizon) / span, 0.06, 1)

    def release(self):
        """Give back the memory that only drawing needs."""
        self.close()
        self.rgb = self._before = self._through = None

    def layers(self):
        """Everything, back to front: Layers, and Elements that are drawn live."""
        self.close()
        return self.items

    # -- drawing ---------------------------------------------------------------------------

    def fill(self, y0, y1, paint):
        if self._begin((0, y0, self.w, y1)):
            super().fill(y0, y1, paint)
            self._through[y0:y1] = 0

    def lay(self, mask, box, colour, alpha=1.0):
        if self._begin(box):
            super().lay(mask, box, colour, alpha)
            self._hide(box, mask * alpha)

    def darken(self, mask, box, colour):
        if self._begin(box):
            super().darken(mask, box, colour)
            # A shadow that moves on takes no more of its colour along than it must.
            self._hide(box, mask * (1 - sum(colour) / 3))

    def screen(self, mask, box, colour):
        if self._begin(box):
            super().screen(mask, box, colour)
            self._hide(box, mask * max(colour))

    def glow(self, x, y, radius, colour, strength=0.8, squash=1.0):
        """A halo; most of it is steady, and the rest is left to flicker."""
        if self._muted:
            return
        outer = self._stack[0] if self._stack else None
        inner = self._stack[-1] if self._stack else None
        steady = 1.0
        if inner is None or inner.kind not in ("sky", "disc", "lightning"):
            steady = 0.0 if inner is not None and inner.kind in WHOLLY_LIVE else 0.72
            light = (x, y, radius, colour, strength, squash)
            self.lights.append(Light(*light, inner, len(self.items), self.depth_of(outer)))
        if steady:
            super().glow(x, y, radius, colour, strength * steady, squash)

    def lamplight(self, x, y, radius, colour, gain=1.4, squash=1.0):
        """Bring out the colours of what stands around, each in its own layer."""
        if self._muted:
            return
        self.close()
        made = (x, y, radius, colour, gain, squash)
        for item in self.items:
            if isinstance(item, Layer):
                lamplit(item.rgba, *made, at=(item.x, item.y))
            else:
                item.lamps.append(made)
        super().lamplight(*made)
        self._before[:] = self.rgb

    def keep(self):
        self.close()
        return super().keep(), len(self.items)

    def restore(self, kept, box):
        """Cut what was drawn since `keep` to the box."""
        self.close()
        rgb, first = kept
        x0, y0, x1, y1 = box
        for layer in self.items[first:]:
            if isinstance(layer, Layer):
                _cut(layer, box)
            else:
                layer.about["inside"] = tuple(box)
        super().restore(rgb, box)
        self._before[:] = self.rgb

    # -- layers ----------------------------------------------------------------------------

    def _begin(self, box):
        """Make ready to draw in the box; False where nothing is to be drawn."""
        if self._muted or box[2] <= box[0] or box[3] <= box[1]:
            return False
        outer = self._stack[0] if self._stack else None
        key = self._layer_key(outer)
        if key != self._key:
            self.close()
            self._key, self._open_element = key, outer
        if self._dirty is None:
            self._dirty = box
        else:
            a, b = self._dirty, box
            self._dirty = (
                min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])
            )  # fmt: skip
        return True

    def _layer_key(self, outer):
        if outer is None:
            return ("plain",)
        if outer.kind in STILL:
            return (outer.kind, round(self.depth_of(outer) * 6))
        return (outer.kind, outer.number)

    def _hide(self, box, amount):
        x0, y0, x1, y1 = box
        self._through[y0:y1, x0:x1] *= 1 - amount

    def _inside(self, box):
        x0, y0, x1, y1 = (int(v) for v in box)
        return max(x0, 0), max(y0, 0), min(x1 + 1, self.w), min(y1 + 1, self.h)

    def close(self):
        """End the open layer."""
        if self._dirty is not None:
            x0, y0, x1, y1 = box = self._inside(self._dirty)
            through = self._through[y0:y1, x0:x1]
            before = self._before[:, y0:y1, x0:x1]
            adds = self.part(box) - before * through[None]
            rgba = np.empty((y1 - y0, x1 - x0, 4), np.float32)
            rgba[..., :3] = np.moveaxis(adds, 0, 2)
            rgba[..., 3] = 1 - through
            made = self._open_element
            flat = made is None or made.kind in ("water", "ground", "lying", "foam")
            layer = Layer(rgba, x0, y0, made, self.depth_of(made), flat)
            if made is None and y0 < self.horizon - 0.03 * self.h:  # it stands
                layer.flat, layer.depth = False, self.depth_at(y1)
            _finished(layer, self.w, self.h)
            self.items += _apart(layer)
            before[:] = self.part(box)
            through[:] = 1
        self._dirty, self._key, self._open_element = None, None, None


def _finished(layer, width, height):
    """8 bits, with a transparent margin where it ends before the sheet does."""
    rgba = np.clip(layer.rgba * 255 + 0.5, 0, 255).astype(np.uint8)
    h, w = rgba.shape[:2]
    m = _MARGIN
    left, top = m * (layer.x > 0), m * (layer.y > 0)
    right, bottom = m * (layer.x + w < width), m * (layer.y + h < height)
    layer.rgba = cv2.copyMakeBorder(rgba, top, bottom, left, right, cv2.BORDER_CONSTANT)
    layer.x, layer.y = layer.x - left, layer.y - top


def _apart(layer):
    """The layer in pieces, where wide gaps lie between them: gaps cost as much as pictures."""
    shown = np.flatnonzero(layer.rgba.max(axis=(0, 2)))
    breaks = np.flatnonzero(np.diff(shown) > _GAP_PX)
    if not len(breaks) or layer.element is not None and layer.element.kind not in STILL:
        return [layer]
    pieces = []
    for part in np.split(shown, breaks + 1):
        x0, x1 = max(part[0] - _MARGIN, 0), min(part[-1] + _MARGIN + 1, layer.rgba.shape[1])
        rgba = np.ascontiguousarray(layer.rgba[:, x0:x1])
        pieces.append(replace(layer, rgba=rgba, x=layer.x + int(x0)))
    return pieces


def _cut(layer, box):
    """Nothing of the layer outside the box."""
    x0, y0, x1, y1 = box
    h, w = layer.rgba.shape[:2]
    seen = np.zeros((h, w), bool)
    seen[
        max(0, y0 - layer.y) : max(0, y1 - layer.y), max(0, x0 - layer.x) : max(0, x1 - layer.x)
    ] = 1
    layer.rgba[~seen] = 0


def lamplit(rgba, x, y, radius, colour, gain, squash, at=(0, 0)):
    """Light a premultiplied picture, whose corner is `at`, as Canvas.lamplight lights a sheet."""
    h, w = rgba.shape[:2]
    x, y = x - at[0], y - at[1]
    x0, x1 = max(int(x - radius), 0), min(int(x + radius) + 1, w)
    y0, y1 = max(int(y - radius * squash), 0), min(int(y + radius * squash) + 1, h)
    if x1 <= x0 or y1 <= y0:
        return
    dx = (np.arange(x0, x1, dtype=np.float32) - x) / radius
    dy = (np.arange(y0, y1, dtype=np.float32) - y) / (radius * squash)
    fall = (1 - np.minimum(dx[None] ** 2 + dy[:, None] ** 2, 1)) ** 2 * gain
    part = rgba[y0:y1, x0:x1]
    solid = np.maximum(part[..., 3], 1).astype(np.float32)
    for c in range(3):
        was = part[..., c] / solid
        lit = was * (1 + fall * colour[c])
        soft = np.maximum(was, 0.8 + 0.2 * (1 - np.exp((0.8 - lit) * 3)))
        part[..., c] = np.clip(np.where(lit > 0.8, soft, lit) * solid + 0.5, 0, 255)


def merged(canvas):
    """A canvas's layers laid over each other: premultiplied RGBA, uint8, (height, width, 4)."""
    whole = np.zeros((canvas.h, canvas.w, 4), np.uint8)
    for layer in canvas.layers():
        if isinstance(layer, Element):
            continue
        part = layer.rgba
        x0, y0 = max(layer.x, 0), max(layer.y, 0)
        part = part[y0 - layer.y : canvas.h - layer.y, x0 - layer.x : canvas.w - layer.x]
        area = whole[y0 : y0 + part.shape[0], x0 : x0 + part.shape[1]]
        shows = cv2.merge([cv2.bitwise_not(cv2.extractChannel(part, 3))] * 4)
        area[:] = cv2.add(cv2.multiply(area, shows, scale=1 / 255), part)
    return whole


@dataclass
class Sprite:
    """One thing by itself.

    rgba: uint8, premultiplied, no larger than it must be; x, y: where its corner is on what was
    drawn; parts, lights: what in it moves by itself.
    """

    rgba: np.ndarray
    x: int
    y: int
    parts: list
    lights: list


def sprite(draw, width, height, like):
    """One drawing by itself.

    Args:
        draw: Called with a canvas of that size.
        width, height: Pixels.
        like: The canvas whose palette and line weights it has.
    """
    canvas = LayeredCanvas(width, height, np.random.default_rng(0), like.pal)
    canvas.px, canvas.horizon, canvas.front = like.px, like.horizon, like.front
    canvas.rgb[:] = np.asarray(like.pal.haze, np.float32).reshape(3, 1, 1)
    canvas._before[:] = canvas.rgb
    with canvas.element(Element("sprite", {})):
        draw(canvas)
    whole = merged(canvas)
    x0, y0, x1, y1 = _seen(whole)
    parts = [item for item in canvas.items if isinstance(item, Element)]
    return Sprite(whole[y0:y1, x0:x1].copy(), x0, y0, parts, canvas.lights)


def _seen(rgba):
    """The box outside which a picture is transparent, with a margin."""
    shown = rgba.max(axis=2)
    columns, rows = np.flatnonzero(shown.any(axis=0)), np.flatnonzero(shown.any(axis=1))
    if not len(columns):
        return 0, 0, 1, 1
    h, w = shown.shape
    x0, y0 = max(columns[0] - _MARGIN, 0), max(rows[0] - _MARGIN, 0)
    return (
        int(x0),
        int(y0),
        int(min(columns[-1] + _MARGIN + 1, w)),
        int(min(rows[-1] + _MARGIN + 1, h)),
    )
