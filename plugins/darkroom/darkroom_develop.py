"""From a picture file to the developed one: analyse, put the looks on, mix by strength, save.

Looks are put on at a working size, since strokes are a share of the frame; what was larger gets
them back band by band, with its own detail, so that memory is bounded.
"""

import cv2
import numpy as np
from darkroom_blueprint import blueprint
from darkroom_charcoal import charcoal
from darkroom_grades import bw, cool, faded, sepia, warm
from darkroom_ink import ink
from darkroom_night import golden, night
from darkroom_noir import noir
from darkroom_picture import open_picture
from darkroom_plate import Plate, blurred, luminance, mixed
from darkroom_seasons import autumn, spring, summer
from darkroom_watercolour import watercolour
from darkroom_winter import winter
from darkroom_words import MEDIA

WORK_PIXELS = 2_400_000  # a little above 1920x1080: such frames are worked at their own size
_BAND_ROWS = 256
_PUT_ON = {
    "spring": spring, "summer": summer, "autumn": autumn, "winter": winter, "golden": golden,
    "night": night, "noir": noir, "watercolour": watercolour, "charcoal": charcoal, "ink": ink,
    "blueprint": blueprint, "sepia": sepia, "bw": bw, "warm": warm, "cool": cool, "faded": faded,
}  # fmt: skip


def develop(source, target, looks, strength, seed, progress):
    """Put looks on the picture at `source` and write it to `target` as a PNG.

    Args:
        looks: The `Looks` of the prompt.
        strength: 0 leaves every sample as it is, 1 is the whole look.
        progress: Called with (percent, message); may raise to give up.

    Returns:
        Small JSON: width, height, looks, strength, seed.

    Raises:
        ValueError: The picture cannot be read or is too large.
    """
    progress(2, "reading the picture")
    picture = open_picture(source)
    if strength > 0:
        was_grey = picture.samples.ndim == 2
        picture.make_colour()
        small = _small(picture)
        look, lead = put_on(Plate(small, seed, looks), progress)
        progress(85, "mixing")
        _mix(picture, small, look, lead, strength, looks, progress)
        if was_grey:
            picture.make_grey()
    progress(93, "saving")
    picture.save(target)
    progress(99, "saved")
    about = {"width": picture.width, "height": picture.height, "looks": list(looks.names)}
    return {**about, "strength": strength, "seed": seed}


def put_on(plate, progress):
    """The looks put on a plate one after the other.

    Returns:
        (rgb, lead): float32 (height, width, 3), and (height, width), 0 to 1: what is to appear
        early as the strength rises, such as lines before the paper.
    """
    rgb, lead = plate.original, np.full((plate.height, plate.width), 0.5, np.float32)
    names = plate.looks.names
    for done, name in enumerate(names):
        progress(6 + 78 * done / len(names), name)
        made = _PUT_ON[name](plate, rgb)
        if name in MEDIA:
            made, lead = made
        rgb = np.clip(made, 0, 1).astype(np.float32, copy=False)
    return rgb, np.clip(lead, 0, 1)


def bias(strength, lead):
    """How far each pixel has come: from 0 to 1 with the strength, sooner where it leads.

    It rises at every strength and by at most three times as much, so nothing flips.
    Source: Schlick, "Fast Alternatives to Perlin's Bias and Gain Functions" (1994).
    """
    b = 0.25 + 0.5 * lead
    return strength / ((1 / b - 2) * (1 - strength) + 1)


def _small(picture):
    """The picture at working size, float32 RGB, its hidden colours grown from the visible ones."""
    scale = min(1.0, (WORK_PIXELS / (picture.width * picture.height)) ** 0.5)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    shrink = {"dsize": size, "interpolation": cv2.INTER_AREA}
    whole = scale == 1.0
    samples = picture.samples if whole else cv2.resize(picture.samples, **shrink)
    rgb = samples.astype(np.float32) / picture.top
    if picture.alpha is None:
        return rgb
    alpha = picture.alpha if whole else cv2.resize(picture.alpha, **shrink)
    return _grown(rgb, alpha.astype(np.float32) / picture.top)


def _grown(rgb, alpha):
    if float(alpha.max()) == 0:
        return rgb
    reach = max(2.0, min(alpha.shape) / 12)
    weight = blurred(alpha, reach)[..., None]
    near = blurred(rgb * alpha[..., None], reach)
    middle = (rgb * alpha[..., None]).sum(axis=(0, 1)) / alpha.sum()
    near = np.clip((near + 1e-3 * middle) / (np.maximum(weight, 0) + 1e-3), 0, 1)
    return mixed(near, rgb, np.minimum(alpha * 4, 1)).astype(np.float32)


def _mix(picture, small, look, lead, strength, looks, progress):
    """Move every sample of the picture towards the look."""
    same = small.shape[:2] == (picture.height, picture.width)
    drawn = bool(set(looks.names) & set(MEDIA))
    gain = np.clip((luminance(look) + 0.02) / (luminance(small) + 0.02), 0, 1.5)
    for first in range(0, picture.height, _BAND_ROWS):
        last = min(picture.height, first + _BAND_ROWS)
        given = picture.rgb(first, last)
        if same:
            wanted, ahead = look[first:last], lead[first:last]
        else:
            wanted, ahead = (_band(m, picture, first, last) for m in (look, lead))
            if not drawn:  # what was too fine for the working size, as bright as its surroundings
                detail = given - _band(small, picture, first, last)
                wanted = wanted + detail * _band(gain, picture, first, last)[..., None]
        amount = np.clip(bias(strength, np.clip(ahead, 0, 1)), 0, 1)
        picture.put(first, mixed(given, np.clip(wanted, 0, 1), amount))
        progress(85 + 8 * last / picture.height, f"row {last} of {picture.height}")


def _band(image, picture, first, last):
    """Some rows of an image enlarged to the picture's size."""
    height, width = image.shape[:2]
    sx, sy = width / picture.width, height / picture.height
    place = np.float32([[sx, 0, sx / 2 - 0.5], [0, sy, (first + 0.5) * sy - 0.5]])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    size = (picture.width, last - first)
    return cv2.warpAffine(image, place, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
