"""The paper: washes, forms with light and shadow, ink lines, glows, grain.

A `Canvas` is RGB float32, planar (3, height, width), 0 to 1. Shapes are antialiased by drawing
each one larger in its own small box. Everything is deterministic for one random generator.
"""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from sketch_shapes import ribbon, spline


def noise(height, width, cell, rng, octaves=3):
    """Smooth noise, float32 (height, width), about -1 to 1; `cell` is the coarsest lump in px."""
    total = np.zeros((height, width), np.float32)
    amount, norm = 1.0, 0.0
    for _ in range(octaves):
        h, w = max(2, int(height / cell) + 2), max(2, int(width / cell) + 2)
        small = Image.fromarray(rng.uniform(-1, 1, (h, w)).astype(np.float32))
        total += amount * np.asarray(small.resize((width, height), Image.BICUBIC))
        norm += amount
        amount *= 0.55
        cell = max(2.0, cell / 2.3)
    return total / norm


def blurred(mask, radius):
    """A 0 to 1 mask, softened."""
    if radius < 0.3:
        return mask
    image = Image.fromarray((mask * 255).astype(np.uint8))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(float(radius))), np.float32) / 255


def shifted(mask, dx, dy):
    """The mask moved by whole pixels, nothing coming in at the edges."""
    out = np.zeros_like(mask)
    h, w = mask.shape
    dx, dy = int(np.clip(dx, -w, w)), int(np.clip(dy, -h, h))
    out[max(dy, 0) : h + min(dy, 0), max(dx, 0) : w + min(dx, 0)] = mask[
        max(-dy, 0) : h + min(-dy, 0), max(-dx, 0) : w + min(-dx, 0)
    ]
    return out


def column(colour):
    """A colour as (3, 1, 1)."""
    return np.asarray(colour, np.float32).reshape(3, 1, 1)


