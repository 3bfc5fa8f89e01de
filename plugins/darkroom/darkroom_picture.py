"""A picture file of any kind as upright samples of its own depth, and back to a PNG of the same.

What a look does not touch stays as it was to the last bit: grey stays grey, 16 bit stay 16 bit,
transparency and the colour profile stay.
"""

import io
import struct
import zlib

import cv2
import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

MOST_PIXELS = 100_000_000  # 1.2 GB where each has four samples of 16 bit: what its memory allows
_ORIENTATION = 0x0112  # EXIF's tag
_WIDE_GREY_MODES = ("I;16", "I;16L", "I;16B", "I;16N")
_BITS_PER_SAMPLE = 258  # TIFF's tag
_PNG_SIGNATURE, _PNG_HEADER_END = b"\x89PNG\r\n\x1a\n", 33


class Picture:
    """A picture's samples.

    Args:
        samples: uint8 or uint16, (height, width) for grey or (height, width, 3) for RGB.
        alpha: The same depth, (height, width), or None where all is opaque.
        profile: Its ICC profile, or None.
    """

    def __init__(self, samples, alpha, profile):
        self.samples, self.alpha, self.profile = samples, alpha, profile
        self.height, self.width = samples.shape[:2]
        self.top = np.float32(np.iinfo(samples.dtype).max)

    def rgb(self, first=0, last=None):
        """Rows as float32 (rows, width, 3), 0 to 1."""
        rows = self.samples[first:last]
        if rows.ndim == 2:
            rows = cv2.merge([rows, rows, rows])
        return rows.astype(np.float32) / self.top

    def make_colour(self):
        """Give a grey picture three channels, so that a look may tint it."""
        if self.samples.ndim == 2:
            self.samples = cv2.merge([self.samples] * 3)

    def put(self, first, rgb):
        """Replace rows from `first` on by float32 RGB; needs three channels."""
        values = np.rint(np.clip(rgb, 0, 1) * self.top)
        self.samples[first : first + len(rgb)] = values.astype(self.samples.dtype)

    def make_grey(self):
        """Drop two channels where all three are alike."""
        red, green, blue = (self.samples[..., channel] for channel in range(3))
        if np.array_equal(red, green) and np.array_equal(green, blue):
            self.samples = red.copy()

    def save(self, path):
        """Write it as a PNG."""
        planes = [self.samples] if self.samples.ndim == 2 else list(cv2.split(self.samples))
        if self.alpha is not None:
            if len(planes) == 1 and self.samples.dtype == np.uint16:
                planes *= 3  # no writer here knows 16 bit grey with transparency
            planes.append(self.alpha)
        if self.samples.dtype == np.uint16:
            return self._save_wide(path, planes)
        picture = Image.fromarray(planes[0] if len(planes) == 1 else cv2.merge(planes))
        picture.save(path, compress_level=3, icc_profile=self.profile)

    def _save_wide(self, path, planes):
        if len(planes) > 1:
            planes = [planes[2], planes[1], planes[0], *planes[3:]]
        encoded = cv2.imencode(".png", planes[0] if len(planes) == 1 else cv2.merge(planes))[1]
        with open(path, "wb") as file:
            file.write(encoded[:_PNG_HEADER_END].tobytes())
            file.write(_profile_chunk(self.profile) if self.profile else b"")
            file.write(memoryview(encoded[_PNG_HEADER_END:]))


def _profile_chunk(profile):
    """An iCCP chunk. Source: PNG (Third Edition), 11.3.2.3."""
    body = b"iCCP" + b"ICC profile\0\0" + zlib.compress(profile)
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))


