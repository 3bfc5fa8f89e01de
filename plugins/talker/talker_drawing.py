"""A drawn speaker before a drawn place: the layers that the puppet plays with, and where the face is."""

import zlib
from dataclasses import dataclass, replace

import cv2
import numpy as np
from talker_backdrop import backdrop
from talker_cavity import Tones
from talker_character import character
from talker_eyes import Eye
from talker_face import Face
from talker_hair import beard, before, behind, fall
from talker_head import EYE_X, EYE_Y, Head, draw_head, eye_edges, mouth_line
from talker_ink import Canvas
from talker_light import graded, light
from talker_palette import STYLES, mix
from talker_portrait import tones_of
from talker_wear import bust, glasses, hat
from talker_words import read

_LEAST_PX, _MOST_PX = (
    400 * 225,
    1080 * 1920,
)  # lines keep their weight in small frames; bounds memory
# How large the head is against the usual head and shoulders: a speaker is never far away.
_SHOT_SIZES = {"close": 1.22, "medium": 0.72, "wide": 0.6}
_SEED = 0x7FFFFFFF


@dataclass(frozen=True)
class Drawn:
    """What `drawn` makes.

    Attributes:
        ground: uint8 RGB, (height, width, 3).
        figure: uint8, (height, width, 4): RGB times alpha, and alpha.
        worn: The same of glasses, which stay as they are when the eyes below them blink; or None.
        face, tones: As `Puppet` takes them.
        about: Small JSON: who and where.
    """

    ground: np.ndarray
    figure: np.ndarray
    worn: np.ndarray | None
    face: Face
    tones: Tones
    about: dict


def drawn(prompt, name, seed, size, check=lambda: None):
    """Draw the speaker of a prompt.

    Args:
        prompt: Who speaks and where.
        name: Of the person, "" where only the prompt may tell it. Whoever is named looks the same,
            and stands in the same place, whatever the seed.
        seed: Another seed, another person and another drawing of the place, where nobody is named.
        size: (width, height) in pixels.
        check: Called between the parts; raises to stop the work.
    """
    role = read(prompt)
    name = (name or role.name).strip().casefold()
    who = name or f"seed {seed}"
    if name:
        seed = zlib.crc32(f"{name}|{role.place}|{role.time}|{role.weather}".encode())
    person = character(role, who)
    w, h = _sheet(*size)
    rng = np.random.default_rng([seed & _SEED, 11])
    side = (-1, 1)[rng.integers(2)]
    cv = Canvas(w, h, np.random.default_rng([seed & _SEED, 5]), light(role, side))
    backdrop(cv, role, rng)
    check()
    sheets = [cv.rgb.copy()]
    cv.begin_figure()
    head = _draw_figure(cv, person, who, _SHOT_SIZES.get(role.shot, 1.0))
    check()
    sheets.append(cv.rgb.copy())
    covers = [cv.cover]
    cv.begin_figure()
    glasses(cv, head, _line(cv, head))
    sheets.append(cv.rgb)
    covers.append(cv.cover)
    ground, plain, whole = (_finished(cv, sheet, role.drawing, seed) for sheet in sheets)
    check()
    face = _face(head)
    tones = _tones(plain, face, cv, person, role.drawing)
    layers = [ground, _layer(plain, ground, covers[0])]
    layers.append(_layer(whole, plain, covers[1]) if covers[1].any() else None)
    if person.mirrored:
        layers = [None if a is None else np.ascontiguousarray(a[:, ::-1]) for a in layers]
        face = _mirrored(face, w)
    layers, face = _scaled(layers, face, size)
    about = {"look": person.look, "place": role.place, "time": role.time}
    return Drawn(*layers, face, replace(tones, line_px=max(1.0, face.unit_px / 60)), about)


def _sheet(width, height):
    """The size at which a frame is drawn."""
    area, scale = width * height, 1.0
    if area < _LEAST_PX:
        scale = (_LEAST_PX / area) ** 0.5
    elif area > _MOST_PX:
        scale = (_MOST_PX / area) ** 0.5
    return max(16, round(width * scale)), max(16, round(height * scale))


def _draw_figure(cv, person, who, nearness):
    """Head and shoulders, `nearness` times as large as usual; returns the `Head`."""
    rng = np.random.default_rng([zlib.crc32(who.encode()), 3])
    size = min(cv.h * (0.50 if person.hat else 0.55), cv.w * 0.60)
    top = 0.51 if person.hat else 0.49 if person.style == "bun" else 0.45
    if cv.h > cv.w * 1.1:
        top = 0.42
    if person.child:
        top += 0.05
    size, top = size * nearness, top - 0.10 * (1 - nearness)
    f = Head(cv.w * 0.5, cv.h * top, size, person)
    line = _line(cv, f)
    behind(cv, f, rng, line)
    bust(cv, f, line)
    fall(cv, f, line)
    draw_head(cv, f, rng, line)
    beard(cv, f, rng, line)
    if person.hat != "scarf":
        before(cv, f, rng, line)
    hat(cv, f, line)
    return f


