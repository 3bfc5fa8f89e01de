"""A picture file of any kind as upright RGB, the size of the clip made from it, and its focus."""

import io

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

_MAX_PIXELS = 150_000_000  # 450 MB as RGB: what the plugin's memory allows
_LONGEST_SIDE = 1920  # of a clip whose size was not asked for
_SMALLEST_SIDE = 16  # one macroblock: players refuse less
_PAPER = (255, 255, 255)  # what shows through a transparent picture
_REACH = 0.2  # of the picture's sides: what belongs to one subject
_FACE_WEIGHT = 2.0  # against detail and colour, whose mean is 1.5 together
_WIDE_GREY_MODES = ("I;16", "I;16L", "I;16B", "I;16N")


def load_picture(path):
    """The picture at `path`: turned as its EXIF says, sRGB, over white.

    Returns:
        A PIL image, RGB.

    Raises:
        ValueError: It is no picture, damaged, or too large.
    """
    # The limit is checked here, with a message for people; Pillow's own would be a warning.
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(path) as file:
            if file.width * file.height > _MAX_PIXELS:
                size = f"{file.width}x{file.height}"
                raise ValueError(f"the picture is too large ({size}); make it smaller first")
            file.load()
            return _rgb(ImageOps.exif_transpose(file))
    except (UnidentifiedImageError, OSError, SyntaxError, EOFError) as error:
        raise ValueError(f"cannot read the picture: {error}") from error


def _rgb(picture):
    if picture.mode in _WIDE_GREY_MODES or picture.mode in ("I", "F"):
        return _from_wide(picture)
    if "transparency" in picture.info or picture.mode in ("RGBA", "LA", "PA", "RGBa", "La"):
        layer = picture.convert("RGBA")
        paper = Image.new("RGBA", layer.size, (*_PAPER, 255))
        return _to_srgb(Image.alpha_composite(paper, layer).convert("RGB"), picture)
    if picture.mode == "CMYK":
        managed = _to_srgb(picture, picture)
        return managed if managed.mode == "RGB" else managed.convert("RGB")
    if picture.mode == "LAB":
        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(picture, lab, srgb, outputMode="RGB")
    return _to_srgb(picture.convert("RGB"), picture)


def _from_wide(picture):
    """16 and 32 bit greys and floats, brought to 8 bit by what their range seems to be."""
    grey = np.nan_to_num(np.asarray(picture, np.float64), posinf=0.0, neginf=0.0)
    low, high = float(grey.min()), float(grey.max())
    if picture.mode in _WIDE_GREY_MODES or (picture.mode == "I" and 0 <= low and high <= 65535):
        low, high = 0.0, 65535.0 if picture.mode != "I" or high > 255 else 255.0
    elif picture.mode == "F" and 0 <= low and high <= 255:
        low, high = 0.0, 1.0 if high <= 1 else 255.0
    grey = (grey - low) * (255.0 / max(high - low, 1e-9))
    return Image.fromarray(np.rint(grey).clip(0, 255).astype(np.uint8)).convert("RGB")


def _to_srgb(picture, source):
    """`picture` by its colour profile as sRGB; as it is where it has none or an unusable one."""
    profile = source.info.get("icc_profile")
    if not profile:
        return picture
    try:
        given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        srgb = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(picture, given, srgb, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return picture


def clip_size(picture_size, width=0, height=0):
    """The clip's (width, height) in pixels, both even.

    Args:
        picture_size: (width, height) of the picture.
        width, height: What was asked for; 0 means by the picture.

    Raises:
        ValueError: An odd size was asked for, or one below 16.
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


def focus_of(picture):
    """What the picture is about, as (x, y) from 0 to 1: where its detail and colour gather.

    It leans on the composer's habits: subjects stand near the middle, faces in the upper half; a
    picture without any centre of detail gets (0.5, 0.45).
    """
    small = picture.resize((48, 48), Image.Resampling.BOX)
    rgb = np.asarray(small, np.float64)
    grey = rgb.mean(axis=2)
    edges = np.hypot(*np.gradient(grey))
    colour = np.linalg.norm(rgb - np.median(rgb, axis=(0, 1)), axis=2)
    interest = edges / (edges.mean() + 1.0) + 0.5 * colour / (colour.mean() + 4.0)
    interest = _spread(interest + _FACE_WEIGHT * _skin(small))
    axis = (np.arange(48) + 0.5) / 48
    habit = np.outer(np.exp(-(((axis - 0.42) / 0.28) ** 2)), np.exp(-(((axis - 0.5) / 0.32) ** 2)))
    weight = (np.maximum(interest - np.percentile(interest, 50), 0) ** 2 + 1e-3) * habit
    # One subject rather than the void between two: the place with the most within reach of it.
    near = np.exp(-(((axis[:, None] - axis[None]) / _REACH) ** 2))
    row, column = np.unravel_index(int(np.argmax(near @ weight @ near)), weight.shape)
    x, y = _middle(weight * np.outer(near[row], near[column]))
    all_x, all_y = _middle(weight)
    x, y = 0.65 * x + 0.35 * all_x, 0.65 * y + 0.35 * all_y
    return round(x, 4), round(0.7 * y + 0.3 * 0.45, 4)


def _middle(weight):
    """The centre of a map of weights, as (x, y) from 0 to 1."""
    axis = (np.arange(len(weight)) + 0.5) / len(weight)
    whole = weight.sum()
    return float(weight.sum(axis=0) @ axis / whole), float(weight.sum(axis=1) @ axis / whole)


def _skin(small):
    """1 where the colour is that of skin, if there is as much of it as a face or two would show."""
    _, blue, red = np.moveaxis(np.asarray(small.convert("YCbCr"), np.int16), 2, 0)
    skin = (blue > 84) & (blue < 124) & (red > 138) & (red < 162)
    return skin * float(0.002 < skin.mean() < 0.25)


def _spread(values):
    """A soft blur of a small map, edges repeated: (48, 48) float in and out."""
    for _ in range(3):
        padded = np.pad(values, 2, mode="edge")
        rows = sum(padded[i : i + values.shape[0]] for i in range(5))
        values = sum(rows[:, i : i + values.shape[1]] for i in range(5)) / 25
    return values