def open_picture(path):
    """The picture at `path`, turned as its EXIF says; of an animation the first frame.

    Raises:
        ValueError: It is no picture, damaged, or too large.
    """
    Image.MAX_IMAGE_PIXELS = None  # the limit is checked here, with a message for people
    try:
        with Image.open(path) as file:
            if file.width * file.height > MOST_PIXELS:
                size = f"{file.width}x{file.height}"
                most = f"{MOST_PIXELS // 1_000_000} megapixels"
                raise ValueError(f"the picture is too large ({size}); make it at most {most}")
            if _is_wide(file):
                wide = _open_wide(path, file.getexif().get(_ORIENTATION, 1))
                if wide is not None:
                    return Picture(*wide, file.info.get("icc_profile"))
            file.load()
            return _from_pillow(ImageOps.exif_transpose(file))
    except (UnidentifiedImageError, OSError, SyntaxError, EOFError) as error:
        raise ValueError(f"cannot read the picture: {error}") from error


def _is_wide(file):
    """Whether it has 16 bits a sample: of colours, Pillow keeps the upper 8 alone."""
    if file.format == "PNG":
        file.fp.seek(len(_PNG_SIGNATURE) + 16)
        bits = file.fp.read(1)
        file.fp.seek(0)
        return bits == b"\x10"
    return file.format == "TIFF" and 16 in np.ravel(file.tag_v2.get(_BITS_PER_SAMPLE, 8))


def _open_wide(path, orientation):
    """(samples, alpha) by OpenCV, or None where it does not see 16 bits."""
    read = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED)
    if read is None or read.dtype != np.uint16:
        return None
    read = _turned(read, orientation)
    if read.ndim == 2:
        return read, None
    alpha = np.ascontiguousarray(read[..., 3]) if read.shape[2] == 4 else None
    return cv2.cvtColor(read[..., :3], cv2.COLOR_BGR2RGB), alpha


def _turned(samples, orientation):
    """Upright by an EXIF orientation, 1 to 8."""
    if orientation >= 5:
        samples = np.swapaxes(samples, 0, 1)
    if orientation in (3, 4, 7, 8):
        samples = samples[::-1]
    if orientation in (2, 3, 6, 7):
        samples = samples[:, ::-1]
    return np.ascontiguousarray(samples)


def _from_pillow(picture):
    profile = picture.info.get("icc_profile")
    if picture.mode in _WIDE_GREY_MODES or picture.mode in ("I", "F"):
        return Picture(_wide_grey(picture), None, profile)
    if "transparency" in picture.info or picture.mode in ("RGBA", "LA", "PA", "RGBa", "La"):
        grey = picture.mode in ("LA", "La") or (picture.mode == "L")
        layers = np.asarray(picture.convert("LA" if grey else "RGBA"))
        samples = layers[..., 0] if grey else layers[..., :3]
        alpha = np.ascontiguousarray(layers[..., -1])
        return Picture(np.ascontiguousarray(samples), alpha, profile)
    if picture.mode in ("1", "L"):
        return Picture(np.array(picture.convert("L")), None, profile)
    if picture.mode in ("RGB", "P", "RGBX"):
        return Picture(np.array(picture.convert("RGB")), None, profile)
    return Picture(np.array(_to_srgb(picture, profile)), None, None)


def _to_srgb(picture, profile):
    """CMYK, Lab and the like, of which a PNG knows nothing, as sRGB."""
    srgb = ImageCms.createProfile("sRGB")
    try:
        if picture.mode == "LAB":
            lab = ImageCms.createProfile("LAB")
            return ImageCms.profileToProfile(picture, lab, srgb, outputMode="RGB")
        if profile:
            given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            return ImageCms.profileToProfile(picture, given, srgb, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        pass  # an unusable profile is as none
    return picture.convert("RGB")


def _wide_grey(picture):
    """Greys of 16 and 32 bits and floats as uint16, by what their range seems to be."""
    if picture.mode in _WIDE_GREY_MODES:
        return np.array(picture).astype(np.uint16)
    grey = np.nan_to_num(np.asarray(picture, np.float64), posinf=0.0, neginf=0.0)
    low, high = float(grey.min()), float(grey.max())
    if 0 <= low and high <= 65535:
        low, high = 0.0, next(top for top in (1.0, 255.0, 65535.0) if high <= top)
        if picture.mode == "I":
            high = 65535.0
    return np.rint((grey - low) * (65535.0 / max(high - low, 1e-9))).astype(np.uint16)
