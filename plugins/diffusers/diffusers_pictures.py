"""Pictures on their way into and out of a model that draws sizes of its own."""

import math

from filmeto_plugin import PluginError
from PIL import Image, ImageOps

MOST_PX = 150_000_000  # 450 MB as RGB
LONGEST_SIDE_PX = 1920  # of a clip whose size was not asked for
STILL_MP, CLIP_MP = 1.05, 0.4  # what models draw that do not say: SDXL's kin, 832 x 480
# Latents are an eighth of the picture; transformers put patches of up to four of them together.
UNET_STEP_PX, TRANSFORMER_STEP_PX = 8, 32
PAPER = (255, 255, 255)  # what shows through a transparent picture


def given_picture(call):
    """The call's picture, upright, RGB.

    Raises:
        PluginError: "bad_input": there is none, or it cannot be read.
    """
    if len(call.inputs) != 1:
        told = f"{call.tool} needs one picture, got {len(call.inputs)} inputs"
        raise PluginError(told, code="bad_input")
    Image.MAX_IMAGE_PIXELS = None  # the limit is told below, in words
    try:
        with Image.open(call.inputs[0].path) as file:
            if file.width * file.height > MOST_PX:
                raise ValueError(f"{file.width} x {file.height} pixels are too many")
            file.load()
            upright = ImageOps.exif_transpose(file)
    except (OSError, SyntaxError, ValueError) as error:
        raise PluginError(f"the picture cannot be read: {error}", code="bad_input") from error
    if upright.has_transparency_data:
        layer = upright.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layer.size, PAPER), layer).convert("RGB")
    return upright.convert("RGB")


def asked_size(wanted, picture=None, even=False):
    """(width, height) in pixels: as asked; what is 0 goes by the picture.

    Args:
        wanted: The call's parameters.
        picture: The given one.
        even: For clips: no odd sizes, and without any wish no side above 1920.

    Raises:
        PluginError: "bad_input": an odd size was asked for a clip.
    """
    width, height = wanted.get("width") or 0, wanted.get("height") or 0
    for name, side in (("width", width), ("height", height)):
        if even and side % 2:
            told = f"{name}: clips have even sizes, got {side}; {side - 1} or {side + 1} will do"
            raise PluginError(told, code="bad_input", details={"field": name, "value": side})
    if picture is not None and not (width and height):
        across, down = picture.size
        most = min(1.0, LONGEST_SIDE_PX / max(across, down)) if even else 1.0
        scale = width / across if width else height / down if height else most
        width, height = width or across * scale, height or down * scale
    step = 2 if even else 1
    return tuple(max(16, int(side + 1e-6) // step * step) for side in (width, height))


def drawn_size(size, pipeline, megapixels, clip=False):
    """The size that the model draws for an asked one: its shape, no more pixels than it was made for."""
    across, down = size
    most_px = (megapixels * 1e6) or _native_px(pipeline) or (CLIP_MP if clip else STILL_MP) * 1e6
    scale = min(1.0, math.sqrt(most_px / (across * down)))
    transformer = getattr(pipeline, "transformer", None) is not None
    step = TRANSFORMER_STEP_PX if transformer else UNET_STEP_PX
    return tuple(max(step, math.ceil(side * scale / step - 0.01) * step) for side in size)


def _native_px(pipeline):
    """The pixels of the pictures that the model learnt from, None if it does not say."""
    worker = getattr(pipeline, "unet", None) or getattr(pipeline, "transformer", None)
    told = getattr(pipeline, "default_sample_size", None)
    told = told or getattr(getattr(worker, "config", None), "sample_size", None)
    sides = tuple(told) if isinstance(told, (list, tuple)) else (told, told)
    factor = getattr(pipeline, "vae_scale_factor", None)
    if not (factor and len(sides) == 2 and all(isinstance(side, int) and side for side in sides)):
        return None
    return sides[0] * sides[1] * factor * factor


def filled(picture, size):
    """The picture at exactly this size: scaled, what is over cut off around its middle."""
    if picture.size == tuple(size):
        return picture
    return ImageOps.fit(picture, tuple(size), Image.Resampling.LANCZOS)


def check_drawn(pictures):
    """Refuse what a model makes whose numbers ran over.

    Raises:
        PluginError: "black_picture".
    """
    if all(high == 0 for picture in pictures for _, high in picture.convert("RGB").getextrema()):
        told = "what the model drew is black: its numbers ran over. Take dtype: bfloat16 or float32"
        raise PluginError(told, code="black_picture")
