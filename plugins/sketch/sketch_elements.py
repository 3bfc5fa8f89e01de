"""Elements: what the drawing functions draw, told apart so that each can move by itself.

`@element("tree")` before a drawing function names what it draws. On the plain `Canvas` of a still
that changes nothing; a `LayeredCanvas` keeps each element as a layer of its own, or leaves it to
the moving picture to draw it frame by frame.
"""

import copy
import inspect
from dataclasses import dataclass, field
from functools import wraps


@dataclass
class Element:
    """One thing that a drawing function was asked for.

    Attributes:
        kind: What it is: tree, boat, smoke.
        about: The drawing function's arguments by name, pixels of the sheet.
        number: Its place in the painter's order.
        parent: The element that it is drawn within, or None.
        draw: Draws it again, on any canvas: draw(canvas, **changed arguments).
        lamps: Lamplight that fell on the picture after it was drawn, as Canvas.lamplight takes it.
    """

    kind: str
    about: dict = field(repr=False)
    number: int = 0
    parent: "Element | None" = field(default=None, repr=False)
    draw: object = field(default=None, repr=False)
    lamps: list = field(default_factory=list, repr=False)

    def get(self, name, default=None):
        """An argument; the default where it is missing or None."""
        value = self.about.get(name)
        return default if value is None else value


def element(kind):
    """Name what the decorated drawing function draws.

    Args:
        kind: The element's kind. The function's first argument is a canvas, or a frame with a
            canvas as its `cv`. Where it returns a tuple that ends with a function, that function
            draws the rest of the same element.
    """

    def decorate(draw):
        signature = inspect.signature(draw)

        @wraps(draw)
        def drawn(target, *args, **kwargs):
            canvas = getattr(target, "cv", target)
            if not canvas.layered:
                return draw(target, *args, **kwargs)
            bound = signature.bind(target, *args, **kwargs)
            bound.apply_defaults()
            made = Element(kind, dict(bound.arguments), draw=_again(draw, bound))
            with canvas.element(made):
                result = draw(target, *args, **kwargs)
            if isinstance(result, tuple) and callable(result[-1]):
                return (*result[:-1], _resumed(canvas, made, result[-1]))
            return result

        return drawn

    return decorate


def _again(draw, bound):
    """The call as a function of a canvas and changed arguments, with the same random numbers."""
    given = dict(bound.arguments)
    first = next(iter(given))
    state = copy.deepcopy(given["rng"].bit_generator.state) if "rng" in given else None

    def repeat(canvas, **changed):
        arguments = {**given, **changed, first: canvas}
        if state is not None:
            arguments["rng"] = copy.deepcopy(given["rng"])
            arguments["rng"].bit_generator.state = copy.deepcopy(state)
        return draw(**arguments)

    return repeat


def _resumed(canvas, made, rest):
    def draw():
        with canvas.element(made):
            return rest()

    return draw
