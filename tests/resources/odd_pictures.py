"""Odd pictures: valid ones that are easily read wrong, and bad ones of every kind, made in small.

All valid ones but the smallest show the same: red above, blue below, when they are read right.
"""

import io
import struct
import zlib

import numpy
from PIL import Image, ImageCms, PngImagePlugin

RED, BLUE = (220, 20, 30), (20, 30, 200)
SIZE = (48, 64)
EXIF_ORIENTATION = 0x0112
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def scene(size=SIZE) -> Image.Image:
    """Red above, blue below."""
    picture = Image.new("RGB", size, BLUE)
    picture.paste(RED, (0, 0, size[0], size[1] // 2))
    return picture


def noisy(size=(160, 120)) -> Image.Image:
    """What does not compress, so that a part of its file is a part of its content."""
    shade = numpy.random.default_rng(3).integers(0, 255, (size[1], size[0], 3), dtype=numpy.uint8)
    return Image.fromarray(shade, "RGB")


def saved(picture: Image.Image, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def cut(kind: str, keep: float = 0.6) -> bytes:
    data = saved(noisy(), kind)
    return data[: int(len(data) * keep)]


def spoilt(kind: str, at: float = 0.5, size: int = 64) -> bytes:
    data = bytearray(saved(noisy(), kind))
    start = int(len(data) * at)
    data[start : start + size] = bytes(b ^ 0x5A for b in data[start : start + size])
    return bytes(data)


def turned(orientation: int, kind: str = "JPEG", **options) -> bytes:
    """A picture whose EXIF says how it was held; read right it shows the scene."""
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    picture = scene()
    if orientation in undo:
        picture = picture.transpose(undo[orientation])
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = orientation
    return saved(picture, kind, exif=exif, **(options or {"quality": 95}))


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width, height, depth=8, colour=0, *chunks: bytes, rows: bytes = b"\0\0") -> bytes:
    """A PNG with this header, put together by hand."""
    head = chunk(b"IHDR", struct.pack(">II5B", width, height, depth, colour, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(rows))
    return PNG_SIGNATURE + head + b"".join(chunks) + data + chunk(b"IEND", b"")


def bomb_chunk(name: bytes) -> bytes:
    """10 MB of nothing in 10 kB of a PNG's text or colour profile."""
    packed = zlib.compress(b"a" * 10_000_000, 9)
    heads = {b"zTXt": b"k\0\0", b"iCCP": b"k\0\0", b"iTXt": b"k\0\1\0\0\0"}
    return png(1, 1, 8, 0, chunk(name, heads[name] + packed))


def sixteen_bit_rgb() -> bytes:
    """A PNG of 16 bits a channel, which Pillow cannot write."""
    picture = numpy.asarray(scene(), numpy.uint16) * 257
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in picture)
    return png(*SIZE, 16, 2, rows=rows)


def sixteen_bit_grey() -> bytes:
    grey = numpy.full((SIZE[1], SIZE[0]), 100 * 257, numpy.uint16)
    return saved(Image.fromarray(grey), "PNG")


def palette_with_alpha() -> bytes:
    """A palette of which one entry is see-through."""
    picture = Image.new("P", SIZE, 1)
    picture.putpalette([*RED, *BLUE, 0, 255, 0])
    picture.paste(0, (0, 0, SIZE[0], SIZE[1] // 2))
    picture.putpixel((0, 0), 2)
    return saved(picture, "PNG", transparency=2)


def with_profile(kind: str = "PNG") -> bytes:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return saved(scene(), kind, icc_profile=profile)


def animated(kind: str, frames: int = 3, **options) -> bytes:
    """The scene, then others."""
    rest = [Image.new("RGB", SIZE, (0, 80 * i, 0)) for i in range(1, frames)]
    return saved(scene(), kind, save_all=True, append_images=rest, duration=40, **options)


def gif_of_parts(parts: int) -> bytes:
    """A GIF of one pixel in so many pictures."""
    head = b"GIF89a" + struct.pack("<2H3B", 1, 1, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    picture = b"\x2c" + struct.pack("<4HB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\0"
    return head + picture * parts + b";"


def webp_canvas(width: int, height: int) -> bytes:
    """An animated WebP of this canvas with two small pictures on it."""
    small = saved(scene(), "WEBP", lossless=True)[12:]
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    inner = (SIZE[0] - 1).to_bytes(3, "little") + (SIZE[1] - 1).to_bytes(3, "little")
    frame = bytes(6) + inner + b"\x64\0\0\0" + small
    body = b"WEBP" + b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + canvas
    body += b"ANIM" + struct.pack("<I", 6) + bytes(6)
    body += (b"ANMF" + struct.pack("<I", len(frame)) + frame) * 2
    return b"RIFF" + struct.pack("<I", len(body)) + body


def tiff(*entries: tuple[int, int, int, int], data: bytes = b"") -> bytes:
    """A little-endian TIFF of one directory: (tag, type, count, value) each, then the data."""
    body = b"".join(struct.pack("<HHII", *entry) for entry in sorted(entries))
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + body + bytes(4) + data


def tiff_grey(width: int, height: int, *more: tuple[int, int, int, int], strip_rows: int = 0):
    """A grey TIFF whose data follow its directory."""
    entries = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1)]
    entries += [(262, 3, 1, 1), (277, 3, 1, 1), (278, 4, 1, strip_rows or height)]
    count = len(entries) + 2 + len(more)
    entries += [(273, 4, 1, 8 + 2 + 12 * count + 4), (279, 4, 1, min(width * height, 10_000))]
    return tiff(*entries, *more, data=bytes([100]) * min(width * height, 10_000))


def with_text(script: str) -> bytes:
    about = PngImagePlugin.PngInfo()
    about.add_text("Comment", script)
    return saved(scene(), "PNG", pnginfo=about)


def gif_that_is_a_script() -> bytes:
    """Its width reads as the opening of a comment, its end as a program."""
    data = bytearray(saved(scene(), "GIF"))
    data[6:8] = b"/*"
    return bytes(data) + b"*/=1;alert(1)"
