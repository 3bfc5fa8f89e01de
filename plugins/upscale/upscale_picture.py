"""A picture file enlarged into a PNG: upright, its transparency and colour profile kept."""

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from upscale_tiles import enlarge

MOST_PIXELS = 100_000_000  # of what is made: more than filmeto takes as a picture
_GROWN_PX = 16  # how far visible colours grow under what is transparent: within a network's sight


class TooLarge(ValueError):
    """The result would have more than MOST_PIXELS; `limit` says how many may be asked."""

    def __init__(self, message):
        super().__init__(message)
        self.limit = MOST_PIXELS


def enlarge_file(source, target, network, tile_px, strength, progress, between):
    """Enlarge the picture at `source` into a PNG at `target`.

    Args:
        progress: Called with (percent, message) after each tile; may raise to give up.
        The others as `upscale_tiles.enlarge` has them.

    Returns:
        Small JSON: width, height, scale.

    Raises:
        ValueError: The picture cannot be read.
        TooLarge: The result would have too many pixels.
    """
    progress(1, "reading the picture")
    scale = network.scale
    picture = _open(source, scale)
    grey = picture.mode in ("L", "LA")
    alpha = picture.getchannel("A") if picture.mode in ("LA", "RGBA") else None
    samples = np.asarray(picture.convert("RGB"))
    if alpha is not None:
        samples = _grown(samples, np.asarray(alpha))

    def told(done, tiles):
        progress(2 + 92 * done / tiles, f"tile {done} of {tiles}")

    made = Image.fromarray(enlarge(samples, network, tile_px, strength, told, between))
    if grey:
        made = made.convert("L")
    if alpha is not None:
        made.putalpha(alpha.resize(made.size, Image.Resampling.BICUBIC))
    progress(95, "saving")
    made.save(target, compress_level=3, icc_profile=picture.info.get("icc_profile"))
    progress(99, "saved")
    return {"width": made.width, "height": made.height, "scale": scale}


def _open(path, scale):
    """The picture as L, LA, RGB or RGBA, turned as its EXIF says; of an animation the first frame."""
    Image.MAX_IMAGE_PIXELS = None  # the limit is checked here, with a message for people
    try:
        with Image.open(path) as file:
            pixels = file.width * file.height * scale**2
            if pixels > MOST_PIXELS:
                size = f"{file.width * scale}x{file.height * scale}"
                most = f"{MOST_PIXELS // 1_000_000} megapixels"
                raise TooLarge(
                    f"{scale}x makes it {size}; at most {most} can be made: use 2x, or a smaller picture"
                )
            file.load()
            return _plain(ImageOps.exif_transpose(file))
    except (UnidentifiedImageError, OSError, SyntaxError, EOFError) as error:
        raise ValueError(f"cannot read the picture: {error}") from error


def _plain(picture):
    """One of the modes that are worked on, with the picture's profile."""
    profile = picture.info.get("icc_profile")
    if picture.mode.startswith("I;16") or picture.mode == "I":
        grey = np.asarray(picture).astype(np.float64) / 257
        picture = Image.fromarray(np.rint(grey).clip(0, 255).astype(np.uint8))
    elif picture.mode == "F":
        grey = np.nan_to_num(np.asarray(picture, np.float64))
        grey = grey * 255 if grey.max(initial=0) <= 1 else grey
        picture = Image.fromarray(np.rint(grey).clip(0, 255).astype(np.uint8))
    elif "transparency" in picture.info or picture.mode in ("PA", "RGBa", "La"):
        picture = picture.convert("LA" if picture.mode in ("L", "La") else "RGBA")
    elif picture.mode not in ("L", "LA", "RGB", "RGBA"):
        picture = picture.convert("L" if picture.mode == "1" else "RGB")
    picture.info["icc_profile"] = profile
    return picture


def _grown(samples, alpha):
    """Visible colours grown under what is transparent, whose own colours would bleed out of it."""
    hidden = alpha == 0
    if not hidden.any() or hidden.all():
        return samples
    height, width = alpha.shape
    size = (-(-width // _GROWN_PX), -(-height // _GROWN_PX))
    weight = alpha.astype(np.float32) / 255
    small = Image.fromarray(weight).resize(size, Image.Resampling.BOX)
    small = np.asarray(small.resize((width, height), Image.Resampling.BILINEAR))
    grown = samples.copy()
    for channel in range(3):
        lit = Image.fromarray(samples[..., channel] * weight).resize(size, Image.Resampling.BOX)
        near = np.asarray(lit.resize((width, height), Image.Resampling.BILINEAR))
        middle = (samples[..., channel] * weight).sum() / weight.sum()
        filled = (near + 1e-3 * middle) / (small + 1e-3)
        grown[..., channel][hidden] = np.rint(filled[hidden]).clip(0, 255).astype(np.uint8)
    return grown