def _line(cv, f):
    return max(1.6, f.k * 2 / cv.px / 150)


def _finished(cv, sheet, drawing, seed):
    """A sheet graded, with paper's grain: uint8 RGB."""
    graded(sheet, drawing)
    return cv.finish(sheet, np.random.default_rng([seed & _SEED, 6]), STYLES[drawing][3])


def _layer(over, ground, cover):
    """What was drawn over a ground, as RGB times alpha and alpha, uint8 (height, width, 4)."""
    alpha = cover.clip(0, 1)[..., None]
    colour = over.astype(np.float32) - (1 - alpha) * ground
    return np.dstack(
        [np.minimum(colour.clip(0, 255), 255 * alpha) + 0.5, 255 * alpha + 0.5]
    ).astype(np.uint8)


def _face(f):
    """The face as drawn, in face coordinates."""
    eyes_px = f.at([(-EYE_X, EYE_Y), (EYE_X, EYE_Y)], True)
    origin, unit = eyes_px.mean(axis=0), float(eyes_px[1, 0] - eyes_px[0, 0])

    def local(points, features=True):
        return (f.at(points, features) - origin) / unit

    who = f.who
    half, seam = mouth_line(who)
    full = 0.075 * who.lips
    bow = np.interp(seam[:, 0], [-half, 0, half], [0, 1, 0])[:, None] * (0, 1)
    eyes = []
    for side in (-1, 1):
        upper, lower = eye_edges(who, side)
        eyes.append(Eye(local(upper), local(lower), tuple(local([(EYE_X * side, 0.39)])[0])))
    return Face(
        origin=origin, tilt=0.0, unit_px=unit,
        upper_outer=local(seam + bow * full), upper_inner=local(seam), lower_inner=local(seam),
        lower_outer=local(seam - bow * full * 1.2), eyes=tuple(eyes),
        chin_v=float(local([(0, -1.0 * who.chin)], False)[0, 1]),
        nose_v=float(local([(0, -0.335)])[0, 1]),
        top_v=float(local([(0, 0.62)], False)[0, 1]),
        half_width=0.64 * f.k / unit,
    )  # fmt: skip


def _tones(plain, face, cv, person, drawing):
    """The mouth's colours in the scene's light and style, its line with the pen's own ink."""
    bright = float(np.clip(cv.pal.tone(person.skin).mean() / 0.65, 0.55, 1.05)) + 0.12

    def toned(colour, strength=1.0):
        sheet = (np.asarray(colour, np.float32) * strength).clip(0, 0.97).reshape(3, 1, 1)
        graded(sheet, drawing)
        return tuple(float(c) * 255 for c in sheet.reshape(3))

    return replace(
        tones_of(plain, face),
        ink=toned(cv.pal.line()),
        tongue=toned(cv.pal.tone(mix(person.skin, (0.70, 0.26, 0.27), 0.75))),
        cavity=toned(cv.pal.tone((0.22, 0.09, 0.10))),
        teeth=toned(cv.pal.tone((0.95, 0.93, 0.87)), min(1.0, bright)),
        line_strength=0.9,
    )


def _mirrored(face, width):
    def flip(points):
        return points[::-1] * (-1, 1)

    eyes = tuple(
        Eye(flip(e.upper), flip(e.lower), (-e.brow[0], e.brow[1])) for e in reversed(face.eyes)
    )
    lines = ("upper_outer", "upper_inner", "lower_inner", "lower_outer")
    origin = np.array([width - 1 - face.origin[0], face.origin[1]])
    return replace(face, origin=origin, eyes=eyes, **{n: flip(getattr(face, n)) for n in lines})


def _scaled(layers, face, size):
    """Layers and face at the clip's size."""
    h, w = layers[0].shape[:2]
    if (w, h) == size:
        return layers, face
    way = cv2.INTER_AREA if size[0] < w else cv2.INTER_CUBIC
    layers = [None if a is None else cv2.resize(a, size, interpolation=way) for a in layers]
    scale = size[0] / w
    origin = (face.origin + 0.5) * scale - 0.5
    return layers, replace(face, origin=origin, unit_px=face.unit_px * scale)
