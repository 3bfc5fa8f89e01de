"""A face close to: it breathes, holds itself not quite still, and blinks."""

import math

from sketch_blend import warped_over
from sketch_chance import chance
from sketch_layers import lamplit, sprite
from sketch_motion import joined, placed, turned

_LIDS = (1.0, 0.5, 0.04)  # how far the eyes are open: open, half, shut
_BLINK_S = 0.24
_SPELL_S = 3.3  # about one blink in each


class Portrait:
    """Head and shoulders.

    Args:
        made: The portrait's Element.
        film: The Film.
    """

    def __init__(self, made, film):
        about, canvas = made.about, film.canvas
        self.made, self._seed = made, film.seed + 95
        self._x, self._foot = about["x"], about["y"] + 2.2 * about["size"]
        self._size = about["size"]
        self._depth = 0.75
        self._lids = []
        for open_eyes in _LIDS:

            def draw(cv, open_eyes=open_eyes):
                made.draw(cv, open_eyes=open_eyes)

            drawn = sprite(draw, canvas.w, canvas.h, canvas)
            for x, y, *rest in made.lamps:
                lamplit(drawn.rgba, x - drawn.x, y - drawn.y, *rest)
            self._lids.append(drawn)

    def blink(self, t):
        """How far the lids are closed at second t, 0 to 1."""
        spell = math.floor(t / _SPELL_S)
        start = spell * _SPELL_S + (0.1 + 0.8 * float(chance(self._seed, spell + 9, 1))) * (
            _SPELL_S - 2 * _BLINK_S
        )
        starts = [start]
        if float(chance(self._seed, spell + 9, 2)) < 0.25:  # twice in a row
            starts.append(start + 1.25 * _BLINK_S)
        return max(math.sin(math.pi * min(max((t - s) / _BLINK_S, 0), 1)) for s in starts)

    def move(self, t):
        """The 2 x 3 matrix, sheet to sheet, at second t."""
        breath = math.sin(1.5 * t) + 0.2 * math.sin(3.0 * t + 1)
        lean = math.sin(0.43 * t + 0.5) * math.sin(0.29 * t + 1.0) + 0.25 * math.sin(0.91 * t)
        turn = 0.012 * lean
        return turned(
            self._x, self._foot, turn, 0, -0.006 * self._size * breath, 1, 1 + 0.004 * breath
        )

    def draw(self, frame, moment):
        drawn = self._lids[min(2, int(self.blink(moment.t) * 2.6))]
        matrix = joined(moment.view.matrix(self._depth), self.move(moment.t))
        warped_over(frame, drawn.rgba, joined(matrix, placed(drawn)))