class Canvas:
    """What every drawing function draws on.

    Args:
        width, height: Pixels.
        rng: numpy Generator for the paper's own texture.
        palette: The `Palette` of the scene: its light, ink and tones.
    """

    layered = False  # whether elements are told apart, as a moving picture needs

    def __init__(self, width, height, rng, palette):
        self.w, self.h, self.pal = width, height, palette
        self.px = (width * height) ** 0.5 / 960.0  # 1.0 at 1280x720: the unit of line weights
        self.rgb = np.ones((3, height, width), np.float32)
        self.rgb *= column(palette.sky_low)
        self.lumps = noise(height, width, 130 * self.px, rng, 4)

    # -- masks -----------------------------------------------------------------------------

    def mask(self, polygons, pad=0):
        """Coverage of the polygons' union: (mask 0 to 1, box), or None outside the frame."""
        allp = np.concatenate(polygons)
        x0, y0 = np.floor(allp.min(axis=0)).astype(int) - pad - 1
        x1, y1 = np.ceil(allp.max(axis=0)).astype(int) + pad + 1
        x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, self.w), min(y1, self.h)
        if x1 <= x0 or y1 <= y0:
            return None
        w, h = x1 - x0, y1 - y0
        k = 4 if w * h < 20000 else 3 if w * h < 120000 else 2
        image = Image.new("L", (w * k, h * k))
        draw = ImageDraw.Draw(image)
        for p in polygons:
            if len(p) >= 3:
                q = (p - (x0, y0)) * k
                draw.polygon([tuple(v) for v in q.tolist()], fill=255)
        return np.asarray(image.reduce(k), np.float32) / 255, (x0, y0, x1, y1)

    def part(self, box):
        """The canvas inside a box, a view (3, h, w)."""
        x0, y0, x1, y1 = box
        return self.rgb[:, y0:y1, x0:x1]

    def lay(self, mask, box, colour, alpha=1.0):
        """Blend a colour ((3,) or planar) over the canvas through a mask."""
        area = self.part(box)
        colour = column(colour) if np.ndim(colour) == 1 else colour
        area += (colour - area) * (mask * alpha)[None]

    def fill(self, y0, y1, paint):
        """Replace whole rows, y0 to y1, by planar colours."""
        self.rgb[:, y0:y1] = paint

    def darken(self, mask, box, colour):
        """Multiply what is there by a colour, through a mask."""
        area = self.part(box)
        area *= 1 + (column(colour) - 1) * mask[None]

    def screen(self, mask, box, colour):
        """Add light of a colour to what is there, through a mask."""
        area = self.part(box)
        area += (1 - area) * column(colour) * mask[None]

    def keep(self):
        """What is on the sheet now, for `restore`."""
        return self.rgb.copy()

    def restore(self, kept, box):
        """Put back what was kept, but for what is inside the box."""
        inside = self.part(box).copy()
        self.rgb[:] = kept
        self.part(box)[:] = inside

    # -- washes ----------------------------------------------------------------------------

    def wash(self, polygons, colour, fade=0.0, alpha=1.0, to=None, texture=0.07, rim=0.12, raw=0):
        """A pigment wash: mottled, a little darker where it pooled at its rim.

        Args:
            polygons: One outline or a list of them (their union).
            colour: In daylight; the scene's light tones it, unless `raw`.
            fade: 0 near to 1 lost in the haze.
            to: The colour at the bottom, for a gradient.
            rim: How dark the pooled edge is.
        """
        made = self.mask(_many(polygons))
        if made is None:
            return
        mask, box = made
        tone = (lambda c, f: np.asarray(c, np.float32)) if raw else self.pal.tone
        paint = column(tone(colour, fade))
        if to is not None:
            allp = np.concatenate(_many(polygons))
            top, low = allp[:, 1].min(), allp[:, 1].max()
            t = (np.arange(box[1], box[3], dtype=np.float32) - top) / max(low - top, 1)
            t = np.clip(t, 0, 1)[None, :, None]
            paint = paint * (1 - t) + column(tone(to, fade)) * t
        lumps = self.lumps[box[1] : box[3], box[0] : box[2]]
        value = 1 + texture * (1 - 0.6 * fade) * lumps
        if rim:
            soft = blurred(mask, 3.2 * self.px)
            value = value - rim * (1 - 0.7 * fade) * np.clip(1.6 * (1 - soft), 0, 1)
        self.lay(mask, box, paint * value[None], alpha)

    def shade(self, polygons, strength=0.4, soft=0.0, colour=None):
        """A cast shadow: multiplies what is there by the scene's shadow colour."""
        made = self.mask(_many(polygons), pad=int(soft * 2))
        if made is None:
            return
        mask, box = made
        mask = blurred(mask, soft) * strength
        self.darken(mask, box, self.pal.shadow if colour is None else colour)

    def light(self, polygons, colour, strength=0.5, soft=0.0):
        """Light that falls through the polygons (screened over what is there)."""
        made = self.mask(_many(polygons), pad=int(soft * 2))
        if made is None:
            return
        mask, box = made
        self.screen(blurred(mask, soft) * strength, box, colour)

    def glow(self, x, y, radius, colour, strength=0.8, squash=1.0):
        """A light's halo, brightest in the middle."""
        x0, x1 = max(int(x - radius), 0), min(int(x + radius) + 1, self.w)
        y0, y1 = max(int(y - radius * squash), 0), min(int(y + radius * squash) + 1, self.h)
        if x1 <= x0 or y1 <= y0:
            return
        dx = (np.arange(x0, x1, dtype=np.float32) - x) / radius
        dy = (np.arange(y0, y1, dtype=np.float32) - y) / (radius * squash)
        r = np.sqrt(np.minimum(dx[None] ** 2 + dy[:, None] ** 2, 1))
        fall = (1 - r) ** 2 * (0.45 + 0.55 * (1 - r) ** 3)
        self.screen(fall * strength, (x0, y0, x1, y1), colour)

    def lamplight(self, x, y, radius, colour, gain=1.4, squash=1.0):
        """A lamp that brings out the colours of what stands around it."""
        x0, x1 = max(int(x - radius), 0), min(int(x + radius) + 1, self.w)
        y0, y1 = max(int(y - radius * squash), 0), min(int(y + radius * squash) + 1, self.h)
        if x1 <= x0 or y1 <= y0:
            return
        dx = (np.arange(x0, x1, dtype=np.float32) - x) / radius
        dy = (np.arange(y0, y1, dtype=np.float32) - y) / (radius * squash)
        fall = (1 - np.minimum(dx[None] ** 2 + dy[:, None] ** 2, 1)) ** 2 * gain
        area = self.rgb[:, y0:y1, x0:x1]
        for c in range(3):
            lit = area[c] * (1 + fall * colour[c])
            area[c] = np.where(
                lit > 0.8, np.maximum(area[c], 0.8 + 0.2 * (1 - np.exp((0.8 - lit) * 3))), lit
            )

    def veil(self, y0, y1, colour, strength, ragged=0.3):
        """A bank of mist between two heights, thickest in its middle."""
        a, b = max(int(y0), 0), min(int(y1), self.h)
        if b <= a:
            return
        t = (np.arange(a, b, dtype=np.float32) - y0) / max(y1 - y0, 1)
        band = (np.sin(np.pi * np.clip(t, 0, 1)) ** 1.5)[:, None] * strength
        band = np.clip(band * (1 + ragged * 2 * self.lumps[a:b]), 0, 1)
        self.lay(band, (0, a, self.w, b), np.asarray(colour, np.float32))

    # -- forms and lines -------------------------------------------------------------------

    def form(self, parts, fade=0.0, line=1.5, shadow=0.42, turn=0.22, inner=0.55, rim_light=0.0):
        """A solid thing: parts with a lit and a shadowed side, each contoured, then all of it.

        Args:
            parts: (outline or outlines, colour) in the order in which they cover each other.
            line: Weight of the outer contour at 1280x720; 0 for none.
            shadow: Depth of the shadow on the side away from the light.
            turn: How far the shadow reaches in, as a share of each part's thickness.
            inner: Weight of the parts' own contours, as a share of `line`.
        """
        pal, px = self.pal, self.px
        parts = [(_many(polygons), colour) for polygons, colour in parts]
        pad = int(4 * px + 2)
        whole = self.mask([p for polygons, _ in parts for p in polygons], pad)
        if whole is None:
            return
        union, box = whole
        fade_shadow = shadow * (1 - 0.75 * fade)
        for polygons, colour in parts:
            made = self.mask(polygons, 1)
            if made is None:
                continue
            mask, small = made
            allp = np.concatenate(polygons)
            thick = min(*np.ptp(allp, axis=0), 240 * px)
            reach = max(1.0, turn * thick)
            lx, ly = pal.light
            lit = shifted(mask, -round(lx * reach), -round(ly * reach * 0.7))
            core = blurred(mask * (1 - lit), min(reach * 0.22, 7 * px))
            lumps = self.lumps[small[1] : small[3], small[0] : small[2]]
            base = column(pal.tone(colour, fade)) * (1 + 0.06 * lumps)[None]
            base = base * (1 + (column(pal.shadow) - 1) * (core * fade_shadow * 1.6)[None])
            if rim_light:
                edge = mask * (1 - shifted(mask, round(lx * 2.2 * px), round(ly * 2 * px)))
                base = base + (column(pal.glow) - base) * (edge * rim_light)[None]
            self.lay(mask, small, base)
            if line and inner:
                self._contour(mask, small, line * inner, fade, 0.8)
        if line:
            self._contour(union, box, line, fade, 1.0)

    def _contour(self, mask, box, line, fade, strength):
        """Ink around a mask: thin on the light side, heavy on the shadow side, never even."""
        weight = line * self.px * (1 - 0.45 * fade)
        lx, ly = self.pal.light
        k = max(0.6, weight)
        heavy = shifted(mask, round(-lx * k), round(-ly * k))
        core = np.minimum(blurred(mask, 0.25 * k), heavy)
        edge = np.clip(blurred(mask, 0.5 * k) * 2.2 - core * 2.2, 0, 1)
        edge = edge * np.clip(blurred(mask, 0.35) * 3, 0, 1)
        inside = np.clip((1 - np.clip(blurred(mask, 0.75 * k) * 2 - 1, 0, 1)) * mask, 0, 1)
        edge = np.maximum(edge * 0.9, inside)
        lumps = self.lumps[box[1] : box[3], box[0] : box[2]]
        dry = np.clip(0.92 + 0.5 * lumps, 0.45, 1)
        self.lay(edge * dry, box, self.pal.line(fade), strength * (0.9 - 0.5 * fade))

    def strokes(self, lines, width=1.2, colour=None, alpha=0.85, fade=0.0, taper=True, smooth=True):
        """Ink lines drawn in one go: each a list of points; pressed in the middle, thin at the ends."""
        made = []
        press = (0.25, 0.8, 1.0, 0.75, 0.2) if taper else (1.0, 1.0)
        for line in lines:
            p = np.asarray(line, float).reshape(-1, 2)
            if len(p) < 2:
                continue
            if smooth and len(p) > 2:
                p = spline(p, closed=False, n=6)
            elif len(p) == 2:
                p = p[0] + (p[1] - p[0]) * np.linspace(0, 1, 5)[:, None]
            widths = np.array(press) * max(width * self.px, 0.5) + 0.25
            made.append(ribbon(p, widths))
        if not made:
            return
        result = self.mask(made)
        if result is None:
            return
        ink = self.pal.line(fade) if colour is None else colour
        self.lay(*result, np.asarray(ink, np.float32), alpha * (1 - 0.5 * fade))

    # -- the sheet -------------------------------------------------------------------------

    def finish(self, rng, grain=1.0, vignette=1.0):
        """Grain and vignette, then the picture: PIL RGB."""
        h, w = self.h, self.w
        y = np.linspace(-1, 1, h, dtype=np.float32)[:, None]
        x = np.linspace(-1, 1, w, dtype=np.float32)[None]
        value = 1 - 0.22 * vignette * np.clip((x * x + y * y) / 1.6 - 0.25, 0, 1) ** 1.2
        speck = rng.normal(0, 1, (h // 2 + 1, w // 2 + 1)).astype(np.float32)
        tooth = np.asarray(Image.fromarray(speck).resize((w, h), Image.BILINEAR))
        value *= 1 + grain * (0.022 * tooth + 0.012 * self.lumps)
        out = np.empty((h, w, 3), np.uint8)
        for c in range(3):
            out[:, :, c] = np.clip(self.rgb[c] * value * 255 + 0.5, 0, 255)
        level = np.arange(256) / 255
        curve = level**0.90 + 0.045 * np.sin(2 * np.pi * (level - 0.5))  # lift, then contrast
        curve = np.clip(curve * 255 + 0.5, 0, 255).astype(int).tolist()
        return Image.fromarray(out).point(curve * 3)


def _many(polygons):
    if isinstance(polygons, np.ndarray):
        return [polygons]
    return list(polygons)
