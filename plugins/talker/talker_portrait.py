"""A portrait as it fills the clip, the face in it, and the colours that its mouth is painted with."""

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from talker_cavity import Tones
from talker_face import face_of, frontality

_MAX_PIXELS = 100_000_000  # 300 MB as RGB: what the plugin's memory allows
_LONGEST_SIDE = 1920  # of a clip whose size was not asked for
_SMALLEST_SIDE = 64  # a face needs some pixels
_HEADROOM = 0.44  # where a face's middle stands in a picture cut to another shape, from the top
_SEARCH_PX = 1280  # faces are looked for in a copy of at most this size
_FRONTAL = 0.4  # nose to one cheek against nose to the other: less is nearly a profile
_SMALLEST_UNIT_PX = 3.0  # between the eyes, in the clip: less has no mouth to speak of


class NoFace(ValueError):
    """The portrait shows no face that could speak."""


def load_portrait(path):
    """The picture at `path`, upright RGB over white.

    Raises:
        ValueError: It is no picture, damaged, or too large.
    """
    Image.MAX_IMAGE_PIXELS = None  # the limit is checked here, with a message for people
    try:
        with Image.open(path) as file:
            if file.width * file.height > _MAX_PIXELS:
                size = f"{file.width}x{file.height}"
                raise ValueError(f"the portrait is too large ({size}); make it smaller first")
            file.load()
            picture = ImageOps.exif_transpose(file)
    except (UnidentifiedImageError, OSError, SyntaxError, EOFError) as error:
        raise ValueError(f"cannot read the portrait: {error}") from error
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        paper = Image.new("RGBA", layer.size, (255, 255, 255, 255))
        return Image.alpha_composite(paper, layer).convert("RGB")
    return picture.convert("RGB")


def clip_size(picture_size, width=0, height=0):
    """The clip's (width, height) in pixels, both even; 0 goes by the picture.

    Raises:
        ValueError: An odd size was asked for, or one too small.
    """
    for name, value in (("width", width), ("height", height)):
        if value and value < _SMALLEST_SIDE:
            raise ValueError(f"{name} is {value}; expected 0 or at least {_SMALLEST_SIDE}")
        if value % 2:
            raise ValueError(f"{name} is {value}; video sizes are even: {value - 1} or {value + 1}")
    pw, ph = picture_size
    if width and height:
        return width, height
    if width:
        return width, _even(ph * width / pw)
    if height:
        return _even(pw * height / ph), height
    scale = min(1.0, _LONGEST_SIDE / max(pw, ph))
    return _even(pw * scale), _even(ph * scale)


def _even(length):
    return max(_SMALLEST_SIDE, int(length + 1e-6) // 2 * 2)


def framed(picture, size, finder, check):
    """The portrait cut and scaled to the clip, with its face.

    Args:
        picture: PIL RGB.
        size: (width, height) of the clip.
        finder: A `FaceFinder`.
        check: Called often; raises to stop the work.

    Returns:
        (uint8 (height, width, 3), `Face`, how many faces the picture has).

    Raises:
        NoFace: None was found, or it is too small.
    """
    small = picture.copy()
    small.thumbnail((_SEARCH_PX, _SEARCH_PX), Image.Resampling.LANCZOS, reducing_gap=3.0)
    faces = finder.faces(np.asarray(small), check)
    if not faces:
        raise NoFace(
            "no face was found in the portrait; give one that shows a face from the front, upright, "
            "lit, and at least a tenth of the picture's height, or none for a drawn character"
        )
    if frontality(faces[0][1]) < _FRONTAL:
        raise NoFace(
            "the face in the portrait is turned too far aside to speak; give one that shows it from "
            "the front, or none for a drawn character"
        )
    ratio = picture.width / small.width
    points = faces[0][1] * ratio
    box, scale = _cut(picture.size, size, points.mean(axis=0))
    part = picture.resize(size, Image.Resampling.LANCZOS, box, reducing_gap=3.0)
    rgb = np.array(part)
    points = (points - box[:2]) * scale
    face = face_of(points, rgb)
    if face.unit_px < _SMALLEST_UNIT_PX:
        raise NoFace(
            f"the face in the portrait is too small to speak ({face.unit_px:.1f} pixels between the "
            "eyes in the clip); cut the portrait closer, or ask for a larger clip"
        )
    return rgb, face, len(faces)


def _cut(picture_size, size, middle):
    """(box of the picture that fills the clip, clip pixels to a picture pixel)."""
    (pw, ph), (w, h) = picture_size, size
    scale = max(w / pw, h / ph)
    bw, bh = w / scale, h / scale
    left = min(max(middle[0] - bw / 2, 0), pw - bw)
    top = min(max(middle[1] - bh * _HEADROOM, 0), ph - bh)
    return (left, top, left + bw, top + bh), scale


def tones_of(rgb, face):
    """The colours of the mouth's inside, taken from the picture's own lips, skin and light."""
    lips = _sampled(rgb, face, np.concatenate([face.lower_inner, face.lower_outer[::-1]]))
    cheeks = np.concatenate([_around(rgb, face, side * 0.62, 0.62, 0.16) for side in (-1, 1)])
    skin = np.median(cheeks, axis=0)
    bright = float(skin @ (0.3, 0.59, 0.11))
    lip = np.median(lips, axis=0)
    seam = _around(rgb, face, *face.mouth[:2], 0.06)
    dark = np.percentile(seam, 8, axis=0)
    contrast = 1 - float(dark.mean()) / max(float(skin.mean()), 1.0)
    teeth = np.array((1.0, 0.96, 0.88)) * min(242.0, 0.95 * bright + 62 * bright / (bright + 60))
    tongue = 0.5 * lip + 0.5 * np.array((0.84, 0.38, 0.38)) * bright
    return Tones(
        cavity=tuple(0.14 * lip * (1.0, 0.62, 0.62) + 4),
        teeth=tuple(teeth),
        tongue=tuple(0.72 * tongue),
        ink=tuple(np.minimum(dark, 0.5 * lip)),
        line_px=max(0.9, face.unit_px / 62),
        line_strength=float(np.clip(1.4 * contrast, 0.25, 0.9)),
    )


def _sampled(rgb, face, outline):
    """The pixels within an outline in face coordinates: (n, 3); its middle's where it is empty."""
    x, y = face.to_picture(outline[:, 0], outline[:, 1])
    mask = np.zeros(rgb.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.stack([x, y], axis=1).round().astype(np.int32)], 1)
    found = rgb[mask > 0]
    return found if len(found) else _around(rgb, face, *outline.mean(axis=0), 0.05)


def _around(rgb, face, u, v, reach):
    """The pixels around a place of the face: (n, 3)."""
    x, y = face.to_picture(u, v)
    r = max(1, round(reach * face.unit_px))
    h, w = rgb.shape[:2]
    x, y = int(np.clip(x, r, w - 1 - r)), int(np.clip(y, r, h - 1 - r))
    return rgb[y - r : y + r + 1, x - r : x + r + 1].reshape(-1, 3).astype(np.float64)
