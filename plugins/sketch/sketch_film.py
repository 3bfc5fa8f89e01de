"""A prompt as a moving picture: its layers and what lives in it, composed frame by frame."""

from dataclasses import dataclass

import cv2
import numpy as np
from sketch_cast import in_front, item_of, left_behind, weather_items
from sketch_layers import LayeredCanvas
from sketch_live_light import Lights, Storm
from sketch_live_movers import moves_on
from sketch_live_smoke import puffs_of
from sketch_motion import Inside
from sketch_palette import palette
from sketch_scene import compose
from sketch_sheet import Sheet
from sketch_view import ROOM, View, view_of
from sketch_words import parse

_MOST_WORK_PX = 1080 * 1920  # larger frames are composed at this size and scaled up
# The sheet is finer than the frame, so that lines neither blur nor shimmer as they move ...
_FINENESS = 1.5
_MOST_SHEET_PX = 6_300_000  # ... up to this size, which bounds the memory
_LEAST_SHEET_PX = 400 * 225  # smaller, and lines would lose their weight
_WIND = {"storm": 2.2, "wind": 1.8, "rain": 1.1, "snow": 0.7, "cloudy": 0.7, "fog": 0.3}


@dataclass(frozen=True)
class Shot:
    """What is asked for.

    Attributes:
        prompt, negative_prompt, style: Words.
        size: (width, height) of the frames, px, both even.
        duration_s: The clip's length in seconds.
        motion: One of the camera's motions.
        seed: Another seed, another drawing.
    """

    prompt: str
    negative_prompt: str = ""
    style: str = ""
    size: tuple = (1280, 720)
    duration_s: float = 4.0
    motion: str = "static"
    seed: int = 0


@dataclass(frozen=True)
class Moment:
    """A second of the shot, and how the sheet is seen then.

    `rows`: of what lies flat, the sheet's row and depth for each row of the frame.
    """

    t: float
    view: View
    rows: tuple


class Film:
    """A shot that can be drawn at any second.

    Args:
        shot: A Shot.
        progress: Called with (percent, message) while the sheet is drawn.

    Attributes:
        canvas: The LayeredCanvas that it was drawn on.
        scene, seed, duration_s: As parsed and asked for.
        px: The sheet's unit of line weights; unit: its shorter side.
        wind: Strength; blows: 1 to the right, -1 to the left.
        pan: Where the camera turns, as `blows`; 0 where it does not.
        items: What is laid over each other, back to front.
    """

    def __init__(self, shot, progress=lambda percent, message: None):
        self.shot, self.duration_s = shot, shot.duration_s
        self.seed = shot.seed & 0x7FFFFFFF
        self.scene = parse(shot.prompt, shot.negative_prompt, shot.style)
        self.size = _work_size(shot.size)
        sheet, self.scale = _sheet_size(self.size, ROOM[shot.motion])
        side = (-1, 1)[np.random.default_rng([self.seed, 77]).integers(2)]
        pal = palette(self.scene, side)
        rng = np.random.default_rng([self.seed, 5])
        self.canvas = LayeredCanvas(*sheet, rng, pal, moves_on)
        compose(self.canvas, self.scene, shot.seed, progress)
        self.px, self.unit = self.canvas.px, min(sheet)
        self.wind = _WIND.get(self.scene.weather, 0.5)
        self.blows = (-1, 1)[np.random.default_rng([self.seed, 78]).integers(2)]
        self.pan = {"pan-right": 1, "pan-left": -1}.get(shot.motion, 0)
        self.puffs, self.storm = puffs_of(self.seed), Storm(self.seed)
        self.horizon_share = self.canvas.horizon / self.canvas.h
        progress(85, "what moves")
        self._build()
        rng = np.random.default_rng([self.seed, 6])
        self._sheet = Sheet(self.scene, self.size, shot.size, rng, self.canvas.lumps[::4, ::4])
        self._sheet_size = sheet
        self.canvas.release()

    def _build(self):
        self.items, self._moves = [], {}
        waiting = sorted(self.canvas.lights, key=lambda light: light.place)
        layers = self.canvas.layers()
        for place, made in enumerate(layers):
            if left_behind(layers, place):
                continue
            if waiting and waiting[0].place < place and in_front(made):
                self._shine([light for light in waiting if light.place < place])
                waiting = [light for light in waiting if light.place >= place]
            for item in item_of(made, self):
                inside = getattr(made, "about", {}).get("inside")
                self.items.append(item if inside is None else Inside(item, inside))
                owner = getattr(item, "made", None) or getattr(made, "element", None)
                if getattr(item, "move", None) is not None and owner is not None:
                    self._moves[owner.number] = item.move
                waiting += getattr(item, "lights", [])
        self._shine(waiting)
        self.items += weather_items(self)

    def _shine(self, lights):
        """Lights here, so that what comes after stands before them."""
        self.items.append(Lights(self, lights, self.carrier))

    def carrier(self, element):
        """The matrix of what moves an element at a second, or None."""
        while element is not None:
            if element.number in self._moves:
                return self._moves[element.number]
            element = element.parent
        return None

    def depths(self, y):
        """The depths, 0 to 1, of rows of the sheet on the ground or water."""
        return self.canvas.depths(y)

    def moment(self, t):
        """Second t of the shot."""
        view = view_of(
            self.shot.motion, t, self.duration_s, self._sheet_size, self.size, self.scale
        )
        return Moment(t, view, view.rows(self.depths, self._sheet_size[1]))

    def composed(self, t):
        """The frame at second t before style and paper: RGB, uint8, at the work size."""
        cv2.setNumThreads(1)  # frames are drawn side by side; OpenCV's own threads cost more
        frame = np.empty((self.size[1], self.size[0], 3), np.uint8)
        frame[:] = np.clip(np.asarray(self.canvas.pal.sky_low) * 255, 0, 255)
        moment = self.moment(t)
        for item in self.items:
            item.draw(frame, moment)
        return frame

    def frame(self, t):
        """The finished frame at second t: RGB, uint8, (height, width, 3)."""
        return self._sheet.finished(self.composed(t))

    def planes(self, t):
        """The finished frame at second t as planar yuv420p bytes."""
        return self._sheet.planes(self.composed(t))


def _work_size(size):
    area = size[0] * size[1]
    scale = min(1.0, (_MOST_WORK_PX / area) ** 0.5)
    return tuple(max(2, round(n * scale / 2) * 2) for n in size)


def _sheet_size(size, room):
    """((width, height) of the sheet, frame px to one of the sheet)."""
    area = size[0] * room[0] * size[1] * room[1]
    fine = min(_FINENESS, (_MOST_SHEET_PX / area) ** 0.5)
    fine = max(fine, (_LEAST_SHEET_PX / area) ** 0.5)
    return tuple(max(16, round(n * r * fine)) for n, r in zip(size, room, strict=True)), 1 / fine
