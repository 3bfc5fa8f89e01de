"""The demo's picture: a three-colour gradient, and the words in the middle of it."""

import colorsys
import random
import unicodedata

from noto_cjk_sans_otc import FONT_PATH
from PIL import Image, ImageDraw, ImageFont, ImageOps

_FACE_SC = 2  # simplified Chinese, in the collection's order of faces
_WIDTH_SHARE, _HEIGHT_SHARE = 0.84, 0.8  # of the picture, for the words
_LARGEST_SHARE = 1 / 7  # of the shorter side: no letter is higher than this
_SMALLEST_PX = 9  # letters below this cannot be read; what does not fit then is cut
_LEADING = 1.35  # distance of lines, in font sizes
_MOST_CHARACTERS = 2000  # of a prompt are drawn: more cannot be read
_NEVER_FIRST = frozenset("，。、；：？！）】》」』”’…,.;:?!)]}%")


def draw(prompt, width, height, seed):
    """Draw the prompt's words.

    Args:
        prompt: Any text.
        width, height: Of the picture, in pixels.
        seed: An integer that chooses the colours.

    Returns:
        The PIL image, RGB, and a string of the characters that the font does not have (not drawn).
    """
    picture = _gradient(width, height, seed)
    words, left_out = _drawable(prompt)
    font, lines = _fitted(words, width * _WIDTH_SHARE, height * _HEIGHT_SHARE, min(width, height))
    pen = ImageDraw.Draw(picture)
    middle = (height - font.size * _LEADING * (len(lines) - 1)) / 2
    for i, line in enumerate(lines):
        pen.text(
            (width / 2, middle + i * font.size * _LEADING),
            line,
            font=font,
            fill=(255, 255, 255),
            anchor="mm",
            stroke_width=font.size // 16,
            stroke_fill=(20, 18, 30),
        )
    return picture, left_out


def _gradient(width, height, seed):
    """From corner to corner through three related colours, dark enough for white letters."""
    chance = random.Random(seed)
    hue, turn = chance.random(), chance.choice((-1, 1)) * chance.uniform(0.08, 0.2)
    colours = [
        tuple(round(255 * c) for c in colorsys.hls_to_rgb((hue + i * turn) % 1, lightness, 0.55))
        for i, lightness in enumerate((0.26, 0.42, 0.58))
    ]
    down = Image.linear_gradient("L").resize((width, height), Image.Resampling.BILINEAR)
    across = Image.linear_gradient("L").transpose(Image.Transpose.ROTATE_90)
    across = across.resize((width, height), Image.Resampling.BILINEAR)
    ramp = Image.blend(down, across, 0.35)
    return ImageOps.colorize(ramp, colours[0], colours[2], mid=colours[1])


def _font(size):
    return ImageFont.truetype(
        str(FONT_PATH), size, index=_FACE_SC, layout_engine=ImageFont.Layout.BASIC
    )


def _drawable(text):
    """The text without what would come out as an empty box, and what was dropped."""
    font = _font(16)
    box = bytes(font.getmask("\U0010ffff"))  # no font has this one: the box itself
    kept, dropped = [], []
    for character in " ".join(unicodedata.normalize("NFC", text).split()):
        missing = character != " " and bytes(font.getmask(character)) in (box, b"")
        (dropped if missing else kept).append(character)
    return " ".join("".join(kept).split())[:_MOST_CHARACTERS], "".join(dict.fromkeys(dropped))


def _fitted(words, width, height, side):
    """The largest font in which the words fit, and their lines."""
    size = max(_SMALLEST_PX, round(side * _LARGEST_SHARE))
    while True:
        font = _font(size)
        lines = _wrapped(words, font, width)
        room = max(1, int(height / (size * _LEADING)))
        if len(lines) <= room and all(font.getlength(line) <= width for line in lines):
            return font, lines
        if size <= _SMALLEST_PX:
            if len(lines) > room:
                lines = [*lines[: room - 1], lines[room - 1][:-1].rstrip() + "…"]
            return font, lines
        size = max(_SMALLEST_PX, int(size * 0.9))


def _wrapped(words, font, width):
    """Lines no wider than `width`: broken at spaces, between Chinese characters, or if need be
    within a word."""
    lines, line = [], ""
    for piece in _pieces(words):
        if not line or font.getlength((line + piece).rstrip()) <= width or piece in _NEVER_FIRST:
            line += piece
        else:
            lines.append(line.rstrip())
            line = piece.lstrip()
        while font.getlength(line.rstrip()) > width and len(line) > 1:
            cut = len(line) - 1
            while cut > 1 and font.getlength(line[:cut]) > width:
                cut -= 1
            if line[cut] in _NEVER_FIRST and cut > 1:
                cut -= 1
            lines.append(line[:cut].rstrip())
            line = line[cut:].lstrip()
    return [*lines, line.rstrip()] if line.strip() else lines


def _pieces(words):
    """What a line may be broken between: words with their space, and single wide characters."""
    piece = ""
    for character in words:
        if unicodedata.east_asian_width(character) in "WF":
            if piece:
                yield piece
            yield character
            piece = ""
        elif character == " ":
            yield piece + " "
            piece = ""
        else:
            piece += character
    if piece:
        yield piece
