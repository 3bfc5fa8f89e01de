"""The contact sheet of a review: the still of each shot with its id, what is new, and its prompt."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from PIL import Image, ImageDraw, ImageOps

from filmeto_core.film.contact_sheet import (
    ACCENT,
    BACKGROUND,
    BRIGHT,
    EDGE,
    LINES,
    MUTED,
    SOFT,
    Layout,
    draw_header,
    grid,
    header_height,
    line_height,
)
from filmeto_core.film.sheet_text import elided, font, wrapped

Corner = tuple[int, int]


@dataclass(frozen=True)
class StillCell:
    """One shot on the sheet.

    Args:
        shot: Its id.
        still: Its picture; None where the shot has none.
        text: What the picture was asked for.
        mark: A word or two on the right, such as "take 2".
    """

    shot: str
    still: Path | None
    text: str = ""
    mark: str = ""


def draw_stills_sheet(
    cells: Sequence[StillCell], out: Path, *, size: tuple[int, int], title: str = ""
) -> None:
    """Draw the sheet as a PNG.

    Args:
        cells: The film's shots, in order.
        size: The film's width and height, in pixels.
    """
    layout = grid(len(cells), Fraction(size[1], size[0]))
    rows = [cells[i : i + layout.columns] for i in range(0, len(cells), layout.columns)]
    heights = [max(_cell_height(layout, cell) for cell in row) for row in rows]
    top = header_height(layout)
    height = top + sum(heights) + (len(rows) - 1) * layout.gap + layout.margin
    sheet = Image.new("RGB", (layout.width, height), BACKGROUND)
    shots = f"{len(cells)} shot{'' if len(cells) == 1 else 's'}"
    draw_header(sheet, layout, title, ["stills for review", shots])
    for row, row_height in zip(rows, heights, strict=True):
        for column, cell in enumerate(row):
            left = layout.margin + column * (layout.frame_width + layout.gap)
            _draw_cell(sheet, layout, cell, (left, top))
        top += row_height + layout.gap
    out.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(out, "PNG")


def _prompt(layout: Layout, cell: StillCell) -> list[str]:
    return wrapped(cell.text, font(layout.letters), layout.frame_width, LINES)


def _cell_height(layout: Layout, cell: StillCell) -> int:
    text = len(_prompt(layout, cell)) * line_height(layout.letters)
    return layout.frame_height + line_height(layout.letters + 3) + layout.letters // 2 + text


def _draw_cell(sheet: Image.Image, layout: Layout, cell: StillCell, corner: Corner) -> None:
    draw, (left, top) = ImageDraw.Draw(sheet), corner
    right, bottom = left + layout.frame_width, top + layout.frame_height
    _draw_still(sheet, layout, cell, corner)
    draw.rectangle((left - 1, top - 1, right, bottom), outline=ACCENT if cell.mark else EDGE)
    base = bottom + line_height(layout.letters + 2)
    small = font(layout.letters - 2)
    room = layout.frame_width - small.getlength(cell.mark) - layout.letters
    name = elided(cell.shot, font(layout.letters + 1), int(room))
    draw.text((left, base), name, BRIGHT, font(layout.letters + 1), anchor="ls")
    draw.text((right, base), cell.mark, ACCENT, small, anchor="rs")
    face = font(layout.letters)
    for number, line in enumerate(_prompt(layout, cell), 1):
        at = (left, base + layout.letters // 3 + number * line_height(layout.letters))
        draw.text(at, line, SOFT, face, anchor="ls")


def _draw_still(sheet: Image.Image, layout: Layout, cell: StillCell, corner: Corner) -> None:
    size = (layout.frame_width, layout.frame_height)
    if cell.still is None:
        middle = (corner[0] + size[0] // 2, corner[1] + size[1] // 2)
        said = "no still"
        ImageDraw.Draw(sheet).text(middle, said, MUTED, font(layout.letters), anchor="mm")
        return
    with Image.open(cell.still) as picture:
        # One's own picture may have another shape; the clip will fill its frame with it.
        sheet.paste(ImageOps.fit(picture.convert("RGB"), size), corner)
