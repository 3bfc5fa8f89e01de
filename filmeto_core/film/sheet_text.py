"""Text on the contact sheet: fonts with Latin and Chinese letters, lines that fit their column."""

import unicodedata
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PIL import ImageFont

_FONT_PACKAGE, _FONT_FILE = "noto_cjk_sans_otc", "NotoSansCJK-Regular.ttc"
_FACES = {"ja": 0, "ko": 1, "zh-Hans": 2, "zh-Hant": 3}  # of the collection
_NEVER_FIRST = "，。、；：！？）】》」』”’…—,.;:!?)]}"  # on a line

Font = ImageFont.FreeTypeFont


@cache
def font(size_px: int) -> Font:
    """The sheet's font; Pillow's own, which is Latin only, where the font package is left out."""
    spec = find_spec(_FONT_PACKAGE)
    if spec is None or spec.origin is None:
        return ImageFont.load_default(size_px)
    path = Path(spec.origin).parent / _FONT_FILE
    return ImageFont.truetype(str(path), size_px, index=_FACES["zh-Hans"])


def wrapped(text: str, face: Font, width_px: int, most_lines: int) -> list[str]:
    """The text in lines no wider than the column; what does not fit ends in an ellipsis."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(" ".join(text.split())):
        if not line.strip() or face.getlength((line + piece).rstrip()) <= width_px:
            line += piece
            continue
        lines.append(line.strip())
        line = piece.lstrip()
    lines.append(line.strip())
    lines = [part for whole in lines for part in _broken(whole, face, width_px)]
    if len(lines) > most_lines:
        rest = " ".join(lines[most_lines - 1 :])
        lines = [*lines[: most_lines - 1], elided(rest + " ", face, width_px)]
    return [line for line in lines if line]


def elided(text: str, face: Font, width_px: int) -> str:
    """The text, cut to the width with an ellipsis where it is longer (or ends in a space)."""
    if face.getlength(text) <= width_px and not text.endswith(" "):
        return text
    whole = text = text.rstrip()
    while text and face.getlength(text + "…") > width_px:
        text = text[:-1].rstrip()
    rest = whole[len(text) :]
    if rest and not rest.startswith(" ") and not _is_wide(rest[0]) and " " in text:
        text = text[: text.rindex(" ")]  # no word is cut in two
    return text.rstrip(_NEVER_FIRST + " ") + "…"


def _pieces(text: str) -> list[str]:
    """Where a line may break: after a space, and between Chinese letters."""
    pieces: list[str] = []
    for letter in text:
        glued = letter in _NEVER_FIRST or letter == " "
        if pieces and (glued or not (_is_wide(letter) or _is_wide(pieces[-1][-1]))):
            after_space = pieces[-1].endswith(" ") and letter != " "
            if not after_space:
                pieces[-1] += letter
                continue
        pieces.append(letter)
    return pieces


def _is_wide(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in "WF"


def _broken(line: str, face: Font, width_px: int) -> list[str]:
    """A line of one word that is wider than the column, in parts that fit."""
    parts = [""]
    for letter in line:
        if parts[-1] and face.getlength(parts[-1] + letter) > width_px:
            parts.append("")
        parts[-1] += letter
    return parts
