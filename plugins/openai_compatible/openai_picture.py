"""Pictures on their way to and from a model that has sizes of its own."""

import io
import math

import openai_settings as settings
from filmeto_plugin import PluginError
from PIL import Image, ImageOps

LARGEST_SIDE_PX = 2048  # of a picture that is sent; models look at less
LARGEST_PX = 100_000_000  # of one that is read: more is no picture for a film


def nearest(sizes, width, height):
    """The size that a model makes which loses least when it is brought to the asked one.

    Args:
        sizes: (width, height) in pixels, or settings.ANY: every multiple of 16.
        width, height: Asked, in pixels.
    """
    if sizes == settings.ANY:
        return tuple(
            math.ceil(side / settings.STEP_PX) * settings.STEP_PX for side in (width, height)
        )

    def loss(size):
        shape = abs(math.log(size[0] / size[1] * height / width))
        enough = min(size[0] / width, size[1] / height)
        return (round(shape, 3), max(0.0, -math.log(enough)), size[0] * size[1])

    return min(sizes, key=loss)


def opened(data):
    """A picture from bytes or a path, decoded whole: turned as its EXIF says, RGB or RGBA.

    Raises:
        ValueError: It is none, is cut short, or is beyond 100 megapixels.
    """
    try:
        with Image.open(io.BytesIO(data) if isinstance(data, bytes) else data) as picture:
            if picture.width * picture.height > LARGEST_PX:
                raise ValueError(f"{picture.width} x {picture.height} pixels are too many")
            picture.load()
            turned = ImageOps.exif_transpose(picture)
            return turned.convert("RGBA" if turned.has_transparency_data else "RGB")
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(str(error)) from error


def filled(picture, width, height):
    """The picture at exactly this size: cropped around its middle, never stretched."""
    if picture.size == (width, height):
        return picture
    return ImageOps.fit(picture, (width, height), Image.Resampling.LANCZOS)


def given(call, index=0):
    """An input of the call, opened.

    Raises:
        PluginError: It is not there, or no picture.
    """
    if len(call.inputs) <= index:
        told = f"{call.tool} needs a picture, got {len(call.inputs)} inputs"
        raise PluginError(told, code="bad_input")
    try:
        return opened(call.inputs[index].path)
    except ValueError as error:
        raise PluginError(f"input {index + 1} is no picture: {error}", code="bad_input") from error


def as_png(picture):
    """Its bytes as PNG, no side above 2048 pixels."""
    sent = picture.copy()
    sent.thumbnail((LARGEST_SIDE_PX, LARGEST_SIDE_PX), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    sent.save(file, "PNG")
    return file.getvalue()
