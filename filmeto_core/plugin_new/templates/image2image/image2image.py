"""image2image: the given picture in flat colours and drawn edges, tinted."""

import random

from filmeto_plugin import Output, PluginError
from PIL import Image, ImageChops, ImageFilter, ImageOps, UnidentifiedImageError

COLOUR_BITS = 3  # of each channel: flat surfaces, as if cut from paper


def image2image(call):
    """Repaint the first input; `call.inputs` are local files, to be read only."""
    wanted = call.parameters
    if not call.inputs:
        raise PluginError("there is no picture; give one as the first input", code="no_picture")
    picture = opened(call.inputs[0].path)
    call.progress(20, "opened")
    painted = picture
    for step, paint in enumerate((flatten, draw_edges)):
        call.check_cancelled()  # ends the call here if its caller gave up
        painted = paint(painted)
        call.progress(40 + 20 * step, paint.__name__.replace("_", " "))
    painted = tint(painted, random.Random(f"{wanted['prompt']}|{wanted['seed']}"))
    path = call.output("picture.png")
    Image.blend(picture, painted, wanted["strength"]).save(path)
    call.progress(100, "saved")
    width, height = picture.size
    return Output(path, "image/png", {"width": width, "height": height, "seed": wanted["seed"]})


def opened(path):
    """The picture, upright, RGB."""
    try:
        with Image.open(path) as file:
            return ImageOps.exif_transpose(file).convert("RGB")
    except (UnidentifiedImageError, OSError) as error:
        raise PluginError(f"the picture cannot be read: {error}", code="bad_picture") from error


def flatten(picture):
    """Few colours, in calm surfaces."""
    return ImageOps.posterize(picture.filter(ImageFilter.MedianFilter(5)), COLOUR_BITS)


def draw_edges(picture):
    """Dark lines where surfaces meet."""
    edges = ImageOps.invert(picture.filter(ImageFilter.FIND_EDGES).convert("L"))
    return ImageChops.multiply(picture, edges.convert("RGB"))


def tint(picture, chance):
    """The picture between a dark and a light colour, half and half with its own."""
    dark = tuple(chance.randint(0, 70) for _ in range(3))
    light = tuple(chance.randint(190, 255) for _ in range(3))
    return Image.blend(picture, ImageOps.colorize(picture.convert("L"), dark, light), 0.5)
