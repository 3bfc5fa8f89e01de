"""Who speaks and where: a portrait's face, or a drawn character before a drawn place."""

import numpy as np
from talker_drawing import drawn
from talker_portrait import clip_size, framed, load_portrait, tones_of
from talker_puppet import Puppet

_DRAWN_SIZE = (1280, 720)  # where no size was asked for and no portrait tells one


class Stage:
    """What a call asks to see.

    Args:
        finder: A `FaceFinder`.
        given: The call's parameters.
        portrait: Path of a picture, or None for a drawn character.
        check: Called often; raises to stop the work.

    Attributes:
        size: (width, height) of the clip.
        about: What the metadata tells of who speaks; whole once `puppet` was called.
    """

    def __init__(self, finder, given, portrait, check):
        self._finder, self._given, self._check = finder, given, check
        self._picture = load_portrait(portrait) if portrait else None
        shape = self._picture.size if self._picture else _DRAWN_SIZE
        self.size = clip_size(shape, given.get("width", 0), given.get("height", 0))
        self.about = {}

    def puppet(self):
        """The `Puppet` that plays.

        Raises:
            NoFace: The portrait shows none.
        """
        if self._picture is None:
            return self._drawn()
        rgb, face, count = framed(self._picture, self.size, self._finder, self._check)
        self._picture = None  # no longer needed, and perhaps large
        self.about = {"face": "portrait", "faces_found": count}
        if count > 1:
            self.about["note"] = f"the portrait shows {count} faces; the largest one speaks"
        return Puppet(np.ascontiguousarray(rgb), face, tones_of(rgb, face))

    def _drawn(self):
        given = self._given
        name, seed = given.get("character", ""), given.get("seed", 0)
        made = drawn(given.get("prompt", ""), name, seed, self.size, self._check)
        self.about = {"face": "drawn", **made.about}
        return Puppet(made.figure, made.face, made.tones, made.ground, made.worn)
